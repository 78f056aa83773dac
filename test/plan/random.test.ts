/** The bits of a program depend on nothing that the planner decides: random functions, computed in every way there is. */
import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectSameBits } from '../support/compare';
import { compiled, interpret, RandomFunction, traceOf } from './graphs';

const SEEDS = Array.from({ length: 60 }, (_, i) => i);
const WAYS = [
  ['fused', { fuse: true, reuse: true }],
  ['unfused', { fuse: false, reuse: true }],
  ['without reuse of memory', { fuse: true, reuse: false }],
  ['unfused, without reuse of memory', { fuse: false, reuse: false }],
] as const;

afterAll(() => sg.setThreads(1));

function expectAllEqual(actual: readonly Float32Array[], expected: readonly Float32Array[], where: string): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((e, i) => expectSameBits(actual[i] as Float32Array, e, `${where}, output ${i}`));
}

describe('functions', () => {
  it.each(SEEDS)('of seed %i: eager, compiled, fused or not', (seed) => {
    const f = new RandomFunction(seed);
    const inputs = f.inputs();
    const eager = sg.tidy(() => f.run(inputs).map((t) => t.dataSync<'float32'>()));
    for (const [name, options] of WAYS) {
      for (const bound of [true, false])
        expectAllEqual(compiled(f, inputs, false, bound, options), eager, `${name}${bound ? ', bound' : ''}`);
    }
    f.dispose();
    sg.dispose(inputs);
  });
});

describe('gradients', () => {
  it.each(SEEDS)('of seed %i: op by op, compiled, fused or not', (seed) => {
    const f = new RandomFunction(seed, 14);
    const inputs = f.inputs();
    const expected = interpret(f, inputs, true);
    for (const [name, options] of WAYS)
      expectAllEqual(compiled(f, inputs, true, seed % 2 === 0, options), expected, name);
    f.dispose();
    sg.dispose(inputs);
  });
});

describe('with two threads', () => {
  it('all of them give the same bits', async () => {
    const few = SEEDS.filter((s) => s % 3 === 0).map((seed) => new RandomFunction(seed, 14));
    const run = (): Float32Array[][] =>
      few.map((f) => {
        const inputs = f.inputs();
        const eager = sg.tidy(() => f.run(inputs).map((t) => t.dataSync<'float32'>()));
        const results = [...eager, ...compiled(f, inputs, true, true, {})];
        sg.dispose(inputs);
        return results;
      });
    const alone = run();
    expect(await sg.setThreads(2)).toBe(2);
    const together = run();
    await sg.setThreads(1);
    together.forEach((results, i) => expectAllEqual(results, alone[i] as Float32Array[], `seed ${few[i]?.seed}`));
    for (const f of few) f.dispose();
  });
});

describe('the generator', () => {
  const all = SEEDS.map((seed) => {
    const f = new RandomFunction(seed);
    const { graph } = traceOf(f, true);
    graph.release();
    return { graph, f };
  });

  it('makes graphs of many ops, and all kinds of them', () => {
    const ops = new Set(all.flatMap(({ graph }) => graph.nodes.map((n) => n.op)));
    for (const op of [
      'matMul',
      'conv2d',
      'conv2dInputGrad',
      'maxPoolGrad',
      'avgPool',
      'softmax',
      'sum',
      'prod',
      'max',
      'transpose',
      'concat',
      'slice',
      'pad',
      'where',
      'oneHot',
    ]) {
      expect(ops, op).toContain(op);
    }
    for (const { graph } of all) expect(graph.nodes.length).toBeGreaterThan(20);
  });

  it('makes numbers of which nearly all are finite', () => {
    let [finite, count] = [0, 0];
    for (const { f } of all) {
      const inputs = f.inputs();
      for (const result of sg.tidy(() => f.run(inputs).map((t) => t.dataSync()))) {
        count += result.length;
        finite += result.filter((v) => Number.isFinite(v)).length;
      }
      sg.dispose(inputs);
      f.dispose();
    }
    expect(finite / count).toBeGreaterThan(0.95);
  });
});

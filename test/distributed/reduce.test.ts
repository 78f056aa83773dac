/** Loops of the caller's own over the chunks of batches: the bits of one process, whatever the number of processes. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src';
import { training } from '../../src/distributed/distribute';
import { alone, type World } from '../../src/distributed/world';
import { engine } from '../../src/runtime/engine';
import { sumTree } from '../reference/tree';
import { inRanks } from './replayed-world';

const world = training({ ...alone });

/** Gradient steps of a small network with dropout, compiled; the bits of its weights, and of the losses. */
function train(own: World): unknown {
  sg.setSeed(5);
  const reducing = training(own);
  const [x, y] = [sg.randomNormal([37, 4], 0, 1, 'float32', 1), sg.randomNormal([37, 1], 0, 1, 'float32', 2)];
  const w = sg.variable(sg.randomNormal([4, 1], 0, 1, 'float32', 3), true, 'w');
  const optimizer = sg.train.adam(0.05);
  const gradients = sg.jit((a: sg.Tensor, b: sg.Tensor, n: sg.Tensor) =>
    sg.variableGrads(() => sg.dropout(a, 0.3).matMul(w).sub(b).square().sum().div(n)),
  );
  const losses: number[] = [];
  const step = (count: number): void =>
    sg.tidy(() => {
      const { value, grads } = reducing.reduce(count, 8, (from, to) =>
        gradients(sg.slice(x, from, to - from), sg.slice(y, from, to - from), sg.scalar(count)),
      );
      optimizer.applyGradients(grads);
      losses.push(value.dataSync()[0] as number);
    });
  try {
    for (const count of [37, 30, 37, 3]) step(count);
    return { w: w.dataSync(), losses };
  } finally {
    // A rank that has to wait begins again.
    for (const held of [x, y, w, optimizer, gradients]) held.dispose();
  }
}

describe('reduce', () => {
  test('a loop has the bits of one process, random numbers included', () => {
    const one = train({ ...alone });
    for (const size of [2, 3, 7]) for (const found of inRanks(size, train)) expect(found).toEqual(one);
  });

  test('is the tree over the chunks; structure is kept, what was made is disposed of', () => {
    const x = sg.randomNormal([50], 0, 1, 'float32', 1);
    const of = (from: number, to: number) => ({ list: [sg.sum(sg.slice(x, from, to - from))], name: 'n', all: x });
    const partials = Array.from({ length: 4 }, (_, c) => of(16 * c, Math.min(16 * c + 16, 50)).list[0]?.dataSync());
    const before = sg.memory().numTensors;
    const found = world.reduce(50, 16, of);
    expect(found.name).toBe('n');
    expect(found.list[0]?.dataSync()).toEqual(sumTree(partials as Float32Array[]));
    expect(found.all.dataSync()).toEqual(sumTree(Array.from({ length: 4 }, () => x.dataSync<'float32'>())));
    expect(sg.memory().numTensors).toBe(before + 2);
    expect(x.isDisposed).toBe(false);
  });

  test('a compiled function counts its other calls as if there were no reduce', () => {
    const draws = (isBetween: boolean): unknown => {
      sg.setSeed(1);
      const f = sg.jit(() => sg.randomUniform([3]));
      const first = f().dataSync();
      if (isBetween) world.reduce(5, 1, () => f());
      return [first, f().dataSync()];
    };
    expect(draws(true)).toEqual(draws(false));
  });

  test('memory does not grow', () => {
    const x = sg.ones([40]);
    const run = () => world.reduce(40, 8, (from, to) => sg.slice(x, from, to - from).sum()).dispose();
    for (let i = 0; i < 3; i++) run();
    const { blocks } = engine.memory.usage;
    for (let i = 0; i < 20; i++) run();
    expect(engine.memory.usage.blocks).toBe(blocks);
  });

  test('wrong calls are refused', () => {
    const x = sg.ones([4]);
    expect(() => world.reduce(0, 1, () => x)).toThrow(/reduce: count must be a positive integer/);
    expect(() => world.reduce(4, 0.5, () => x)).toThrow(/reduce: chunk must be a positive integer/);
    expect(() => world.reduce(4, 1, 3 as never)).toThrow(/reduce: .*of/);
    expect(() => world.reduce(4, 1, () => 3)).toThrow(/reduce: the function must return a tensor/);
    expect(() => world.reduce(4, 1, async () => x)).toThrow(/it must be synchronous/);
    expect(() => world.reduce(4, 1, () => sg.zeros([2], 'int32'))).toThrow(
      /returned int32 \[2\]; only float32 is summed/,
    );
    expect(() => world.reduce(4, 3, (from, to) => sg.ones([to - from]))).toThrow(
      /returned \[1\] for chunk 1 and \[3\]/,
    );
    expect(() => sg.jit(() => world.reduce(4, 1, () => x))()).toThrow(/call reduce outside of sg.jit/);
    const failing = () =>
      world.reduce(4, 1, () => {
        throw new TypeError('mine');
      });
    expect(failing).toThrow(new TypeError('mine'));
  });
});

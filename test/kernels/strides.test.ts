/** Strided copies of any steps: reversed, repeated, every second element, into the middle of something larger. */
import { expect, it } from 'vitest';
import { emitCopy } from '../../src/ops/descriptors/movement';
import { engine } from '../../src/runtime/engine';
import { generator } from '../support/random';
import { Sandbox } from '../support/sandbox';

/** All indices of a shape. */
const indices = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>((lists, d) => lists.flatMap((l) => Array.from({ length: d }, (_, i) => [...l, i])), [[]]);

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);

/** The lowest offset that strides reach, and how many elements lie between the ends. */
function reach(shape: readonly number[], strides: readonly number[]): { low: number; length: number } {
  let low = 0;
  let high = 0;
  for (const [d, s] of strides.entries()) {
    const last = ((shape[d] as number) - 1) * s;
    if (last < 0) low += last;
    else high += last;
  }
  return { low, length: high - low + 1 };
}

/** Runs one copy between guards; a message if it did not do what a loop does. */
function fault(shape: readonly number[], from: readonly number[], to: readonly number[]): string | undefined {
  const sandbox = new Sandbox();
  const [source, target] = [reach(shape, from), reach(shape, to)];
  const values = Float32Array.from({ length: source.length }, (_, i) => i + 1);
  const src = sandbox.place(values, 'source');
  const dst = sandbox.place(new Float32Array(target.length), 'result');
  const expected = new Float32Array(target.length);
  for (const index of indices(shape))
    expected[dot(index, to) - target.low] = values[dot(index, from) - source.low] as number;
  emitCopy(sandbox, { ...src, offset: -4 * source.low }, { ...dst, offset: -4 * target.low }, shape, from, to);
  sandbox.run();
  const start = (dst.buffer.address as number) >>> 2;
  const result = engine.memory.f32.slice(start, start + target.length);
  const isRight = result.every((v, i) => v === expected[i]);
  const damaged = sandbox.damaged();
  sandbox.dispose();
  return isRight && damaged.length === 0
    ? undefined
    : `[${shape}] from [${from}] to [${to}]: ${isRight ? `wrote outside of ${damaged}` : 'wrong elements'}`;
}

/** Strides of a dense array whose dimensions follow each other in `order`, slowest first, each step times `spread`. */
function strides(shape: readonly number[], order: readonly number[], spread: readonly number[]): number[] {
  const out = shape.map(() => 0);
  let step = 1;
  for (const d of [...order].reverse()) {
    out[d] = step * (spread[d] as number);
    step *= (shape[d] as number) * Math.abs(spread[d] as number);
  }
  return out;
}

it.each([
  [[9], [-1], [1]],
  [[300], [-1], [1]],
  [
    [3, 9],
    [9, -1],
    [9, 1],
  ],
  [
    [3, 9],
    [-9, -1],
    [9, 1],
  ],
  [
    [3, 9],
    [-9, 1],
    [9, 1],
  ],
  [
    [70, 67],
    [1, 70],
    [67, 1],
  ],
  [
    [70, 67],
    [-1, 70],
    [67, 1],
  ],
  [
    [70, 67],
    [1, -70],
    [67, 1],
  ],
  [
    [70, 67],
    [1, 70],
    [100, 1],
  ],
  [
    [5, 7, 9],
    [1, 0, 5],
    [63, 9, 1],
  ],
  [
    [5, 9],
    [2, 10],
    [9, 1],
  ],
  [
    [5, 9],
    [9, 1],
    [1, 5],
  ],
  [
    [5, 9],
    [9, 1],
    [18, 2],
  ],
  [
    [5, 257],
    [0, 1],
    [257, 1],
  ],
  [
    [5, 9],
    [1, 0],
    [9, 1],
  ],
])('%j from steps %j to %j', (shape, from, to) => {
  expect(fault(shape, from, to)).toBeUndefined();
});

it('shapes, orders and steps by chance', () => {
  const next = generator(5);
  const pick = (n: number): number => Math.floor(next() * n);
  const faults: (string | undefined)[] = [];
  for (let i = 0; i < 400; i++) {
    const shape = Array.from({ length: 1 + pick(6) }, () => 1 + pick(next() < 0.2 ? 20 : 6));
    const order = shape.map((_, d) => d).sort(() => next() - 0.5);
    const from = shape.map(() => [1, 1, 1, 1, -1, 2, 0][pick(7)] as number);
    const to = shape.map(() => (next() < 0.1 ? 2 : 1));
    const natural = shape.map((_, d) => d);
    faults.push(
      fault(
        shape,
        strides(
          shape,
          order,
          from.map((s) => s || 1),
        ).map((s, d) => (from[d] ? s : 0)),
        strides(shape, natural, to),
      ),
    );
  }
  expect(faults.filter(Boolean)).toEqual([]);
});

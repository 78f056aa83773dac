/** Random numbers: the published vectors of Philox, steps and streams, and the moments of large samples. */
import { describe, expect, it } from 'vitest';
import { Distribution, Dropout, Op, Random } from '../../assembly/isa';
import { setSeed } from '../../src/ops/core/keys';
import { ones } from '../../src/ops/create/creation';
import { randomNormal, randomUniform, randomUniformInt, truncatedNormal } from '../../src/ops/create/random';
import { dropout } from '../../src/ops/neural/dropout';
import { f32 } from '../../src/program/ir';
import { ArgumentError, DTypeError } from '../../src/support/errors';
import { tidy } from '../../src/tensor/scope';
import { array, type NdArray } from '../reference/array';
import * as reference from '../reference/random';
import { bitsAt, bitsOf, difference } from '../support/bits';
import { generate } from '../support/generate';
import { apply } from '../support/ops';
import { Sandbox } from '../support/sandbox';

type Words = [number, number, number, number];

/** Known answers of Random123, kat_vectors: philox4x32 10. */
const KNOWN: readonly { counter: Words; key: [number, number]; words: Words }[] = [
  { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

describe('Philox-4x32-10', () => {
  it.each(KNOWN)('reference: key $key', ({ counter, key, words }) => {
    expect(reference.philox(counter, key)).toEqual(words);
  });

  it('kernel: key 0', () => {
    // Integers of [0, 2^32 - 1) are word * (2^32 - 1) / 2^32, rounded down: the words less one.
    const draws = apply('random', [], {
      seed: [0, 0],
      stream: 0,
      shape: [4],
      kind: Distribution.uniformInt,
      p: 0,
      q: -1,
      dtype: 'int32',
    });
    expect([...draws.dataSync()].map((v) => (v >>> 0) + 1)).toEqual(KNOWN[0]?.words);
    draws.dispose();
  });
});

describe('the step counter', () => {
  it.each([0, 1, 7, 0xffffffff])('of %i', (step) => {
    const key = { seed: [5, 6] as const, stream: 3, step };
    const keyOperands = { seedLo: 5, seedHi: 6, stream: 3 };
    const x = generate({ kind: 'wild', shape: [11] }, 1);
    const sandbox = new Sandbox();
    const at = sandbox.place(array([1], 'int32', [step | 0]), 'step');
    const [uniform, kept] = [sandbox.block(44, 'uniform'), sandbox.block(44, 'kept')];
    sandbox.command(
      Op.Random,
      Random,
      { out: uniform, count: 11, kind: Distribution.uniform, p: f32(-1), q: f32(2), ...keyOperands, step: at },
      ['out'],
    );
    sandbox.command(
      Op.Dropout,
      Dropout,
      { x: sandbox.place(x, 'x'), out: kept, count: 11, rate: f32(0.4), ...keyOperands, step: at },
      ['out'],
    );
    sandbox.run();
    const found = (ref: typeof uniform, expected: NdArray): string | undefined =>
      difference(bitsAt(ref.buffer.address as number, [11], 'float32'), bitsOf(expected));
    expect(
      found(
        uniform,
        reference.random([11], key, (word) => reference.uniform(word, -1, 2)),
      ),
    ).toBeUndefined();
    expect(found(kept, reference.dropout(x, key, 0.4))).toBeUndefined();
    sandbox.dispose();
  });
});

describe('rows of a batch, and iterations', () => {
  const PLACES = [
    { row: 0, rowSize: 5, iteration: 0 },
    { row: 1, rowSize: 4, iteration: 0 },
    { row: 1, rowSize: 5, iteration: 3 },
    { row: 2, rowSize: 3, iteration: 0 },
    { row: 7, rowSize: 1, iteration: 0xffffff },
    // More blocks than a word counts; the second begins in the last block of a word.
    { row: 0x80000001, rowSize: 41, iteration: 2 },
    { row: 0xffffffff, rowSize: 4, iteration: 0 },
    { row: 0x1fffff, rowSize: 0x7fffffff, iteration: 0 },
  ];

  it.each(PLACES)('$row rows of $rowSize elements before, iteration $iteration', ({ row, rowSize, iteration }) => {
    const key = { seed: [5, 6] as const, stream: 3, step: 9, before: row * rowSize, iteration };
    const x = generate({ kind: 'wild', shape: [23] }, 1);
    const sandbox = new Sandbox();
    const places = {
      seedLo: 5,
      seedHi: 6,
      stream: 3,
      first: 9,
      row: sandbox.place(array([1], 'int32', [row | 0]), 'row'),
      rowSize,
      iteration: sandbox.place(array([1], 'int32', [iteration]), 'iteration'),
    };
    const [uniform, kept] = [sandbox.block(92, 'uniform'), sandbox.block(92, 'kept')];
    const range = { kind: Distribution.uniform, p: f32(0), q: f32(1) };
    sandbox.command(Op.Random, Random, { out: uniform, count: 23, ...range, ...places }, ['out']);
    const drop = { x: sandbox.place(x, 'x'), out: kept, count: 23, rate: f32(0.4) };
    sandbox.command(Op.Dropout, Dropout, { ...drop, ...places }, ['out']);
    sandbox.run();
    const found = (ref: typeof uniform, expected: NdArray): string | undefined =>
      difference(bitsAt(ref.buffer.address as number, [23], 'float32'), bitsOf(expected));
    const draws = reference.random([23], key, (word) => reference.uniform(word, 0, 1));
    expect(found(uniform, draws)).toBeUndefined();
    expect(found(kept, reference.dropout(x, key, 0.4))).toBeUndefined();
    expect(sandbox.damaged()).toEqual([]);
    sandbox.dispose();
  });
});

const N = 1 << 20;

/** Mean, variance, and third and fourth moments about the mean over powers of the deviation. */
function moments(x: ArrayLike<number>): { mean: number; variance: number; skew: number; kurtosis: number } {
  const values = Float64Array.from(x);
  const mean = values.reduce((s, v) => s + v, 0) / values.length;
  const about = (k: number): number => values.reduce((s, v) => s + (v - mean) ** k, 0) / values.length;
  const variance = about(2);
  return { mean, variance, skew: about(3) / variance ** 1.5, kurtosis: about(4) / variance ** 2 };
}

/** Within five standard errors, each of the order of 1 / sqrt(N). */
const TOLERANCE = 2;

describe('large samples', () => {
  it('uniform', () => {
    const x = tidy(() => randomUniform([N], -1, 3, 'float32', 1).dataSync());
    const m = moments(x);
    expect(m.mean).toBeCloseTo(1, TOLERANCE);
    expect(m.variance).toBeCloseTo(16 / 12, TOLERANCE);
    expect(m.skew).toBeCloseTo(0, TOLERANCE);
    expect(m.kurtosis).toBeCloseTo(1.8, TOLERANCE);
    expect(x.every((v) => v >= -1 && v < 3)).toBe(true);
  });

  it('normal', () => {
    const x = tidy(() => randomNormal([N], 2, 3, 'float32', 1).dataSync());
    const m = moments(x);
    expect(m.mean).toBeCloseTo(2, TOLERANCE - 1);
    expect(m.variance / 9).toBeCloseTo(1, TOLERANCE);
    expect(m.skew).toBeCloseTo(0, TOLERANCE - 0.3);
    expect(m.kurtosis).toBeCloseTo(3, TOLERANCE - 0.6);
    expect(x.every(Number.isFinite)).toBe(true);
    // The tails: shares beyond one, two, three and four deviations.
    const beyond = (k: number): number => x.filter((v) => Math.abs(v - 2) > 3 * k).length / N;
    expect(beyond(1)).toBeCloseTo(0.3173105, 2);
    expect(beyond(2)).toBeCloseTo(0.0455003, 3);
    expect(beyond(3)).toBeCloseTo(0.0026998, 3);
    expect(beyond(4)).toBeCloseTo(0.0000633, 4);
  });

  it('truncated normal', () => {
    const x = tidy(() => truncatedNormal([N], 0, 1, 'float32', 1).dataSync());
    const m = moments(x);
    expect(m.mean).toBeCloseTo(0, TOLERANCE);
    expect(m.variance).toBeCloseTo(0.7737413, TOLERANCE);
    expect(m.skew).toBeCloseTo(0, TOLERANCE);
    expect(x.every((v) => Math.abs(v) <= 2)).toBe(true);
  });

  it('integers', () => {
    const counts = new Array<number>(10).fill(0);
    for (const v of tidy(() => randomUniformInt([N], -3, 7, 1).dataSync()))
      counts[v + 3] = (counts[v + 3] as number) + 1;
    expect(counts.reduce((a, b) => a + b)).toBe(N);
    // Chi squared of nine degrees of freedom: beyond 27.9 with probability 0.001.
    expect(counts.reduce((sum, c) => sum + (c - N / 10) ** 2 / (N / 10), 0)).toBeLessThan(27.9);
  });

  /** How often each integer from `low` on is drawn. */
  const countsOf = (draws: ArrayLike<number>, low: number, count: number): number[] => {
    const counts = new Array<number>(count).fill(0);
    for (const v of Array.from(draws)) counts[v - low] = (counts[v - low] as number) + 1;
    return counts;
  };

  it.each([
    [-5, 5, -5, 10],
    [-10, 0, -10, 10],
    [-4.5, 5.5, -4, 10],
    [0.5, 10.5, 1, 10],
    [-100_005, -99_995, -100_005, 10],
    [-(2 ** 31), -(2 ** 31) + 10, -(2 ** 31), 10],
    [2 ** 31 - 10, 2 ** 31, 2 ** 31 - 10, 10],
  ])('uniform integers of [%d, %d)', (minval, maxval, low, count) => {
    const counts = countsOf(
      tidy(() => randomUniform([N], minval, maxval, 'int32', 1).dataSync()),
      low,
      count,
    );
    expect(counts.length).toBe(count);
    expect(counts.reduce((sum, c) => sum + (c - N / count) ** 2 / (N / count), 0)).toBeLessThan(27.9);
  });

  it('integers of a wide interval: every residue comes', () => {
    const draws = tidy(() => randomUniform([N], -(2 ** 31), 2 ** 31, 'int32', 3).dataSync());
    const counts = countsOf(
      draws.map((v) => v & 7),
      0,
      8,
    );
    expect(counts.reduce((sum, c) => sum + (c - N / 8) ** 2 / (N / 8), 0)).toBeLessThan(24.3);
  });

  it('integers of an interval without any are refused, the ends of one are met', () => {
    expect(() => randomUniform([1], 0.2, 0.8, 'int32')).toThrow('no int32 in [0.2, 0.8)');
    expect(() => randomUniform([1], 5, -5, 'int32')).toThrow(ArgumentError);
    expect(() => randomUniform([1], 0, 2 ** 31 + 1, 'int32')).toThrow(ArgumentError);
    expect(() => randomUniform([1], Number.NaN, 1, 'int32')).toThrow(ArgumentError);
    expect([...tidy(() => randomUniform([3], 7, 7, 'int32').dataSync())]).toEqual([7, 7, 7]);
    expect([...tidy(() => randomUniform([3], -0.05, 0.05, 'int32').dataSync())]).toEqual([0, 0, 0]);
  });

  it('integers above zero are the floats without their fraction', () => {
    const [ints, floats] = tidy(() => [
      randomUniform([100], 0, 1000, 'int32', 5).dataSync(),
      randomUniform([100], 0, 1000, 'float32', 5).dataSync(),
    ]);
    expect([...(ints as Int32Array)]).toEqual([...(floats as Float32Array)].map(Math.trunc));
  });

  it('booleans: both are as likely; normal numbers are none', () => {
    for (const [minval, maxval] of [
      [0, 1],
      [0, 2],
      [-3, 1],
    ]) {
      const draws = tidy(() => randomUniform([N], minval, maxval, 'bool', 1).dataSync<'bool'>());
      expect(draws.reduce((a, b) => a + b) / N).toBeCloseTo(0.5, TOLERANCE);
    }
    expect(() => randomNormal([1], 0, 1, 'bool')).toThrow(DTypeError);
    expect(() => truncatedNormal([1], 0, 1, 'bool')).toThrow(DTypeError);
  });

  it('dropout keeps the share and the mean', () => {
    const x = tidy(() => dropout(ones([N]), 0.3, null, 1).dataSync());
    expect(x.filter((v) => v === 0).length / N).toBeCloseTo(0.3, TOLERANCE);
    expect(moments(x).mean).toBeCloseTo(1, TOLERANCE);
  });

  it('neighbours, streams, seeds and steps are not correlated', () => {
    const correlation = (a: Float32Array, b: Float32Array): number =>
      a.reduce((sum, v, i) => sum + (v - 0.5) * ((b[i] as number) - 0.5), 0) / a.length / (1 / 12);
    const draw = (seed: number, stream: number): Float32Array =>
      tidy(() =>
        apply('random', [], {
          seed: [seed, 0],
          stream,
          shape: [1 << 18],
          kind: Distribution.uniform,
          p: 0,
          q: 1,
          dtype: 'float32',
        }).dataSync<'float32'>(),
      );
    const x = draw(1, 0);
    for (const [a, b] of [
      [x.subarray(1), x],
      [x.subarray(4), x],
      [x, draw(1, 1)],
      [x, draw(2, 0)],
    ] as const) {
      expect(Math.abs(correlation(a, b))).toBeLessThan(0.01);
    }
  });
});

describe('seeds', () => {
  const draws = (): number[][] =>
    tidy(() => [randomNormal([3]), randomUniform([3]), randomUniformInt([3], 0, 1000)].map((t) => [...t.dataSync()]));

  it('the same seed repeats all that follows', () => {
    setSeed(42);
    const [first, second] = [draws(), draws()];
    setSeed(42);
    expect([draws(), draws()]).toEqual([first, second]);
    expect(second).not.toEqual(first);
    setSeed(43);
    expect(draws()).not.toEqual(first);
  });

  it('a seed of its own depends on nothing else', () => {
    const once = (): number[] => tidy(() => [...randomNormal([5], 0, 1, 'float32', 'a').dataSync()]);
    const first = once();
    setSeed(1);
    expect(once()).toEqual(first);
  });
});

it('after setSeed the numbers are those of earlier versions: programs that were published repeat', () => {
  setSeed(42);
  const drawn = [randomUniform([4]), randomNormal([3]), randomUniform([3], 0, 100, 'int32')];
  expect(drawn.map((t) => [...t.dataSync()])).toEqual([
    [0.010058820247650146, 0.12624984979629517, 0.23206615447998047, 0.7116127014160156],
    [-0.25745514035224915, 0.050752073526382446, -0.19775769114494324],
    [4, 44, 72],
  ]);
  for (const t of drawn) t.dispose();
});

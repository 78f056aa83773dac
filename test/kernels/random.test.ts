/** Random numbers: the published vectors of Philox, steps and streams, and the moments of large samples. */
import { describe, expect, it } from 'vitest';
import { Distribution, Dropout, Op, Random } from '../../assembly/isa';
import { ones } from '../../src/ops/creation';
import { apply } from '../../src/ops/dispatch';
import { dropout } from '../../src/ops/dropout';
import { f32 } from '../../src/ops/ir';
import { randomNormal, randomUniform, randomUniformInt, setSeed, truncatedNormal } from '../../src/ops/random';
import { tidy } from '../../src/tensor/scope';
import { array, type NdArray } from '../reference/array';
import * as reference from '../reference/random';
import { bitsAt, bitsOf, difference } from '../support/bits';
import { generate } from '../support/generate';
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

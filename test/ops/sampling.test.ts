/** Random tensors: their distributions, and that seeds settle them. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

const N = 200_000;

/** Sample mean, variance and skewness. */
function momentsOf(values: ArrayLike<number>): [mean: number, variance: number, skewness: number] {
  const list = Array.from(values);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  const central = (power: number): number => list.reduce((sum, v) => sum + (v - mean) ** power, 0) / list.length;
  return [mean, central(2), central(3) / central(2) ** 1.5];
}

describe('randomGamma', () => {
  it.each([
    [0.2, 1],
    [0.7, 3],
    [1, 1],
    [2.5, 0.5],
    [30, 2],
  ])('alpha %f, rate %f: mean, variance, skewness', (alpha, beta) => {
    const values = sg.randomGamma([N], alpha, beta, 'float32', 12).dataSync();
    const [mean, variance, skewness] = momentsOf(values);
    // Five standard errors of the mean; of the others more, as their own spread is wide.
    expect(Math.abs(mean - alpha / beta)).toBeLessThan((5 * Math.sqrt(alpha)) / beta / Math.sqrt(N));
    expect(variance / (alpha / beta ** 2)).toBeCloseTo(1, 1);
    expect(skewness / (2 / Math.sqrt(alpha))).toBeCloseTo(1, 0);
    expect(values.every((v) => v >= 0)).toBe(true);
  });

  it('of alpha 1 is exponential: its quantiles', () => {
    const values = sg.randomGamma([N], 1, 1, 'float32', 5).dataSync<'float32'>();
    for (const x of [0.01, 0.1, 0.5, 1, 2, 4]) {
      const share = values.reduce((count, v) => count + (v < x ? 1 : 0), 0) / N;
      expect(Math.abs(share - (1 - Math.exp(-x)))).toBeLessThan(5 * Math.sqrt(0.25 / N));
    }
  });

  it('int32 rounds', () => {
    const [whole, exact] = [sg.randomGamma([50], 9, 1, 'int32', 3), sg.randomGamma([50], 9, 1, 'float32', 3)];
    expect([whole.dtype, whole.arraySync()]).toEqual(['int32', exact.round().arraySync()]);
  });

  it.each([
    [0, 1],
    [-1, 1],
    [1, 0],
    [Number.NaN, 1],
    [1, Number.POSITIVE_INFINITY],
  ])('refuses alpha %f, beta %f', (alpha, beta) => {
    expect(() => sg.randomGamma([2], alpha, beta)).toThrow(sg.ArgumentError);
  });
});

describe('multinomial', () => {
  const counts = (values: ArrayLike<number>, n: number): number[] => {
    const found = new Array<number>(n).fill(0);
    for (const v of Array.from(values)) found[v] = (found[v] as number) + 1;
    return found;
  };

  /** Squared deviations over expectations: below 30 with a probability of 1 - 2e-6 for up to four degrees of freedom. */
  const chiSquare = (found: readonly number[], shares: readonly number[], total: number): number =>
    found.reduce((sum, c, i) => {
      const wanted = (shares[i] as number) * total;
      return sum + (wanted === 0 ? (c === 0 ? 0 : Number.POSITIVE_INFINITY) : (c - wanted) ** 2 / wanted);
    }, 0);

  it.each([[[0.2, 0.5, 0.3]], [[0, 0.25, 0, 0.75, 0]], [[1, 0]], [[0.001, 0.999]]])('shares %j', (shares) => {
    const draws = sg.multinomial(shares, N, 7, true).dataSync();
    expect(chiSquare(counts(draws, shares.length), shares, N)).toBeLessThan(30);
  });

  it('logits of any size, row by row', () => {
    const logits = sg.tensor2d([1000, 1000 + Math.log(3), 0, -1000, -1000, -1000 - Math.log(2)], [2, 3]);
    const out = sg.multinomial(logits, N, 8);
    expect([out.shape, out.dtype]).toEqual([[2, N], 'int32']);
    const draws = out.dataSync();
    expect(chiSquare(counts(draws.subarray(0, N), 3), [0.25, 0.75, 0], N)).toBeLessThan(30);
    expect(chiSquare(counts(draws.subarray(N), 3), [0.4, 0.4, 0.2], N)).toBeLessThan(30);
  });

  it('rows of equal shares are drawn apart', () => {
    const out = sg.multinomial(sg.ones([2, 2]), 100, 3);
    const [a, b] = out.unstack() as [sg.Tensor, sg.Tensor];
    expect(a.arraySync()).not.toEqual(b.arraySync());
  });

  it('refuses other ranks and counts', () => {
    expect(() => sg.multinomial(sg.ones([2, 2, 2]), 1)).toThrow(sg.ShapeError);
    expect(() => sg.multinomial(sg.ones([2, 0]), 1)).toThrow(sg.ShapeError);
    expect(() => sg.multinomial(sg.scalar(1), 1)).toThrow(sg.ShapeError);
    expect(() => sg.multinomial([1, 2], -1)).toThrow(sg.ArgumentError);
  });
});

describe('normal numbers as int32', () => {
  it('are rounded: no bias toward zero', () => {
    const [mean] = momentsOf(sg.randomNormal([N], 0.5, 3, 'int32', 4).dataSync());
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
    const [standard, variance] = momentsOf(sg.randomStandardNormal([N], 'float32', 4).dataSync());
    expect(standard).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });
});

describe('seeds', () => {
  const draws: Record<string, (seed?: number) => sg.Tensor> = {
    randomGamma: (seed) => sg.randomGamma([300], 0.8, 1, 'float32', seed),
    multinomial: (seed) => sg.multinomial([0.1, 0.4, 0.5], 300, seed, true),
    randomStandardNormal: (seed) => sg.randomStandardNormal([300], 'float32', seed),
  };

  it.each(Object.entries(draws))('%s', (_, draw) => {
    const once = draw(1).arraySync();
    expect(draw(1).arraySync()).toEqual(once);
    expect(draw(2).arraySync()).not.toEqual(once);
    sg.setSeed(5);
    const [a, b] = [draw().arraySync(), draw().arraySync()];
    expect(a).not.toEqual(b);
    sg.setSeed(5);
    expect(draw().arraySync()).toEqual(a);
  });
});

/** Principal components: directions of unit length, at right angles, with the variances that the data has along them. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { eigenOf } from '../../src/preprocessing/eigen';
import { random } from '../models/helpers';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((s, v, i) => s + v * (b[i] as number), 0);

describe('eigenOf', () => {
  it.each([1, 2, 3, 8, 40])('a random symmetric matrix of %i rows', (n) => {
    const r = random(n, [n, n]).dataSync();
    const m = Array.from({ length: n }, (_, i) =>
      Float64Array.from({ length: n }, (__, j) => (r[i * n + j] as number) + (r[j * n + i] as number)),
    );
    const { values, vectors } = eigenOf(m);
    vectors.forEach((v, k) => {
      m.forEach((row, i) => expect(dot(row, v)).toBeCloseTo((values[k] as number) * (v[i] as number), 9));
      vectors.forEach((w, l) => expect(dot(v, w)).toBeCloseTo(Number(k === l), 12));
    });
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
    expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(
      m.reduce((s, row, i) => s + (row[i] as number), 0),
      9,
    );
  });

  it('repeated values, zeros, and what is diagonal already', () => {
    expect([...eigenOf([0, 1, 2].map(() => new Float64Array(3))).values]).toEqual([0, 0, 0]);
    const diagonal = [
      [2, 0, 0],
      [0, 5, 0],
      [0, 0, 2],
    ].map((row) => Float64Array.from(row));
    expect([...eigenOf(diagonal).values]).toEqual([5, 2, 2]);
  });
});

describe('pca', () => {
  const x = random(3, [30, 5]).mul([3, 1, 2, 0.1, 0.5]) as sg.Tensor;

  it('coordinates have the variances that it states, largest first, and are uncorrelated', () => {
    const pca = sg.preprocessing.pca();
    const y = pca.fitTransform(x).arraySync() as number[][];
    const variances = pca.explainedVariance as number[];
    const column = (k: number): number[] => y.map((row) => row[k] as number);
    variances.forEach((v, k) => {
      expect(dot(column(k), column(k)) / 29).toBeCloseTo(v, 5);
      if (k > 0) expect(dot(column(k), column(k - 1)) / 29).toBeCloseTo(0, 5);
      if (k > 0) expect(v).toBeLessThanOrEqual(variances[k - 1] as number);
    });
    expect((pca.explainedVarianceRatio as number[]).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  it('all components give the data back', () => {
    const pca = sg.preprocessing.pca();
    const back = pca.inverseTransform(pca.fitTransform(x)).dataSync();
    x.dataSync().forEach((v, i) => expect(back[i]).toBeCloseTo(v, 5));
  });

  it('fewer examples than features have the components of the larger matrix', () => {
    const wide = x.transpose();
    const few = sg.preprocessing.pca({ nComponents: 3 }).fit(wide);
    for (const [k, component] of (few.components as number[][]).entries()) {
      expect(dot(component, component)).toBeCloseTo(1, 12);
      const y = few.transform(wide).arraySync() as number[][];
      expect(y.reduce((s, row) => s + (row[k] as number) ** 2, 0) / 4).toBeCloseTo(
        (few.explainedVariance as number[])[k] as number,
        4,
      );
    }
  });

  it('the largest number of a component is positive', () => {
    for (const component of sg.preprocessing.pca().fit(x).components as number[][])
      expect(Math.max(...component)).toBe(Math.max(...component.map(Math.abs)));
  });

  it('is the same after JSON', () => {
    const pca = sg.preprocessing.pca({ nComponents: 2 }).fit(x);
    const again = sg.preprocessing.pca(JSON.parse(JSON.stringify(pca.getConfig())));
    expect(again.transform(x).dataSync()).toEqual(pca.transform(x).dataSync());
    expect(sg.preprocessing.pca().getConfig().components).toBeNull();
  });

  it.each([
    ['before fit', () => sg.preprocessing.pca().transform([[1, 2]]), /pca\.transform: call fit first/],
    [
      'too many components',
      () =>
        sg.preprocessing.pca({ nComponents: 3 }).fit([
          [1, 2],
          [3, 4],
        ]),
      /at most 2, got 3/,
    ],
    ['one example', () => sg.preprocessing.pca().fit([[1, 2]]), /at least 2 examples/],
    [
      'NaN',
      () =>
        sg.preprocessing.pca().fit([
          [1, Number.NaN],
          [1, 2],
        ]),
      /x\[0\]\[1\] is NaN/,
    ],
    ['a vector', () => sg.preprocessing.pca().fit([1, 2]), /x must be \[n, features\], got \[2\]/],
    [
      'other features',
      () =>
        sg.preprocessing
          .pca()
          .fit([
            [1, 2],
            [3, 5],
          ])
          .transform([[1, 2, 3]]),
      /fit saw 2 features, x has 3/,
    ],
    ['half of a configuration', () => sg.preprocessing.pca({ mean: [1] }), /belong together/],
  ])('refuses %s', (_, make, message) => expect(make).toThrow(message));
});

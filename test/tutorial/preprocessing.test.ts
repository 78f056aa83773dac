/** "Deep Learning Basics", 3.1: data made ready for networks, on iris. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import { accuracyOf, IRIS, loadIris, mean, numbers, rowsOf, SPECIES, sum, weightsOf } from './data';

const { preprocessing } = sg;
const iris = await loadIris();
const column = (rows: readonly number[][], i: number): number[] => rows.map((r) => r[i] as number);
const columns = [0, 1, 2, 3].map((i) => column(iris.x, i));
/** As in the text: σ is that of the values, not of a larger population. */
const deviation = (v: readonly number[]): number => Math.sqrt(mean(v.map((a) => (a - mean(v)) ** 2)));

describe('the file', () => {
  it('has three times fifty flowers, with the statistics that are published of them', () => {
    expect(iris.x).toHaveLength(150);
    expect(iris.x.every((r) => r.length === 4 && r.every((v) => v > 0))).toBe(true);
    expect(SPECIES.map((s) => iris.species.filter((t) => t === s).length)).toEqual([50, 50, 50]);
    // As iris.names of the UCI repository has them.
    expect(columns.map((c) => Math.min(...c))).toEqual([4.3, 2, 1, 0.1]);
    expect(columns.map((c) => Math.max(...c))).toEqual([7.9, 4.4, 6.9, 2.5]);
    [5.84, 3.05, 3.76, 1.2].forEach((m, i) => expect(Math.abs(mean(columns[i] as number[]) - m)).toBeLessThan(0.01));
  });
});

describe('normalization: (x - min) / (max - min)', () => {
  it('brings ages of 0 to 100 and salaries of 0 to 100,000 to one scale', () => {
    const people = [
      [0, 40_000],
      [18, 0],
      [50, 25_000],
      [100, 100_000],
    ];
    const scaled = preprocessing.minMaxScaler().fitTransform(people);
    expectClose(
      numbers(scaled),
      people.flatMap(([age, salary]) => [(age as number) / 100, (salary as number) / 1e5]),
      1e-7,
    );
  });

  it('is the formula, feature by feature', () => {
    const scaler = preprocessing.minMaxScaler();
    const scaled = rowsOf(scaler.fitTransform(iris.x));
    columns.forEach((c, i) => {
      const [low, high] = [Math.min(...c), Math.max(...c)];
      expect(scaler.dataMin?.[i]).toBeCloseTo(low, 6);
      expect(scaler.dataMax?.[i]).toBeCloseTo(high, 6);
      const got = column(scaled, i);
      expectClose(
        got,
        c.map((v) => (v - low) / (high - low)),
        5e-7,
      );
      expect([Math.min(...got), Math.max(...got)]).toEqual([0, 1]);
    });
    expectClose(numbers(scaler.inverseTransform(scaled)), iris.x.flat(), 1e-6);
  });
});

describe('standardization: (x - μ) / σ', () => {
  it('is the formula: each feature has mean 0 and standard deviation 1', () => {
    const scaler = preprocessing.standardScaler();
    const scaled = rowsOf(scaler.fitTransform(iris.x));
    columns.forEach((c, i) => {
      expect(scaler.mean?.[i]).toBeCloseTo(mean(c), 6);
      expect(scaler.variance?.[i]).toBeCloseTo(deviation(c) ** 2, 5);
      const got = column(scaled, i);
      expectClose(
        got,
        c.map((v) => (v - mean(c)) / deviation(c)),
        1e-6,
      );
      expect(mean(got)).toBeCloseTo(0, 5);
      expect(deviation(got)).toBeCloseTo(1, 5);
    });
    expectClose(numbers(scaler.inverseTransform(scaled)), iris.x.flat(), 1e-6);
  });

  it('takes what it learned of training data to test data, and through a file', () => {
    const [train, test] = preprocessing.trainTestSplit(iris.x, { testSize: 0.2, randomState: 42 });
    const scaler = preprocessing.standardScaler().fit(train);
    const scaled = rowsOf(scaler.transform(test));
    [0, 1, 2, 3].forEach((i) => {
      const seen = column(train, i);
      expectClose(
        column(scaled, i),
        column(test, i).map((v) => (v - mean(seen)) / deviation(seen)),
        1e-6,
      );
      // Its own mean would be 0.
      expect(Math.abs(mean(column(scaled, i)))).toBeGreaterThan(1e-3);
    });
    const restored = preprocessing.standardScaler(JSON.parse(JSON.stringify(scaler.getConfig())));
    expect(rowsOf(restored.transform(test))).toEqual(scaled);
  });
});

describe('categories', () => {
  it('label encoding: each species is its place in the sorted list', () => {
    const encoder = preprocessing.labelEncoder();
    const y = encoder.fitTransform(iris.species);
    expect(encoder.classes).toEqual(SPECIES);
    expect([y.dtype, numbers(y)]).toEqual(['int32', iris.labels]);
    expect(encoder.inverseTransform(y)).toEqual(iris.species);
    expect(() => encoder.transform(['tulip'])).toThrow(/'tulip'/);
  });

  it('one-hot encoding: all zeros but for a 1 at the index of the category', () => {
    const encoder = preprocessing.oneHotEncoder();
    const y = encoder.fitTransform(iris.species);
    expect(y.shape).toEqual([150, 3]);
    expect(rowsOf(y)).toEqual(iris.labels.map((k) => [0, 1, 2].map((i) => Number(i === k))));
    expect(encoder.inverseTransform(y)).toEqual(iris.species);
    expect(encoder.inverseTransform([[0.2, 0.7, 0.1]])).toEqual(['versicolor']);
    expect(numbers(sg.oneHot(sg.tensor1d(iris.labels, 'int32'), 3))).toEqual(numbers(y));
  });

  it('the users of the text, by country; one from elsewhere is an error, or all zeros', () => {
    const countries = ['Morocco', 'France', 'Japan', 'France'];
    const seen = preprocessing.oneHotEncoder({ handleUnknown: 'ignore' }).fit(countries);
    expect(seen.categories).toEqual(['France', 'Japan', 'Morocco']);
    expect(rowsOf(seen.transform(['Morocco', 'France', 'Peru']))).toEqual([
      [0, 0, 1],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    expect(() => preprocessing.oneHotEncoder().fit(countries).transform(['Peru'])).toThrow(sg.ArgumentError);
  });
});

/** A small network for four features and three species. */
function network(loss: string, optimizer: sg.Optimizer): sg.Sequential {
  sg.setSeed(7);
  const model = sg.sequential();
  model.add(sg.layers.dense({ units: 8, activation: 'tanh', inputShape: [4] }));
  model.add(sg.layers.dense({ units: 3, activation: 'softmax' }));
  model.compile({ optimizer, loss, metrics: ['accuracy'] });
  return model;
}

describe('what it is for', () => {
  it('labels and one-hot rows train the same network', async () => {
    const x = preprocessing.standardScaler().fitTransform(iris.x);
    const labels = preprocessing.labelEncoder().fitTransform(iris.species);
    const rows = preprocessing.oneHotEncoder().fitTransform(iris.species);
    const [a, b] = [
      network('sparseCategoricalCrossentropy', sg.train.sgd(0.1)),
      network('categoricalCrossentropy', sg.train.sgd(0.1)),
    ];
    const first = await a.fit(x, labels, { epochs: 5, shuffle: false, verbose: 0 });
    const second = await b.fit(x, rows, { epochs: 5, shuffle: false, verbose: 0 });
    expectClose(weightsOf(a), weightsOf(b), 1e-6);
    expect(first.history.acc).toEqual(second.history.acc);
    expect(first.history.loss?.at(-1)).toBeLessThan(first.history.loss?.[0] as number);
  });

  it('a feature of large numbers drowns the others, unless it is scaled', async () => {
    // The sepal's width, which says least, in micrometres.
    const raw = iris.x.map(([a, b, c, d]) => [a, (b as number) * 1e4, c, d] as number[]);
    const accuracies: Record<string, number> = {};
    for (const [name, data] of Object.entries({
      raw: sg.tensor2d(raw),
      normalized: preprocessing.minMaxScaler().fitTransform(raw),
      standardized: preprocessing.standardScaler().fitTransform(raw),
    })) {
      const model = network('sparseCategoricalCrossentropy', sg.train.sgd(0.1));
      const [x, rest, y, others] = preprocessing.trainTestSplit(data, iris.labels, {
        testSize: 0.2,
        randomState: 42,
        stratify: iris.labels,
      });
      await model.fit(x, sg.tensor1d(y, 'int32'), { epochs: 60, batchSize: 16, verbose: 0 });
      accuracies[name] = accuracyOf(model, rest, others);
    }
    expect(accuracies.raw).toBeLessThan(0.75);
    expect(accuracies.normalized).toBeGreaterThan(0.9);
    expect(accuracies.standardized).toBeGreaterThan(0.9);
  });

  it('a stream of the file: rows scaled, encoded, shuffled, in batches, into a network', async () => {
    const scaler = preprocessing.standardScaler().fit(iris.x);
    const encoder = preprocessing.oneHotEncoder({ categories: SPECIES });
    const rows = sg.data.csv(IRIS, { columnConfigs: { species: { isLabel: true } } }).map(({ xs, ys }) => ({
      xs: scaler.transform([Object.values(xs).map(Number)]).squeeze([0]),
      ys: encoder.transform([String(ys.species)]).squeeze([0]),
    }));
    const model = network('categoricalCrossentropy', sg.train.adam(0.02));
    const { history } = await model.fitDataset(rows.shuffle(150, 1).batch(16), { epochs: 12, verbose: 0 });
    expect(history.loss).toHaveLength(12);
    const [loss, accuracy] = ((await model.evaluateDataset(rows.batch(50))) as sg.Tensor[]).map((t) => numbers(t)[0]);
    expect(accuracy).toBeGreaterThan(0.94);
    // The same from the arrays.
    const x = scaler.transform(iris.x);
    const p = rowsOf(model.predict(x) as sg.Tensor);
    expect(accuracy).toBeCloseTo(accuracyOf(model, x, iris.labels), 6);
    expect(loss).toBeCloseTo(sum(p.map((row, i) => -Math.log(row[iris.labels[i] as number] as number))) / 150, 5);
  });
});

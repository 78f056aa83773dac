/** Splits, folds and the weights of classes. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { unit, wordAt } from '../reference/random';
import { goldens, iris } from './goldens';

const { preprocessing: pre, ArgumentError, ShapeError } = sg;
const { trainTestSplit, kFold, classWeights } = pre;
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Fisher and Yates' shuffle with the specified numbers of a seed. */
function shuffled(count: number, seed: number): number[] {
  const order = upTo(count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(unit(wordAt(i, { seed: [seed, 0], stream: 0 })) * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

const ascending = (rows: Iterable<number>): number[] => [...rows].sort((a, b) => a - b);

describe('trainTestSplit', () => {
  it.each(
    goldens.splits.map((c) => [`${c.count} ${JSON.stringify(c.config)} ${c.labels ? 'stratified' : ''}`, c] as const),
  )('shares out as scikit-learn: %s', (_, { count, labels, config, rows, sizes, shares }) => {
    const all = upTo(count);
    const parts = trainTestSplit(all, { ...config, stratify: labels, randomState: 3 });
    if (rows) expect(parts).toEqual(rows);
    else expect(parts.map((p) => p.length)).toEqual(sizes);
    // Nothing comes twice.
    expect(new Set(parts.flat()).size).toBe(parts.flat().length);
    if (!labels || !shares) return;
    const sizeOf = (part: readonly number[], k: number): number => part.filter((row) => labels[row] === k).length;
    const classes = [...new Set(labels)];
    const found = parts.map((part) =>
      classes.map((k) => [sizeOf(all, k), sizeOf(part, k)]).sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d),
    );
    expect(found).toEqual(shares);
  });

  it('splits tensors, arrays and typed arrays alike, each into its own kind', () => {
    const x = sg.tensor(iris.x);
    const bytes = Uint8Array.from(upTo(150));
    const [xTrain, xTest, yTrain, yTest, bTrain, bTest] = trainTestSplit(x, iris.y, bytes, {
      testSize: 0.2,
      randomState: 42,
      stratify: iris.y,
    });
    expect([xTrain.shape, xTest.shape, yTrain.length, yTest.length]).toEqual([[120, 4], [30, 4], 120, 30]);
    expect([bTrain, bTest].map((b) => b.constructor)).toEqual([Uint8Array, Uint8Array]);
    expect(ascending([...bTrain, ...bTest])).toEqual(upTo(150));
    expect(yTrain).toEqual([...bTrain].map((row) => iris.y[row]));
    expect(yTest).toEqual([...bTest].map((row) => iris.y[row]));
    expect(xTest.arraySync()).toEqual(sg.gather(x, Int32Array.from(bTest)).arraySync());
    expect(xTrain.arraySync()).toEqual(sg.gather(x, Int32Array.from(bTrain)).arraySync());
    for (const name of new Set(iris.y)) expect(yTest.filter((v) => v === name).length).toBe(10);
    // Types and ranks stay.
    const [a, b] = trainTestSplit(sg.tensor3d([[[true]], [[false]], [[true]]]), { shuffle: false });
    expect([a.dtype, a.arraySync(), b.arraySync()]).toEqual(['bool', [[[1]], [[0]]], [[[1]]]]);
  });

  it('stratifies by one-hot labels and by tensors as by the labels', () => {
    const labels = pre.labelEncoder().fitTransform(iris.y);
    const of = (stratify: sg.preprocessing.Examples): number[][] =>
      trainTestSplit(upTo(150), { testSize: 31, randomState: 'a', stratify });
    expect(of(labels)).toEqual(of(iris.y));
    expect(of(pre.oneHotEncoder().fitTransform(iris.y))).toEqual(of(iris.y));
  });

  it('mixes each class in its own way', () => {
    const [, test] = trainTestSplit(upTo(40), { testSize: 20, randomState: 1, stratify: upTo(40).map((v) => v % 2) });
    const of = (k: number): number[] => ascending(test.filter((row) => row % 2 === k).map((row) => row - k));
    expect(of(0)).toHaveLength(10);
    expect(of(0)).not.toEqual(of(1));
  });

  it('is determined by randomState, else by the seed of the library', () => {
    const split = (randomState?: number | string): number[][] => trainTestSplit(upTo(10), { randomState });
    const order = shuffled(10, 42);
    const expected = [order.slice(3), order.slice(0, 3)];
    expect(split(42)).toEqual(expected);
    expect(split(42)).toEqual(split(42));
    expect(split(42)).not.toEqual(split(43));
    expect(split(43)).not.toEqual(split('43'));
    sg.setSeed(5);
    const [first, second] = [split(), split()];
    sg.setSeed(5);
    expect(split()).toEqual(first);
    expect(split(42)).toEqual(expected);
    expect(split()).toEqual(second);
    expect(first).not.toEqual(second);
  });

  it('mixes evenly: each example is in the test part about as often', () => {
    const counts = new Float64Array(12);
    for (let seed = 0; seed < 2000; seed++)
      for (const row of trainTestSplit(upTo(12), { randomState: seed })[1]) counts[row] = (counts[row] as number) + 1;
    // 500 expected; the standard deviation is 19.4.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(85);
  });

  it('errors', () => {
    const x = upTo(10);
    const wrong: [() => unknown, RegExp][] = [
      [() => trainTestSplit(), /needs a tensor or an array/],
      [() => trainTestSplit({ testSize: 0.5 } as never), /needs a tensor or an array/],
      [() => trainTestSplit(x, [1, 2]), /10, 2 examples/],
      [() => trainTestSplit('text' as never), /arrays\[0\] must be a tensor or an array/],
      [() => trainTestSplit(x, null as never, {}), /arrays\[1\].*null/],
      [() => trainTestSplit(x, { testSize: 0 }), /testSize/],
      [() => trainTestSplit(x, { testSize: 1.5 }), /testSize/],
      [() => trainTestSplit(x, { trainSize: Number.NaN }), /trainSize/],
      [() => trainTestSplit(x, { testSize: 10 }), /do not give 0/],
      [() => trainTestSplit(x, { testSize: 0.6, trainSize: 0.6 }), /10 examples do not give 6/],
      [() => trainTestSplit([1]), /do not give 0/],
      [() => trainTestSplit([]), /do not give 0/],
      [() => trainTestSplit(x, { stratify: x.map((v) => v % 2), shuffle: false }), /shuffle: true/],
      [() => trainTestSplit(x, { stratify: x.map((v) => Math.min(v, 1)) }), /one member/],
      [() => trainTestSplit(x, { stratify: x.map((v) => v % 5), testSize: 3 }), /fewer than the 5 classes/],
      [() => trainTestSplit(x, { stratify: [1, 2] }), /2 labels for 10/],
      [() => trainTestSplit(x, { stratify: x.map((v) => (v === 3 ? Number.NaN : 1)) }), /label 3 .*NaN/],
      [() => trainTestSplit(x, { randomState: Number.NaN }), /randomState must be a number or a string/],
    ];
    const before = sg.memory().numTensors;
    for (const [call, message] of wrong) {
      expect(call).toThrow(ArgumentError);
      expect(call).toThrow(message);
    }
    expect(() => trainTestSplit(sg.scalar(1))).toThrow(ShapeError);
    expect(sg.memory().numTensors).toBe(before + 1);
  });
});

describe('kFold', () => {
  it.each(goldens.folds.map((c) => [`${c.nSplits} ${c.labels ? 'stratified' : ''}`, c] as const))(
    'as scikit-learn: %s',
    (_, { nSplits, labels, tests }) => {
      const folds = [...kFold({ nSplits, stratify: labels }).split(13)];
      expect(folds.map(([, test]) => [...test])).toEqual(tests);
      for (const [train, test] of folds) expect(ascending([...train, ...test])).toEqual(upTo(13));
    },
  );

  it('mixed folds part the examples, repeatably, and keep the proportions', () => {
    const y = sg.tensor1d(goldens.splits.at(-1)?.labels as number[], 'int32');
    const tests = (randomState: number): number[][] =>
      [...kFold({ nSplits: 4, shuffle: true, randomState, stratify: y }).split(y)].map(([, test]) => [...test]);
    const folds = tests(1);
    expect(ascending(folds.flat())).toEqual(upTo(150));
    for (const fold of folds) {
      expect(fold).toEqual(ascending(fold));
      for (const k of [0, 1, 2]) expect([12, 13]).toContain(fold.filter((row) => Math.floor(row / 50) === k).length);
    }
    expect(tests(1)).toEqual(folds);
    expect(tests(2)).not.toEqual(folds);
    const plain = [...kFold({ shuffle: true, randomState: 1 }).split(iris.x)].map(([, test]) => [...test]);
    expect(plain.map((f) => f.length)).toEqual([30, 30, 30, 30, 30]);
    expect(ascending(plain.flat())).toEqual(upTo(150));
    expect(plain[0]).not.toEqual(upTo(30));
    // The indices are fit for gather.
    const [train] = kFold().split(y).next().value as [Int32Array, Int32Array];
    expect(sg.gather(y, train).shape).toEqual([120]);
  });

  it('errors', () => {
    for (const nSplits of [1, 0, 2.5, Number.NaN]) expect(() => kFold({ nSplits })).toThrow(/nSplits/);
    expect(() => kFold().split(4)).toThrow(/4 examples do not fill 5 folds/);
    expect(() => kFold().split(2.5)).toThrow(ArgumentError);
    expect(() => kFold().split([])).toThrow(ArgumentError);
    expect(() => kFold({ nSplits: 3, stratify: [0, 0, 0, 1, 1] }).split(5)).toThrow(/class of stratify has 2 members/);
    expect(() => kFold({ nSplits: 2, stratify: [0, 0] }).split(3)).toThrow(ArgumentError);
  });
});

describe('classWeights', () => {
  it.each(goldens.weights.map((c) => [c.labels.length, c] as const))('as scikit-learn, %i labels', (_, c) => {
    const weights = classWeights(c.labels);
    expect(Object.keys(weights)).toEqual(Object.keys(c.weights));
    for (const [k, w] of Object.entries(c.weights)) expect(weights[Number(k)]).toBeCloseTo(w, 14);
    const column = sg.tensor(c.labels, [c.labels.length, 1], 'int32');
    expect(classWeights(column)).toEqual(weights);
    expect(classWeights(sg.tensor(c.labels))).toEqual(weights);
    expect(classWeights(sg.oneHot(column.flatten(), 8))).toEqual(weights);
    expect(classWeights(Int32Array.from(c.labels))).toEqual(weights);
  });

  it('sizes 0 and 1, errors', () => {
    expect(classWeights([])).toEqual({});
    expect(classWeights([3])).toEqual({ 3: 1 });
    expect(classWeights(sg.tensor1d([true, false, true]))).toEqual({ 0: 1.5, 1: 0.75 });
    expect(classWeights([[0, 1]])).toEqual({ 1: 1 });
    const wrong = [[-1], [0.5], [Number.NaN], ['a'], [null], [[0, 0]], [[1, 1]], [[0.5, 0.5]], [[1, Number.NaN]], [[]]];
    for (const labels of wrong) expect(() => classWeights(labels)).toThrow(/label 0 must be a non-negative integer/);
    expect(() => classWeights(sg.scalar(1))).toThrow(ShapeError);
    expect(() => classWeights('0' as never)).toThrow(ArgumentError);
  });
});

it('iris: in folds, scaled, encoded and learned', async () => {
  sg.setSeed(3);
  let right = 0;
  for (const [train, test] of kFold({ nSplits: 5, shuffle: true, stratify: iris.y }).split(iris.x)) {
    const of = <T>(list: readonly T[], rows: Int32Array): T[] => Array.from(rows, (row) => list[row] as T);
    const scaler = pre.standardScaler();
    const encoder = pre.oneHotEncoder();
    const x = scaler.fitTransform(of(iris.x, train));
    const y = encoder.fitTransform(of(iris.y, train));
    const model = sg.sequential({
      layers: [
        sg.layers.dense({ units: 8, activation: 'relu', inputShape: [4] }),
        sg.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: sg.train.adam(0.02), loss: 'categoricalCrossentropy' });
    await model.fit(x, y, { epochs: 30, batchSize: 16, verbose: 0 });
    const told = encoder.inverseTransform(model.predict(scaler.transform(of(iris.x, test))) as sg.Tensor);
    right += of(iris.y, test).filter((name, i) => name === told[i]).length;
  }
  expect(right / 150).toBeGreaterThan(0.93);
});

/** "Deep Learning Basics", 5: training, validation and test sets; metrics, on predictions of real models. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import { accuracyOf, loadDigits, loadIris, mean, numbers, rowsOf, SPECIES, sum, weightsOf } from './data';

const { trainTestSplit, kFold, standardScaler } = sg.preprocessing;
const M = sg.metrics;
const iris = await loadIris();
const ids = iris.x.map((_, i) => i);
const counts = (labels: readonly number[]): number[] => [0, 1, 2].map((k) => labels.filter((l) => l === k).length);
const ascending = (v: readonly number[]): number[] => [...v].sort((a, b) => a - b);

describe('5.1 the split of the text: 20 % for testing, 20 % of the rest for validation', () => {
  const settings = { testSize: 0.2, randomState: 42 };
  const split = (stratified: boolean) => {
    const by = (labels: number[]) => ({ ...settings, ...(stratified && { stratify: labels }) });
    const [x, xTest, y, yTest, id, idTest] = trainTestSplit(iris.x, iris.labels, ids, by(iris.labels));
    const [xTrain, xVal, yTrain, yVal, idTrain, idVal] = trainTestSplit(x, y, id, by(y));
    return { x: [xTrain, xVal, xTest], y: [yTrain, yVal, yTest], ids: [idTrain, idVal, idTest] } as const;
  };

  it('gives 96, 24 and 30 flowers: each once, with its own label', () => {
    const parts = split(false);
    expect(parts.x.map((p) => p.length)).toEqual([96, 24, 30]);
    expect(ascending(parts.ids.flat())).toEqual(ids);
    parts.ids.forEach((part, p) => {
      expect(parts.x[p]).toEqual(part.map((i) => iris.x[i]));
      expect(parts.y[p]).toEqual(part.map((i) => iris.labels[i]));
    });
    // Mixed, as the file is sorted by species.
    expect(counts(parts.y[2] as number[]).every((n) => n > 0)).toBe(true);
  });

  it('randomState makes it the same each time, another one another', () => {
    sg.setSeed(1);
    const first = split(false).ids;
    sg.setSeed(2);
    expect(split(false).ids).toEqual(first);
    const [, other] = trainTestSplit(ids, { testSize: 0.2, randomState: 43 });
    expect(other).not.toEqual(first[2]);
  });

  it('stratify keeps the proportions of the species', () => {
    expect(split(true).y.map((y) => counts(y as number[]))).toEqual([
      [32, 32, 32],
      [8, 8, 8],
      [10, 10, 10],
    ]);
    // Of classes that are not alike: 50, 50 and 10 flowers.
    const few = iris.labels.slice(0, 110);
    const [, rest] = trainTestSplit(few, { ...settings, stratify: few });
    expect(counts(rest)).toEqual([10, 10, 2]);
  });
});

/** Species by a small network. */
async function classifier(x: sg.Tensor, labels: readonly number[]): Promise<sg.Sequential> {
  sg.setSeed(9);
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 8, activation: 'relu', inputShape: [4] }),
      sg.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: sg.train.adam(0.02), loss: 'sparseCategoricalCrossentropy' });
  await model.fit(x, sg.tensor1d(labels, 'int32'), { epochs: 40, batchSize: 16, verbose: 0 });
  return model;
}

describe('5.2 of two classes', () => {
  // Is it virginica? By sepals alone, so that there are errors of each kind.
  const positive = iris.labels.map((k) => Number(k === 2));
  const features = standardScaler().fitTransform(iris.x.map((r) => r.slice(0, 2)));
  const [x, xTest, y, yTest] = trainTestSplit(features, positive, {
    testSize: 0.4,
    randomState: 42,
    stratify: positive,
  });
  const column = (labels: readonly number[]): sg.Tensor => sg.tensor2d(labels, [labels.length, 1]);

  const trained = (async () => {
    sg.setSeed(10);
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, activation: 'sigmoid', inputShape: [2] })] });
    const metrics = ['accuracy', M.precision(), M.recall(), M.f1Score({ threshold: 0.5, average: 'micro' }), M.auc()];
    model.compile({ optimizer: sg.train.adam(0.1), loss: 'binaryCrossentropy', metrics });
    const args = { epochs: 30, batchSize: 16, validationData: [xTest, column(yTest)] as const, verbose: 0 };
    const { history } = await model.fit(x, column(y), args);
    return { model, history, p: numbers(model.predict(xTest) as sg.Tensor) };
  })();

  const count = (p: readonly number[], isTrue: 0 | 1, isFound: boolean): number =>
    p.filter((v, i) => yTest[i] === isTrue && v > 0.5 === isFound).length;

  it('accuracy, precision, recall and F1 by the formulas of TP, TN, FP, FN', async () => {
    const { model, p } = await trained;
    const [tp, tn, fp, fn] = [count(p, 1, true), count(p, 0, false), count(p, 0, true), count(p, 1, false)];
    for (const n of [tp, tn, fp, fn]) expect(n).toBeGreaterThan(0);
    const accuracy = (tp + tn) / (tp + tn + fp + fn);
    const precision = tp / (tp + fp);
    const recall = tp / (tp + fn);
    const f1 = (2 * (precision * recall)) / (precision + recall);
    const value = (t: sg.Tensor): number => t.dataSync()[0] as number;
    expect(value(M.precision(yTest, p))).toBeCloseTo(precision, 6);
    expect(value(M.recall(yTest, p))).toBeCloseTo(recall, 6);
    expect(value(M.f1Score(yTest, p))).toBeCloseTo(f1, 6);
    expect(
      [M.truePositives, M.trueNegatives, M.falsePositives, M.falseNegatives].map((m) => value(m(yTest, p))),
    ).toEqual([tp, tn, fp, fn]);
    expect(rowsOf(M.confusionMatrix(yTest, p, 2))).toEqual([
      [tn, fp],
      [fn, tp],
    ]);
    // And those of `compile`, whatever the batches.
    for (const batchSize of [1, 7, 60]) {
      const found = (model.evaluate(xTest, column(yTest), { batchSize }) as sg.Tensor[]).map(value);
      expectClose(found.slice(1, 5), [accuracy, precision, recall, f1], 1e-6);
    }
    // Better than to say no to all.
    expect(accuracy).toBeGreaterThan(0.7);
  });

  it('ROC AUC: how often a positive example scores higher than a negative one', async () => {
    const { p, history } = await trained;
    const [yes, no] = [1, 0].map((k) => p.filter((_, i) => yTest[i] === k)) as [number[], number[]];
    const wins = yes.flatMap((a) => no.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
    expect(M.auc(yTest, p).dataSync()[0]).toBeCloseTo(mean(wins), 6);
    expect(history.val_auc?.at(-1)).toBeCloseTo(mean(wins), 6);
    expect(mean(wins)).toBeGreaterThan(0.8);
  });

  it('accuracy misleads where classes are unequal: recall tells', () => {
    // One flower of twenty is virginica, and all are said not to be.
    const truth = Array.from({ length: 100 }, (_, i) => Number(i % 20 === 0));
    const never = truth.map(() => 0.1);
    expect(
      M.binaryAccuracy(sg.tensor2d(truth, [100, 1]), sg.tensor2d(never, [100, 1]))
        .mean()
        .dataSync()[0],
    ).toBeCloseTo(0.95, 6);
    for (const value of [M.recall(truth, never), M.precision(truth, never), M.f1Score(truth, never)])
      expect(numbers(value)).toEqual([0]);
  });

  it('classWeight raises recall at the cost of precision', async () => {
    const few = [
      ...Array(40).keys(),
      ...Array.from({ length: 40 }, (_, i) => 50 + i),
      ...Array.from({ length: 8 }, (_, i) => 100 + i),
    ];
    const labels = few.map((i) => positive[i] as number);
    const weights = sg.preprocessing.classWeights(labels);
    expectClose([weights[0] as number, weights[1] as number], [88 / (2 * 80), 88 / (2 * 8)], 1e-12);
    const learn = async (classWeight?: Record<number, number>) => {
      sg.setSeed(12);
      const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, activation: 'sigmoid', inputShape: [2] })] });
      model.compile({ optimizer: sg.train.adam(0.1), loss: 'binaryCrossentropy' });
      const args = { epochs: 40, verbose: 0, ...(classWeight && { classWeight }) };
      await model.fit(sg.gather(features, few), column(labels), args);
      const p = model.predict(features) as sg.Tensor;
      return [M.recall, M.precision].map((m) => m(column(positive), p).dataSync()[0] as number);
    };
    const [plain, weighted] = [await learn(), await learn(weights)];
    expect(weighted[0]).toBeGreaterThan((plain[0] as number) + 0.2);
    expect(weighted[1]).toBeLessThan(plain[1] as number);
  });
});

describe('5.2 of several classes', () => {
  const [x, xTest, labels, wanted] = trainTestSplit(
    standardScaler().fitTransform(iris.x.map((r) => r.slice(0, 3))),
    iris.labels,
    {
      testSize: 0.4,
      randomState: 7,
      stratify: iris.labels,
    },
  );

  const trained = (async () => {
    sg.setSeed(11);
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 3, activation: 'softmax', inputShape: [3] })] });
    const metrics = ['accuracy', M.f1Score({ average: 'macro' })];
    model.compile({
      optimizer: sg.train.adam(0.05),
      loss: 'sparseCategoricalCrossentropy',
      metrics,
    });
    await model.fit(x, sg.tensor1d(labels, 'int32'), { epochs: 15, verbose: 0 });
    const p = model.predict(xTest) as sg.Tensor;
    return { model, p, found: numbers(sg.argMax(p, -1)) };
  })();

  const shareOf = (found: readonly number[], k: number) => {
    const hits = found.filter((f, i) => f === k && wanted[i] === k).length;
    const precision = hits / found.filter((f) => f === k).length;
    const recall = hits / wanted.filter((w) => w === k).length;
    return { precision, recall, 'f1-score': (2 * precision * recall) / (precision + recall), support: 20 };
  };

  it('the confusion matrix counts what was taken for what', async () => {
    const { p, found } = await trained;
    const expected = SPECIES.map((_, row) =>
      SPECIES.map((__, c) => found.filter((f, i) => f === c && wanted[i] === row).length),
    );
    const matrix = rowsOf(M.confusionMatrix(wanted, p, 3));
    expect(matrix).toEqual(expected);
    expect(rowsOf(M.confusionMatrix(wanted, found, 3))).toEqual(expected);
    expect(sg.math.confusionMatrix(sg.tensor1d(wanted, 'int32'), sg.tensor1d(found, 'int32'), 3).arraySync()).toEqual(
      expected,
    );
    expect(sum(matrix.flat())).toBe(60);
    const errors = sum(matrix.flatMap((row, r) => row.filter((_, c) => c !== r)));
    expect(errors).toBeGreaterThan(0);
    expect(errors).toBeLessThan(15);
  });

  it('the report has precision, recall and F1 of each species, and their means', async () => {
    const { model, p, found } = await trained;
    const report = M.classificationReport(wanted, p, { targetNames: SPECIES, outputDict: true });
    const rows = SPECIES.map((_, k) => shareOf(found, k));
    SPECIES.forEach((name, k) => {
      const row = report[name] as (typeof rows)[0];
      for (const key of ['precision', 'recall', 'f1-score', 'support'] as const)
        expect(row[key]).toBeCloseTo((rows[k] as typeof row)[key], 12);
    });
    const accuracy = accuracyOf(model, xTest, wanted);
    expect(report.accuracy).toBeCloseTo(accuracy, 12);
    const macro = mean(rows.map((r) => r['f1-score']));
    expect((report['macro avg'] as (typeof rows)[0])['f1-score']).toBeCloseTo(macro, 12);
    const [, accuracyFound, f1] = model.evaluate(xTest, sg.tensor1d(wanted, 'int32')) as sg.Tensor[];
    expect(accuracyFound?.dataSync()[0]).toBeCloseTo(accuracy, 6);
    expect(f1?.dataSync()[0]).toBeCloseTo(macro, 6);
    // The same of names, as a text.
    const text = M.classificationReport(
      wanted.map((k) => SPECIES[k] as string),
      found.map((k) => SPECIES[k] as string),
    );
    const lines = text.split('\n').filter(Boolean);
    expect(lines[0]?.trim().split(/\s+/)).toEqual(['precision', 'recall', 'f1-score', 'support']);
    SPECIES.forEach((name, k) => {
      const { precision, recall, 'f1-score': score } = rows[k] as (typeof rows)[0];
      const cells = [precision, recall, score].map((v) => v.toFixed(2));
      expect(lines[k + 1]?.trim().split(/\s+/)).toEqual([name, ...cells, '20']);
    });
    expect(lines[4]?.trim().split(/\s+/)).toEqual(['accuracy', accuracy.toFixed(2), '60']);
  });

  it('of digits: ten classes, by the same formulas', async () => {
    const { train, test } = loadDigits(1000, 500);
    sg.setSeed(2);
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 10, activation: 'softmax', inputShape: [784] })] });
    const metrics = [M.f1Score(), M.sparseTopKCategoricalAccuracy({ k: 3 })];
    model.compile({ optimizer: sg.train.adam(0.005), loss: 'sparseCategoricalCrossentropy', metrics });
    await model.fit(train.x, train.y, { epochs: 6, verbose: 0 });
    const p = rowsOf(model.predict(test.x) as sg.Tensor);
    const found = p.map((row) => row.indexOf(Math.max(...row)));
    const scores = Array.from({ length: 10 }, (_, k) => {
      const hits = found.filter((f, i) => f === k && test.labels[i] === k).length;
      return (2 * hits) / (found.filter((f) => f === k).length + test.labels.filter((l) => l === k).length);
    });
    const top3 = mean(
      p.map((row, i) => Number(row.filter((v) => v > (row[test.labels[i] as number] as number)).length < 3)),
    );
    const [, f1, top] = (model.evaluate(test.x, test.y) as sg.Tensor[]).map((t) => t.dataSync()[0]);
    expect(f1).toBeCloseTo(mean(scores), 6);
    expect(top).toBeCloseTo(top3, 6);
    expect(mean(scores)).toBeGreaterThan(0.78);
    expect(top3).toBeGreaterThan(mean(scores));
  });
});

describe('5.2 of numbers: the width of petals, by the other three', () => {
  it('MAE and MSE are their formulas, and far below those of guessing the mean', async () => {
    const scaled = standardScaler().fitTransform(iris.x.map((r) => r.slice(0, 3)));
    const widths = iris.x.map((r) => r[3] as number);
    const [x, xTest, y, wanted] = trainTestSplit(scaled, widths, {
      testSize: 0.2,
      randomState: 42,
      stratify: iris.labels,
    });
    sg.setSeed(13);
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [3] })] });
    const metrics = ['mae', M.rootMeanSquaredError(), M.r2Score()];
    model.compile({ optimizer: sg.train.adam(0.05), loss: 'meanSquaredError', metrics });
    await model.fit(x, sg.tensor2d(y, [120, 1]), { epochs: 60, verbose: 0 });
    const found = numbers(model.predict(xTest) as sg.Tensor);
    const errors = wanted.map((v, i) => v - (found[i] as number));
    const [mae, mse] = [mean(errors.map(Math.abs)), mean(errors.map((e) => e * e))];
    const spread = mean(wanted.map((v) => (v - mean(wanted)) ** 2));
    for (const batchSize of [1, 8, 30]) {
      const got = (model.evaluate(xTest, sg.tensor2d(wanted, [30, 1]), { batchSize }) as sg.Tensor[]).flatMap(numbers);
      expectClose(got, [mse, mae, Math.sqrt(mse), 1 - mse / spread], 1e-5);
    }
    expect(sg.losses.meanAbsoluteError(wanted, found).dataSync()[0]).toBeCloseTo(mae, 6);
    expect(sg.losses.meanSquaredError(wanted, found).dataSync()[0]).toBeCloseTo(mse, 6);
    expect(mse).toBeLessThan(spread / 6);
    expect(mae).toBeLessThan(0.25);
  });
});

describe('cross-validation', () => {
  it('five folds of iris: each flower is tested once by a model that has not seen it', async () => {
    const tested: number[] = [];
    const accuracies: number[] = [];
    for (const [train, test] of kFold({ nSplits: 5, shuffle: true, randomState: 42, stratify: iris.labels }).split(
      iris.x,
    )) {
      expect(train.some((i) => test.includes(i))).toBe(false);
      expect([train.length, test.length]).toEqual([120, 30]);
      const at = (rows: Int32Array): number[] => Array.from(rows, (i) => iris.labels[i] as number);
      expect(counts(at(test))).toEqual([10, 10, 10]);
      // What is learned of the features is learned of the training part alone.
      const scaler = standardScaler().fit(sg.gather(sg.tensor2d(iris.x), train));
      const model = await classifier(scaler.transform(sg.gather(sg.tensor2d(iris.x), train)), at(train));
      accuracies.push(accuracyOf(model, scaler.transform(sg.gather(sg.tensor2d(iris.x), test)), at(test)));
      tested.push(...test);
    }
    expect(ascending(tested)).toEqual(ids);
    expect(Math.min(...accuracies)).toBeGreaterThanOrEqual(0.9);
    expect(mean(accuracies)).toBeGreaterThan(0.94);
  });

  it('the whole way of section 6, repeatable: compile, fit with validation, evaluate, predict', async () => {
    const scaled = standardScaler().fitTransform(iris.x);
    const settings = { testSize: 0.2, randomState: 42 };
    const [rest, xTest, labels, wanted] = trainTestSplit(scaled, iris.labels, { ...settings, stratify: iris.labels });
    const [x, xVal, y, yVal] = trainTestSplit(rest, labels, { ...settings, stratify: labels });
    const run = async () => {
      sg.setSeed(20);
      const model = sg.sequential({
        layers: [
          sg.layers.dense({ units: 16, activation: 'relu', inputShape: [4] }),
          sg.layers.dropout({ rate: 0.2 }),
          sg.layers.dense({ units: 3, activation: 'softmax' }),
        ],
      });
      model.compile({ loss: 'sparse_categorical_crossentropy', optimizer: 'adam', metrics: ['accuracy'] });
      const validationData = [xVal, sg.tensor1d(yVal, 'int32')] as const;
      const args = { epochs: 100, batchSize: 8, validationData, verbose: 0 };
      const { history } = await model.fit(x, sg.tensor1d(y, 'int32'), args);
      return { model, history };
    };
    const { model, history } = await run();
    expect(Object.keys(history).sort()).toEqual(['acc', 'loss', 'val_acc', 'val_loss']);
    const [, accuracy] = model.evaluate(xTest, sg.tensor1d(wanted, 'int32')) as sg.Tensor[];
    expect(accuracy?.dataSync()[0]).toBeGreaterThan(0.9);
    expect(accuracy?.dataSync()[0]).toBeCloseTo(accuracyOf(model, xTest, wanted), 6);
    const again = await run();
    expect(again.history).toEqual(history);
    expect(weightsOf(again.model)).toEqual(weightsOf(model));
  });
});

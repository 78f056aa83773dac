/** `sg.metrics` called with tensors, beside TensorFlow.js; undefined values and wrong input. */
import '@tensorflow/tfjs-backend-cpu';
import * as tfc from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random, values } from '../models/helpers';
import { expectClose } from '../support/compare';

type Tensor = sg.Tensor;
type Fn = (y: unknown, p: unknown) => Tensor;

describe('with tensors, as TensorFlow.js', () => {
  const distributions = (seed: number, shape: number[]): Tensor => sg.tidy(() => random(seed, shape, -2, 2).softmax());
  const bits = (seed: number, shape: number[]): Tensor => sg.tidy(() => random(seed, shape).greater(0).cast('float32'));
  const hot = (seed: number, [n, c]: number[]): Tensor =>
    sg.tidy(() =>
      sg
        .oneHot(
          random(seed, [n as number, c as number])
            .argMax(-1)
            .cast('int32'),
          c as number,
        )
        .cast('float32'),
    );
  const reals = (seed: number, shape: number[]): Tensor => random(seed, shape, 0.5, 3);
  const cases: [string, (seed: number, shape: number[]) => Tensor, (seed: number, shape: number[]) => Tensor][] = [
    ['binaryAccuracy', bits, distributions],
    ['binaryCrossentropy', bits, distributions],
    ['categoricalAccuracy', hot, distributions],
    ['categoricalCrossentropy', hot, distributions],
    ['cosineProximity', reals, reals],
    ['meanAbsoluteError', reals, reals],
    ['meanAbsolutePercentageError', reals, reals],
    ['meanSquaredError', reals, reals],
    ...['MAPE', 'mape', 'MSE', 'mse'].map((name) => [name, reals, reals] as never),
    ['precision', bits, bits],
    ['recall', bits, bits],
    ['r2Score', reals, reals],
  ];

  it.each(cases)('%s', async (name, y, p) => {
    await tfc.setBackend('cpu');
    for (const shape of [
      [7, 3],
      [1, 4],
      [33, 2],
    ]) {
      const [a, b] = [y(1, shape), p(2, shape)];
      const theirs = (tfl.metrics as unknown as Record<string, (y: tfc.Tensor, p: tfc.Tensor) => tfc.Tensor>)[name]?.(
        tfc.tensor(values(a), shape),
        tfc.tensor(values(b), shape),
      ) as tfc.Tensor;
      const ours = (sg.metrics as unknown as Record<string, Fn>)[name]?.(a, b) as Tensor;
      expect(ours.shape).toEqual(theirs.shape);
      expectClose(ours.dataSync(), theirs.dataSync(), 2e-6);
    }
  });

  it('sparseCategoricalAccuracy', () => {
    const p = distributions(3, [9, 4]);
    const y = sg.tensor1d([0, 1, 2, 3, 0, 1, 2, 3, 0]);
    const theirs = tfl.metrics.sparseCategoricalAccuracy(tfc.tensor1d(values(y)), tfc.tensor2d(values(p), [9, 4]));
    expect(values(sg.metrics.sparseCategoricalAccuracy(y, p))).toEqual([...theirs.dataSync()]);
    expect(values(sg.metrics.sparseCategoricalAccuracy(y.reshape([9, 1]), p))).toEqual([...theirs.dataSync()]);
  });

  it.each(['meanSquaredError', 'meanAbsoluteError'] as const)('%s: a scalar stands for all elements', (name) => {
    const y = random(5, [6, 3]);
    for (const [a, b] of [
      [y, y.mean()],
      [y.mean(), y],
    ] as [Tensor, Tensor][]) {
      const [c, d] = [a, b].map((t) => tfc.tensor(values(t), t.shape)) as [tfc.Tensor, tfc.Tensor];
      const [ours, theirs] = [sg.metrics[name](a, b), tfl.metrics[name](c, d)];
      expect(ours.shape).toEqual(theirs.shape);
      expectClose(ours.dataSync(), theirs.dataSync(), 2e-6);
    }
    expect(() => sg.metrics[name](y, sg.ones([3]))).toThrow(sg.ShapeError);
  });

  it('TensorFlow.js has no others, nor are there others in the list of names', () => {
    expect(Object.keys(tfl.metrics).filter((k) => !(k in sg.metrics))).toEqual([]);
  });
});

describe('the value of the tensors', () => {
  it('counts weights, takes settings, or the first of them alone; leaves nothing behind', () => {
    const [y, p] = [sg.tensor1d([0, 1, 1, 0]), sg.tensor1d([0.6, 0.7, 0.2, 0.1])];
    const before = sg.memory().numTensors;
    const read = (t: Tensor): unknown => {
      const value = t.arraySync();
      t.dispose();
      return value;
    };
    expect(read(sg.metrics.precision(y, p, { sampleWeight: [3, 1, 1, 1] }))).toBe(0.25);
    expect(read(sg.metrics.precision(y, p, [0.5, 0.65]))).toEqual([0.5, 1]);
    expect(read(sg.metrics.f1Score(y, p, { threshold: 0.15 }))).toBe(Math.fround(0.8));
    expect(read(sg.metrics.confusionMatrix(y, p))).toEqual([
      [1, 1],
      [1, 1],
    ]);
    // Scores of both classes, and one of them for each example.
    const both = [
      [0.9, 0.2],
      [0.6, 0.7],
      [0.1, 0.3],
    ];
    expect(
      read(
        sg.metrics.confusionMatrix(
          [
            [1, 0],
            [1, 0],
            [0, 1],
          ],
          both,
        ),
      ),
    ).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(read(sg.metrics.meanAbsoluteError([[1, 2]], [[2, 4]], { sampleWeight: [2] }))).toBe(1.5);
    expect(
      read(
        sg.metrics.meanAbsoluteError(
          [
            [1, 2],
            [0, 0],
          ],
          [
            [2, 4],
            [0, 1],
          ],
        ),
      ),
    ).toEqual([1.5, 0.5]);
    expect(read(sg.metrics.binaryAccuracy([[1, 0]], [[0.3, 0.3]], 0.2))).toEqual([0.5]);
    expect(
      read(
        sg.metrics.r2Score(
          [
            [1, 5],
            [2, 6],
          ],
          [
            [1, 5],
            [2, 7],
          ],
          { classAggregation: null },
        ),
      ),
    ).toEqual([1, -1]);
    expect(
      read(
        sg.metrics.auc(
          [
            [1, 0],
            [0, 1],
          ],
          [
            [0.9, 0.1],
            [0.2, 0.8],
          ],
          { curve: 'PR' },
        ),
      ),
    ).toBe(1);
    expect(sg.memory().numTensors).toBe(before);
  });

  it('is not known while a function is traced', () => {
    const f = sg.jit((p: Tensor) => sg.metrics.auc(sg.ones([2]), p));
    expect(() => f(sg.ones([2]))).toThrow(sg.StateError);
    expect(values(sg.jit((p: Tensor) => sg.metrics.mse(sg.ones([2, 1]), p))(sg.zeros([2, 1])))).toEqual([1, 1]);
  });

  it('TypeScript knows numbers from lists', () => {
    const one: sg.metrics.Metric = sg.metrics.precision({ thresholds: 0.5 });
    const list: sg.metrics.Metric<number[]> = sg.metrics.precision({ thresholds: [0.1, 0.5] });
    const each: sg.metrics.Metric<number[]> = sg.metrics.f1Score({ average: null });
    expect([one.result(), list.result(), each.result()]).toEqual([0, [0, 0], []]);
  });
});

describe('values of their own', () => {
  it('mean and sum', () => {
    const [mean, sum] = [sg.metrics.mean(), sg.metrics.sum({ name: 's' })];
    expect([mean.result(), sum.result(), sum.name]).toEqual([Number.NaN, 0, 's']);
    for (const metric of [mean, sum]) {
      metric.updateState(
        sg.tensor2d([
          [1, 3],
          [5, 7],
        ]),
      );
      metric.updateState(sg.tensor2d([[10, 20]]), sg.tensor1d([0.5]));
      metric.updateState(sg.scalar(4));
      metric.updateState(sg.zeros([0, 2]));
    }
    expect(sum.result()).toBe(16 + 15 + 4);
    expect(mean.result()).toBe(35 / 6);
    mean.resetState();
    expect(mean.result()).toBeNaN();
  });

  it('in a compiled step', () => {
    const metric = sg.metrics.mean();
    const step = sg.jit((x: Tensor): void => metric.updateState(x.square()));
    for (const v of [1, 2, 3]) step(sg.tensor1d([v]));
    expect(metric.result()).toBe(14 / 3);
  });

  it('a mean of a function', () => {
    const metric = sg.metrics.meanMetricWrapper({ fn: (y, p) => p.sub(y).max(-1), name: 'most' });
    metric.updateState(
      sg.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      sg.tensor2d([
        [2, 2],
        [3, 8],
      ]),
      sg.tensor1d([3, 1]),
    );
    expect([metric.name, metric.result()]).toEqual(['most', 7 / 4]);
    expect(() => sg.metrics.meanMetricWrapper({ fn: 'mse' as never })).toThrow(/fn must be a function/);
  });
});

describe('undefined values', () => {
  const empty = (width: number): [Tensor, Tensor] => [sg.zeros([0, width]), sg.zeros([0, width])];
  /** Of nothing: counts are 0, means are not there. */
  const nothing: Record<string, unknown> = {
    auc: Number.NaN,
    r2Score: Number.NaN,
    pearsonCorrelation: Number.NaN,
    meanSquaredError: Number.NaN,
    categoricalAccuracy: Number.NaN,
    precision: 0,
    f1Score: 0,
    recallAtPrecision: 0,
    truePositives: 0,
    meanIoU: 0,
    confusionMatrix: [
      [0, 0],
      [0, 0],
    ],
  };
  it.each(Object.entries(nothing))('%s of no example', (name, expected) => {
    for (const width of [1, 2]) {
      const metric = (sg.metrics as unknown as Record<string, () => sg.metrics.Metric<unknown>>)[
        name
      ]?.() as sg.metrics.Metric<unknown>;
      expect(metric.result()).toEqual(expected);
      metric.updateState(...empty(width));
      expect(metric.result()).toEqual(expected);
      metric.updateState(...empty(width), sg.zeros([0]));
      expect(metric.result()).toEqual(expected);
    }
  });

  const value = (metric: sg.metrics.Metric<unknown>, y: number[], p: number[], w?: number[]): unknown => {
    metric.updateState(sg.tensor1d(y), sg.tensor1d(p), w && sg.tensor1d(w));
    return metric.result();
  };

  it('one class, no prediction, no weight, targets that do not vary', () => {
    const { auc, precision, recall, f1Score, r2Score, pearsonCorrelation } = sg.metrics;
    expect(value(auc(), [1, 1], [0.2, 0.4])).toBeNaN();
    expect(value(auc({ numThresholds: 5 }), [0, 0], [0.2, 0.4])).toBeNaN();
    expect(value(auc({ curve: 'PR' }), [0, 0], [0.2, 0.4])).toBe(0);
    expect(value(auc({ curve: 'PR' }), [1, 1], [0.2, 0.4])).toBe(1);
    expect(value(auc(), [1, 0], [0.2, 0.4], [0, 1])).toBeNaN();
    expect(value(precision(), [1, 1], [0.2, 0.4])).toBe(0);
    expect(value(recall(), [0, 0], [0.8, 0.9])).toBe(0);
    expect(value(f1Score(), [0, 0], [0.2, 0.1])).toBe(0);
    expect(value(r2Score(), [2, 2], [2, 2])).toBe(1);
    expect(value(r2Score(), [2, 2], [2, 3])).toBe(0);
    expect(value(r2Score({ numRegressors: 1 }), [1, 2], [1, 3])).toBeNaN();
    expect(value(pearsonCorrelation(), [1, 2], [3, 3])).toBeNaN();
  });

  it('NaN and infinities', () => {
    const { auc, precision, f1Score, r2Score, binaryIoU, truePositives, recallAtPrecision } = sg.metrics;
    for (const metric of [
      auc(),
      auc({ numThresholds: 9 }),
      auc({ curve: 'PR' }),
      precision(),
      f1Score(),
      r2Score(),
      truePositives(),
    ]) {
      expect(value(metric, [1, 0, 1], [0.3, Number.NaN, 0.8])).toBeNaN();
      metric.resetState();
      expect(value(metric, [1, Number.NaN, 1], [0.3, 0.1, 0.8])).toBeNaN();
    }
    expect(value(auc(), [1, 0, 1], [Infinity, -Infinity, 3])).toBe(1);
    expect(value(precision(), [1, 0, 1], [Infinity, Infinity, -Infinity])).toBe(0.5);
    expect(value(recallAtPrecision({ precision: 1 }), [1, 0], [Infinity, 2])).toBe(1);
    expect(value(binaryIoU(), [Number.NaN, 1], [0.1, 0.2])).toBeNaN();
  });

  it('top k: of equal predictions all are among them, NaN never', () => {
    const p = sg.tensor2d([
      [1, 1, 1, 0],
      [1, 2, 3, Number.NaN],
      [3, 2, 1, 0],
    ]);
    const of = (k: number): number[] => values(sg.metrics.sparseTopKCategoricalAccuracy(sg.tensor1d([2, 3, 1]), p, k));
    expect([1, 2, 3, 4, 9].map(of)).toEqual([
      [1, 0, 0],
      [1, 0, 1],
      [1, 0, 1],
      [1, 0, 1],
      [1, 0, 1],
    ]);
    expect(values(sg.metrics.sparseTopKCategoricalAccuracy([7], [[1, 2]], 2))).toEqual([0]);
  });
});

describe('wrong input', () => {
  const { metrics: m } = sg;
  const update = (metric: sg.metrics.Metric<unknown>, y: Tensor, p: Tensor, w?: Tensor) => (): void => {
    metric.updateState(sg.zeros([2, 3]), sg.ones([2, 3]));
    const before = metric.result();
    try {
      metric.updateState(y, p, w);
    } finally {
      // What was counted is neither lost nor half changed.
      expect(metric.result()).toEqual(before);
    }
  };
  const [y, p] = [sg.zeros([4, 3]), sg.ones([4, 3])];

  it.each([
    [
      'targets of another shape',
      update(m.precision(), sg.zeros([4, 2]), p),
      /precision: targets \[4, 2\] and predictions \[4, 3\]/,
    ],
    ['another number of rows', update(m.auc(), sg.zeros([5]), p), /auc: targets \[5\]/],
    ['weights that do not fit', update(m.recall(), y, p, sg.ones([3])), /recall: sample weights \[3\]/],
    ['weights of means', update(m.meanSquaredError(), y, p, sg.ones([3])), /meanSquaredError: sample weights \[3\]/],
    ['weights of pairs', update(m.r2Score(), y, p, sg.ones([3])), /r2Score: sample weights \[3\]/],
    ['weights within a row', update(m.pearsonCorrelation(), y, p, y), /pearsonCorrelation: sample weights \[4, 3\]/],
    [
      'three dimensions',
      update(m.r2Score(), sg.ones([2, 2, 2]), sg.ones([2, 2, 2])),
      /r2Score: needs predictions \[n\]/,
    ],
    ['average binary', update(m.f1Score(), y, sg.ones([4, 2])), /f1Score: targets/],
    ['labelWeights', () => m.auc(y, p, { labelWeights: [1, 2] }), /auc: labelWeights must be 3/],
    [
      'binary of several',
      () => m.f1Score(y, p, { average: 'binary' }),
      /f1Score: average 'binary' needs one prediction/,
    ],
    ['sizes of classes', () => m.meanIoU([1, 0], [1, 0, 1]), /meanIoU: targets \[2\] and predictions \[3\]/],
  ])('%s: ShapeError', (_, run, message) => {
    expect(run).toThrow(sg.ShapeError);
    expect(run).toThrow(message);
  });

  it.each([
    [
      'class of a target',
      () =>
        m.f1Score(
          [0, 3],
          [
            [0.1, 0.9, 0],
            [1, 0, 0],
          ],
        ),
      /class of a target/,
    ],
    ['cells', () => m.confusionMatrix([0, 2], [1, 0], 2), /./],
    ['cells of predictions', () => m.meanIoU([0, 1], [1, 7], 3), /./],
    ['negative ones', () => m.meanIoU([0, -1], [1, 1], 3), /./],
    ['classId', () => m.precision(y, p, { classId: 3 }), /precision: classId must be below 3/],
  ])('%s: IndexError', (_, run, message) => {
    expect(run).toThrow(sg.IndexError);
    expect(run).toThrow(message);
  });

  const refused: [run: () => unknown, message: RegExp][] = [
    [
      () => m.precision({ thresholds: 'high' as never }),
      /precision: thresholds must be a number or a list of numbers, or null, got 'high'/,
    ],
    [
      () => m.precision({ tresholds: 1 } as never),
      /unknown setting 'tresholds'; did you mean 'thresholds'\? known are thresholds, topK, classId, average, name/,
    ],
    [
      () => m.precision({ average: null, thresholds: [0.1, 0.2] } as never),
      /average null thresholds must be one number/,
    ],
    [() => m.f1Score({ average: 'mean' as never }), /average must be one of 'macro'/],
    [() => m.fBetaScore({ beta: 0 }), /beta must be a finite number > 0/],
    [() => m.auc({ numThresholds: 1 }), /numThresholds must be an integer from 2 to 1000000/],
    [() => m.auc({ curve: 'roc' as never }), /curve must be one of 'ROC', 'PR', 'PRGAIN'/],
    [() => m.recallAtPrecision({ precision: 1.5 }), /precision must be a number from 0 to 1/],
    [() => m.iou({ numClasses: 2, targetClassIds: [2] }), /targetClassIds must be below 2/],
    [() => m.topKCategoricalAccuracy({ k: 0 }), /k must be a positive integer/],
    [() => m.precision(y, p, { topK: 4 }), /precision: topK must be at most 3/],
    [() => m.pearsonCorrelation({ axis: 2 }), /axis must be 0, 1 or -1/],
    [() => m.r2Score({ classAggregation: 'sum' as never }), /classAggregation must be one of/],
    [() => m.meanSquaredError({ reduction: 'sum' } as never), /meanSquaredError: a metric has no reduction/],
    [() => m.binaryCrossentropy({ labelSmoothing: 2 }), /labelSmoothing/],
    [() => m.mse(y, p, 3 as never), /meanSquaredError: the third argument/],
    [() => m.auc({ name: '' }), /auc: name must be a string/],
    [() => m.auc('a' as never, p), /auc: yTrue must be a tensor/],
  ];
  it.each(refused.map(([run, message]) => [message.source, run, message] as const))(
    'ArgumentError: %s',
    (_, run, message) => {
      expect(run).toThrow(sg.ArgumentError);
      expect(run).toThrow(message);
    },
  );
});

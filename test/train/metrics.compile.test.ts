/** Metrics in models: names, settings, batches, masks; and what is refused. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import goldens from '../goldens/metrics.json';
import { linear, read } from '../models/helpers';

type Tensor = sg.Tensor;
type Row = [metric: string, config: Record<string, unknown>, y: number, p: number, w: number | null, value: unknown];
const factories = sg.metrics as unknown as Record<string, (settings?: object) => sg.metrics.Metric<unknown>>;
const array = (i: number): Tensor => sg.tensor(goldens.arrays[i] as number[]);

/** A model whose outputs are its inputs. */
const mirror = (width: number, metrics: unknown[], weightedMetrics: unknown[] = []): sg.Sequential => {
  const model = sg.sequential({ layers: [sg.layers.activation({ activation: 'linear', inputShape: [width] })] });
  model.compile({
    optimizer: 'sgd',
    loss: (_: Tensor, p: Tensor) => sg.sum(sg.zerosLike(p)),
    metrics,
    weightedMetrics,
  } as sg.CompileArgs);
  return model;
};

/** One row of each metric and each of its settings, with several examples and one number as its value. */
const rows = (goldens.metrics as Row[]).filter(
  ([name, config, , p, , value], i, all) =>
    typeof value === 'number' &&
    (goldens.arrays[p] as unknown[]).length > 16 &&
    all.findIndex(
      (r) =>
        r[0] === name &&
        JSON.stringify(r[1]) === JSON.stringify(config) &&
        typeof r[5] === 'number' &&
        (goldens.arrays[r[3]] as unknown[]).length > 16,
    ) === i,
);

describe('evaluate has the same bits for all batch sizes', () => {
  it.each(rows.map((r, i) => [`${r[0]} ${JSON.stringify(r[1])}, ${i}`, r] as const))('%s', (_, row) => {
    const [name, config, y, p] = row;
    const predictions = sg.tidy(() => (array(p).rank < 2 ? array(p).reshape([-1, 1]) : array(p).alias()));
    const targets = array(y);
    const [n, width] = predictions.shape as [number, number];
    const weights = sg.tensor1d(Array.from({ length: n }, (_, i) => (i % 5) / 3));
    const metric = factories[name]?.(config) as sg.metrics.Metric;
    const model = mirror(width, [metric], [metric]);
    const results = [1, 7, 32, n].map((batchSize) =>
      read(model.evaluate(predictions, targets, { batchSize, sampleWeight: weights })).slice(1),
    );
    for (const result of results) expect(result).toEqual(results[0]);
    // And those of updating it by hand, in one go.
    const byHand = [undefined, weights].map((w) => {
      metric.resetState();
      metric.updateState(targets, predictions, w);
      return Math.fround(metric.result());
    });
    expect(results[0]).toEqual(byHand);
    model.dispose();
  });
});

describe('compile', () => {
  const namesOf = (metrics: unknown[], loss = 'binaryCrossentropy'): readonly string[] => {
    const model = linear(3, 1, { activation: 'sigmoid' });
    model.compile({ optimizer: 'sgd', loss, metrics } as sg.CompileArgs);
    return model.metricsNames.slice(1);
  };

  it('takes names in either spelling, functions, factories, metrics and their settings', () => {
    const f = (y: Tensor, p: Tensor): Tensor => p.sub(y).abs();
    const given = [
      'accuracy',
      'mean_absolute_error',
      'MSE',
      'AUC',
      'f1_score',
      'r2Score',
      'huber',
      f,
      sg.metrics.recall,
    ];
    expect(namesOf([...given, sg.losses.huber, sg.metrics.precision({ thresholds: 0.7, name: 'p' })])).toEqual([
      'acc',
      'mean_absolute_error',
      'MSE',
      'AUC',
      'f1_score',
      'r2Score',
      'huber',
      'f',
      'recall',
      'huber_1',
      'p',
    ]);
    expect(namesOf([{ className: 'Precision', config: { name: 'q', thresholds: 0.2 } }])).toEqual(['q']);
    expect(namesOf([sg.metrics.meanMetricWrapper({ fn: f, name: 'away' })])).toEqual(['away']);
  });

  it('every name of sg.metrics that makes a number is a string for compile', () => {
    const others =
      /^(Metric|MeanMetric|meanMetricWrapper|mean|sum|serialize|deserialize|classificationReport|confusionMatrix|rocCurve|precisionRecallCurve)$/;
    for (const name of Object.keys(sg.metrics).filter((k) => !others.test(k)))
      expect(namesOf([name])).toEqual([name === 'accuracy' ? 'acc' : name]);
  });

  it.each([
    ['lists', sg.metrics.f1Score({ average: null }), /f1Score does not give one number/],
    ['matrices', 'confusionMatrix', /confusionMatrix does not give one number/],
    ['means of values', sg.metrics.mean(), /mean does not give one number/],
    ['unknown names', 'f2Score', /unknown metric 'f2Score'; did you mean 'f1Score'\? known are truePositives, /],
    ['other things', 7, /a metric must be a name, a function or a metric, got 7/],
    [
      'unknown settings',
      { className: 'Precision', config: { treshold: 1 } },
      /unknown setting 'treshold'; did you mean 'thresholds'\? known are thresholds/,
    ],
    ['unknown classes', { className: 'Own', config: { a: 1 } }, /unknown metric 'Own'/],
  ])('refuses %s', (_, metric, message) => {
    expect(() => namesOf([metric])).toThrow(sg.ArgumentError);
    expect(() => namesOf([metric])).toThrow(message);
  });

  it('logs metrics of the whole epoch, in training too', async () => {
    const n = 50;
    const x = sg.tensor2d(Array.from({ length: n }, (_, i) => [Math.fround(((i * 37) % 50) / 50)]));
    const y = sg.tensor2d(Array.from({ length: n }, (_, i) => [i % 3 === 0 ? 1 : 0]));
    const runs = [];
    for (const batchSize of [1, 7, 50]) {
      const model = linear(1, 1, { useBias: false, kernelInitializer: 'ones' });
      const metrics = ['auc', 'precision', 'f1Score', 'r2Score', 'rootMeanSquaredError'];
      model.compile({ optimizer: sg.train.sgd(0), loss: 'mse', metrics });
      const { history } = await model.fit(x, y, {
        batchSize,
        epochs: 2,
        shuffle: false,
        verbose: 0,
        validationData: [x, y],
      });
      expect(history.auc?.[1]).toBe(history.val_auc?.[0]);
      runs.push(history);
    }
    for (const run of runs) expect({ ...run, loss: 0, val_loss: 0 }).toEqual({ ...runs[0], loss: 0, val_loss: 0 });
    expect(Math.fround(runs[0]?.auc?.[0] as number)).toBe(read(sg.metrics.auc(y, x))[0]);
  });

  it('masked positions do not count', () => {
    const model = sg.sequential({
      layers: [
        sg.layers.embedding({ inputDim: 4, outputDim: 2, maskZero: true, inputLength: 3 }),
        sg.layers.timeDistributed({ layer: sg.layers.dense({ units: 2, activation: 'softmax' }) }),
      ],
    });
    model.compile({
      optimizer: 'sgd',
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy', sg.metrics.recall()],
      weightedMetrics: ['accuracy'],
    });
    const x = sg.tensor2d([
      [1, 2, 0],
      [3, 0, 0],
    ]);
    const found = sg.tidy(() => (model.predict(x) as Tensor).argMax(-1));
    // Right where it counts, wrong elsewhere.
    const y = sg.tidy(() => sg.where(x.notEqual(0), found, sg.sub(1, found)).cast('float32'));
    const sampleWeight = sg.tensor1d([1, 2]);
    expect(read(model.evaluate(x, y, { sampleWeight })).slice(1)).toEqual([1, 1, 1]);
  });
});

describe('saved and made again', () => {
  const settings: Record<string, object[]> = {
    precision: [{}, { thresholds: [0.2, 0.7] }, { topK: 2, classId: 1, name: 'x' }, { average: null }],
    auc: [{ numThresholds: 50, curve: 'PR', multiLabel: true, labelWeights: [1, 2, 3, 4, 5] }],
    r2Score: [{ classAggregation: null }],
    meanIoU: [{ numClasses: 5, sparseYPred: false, sparseYTrue: false }],
    binaryCrossentropy: [{ labelSmoothing: 0.2 }],
    fBetaScore: [{ beta: 0.5, average: 'weighted' }],
  };
  const makers = Object.keys(sg.metrics).filter((k) => /^[a-z]/.test(k) && !/serialize|Report|Wrapper|Curve$/.test(k));
  const predictions = sg.tidy(() => sg.randomUniform([9, 5], 0.1, 0.9, 'float32', 3));
  const targets = sg.tidy(() => sg.oneHot(sg.tensor1d([0, 1, 2, 3, 4, 0, 1, 2, 0], 'int32'), 5).cast('float32'));

  it.each(makers.flatMap((k) => (settings[k] ?? [{}]).map((s) => [k, s] as const)))('%s %j', (name, given) => {
    const metric = factories[name]?.(given) as sg.metrics.Metric<unknown>;
    const text = JSON.stringify(sg.metrics.serialize(metric));
    const copy = sg.metrics.deserialize(JSON.parse(text));
    expect(JSON.stringify(sg.metrics.serialize(copy))).toBe(text);
    expect(copy.getConfig()).toMatchObject({ ...metric.getConfig() });
    if (/mean$|sum|iou|binaryIoU|confusionMatrix|meanIoU|parse/i.test(name) && name !== 'meanIoU') return;
    if (name.startsWith('sparse')) return;
    for (const m of [metric, copy]) m.updateState(targets, predictions);
    expect(copy.result()).toEqual(metric.result());
  });

  it('classes of your own', () => {
    class Largest extends sg.metrics.Metric {
      addition(_: Tensor, yPred: Tensor) {
        return { kind: 'log' as const, values: yPred.reshape([-1, 1]) };
      }
      value(total: ArrayLike<number>): number {
        return Math.max(...Array.from(total));
      }
    }
    sg.serialization.registerClass(Largest, 'mine');
    const saved = sg.metrics.serialize(new Largest('top'));
    expect(saved).toEqual({ className: 'mine>Largest', config: { name: 'top' } });
    const model = mirror(5, [saved, new Largest('other')]);
    expect(model.metricsNames).toEqual(['loss', 'top', 'other']);
    const largest = predictions.max().dataSync()[0];
    expect(read(model.evaluate(predictions, targets, { batchSize: 4 })).slice(1)).toEqual([largest, largest]);
  });
});

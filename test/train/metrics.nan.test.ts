/** NaN among targets and predictions, and classes that do not exist. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

type Metric = sg.metrics.Metric<unknown>;
const { metrics: m } = sg;

const flat = (v: unknown): number[] => (Array.isArray(v) ? v.flatMap(flat) : [v as number]);

/** All values of a metric of these. */
function valuesOf(metric: Metric, y: sg.TensorLike, p: sg.TensorLike, w?: sg.TensorLike): number[] {
  metric.updateState(sg.tensor(y), sg.tensor(p), w === undefined ? undefined : sg.tensor(w));
  return flat(metric.result());
}

const vectors: Record<string, () => Metric> = {
  truePositives: m.truePositives,
  trueNegatives: m.trueNegatives,
  falsePositives: m.falsePositives,
  falseNegatives: m.falseNegatives,
  precision: m.precision,
  'recall with thresholds': () => m.recall({ thresholds: [0.2, 0.7] }),
  f1Score: m.f1Score,
  'fBetaScore by a threshold': () => m.fBetaScore({ beta: 2, threshold: 0.3 }),
  auc: m.auc,
  'auc of thresholds': () => m.auc({ numThresholds: 9 }),
  'auc of logits': () => m.auc({ numThresholds: 9, fromLogits: true }),
  'auc PR': () => m.auc({ curve: 'PR' }),
  'auc PRGAIN': () => m.auc({ curve: 'PRGAIN' }),
  precisionAtRecall: m.precisionAtRecall,
  recallAtPrecision: m.recallAtPrecision,
  sensitivityAtSpecificity: m.sensitivityAtSpecificity,
  'specificityAtSensitivity of thresholds': () => m.specificityAtSensitivity({ numThresholds: 9 }),
  confusionMatrix: m.confusionMatrix,
  'confusionMatrix of shares': () => m.confusionMatrix({ normalize: 'true' }),
  iou: m.iou,
  'iou of one class': () => m.iou({ targetClassIds: [1] }),
  meanIoU: m.meanIoU,
  binaryIoU: m.binaryIoU,
  'binaryIoU of one class': () => m.binaryIoU({ targetClassIds: [1] }),
  pearsonCorrelation: m.pearsonCorrelation,
  concordanceCorrelation: m.concordanceCorrelation,
  r2Score: m.r2Score,
};

const rows: Record<string, () => Metric> = {
  ...Object.fromEntries(
    Object.entries(vectors).filter(([name]) => !/iou|matrix|r2|correlation/i.test(name) && name !== 'f1Score'),
  ),
  'precision of the largest': () => m.precision({ average: 'macro' }),
  'precision topK': () => m.precision({ topK: 1 }),
  'recall of each class': () => m.recall({ topK: 2, average: 'micro' }),
  'f1Score macro': () => m.f1Score({ average: 'macro' }),
  'f1Score weighted': () => m.f1Score({ average: 'weighted' }),
  'auc multiLabel': () => m.auc({ multiLabel: true }),
  'auc labelWeights': () => m.auc({ numThresholds: 9, labelWeights: [1, 2, 3] }),
  oneHotIoU: () => m.oneHotIoU({ numClasses: 3, targetClassIds: [0, 2] }),
  oneHotMeanIoU: () => m.oneHotMeanIoU({ numClasses: 3 }),
  confusionMatrix: () => m.confusionMatrix({ numClasses: 3 }),
  pearsonCorrelation: m.pearsonCorrelation,
  concordanceCorrelation: () => m.concordanceCorrelation({ axis: 0 }),
  r2Score: m.r2Score,
};

const hot = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const scores = [
  [0.5, 0.3, 0.2],
  [0.1, 0.7, 0.2],
  [0.2, 0.5, 0.3],
];
/** The same with NaN in one place. */
const spoilt = (table: number[][], i: number, j: number): number[][] =>
  table.map((row, r) => row.map((v, c) => (r === i && c === j ? Number.NaN : v)));

describe('NaN makes the value NaN', () => {
  it.each(Object.entries(vectors))('%s of vectors', (_, make) => {
    expect(valuesOf(make(), [1, 0, 1, 0], [1, 0, 0, 1]).some(Number.isFinite)).toBe(true);
    for (let i = 0; i < 4; i++) {
      const with_ = (list: number[]): number[] => list.map((v, k) => (k === i ? Number.NaN : v));
      for (const v of valuesOf(make(), with_([1, 0, 1, 0]), [1, 0, 0, 1])) expect(v).toBeNaN();
      for (const v of valuesOf(make(), [1, 0, 1, 0], with_([1, 0, 0, 1]))) expect(v).toBeNaN();
    }
  });

  it.each(Object.entries(rows))('%s of rows', (_, make) => {
    expect(valuesOf(make(), hot, scores).some(Number.isFinite)).toBe(true);
    for (let k = 0; k < 9; k++) {
      const [i, j] = [Math.floor(k / 3), k % 3];
      for (const v of valuesOf(make(), spoilt(hot, i, j), scores)) expect(v, `target ${i}, ${j}`).toBeNaN();
      for (const v of valuesOf(make(), hot, spoilt(scores, i, j))) expect(v, `prediction ${i}, ${j}`).toBeNaN();
    }
  });

  it.each([
    ['precision', m.precision],
    ['f1Score', m.f1Score],
    ['auc', m.auc],
    ['confusionMatrix', () => m.confusionMatrix({ numClasses: 3 })],
    ['meanIoU', () => m.meanIoU({ numClasses: 3, sparseYPred: false })],
  ])('%s of class indices and scores', (_, make) => {
    expect(valuesOf(make(), [0, 1, 2], scores).some(Number.isFinite)).toBe(true);
    for (const v of valuesOf(make(), [0, Number.NaN, 2], scores)) expect(v).toBeNaN();
  });

  it('but not where the target is a class that does not count', () => {
    const make = () => m.meanIoU({ numClasses: 2, ignoreClass: -1 });
    expect(valuesOf(make(), [0, 1, -1], [0, 1, Number.NaN])).toEqual([1]);
    expect(valuesOf(make(), [0, 1, Number.NaN], [0, 1, 0])).toEqual([Number.NaN]);
    expect(valuesOf(make(), [0, 1, -1], [0, 0, 1])).toEqual(valuesOf(make(), [0, 1], [0, 0]));
  });

  it('after more batches too, and no longer after a reset', () => {
    const metric = m.meanIoU();
    expect(valuesOf(metric, [0, 1], [Number.NaN, 1])).toEqual([Number.NaN]);
    expect(valuesOf(metric, [0, 1], [0, 1])).toEqual([Number.NaN]);
    metric.resetState();
    expect(valuesOf(metric, [0, 1], [0, 1])).toEqual([1]);
  });
});

describe('a class that does not exist', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['target', () => m.meanIoU([0, 5], [1, 1], 4), /^meanIoU: class of a target: index 5 is outside \[0, 4\)$/],
    ['prediction', () => m.iou([0, 1], [1, -1]), /^iou: class of a prediction: index -1 is outside \[0, 2\)$/],
    ['matrix', () => m.confusionMatrix([0, 2], [1, 0]), /^confusionMatrix: class of a target: index 2 .*\[0, 2\)$/],
    ['two classes', () => m.binaryIoU([0, 2], [1, 0]), /^binaryIoU: class of a target: index 2 .*\[0, 2\)$/],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(sg.IndexError);
    expect(run).toThrow(message);
  });

  it('in a compiled step, under the name of the metric', async () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 4, inputShape: [2] })] });
    const seen = m.meanIoU({ numClasses: 4, sparseYPred: false, name: 'seen' });
    model.compile({ optimizer: 'sgd', loss: (_, p) => p.mean(1).mul(0), metrics: [seen] });
    const fit = model.fit(sg.ones([2, 2]), sg.tensor2d([[0], [5]]), { verbose: 0 });
    await expect(fit).rejects.toThrow('seen: class of a target: index 5 is outside [0, 4)');
  });

  it('also classes whose product is one of a cell', () => {
    expect(() => m.confusionMatrix([2, -1], [-1, 2], 3)).toThrow(sg.IndexError);
  });
});

it.each(['README.md', 'src/train/metrics/metric.ts'])('the metric shown in %s takes long data', (path) => {
  const text = readFileSync(path, 'utf8').replace(/^ \* ?/gm, '');
  const [, source] = /(class MaxError [\s\S]*?\n})/.exec(text) as RegExpExecArray;
  const MaxError = new Function('sg', `return ${source}`)(sg) as new (name: string) => sg.metrics.Metric;
  const metric = new MaxError('maxError');
  metric.updateState(sg.range(0, 200_000), sg.zeros([200_000]));
  expect(metric.result()).toBe(199_999);
  expect(metric.direction).toBe('down');
});

/** Metrics against scikit-learn and Keras 3; the same bits whatever the batches are. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import goldens from '../goldens/metrics.json';
import { ownRows } from '../tables/metrics';

type Tensor = sg.Tensor;
type Nested = number | null | Nested[];
type Metric = sg.metrics.Metric<unknown>;
interface Factory {
  (settings?: object): Metric;
  (yTrue: sg.TensorLike, yPred: sg.TensorLike, settings?: unknown): Tensor;
}
const factories = sg.metrics as unknown as Record<string, Factory>;
type Row = [metric: string, config: Record<string, unknown>, y: number, p: number, w: number | null, value: Nested];
const rows = goldens.metrics as Row[];
const array = (i: number): sg.TensorLike => goldens.arrays[i] as number[];
const dataOf = ([, , y, p, w]: Row): Tensor[] => [y, p, ...(w === null ? [] : [w])].map((i) => sg.tensor(array(i)));
const titles = rows.map((r, i) => [`${r[0]} ${JSON.stringify(r[1])}, row ${i}`, r] as const);

const flat = (v: unknown): (number | null)[] => (Array.isArray(v) ? v.flatMap(flat) : [v as number | null]);

function check(actual: unknown, expected: Nested, tolerance: number): void {
  const [got, want] = [flat(actual), flat(expected)];
  expect(got.length).toBe(want.length);
  want.forEach((e, i) => {
    const a = got[i] as number;
    if (e === null) return expect(a).toBeNaN();
    const error = Math.abs(a - e) / Math.max(1, Math.abs(e));
    return expect(error, `${a} and ${e}`).toBeLessThanOrEqual(tolerance);
  });
}

/** Updates a metric with examples, some at a time. */
function feed(metric: Metric, data: readonly Tensor[], batch: number): unknown {
  const n = data[0]?.shape[0] as number;
  for (let at = 0; at < n; at += batch) {
    const parts = data.map((t) => t.slice(at, Math.min(batch, n - at)));
    metric.updateState(parts[0] as Tensor, parts[1] as Tensor, parts[2]);
    sg.dispose(parts);
  }
  const value = metric.result();
  metric.resetState();
  return value;
}

/** Counts and curves are exact but for the last bits of f64; means are of values in float32. */
const FLOAT32 = /^(mean(Abs|Sq)|root|logCosh|poisson|hinge|squaredH|categoricalH|kl|.*rossentropy|cosine)/;
/** Keras divides by sums that it adds 1e-7 to, or in float32. */
const BY_KERAS: Record<string, RegExp> = {
  f1Score: /"threshold":0.5/,
  fBetaScore: /"beta":3/,
  meanIoU: /ignoreClass/,
  oneHotIoU: /ignoreClass/,
  auc: /"multiLabel":true/,
  pearsonCorrelation: /{}/,
  concordanceCorrelation: /{}/,
  r2Score: /"numRegressors":3/,
};
const toleranceOf = (name: string, config: object): number =>
  FLOAT32.test(name) ? 1e-7 : BY_KERAS[name]?.test(JSON.stringify(config)) ? 5e-7 : 1e-14;

describe('as scikit-learn and Keras', () => {
  it.each(titles)('%s', (_, row) => {
    const [name, config, , , , value] = row;
    const data = dataOf(row);
    const metric = (factories[name] as Factory)(config);
    const n = data[0]?.shape[0] as number;
    const results = [n, 1, 7].map((batch) => feed(metric, data, batch));
    check(results[0], value, toleranceOf(name, config));
    // Bit for bit the same, NaN too.
    for (const result of results) expect(result).toEqual(results[0]);
    // Nothing is left: no counts, or no mean.
    for (const left of flat(metric.result())) expect(left === 0 || Number.isNaN(left)).toBe(true);
    metric.dispose();
    sg.dispose(data);
  });

  it.each(ownRows)('%s %j by hand', (name, config, y, p, value) => {
    const metric = (factories[name] as Factory)(config);
    const data = [sg.tensor(y as number[]), sg.tensor(p as number[])];
    const results = [y.length, 1, 2].map((batch) => feed(metric, data, batch));
    check(results[0], value, 1e-6);
    for (const result of results) expect(result).toEqual(results[0]);
    metric.dispose();
  });

  it('has rows of every metric', () => {
    const elsewhere =
      'deserialize serialize MeanMetric Metric classificationReport rocCurve precisionRecallCurve mean sum meanMetricWrapper'.split(
        ' ',
      );
    const known = new Set([...rows, ...ownRows].map((r) => factories[r[0]]));
    expect(Object.keys(factories).filter((k) => !elsewhere.includes(k) && !known.has(factories[k] as Factory))).toEqual(
      [],
    );
  });
});

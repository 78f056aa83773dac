/** Metrics of pairs of numbers over all examples: R², correlations. In f64, with means taken first. */

import { ones } from '../../ops/create/creation';
import { broadcastTo } from '../../ops/math/arithmetic';
import { concat, reshape } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import { lastOf, paired } from '../losses/loss';
import { spreadWeights } from '../losses/sample-weights';
import { sumOf } from './counts';
import type { MetricDefinition } from './metric';

/** One series: targets, predictions, weights. */
export interface Series {
  readonly y: readonly number[];
  readonly p: readonly number[];
  readonly w: readonly number[];
  /** Of the series as a whole. */
  readonly weight: number;
}

/**
 * A metric of pairs that are kept: rows of targets, predictions and weights.
 * @param axis of a series: 0, or that of the outputs, where there are several.
 * @throws ArgumentError for another axis
 */
export function pairwise<V>(
  name: string,
  axis: number,
  measure: (series: readonly Series[]) => V,
): MetricDefinition<V> {
  if (axis !== 0 && axis !== 1 && axis !== -1)
    throw new ArgumentError(`${name}: axis must be 0, 1 or -1, got ${show(axis)}`);
  const isByRow = (outputs: number): boolean => axis !== 0 && outputs > 1;
  return {
    addition(yTrue, yPred, weights) {
      const [y, p] = paired(name, yTrue, yPred);
      if (p.rank > 2)
        throw new ShapeError(`${name}: needs predictions [n] or [n, outputs], got ${showShape(yPred.shape)}`);
      const shape = [p.shape[0] ?? 1, p.rank < 2 ? 1 : lastOf(p)];
      // A row is weighed as a whole.
      const places = isByRow(shape[1] as number) ? shape.slice(0, 1) : shape;
      const w = weights ? spreadWeights(name, weights, places) : ones(places);
      const columns = reshape(w, [places[0] as number, places[1] ?? 1]);
      return { kind: 'log', values: concat([...[y, p].map((t) => reshape(t, shape)), broadcastTo(columns, shape)], 1) };
    },
    value(rows, width) {
      const outputs = width / 3;
      const n = width ? rows.length / width : 0;
      const at = (i: number, j: number): number => rows[i * width + j] as number;
      const byRow = isByRow(outputs);
      const [count, length] = byRow ? [n, outputs] : [outputs, n];
      const series = Array.from({ length: count }, (_, s) => {
        const part = (k: number): number[] =>
          Array.from({ length }, (_, i) => (byRow ? at(s, k * outputs + i) : at(i, k * outputs + s)));
        const w = part(2);
        return { y: part(0), p: part(1), w: byRow ? w.fill(1) : w, weight: byRow ? at(s, 2 * outputs) : 1 };
      });
      return measure(series);
    },
  };
}

const dot = (a: readonly number[], b: readonly number[], w: readonly number[]): number =>
  sumOf(w.map((v, i) => v * (a[i] as number) * (b[i] as number)));

/** Means, and sums of products of deviations from them. */
function moments({ y, p, w }: Series) {
  const total = sumOf(w);
  const mean = (v: readonly number[]): number => sumOf(v.map((x, i) => x * (w[i] as number))) / total;
  const [my, mp] = [mean(y), mean(p)];
  const [dy, dp] = [y.map((v) => v - my), p.map((v) => v - mp)];
  return { total, shift: my - mp, yy: dot(dy, dy, w), pp: dot(dp, dp, w), yp: dot(dy, dp, w) };
}

/** Pearson's correlation coefficient; NaN if either does not vary. */
export function pearson(series: Series): number {
  const { yy, pp, yp } = moments(series);
  return yp / (Math.sqrt(yy) * Math.sqrt(pp));
}

/** 2 cov / (var y + var p + (mean y - mean p)²), Lin (1989). */
export function concordance(series: Series): number {
  const { total, shift, yy, pp, yp } = moments(series);
  return (2 * yp) / (yy + pp + total * shift * shift);
}

/** Mean of the series, each weighed as a whole. */
export const meanOver =
  (measure: (series: Series) => number) =>
  (all: readonly Series[]): number =>
    sumOf(all.map((s) => measure(s) * s.weight)) / sumOf(all.map((s) => s.weight));

/** How the values of several outputs become one; null: they do not. */
export type ClassAggregation = 'uniformAverage' | 'varianceWeightedAverage' | null;

/** 1 - Σ (y - p)² / Σ (y - mean y)²; if y does not vary, 1 for right predictions and 0 for others, NaN of one alone. */
export function determination(
  all: readonly Series[],
  aggregation: ClassAggregation,
  regressors: number,
): number | number[] {
  const parts = all.map((series) => {
    const { yy } = moments(series);
    const e = series.y.map((v, i) => v - (series.p[i] as number));
    const residual = dot(e, e, series.w);
    const score = yy === 0 ? (residual === 0 ? 1 : 0 * residual) : 1 - residual / yy;
    return { score: series.y.length < 2 ? Number.NaN : score, yy };
  });
  const n = all[0]?.y.length ?? 0;
  const free = n - regressors - 1;
  const adjusted = (r: number): number =>
    regressors === 0 ? r : free > 0 ? 1 - ((1 - r) * (n - 1)) / free : Number.NaN;
  if (aggregation === null) return parts.map(({ score }) => adjusted(score));
  const total = sumOf(parts.map(({ yy }) => yy));
  // All constant: variances are no weights then.
  const isEven = aggregation === 'uniformAverage' || total === 0;
  const weights = parts.map(({ yy }) => (isEven ? 1 : yy));
  return adjusted(sumOf(parts.map(({ score }, i) => score * (weights[i] as number))) / sumOf(weights));
}

/** Metrics of curves: areas, and the best that is reached under a condition. */

import { tensor } from '../../ops/create/creation';
import { lowerBound } from '../../ops/indexing/sorting';
import { add, cast, clipByValue, mul, sigmoid, sub } from '../../ops/math/arithmetic';
import { concat, reshape } from '../../ops/shape/shaping';
import { ShapeError } from '../../support/errors';
import type { Tensor } from '../../tensor/tensor';
import { lastOf } from '../losses/loss';
import type { Addition } from '../totals/accumulator';
import { bucketCurve, type Curve, curveOf } from './curve';
import { type Labelled, labelled, only } from './labels';
import type { MetricDefinition } from './metric';

/** How scores are kept. */
export interface Scoring {
  /** Ascending; null: every score is a threshold. */
  readonly thresholds: readonly number[] | null;
  /** Whether each label has its own curve. */
  readonly multiLabel: boolean;
  /** Factors of the labels where they share a curve. */
  readonly labelWeights: readonly number[] | null;
  readonly fromLogits: boolean;
  /** The only class that is looked at. */
  readonly classId: number | null;
}

/** As many thresholds, evenly from 0 to 1. */
export const evenly = (count: number): number[] =>
  count === 1 ? [0.5] : Array.from({ length: count }, (_, i) => i / (count - 1));

/** Cells of each label: negatives, then positives, by the number of thresholds below. */
function tally({ y, p, weights }: Labelled, thresholds: readonly number[], width: number): Addition {
  const cells = 2 * (thresholds.length + 1);
  const flat = (t: Tensor): Tensor => reshape(t, [p.size]);
  const bucket = reshape(lowerBound(tensor([...thresholds], [1, thresholds.length]), reshape(p, [1, p.size])), p.shape);
  const own = tensor(Array.from({ length: lastOf(p) }, (_, i) => (width > 1 ? i * cells : 0)));
  const index = add(add(bucket, mul(y, cells / 2)), own);
  return {
    kind: 'tally',
    indices: cast(flat(index), 'int32'),
    weights: flat(weights as Tensor),
    cells: width * cells,
  };
}

/** A metric of the curves of the labels. */
export const scored = (
  name: string,
  { thresholds, multiLabel, labelWeights, fromLogits, classId }: Scoring,
  measure: (curves: readonly Curve[]) => number,
): MetricDefinition<number> => ({
  addition(yTrue, yPred, weights) {
    const all = labelled(name, yTrue, yPred, weights);
    const labels = lastOf(all.p);
    if (labelWeights && labelWeights.length !== labels)
      throw new ShapeError(`${name}: labelWeights must be ${labels}, one for each label, got ${labelWeights.length}`);
    const { y, p, weights: given } = classId === null ? all : only(name, all, classId);
    const factor = labelWeights && !multiLabel ? tensor([...labelWeights]) : undefined;
    const w = given && factor ? mul(given, factor) : (given ?? factor ?? 1);
    const width = multiLabel ? lastOf(p) : 1;
    const columns = (t: Tensor): Tensor => reshape(t, [p.size / Math.max(1, width), width]);
    // 0, or NaN where targets or scores are NaN: those cannot be sorted.
    const sound = mul(add(clipByValue(p, 0, 1), y), 0);
    if (thresholds !== null)
      return tally({ y, p: fromLogits ? sigmoid(p) : p, weights: mul(add(1, sound), w) }, thresholds, width);
    const signed = mul(add(sub(mul(2, y), 1), sound), w);
    return { kind: 'log', values: concat([columns(p), columns(signed)], 1) };
  },
  value(total, width) {
    if (width === 0) return measure([]);
    if (thresholds === null) {
      const labels = width / 2;
      return measure(Array.from({ length: labels }, (_, i) => curveOf(total, labels, i)));
    }
    const cells = 2 * (thresholds.length + 1);
    const count = total.length / cells;
    return measure(Array.from({ length: count }, (_, i) => bucketCurve(total.slice(i * cells, (i + 1) * cells))));
  },
});

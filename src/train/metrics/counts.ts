/** Metrics of true and false positives and negatives: precision, recall, F. */
import { greater, mul, sub, where } from '../../ops/math/arithmetic';
import { argMax } from '../../ops/math/reduce';
import { concat, expandDims, oneHot, reshape } from '../../ops/shape/shaping';
import { ArgumentError, ShapeError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import { lastOf } from '../losses/loss';
import type { Total } from '../totals/accumulator';
import { honest, labelled, largest, only } from './labels';
import type { MetricDefinition } from './metric';

/** How the values of the classes become one; null: they do not. */
export type Average = 'macro' | 'micro' | 'weighted' | 'binary' | null;

/** Sums of the weights of all cases of each kind. */
export interface Counts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

/** How cases are counted. */
export interface Counting {
  /** Predictions above are positive; null: the largest of each row, or, if there is only one, above 0.5. */
  readonly thresholds: number | readonly number[] | null;
  /** Only the k largest of each row may be positive. */
  readonly topK?: number | null;
  /** The only class that is looked at. */
  readonly classId?: number | null;
  /** How the values of the classes become one; 'micro' counts all together. */
  readonly average: Average;
}

/** a / b; 0 if nothing was counted. */
export const share = (a: number, b: number): number => (b === 0 ? 0 : a / b);
export const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export const precisionOf = ({ tp, fp }: Counts): number => share(tp, tp + fp);
export const recallOf = ({ tp, fn }: Counts): number => share(tp, tp + fn);
/** (1 + β²) P R / (β² P + R) */
export const scoreOf = ({ tp, fp, fn }: Counts, beta: number): number => {
  const square = beta * beta;
  return share((1 + square) * tp, (1 + square) * tp + square * fn + fp);
};

/** One value of those of the classes. */
function averaged(average: Average, counts: readonly Counts[], measure: (c: Counts) => number): number {
  const all = (key: keyof Counts): number => sumOf(counts.map((c) => c[key]));
  if (average === 'micro') return measure({ tp: all('tp'), fp: all('fp'), fn: all('fn'), tn: all('tn') });
  const weights = counts.map(({ tp, fn }) => (average === 'weighted' ? tp + fn : 1));
  return share(sumOf(counts.map((c, i) => measure(c) * (weights[i] as number))), sumOf(weights));
}

/**
 * A metric of the counts for each threshold and each class.
 * @throws ArgumentError for a list of values for each of several thresholds
 */
export function counted(
  name: string,
  { topK, classId, thresholds, average }: Counting,
  measure: (counts: Counts) => number,
): MetricDefinition<number | number[]> {
  if (average === null && Array.isArray(thresholds))
    throw new ArgumentError(`${name}: with average null thresholds must be one number`);
  return {
    addition(yTrue, yPred, weights) {
      const rows = labelled(name, yTrue, yPred, weights);
      if (average === 'binary' && classId == null && lastOf(rows.p) !== 1)
        throw new ShapeError(
          `${name}: average 'binary' needs one prediction for each example, got ${showShape(yPred.shape)}`,
        );
      const allowed = topK == null ? rows.p : where(largest(name, rows.p, topK), rows.p, Number.NEGATIVE_INFINITY);
      const picked = { ...rows, p: allowed };
      const { y, p, weights: w } = classId == null ? picked : only(name, picked, classId);
      const [n, classes] = p.shape as [number, number];
      const isLargest = thresholds === null && classes > 1 && topK == null;
      // Below all that topK leaves, -∞ excepted.
      const limit = thresholds ?? (topK == null ? 0.5 : -3.4e38);
      const each = Array.isArray(limit) ? limit.length : 1;
      const answer = isLargest
        ? oneHot(argMax(p, -1), classes, 1, 0, 'float32')
        : greater(expandDims(p, 1), reshape(limit as number[], [each, 1]));
      const yes = honest(expandDims(p, 1), isLargest ? expandDims(answer, 1) : answer);
      const [no, target] = [sub(1, yes), expandDims(y, 1)];
      const other = sub(1, target);
      const groups = [mul(target, yes), mul(other, yes), mul(target, no), mul(other, no)];
      const values = groups.map((t) => reshape(w ? mul(t, expandDims(w, 1)) : t, [n, each * classes]));
      return { kind: 'sum', values: concat(values, 1) };
    },

    value(total, width) {
      const size = width / 4;
      const [tp, fp, fn, tn] = [0, 1, 2, 3].map((k) => total.slice(k * size, (k + 1) * size)) as [
        Total,
        Total,
        Total,
        Total,
      ];
      const counts = Array.from(tp, (v, i) => ({ tp: v, fp: fp[i], fn: fn[i], tn: tn[i] }) as Counts);
      if (average === null) return counts.map(measure);
      const each = Array.isArray(thresholds) ? thresholds.length : 1;
      const classes = counts.length / each;
      const values = Array.from({ length: each }, (_, i) =>
        averaged(average, counts.slice(i * classes, (i + 1) * classes), measure),
      );
      return Array.isArray(thresholds) ? values : (values[0] as number);
    },
  };
}

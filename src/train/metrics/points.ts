/** The points of curves over all thresholds, to be drawn or searched. */
import { type TensorLike, toTensor } from '../../ops/create/creation';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { lastOf } from '../losses/loss';
import { share } from './counts';
import { areaBelow, curveOf, type ScoredCurve } from './curve';
import { labelled, only } from './labels';

/** Settings of `rocCurve` and `precisionRecallCurve`. */
export interface CurveOptions {
  /** The class that counts as positive, where there are scores of several; by default there is one score per example. */
  classId?: number | null;
  /** Weights of the examples, [n]; default 1. */
  sampleWeight?: TensorLike | null;
}

const OPTIONS = {
  classId: is.given<number | undefined>('a non-negative integer', is.natural().fits),
  sampleWeight: is.anything() as is.Setting<TensorLike | undefined>,
} satisfies is.TableOf<CurveOptions>;

/** A receiver operating characteristic. */
export interface ROCCurve {
  /** False positive rates, ascending from 0 to 1. */
  readonly fpr: number[];
  /** True positive rates, ascending from 0 to 1. */
  readonly tpr: number[];
  /** Scores from which on examples count as positive, descending from infinity. */
  readonly thresholds: number[];
  /** The area below the curve. */
  readonly auc: number;
}

/** Precision against recall. */
export interface PrecisionRecallCurve {
  /** Precisions; the last one is 1. */
  readonly precision: number[];
  /** Recalls, descending; the last one is 0. */
  readonly recall: number[];
  /** Scores from which on examples count as positive, ascending; one fewer than points. */
  readonly thresholds: number[];
  /** Σ (R[i] - R[i + 1]) P[i], the average precision. */
  readonly averagePrecision: number;
}

/** @throws ArgumentError, ShapeError, IndexError */
function scoredCurve(where: string, yTrue: TensorLike, yScore: TensorLike, options?: CurveOptions | null): ScoredCurve {
  const { classId, sampleWeight } = is.checked(where, OPTIONS, options);
  return tidy(() => {
    const weights = sampleWeight === undefined ? undefined : toTensor(sampleWeight, where, 'sampleWeight');
    const all = labelled(where, toTensor(yTrue, where, 'yTrue'), toTensor(yScore, where, 'yScore'), weights);
    if (classId === undefined && lastOf(all.p) !== 1)
      throw new ArgumentError(
        `${where}: there are scores of ${lastOf(all.p)} classes; classId says which one is positive`,
      );
    const { y, p, weights: w } = classId === undefined || lastOf(all.p) === 1 ? all : only(where, all, classId);
    const [labels, scores, factors] = [y.dataSync(), p.dataSync(), w?.dataSync()];
    const rows = new Float64Array(2 * scores.length);
    scores.forEach((score, i) => {
      if (Number.isNaN(score) || Number.isNaN(labels[i])) throw new ArgumentError(`${where}: example ${i} is NaN`);
      rows[2 * i] = score;
      rows[2 * i + 1] = (labels[i] ? 1 : -1) * (factors?.[i] ?? 1);
    });
    return curveOf(rows, 1, 0);
  });
}

/**
 * The points of the ROC curve: for every score s, tpr = TP / P and fpr = FP / N of the examples that score at least s.
 * @param yTrue [n], 0 or 1, or class indices; or one-hot [n, classes]
 * @param yScore [n] or [n, 1], scores of the positive class; or [n, classes], with `classId`
 * @returns lists of equal length, which start at (0, 0) and end at (1, 1)
 * @throws ArgumentError unless both kinds of examples are there, for NaN, for scores of several classes without
 * `classId`; ShapeError for shapes that do not fit; IndexError for a class outside
 * @example
 * const { fpr, tpr, thresholds, auc } = sg.metrics.rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
 * fpr; // [0, 0, 0.5, 0.5, 1]
 * tpr; // [0, 0.5, 0.5, 1, 1]
 * auc; // 0.75
 */
export function rocCurve(yTrue: TensorLike, yScore: TensorLike, options?: CurveOptions | null): ROCCurve {
  const where = 'rocCurve';
  const curve = scoredCurve(where, yTrue, yScore, options);
  const { tp, fp, thresholds, positives, negatives } = curve;
  if (!positives || !negatives)
    throw new ArgumentError(
      `${where}: needs positive and negative examples, all are ${positives ? 'positive' : 'negative'}`,
    );
  return {
    fpr: fp.map((v) => v / negatives),
    tpr: tp.map((v) => v / positives),
    thresholds: [...thresholds],
    auc: areaBelow('ROC', 'trapezoid', curve, 1),
  };
}

/**
 * The points of the curve of precision TP / (TP + FP) against recall TP / P of the examples that score at least s, for
 * every score s.
 * @param yTrue [n], 0 or 1, or class indices; or one-hot [n, classes]
 * @param yScore [n] or [n, 1], scores of the positive class; or [n, classes], with `classId`
 * @returns lists from the lowest score to the highest, and the point (1, 0) at the end
 * @throws ArgumentError without positive examples, for NaN, for scores of several classes without `classId`; ShapeError
 * for shapes that do not fit; IndexError for a class outside
 * @example
 * const { precision, recall } = sg.metrics.precisionRecallCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
 * precision; // [0.5, 2 / 3, 0.5, 1, 1]
 * recall; // [1, 1, 0.5, 0.5, 0]
 */
export function precisionRecallCurve(
  yTrue: TensorLike,
  yScore: TensorLike,
  options?: CurveOptions | null,
): PrecisionRecallCurve {
  const where = 'precisionRecallCurve';
  const curve = scoredCurve(where, yTrue, yScore, options);
  const { tp, fp, thresholds, positives } = curve;
  if (!positives) throw new ArgumentError(`${where}: needs positive examples`);
  const points = tp.map((v, i) => [i ? share(v, v + (fp[i] as number)) : 1, v / positives] as const).reverse();
  return {
    precision: points.map(([p]) => p),
    recall: points.map(([, r]) => r),
    thresholds: thresholds.slice(1).reverse(),
    averagePrecision: areaBelow('PR', 'step', curve, 1),
  };
}

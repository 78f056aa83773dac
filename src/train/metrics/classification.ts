/**
 * Metrics of classes and scores, of whole data sets (`sg.metrics`). Each is called in one of two ways: with tensors `(yTrue, yPred, settings?)`
 * it returns their value, a scalar or a list; with settings, or nothing, a metric for `compile`, or to be updated by hand.
 * Targets and predictions have one shape, [n] or [n, ..., labels]; targets may also be class indices [n, ...] or
 * [n, ..., 1] where there are several predictions. NaN among them makes the value NaN. Errors: ShapeError for shapes
 * that do not fit, IndexError for a class index outside, ArgumentError for bad settings.
 */
import { greaterEqual } from '../../ops/math/arithmetic';
import {
  along,
  type Classes,
  crossed,
  decided,
  type MatrixNormalization,
  normalized,
  overlapOf,
  whole,
} from './classes';
import { type Average, type Counts, counted, precisionOf, recallOf, scoreOf, share, sumOf } from './counts';
import { areaBelow, bestOf, type Curve, type CurveKind, type SummationMethod } from './curve';
import { type ListMetricFactory, type MetricFactory, metric } from './define';
import { evenly, type Scoring, scored } from './scores';

/** Settings that make a list of values. */
export type ListSettings = { average: null } | { thresholds: readonly number[] };
/** One threshold, or several. */
export type Thresholds = number | readonly number[];
/** Settings of counts such as `truePositives`. */
export interface CountSettings {
  /** A prediction above is positive; a list makes a value for each threshold. */
  thresholds: Thresholds;
}
/** Settings of `precision` and `recall`. */
export interface PrecisionSettings {
  /** Predictions above are positive, 0.5 by default; a list makes a value for each threshold. */
  thresholds: Thresholds | null;
  /** Only the k largest predictions of each example may be positive, by default without a threshold. */
  topK: number | null;
  /** The only class that is looked at. */
  classId: number | null;
  /**
   * By default all labels are counted together, each prediction by itself, as in Keras. Otherwise one class of each
   * example is taken as predicted, that of the largest prediction, unless thresholds or topK are set; and of the values
   * of the classes 'macro' is the mean, 'weighted' that by their number of examples, 'micro' the value of all counted
   * together, null the list. 'binary' is for a single prediction per example.
   */
  average: Average | undefined;
}
/** Settings of `f1Score` and `fBetaScore`. */
export interface FScoreSettings {
  /** How the values of the classes become one, as in `precision`; default 'macro', which is not Keras' default. */
  average: Average;
  /** Predictions above are positive; null: the class of the largest, or of a single prediction whether it is above 0.5. */
  threshold: number | null;
}

/** Counts as Keras has them: all labels together. */
const positives = (name: string, key: keyof Counts) =>
  metric<ListMetricFactory<CountSettings, { thresholds: readonly number[] }>, CountSettings>(
    name,
    key.startsWith('t') ? 'up' : 'down',
    { thresholds: 0.5 },
    (settings, own) => counted(own, { ...settings, average: 'micro' }, (c) => c[key]),
  );

/**
 * tp = the sum of the weights of positive examples that are predicted as positive.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.truePositives([0, 1, 1], [0.6, 0.7, 0.2]).dataSync(); // [1]
 */
export const truePositives = positives('truePositives', 'tp');
/**
 * tn = the sum of the weights of negative examples that are predicted as negative.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.trueNegatives([0, 1, 1], [0.3, 0.7, 0.2]).dataSync(); // [1]
 */
export const trueNegatives = positives('trueNegatives', 'tn');
/**
 * fp = the sum of the weights of negative examples that are predicted as positive.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.falsePositives([0, 1, 1], [0.6, 0.7, 0.2]).dataSync(); // [1]
 */
export const falsePositives = positives('falsePositives', 'fp');
/**
 * fn = the sum of the weights of positive examples that are predicted as negative.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.falseNegatives([0, 1, 1], [0.6, 0.7, 0.2]).dataSync(); // [1]
 */
export const falseNegatives = positives('falseNegatives', 'fn');

const choice = (name: string, measure: (counts: Counts) => number) =>
  metric<ListMetricFactory<PrecisionSettings, ListSettings>, PrecisionSettings>(
    name,
    'up',
    { thresholds: null, topK: null, classId: null, average: undefined },
    ({ thresholds, topK, classId, average }, own) => {
      const usual = average === undefined && topK === null ? 0.5 : null;
      return counted(
        own,
        { thresholds: thresholds ?? usual, topK, classId, average: average ?? (average === null ? null : 'micro') },
        measure,
      );
    },
  );

/**
 * tp / (tp + fp): the share of positive predictions that are right; 0 without any.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.precision([0, 1, 1], [0.6, 0.7, 0.2]).dataSync(); // [0.5]
 * const metrics = [sg.metrics.precision({ thresholds: 0.7 })]; // for compile
 */
export const precision = choice('precision', precisionOf);
/**
 * tp / (tp + fn): the share of positive examples that are found; 0 without any.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.recall([0, 1, 1], [0.6, 0.7, 0.2]).dataSync(); // [0.5]
 */
export const recall = choice('recall', recallOf);

const score = <S extends FScoreSettings & { beta?: number }>(name: string, defaults: S) =>
  metric<ListMetricFactory<S, { average: null }>, S>(name, 'up', defaults, ({ average, threshold, beta = 1 }, own) =>
    counted(own, { average, thresholds: threshold }, (c) => scoreOf(c, beta)),
  );
const SCORE: FScoreSettings = { average: 'macro', threshold: null };

/**
 * 2 P R / (P + R) of precision and recall (van Rijsbergen, 1979); 0 if no example of a class is there or predicted.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.f1Score([1, 0, 1], [0.9, 0.6, 0.2]).dataSync(); // [0.5]
 */
export const f1Score = score('f1Score', SCORE);
/**
 * (1 + β²) P R / (β² P + R): recall counts `beta` (1) times as much as precision.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.fBetaScore({ beta: 2, average: 'weighted' });
 */
export const fBetaScore = score('fBetaScore', { beta: 1, ...SCORE });

/** Settings of `auc`. */
export interface AUCSettings {
  /** Thresholds from 0 to 1, as Keras takes 200 of them; null: every score is one, and the area exact. */
  numThresholds: number | null;
  /** 'ROC' (true positive rate over false positive rate), 'PR' (precision over recall) or 'PRGAIN' (Flach, Kull, 2015). */
  curve: CurveKind;
  /**
   * 'trapezoid'; 'step': each recall with its precision, so that PR is the average precision; 'majoring', 'minoring': the
   * larger and smaller of two points; 'interpolation': trapezoids, for PR as Davis and Goadrich (2006) have them. null:
   * 'step' for the exact PR, 'interpolation' otherwise.
   */
  summationMethod: SummationMethod | null;
  /** Thresholds between 0 and 1, in place of numThresholds. */
  thresholds: readonly number[] | null;
  /** Whether the area is the mean of those of the labels; otherwise all labels share a curve. */
  multiLabel: boolean;
  /** Weights of the labels. */
  labelWeights: readonly number[] | null;
  /** Whether predictions are logits, for thresholds from 0 to 1. */
  fromLogits: boolean;
}

/**
 * The area below a curve, AUC = ∫ y dx (Hanley and McNeil, 1982). Of ROC the probability that a positive example scores higher than a negative one, ties
 * counting half; NaN if there is no example of either kind.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).dataSync(); // [0.75]
 * sg.metrics.auc({ curve: 'PR', multiLabel: true, name: 'averagePrecision' });
 */
export const auc = metric<MetricFactory<AUCSettings>, AUCSettings>(
  'auc',
  'up',
  {
    numThresholds: null,
    curve: 'ROC',
    summationMethod: null,
    thresholds: null,
    multiLabel: false,
    labelWeights: null,
    fromLogits: false,
  },
  (settings, own) => {
    const { numThresholds, thresholds, curve, labelWeights, multiLabel, summationMethod } = settings;
    const even = numThresholds === null ? null : evenly(numThresholds).slice(1, -1);
    const inner = thresholds ? [...thresholds].sort((a, b) => a - b) : even;
    const method = summationMethod ?? (!inner && curve === 'PR' ? 'step' : 'interpolation');
    // All scores in [0, 1] are between the ends.
    const scoring = { ...settings, thresholds: inner && [-1e-7, ...inner, 1 + 1e-7], classId: null };
    return scored(own, scoring, (curves) => {
      const weights = curves.map((_, i) => (multiLabel ? (labelWeights?.[i] ?? 1) : 1));
      const areas = curves.map((c, i) => areaBelow(curve, method, c, inner ? 0 : 1) * (weights[i] as number));
      return sumOf(areas) / sumOf(weights);
    });
  },
);

/** A rate that must be reached, and the rate that is maximized under this condition. */
type Rate = (curve: Curve) => (tp: number, fp: number) => number;
const rates = {
  precision: () => (tp: number, fp: number) => share(tp, tp + fp),
  recall: (c: Curve) => (tp: number) => share(tp, c.positives),
  sensitivity: (c: Curve) => (tp: number) => share(tp, c.positives),
  specificity: (c: Curve) => (_: number, fp: number) => share(c.negatives - fp, c.negatives),
} satisfies Record<string, Rate>;

/** Settings of metrics of one point of a curve. */
export interface CurvePointSettings {
  /** Thresholds from 0 to 1, of which Keras takes 200; null (default): every score is one. */
  numThresholds: number | null;
  /** The only class that counts; null (default): all. */
  classId: number | null;
}
/** Settings of `precisionAtRecall`. */
export interface PrecisionAtRecallSettings extends CurvePointSettings {
  /** The recall must be at least this; default 0.5. */
  recall: number;
}
/** Settings of `recallAtPrecision`. */
export interface RecallAtPrecisionSettings extends CurvePointSettings {
  /** The precision must be at least this; default 0.5. */
  precision: number;
}
/** Settings of `sensitivityAtSpecificity`. */
export interface SensitivityAtSpecificitySettings extends CurvePointSettings {
  /** The specificity must be at least this; default 0.5. */
  specificity: number;
}
/** Settings of `specificityAtSensitivity`. */
export interface SpecificityAtSensitivitySettings extends CurvePointSettings {
  /** The sensitivity must be at least this; default 0.5. */
  sensitivity: number;
}

const best = <K extends keyof typeof rates, S extends CurvePointSettings & Readonly<Record<K, number>>>(
  name: string,
  wanted: Rate,
  bound: K,
) =>
  metric<MetricFactory<S>, S>(
    name,
    'up',
    { [bound]: 0.5, numThresholds: null, classId: null } as unknown as S,
    (settings, own) => {
      const { classId, numThresholds } = settings;
      const thresholds = numThresholds === null ? null : evenly(numThresholds);
      const scoring = { thresholds, classId, multiLabel: false, labelWeights: null, fromLogits: false } as Scoring;
      return scored(own, scoring, ([c]) => (c ? bestOf(c, wanted(c), (rates[bound] as Rate)(c), settings[bound]) : 0));
    },
  );

/**
 * The largest precision at a threshold with at least this `recall`; 0 if no threshold has it.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.precisionAtRecall([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.5).dataSync(); // [1]
 */
export const precisionAtRecall = best<'recall', PrecisionAtRecallSettings>(
  'precisionAtRecall',
  rates.precision,
  'recall',
);
/**
 * The largest recall at a threshold with at least this `precision`; 0 if no threshold has it.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.recallAtPrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.6).dataSync(); // [1]
 */
export const recallAtPrecision = best<'precision', RecallAtPrecisionSettings>(
  'recallAtPrecision',
  rates.recall,
  'precision',
);
/**
 * The largest true positive rate at a threshold with at least this `specificity`, the true negative rate.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.sensitivityAtSpecificity([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.5).dataSync(); // [1]
 */
export const sensitivityAtSpecificity = best<'specificity', SensitivityAtSpecificitySettings>(
  'sensitivityAtSpecificity',
  rates.sensitivity,
  'specificity',
);
/**
 * The largest true negative rate at a threshold with at least this `sensitivity`, the true positive rate.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.specificityAtSensitivity([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.5).dataSync(); // [1]
 */
export const specificityAtSensitivity = best<'sensitivity', SpecificityAtSensitivitySettings>(
  'specificityAtSensitivity',
  rates.specificity,
  'sensitivity',
);

/** Settings of `confusionMatrix`. */
export interface ConfusionMatrixSettings {
  /** Number of classes; 2 by default. */
  numClasses: number;
  /** Shares of the rows ('true'), columns ('pred') or of all; null: sums of weights. */
  normalize: MatrixNormalization;
}

/**
 * matrix[i][j] = how many examples (or what weight) of class i were predicted as class j. Both are class
 * indices, or scores [..., numClasses] of which the largest counts; of two classes predictions may be the probability of
 * the second one.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.confusionMatrix([0, 1, 1], [0, 1, 0], 2).arraySync(); // [[1, 0], [1, 1]]
 */
export const confusionMatrix = metric<MetricFactory<ConfusionMatrixSettings, number[][]>, ConfusionMatrixSettings>(
  'confusionMatrix',
  undefined,
  { numClasses: 2, normalize: null },
  ({ numClasses: n, normalize }, own) =>
    crossed(
      own,
      n,
      (y, p) => [decided(y, n, false), decided(p, n)],
      (matrix) => normalized(matrix, normalize),
    ),
);

/** Settings of metrics of regions. */
export interface IoUSettings {
  /** Number of classes; 2 by default. */
  numClasses: number;
  /** A class of targets that does not count. */
  ignoreClass: number | null;
  /** Whether predictions are class indices, not scores. */
  sparseYPred: boolean;
  /** The dimension of the classes; the last by default. */
  axis: number;
}
/** Settings of metrics that accept targets in two forms. */
export interface IoUTargets {
  /** Whether targets are class indices, not one-hot. */
  sparseYTrue: boolean;
}
/** Settings of metrics of some classes. */
export interface IoUClasses {
  /** The classes that are averaged. */
  targetClassIds: readonly number[];
}

const overlaps = <S extends IoUSettings & Partial<IoUClasses & IoUTargets>>(name: string, defaults: S) =>
  metric<MetricFactory<S>, S>(name, 'up', defaults, (settings, own) => {
    const { numClasses, axis, sparseYTrue = false, sparseYPred, ignoreClass } = settings;
    const ids = settings.targetClassIds ?? Array.from({ length: numClasses }, (_, i) => i);
    const classes: Classes = (y, p) => [along(y, sparseYTrue, axis), along(p, sparseYPred, axis)];
    return crossed(own, numClasses, classes, overlapOf(name, ids, numClasses), ignoreClass);
  });
const SPARSE = { numClasses: 2, ignoreClass: null, sparseYTrue: true, sparseYPred: true, axis: -1 };
const ONE_HOT = { numClasses: 2, ignoreClass: null, sparseYPred: false, axis: -1 };

/**
 * Intersection over union of regions, tp / (tp + fp + fn): the mean of some classes. Classes that never occur are left out.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.iou([0, 0, 1, 1], [0, 1, 0, 1], { targetClassIds: [1] }).dataSync(); // [1/3]
 */
export const iou = overlaps<IoUSettings & IoUTargets & IoUClasses>('iou', { ...SPARSE, targetClassIds: [0, 1] });
/**
 * `iou` of all classes.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.meanIoU([0, 0, 1, 1], [0, 1, 0, 1], 2).dataSync(); // [1/3]
 */
export const meanIoU = overlaps<IoUSettings & IoUTargets>('meanIoU', SPARSE);
/**
 * `iou` of one-hot targets and of scores.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.oneHotIoU([[1, 0], [0, 1]], [[0.6, 0.4], [0.3, 0.7]]).dataSync(); // [1]
 */
export const oneHotIoU = overlaps<IoUSettings & IoUClasses>('oneHotIoU', { ...ONE_HOT, targetClassIds: [0, 1] });
/**
 * `meanIoU` of one-hot targets and of scores.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.oneHotMeanIoU([[1, 0], [0, 1]], [[0.6, 0.4], [0.3, 0.7]]).dataSync(); // [1]
 */
export const oneHotMeanIoU = overlaps<IoUSettings>('oneHotMeanIoU', ONE_HOT);

/** Settings of `binaryIoU`. */
export interface BinaryIoUSettings extends IoUClasses {
  /** A prediction of at least that much is of class 1; 0.5 by default. */
  threshold: number;
}

/**
 * `iou` of two classes, of which predictions are the probability of the second one.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.binaryIoU([0, 1], [0.2, 0.7]).dataSync(); // [1]
 */
export const binaryIoU = metric<MetricFactory<BinaryIoUSettings>, BinaryIoUSettings>(
  'binaryIoU',
  'up',
  { targetClassIds: [0, 1], threshold: 0.5 },
  ({ targetClassIds, threshold }, own) =>
    crossed(
      own,
      2,
      (y, p) => [whole(y), whole(greaterEqual(p, threshold), p)],
      overlapOf('binaryIoU', targetClassIds, 2),
    ),
);

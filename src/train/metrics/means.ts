/**
 * Metrics that are means over all examples (`sg.metrics`). Each is called in one of two ways: with tensors
 * `(yTrue, yPred, settings?)` it returns a value for each example; with settings, or nothing, a metric for `compile`, or to
 * be updated by hand. Targets and predictions have one shape, [batch, ...], unless stated otherwise. Errors: ShapeError
 * for shapes that do not fit, ArgumentError for bad settings.
 */
import { broadcastTo, neg } from '../../ops/math/arithmetic';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { CrossentropySettings, SparseSettings } from '../losses/crossentropy';
import { meanSquaredError as squares } from '../losses/elementwise';
import * as losses from '../losses/factories';
import { type NoSettings, settled } from '../losses/factory';
import type { LossFunction } from '../losses/loss';
import type { CosineSettings } from '../losses/regression';
import * as accuracies from './accuracy';
import { type MetricFactory, metric } from './define';
import { MeanMetric, type MetricFunction, meanOf, meanRecipe, ValueMetric } from './mean';
import type { Metric } from './metric';

type Values<S> = (yTrue: Tensor, yPred: Tensor, settings: S) => Tensor;

/** The mean of a function of targets and predictions, an accuracy. */
function mean<S extends object>(name: string, fn: Values<S>, defaults: S, byElement = false): MetricFactory<S> {
  const values =
    (settings: S): MetricFunction =>
    (y, p) =>
      fn(y, p, settings);
  return metric<MetricFactory<S>, S>(
    name,
    'up',
    defaults,
    (settings, own) => meanRecipe(own, values(settings), byElement),
    {
      values,
    },
  );
}

/** Broadcasts a scalar to the shape of the other tensor, such as the mean of all targets to that of the predictions. */
function alike(y: Tensor, p: Tensor): [Tensor, Tensor] {
  const { shape } = y.rank > p.rank ? y : p;
  return [y, p].map((t) => (t.rank === 0 ? broadcastTo(t, shape) : t)) as [Tensor, Tensor];
}

/** The mean of the values of a loss, with the loss's settings. @param finish changes the sign of the values */
function meanLoss<S extends object = NoSettings>(
  name: string,
  loss: (settings: S) => LossFunction,
  byElement = true,
  finish?: (values: Tensor) => Tensor,
): MetricFactory<S> {
  const settle = (given: object): S => {
    if ('reduction' in given) throw new ArgumentError(`${name}: a metric has no reduction; it is the mean`);
    const { reduction: _, ...defaults } = loss({} as S).config as S & { reduction: unknown };
    return settled(name, given, defaults as unknown as S, undefined, 'name');
  };
  const values = (settings: S): MetricFunction => {
    const fn = loss(settings);
    if (finish) return (y, p) => finish(fn(y, p));
    return byElement ? (y, p) => fn(...alike(y, p)) : fn;
  };
  const recipe = (settings: S, own: string) => meanRecipe(own, values(settings), byElement);
  return metric<MetricFactory<S>, S>(name, finish ? 'up' : 'down', {} as S, recipe, { values, settle });
}

/**
 * Share of predictions that equal their targets, element by element; of class indices for instance. What `compile` means
 * by 'accuracy' depends on the shapes and the loss.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.accuracy([1, 2], [1, 3]).dataSync(); // [1, 0]
 */
export const accuracy = mean<NoSettings>('accuracy', (y, p) => accuracies.equality(y, p), {}, true);

/**
 * Share of predictions on the right side of `threshold` (0.5), over the last dimension.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.binaryAccuracy([[1, 0]], [[0.6, 0.7]]).dataSync(); // [0.5]
 */
export const binaryAccuracy = mean(
  'binaryAccuracy',
  (y, p, { threshold }) => accuracies.binaryAccuracy(y, p, threshold),
  { threshold: 0.5 },
  true,
);

/**
 * Whether the largest prediction is that of the target's class, argmax y = argmax ŷ: [batch, ..., classes].
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.categoricalAccuracy([[0, 1]], [[0.4, 0.6]]).dataSync(); // [1]
 */
export const categoricalAccuracy = mean<NoSettings>(
  'categoricalAccuracy',
  (y, p) => accuracies.categoricalAccuracy(y, p),
  {},
);

/**
 * `categoricalAccuracy` of class indices [batch, ...], or [batch, ..., 1].
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.sparseCategoricalAccuracy([1], [[0.4, 0.6]]).dataSync(); // [1]
 */
export const sparseCategoricalAccuracy = mean<NoSettings>(
  'sparseCategoricalAccuracy',
  (y, p) => accuracies.sparseCategoricalAccuracy(y, p),
  {},
);

/**
 * Whether the prediction of the target's class is among the `k` (5) largest; of equal ones all are.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.topKCategoricalAccuracy([[0, 0, 1]], [[0.5, 0.2, 0.3]], 2).dataSync(); // [1]
 */
export const topKCategoricalAccuracy = mean(
  'topKCategoricalAccuracy',
  (y, p, { k }) => accuracies.topKCategoricalAccuracy(y, p, k),
  { k: 5 },
);

/**
 * `topKCategoricalAccuracy` of class indices [batch, ...], or [batch, ..., 1].
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.sparseTopKCategoricalAccuracy([2], [[0.5, 0.2, 0.3]], 2).dataSync(); // [1]
 */
export const sparseTopKCategoricalAccuracy = mean(
  'sparseTopKCategoricalAccuracy',
  (y, p, { k }) => accuracies.sparseTopKCategoricalAccuracy(y, p, k),
  { k: 5 },
);

/**
 * Mean of (y - ŷ)²; see `sg.losses.meanSquaredError`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.meanSquaredError([1, 2], [1, 4]).dataSync(); // [2]
 */
export const meanSquaredError = meanLoss<NoSettings>('meanSquaredError', squares);
/**
 * Mean of |y - ŷ|; see `sg.losses.meanAbsoluteError`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.meanAbsoluteError([1, 2], [1, 4]).dataSync(); // [1]
 */
export const meanAbsoluteError = meanLoss<NoSettings>('meanAbsoluteError', losses.meanAbsoluteError);
/**
 * 100 times the mean of |y - ŷ| / |y|; see `sg.losses.meanAbsolutePercentageError`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.meanAbsolutePercentageError([2, 4], [1, 4]).dataSync(); // [25]
 */
export const meanAbsolutePercentageError = meanLoss<NoSettings>(
  'meanAbsolutePercentageError',
  losses.meanAbsolutePercentageError,
);
/**
 * Mean of (log(1 + y) - log(1 + ŷ))²; see `sg.losses.meanSquaredLogarithmicError`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.meanSquaredLogarithmicError([1, 2], [1, 2]).dataSync(); // [0]
 */
export const meanSquaredLogarithmicError = meanLoss<NoSettings>(
  'meanSquaredLogarithmicError',
  losses.meanSquaredLogarithmicError,
);
/**
 * Square root of the mean of (y - ŷ)² over all examples.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.rootMeanSquaredError([1, 2], [1, 4]).dataSync(); // [√2]
 */
export const rootMeanSquaredError = metric<MetricFactory<NoSettings>, NoSettings>(
  'rootMeanSquaredError',
  'down',
  {},
  (_, own) => meanRecipe(own, squares(), true, (total) => Math.sqrt(meanOf(total))),
);
/**
 * Mean of log cosh(ŷ - y); see `sg.losses.logCosh`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.logCosh([1, 2], [1, 2]).dataSync(); // [0]
 */
export const logCosh = meanLoss<NoSettings>('logCosh', losses.logCosh);
/**
 * Mean of ŷ - y log ŷ; see `sg.losses.poisson`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.poisson([1], [1]).dataSync(); // [1]
 */
export const poisson = meanLoss<NoSettings>('poisson', losses.poisson);
/**
 * Mean of max(1 - y ŷ, 0); see `sg.losses.hinge`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.hinge([-1, 1], [-0.5, 2]).dataSync(); // [0.25]
 */
export const hinge = meanLoss<NoSettings>('hinge', losses.hinge);
/**
 * Mean of max(1 - y ŷ, 0)²; see `sg.losses.squaredHinge`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.squaredHinge([-1, 1], [-0.5, 2]).dataSync(); // [0.125]
 */
export const squaredHinge = meanLoss<NoSettings>('squaredHinge', losses.squaredHinge);
/**
 * Mean of the hinge of one-hot targets; see `sg.losses.categoricalHinge`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.categoricalHinge([[0, 1]], [[0.25, 0.5]]).dataSync(); // [0.75]
 */
export const categoricalHinge = meanLoss<NoSettings>('categoricalHinge', losses.categoricalHinge, false);
/**
 * Mean of Σ y log(y / ŷ); see `sg.losses.kullbackLeiblerDivergence`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.klDivergence([[0.5, 0.5]], [[0.5, 0.5]]).dataSync(); // [0]
 */
export const klDivergence = meanLoss<NoSettings>('klDivergence', losses.kullbackLeiblerDivergence, false);
/**
 * Cross-entropy of independent probabilities; see `sg.losses.binaryCrossentropy`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.binaryCrossentropy([0, 1], [0.5, 0.5]).dataSync(); // [0.693]
 */
export const binaryCrossentropy = meanLoss<CrossentropySettings>('binaryCrossentropy', losses.binaryCrossentropy);
/**
 * Cross-entropy of one-hot targets; see `sg.losses.categoricalCrossentropy`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.categoricalCrossentropy([[0, 1]], [[0.5, 0.5]]).dataSync(); // [0.693]
 */
export const categoricalCrossentropy = meanLoss<CrossentropySettings>(
  'categoricalCrossentropy',
  losses.categoricalCrossentropy,
  false,
);
/**
 * Cross-entropy of class indices; see `sg.losses.sparseCategoricalCrossentropy`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.sparseCategoricalCrossentropy([1], [[0.5, 0.5]]).dataSync(); // [0.693]
 */
export const sparseCategoricalCrossentropy = meanLoss<SparseSettings>(
  'sparseCategoricalCrossentropy',
  losses.sparseCategoricalCrossentropy,
  false,
);
/**
 * Minus the cosine of the angle between y and ŷ, -y · ŷ / (|y| |ŷ|): as a loss, and as in TensorFlow.js.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.cosineProximity([[1, 0]], [[2, 0]]).dataSync(); // [-1]
 */
export const cosineProximity = meanLoss<CosineSettings>('cosineProximity', losses.cosineSimilarity, false);
/**
 * The cosine of the angle between y and ŷ, y · ŷ / (|y| |ŷ|): 1 for one direction. The loss of this name is minus that.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.cosineSimilarity([[1, 0]], [[2, 0]]).dataSync(); // [1]
 */
export const cosineSimilarity = meanLoss<CosineSettings>('cosineSimilarity', losses.cosineSimilarity, false, neg);

/**
 * The mean of all values it is updated with; for training loops written by hand.
 * @throws ArgumentError for an empty or invalid name
 * @example
 * const loss = sg.metrics.mean();
 * loss.updateState(sg.tensor1d([1, 3]));
 * loss.result(); // 2
 */
export const meanValue = (settings?: { name?: string } | null): ValueMetric =>
  new ValueMetric(is.checked('mean', { name: is.text('mean') }, settings).name, 'Mean', meanOf);
/**
 * The weighted sum of all values it is updated with.
 * @throws ArgumentError for an empty or invalid name
 * @example
 * const total = sg.metrics.sum();
 * total.updateState(sg.tensor1d([1, 3]));
 * total.result(); // 4
 */
export const sumValue = (settings?: { name?: string } | null): ValueMetric =>
  new ValueMetric(is.checked('sum', { name: is.text('sum') }, settings).name, 'Sum', (total) => total[0] ?? 0);

/**
 * The mean of a function of targets and predictions, which returns a value for each example.
 * @throws ArgumentError without a function
 * @example
 * const metrics = [sg.metrics.meanMetricWrapper({ fn: (y, p) => p, name: 'output' })]; // for compile
 */
export function meanMetricWrapper(settings: { fn: MetricFunction; name?: string }): Metric {
  const isFunction = (v: unknown): boolean => typeof v === 'function';
  const table = {
    fn: is.required(is.given<MetricFunction>('a function, for instance (y, p) => p', isFunction)),
    name: is.text(),
  };
  const { fn, name } = is.checked('meanMetricWrapper', table, settings);
  return new MeanMetric(name ?? (fn.name || 'custom'), fn);
}

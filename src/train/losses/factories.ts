/**
 * Losses as Keras 3 has them (`sg.losses`). Each is called in one of two ways. With tensors `(yTrue, yPred, weights?)` it
 * returns the loss of the batch, a scalar: the mean of the values times weights, which have the first dimensions of the
 * values. With settings, or nothing, it returns a loss for `compile`, a function of targets and predictions with a value
 * for each example. Targets and predictions have one shape, [batch, ...], unless stated otherwise; targets of any type
 * are taken as float32. Errors: ShapeError for shapes that do not fit, ArgumentError for bad settings.
 */
import * as entropy from './crossentropy';
import { type LossFactory, loss, ofPairs, type Values } from './factory';
import * as focal from './focal';
import type { TargetRule } from './loss';
import * as margin from './margin';
import * as regression from './regression';
import * as similarity from './similarity';

/** A loss of targets and predictions of one shape. */
const pairwise = <S extends object>(
  name: string,
  values: Values<S>,
  defaults: S,
  targets?: () => TargetRule,
): LossFactory<S> => loss(name, ofPairs(name, values), defaults, undefined, targets);

const shares = (): TargetRule => ({ kind: 'shares' });

const CROSSENTROPY: entropy.CrossentropySettings = { fromLogits: false, labelSmoothing: 0, axis: -1 };

/**
 * Mean of |y - ŷ| over the last dimension.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.meanAbsoluteError([[0, 2]], [[1, 2]]).dataSync(); // [0.5]
 */
export const meanAbsoluteError = pairwise('meanAbsoluteError', regression.meanAbsoluteError, {});

/**
 * 100 times the mean of |y - ŷ| / |y| over the last dimension; |y| counts as 1e-7 at least.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.meanAbsolutePercentageError([[2, 4]], [[1, 4]]).dataSync(); // [25]
 */
export const meanAbsolutePercentageError = pairwise(
  'meanAbsolutePercentageError',
  regression.meanAbsolutePercentageError,
  {},
);

/**
 * Mean of (log(1 + y) - log(1 + ŷ))² over the last dimension; negative numbers count as 1e-7.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.meanSquaredLogarithmicError([[0, 1]], [[0, 1]]).dataSync(); // [0]
 */
export const meanSquaredLogarithmicError = pairwise(
  'meanSquaredLogarithmicError',
  regression.meanSquaredLogarithmicError,
  {},
);

/**
 * Mean of log cosh(ŷ - y) over the last dimension: as e² / 2 for small errors, as |e| - log 2 for large ones.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.logCosh([[0, 0]], [[0, 100]]).dataSync(); // [(100 - log 2) / 2]
 */
export const logCosh = pairwise('logCosh', regression.logCosh, {});
/**
 * `logCosh` by its name in TensorFlow.js.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.logcosh([[0, 0]], [[0, 100]]).dataSync(); // [(100 - log 2) / 2]
 */
export const logcosh = logCosh;

/**
 * Mean of e² / 2 for errors up to `delta`, delta (|e| - delta / 2) beyond, over the last dimension (Huber, 1964).
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.huber({ delta: 2 })([[0, 0]], [[1, 4]]).dataSync(); // [3.25]
 */
export const huber = pairwise('huber', regression.huber, { delta: 1 });

/**
 * Mean of ŷ - y · log ŷ over the last dimension, for counts y.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.poisson([[1]], [[1]]).dataSync(); // [1]
 */
export const poisson = pairwise('poisson', regression.poisson, {});

/**
 * Minus the cosine of the angle between y and ŷ along an axis, -y · ŷ / (|y| |ŷ|): -1 for one direction, 0 if either is 0.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.cosineSimilarity([[1, 0]], [[2, 0]]).dataSync(); // [-1]
 */
export const cosineSimilarity = pairwise('cosineSimilarity', regression.cosineSimilarity, { axis: -1 });

/**
 * Mean over the last dimension of -(y log ŷ + (1 - y) log(1 - ŷ)): targets of 0 to 1, independent probabilities. In a
 * model whose last layer is a sigmoid it uses the logits of that layer and is always finite.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.binaryCrossentropy([[0, 1]], [[0.5, 0.5]]).dataSync(); // [0.693]
 * const loss = sg.losses.binaryCrossentropy({ fromLogits: true, labelSmoothing: 0.1 });
 */
export const binaryCrossentropy = pairwise('binaryCrossentropy', entropy.binaryCrossentropy, CROSSENTROPY, shares);

/**
 * -Σ y log ŷ over the classes, for one-hot targets and class probabilities, which are divided by their sum. In a model
 * whose last layer is a softmax it uses the logits of that layer and is always finite.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.categoricalCrossentropy([[0, 1]], [[0.5, 0.5]]).dataSync(); // [log 2]
 */
export const categoricalCrossentropy = pairwise(
  'categoricalCrossentropy',
  entropy.categoricalCrossentropy,
  CROSSENTROPY,
);

/**
 * -log of the probability of the target's class. Targets are class indices [batch, ...], or [batch, ..., 1], of
 * predictions [batch, ..., classes]; `ignoreClass` is a class whose examples do not count.
 * @throws IndexError for an index outside the classes (a program of `compile` or `jit`: when it runs)
 * @example
 * sg.losses.sparseCategoricalCrossentropy([1], [[0.5, 0.5]]).dataSync(); // [log 2]
 */
export const sparseCategoricalCrossentropy = loss(
  'sparseCategoricalCrossentropy',
  entropy.sparseCategoricalCrossentropy,
  { fromLogits: false, ignoreClass: null, axis: -1 } as entropy.SparseSettings,
  undefined,
  ({ axis, ignoreClass }) => ({ kind: 'classes', axis, ignored: ignoreClass }),
);

/**
 * Binary cross-entropy times (1 - pₜ)^gamma, where pₜ is the probability of the target: good predictions count
 * little (Lin et al., 2017, "Focal loss for dense object detection").
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.binaryFocalCrossentropy({ gamma: 1, applyClassBalancing: true, alpha: 0.75 });
 */
export const binaryFocalCrossentropy = pairwise(
  'binaryFocalCrossentropy',
  focal.binaryFocalCrossentropy,
  { ...CROSSENTROPY, applyClassBalancing: false, alpha: 0.25, gamma: 2 },
  shares,
);

/**
 * -Σ alpha (1 - ŷ)^gamma y log ŷ over the classes (Lin et al., 2017); `alpha` is a number, or a list with one for each
 * class.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.categoricalFocalCrossentropy([[0, 1]], [[0.5, 0.5]]).dataSync(); // [0.25² log 2]
 */
export const categoricalFocalCrossentropy = pairwise(
  'categoricalFocalCrossentropy',
  focal.categoricalFocalCrossentropy,
  {
    ...CROSSENTROPY,
    alpha: 0.25,
    gamma: 2,
  } as focal.FocalSettings,
);

/**
 * (1 - p^q) / q, p being the probability of the target's class; targets are class indices. Less moved by wrong labels
 * than cross-entropy (Zhang and Sabuncu, 2018).
 * @throws IndexError for an index outside the classes
 * @example
 * sg.losses.categoricalGeneralizedCrossEntropy([1], [[0.75, 0.25]]).dataSync(); // [1]
 */
export const categoricalGeneralizedCrossEntropy = loss(
  'categoricalGeneralizedCrossEntropy',
  entropy.categoricalGeneralizedCrossEntropy,
  { q: 0.5 },
  undefined,
  () => ({ kind: 'classes', axis: -1, ignored: null }),
);

/**
 * Σ y log(y / ŷ) over the last dimension, of probabilities; both count as 1e-7 at least.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.kullbackLeiblerDivergence([[0.5, 0.5]], [[0.5, 0.5]]).dataSync(); // [0]
 */
export const kullbackLeiblerDivergence = pairwise('kullbackLeiblerDivergence', entropy.kullbackLeiblerDivergence, {});

/**
 * Mean of max(1 - y · ŷ, 0) over the last dimension, for targets -1 and 1, or 0 and 1 if the whole batch has no others.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.hinge([[-1, 1]], [[-0.5, 2]]).dataSync(); // [0.25]
 */
export const hinge = pairwise('hinge', margin.hinge, {});

/**
 * Mean of max(1 - y · ŷ, 0)² over the last dimension, for targets as of `hinge`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.squaredHinge([[-1, 1]], [[-0.5, 2]]).dataSync(); // [0.125]
 */
export const squaredHinge = pairwise('squaredHinge', margin.squaredHinge, {});

/**
 * max(largest ŷ of the wrong classes - ŷ of the right one + 1, 0), for one-hot targets.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.categoricalHinge([[0, 1]], [[0.25, 0.5]]).dataSync(); // [0.75]
 */
export const categoricalHinge = pairwise('categoricalHinge', margin.categoricalHinge, {});

/**
 * Mean over the last dimension of (ŷ - y) z, z being what the step of the last layer was given. With `sgd` and batches
 * of one example its steps are Rosenblatt's rule w += rate (y - ŷ) x, b += rate (y - ŷ) (Rosenblatt, 1958).
 * @throws ArgumentError unless the predictions come from the activation 'step', in a model
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2], activation: 'step' })] });
 * model.compile({ optimizer: sg.train.sgd(0.1), loss: 'perceptron' });
 */
export const perceptron = pairwise('perceptron', margin.perceptron, {});

/**
 * 1 - 2 Σ y ŷ / (Σ y + Σ ŷ), for regions: 0 where y and ŷ, of 0 to 1, are alike (Dice, 1945). By default over all
 * elements of the batch; `axis` [1, 2, 3] makes one for each image.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.dice([[1, 0]], [[1, 1]]).dataSync(); // [1/3]
 */
export const dice = pairwise('dice', similarity.dice, { axis: null } as similarity.DiceSettings);

/**
 * 1 - Σ y ŷ / (Σ y ŷ + alpha Σ y (1 - ŷ) + beta Σ ŷ (1 - y)), as Keras computes it: alpha weights missing parts, beta
 * excess parts (Salehi et al., 2017). With both 0.5 it is `dice`.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.tversky({ alpha: 0.3, beta: 0.7, axis: [1, 2, 3] });
 */
export const tversky = pairwise('tversky', similarity.tversky, {
  alpha: 0.5,
  beta: 0.5,
  axis: null,
} as similarity.TverskySettings);

/**
 * Circle loss: class indices [n] and embeddings [n, d] of length 1, which move together within a class and apart
 * other, those of two far (Sun et al., 2020). Examples without a pair of either kind do not count.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * const loss = sg.losses.circle({ gamma: 64, margin: 0.25 });
 */
export const circle = loss('circle', similarity.circle, { gamma: 80, margin: 0.4, removeDiagonal: true });

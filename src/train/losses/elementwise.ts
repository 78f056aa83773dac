/**
 * Losses as TensorFlow.js core has them (`sg.losses`): called with tensors `(labels, predictions, weights?, …, reduction?)`
 * they return the losses of all elements, weighted and reduced by `computeWeightedLoss`. With settings, or nothing, they return
 * a loss for `compile`. Errors: ShapeError for shapes that do not fit, ArgumentError for bad settings.
 */

import type { TensorLike } from '../../ops/create/creation';
import { add, log, mul, neg, squaredDifference, sub } from '../../ops/math/arithmetic';
import { logSoftmax, sum } from '../../ops/math/reduce';
import type { Tensor } from '../../tensor/tensor';
import { type LabelSmoothingSettings, onLogits, smoothed, weighed } from './crossentropy';
import { type LossFactory, loss, type NoSettings, ofPairs, settled, type Values } from './factory';
import { EPSILON, lastOf } from './loss';
import { hinges, signed } from './margin';
import {
  absoluteErrors,
  type CosineSettings,
  type HuberSettings,
  huberErrors,
  meanSquaredError as squares,
} from './regression';
import { computeWeightedLoss, type Reduction } from './weighted';

/** Arguments after labels and predictions. */
export type Rest<Extra extends readonly unknown[]> = [weights?: TensorLike | null, ...Extra, reduction?: Reduction];

/**
 * @param order of the arguments after labels and predictions; without them weights, the settings, the reduction.
 * @param values one for each example where `elements` are not that already.
 */
function weightedLoss<S extends object, Args extends readonly unknown[]>(
  name: string,
  elements: Values<S>,
  defaults: S,
  order: readonly string[] = ['weights', ...Object.keys(defaults), 'reduction'],
  values = elements,
): LossFactory<S, Args> {
  return loss<S, Args>(name, ofPairs(name, values), defaults, (y, p, ...rest) => {
    const { weights, reduction, ...given } = Object.fromEntries(order.map((key, i) => [key, rest[i]]));
    const losses = ofPairs(name, elements)(y, p, settled(name, given, defaults));
    return computeWeightedLoss(losses, weights as TensorLike | null | undefined, reduction as Reduction | undefined);
  });
}

/**
 * |labels - predictions|, weighted.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.absoluteDifference([1, 2], [2, 4]).dataSync(); // [1.5]
 */
export const absoluteDifference = weightedLoss<NoSettings, Rest<[]>>('absoluteDifference', absoluteErrors, {});

/**
 * (labels - predictions)², weighted. As a loss for `compile` the mean over the last dimension.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.meanSquaredError([1, 2], [2, 4]).dataSync(); // [2.5]
 */
export const meanSquaredError = weightedLoss<NoSettings, Rest<[]>>(
  'meanSquaredError',
  squaredDifference,
  {},
  undefined,
  squares,
);

/**
 * 1 - Σ labels · predictions along an axis (the last by default), weighted; both are taken to have length 1.
 * The arguments are (labels, predictions, axis, weights, reduction).
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.cosineDistance([[1, 0]], [[0, 1]], 1).dataSync(); // [1]
 */
export const cosineDistance = weightedLoss<
  CosineSettings,
  [axis?: number, weights?: TensorLike | null, reduction?: Reduction]
>('cosineDistance', (y, p, { axis }) => sub(1, sum(mul(y, p), axis, true)), { axis: -1 }, [
  'axis',
  'weights',
  'reduction',
]);

/**
 * max(1 - y · predictions, 0), weighted, where labels 0 and 1 stand for y = -1 and 1.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.hingeLoss([0, 1], [-0.5, 3]).dataSync(); // [0.25]
 */
export const hingeLoss = weightedLoss<NoSettings, Rest<[]>>('hingeLoss', (y, p) => hinges(signed(y), p), {});

/**
 * Squares of errors up to `delta` (1 by default), halved, and straight lines from there (Huber, 1964); weighted.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.huberLoss([0, 0], [1, 3], null, 2).dataSync(); // [(0.5 + 4) / 2]
 */
export const huberLoss = weightedLoss<HuberSettings, Rest<[delta?: number]>>('huberLoss', huberErrors, { delta: 1 });

/**
 * -(labels log predictions + (1 - labels) log(1 - predictions)), weighted; `epsilon` (1e-7 by default) is added inside
 * of the logarithms.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.logLoss([1], [0.5]).dataSync(); // [log 2]
 */
export const logLoss = weightedLoss<{ epsilon: number }, Rest<[epsilon?: number]>>(
  'logLoss',
  (y, p, { epsilon }) => {
    const part = (label: Tensor, probability: Tensor): Tensor => mul(label, log(add(probability, epsilon)));
    return neg(add(part(y, p), part(sub(1, y), sub(1, p))));
  },
  { epsilon: EPSILON },
);

/**
 * Cross-entropy of sigmoid(logits) with labels, weighted; finite for logits of any size.
 * `labelSmoothing` moves labels toward 1/2.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.sigmoidCrossEntropy([1, 0], [0, 0]).dataSync(); // [log 2]
 */
export const sigmoidCrossEntropy = weightedLoss<LabelSmoothingSettings, Rest<[labelSmoothing?: number]>>(
  'sigmoidCrossEntropy',
  (y, x, { labelSmoothing }) => onLogits(smoothed(y, labelSmoothing, 2), x),
  { labelSmoothing: 0 },
);

/**
 * Cross-entropy of softmax(logits) with one-hot labels, along the last dimension, weighted; finite for logits of any
 * size. `labelSmoothing` is the share of every label that is spread over all classes.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.losses.softmaxCrossEntropy([[1, 0]], [[0, 0]]).dataSync(); // [log 2]
 */
export const softmaxCrossEntropy = weightedLoss<LabelSmoothingSettings, Rest<[labelSmoothing?: number]>>(
  'softmaxCrossEntropy',
  (y, x, { labelSmoothing }) => neg(sum(weighed(smoothed(y, labelSmoothing, lastOf(x)), logSoftmax(x)), -1)),
  { labelSmoothing: 0 },
);

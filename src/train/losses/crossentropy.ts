/**
 * Cross-entropies and what belongs to them. Targets and predictions have one shape, float32, unless targets are class
 * indices.
 */
import {
  add,
  cast,
  clipByValue,
  div,
  equal,
  expm1,
  greater,
  log,
  logicalAnd,
  mul,
  neg,
  notEqual,
  pow,
  softplus,
  sub,
  where,
} from '../../ops/math/arithmetic';
import { logSoftmax, mean, sum } from '../../ops/math/reduce';
import { expandDims, transpose } from '../../ops/shape/shaping';
import { normalizeAxis } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { classIndices, distribution, inside, logitsOf, oneHotRows, softmaxLogits } from './logits';
import { EPSILON, lastOf } from './loss';
import { withMask } from './reduction';

/** Settings of `sigmoidCrossEntropy` and `softmaxCrossEntropy`. */
export interface LabelSmoothingSettings {
  /** Share of every target that is spread over all classes: of 0 to 1, 0 by default. */
  labelSmoothing: number;
}

/** Settings of cross-entropies. */
export interface CrossentropySettings extends LabelSmoothingSettings {
  /** Whether predictions are logits, not probabilities; false by default. */
  fromLogits: boolean;
  /** The dimension of the classes; the last by default. */
  axis: number;
}

/** Settings of cross-entropies of class indices. */
export interface SparseSettings {
  /** Whether predictions are logits, not probabilities; false by default. */
  fromLogits: boolean;
  /** A class whose examples do not count, as if they were masked; none by default. */
  ignoreClass: number | null;
  /** The dimension of the classes; the last by default. */
  axis: number;
}

/** Targets, a share of which is spread evenly over as many classes. */
export const smoothed = (y: Tensor, share: number, classes: number): Tensor =>
  share > 0 ? add(mul(y, 1 - share), share / classes) : y;

/**
 * Cross-entropy of sigmoid(x) with targets, element by element: x (1 - y) or -x y, by the sign of x, plus log(1 + e^-|x|).
 * Neither part overflows, nor do they cancel for targets of 0 to 1.
 */
export function onLogits(y: Tensor, x: Tensor): Tensor {
  const isPositive = greater(x, 0);
  return add(mul(x, sub(cast(isPositive, 'float32'), y)), softplus(where(isPositive, neg(x), x)));
}

/** Cross-entropy of independent probabilities, element by element. */
export function binaryElements(y: Tensor, yPred: Tensor, fromLogits: boolean): Tensor {
  const logits = fromLogits ? yPred : logitsOf(yPred, 'sigmoid');
  if (logits) return onLogits(y, logits);
  const p = inside(yPred);
  return neg(add(mul(y, log(p)), mul(sub(1, y), log(sub(1, p)))));
}

/** Mean of -(y log ŷ + (1 - y) log(1 - ŷ)). */
export function binaryCrossentropy(y: Tensor, p: Tensor, settings: CrossentropySettings): Tensor {
  return mean(binaryElements(smoothed(y, settings.labelSmoothing, 2), p, settings.fromLogits), settings.axis);
}

/** -Σ y log ŷ, for one-hot targets and class probabilities. */
export function categoricalCrossentropy(y: Tensor, p: Tensor, settings: CrossentropySettings): Tensor {
  const { axis, fromLogits, labelSmoothing } = settings;
  const classes = p.shape[normalizeAxis(axis, p.rank, 'categoricalCrossentropy')] as number;
  return neg(sum(weighed(smoothed(y, labelSmoothing, classes), distribution(p, axis, fromLogits).logs), axis));
}

/** y log p; 0 where y is 0, even if the logarithm is -∞, as for a class whose logit is -∞. */
export function weighed(y: Tensor, logs: Tensor): Tensor {
  const isOut = logicalAnd(equal(y, 0), equal(logs, Number.NEGATIVE_INFINITY));
  return mul(y, where(isOut, 0, logs));
}

/** -log ŷ[y], for class indices. @throws IndexError when run with an index outside the classes */
export function sparseCategoricalCrossentropy(yTrue: Tensor, yPred: Tensor, settings: SparseSettings): Tensor {
  const name = 'sparseCategoricalCrossentropy';
  const { fromLogits, ignoreClass } = settings;
  const axis = normalizeAxis(settings.axis, yPred.rank, name);
  const classes = classIndices(name, yTrue, yPred, axis, ignoreClass === -1 ? -2 : -1);
  const last = yPred.rank - 1;
  const order = yPred.shape.map((_, i) => i).filter((i) => i !== axis);
  const given = axis === last ? yPred : transpose(yPred, [...order, axis]);
  if (ignoreClass === null) return chosen(name, classes, given, fromLogits);
  const valid = notEqual(classes, ignoreClass);
  const logits = fromLogits ? given : logitsOf(given, 'softmax');
  // Whatever is predicted there, NaN for instance, has no part in the gradient.
  const counted = where(expandDims(valid, -1), logits ?? given, 1);
  const values = chosen(name, mul(classes, valid), counted, logits !== undefined);
  return withMask(where(valid, values, 0), valid);
}

const chosen = (name: string, classes: Tensor, yPred: Tensor, fromLogits: boolean): Tensor =>
  neg(sum(weighed(oneHotRows(name, classes, lastOf(yPred)), distribution(yPred, -1, fromLogits).logs), -1));

/** Σ y log(y / ŷ), of probabilities. */
export function kullbackLeiblerDivergence(yTrue: Tensor, yPred: Tensor): Tensor {
  const y = clipByValue(yTrue, EPSILON, 1);
  return sum(mul(y, log(div(y, clipByValue(yPred, EPSILON, 1)))), -1);
}

export interface GeneralizedSettings {
  /** Between 0 (as cross-entropy) and 1 (as the mean absolute error), both excluded; 0.5 by default. */
  q: number;
}

/** Below the normal numbers the slope of p^q overflows. */
const SMALLEST = 1.1754943508222875e-38;

/** (1 - ŷ[y]^q) / q, for class indices. @throws IndexError when run with an index outside the classes */
export function categoricalGeneralizedCrossEntropy(yTrue: Tensor, yPred: Tensor, { q }: GeneralizedSettings): Tensor {
  const name = 'categoricalGeneralizedCrossEntropy';
  const hot = oneHotRows(name, classIndices(name, yTrue, yPred, yPred.rank - 1), lastOf(yPred));
  const logits = softmaxLogits(yPred, -1);
  if (logits) return div(neg(expm1(mul(q, sum(weighed(hot, logSoftmax(logits)), -1)))), q);
  const p = sum(mul(hot, yPred), -1);
  const isSloped = greater(p, SMALLEST);
  return div(sub(1, where(isSloped, pow(where(isSloped, p, 1), q), 0)), q);
}

/** Losses of numbers, one for each row of the last dimension. */
import {
  abs,
  add,
  div,
  divNoNan,
  expm1,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  square,
  sub,
} from '../../ops/arithmetic';
import { mean, norm, sum } from '../../ops/reduce';
import type { Tensor } from '../../tensor/tensor';
import { EPSILON, paired } from './loss';

/** Mean of (y - ŷ)². */
export function meanSquaredError(yTrue: Tensor, yPred: Tensor): Tensor {
  const [y, p] = paired('meanSquaredError', yTrue, yPred);
  return mean(square(sub(p, y)), -1);
}

/** |y - ŷ|, element by element. */
export function absoluteErrors(yTrue: Tensor, yPred: Tensor, name = 'absoluteDifference'): Tensor {
  const [y, p] = paired(name, yTrue, yPred);
  return abs(sub(y, p));
}

/** Mean of |y - ŷ|. */
export const meanAbsoluteError = (yTrue: Tensor, yPred: Tensor): Tensor =>
  mean(absoluteErrors(yTrue, yPred, 'meanAbsoluteError'), -1);

/** 100 times the mean of |y - ŷ| / |y|. */
export function meanAbsolutePercentageError(yTrue: Tensor, yPred: Tensor): Tensor {
  const [y, p] = paired('meanAbsolutePercentageError', yTrue, yPred);
  return mul(100, mean(abs(div(sub(y, p), maximum(abs(y), EPSILON))), -1));
}

/** Mean of (log(1 + y) - log(1 + ŷ))²; negative numbers count as 0. */
export function meanSquaredLogarithmicError(yTrue: Tensor, yPred: Tensor): Tensor {
  const [y, p] = paired('meanSquaredLogarithmicError', yTrue, yPred);
  const logarithm = (t: Tensor): Tensor => log1p(maximum(t, EPSILON));
  return mean(square(sub(logarithm(p), logarithm(y))), -1);
}

/** Mean of log cosh(ŷ - y) = |e| + log((1 + exp(-2|e|)) / 2), which neither overflows nor cancels. */
export function logCosh(yTrue: Tensor, yPred: Tensor): Tensor {
  const e = absoluteErrors(yTrue, yPred, 'logCosh');
  return mean(add(e, log1p(mul(0.5, expm1(mul(-2, e))))), -1);
}

export interface HuberSettings {
  /** Where squares end and straight lines begin; 1 by default. */
  delta: number;
}

/** e² / 2 up to |e| = delta, a straight line from there; element by element. */
export function huberErrors(yTrue: Tensor, yPred: Tensor, { delta }: HuberSettings, name = 'huberLoss'): Tensor {
  const e = absoluteErrors(yTrue, yPred, name);
  const near = minimum(e, delta);
  return add(mul(0.5, square(near)), mul(delta, sub(e, near)));
}

/** Mean of Huber's function of the errors. */
export const huber = (yTrue: Tensor, yPred: Tensor, settings: HuberSettings): Tensor =>
  mean(huberErrors(yTrue, yPred, settings, 'huber'), -1);

/** Mean of ŷ - y log ŷ. */
export function poisson(yTrue: Tensor, yPred: Tensor): Tensor {
  const [y, p] = paired('poisson', yTrue, yPred);
  return mean(sub(p, mul(y, log(add(p, EPSILON)))), -1);
}

export interface CosineSettings {
  /** The dimension that holds the vectors; the last by default. */
  axis: number;
}

/** Minus the cosine of the angle between y and ŷ; 0 if one of them is 0, and so is the gradient. */
export function cosineSimilarity(yTrue: Tensor, yPred: Tensor, { axis }: CosineSettings): Tensor {
  const [y, p] = paired('cosineSimilarity', yTrue, yPred);
  const unit = (t: Tensor): Tensor => divNoNan(t, norm(t, 'euclidean', axis, true));
  return neg(sum(mul(unit(y), unit(p)), axis));
}

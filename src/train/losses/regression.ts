/** Losses of numbers; each function takes targets and predictions of one shape, float32. */

import { norm } from '../../ops/linear/norms';
import {
  abs,
  add,
  clipByValue,
  div,
  divNoNan,
  expm1,
  less,
  log,
  log1p,
  maximum,
  mul,
  neg,
  sinh,
  square,
  sub,
  where,
} from '../../ops/math/arithmetic';
import { mean, sum } from '../../ops/math/reduce';
import type { Tensor } from '../../tensor/tensor';
import { EPSILON } from './loss';

/** Mean of (y - ŷ)². */
export const meanSquaredError = (y: Tensor, p: Tensor): Tensor => mean(square(sub(p, y)), -1);

/** |y - ŷ|, element by element. */
export const absoluteErrors = (y: Tensor, p: Tensor): Tensor => abs(sub(y, p));

/** Mean of |y - ŷ|. */
export const meanAbsoluteError = (y: Tensor, p: Tensor): Tensor => mean(absoluteErrors(y, p), -1);

/** 100 times the mean of |y - ŷ| / |y|. */
export const meanAbsolutePercentageError = (y: Tensor, p: Tensor): Tensor =>
  mul(100, mean(abs(div(sub(y, p), maximum(abs(y), EPSILON))), -1));

/** Mean of (log(1 + y) - log(1 + ŷ))²; negative numbers count as 0. */
export function meanSquaredLogarithmicError(y: Tensor, p: Tensor): Tensor {
  const logarithm = (t: Tensor): Tensor => log1p(maximum(t, EPSILON));
  return mean(square(sub(logarithm(p), logarithm(y))), -1);
}

/**
 * Mean of log cosh e of the errors e: log(1 + 2 sinh²(e / 2)) of small ones, |e| + log((1 + exp(-2|e|)) / 2) of others.
 * Neither overflows where it counts, nor cancels.
 */
export function logCosh(y: Tensor, p: Tensor): Tensor {
  const e = sub(p, y);
  const small = log1p(mul(2, square(sinh(mul(0.5, clipByValue(e, -1, 1))))));
  const size = abs(e);
  const large = add(size, log1p(mul(0.5, expm1(mul(-2, size)))));
  return mean(where(less(size, 1), small, large), -1);
}

/** Settings of Huber losses. */
export interface HuberSettings {
  /** Where squares end and straight lines begin; 1 by default. */
  delta: number;
}

/** e² / 2 up to |e| = delta, a straight line from there, element by element: n (e - n / 2), n being e within ±delta. */
export function huberErrors(y: Tensor, p: Tensor, { delta }: HuberSettings): Tensor {
  const e = sub(p, y);
  const near = clipByValue(e, -delta, delta);
  return mul(near, sub(e, mul(0.5, near)));
}

/** Mean of Huber's function of the errors. */
export const huber = (y: Tensor, p: Tensor, settings: HuberSettings): Tensor => mean(huberErrors(y, p, settings), -1);

/** Mean of ŷ - y log ŷ. */
export const poisson = (y: Tensor, p: Tensor): Tensor => mean(sub(p, mul(y, log(add(p, EPSILON)))), -1);

/** Settings of cosine losses. */
export interface CosineSettings {
  /** The dimension that holds the vectors; the last by default. */
  axis: number;
}

/** Minus the cosine of the angle between y and ŷ; 0 if one of them is 0, and so is the gradient. */
export function cosineSimilarity(y: Tensor, p: Tensor, { axis }: CosineSettings): Tensor {
  const unit = (t: Tensor): Tensor => divNoNan(t, norm(t, 'euclidean', axis, true));
  return neg(sum(mul(unit(y), unit(p)), axis));
}

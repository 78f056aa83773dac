/** Losses of regions, which targets and predictions of one shape describe, and of embeddings. */

import { eye } from '../../ops/create/sequences';
import { matMul } from '../../ops/linear/products';
import {
  add,
  div,
  equal,
  greater,
  logicalNot,
  logicalOr,
  maximum,
  mul,
  softplus,
  sub,
  where,
} from '../../ops/math/arithmetic';
import { type Axis, logSumExp, sum } from '../../ops/math/reduce';
import { reshape } from '../../ops/shape/shaping';
import { ShapeError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { classIndices } from './logits';
import { EPSILON } from './loss';
import { withMask } from './reduction';

/** Settings of `dice`. */
export interface DiceSettings {
  /** The dimensions of one region; all by default: one loss for the batch. */
  axis: Axis;
}

/** Settings of `tversky`. */
export interface TverskySettings extends DiceSettings {
  /** Weight of missing parts, Σ y (1 - ŷ); 0.5 by default. */
  alpha: number;
  /** Weight of excess parts, Σ ŷ (1 - y); 0.5 by default. */
  beta: number;
}

/** 1 - 2 Σ y ŷ / (Σ y + Σ ŷ) */
export function dice(y: Tensor, p: Tensor, { axis }: DiceSettings): Tensor {
  const all = add(add(sum(y, axis), sum(p, axis)), EPSILON);
  return sub(1, div(mul(2, sum(mul(y, p), axis)), all));
}

/** 1 - Σ y ŷ / (Σ y ŷ + alpha Σ y (1 - ŷ) + beta Σ ŷ (1 - y)) */
export function tversky(y: Tensor, p: Tensor, { alpha, beta, axis }: TverskySettings): Tensor {
  const common = sum(mul(y, p), axis);
  const missing = mul(alpha, sum(mul(y, sub(1, p)), axis));
  const excess = mul(beta, sum(mul(p, sub(1, y)), axis));
  return sub(1, div(common, add(add(add(common, missing), excess), EPSILON)));
}

export interface CircleSettings {
  /** Scale of the similarities; 80 by default. */
  gamma: number;
  /** How far from 1 and 0 the similarities within and between classes may stay; 0.4 by default. */
  margin: number;
  /** Whether an example is no pair with itself; true by default. */
  removeDiagonal: boolean;
}

/** log Σ exp(x) over the pairs of each example that belong to a set; -1e30 of none, which no sum of others lifts. */
const logSumOf = (isMember: Tensor, x: Tensor): Tensor => logSumExp(where(isMember, x, -1e30), 1);

/** Circle loss of embeddings [n, d] of length 1 with class indices [n]. */
export function circle(yTrue: Tensor, yPred: Tensor, { gamma, margin, removeDiagonal }: CircleSettings): Tensor {
  if (yPred.rank !== 2) throw new ShapeError(`circle: needs embeddings [n, d], got ${showShape(yPred.shape)}`);
  const n = yPred.shape[0] as number;
  const classes = classIndices('circle', yTrue, yPred, 1);
  const isAlike = equal(reshape(classes, [n, 1]), classes);
  const isOther = logicalNot(isAlike);
  const isPositive = removeDiagonal ? logicalNot(logicalOr(isOther, equal(eye(n), 1))) : isAlike;
  const distances = maximum(sub(1, matMul(yPred, yPred, false, true)), 0);
  const attract = mul(mul(gamma, maximum(add(distances, margin), 0)), sub(distances, margin));
  const repel = mul(mul(gamma, maximum(sub(1 + margin, distances), 0)), sub(1 - margin, distances));
  const losses = softplus(add(logSumOf(isPositive, attract), logSumOf(isOther, repel)));
  return withMask(losses, greater(losses, 0));
}

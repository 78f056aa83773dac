/**
 * Focal cross-entropies, of targets and predictions of one shape, float32: good predictions count little (Lin et
 * al., 2017).
 */
import { add, maximum, mul, neg, pow, sigmoid, sub } from '../../ops/math/arithmetic';
import { mean, sum } from '../../ops/math/reduce';
import { reshape } from '../../ops/shape/shaping';
import { normalizeAxis } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { binaryElements, type CrossentropySettings, smoothed, weighed } from './crossentropy';
import { distribution, logitsOf } from './logits';
import { EPSILON } from './loss';

/** Settings of `categoricalFocalCrossentropy`. */
export interface FocalSettings extends CrossentropySettings {
  /** Weight of the losses; 0.25 by default. A list has one for each class. */
  alpha: number | readonly number[];
  /** How strongly good predictions are reduced; 2 by default, 0 is cross-entropy. */
  gamma: number;
}

/** Settings of `binaryFocalCrossentropy`. */
export interface BinaryFocalSettings extends CrossentropySettings {
  /** Whether targets 1 weigh alpha and targets 0 weigh 1 - alpha; false by default. */
  applyClassBalancing: boolean;
  /** Weight of the targets 1; 0.25 by default. */
  alpha: number;
  /** How strongly good predictions are reduced; 2 by default, 0 is cross-entropy. */
  gamma: number;
}

/** Mean of (1 - pₜ)^gamma times binary cross-entropy, pₜ being the probability of the target. */
export function binaryFocalCrossentropy(yTrue: Tensor, yPred: Tensor, settings: BinaryFocalSettings): Tensor {
  const { fromLogits, labelSmoothing, axis, alpha, gamma, applyClassBalancing } = settings;
  const y = smoothed(yTrue, labelSmoothing, 2);
  const logits = fromLogits ? yPred : logitsOf(yPred, 'sigmoid');
  const other = sub(1, y);
  // 1 - p keeps its digits near p = 1.
  const [p, rest] = logits ? [sigmoid(logits), sigmoid(neg(logits))] : [yPred, sub(1, yPred)];
  const missed = add(mul(y, rest), mul(other, p));
  // Kept from 0, where powers below 1 have no slope.
  const focal = mul(pow(maximum(missed, EPSILON), gamma), binaryElements(y, yPred, fromLogits));
  return mean(applyClassBalancing ? mul(add(mul(y, alpha), mul(other, 1 - alpha)), focal) : focal, axis);
}

/** -Σ alpha (1 - ŷ)^gamma y log ŷ, for one-hot targets and class probabilities. */
export function categoricalFocalCrossentropy(y: Tensor, p: Tensor, settings: FocalSettings): Tensor {
  const { fromLogits, labelSmoothing, alpha, gamma } = settings;
  const axis = normalizeAxis(settings.axis, p.rank, 'categoricalFocalCrossentropy');
  const { logs, rest } = distribution(p, axis, fromLogits);
  const weights =
    typeof alpha === 'number' ? alpha : reshape([...alpha], [alpha.length, ...p.shape.slice(axis + 1).fill(1)]);
  const factors = mul(pow(rest(), gamma), weights);
  return neg(sum(mul(factors, weighed(smoothed(y, labelSmoothing, p.shape[axis] as number), logs)), axis));
}

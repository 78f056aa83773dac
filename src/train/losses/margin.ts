/** Losses that ask for a margin, and Rosenblatt's rule; of targets and predictions of one shape, float32. */
import { add, equal, logicalOr, maximum, mul, relu, square, sub, where } from '../../ops/math/arithmetic';
import { all, max, mean, sum } from '../../ops/math/reduce';
import { ArgumentError } from '../../support/errors';
import type { Tensor } from '../../tensor/tensor';
import { logitsOf } from './logits';

/** 1 - y ŷ, at least 0, for targets -1 and 1. */
export const hinges = (y: Tensor, p: Tensor): Tensor => relu(sub(1, mul(y, p)));

/** 0 and 1 become -1 and 1. */
export const signed = (y: Tensor): Tensor => sub(mul(2, y), 1);

/** Hinges of targets -1 and 1; if all targets of the batch are 0 or 1, these are meant. */
function binaryHinges(y: Tensor, p: Tensor): Tensor {
  const isBinary = all(logicalOr(equal(y, 0), equal(y, 1)));
  return hinges(where(isBinary, signed(y), y), p);
}

/** Mean of max(1 - y ŷ, 0). */
export const hinge = (y: Tensor, p: Tensor): Tensor => mean(binaryHinges(y, p), -1);

/** Mean of max(1 - y ŷ, 0)². */
export const squaredHinge = (y: Tensor, p: Tensor): Tensor => mean(square(binaryHinges(y, p)), -1);

/** max(the best wrong class - the right class + 1, 0), for one-hot targets. */
export const categoricalHinge = (y: Tensor, p: Tensor): Tensor =>
  maximum(add(sub(max(mul(sub(1, y), p), -1), sum(mul(y, p), -1)), 1), 0);

/** Mean of (ŷ - y) z, z being what the step of the last layer was given. @throws ArgumentError without one */
export function perceptron(y: Tensor, p: Tensor): Tensor {
  const z = logitsOf(p, 'step');
  if (!z) throw new ArgumentError("perceptron: the last layer must have the activation 'step'");
  return mean(mul(sub(p, y), z), -1);
}

/** Logits behind predictions, class probabilities and class indices: what cross-entropies are made of. */

import { apply } from '../../ops/core/dispatch';
import * as movement from '../../ops/descriptors/movement';
import { cast, clipByValue, div, expm1, isNaN, log, neg, sub, where } from '../../ops/math/arithmetic';
import { logSoftmax, sum } from '../../ops/math/reduce';
import { reshape } from '../../ops/shape/shaping';
import { ShapeError } from '../../support/errors';
import type { Node } from '../../tensor/graph';
import { normalizeAxis, sameShape, showShape, withAxis } from '../../tensor/shape';
import { type Tensor, tensorOf } from '../../tensor/tensor';
import { EPSILON, lastOf } from './loss';

/**
 * The operand of the activation that made the predictions, if they were made in the same trace: cross-entropies then
 * work on logits and stay finite, as Keras does.
 */
export function logitsOf(yPred: Tensor, activation: string): Tensor | undefined {
  const { graph } = yPred;
  if (!graph) return undefined;
  let node: Node = yPred.node(graph, 'loss');
  if (node.op === 'reshape') node = node.inputs[0] as Node;
  if (node.op !== activation) return undefined;
  const logits = node.inputs[0] as Node;
  // A reshape may be in between, but not one that joins or splits the rows.
  if (logits.shape[logits.shape.length - 1] !== lastOf(yPred)) return undefined;
  return reshape(tensorOf(logits), yPred.shape);
}

/** As `logitsOf` of a softmax along an axis. */
export const softmaxLogits = (yPred: Tensor, axis: number): Tensor | undefined =>
  normalizeAxis(axis, yPred.rank, 'loss') === yPred.rank - 1 ? logitsOf(yPred, 'softmax') : undefined;

/** Probabilities, kept from 0 and 1. */
export const inside = (p: Tensor): Tensor => clipByValue(p, EPSILON, 1 - EPSILON);

/**
 * Class probabilities along an axis, as TensorFlow takes them: normalized, then clipped; their logarithms come from
 * logits where there are any. `rest` is 1 less the probabilities.
 */
export function distribution(
  yPred: Tensor,
  axis: number,
  fromLogits: boolean,
): { readonly logs: Tensor; rest(): Tensor } {
  const logits = fromLogits ? yPred : softmaxLogits(yPred, axis);
  if (logits) {
    const logs = logSoftmax(logits, axis);
    return { logs, rest: () => inside(neg(expm1(logs))) };
  }
  const clipped = inside(div(yPred, sum(yPred, axis, true)));
  return { logs: log(clipped), rest: () => sub(1, clipped) };
}

/**
 * The class of each example, int32, without the axis of the classes, which targets may have with size 1. A NaN becomes
 * `invalid`, a class that must not exist.
 * @throws ShapeError
 */
export function classIndices(name: string, yTrue: Tensor, yPred: Tensor, axis: number, invalid = -1): Tensor {
  if (yPred.rank === 0) throw new ShapeError(`${name}: predictions must be [..., classes], got a scalar`);
  const shape = yPred.shape.filter((_, i) => i !== axis);
  const wide = withAxis(yPred.shape, axis, 1);
  if (!sameShape(yTrue.shape, shape) && !sameShape(yTrue.shape, wide)) {
    throw new ShapeError(
      `${name}: predictions ${showShape(yPred.shape)} need class indices of shape ${showShape(shape)}, got ${showShape(yTrue.shape)}; ` +
        'for one-hot targets use categoricalCrossentropy',
    );
  }
  const classes = reshape(yTrue, shape);
  return cast(classes.dtype === 'float32' ? where(isNaN(classes), invalid, classes) : classes, 'int32');
}

/** One-hot rows. @throws IndexError when run with an index outside the classes */
export const oneHotRows = (name: string, classes: Tensor, depth: number): Tensor =>
  apply(movement.oneHot, [classes], {
    depth,
    on: 1,
    off: 0,
    dtype: 'float32',
    strict: true,
    label: `${name}: class of a target`,
  });

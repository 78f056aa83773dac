/** Losses. Each gives one value per example (or per position), which the trainer averages. */

import { lookUp } from '../../layers/identifiers';
import { add, cast, clipByValue, div, isNaN, log, mul, neg, softplus, square, sub, where } from '../../ops/arithmetic';
import { apply } from '../../ops/dispatch';
import { logSoftmax, mean, sum } from '../../ops/reduce';
import { reshape } from '../../ops/shaping';
import { ArgumentError, ShapeError } from '../../runtime/errors';
import type { Node } from '../../tensor/graph';
import { sameShape, showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import type { LossReduction } from './reduction';

/** (targets, predictions) -> one loss for each example. */
export type Loss = (yTrue: Tensor, yPred: Tensor) => Tensor;
/** A name, or a function. */
export type LossIdentifier = string | Loss;
/** A loss with settings, for `compile`. */
export interface LossFunction extends Loss {
  readonly name: string;
  /** How the values become one number; 'sumOverBatchSize' by default. */
  readonly reduction?: LossReduction;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Keeps logarithms of probabilities finite; Keras' value. */
const EPSILON = 1e-7;

function checkSame(name: string, yTrue: Tensor, yPred: Tensor): void {
  if (!sameShape(yTrue.shape, yPred.shape)) {
    throw new ShapeError(
      `${name}: targets ${showShape(yTrue.shape)} and predictions ${showShape(yPred.shape)} must have the same shape`,
    );
  }
}

/**
 * The operand of the activation that made the predictions, if they were made in the same trace: cross-entropies then
 * work on logits and stay finite, as Keras does.
 */
function logitsOf(yPred: Tensor, activation: string): Tensor | undefined {
  const { graph } = yPred;
  if (!graph) return undefined;
  let node: Node = yPred.node(graph, 'loss');
  if (node.op === 'reshape') node = node.inputs[0] as Node;
  if (node.op !== activation) return undefined;
  const logits = node.inputs[0] as Node;
  // A reshape may stand between, but not one that joins or cuts the rows.
  if (logits.shape[logits.shape.length - 1] !== yPred.shape[yPred.rank - 1]) return undefined;
  return reshape(new Tensor(logits, logits), yPred.shape);
}

/** log of class probabilities along the last dimension, as TensorFlow takes it: normalized, then clipped. */
function logProbabilities(yPred: Tensor): Tensor {
  const logits = logitsOf(yPred, 'softmax');
  if (logits) return logSoftmax(logits);
  return log(clipByValue(div(yPred, sum(yPred, -1, true)), EPSILON, 1 - EPSILON));
}

/** Mean of (y - ŷ)² over the last dimension. */
export function meanSquaredError(yTrue: Tensor, yPred: Tensor): Tensor {
  checkSame('meanSquaredError', yTrue, yPred);
  return mean(square(sub(yPred, yTrue)), -1);
}

/** Cross-entropy of softmax(logits) with target probabilities; finite for logits of any size. */
export function softmaxCrossEntropyWithLogits(labels: Tensor, logits: Tensor): Tensor {
  checkSame('softmaxCrossEntropy', labels, logits);
  return neg(sum(mul(labels, logSoftmax(logits)), -1));
}

/** Elementwise cross-entropy of sigmoid(logits) with targets: softplus(x) - x z; finite for logits of any size. */
export function sigmoidCrossEntropyWithLogits(labels: Tensor, logits: Tensor): Tensor {
  checkSame('sigmoidCrossEntropy', labels, logits);
  return sub(softplus(logits), mul(logits, labels));
}

/** -Σ y log ŷ over the last dimension, for one-hot targets and class probabilities. */
export function categoricalCrossentropy(yTrue: Tensor, yPred: Tensor): Tensor {
  checkSame('categoricalCrossentropy', yTrue, yPred);
  return neg(sum(mul(yTrue, logProbabilities(yPred)), -1));
}

/** The class of each example, without a last dimension of 1 that users may have given it. */
function classIndices(name: string, yTrue: Tensor, yPred: Tensor): Tensor {
  const shape = yPred.shape.slice(0, -1);
  if (!sameShape(yTrue.shape, shape) && !sameShape(yTrue.shape, [...shape, 1])) {
    throw new ShapeError(
      `${name}: predictions ${showShape(yPred.shape)} need class indices of shape ${showShape(shape)}, got ${showShape(yTrue.shape)}; ` +
        'for one-hot targets use categoricalCrossentropy',
    );
  }
  const classes = reshape(yTrue, shape);
  // A NaN would become class 0: -1 is reported instead.
  return cast(classes.dtype === 'float32' ? where(isNaN(classes), -1, classes) : classes, 'int32');
}

/** -log ŷ[y], for class indices and class probabilities. @throws IndexError when run with an index outside the classes */
export function sparseCategoricalCrossentropy(yTrue: Tensor, yPred: Tensor): Tensor {
  const indices = classIndices('sparseCategoricalCrossentropy', yTrue, yPred);
  const depth = yPred.shape[yPred.rank - 1] as number;
  const labels = apply('oneHot', [indices], {
    depth,
    on: 1,
    off: 0,
    dtype: 'float32',
    strict: true,
    label: 'sparseCategoricalCrossentropy: class of a target',
  });
  return neg(sum(mul(labels, logProbabilities(yPred)), -1));
}

/** Mean over the last dimension of -(y log ŷ + (1 - y) log(1 - ŷ)). */
export function binaryCrossentropy(yTrue: Tensor, yPred: Tensor): Tensor {
  checkSame('binaryCrossentropy', yTrue, yPred);
  const logits = logitsOf(yPred, 'sigmoid');
  if (logits) return mean(sigmoidCrossEntropyWithLogits(yTrue, logits), -1);
  const p = clipByValue(yPred, EPSILON, 1 - EPSILON);
  return neg(mean(add(mul(yTrue, log(p)), mul(sub(1, yTrue), log(sub(1, p)))), -1));
}

/**
 * Mean over the last dimension of (ŷ - y) z, z being what the step of the last layer was given. With `sgd` and batches
 * of one example its steps are Rosenblatt's rule w += rate (y - ŷ) x, b += rate (y - ŷ) (Rosenblatt, 1958).
 * @throws ArgumentError unless the predictions come from the activation 'step'
 */
export function perceptron(yTrue: Tensor, yPred: Tensor): Tensor {
  checkSame('perceptron', yTrue, yPred);
  const z = logitsOf(yPred, 'step');
  if (!z) throw new ArgumentError("perceptron: the last layer must have the activation 'step'");
  return mean(mul(sub(yPred, yTrue), z), -1);
}

const losses = {
  meanSquaredError,
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
  binaryCrossentropy,
  perceptron,
  mse: meanSquaredError,
} as const;

/** @throws ArgumentError for an unknown name */
export function getLoss(
  identifier: LossIdentifier,
  where: string,
): { name: string; fn: Loss; reduction: LossReduction } {
  if (typeof identifier === 'function') {
    const { reduction = 'sumOverBatchSize' } = identifier as LossFunction;
    return { name: identifier.name || 'custom', fn: identifier, reduction };
  }
  const fn = lookUp<Loss>(losses, identifier, 'loss', where);
  return { name: fn.name, fn, reduction: 'sumOverBatchSize' };
}

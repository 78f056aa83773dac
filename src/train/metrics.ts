/** Metrics. Each gives one value per example (or per position); the epoch's value is their mean. */

import { lookUp } from '../layers/identifiers';
import { cast, equal, greater } from '../ops/arithmetic';
import { argMax, mean } from '../ops/reduce';
import { reshape } from '../ops/shaping';
import { sameShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { getLoss, meanSquaredError } from './losses';

/** (targets, predictions) -> one value for each example. */
export type Metric = (yTrue: Tensor, yPred: Tensor) => Tensor;
/** A name, or a function. */
export type MetricIdentifier = string | Metric;

/** Whether the largest of the targets and of the predictions stand at the same place. */
export function categoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  return cast(equal(argMax(yTrue, -1), argMax(yPred, -1)), 'float32');
}

/** Whether the largest prediction is that of the target's class. */
export function sparseCategoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const found = argMax(yPred, -1);
  return cast(equal(cast(reshape(yTrue, found.shape), 'int32'), found), 'float32');
}

/** Share of predictions on the right side of the threshold. */
export function binaryAccuracy(yTrue: Tensor, yPred: Tensor, threshold = 0.5): Tensor {
  return mean(cast(equal(yTrue, cast(greater(yPred, threshold), 'float32')), 'float32'), -1);
}

/** Which accuracy 'accuracy' means, by the shapes, as Keras does. */
function accuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  if (yPred.shape[yPred.rank - 1] === 1) return binaryAccuracy(yTrue, yPred);
  return sameShape(yTrue.shape, yPred.shape)
    ? categoricalAccuracy(yTrue, yPred)
    : sparseCategoricalAccuracy(yTrue, yPred);
}

/** As `accuracy`, where the loss says that outputs are independent yes-or-no answers. */
const accuracyFor = (loss: string): Metric =>
  loss === 'binaryCrossentropy' ? (y, p) => binaryAccuracy(y, p) : accuracy;

const metrics = {
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  binaryAccuracy,
  meanSquaredError,
  mse: meanSquaredError,
} as const;

/**
 * A metric by its name; 'accuracy' and 'acc' mean the accuracy that fits the loss, and are logged as `acc`, as
 * TensorFlow.js does. Losses are metrics too.
 * @throws ArgumentError for an unknown name
 */
export function getMetric(identifier: MetricIdentifier, loss: string, where: string): { name: string; fn: Metric } {
  if (typeof identifier === 'function') return { name: identifier.name || 'custom', fn: identifier };
  if (identifier === 'accuracy' || identifier === 'acc') return { name: 'acc', fn: accuracyFor(loss) };
  try {
    return { name: identifier, fn: lookUp<Metric>(metrics, identifier, 'metric', where) };
  } catch (error) {
    try {
      return { name: identifier, fn: getLoss(identifier, where).fn };
    } catch {
      throw error;
    }
  }
}

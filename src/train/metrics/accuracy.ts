/** Accuracies: for each example (or position) whether, or how far, the prediction is right. */

import { cast, equal, greater } from '../../ops/arithmetic';
import { argMax, mean } from '../../ops/reduce';
import { reshape } from '../../ops/shaping';
import { sameShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { MetricFunction } from './mean';

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
export const accuracyFor = (loss: string): MetricFunction =>
  loss === 'binaryCrossentropy' ? (y, p) => binaryAccuracy(y, p) : accuracy;

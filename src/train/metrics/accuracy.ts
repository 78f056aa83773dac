/** Accuracies: for each example (or position) whether, or how far, the prediction is right. */

import { range } from '../../ops/create/sequences';
import { cast, equal, greater, lessEqual, where } from '../../ops/math/arithmetic';
import { argMax, max, mean, sum } from '../../ops/math/reduce';
import { expandDims } from '../../ops/shape/shaping';
import { sameShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { classIndices } from '../losses/logits';
import { lastOf, paired } from '../losses/loss';
import type { MetricFunction } from './mean';

const asFloat = (t: Tensor): Tensor => cast(t, 'float32');

/** Whether targets and predictions are equal, element by element. */
export const equality = (yTrue: Tensor, yPred: Tensor): Tensor => asFloat(equal(...paired('accuracy', yTrue, yPred)));

/** Whether the largest target and the largest prediction are at the same index. */
export function categoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const [y, p] = paired('categoricalAccuracy', yTrue, yPred);
  return asFloat(equal(argMax(y, -1), argMax(p, -1)));
}

const classesOf = (name: string, yTrue: Tensor, yPred: Tensor): Tensor =>
  classIndices(name, yTrue, yPred, yPred.rank - 1);

/** Whether the largest prediction is that of the target's class. */
export const sparseCategoricalAccuracy = (yTrue: Tensor, yPred: Tensor): Tensor =>
  asFloat(equal(classesOf('sparseCategoricalAccuracy', yTrue, yPred), argMax(yPred, -1)));

/** Share of predictions on the right side of the threshold. */
export function binaryAccuracy(yTrue: Tensor, yPred: Tensor, threshold = 0.5): Tensor {
  const [y, p] = paired('binaryAccuracy', yTrue, yPred);
  return mean(asFloat(equal(y, asFloat(greater(p, threshold)))), -1);
}

/** Whether fewer than k predictions exceed that of the class; one that is NaN is among none. */
function isAmongTop(classes: Tensor, p: Tensor, k: number): Tensor {
  const n = lastOf(p);
  const own = max(
    where(equal(range(0, n, 1, 'int32'), expandDims(classes, -1)), p, Number.NEGATIVE_INFINITY),
    -1,
    true,
  );
  return asFloat(greater(sum(asFloat(lessEqual(p, own)), -1), Math.max(0, n - k)));
}

/** Whether the target's class is among the k largest predictions. */
export function topKCategoricalAccuracy(yTrue: Tensor, yPred: Tensor, k = 5): Tensor {
  const [y, p] = paired('topKCategoricalAccuracy', yTrue, yPred);
  return isAmongTop(argMax(y, -1), p, k);
}

/** `topKCategoricalAccuracy` of class indices. */
export const sparseTopKCategoricalAccuracy = (yTrue: Tensor, yPred: Tensor, k = 5): Tensor =>
  isAmongTop(classesOf('sparseTopKCategoricalAccuracy', yTrue, yPred), asFloat(yPred), k);

/** Which accuracy 'accuracy' means, by the shapes, as Keras does. */
function accuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  if (yPred.shape[yPred.rank - 1] === 1) return binaryAccuracy(yTrue, yPred);
  return sameShape(yTrue.shape, yPred.shape)
    ? categoricalAccuracy(yTrue, yPred)
    : sparseCategoricalAccuracy(yTrue, yPred);
}

/** As `accuracy` is understood where the loss treats outputs as independent yes-or-no answers. */
export const accuracyFor = (loss: string): MetricFunction =>
  loss === 'binaryCrossentropy' ? (y, p) => binaryAccuracy(y, p) : accuracy;

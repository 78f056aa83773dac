/** Counts of small integers. */

import { checkFlag, checkWhole } from '../../support/arguments';
import { DTypeError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { numeric } from '../core/operands';
import { ones, type TensorLike, toTensor } from '../create/creation';
import * as sorting from '../descriptors/sorting';
import { matMul } from '../linear/products';
import { oneHot, reshape } from '../shape/shaping';
import { cast, notEqual } from './arithmetic';

/** Integers, one weight for each (1 if none are given), and the number of bins, checked. */
function operands(x: TensorLike, weights: TensorLike, size: number, where: string): { t: Tensor; w: Tensor } {
  const t = toTensor(x, where);
  const given = numeric(weights, where, 'weights');
  if (t.dtype !== 'int32') throw new DTypeError(`${where}: x must be int32, got ${t.dtype}; cast(x, 'int32')`);
  checkWhole(size, where, 'size');
  if (given.size !== t.size && given.size !== 0) {
    throw new ShapeError(
      `${where}: weights must be as many as x, or none; got ${showShape(given.shape)} for ${showShape(t.shape)}`,
    );
  }
  return { t, w: given.size === 0 ? ones(t.shape, given.dtype) : given };
}

/**
 * How often each integer of [0, size) occurs in x, or the sum of the weights of its occurrences (in order, from +0).
 * Larger integers are left out.
 * @param x int32, of any shape.
 * @param weights one for each element of x, or an empty tensor; the counts have their type.
 * @returns [size], in the weights' type
 * @throws DTypeError, ShapeError, ArgumentError; IndexError for an integer below 0
 * @example
 * sg.bincount(sg.tensor1d([1, 1, 2], 'int32'), [], 3).dataSync(); // [0, 2, 1]
 */
export function bincount(x: TensorLike, weights: TensorLike, size: number): Tensor {
  return tidy(() => {
    const { t, w } = operands(x, weights, size, 'bincount');
    return apply(sorting.putAlong, [reshape(w, [t.size]), reshape(t, [t.size])], {
      size,
      strict: true,
      label: 'bincount',
    });
  });
}

/**
 * `bincount` of each row.
 * @param x int32, [n] or [rows, n].
 * @param weights one for each element of x, or an empty tensor; the counts have their type.
 * @param binaryOutput whether to return 1 for integers that occur, instead of how often they do; default false.
 * @returns [size] or [rows, size], in the weights' type
 * @throws DTypeError, ShapeError, ArgumentError; IndexError for an integer below 0
 * @example
 * sg.denseBincount(sg.tensor2d([[1, 1], [0, 2]], null, 'int32'), [], 3).arraySync(); // [[0, 2, 0], [1, 0, 1]]
 */
export function denseBincount(x: TensorLike, weights: TensorLike, size: number, binaryOutput?: boolean): Tensor {
  return tidy(() => {
    const isBinary = checkFlag(binaryOutput, 'denseBincount', 'binaryOutput');
    const { t, w } = operands(x, weights, size, 'denseBincount');
    if (t.rank !== 1 && t.rank !== 2)
      throw new ShapeError(`denseBincount: x must be [n] or [rows, n], got ${showShape(t.shape)}`);
    const attrs = { size, strict: true, label: 'denseBincount' };
    if (!isBinary) return apply(sorting.putAlong, [reshape(w, t.shape), t], attrs);
    return cast(notEqual(apply(sorting.putAlong, [ones(t.shape, 'int32'), t], attrs), 0), w.dtype);
  });
}

/**
 * How often each label was predicted as each class.
 * @param labels [n], class indices.
 * @param predictions [n], class indices.
 * @returns int32, [numClasses, numClasses]: rows are labels, columns predictions
 * @throws ShapeError unless both are [n]; ArgumentError
 * @example
 * sg.math.confusionMatrix([0, 1, 1], [0, 1, 0], 2).arraySync(); // [[1, 0], [1, 1]]
 */
export function confusionMatrix(labels: TensorLike, predictions: TensorLike, numClasses: number): Tensor {
  return tidy(() => {
    const l = toTensor(labels, 'confusionMatrix', 'labels');
    const p = toTensor(predictions, 'confusionMatrix', 'predictions');
    if (l.rank !== 1 || p.rank !== 1 || l.size !== p.size) {
      throw new ShapeError(
        `confusionMatrix: labels and predictions must both be [n], got ${showShape(l.shape)} and ${showShape(p.shape)}`,
      );
    }
    checkWhole(numClasses, 'confusionMatrix', 'numClasses', 1);
    const rows = oneHot(cast(l, 'int32'), numClasses);
    const columns = oneHot(cast(p, 'int32'), numClasses);
    return cast(matMul(rows, columns, true), 'int32');
  });
}

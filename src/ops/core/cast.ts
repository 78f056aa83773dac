/** Casts. */

import { checkDType, type DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { type TensorLike, toTensor, withOperand } from '../create/creation';
import * as elementwise from '../descriptors/elementwise';
import { apply } from './dispatch';

/** The same values in another element type; the operand itself, if it has that type. Users get `ownCast`. */
export function cast(x: TensorLike, dtype: DType, where = 'cast'): Tensor {
  const to = checkDType(dtype, where);
  const t = toTensor(x, where);
  return t.dtype === to ? t : apply(elementwise.cast, [t], { dtype });
}

/** float32 that holds integers, as int32: nothing is cut off, so gradients pass. */
export const asIntegers = (x: Tensor): Tensor => apply(elementwise.cast, [x], { dtype: 'int32', isWhole: true });

/**
 * The same values in another element type: rounded toward zero for int32, true unless 0 for bool. Nothing is copied if
 * the type is the same, but the result has its own handle.
 * @throws DTypeError for an unknown type
 * @example
 * sg.cast([1.7, -1.7], 'int32').dataSync(); // [1, -1]
 */
export function ownCast(x: TensorLike, dtype: DType): Tensor {
  const to = checkDType(dtype, 'cast');
  return withOperand(x, 'cast', (t) => (t.dtype === to ? t.alias() : apply(elementwise.cast, [t], { dtype: to })));
}

/** Casts. */
import { checkDType, type DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { type TensorLike, toTensor, withOperand } from '../create/creation';
import { apply } from './dispatch';

/** The same values in another element type; the operand itself, if it has that type. Users get `ownCast`. */
export function cast(x: TensorLike, dtype: DType, where = 'cast'): Tensor {
  const to = checkDType(dtype, where);
  const t = toTensor(x, where);
  return t.dtype === to ? t : apply('cast', [t], { dtype });
}

/** float32 that holds integers, as int32: nothing is cut off, so gradients pass. */
export const asIntegers = (x: Tensor): Tensor => apply('cast', [x], { dtype: 'int32', isWhole: true });

/**
 * The same values in another element type: toward zero to int32, 0 and not 0 to bool. To the same type no copy is
 * made, but the result is a handle of its own.
 * @throws DTypeError for an unknown type
 */
export function ownCast(x: TensorLike, dtype: DType): Tensor {
  const to = checkDType(dtype, 'cast');
  return withOperand(x, 'cast', (t) => (t.dtype === to ? t.alias() : apply('cast', [t], { dtype: to })));
}

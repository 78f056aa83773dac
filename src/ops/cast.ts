/** Casts. */
import { checkDType, type DType } from '../tensor/dtype';
import type { Tensor } from '../tensor/tensor';
import { type TensorLike, toTensor } from './creation';
import { apply } from './dispatch';

/** The same values in another element type; the operand itself, if it has that type. Users get `ownCast`. */
export function cast(x: TensorLike, dtype: DType): Tensor {
  const t = toTensor(x, 'cast');
  return t.dtype === checkDType(dtype, 'cast') ? t : apply('cast', [t], { dtype });
}

/**
 * The same values in another element type: toward zero to int32, 0 and not 0 to bool. To the same type no copy is
 * made, but the result is a handle of its own.
 * @throws DTypeError for an unknown type
 */
export function ownCast(x: TensorLike, dtype: DType): Tensor {
  const y = cast(x, dtype);
  return y === x ? y.alias() : y;
}

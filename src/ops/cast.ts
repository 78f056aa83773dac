/** Casts. */
import { checkDType, type DType } from '../tensor/dtype';
import type { Tensor } from '../tensor/tensor';
import { type TensorLike, toTensor } from './creation';
import { apply } from './dispatch';

/** The same values in another element type: toward zero to int32, 0 and not 0 to bool. */
export function cast(x: TensorLike, dtype: DType): Tensor {
  const t = toTensor(x, 'cast');
  return t.dtype === checkDType(dtype, 'cast') ? t : apply('cast', [t], { dtype });
}

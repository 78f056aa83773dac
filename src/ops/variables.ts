import type { DType } from '../tensor/dtype';
import { keep, untracked } from '../tensor/scope';
import { Storage } from '../tensor/storage';
import type { Tensor } from '../tensor/tensor';
import { Variable } from '../tensor/variable';
import { cast } from './arithmetic';

/**
 * A variable that starts with the value of a tensor (which is copied).
 * @param trainable whether optimizers change it.
 * @example
 * const w = sg.variable(sg.zeros([2]));
 * w.assign(sg.tensor1d([1, 2]));
 */
export function variable(initialValue: Tensor, trainable = true, name?: string, dtype?: DType): Variable {
  return untracked(() => {
    const value = dtype ? cast(initialValue, dtype) : initialValue;
    const storage = new Storage(value.size * 4, 'variables');
    const v = new Variable({ storage, offset: 0 }, value, name, trainable);
    v.assign(value);
    if (value !== initialValue) value.dispose();
    return keep(v);
  });
}

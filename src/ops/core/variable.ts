import { checkFlag, checkText } from '../../support/arguments';
import { checkDType, type DType } from '../../tensor/dtype';
import type { TensorSpec } from '../../tensor/graph';
import { keep, untracked } from '../../tensor/scope';
import { sizeOf } from '../../tensor/shape';
import { Storage } from '../../tensor/storage';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { Variable } from '../../tensor/variable';
import { cast } from '../math/arithmetic';

/**
 * A variable that starts with a copy of a tensor's value.
 * @param trainable whether optimizers change it; default true.
 * @param name default: a name with a running number.
 * @param dtype default: that of the tensor.
 * @throws ArgumentError, DTypeError
 * @example
 * const w = sg.variable(sg.zeros([2]));
 * w.assign(sg.tensor1d([1, 2]));
 */
export function variable(
  initialValue: Tensor,
  trainable?: boolean | null,
  name?: string | null,
  dtype?: DType | null,
): Variable {
  checkTensor(initialValue, 'variable', 'initialValue', 'for instance sg.variable(sg.tensor([1, 2]))');
  const isTrainable = checkFlag(trainable, 'variable', 'trainable', true);
  const title = name === undefined || name === null ? undefined : checkText(name, 'variable', 'name');
  const type = checkDType(dtype, 'variable', initialValue.dtype);
  return untracked(() => {
    const value = cast(initialValue, type);
    const v = emptyVariable(value, isTrainable, title);
    v.assign(value);
    if (value !== initialValue) value.dispose();
    return v;
  });
}

/** A variable whose value is set next; until then it is unspecified. */
export const emptyVariable = (spec: TensorSpec, isTrainable: boolean, name?: string): Variable =>
  untracked(() => {
    const storage = new Storage(sizeOf(spec.shape) * 4, 'variables');
    return keep(new Variable({ storage, offset: 0 }, spec, name, isTrainable));
  });

/** Comparisons, logic, and choice. Operands broadcast. */
import { within } from '../../support/arguments';
import { DTypeError } from '../../support/errors';
import { upcast } from '../../tensor/dtype';
import { tidy } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import { cast } from '../core/cast';
import { NONE } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { applyBinary, type PlainOp } from '../core/operands';
import { type TensorLike, toTensor } from '../create/creation';

const comparison =
  (name: PlainOp) =>
  (a: TensorLike, b: TensorLike): Tensor =>
    applyBinary(name, a, b);

/** Whether a = b, as bool; int32 is compared exactly. */
export const equal = comparison('equal');
/** Whether a ≠ b, as bool; int32 is compared exactly. */
export const notEqual = comparison('notEqual');
/** Whether a < b, as bool; int32 is compared exactly. */
export const less = comparison('less');
/** Whether a ≤ b, as bool; int32 is compared exactly. */
export const lessEqual = comparison('lessEqual');
/** Whether a > b, as bool; int32 is compared exactly. */
export const greater = comparison('greater');
/** Whether a ≥ b, as bool; int32 is compared exactly. */
export const greaterEqual = comparison('greaterEqual');

/** Plain numbers and arrays of them count as true where they are not 0. */
function logical(x: TensorLike, where: string, argument = 'x'): Tensor {
  const t = x instanceof Tensor ? toTensor(x, where) : cast(toTensor(x, where, argument), 'bool');
  if (t.dtype !== 'bool')
    throw new DTypeError(`${where}: operands must be bool, got ${t.dtype}; compare, or cast(x, 'bool')`);
  return t;
}

/** An op on truth values. */
const connective =
  (where: string, name: 'logicalAnd' | 'logicalOr' | 'notEqual') =>
  (a: TensorLike, b: TensorLike): Tensor =>
    within(where, () => tidy(() => apply(name, [logical(a, where, 'a'), logical(b, where, 'b')], NONE)));

/** a and b. @throws DTypeError for tensors that are not bool */
export const logicalAnd = connective('logicalAnd', 'logicalAnd');
/** a or b. @throws DTypeError for tensors that are not bool */
export const logicalOr = connective('logicalOr', 'logicalOr');
/** Either a or b, but not both. @throws DTypeError for tensors that are not bool */
export const logicalXor = connective('logicalXor', 'notEqual');
/** not x. @throws DTypeError for a tensor that is not bool */
export const logicalNot = (x: TensorLike): Tensor => tidy(() => apply('logicalNot', [logical(x, 'logicalNot')], NONE));

/** a where the condition holds, else b; all three broadcast. @throws DTypeError unless the condition is bool */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  return tidy(() => {
    const x = toTensor(a, 'where', 'a');
    const y = toTensor(b, 'where', 'b');
    const dtype = upcast(x.dtype, y.dtype);
    return apply('where', [logical(condition, 'where', 'condition'), cast(x, dtype), cast(y, dtype)], NONE);
  });
}

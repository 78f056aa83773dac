/** Comparisons, logic, and choice. Operands broadcast. */
import { DTypeError } from '../runtime/errors';
import { upcast } from '../tensor/dtype';
import { tidy } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { cast } from './cast';
import { type TensorLike, toTensor } from './creation';
import { NONE } from './descriptor';
import { apply } from './dispatch';
import { applyBinary, type PlainOp } from './operands';

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

function logical(x: TensorLike, where: string): Tensor {
  const t = toTensor(x, where);
  if (t.dtype !== 'bool')
    throw new DTypeError(`${where}: operands must be bool, got ${t.dtype}; compare, or cast(x, 'bool')`);
  return t;
}

/** a and b. @throws DTypeError unless both are bool */
export const logicalAnd = (a: TensorLike, b: TensorLike): Tensor =>
  apply('logicalAnd', [logical(a, 'logicalAnd'), logical(b, 'logicalAnd')], NONE);
/** a or b. @throws DTypeError unless both are bool */
export const logicalOr = (a: TensorLike, b: TensorLike): Tensor =>
  apply('logicalOr', [logical(a, 'logicalOr'), logical(b, 'logicalOr')], NONE);
/** Either a or b, but not both. @throws DTypeError unless both are bool */
export const logicalXor = (a: TensorLike, b: TensorLike): Tensor =>
  apply('notEqual', [logical(a, 'logicalXor'), logical(b, 'logicalXor')], NONE);
/** not x. @throws DTypeError unless x is bool */
export const logicalNot = (x: TensorLike): Tensor => apply('logicalNot', [logical(x, 'logicalNot')], NONE);

/** a where the condition holds, else b; all three broadcast. @throws DTypeError unless the condition is bool */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  return tidy(() => {
    const x = toTensor(a, 'where', 'a');
    const y = toTensor(b, 'where', 'b');
    const dtype = upcast(x.dtype, y.dtype);
    return apply('where', [logical(condition, 'where'), cast(x, dtype), cast(y, dtype)], NONE);
  });
}

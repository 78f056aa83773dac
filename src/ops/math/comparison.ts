/** Comparisons, logic, and choice. Operands broadcast. */

import { within } from '../../support/arguments';
import { DTypeError } from '../../support/errors';
import { upcast } from '../../tensor/dtype';
import { tidy } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import { cast } from '../core/cast';
import { type Descriptor, NONE, type None } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { applyBinary } from '../core/operands';
import { type TensorLike, toTensor } from '../create/creation';
import * as elementwise from '../descriptors/elementwise';

const comparison =
  (op: Descriptor<None>) =>
  (a: TensorLike, b: TensorLike): Tensor =>
    applyBinary(op, a, b);

/**
 * Whether a = b, as bool; the shapes broadcast, int32 is compared exactly.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.equal([1, 2], [1, 3]).dataSync(); // [1, 0]
 */
export const equal = comparison(elementwise.equal);

/**
 * Whether a ≠ b, as bool; the shapes broadcast, int32 is compared exactly.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.notEqual([1, 2], [1, 3]).dataSync(); // [0, 1]
 */
export const notEqual = comparison(elementwise.notEqual);

/**
 * Whether a < b, as bool; the shapes broadcast, int32 is compared exactly.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.less([1, 2], 2).dataSync(); // [1, 0]
 */
export const less = comparison(elementwise.less);

/**
 * Whether a ≤ b, as bool; the shapes broadcast, int32 is compared exactly.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.lessEqual([1, 2, 3], 2).dataSync(); // [1, 1, 0]
 */
export const lessEqual = comparison(elementwise.lessEqual);

/**
 * Whether a > b, as bool; the shapes broadcast, int32 is compared exactly.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.greater([1, 2, 3], 2).dataSync(); // [0, 0, 1]
 */
export const greater = comparison(elementwise.greater);

/**
 * Whether a ≥ b, as bool; the shapes broadcast, int32 is compared exactly.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.greaterEqual([1, 2, 3], 2).dataSync(); // [0, 1, 1]
 */
export const greaterEqual = comparison(elementwise.greaterEqual);

/** Plain numbers and arrays of them count as true where they are not 0. */
function logical(x: TensorLike, where: string, argument = 'x'): Tensor {
  const t = x instanceof Tensor ? toTensor(x, where) : cast(toTensor(x, where, argument), 'bool');
  if (t.dtype !== 'bool')
    throw new DTypeError(`${where}: operands must be bool, got ${t.dtype}; compare, or cast(x, 'bool')`);
  return t;
}

/** An op on truth values. */
const connective =
  (where: string, op: Descriptor<None>) =>
  (a: TensorLike, b: TensorLike): Tensor =>
    within(where, () => tidy(() => apply(op, [logical(a, where, 'a'), logical(b, where, 'b')], NONE)));

/**
 * Whether both are true, as bool; the shapes broadcast. Numbers and arrays count as true where they are not 0.
 * @throws DTypeError for tensors that are not bool; ShapeError if the shapes do not broadcast
 * @example
 * sg.logicalAnd([true, true], [true, false]).dataSync(); // [1, 0]
 */
export const logicalAnd = connective('logicalAnd', elementwise.logicalAnd);

/**
 * Whether at least one is true, as bool; the shapes broadcast. Numbers and arrays count as true where they are not 0.
 * @throws DTypeError for tensors that are not bool; ShapeError if the shapes do not broadcast
 * @example
 * sg.logicalOr([true, false], [false, false]).dataSync(); // [1, 0]
 */
export const logicalOr = connective('logicalOr', elementwise.logicalOr);

/**
 * Whether exactly one is true, as bool; the shapes broadcast. Numbers and arrays count as true where they are not 0.
 * @throws DTypeError for tensors that are not bool; ShapeError if the shapes do not broadcast
 * @example
 * sg.logicalXor([true, true], [true, false]).dataSync(); // [0, 1]
 */
export const logicalXor = connective('logicalXor', elementwise.notEqual);

/**
 * Whether x is false, as bool, of x's shape. Numbers and arrays count as true where they are not 0.
 * @throws DTypeError for a tensor that is not bool
 * @example
 * sg.logicalNot([true, false]).dataSync(); // [0, 1]
 */
export const logicalNot = (x: TensorLike): Tensor =>
  tidy(() => apply(elementwise.logicalNot, [logical(x, 'logicalNot')], NONE));

/**
 * a where the condition holds, else b; all three shapes broadcast.
 * @param condition bool; numbers and arrays count as true where they are not 0.
 * @returns the common type of a and b
 * @throws DTypeError for a condition that is a tensor but not bool; ShapeError if the shapes do not broadcast
 * @example
 * sg.where([true, false], [1, 2], 0).dataSync(); // [1, 0]
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  return tidy(() => {
    const x = toTensor(a, 'where', 'a');
    const y = toTensor(b, 'where', 'b');
    const dtype = upcast(x.dtype, y.dtype);
    return apply(elementwise.where, [logical(condition, 'where', 'condition'), cast(x, dtype), cast(y, dtype)], NONE);
  });
}

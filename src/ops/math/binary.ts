/** Arithmetic of two operands, which broadcast. A bool counts as int32. */

import { Bin } from '../../../assembly/isa';
import { within } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { sameShape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { type Descriptor, NONE, type None } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { applyBinary, matched } from '../core/operands';
import { type TensorLike, toTensor, withOperands } from '../create/creation';
import * as elementwise from '../descriptors/elementwise';
import { equal, where } from './comparison';

const arithmetic =
  (op: Descriptor<None>) =>
  (a: TensorLike, b: TensorLike): Tensor =>
    applyBinary(op, a, b);

const ATAN2 = elementwise.binary('atan2', Bin.atan2);
const DIV = elementwise.binary('div', Bin.div);

/**
 * a + b; the shapes broadcast. Two int32 stay int32, modulo 2³².
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.add([1, 2], 10).dataSync(); // [11, 12]
 */
export const add = arithmetic(elementwise.binary('add', Bin.add, Bin.addInt));

/**
 * a - b; the shapes broadcast. Two int32 stay int32, modulo 2³².
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.sub([10, 20], [1, 2]).dataSync(); // [9, 18]
 */
export const sub = arithmetic(elementwise.binary('sub', Bin.sub, Bin.subInt));

/**
 * a · b, element by element; the shapes broadcast. Two int32 stay int32, modulo 2³².
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.mul([1, 2], [3, 4]).dataSync(); // [3, 8]
 */
export const mul = arithmetic(elementwise.binary('mul', Bin.mul, Bin.mulInt));

/**
 * The larger of two elements, NaN if either is; the shapes broadcast. Two int32 stay int32.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.maximum([1, 5], 3).dataSync(); // [3, 5]
 */
export const maximum = arithmetic(elementwise.binary('maximum', Bin.maximum, Bin.maximumInt));

/**
 * The smaller of two elements, NaN if either is; the shapes broadcast. Two int32 stay int32.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.minimum([1, 5], 3).dataSync(); // [1, 3]
 */
export const minimum = arithmetic(elementwise.binary('minimum', Bin.minimum, Bin.minimumInt));

/**
 * (a - b)²; the shapes broadcast. Two int32 stay int32, modulo 2³².
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.squaredDifference([1, 5], 3).dataSync(); // [4, 4]
 */
export const squaredDifference = arithmetic(elementwise.squaredDifference);

/**
 * Remainder of the floor division, a - b floor(a / b), with the sign of b; the shapes broadcast. Two int32 stay int32,
 * with 0 where b is 0.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.mod([5, -5], 3).dataSync(); // [2, 1]
 */
export const mod = arithmetic(elementwise.binary('mod', Bin.mod, Bin.modInt));

/**
 * floor(a / b) as int32; the shapes broadcast. Out of range it is the nearest int32, but 0 where both are int32 and b
 * is 0.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.floorDiv([7, -7], 2).dataSync(); // [3, -4]
 */
export const floorDiv = arithmetic(elementwise.floorDiv);

/**
 * aᵇ within 1 ulp, NaN where a < 0 and b is not an integer; the shapes broadcast. Two int32 stay int32, modulo 2³².
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.pow([2, 3], 2).dataSync(); // [4, 9]
 */
export const pow = arithmetic(elementwise.binary('pow', Bin.pow, Bin.powInt));

/**
 * Angle of the point (b, a) in radians, in [-π, π]; float32, the shapes broadcast.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.atan2([1, 0], [0, -1]).dataSync(); // [1.571, 3.142]
 */
export const atan2 = (a: TensorLike, b: TensorLike): Tensor => applyBinary(ATAN2, a, b, 'float32');

/**
 * a / b; the shapes broadcast. Two int32 are divided as integers and rounded down, all else is float32.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.div([1, 3], 2).dataSync(); // [0.5, 1.5]
 */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return tidy(() => {
    const x = toTensor(a, 'div', 'a');
    const y = toTensor(b, 'div', 'b');
    if (isIntegral(x, y)) return applyBinary(elementwise.floorDiv, x, y);
    return applyBinary(DIV, x, y, 'float32');
  });
}

/** int32 both, or one of them with a bool. */
const isIntegral = (x: Tensor, y: Tensor): boolean =>
  x.dtype !== 'float32' && y.dtype !== 'float32' && (x.dtype === 'int32' || y.dtype === 'int32');

/**
 * a / b, and 0 where b is 0; shapes and types as for `div`.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.divNoNan([1, 2], [0, 4]).dataSync(); // [0, 0.5]
 */
export function divNoNan(a: TensorLike, b: TensorLike): Tensor {
  return within('divNoNan', () => quotientOrZero(a, b));
}

function quotientOrZero(a: TensorLike, b: TensorLike): Tensor {
  return tidy(() => {
    const x = toTensor(a, 'divNoNan', 'a');
    const y = toTensor(b, 'divNoNan', 'b');
    if (isIntegral(x, y)) return applyBinary(elementwise.floorDiv, x, y);
    const [p, q] = matched(x, y, 'divNoNan', 'float32');
    const isZero = equal(q, 0);
    // The divisor is changed too, so that no gradient comes through a / 0.
    return where(isZero, 0, apply(DIV, [p, where(isZero, 1, q)], NONE));
  });
}

/**
 * Bits that are set in both int32; the shapes broadcast.
 * @throws DTypeError unless both are int32; ShapeError if the shapes do not broadcast
 * @example
 * sg.bitwiseAnd(sg.tensor1d([6, 5], 'int32'), sg.scalar(3, 'int32')).dataSync(); // [2, 1]
 */
export function bitwiseAnd(x: TensorLike, y: TensorLike): Tensor {
  return tidy(() => {
    const operands = [toTensor(x, 'bitwiseAnd'), toTensor(y, 'bitwiseAnd', 'y')];
    const other = operands.find((t) => t.dtype !== 'int32');
    if (other) throw new DTypeError(`bitwiseAnd: operands must be int32, got ${other.dtype}; cast(x, 'int32')`);
    return apply(elementwise.bitwiseAnd, operands, NONE);
  });
}

/**
 * Sum of tensors of one shape and type, from the first to the last.
 * @throws ArgumentError for an empty list; ShapeError, DTypeError if they differ
 * @example
 * sg.addN([[1, 2], [3, 4], [5, 6]]).dataSync(); // [9, 12]
 */
export function addN(tensors: readonly TensorLike[]): Tensor {
  return withOperands(tensors, 'addN', (list) => {
    if (list.length === 0) throw new ArgumentError('addN: needs a list of at least one tensor');
    const [head, ...rest] = list as [Tensor, ...Tensor[]];
    for (const [i, t] of rest.entries()) {
      if (t.dtype !== head.dtype)
        throw new DTypeError(`addN: tensors[${i + 1}] is ${t.dtype}, the first is ${head.dtype}; cast one`);
      if (!sameShape(t.shape, head.shape))
        throw new ShapeError(
          `addN: tensors[${i + 1}] is ${showShape(t.shape)}, the first ${showShape(head.shape)}; all shapes must be equal`,
        );
    }
    return tidy(() => rest.reduce<Tensor>((sum, t) => add(sum, t), head.alias()));
  });
}

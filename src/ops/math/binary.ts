/** Arithmetic of two operands, which broadcast. A bool counts as int32. */
import { within } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { sameShape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { NONE } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { applyBinary, matched, type PlainOp } from '../core/operands';
import { type TensorLike, toTensor, withOperands } from '../create/creation';
import { equal, where } from './comparison';

const arithmetic =
  (name: PlainOp) =>
  (a: TensorLike, b: TensorLike): Tensor =>
    applyBinary(name, a, b);

/** a + b; two int32 stay int32, modulo 2³². */
export const add = arithmetic('add');
/** a - b; two int32 stay int32, modulo 2³². */
export const sub = arithmetic('sub');
/** a b; two int32 stay int32, modulo 2³². */
export const mul = arithmetic('mul');
/** The larger; NaN if either is. Two int32 stay int32. */
export const maximum = arithmetic('maximum');
/** The smaller; NaN if either is. Two int32 stay int32. */
export const minimum = arithmetic('minimum');
/** (a - b)²; two int32 stay int32, modulo 2³². */
export const squaredDifference = arithmetic('squaredDifference');
/** Remainder of the floor division, a - b floor(a / b): it has the sign of b. Two int32 stay int32; 0 where b is 0. */
export const mod = arithmetic('mod');
/** floor(a / b) as int32. Beyond the range the nearest end, but 0 where both are int32 and b is 0. */
export const floorDiv = arithmetic('floorDiv');
/** aᵇ, within 1 ulp; NaN where a < 0 and b is no integer. Two int32 stay int32, modulo 2³². */
export const pow = arithmetic('pow');
/** Angle of the point (b, a), of [-π, π], in float32. */
export const atan2 = (a: TensorLike, b: TensorLike): Tensor => applyBinary('atan2', a, b, 'float32');

/** a / b. Two int32 give the floor of the quotient, as int32; all else is float32. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return tidy(() => {
    const x = toTensor(a, 'div', 'a');
    const y = toTensor(b, 'div', 'b');
    if (isIntegral(x, y)) return applyBinary('floorDiv', x, y);
    return applyBinary('div', x, y, 'float32');
  });
}

/** int32 both, or one of them with a bool. */
const isIntegral = (x: Tensor, y: Tensor): boolean =>
  x.dtype !== 'float32' && y.dtype !== 'float32' && (x.dtype === 'int32' || y.dtype === 'int32');

/** a / b, and 0 where b is 0; types as `div`. */
export function divNoNan(a: TensorLike, b: TensorLike): Tensor {
  return within('divNoNan', () => quotientOrZero(a, b));
}

function quotientOrZero(a: TensorLike, b: TensorLike): Tensor {
  return tidy(() => {
    const x = toTensor(a, 'divNoNan', 'a');
    const y = toTensor(b, 'divNoNan', 'b');
    if (isIntegral(x, y)) return applyBinary('floorDiv', x, y);
    const [p, q] = matched(x, y, 'divNoNan', 'float32');
    const isZero = equal(q, 0);
    // The divisor is changed too, so that no gradient comes by way of a / 0.
    return where(isZero, 0, apply('div', [p, where(isZero, 1, q)], NONE));
  });
}

/** Bits that are set in both int32. @throws DTypeError unless both are int32 */
export function bitwiseAnd(x: TensorLike, y: TensorLike): Tensor {
  return tidy(() => {
    const operands = [toTensor(x, 'bitwiseAnd'), toTensor(y, 'bitwiseAnd', 'y')];
    const other = operands.find((t) => t.dtype !== 'int32');
    if (other) throw new DTypeError(`bitwiseAnd: operands must be int32, got ${other.dtype}; cast(x, 'int32')`);
    return apply('bitwiseAnd', operands, NONE);
  });
}

/**
 * Sum of tensors of one shape and type, from the first to the last.
 * @throws ArgumentError for an empty list, ShapeError, DTypeError
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
    return tidy(() => rest.reduce<Tensor>((sum, t) => applyBinary('add', sum, t), head.alias()));
  });
}

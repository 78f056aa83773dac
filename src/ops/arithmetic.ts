/** Elementwise functions. */
import { DTypeError } from '../runtime/errors';
import { checkDType, type DType } from '../tensor/dtype';
import { checkShape, type Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { type TensorLike, toTensor } from './creation';
import { NONE, type None } from './descriptor';
import { apply } from './dispatch';
import type { AttrsOf, OpName } from './table';

/** Names of the ops without attributes. */
type PlainOp = { [K in OpName]: AttrsOf<K> extends None ? K : never }[OpName];

/** The same values in another element type: toward zero to int32, 0 and not 0 to bool. */
export function cast(x: TensorLike, dtype: DType): Tensor {
  const t = toTensor(x, 'cast');
  return t.dtype === checkDType(dtype, 'cast') ? t : apply('cast', [t], { dtype });
}

/** float32 operand of an op that computes in float32. */
const float = (x: TensorLike, where: string, argument?: string): Tensor =>
  cast(toTensor(x, where, argument), 'float32');

const unary =
  (name: PlainOp) =>
  (x: TensorLike): Tensor =>
    apply(name, [float(x, name)], NONE as never);

/** -x */
export const neg = unary('neg');
/** |x| */
export const abs = unary('abs');
/** -1, 0 or 1; NaN stays NaN. */
export const sign = unary('sign');
/** x² */
export const square = unary('square');
/** √x, NaN below 0. */
export const sqrt = unary('sqrt');
/** 1 / √x */
export const rsqrt = unary('rsqrt');
/** 1 / x */
export const reciprocal = unary('reciprocal');
/** eˣ, within 2 ulp. */
export const exp = unary('exp');
/** Natural logarithm, within 2 ulp; NaN below 0. */
export const log = unary('log');
/** log(1 + x), exact near 0. */
export const log1p = unary('log1p');
/** eˣ - 1, exact near 0. */
export const expm1 = unary('expm1');
/** Hyperbolic tangent, within 2 ulp. */
export const tanh = unary('tanh');
/** 1 / (1 + e⁻ˣ) */
export const sigmoid = unary('sigmoid');
/** log(1 + eˣ), finite for large x. */
export const softplus = unary('softplus');
/** Gauss error function. */
export const erf = unary('erf');
/** max(x, 0) */
export const relu = unary('relu');
/** Largest integer not above x. */
export const floor = unary('floor');
/** Smallest integer not below x. */
export const ceil = unary('ceil');
/** Nearest integer, halves to the even one. */
export const round = unary('round');
/** Whether x is NaN, as bool. */
export const isNaN = unary('isNaN');

/** x where x >= 0, else alpha x. */
export const leakyRelu = (x: TensorLike, alpha = 0.2): Tensor => apply('leakyRelu', [float(x, 'leakyRelu')], { alpha });
/** 1 where x > 0, else alpha; NaN stays NaN. */
export const step = (x: TensorLike, alpha = 0): Tensor => apply('step', [float(x, 'step')], { alpha });
/** x limited to [min, max]; NaN stays NaN. */
export const clipByValue = (x: TensorLike, min: number, max: number): Tensor =>
  apply('clipByValue', [float(x, 'clipByValue')], { min, max });

const binary =
  (name: PlainOp, keepsInt = false) =>
  (a: TensorLike, b: TensorLike): Tensor => {
    const x = toTensor(a, name, 'a');
    const y = toTensor(b, name, 'b');
    if (keepsInt && x.dtype !== 'float32' && y.dtype !== 'float32')
      return apply(name, [cast(x, 'int32'), cast(y, 'int32')], NONE as never);
    return apply(name, [cast(x, 'float32'), cast(y, 'float32')], NONE as never);
  };

/** a + b, broadcast; two int32 stay int32. */
export const add = binary('add', true);
/** a - b, broadcast; two int32 stay int32. */
export const sub = binary('sub', true);
/** a b, broadcast; two int32 stay int32. */
export const mul = binary('mul', true);
/** a / b, broadcast, in float32. */
export const div = binary('div');
/** The larger, broadcast; NaN if either is. */
export const maximum = binary('maximum');
/** The smaller, broadcast; NaN if either is. */
export const minimum = binary('minimum');
/** (a - b)², broadcast. */
export const squaredDifference = binary('squaredDifference');
/** Whether a = b, broadcast, as bool. */
export const equal = binary('equal', true);
/** Whether a ≠ b, broadcast, as bool. */
export const notEqual = binary('notEqual', true);
/** Whether a < b, broadcast, as bool. */
export const less = binary('less', true);
/** Whether a ≤ b, broadcast, as bool. */
export const lessEqual = binary('lessEqual', true);
/** Whether a > b, broadcast, as bool. */
export const greater = binary('greater', true);
/** Whether a ≥ b, broadcast, as bool. */
export const greaterEqual = binary('greaterEqual', true);

function logical(x: TensorLike, where: string): Tensor {
  const t = toTensor(x, where);
  if (t.dtype !== 'bool')
    throw new DTypeError(`${where}: operands must be bool, got ${t.dtype}; compare, or cast(x, 'bool')`);
  return t;
}

/** a and b, broadcast. @throws DTypeError unless both are bool */
export const logicalAnd = (a: TensorLike, b: TensorLike): Tensor =>
  apply('logicalAnd', [logical(a, 'logicalAnd'), logical(b, 'logicalAnd')], NONE);
/** a or b, broadcast. @throws DTypeError unless both are bool */
export const logicalOr = (a: TensorLike, b: TensorLike): Tensor =>
  apply('logicalOr', [logical(a, 'logicalOr'), logical(b, 'logicalOr')], NONE);
/** not x. @throws DTypeError unless x is bool */
export const logicalNot = (x: TensorLike): Tensor => apply('logicalNot', [logical(x, 'logicalNot')], NONE);

/** a where the condition holds, else b; all three broadcast. @throws DTypeError unless the condition is bool */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const x = toTensor(a, 'where', 'a');
  const y = toTensor(b, 'where', 'b');
  const dtype = x.dtype === y.dtype ? x.dtype : 'float32';
  return apply('where', [logical(condition, 'where'), cast(x, dtype), cast(y, dtype)], NONE);
}

/** x repeated along dimensions of size 1, and new ones in front, until it has the shape. @throws ShapeError */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  checkShape(shape, 'broadcastTo');
  return apply('broadcastTo', [toTensor(x, 'broadcastTo')], { shape: [...shape] });
}

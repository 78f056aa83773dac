/** Elementwise functions of one operand. They compute in float32, unless they say that int32 stays int32. */
import { checkNumber } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import { tidy } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import { cast } from '../core/cast';
import { NONE } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { applyBinary, applyUnary, numeric, type PlainOp } from '../core/operands';
import { fill, type TensorLike, toTensor, withOperand } from '../create/creation';

const inFloat =
  (name: PlainOp) =>
  (x: TensorLike): Tensor =>
    applyUnary(name, x, 'float32', NONE as never);

/** Keeps int32; a bool is changed by none of these functions and stays as it is. */
const exact = (name: 'abs' | 'sign' | 'square' | 'relu') => {
  const run = (t: Tensor): Tensor => (t.dtype === 'bool' ? t.alias() : apply(name, [t], NONE));
  return (x: TensorLike): Tensor => withOperand(x, name, run);
};

/** Whole numbers are their own rounding. */
const rounding =
  (name: 'floor' | 'ceil' | 'round') =>
  (x: TensorLike): Tensor =>
    withOperand(x, name, (t) => (t.dtype === 'float32' ? apply(name, [t], NONE) : t.alias()));

/** -x; int32 stays int32. */
export const neg = (x: TensorLike): Tensor =>
  withOperand(x, 'neg', (t) => (t.dtype === 'bool' ? applyUnary('neg', t, 'int32', NONE) : apply('neg', [t], NONE)));
/** |x|; int32 stays int32. */
export const abs = exact('abs');
/** -1, 0 or 1; NaN stays NaN, int32 stays int32. */
export const sign = exact('sign');
/** x²; int32 stays int32, modulo 2³². */
export const square = exact('square');
/** max(x, 0); int32 stays int32. */
export const relu = exact('relu');
/** Largest integer not above x; int32 stays int32. */
export const floor = rounding('floor');
/** Smallest integer not below x; int32 stays int32. */
export const ceil = rounding('ceil');
/** Nearest integer, halves to the even one; int32 stays int32. */
export const round = rounding('round');

/** √x, NaN below 0. */
export const sqrt = inFloat('sqrt');
/** 1 / √x */
export const rsqrt = inFloat('rsqrt');
/** 1 / x */
export const reciprocal = inFloat('reciprocal');
/** eˣ, within 2 ulp. */
export const exp = inFloat('exp');
/** Natural logarithm, within 2 ulp; NaN below 0. */
export const log = inFloat('log');
/** log(1 + x), exact near 0. */
export const log1p = inFloat('log1p');
/** eˣ - 1, exact near 0. */
export const expm1 = inFloat('expm1');
/** Sine, within 2 ulp for angles of any size. */
export const sin = inFloat('sin');
/** Cosine, within 2 ulp for angles of any size. */
export const cos = inFloat('cos');
/** Tangent, within 4 ulp for angles of any size. */
export const tan = inFloat('tan');
/** Arc sine, of [-π/2, π/2]; NaN outside [-1, 1]. */
export const asin = inFloat('asin');
/** Arc cosine, of [0, π]; NaN outside [-1, 1]. */
export const acos = inFloat('acos');
/** Arc tangent, of [-π/2, π/2]. */
export const atan = inFloat('atan');
/** Hyperbolic sine, within 2 ulp. */
export const sinh = inFloat('sinh');
/** Hyperbolic cosine, within 2 ulp. */
export const cosh = inFloat('cosh');
/** Hyperbolic tangent, within 2 ulp. */
export const tanh = inFloat('tanh');
/** Inverse of the hyperbolic sine. */
export const asinh = inFloat('asinh');
/** Inverse of the hyperbolic cosine; NaN below 1. */
export const acosh = inFloat('acosh');
/** Inverse of the hyperbolic tangent; NaN outside [-1, 1]. */
export const atanh = inFloat('atanh');
/** 1 / (1 + e⁻ˣ) */
export const sigmoid = inFloat('sigmoid');
/** log(1 + eˣ), finite for large x. */
export const softplus = inFloat('softplus');
/** Gauss error function. */
export const erf = inFloat('erf');
/** Whether x is NaN, as bool. */
export const isNaN = inFloat('isNaN');
/** Whether x is infinite, as bool. */
export const isInf = inFloat('isInf');
/** Whether x is neither infinite nor NaN, as bool. */
export const isFinite = inFloat('isFinite');

/** x where x >= 0, else alpha x. */
export const leakyRelu = (x: TensorLike, alpha?: number | null): Tensor =>
  applyUnary('leakyRelu', x, 'float32', { alpha: checkNumber(alpha, 'leakyRelu', 'alpha', 0.2) });

/** 1 where x > 0, else alpha; NaN stays NaN. Other types than float32 stay as they are, with alpha cast to them. */
export function step(x: TensorLike, alpha?: number | null): Tensor {
  const attrs = { alpha: checkNumber(alpha, 'step', 'alpha', 0) };
  return withOperand(x, 'step', (t) => {
    if (t.dtype === 'float32') return apply('step', [t], attrs);
    // The sign of an int32 survives the rounding to float32.
    return tidy(() => cast(applyUnary('step', t, 'float32', attrs), t.dtype));
  });
}

/**
 * x limited to [min, max]; NaN stays NaN. int32 stays int32, its limits cut toward zero.
 * @throws ArgumentError if min > max
 */
export function clipByValue(x: TensorLike, min: number, max: number): Tensor {
  checkNumber(min, 'clipByValue', 'min');
  checkNumber(max, 'clipByValue', 'max');
  if (!(min <= max)) throw new ArgumentError(`clipByValue: min ${min} must not exceed max ${max}`);
  if (x instanceof Tensor && x.dtype === 'float32') return apply('clipByValue', [x], { min, max });
  return tidy(() => {
    const t = toTensor(x, 'clipByValue');
    if (t.dtype === 'float32') return apply('clipByValue', [t], { min, max });
    const limit = (value: number): Tensor => fill([], Math.trunc(Math.min(Math.max(value, INT_MIN), INT_MAX)), INT);
    return applyBinary('minimum', applyBinary('maximum', numeric(t, 'clipByValue'), limit(min)), limit(max));
  });
}

const INT: DType = 'int32';
const INT_MIN = -2147483648;
const INT_MAX = 2147483647;

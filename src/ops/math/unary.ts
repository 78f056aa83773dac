/** Elementwise functions of one operand. They compute in float32, unless stated that int32 stays int32. */

import { Bin, Un } from '../../../assembly/isa';
import { checkNumber } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import { tidy } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import { cast } from '../core/cast';
import { type Descriptor, NONE, type None } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { applyBinary, applyUnary, numeric } from '../core/operands';
import { fill, type TensorLike, toTensor, withOperand } from '../create/creation';
import * as elementwise from '../descriptors/elementwise';

const inFloat =
  (op: Descriptor<None>) =>
  (x: TensorLike): Tensor =>
    applyUnary(op, x, 'float32', NONE);

/** Keeps int32; a bool is changed by none of these functions and stays as it is. */
const exact = (op: Descriptor<None>) => {
  const run = (t: Tensor): Tensor => (t.dtype === 'bool' ? t.alias() : apply(op, [t], NONE));
  return (x: TensorLike): Tensor => withOperand(x, op.name, run);
};

/** Integers are their own rounding. */
const rounding =
  (op: Descriptor<None>) =>
  (x: TensorLike): Tensor =>
    withOperand(x, op.name, (t) => (t.dtype === 'float32' ? apply(op, [t], NONE) : t.alias()));

/**
 * -x of any shape; int32 stays int32.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.neg([1, -2]).dataSync(); // [-1, 2]
 */
export const neg = (x: TensorLike): Tensor =>
  withOperand(x, 'neg', (t) =>
    t.dtype === 'bool' ? applyUnary(elementwise.neg, t, 'int32', NONE) : apply(elementwise.neg, [t], NONE),
  );

/**
 * Absolute value of x of any shape; int32 stays int32.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.abs([-1, 2]).dataSync(); // [1, 2]
 */
export const abs = exact(elementwise.abs);

/**
 * -1, 0 or 1 for each element of x of any shape; NaN stays NaN, int32 stays int32.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.sign([-3, 0, 5]).dataSync(); // [-1, 0, 1]
 */
export const sign = exact(elementwise.sign);

/**
 * x² of any shape; int32 stays int32, modulo 2³².
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.square([1, 2, 3]).dataSync(); // [1, 4, 9]
 */
export const square = exact(elementwise.square);

/**
 * Rectified linear unit: max(x, 0) of any shape; int32 stays int32. Glorot et al., 2011.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.relu([-1, 2]).dataSync(); // [0, 2]
 */
export const relu = exact(elementwise.relu);

/**
 * Largest integer not above x, of any shape; int32 stays int32.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.floor([1.7, -1.2]).dataSync(); // [1, -2]
 */
export const floor = rounding(elementwise.floor);

/**
 * Smallest integer not below x, of any shape; int32 stays int32.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.ceil([1.2, -1.7]).dataSync(); // [2, -1]
 */
export const ceil = rounding(elementwise.ceil);

/**
 * Nearest integer of x of any shape; halves are rounded to the even integer, int32 stays int32.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.round([0.5, 1.5, 2.4]).dataSync(); // [0, 2, 2]
 */
export const round = rounding(elementwise.round);

/**
 * √x in float32, of any shape; NaN below 0.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.sqrt([4, 9]).dataSync(); // [2, 3]
 */
export const sqrt = inFloat(elementwise.unary('sqrt', Un.sqrt));

/**
 * 1 / √x in float32, of any shape; NaN below 0.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.rsqrt([4, 16]).dataSync(); // [0.5, 0.25]
 */
export const rsqrt = inFloat(elementwise.unary('rsqrt', Un.rsqrt));

/**
 * 1 / x in float32, of any shape.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.reciprocal([2, 4]).dataSync(); // [0.5, 0.25]
 */
export const reciprocal = inFloat(elementwise.unary('reciprocal', Un.reciprocal));

/**
 * eˣ in float32, of any shape, within 2 ulp.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.exp([0, 1]).dataSync(); // [1, 2.718]
 */
export const exp = inFloat(elementwise.unary('exp', Un.exp));

/**
 * Natural logarithm in float32, of any shape, within 2 ulp; NaN below 0.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.log([1, 10]).dataSync(); // [0, 2.303]
 */
export const log = inFloat(elementwise.unary('log', Un.log));

/**
 * log(1 + x) in float32, of any shape, accurate near 0.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.log1p([0, 1]).dataSync(); // [0, 0.693]
 */
export const log1p = inFloat(elementwise.unary('log1p', Un.log1p));

/**
 * eˣ - 1 in float32, of any shape, accurate near 0.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.expm1([0, 1]).dataSync(); // [0, 1.718]
 */
export const expm1 = inFloat(elementwise.unary('expm1', Un.expm1));

/**
 * Sine in float32, x of any shape in radians; within 2 ulp for angles of any size.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.sin([0, Math.PI / 2]).dataSync(); // [0, 1]
 */
export const sin = inFloat(elementwise.unary('sin', Un.sin));

/**
 * Cosine in float32, x of any shape in radians; within 2 ulp for angles of any size.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.cos([0, Math.PI]).dataSync(); // [1, -1]
 */
export const cos = inFloat(elementwise.unary('cos', Un.cos));

/**
 * Tangent in float32, x of any shape in radians; within 4 ulp for angles of any size.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.tan([0, 1]).dataSync(); // [0, 1.557]
 */
export const tan = inFloat(elementwise.unary('tan', Un.tan));

/**
 * Arc sine in float32, of any shape: radians in [-π/2, π/2]; NaN outside [-1, 1].
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.asin([0, 1]).dataSync(); // [0, 1.571]
 */
export const asin = inFloat(elementwise.unary('asin', Un.asin));

/**
 * Arc cosine in float32, of any shape: radians in [0, π]; NaN outside [-1, 1].
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.acos([1, 0]).dataSync(); // [0, 1.571]
 */
export const acos = inFloat(elementwise.unary('acos', Un.acos));

/**
 * Arc tangent in float32, of any shape: radians in [-π/2, π/2].
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.atan([0, 1]).dataSync(); // [0, 0.785]
 */
export const atan = inFloat(elementwise.unary('atan', Un.atan));

/**
 * Hyperbolic sine in float32, of any shape, within 2 ulp.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.sinh([0, 1]).dataSync(); // [0, 1.175]
 */
export const sinh = inFloat(elementwise.unary('sinh', Un.sinh));

/**
 * Hyperbolic cosine in float32, of any shape, within 2 ulp.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.cosh([0, 1]).dataSync(); // [1, 1.543]
 */
export const cosh = inFloat(elementwise.unary('cosh', Un.cosh));

/**
 * Hyperbolic tangent in float32, of any shape, within 2 ulp.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.tanh([0, 1]).dataSync(); // [0, 0.762]
 */
export const tanh = inFloat(elementwise.unary('tanh', Un.tanh));

/**
 * Inverse of the hyperbolic sine, in float32, of any shape.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.asinh([0, 1]).dataSync(); // [0, 0.881]
 */
export const asinh = inFloat(elementwise.unary('asinh', Un.asinh));

/**
 * Inverse of the hyperbolic cosine, in float32, of any shape; NaN below 1.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.acosh([1, 2]).dataSync(); // [0, 1.317]
 */
export const acosh = inFloat(elementwise.unary('acosh', Un.acosh));

/**
 * Inverse of the hyperbolic tangent, in float32, of any shape; NaN outside [-1, 1].
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.atanh([0, 0.5]).dataSync(); // [0, 0.549]
 */
export const atanh = inFloat(elementwise.unary('atanh', Un.atanh));

/**
 * Logistic function 1 / (1 + e⁻ˣ) in float32, of any shape.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.sigmoid([0, 2]).dataSync(); // [0.5, 0.881]
 */
export const sigmoid = inFloat(elementwise.unary('sigmoid', Un.sigmoid));

/**
 * log(1 + eˣ) in float32, of any shape; finite for large x.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.softplus([0, 100]).dataSync(); // [0.693, 100]
 */
export const softplus = inFloat(elementwise.unary('softplus', Un.softplus));

/**
 * Gauss error function 2/√π ∫₀ˣ exp(-t²) dt in float32, of any shape.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.erf([0, 1]).dataSync(); // [0, 0.843]
 */
export const erf = inFloat(elementwise.unary('erf', Un.erf));

/**
 * Whether each element is NaN: bool, of x's shape.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.isNaN([1, NaN]).dataSync(); // [0, 1]
 */
export const isNaN = inFloat(elementwise.isNaN);

/**
 * Whether each element is infinite: bool, of x's shape.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.isInf([1, -Infinity]).dataSync(); // [0, 1]
 */
export const isInf = inFloat(elementwise.isInf);

/**
 * Whether each element is neither infinite nor NaN: bool, of x's shape.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.isFinite([1, NaN, Infinity]).dataSync(); // [1, 0, 0]
 */
export const isFinite = inFloat(elementwise.isFinite);

/**
 * x where x >= 0, else alpha x; x of any shape (Maas et al., 2013).
 * @param alpha slope below 0; default 0.2.
 * @throws ArgumentError unless alpha is a number
 * @example
 * sg.leakyRelu([-1, 2], 0.1).dataSync(); // [-0.1, 2]
 */
export const leakyRelu = (x: TensorLike, alpha?: number | null): Tensor =>
  applyUnary(elementwise.leakyRelu, x, 'float32', { alpha: checkNumber(alpha, 'leakyRelu', 'alpha', 0.2) });

/**
 * 1 where x > 0, else alpha; x of any shape. NaN stays NaN. Types other than float32 are kept, with alpha cast to them.
 * @param alpha value where x <= 0; default 0.
 * @throws ArgumentError unless alpha is a number
 * @example
 * sg.step([-1, 2]).dataSync(); // [0, 1]
 */
export function step(x: TensorLike, alpha?: number | null): Tensor {
  const attrs = { alpha: checkNumber(alpha, 'step', 'alpha', 0) };
  return withOperand(x, 'step', (t) => {
    if (t.dtype === 'float32') return apply(elementwise.step, [t], attrs);
    // The sign of an int32 survives the rounding to float32.
    return tidy(() => cast(applyUnary(elementwise.step, t, 'float32', attrs), t.dtype));
  });
}

/**
 * x of any shape, limited to [min, max]; NaN stays NaN. int32 stays int32, its limits are cut toward zero.
 * @throws ArgumentError if min > max
 * @example
 * sg.clipByValue([-5, 0.5, 5], -1, 1).dataSync(); // [-1, 0.5, 1]
 */
export function clipByValue(x: TensorLike, min: number, max: number): Tensor {
  checkNumber(min, 'clipByValue', 'min');
  checkNumber(max, 'clipByValue', 'max');
  if (!(min <= max)) throw new ArgumentError(`clipByValue: min ${min} must not exceed max ${max}`);
  if (x instanceof Tensor && x.dtype === 'float32') return apply(elementwise.clipByValue, [x], { min, max });
  return tidy(() => {
    const t = toTensor(x, 'clipByValue');
    if (t.dtype === 'float32') return apply(elementwise.clipByValue, [t], { min, max });
    const limit = (value: number): Tensor => fill([], Math.trunc(Math.min(Math.max(value, INT_MIN), INT_MAX)), INT);
    return applyBinary(MINIMUM, applyBinary(MAXIMUM, numeric(t, 'clipByValue'), limit(min)), limit(max));
  });
}

const MAXIMUM = elementwise.binary('maximum', Bin.maximum, Bin.maximumInt);
const MINIMUM = elementwise.binary('minimum', Bin.minimum, Bin.minimumInt);
const INT: DType = 'int32';
const INT_MIN = -2147483648;
const INT_MAX = 2147483647;

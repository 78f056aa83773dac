/** Gradients of elementwise ops. */

import { NONE } from '../../ops/core/descriptor';
import { apply } from '../../ops/core/dispatch';
import type { ElementwiseOps } from '../../ops/core/table';
import * as elementwise from '../../ops/descriptors/elementwise';
import { unitOf } from '../../ops/linear/norms';
import {
  abs,
  add,
  cast,
  cos,
  cosh,
  div,
  equal,
  exp,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  logicalAnd,
  maximum,
  mul,
  neg,
  pow,
  reciprocal,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sinh,
  square,
  sub,
  where,
} from '../../ops/math/arithmetic';
import { upcast } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { flat, masked, one, type RulesOf, two, unbroadcast } from '../rule';

const TWO_OVER_ROOT_PI = 1.1283791670955126;

/** Where squares overflow: a slope that is 1 / |x| there. */
const ofHuge = (x: Tensor, slope: Tensor): Tensor => where(greater(abs(x), HUGE), reciprocal(abs(x)), slope);
const HUGE = 1e18;

/** c / (a² + b²), of numbers by a power of 2 where squares overflow or vanish. */
function overSquares(c: Tensor, a: Tensor, b: Tensor): Tensor {
  const unit = unitOf(maximum(abs(a), abs(b)));
  return div(div(div(c, unit), add(square(div(a, unit)), square(div(b, unit)))), unit);
}

export const elementwiseRules: RulesOf<ElementwiseOps> = {
  neg: one((g) => neg(g)),
  abs: one((g, x) => mul(g, sign(x))),
  sign: flat,
  square: one((g, x) => mul(g, mul(2, x))),
  sqrt: one((g, _, y) => div(mul(0.5, g), y)),
  rsqrt: one((g, x, y) => mul(g, div(mul(-0.5, y), x))),
  reciprocal: one((g, _, y) => neg(mul(g, square(y)))),
  exp: one((g, _, y) => mul(g, y)),
  log: one((g, x) => div(g, x)),
  log1p: one((g, x) => div(g, add(1, x))),
  expm1: one((g, _, y) => mul(g, add(y, 1))),
  tanh: one((g, _, y) => mul(g, sub(1, square(y)))),
  sigmoid: one((g, _, y) => mul(g, mul(y, sub(1, y)))),
  softplus: one((g, x) => mul(g, sigmoid(x))),
  erf: one((g, x) => mul(g, mul(TWO_OVER_ROOT_PI, exp(neg(square(x)))))),
  relu: one((g, _, y) => apply(elementwise.reluGrad, [g, cast(y, 'float32')], NONE)),
  leakyRelu: one((g, x, _, { alpha }) => apply(elementwise.leakyReluGrad, [g, x], { alpha })),
  clipByValue: one((g, x, _, { min, max }) => masked(g, logicalAnd(greaterEqual(x, min), lessEqual(x, max)))),
  floor: flat,
  ceil: flat,
  round: flat,
  step: flat,
  sin: one((g, x) => mul(g, cos(x))),
  cos: one((g, x) => neg(mul(g, sin(x)))),
  tan: one((g, _, y) => mul(g, add(1, square(y)))),
  asin: one((g, x) => mul(g, rsqrt(mul(sub(1, x), add(1, x))))),
  acos: one((g, x) => neg(mul(g, rsqrt(mul(sub(1, x), add(1, x)))))),
  atan: one((g, x) => div(g, add(1, square(x)))),
  sinh: one((g, x) => mul(g, cosh(x))),
  cosh: one((g, x) => mul(g, sinh(x))),
  asinh: one((g, x) => mul(g, ofHuge(x, rsqrt(add(1, square(x)))))),
  acosh: one((g, x) => mul(g, ofHuge(x, rsqrt(mul(sub(x, 1), add(x, 1)))))),
  atanh: one((g, x) => div(g, mul(sub(1, x), add(1, x)))),
  isNaN: flat,
  isInf: flat,
  isFinite: flat,
  logicalNot: flat,
  // To a type that holds all values; results that are cut off or compared with 0 are flat.
  cast: (g, [x], _, { dtype, isWhole }) => [isWhole || upcast((x as Tensor).dtype, dtype) === dtype ? () => g : null],

  add: two(
    (g) => g,
    (g) => g,
  ),
  sub: two(
    (g) => g,
    (g) => neg(g),
  ),
  mul: two(
    (g, _, b) => mul(g, b),
    (g, a) => mul(g, a),
  ),
  div: two(
    (g, _, b) => div(g, b),
    (g, _, b, y) => neg(mul(g, div(y, b))),
  ),
  // Where one is NaN, so is the result: the gradient goes to both.
  maximum: two(
    (g, a, b) => where(less(a, b), 0, g),
    (g, a, b) => where(greaterEqual(a, b), 0, g),
  ),
  minimum: two(
    (g, a, b) => where(greater(a, b), 0, g),
    (g, a, b) => where(lessEqual(a, b), 0, g),
  ),
  mod: two(
    (g) => g,
    // -floor(a / b), through the remainder: the quotient itself may round up to the next integer.
    (g, a, b, y) => mul(g, round(div(sub(y, a), b))),
  ),
  pow: two(
    (g, a, b) => {
      // At 0^0 the exponent -1 would make 0 times infinity.
      const exponent = where(logicalAnd(equal(a, 0), equal(b, 0)), 0, sub(b, 1));
      return mul(g, mul(b, pow(a, exponent)));
    },
    // Without a logarithm there is no derivative: 0, as in TensorFlow.
    (g, a, _, y) => mul(g, mul(y, log(where(greater(a, 0), a, 1)))),
  ),
  atan2: two(
    (g, a, b) => mul(g, overSquares(b, a, b)),
    (g, a, b) => neg(mul(g, overSquares(a, a, b))),
  ),
  floorDiv: flat,
  bitwiseAnd: flat,
  squaredDifference: two(
    (g, a, b) => mul(g, mul(2, sub(a, b))),
    (g, a, b) => mul(g, mul(2, sub(b, a))),
  ),
  reluGrad: (g, [, b]) => [() => apply(elementwise.reluGrad, [g, b as Tensor], NONE), null],
  leakyReluGrad: (g, [, b], _, attrs) => [() => apply(elementwise.leakyReluGrad, [g, b as Tensor], attrs), null],
  equal: flat,
  notEqual: flat,
  less: flat,
  lessEqual: flat,
  greater: flat,
  greaterEqual: flat,
  logicalAnd: flat,
  logicalOr: flat,
  where: (g, [condition, a, b]) => [
    null,
    () => unbroadcast(where(condition as Tensor, g, 0), (a as Tensor).shape),
    () => unbroadcast(where(condition as Tensor, 0, g), (b as Tensor).shape),
  ],
  broadcastTo: one((g, x) => unbroadcast(g, x.shape)),
};

/**
 * pow and the inverse hyperbolic functions on four f32 lanes: two halves in f64, rounded to f32 once, at the end.
 * See math.ts for the conventions.
 */
import { HALF, INF, ONE, SIGN, ZERO, f32s, f64s, highHalf, i64s, joinHalves, lowHalf, withSignOf } from './math';

// @ts-ignore: decorator
@inline
function mulAdd64(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), c);
}

const ONE64 = f64s(1);
const MANTISSA = i64s(0xfffffffffffff);
const SQRT_HALF_BITS = i64s(0x3fe6a09e00000000);
const ONE_LESS_SQRT_HALF = i64s(0x95f6200000000);
const TWO52_BITS = i64s(0x4330000000000000);
const TWO52_BIAS = f64s(4503599627371519); // 2^52 + 1023
const L1 = f64s(2.8853900817778495);
const L2 = f64s(0.9617966941142218);
const L3 = f64s(0.577077942121775);
const L4 = f64s(0.41220927607746566);
const L5 = f64s(0.31990475047227374);
const L6 = f64s(0.2829133947398516);

/** log2 of two positive normal f64, to 2^-44 of itself: as log in math.ts. Anything for infinities and NaN. */
// @ts-ignore: decorator
@inline
function log2Of(x: v128): v128 {
  const i = i64x2.add(x, ONE_LESS_SQRT_HALF);
  const n = f64x2.sub(v128.or(i64x2.shr_u(i, 52), TWO52_BITS), TWO52_BIAS);
  const m = i64x2.add(v128.and(i, MANTISSA), SQRT_HALF_BITS);
  const s = f64x2.div(f64x2.sub(m, ONE64), f64x2.add(m, ONE64));
  const z = f64x2.mul(s, s);
  const high = mulAdd64(z, mulAdd64(z, mulAdd64(z, L6, L5), L4), L3);
  return mulAdd64(s, mulAdd64(z, mulAdd64(z, high, L2), L1), n);
}

const EXP2_ROUND = f64s(6755399441056767); // 1.5 * 2^52 + 1023
const EXP2_MAX = f64s(200);
const EXP2_MIN = f64s(-200);
const E1 = f64s(0.6931471807043157);
const E2 = f64s(0.2402265106669209);
const E3 = f64s(0.05550410367020769);
const E4 = f64s(0.009618038111461249);
const E5 = f64s(0.0013333933960394955);
const E6 = f64s(0.0001546676345496365);
const E7 = f64s(1.5196467003389352e-5);

/** 2^t for two f64, to 2^-34 of itself; far beyond the range of f32 it stops at 2^200 and 2^-200. */
// @ts-ignore: decorator
@inline
function exp2Of(t: v128): v128 {
  const c = f64x2.pmax(f64x2.pmin(t, EXP2_MAX), EXP2_MIN);
  const rounded = f64x2.add(c, EXP2_ROUND);
  const r = f64x2.sub(c, f64x2.sub(rounded, EXP2_ROUND));
  const high = mulAdd64(r, mulAdd64(r, mulAdd64(r, E7, E6), E5), E4);
  const p = mulAdd64(r, mulAdd64(r, mulAdd64(r, mulAdd64(r, high, E3), E2), E1), ONE64);
  return f64x2.mul(p, i64x2.shl(rounded, 52));
}

const MAX = f32s(3.4028234663852886e38);

/** x^y. Error < 1 ulp; signs, zeros, infinities and NaN as in C99. */
export function powV(x: v128, y: v128): v128 {
  const a = f32x4.abs(x);
  // A finite y makes 1^inf come out as 1 and changes nothing else.
  const e = f32x4.pmax(f32x4.pmin(y, MAX), f32x4.neg(MAX));
  const low = exp2Of(f64x2.mul(log2Of(lowHalf(a)), lowHalf(e)));
  const high = exp2Of(f64x2.mul(log2Of(highHalf(a)), highHalf(e)));
  let p = joinHalves(low, high);
  const edge = v128.or(f32x4.eq(a, ZERO), f32x4.eq(a, INF));
  p = v128.bitselect(v128.bitselect(f32x4.div(ONE, a), a, f32x4.lt(y, ZERO)), p, edge);
  const half = f32x4.mul(y, HALF);
  const fraction = f32x4.ne(f32x4.trunc(y), y),
    odd = v128.andnot(f32x4.ne(f32x4.trunc(half), half), fraction);
  p = v128.or(p, v128.and(v128.and(x, SIGN), odd));
  // All bits set is NaN: for NaN, and for a root of a negative number.
  p = v128.or(p, v128.or(f32x4.ne(x, x), f32x4.ne(y, y)));
  p = v128.or(p, v128.andnot(v128.and(f32x4.lt(x, ZERO), fraction), edge));
  return v128.bitselect(ONE, p, v128.or(f32x4.eq(y, ZERO), f32x4.eq(x, ONE)));
}

const LN2 = f64s(0.6931471805599453);
const HALF_LN2 = f64s(0.34657359027997264);
const SMALL = f32s(1.2207031e-4); // 2^-13: below it asinh and atanh round to x or its neighbour

// @ts-ignore: decorator
@inline
function asinhOf(a: v128): v128 {
  return f64x2.mul(log2Of(f64x2.add(a, f64x2.sqrt(mulAdd64(a, a, ONE64)))), LN2);
}

/** asinh x = log(x + sqrt(x^2 + 1)). Error < 1 ulp. */
export function asinhV(x: v128): v128 {
  const a = f32x4.abs(x);
  const y = withSignOf(x, joinHalves(asinhOf(lowHalf(a)), asinhOf(highHalf(a))));
  return v128.bitselect(y, x, v128.and(f32x4.ge(a, SMALL), f32x4.lt(a, INF)));
}

// @ts-ignore: decorator
@inline
function acoshOf(x: v128): v128 {
  return f64x2.mul(log2Of(f64x2.add(x, f64x2.sqrt(f64x2.sub(f64x2.mul(x, x), ONE64)))), LN2);
}

/** acosh x = log(x + sqrt(x^2 - 1)). Error < 1 ulp. */
export function acoshV(x: v128): v128 {
  const y = v128.bitselect(joinHalves(acoshOf(lowHalf(x)), acoshOf(highHalf(x))), x, f32x4.lt(x, INF));
  return v128.or(y, f32x4.lt(x, ONE));
}

// @ts-ignore: decorator
@inline
function atanhOf(a: v128): v128 {
  return f64x2.mul(log2Of(f64x2.div(f64x2.add(ONE64, a), f64x2.sub(ONE64, a))), HALF_LN2);
}

/** atanh x = log((1 + x) / (1 - x)) / 2. Error < 1 ulp. */
export function atanhV(x: v128): v128 {
  const a = f32x4.abs(x);
  let y = joinHalves(atanhOf(lowHalf(a)), atanhOf(highHalf(a)));
  y = withSignOf(x, v128.bitselect(INF, y, f32x4.eq(a, ONE)));
  y = v128.bitselect(y, x, f32x4.ge(a, SMALL));
  return v128.or(y, f32x4.gt(a, ONE));
}

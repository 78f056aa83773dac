/**
 * pow and the hyperbolic functions on four f32 lanes; see math.ts for the conventions. pow and the inverse functions
 * compute in f64, two lanes at a time, and round to f32 once, at the end.
 */
import { HALF, INF, LOG2E, ONE, SIGN, ZERO, f32s, f64s, i32s, i64s } from './functions';
import { highHalf, joinHalves, lowHalf, mulAdd, remainderLn2, withSignOf } from './functions';

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

const HYPERBOLIC_ROUND = f32s(12583038); // 1.5 * 2^23 + 126
const HYPERBOLIC_MAX = f32s(91);
const LARGE = f32s(64);
const SCALE = i32s(64 << 23);
const QUARTER_INVERSE = i32s(252 << 23);
const S1 = f32s(0.16666667);
const S2 = f32s(8.333175e-3);
const S3 = f32s(1.9974088e-4);
const H2 = f32s(4.166646e-2);
const H3 = f32s(1.3935429e-3);

/**
 * a = |x| = n ln2 + r; with s = 2^(n-1) and i = 2^(-n-1): sinh a = (s - i) cosh r + (s + i) sinh r, and cosh a the same
 * with s - i and s + i exchanged. Past n = 64, i is nothing and s is kept 2^64 smaller until the end.
 */
// @ts-ignore: decorator
@inline
function hyperbolic(x: v128, odd: bool): v128 {
  const a = f32x4.pmin(f32x4.abs(x), HYPERBOLIC_MAX);
  const t = mulAdd(a, LOG2E, HYPERBOLIC_ROUND);
  const n = f32x4.sub(t, HYPERBOLIC_ROUND);
  const r = remainderLn2(a, n);
  const z = f32x4.mul(r, r);
  const sinh = mulAdd(f32x4.mul(r, z), mulAdd(z, mulAdd(z, S3, S2), S1), r);
  const cosh1 = f32x4.mul(z, mulAdd(z, mulAdd(z, H3, H2), HALF)); // cosh r - 1
  const scale = v128.and(f32x4.gt(n, LARGE), SCALE);
  const exponent = i32x4.shl(t, 23);
  const s = i32x4.sub(exponent, scale);
  const i = v128.andnot(i32x4.sub(QUARTER_INVERSE, exponent), f32x4.gt(n, LARGE));
  const forCosh = odd ? f32x4.sub(s, i) : f32x4.add(s, i);
  const forSinh = odd ? f32x4.add(s, i) : f32x4.sub(s, i);
  const y = f32x4.add(forCosh, mulAdd(forCosh, cosh1, f32x4.mul(forSinh, sinh)));
  return f32x4.mul(y, i32x4.add(scale, ONE));
}

/** sinh x. Error < 2 ulp. */
export function sinhV(x: v128): v128 {
  return withSignOf(x, hyperbolic(x, true));
}

/** cosh x. Error < 2 ulp. */
export function coshV(x: v128): v128 {
  return hyperbolic(x, false);
}

// Scalars: lane 0 of the vector form, hence the same bits.

// @ts-ignore: decorator
@inline
export function powS(x: f32, y: f32): f32 {
  return f32x4.extract_lane(powV(f32x4.splat(x), f32x4.splat(y)), 0);
}

// @ts-ignore: decorator
@inline
export function sinhS(x: f32): f32 {
  return f32x4.extract_lane(sinhV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function coshS(x: f32): f32 {
  return f32x4.extract_lane(coshV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function asinhS(x: f32): f32 {
  return f32x4.extract_lane(asinhV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function acoshS(x: f32): f32 {
  return f32x4.extract_lane(acoshV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function atanhS(x: f32): f32 {
  return f32x4.extract_lane(atanhV(f32x4.splat(x)), 0);
}

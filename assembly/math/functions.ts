/**
 * exp, log and related functions on four f32 lanes. Strict f32: every operation rounds once, and no lane reads another. The
 * same operations in the same order on scalars: `test/reference/math.ts`. Errors are in ulp of the exact value, over
 * all floats; NaN stays NaN, and results that are denormal are right too.
 */

/*
 * V8 rebuilds a v128.const at each use (three instructions, two of them on the shuffle port: exp takes 1.8 times as
 * long), and wasm-opt turns a global whose value it knows back into a constant. So constants are globals, one load
 * each, set at instantiation from a zero that no optimizer can see through: memory has at most 2^16 pages.
 */
function hiddenZero(): i32 {
  return memory.size() >>> 17;
}

export function f32s(x: f32): v128 {
  return i32x4.splat(reinterpret<i32>(x) + hiddenZero());
}

export function i32s(x: i32): v128 {
  return i32x4.splat(x + hiddenZero());
}

export function f64s(x: f64): v128 {
  return i64x2.splat(reinterpret<i64>(x) + <i64>hiddenZero());
}

export function i64s(x: i64): v128 {
  return i64x2.splat(x + <i64>hiddenZero());
}

export const ZERO = f32s(0);
export const HALF = f32s(0.5);
export const ONE = f32s(1);
export const TWO = f32s(2);
export const INF = f32s(Infinity);
export const SIGN = i32s(0x80000000);

/** a * b + c, two roundings. */
// @ts-ignore: decorator
@inline
export function mulAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** y with the sign of x; y is NaN, or has no sign yet or that sign already. */
// @ts-ignore: decorator
@inline
export function withSignOf(x: v128, y: v128): v128 {
  return v128.or(y, v128.and(x, SIGN));
}

/** Lanes 0 and 1 in f64. */
// @ts-ignore: decorator
@inline
export function lowHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** Lanes 2 and 3 in f64. */
// @ts-ignore: decorator
@inline
export function highHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1));
}

/** Two halves, rounded to f32. */
// @ts-ignore: decorator
@inline
export function joinHalves(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

// x = n ln2 + r, |r| <= 0.35. n comes from adding 1.5 * 2^23, where the floats are integers: it is in the low bits
// of the sum. A bias added along with it makes it ready to be shifted into an exponent.
export const LOG2E = f32s(1.442695);
const LN2_HI = f32s(0.69314575); // 14 bits: n LN2_HI is exact
const LN2_LO = f32s(1.4286068e-6);

// @ts-ignore: decorator
@inline
export function remainderLn2(x: v128, n: v128): v128 {
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, LN2_HI)), f32x4.mul(n, LN2_LO));
}

const E3 = f32s(0.16666532);
const E4 = f32s(4.166617e-2);
const E5 = f32s(8.368003e-3);
const E6 = f32s(1.3971995e-3);

/** e^r - 1 for |r| <= 0.4, exact to a rounding however small r is. */
// @ts-ignore: decorator
@inline
function expm1Near0(r: v128): v128 {
  const z = f32x4.mul(r, r);
  const high = mulAdd(z, E6, mulAdd(r, E5, E4));
  return mulAdd(z, mulAdd(z, high, mulAdd(r, E3, HALF)), r);
}

const EXP_ROUND = f32s(12583166); // 1.5 * 2^23 + 254
const EXP_MAX = f32s(89);
const EXP_MIN = f32s(-104);

/** exp for x in [-104, 89] or NaN. 2^n is applied as two factors, so that overflow and denormals come out right. */
// @ts-ignore: decorator
@inline
function expClamped(x: v128): v128 {
  const t = mulAdd(x, LOG2E, EXP_ROUND);
  const p = f32x4.add(expm1Near0(remainderLn2(x, f32x4.sub(t, EXP_ROUND))), ONE);
  const half = i32x4.shr_u(t, 1);
  return f32x4.mul(f32x4.mul(p, i32x4.shl(half, 23)), i32x4.shl(i32x4.sub(t, half), 23));
}

/** e^x. Error < 1.1 ulp. */
// @ts-ignore: decorator
@inline
export function expV(x: v128): v128 {
  // pmin and pmax in this order of operands let NaN through.
  return expClamped(f32x4.pmax(f32x4.pmin(x, EXP_MAX), EXP_MIN));
}

/** 1 / (1 + e^-x). Error < 2.5 ulp; for negative x as e^x / (1 + e^x), right down to denormals. */
// @ts-ignore: decorator
@inline
export function sigmoidV(x: v128): v128 {
  const e = expClamped(f32x4.pmax(v128.or(x, SIGN), EXP_MIN));
  return f32x4.div(v128.bitselect(e, ONE, f32x4.lt(x, ZERO)), f32x4.add(e, ONE));
}

const TANH_ROUND = f32s(12583039); // 1.5 * 2^23 + 127
const TANH_MAX = f32s(9.1); // tanh rounds to 1 from 9.02
const TANH_STEP = f32s(1.46); // LOG2E, but for the limits between one n and the next: here they cost the least
const LN2 = f32s(0.6931472); // 21 bits: n LN2 is exact for n <= 8, and beyond e^-2|x| is small
const MINUS_TWO = f32s(-2);

/** tanh x. Error < 2 ulp. With e^-2|x| = s (1 + p), s = 2^n: (1 - s - s p) / (1 + s + s p). */
// @ts-ignore: decorator
@inline
export function tanhV(x: v128): v128 {
  const a = f32x4.mul(f32x4.pmin(f32x4.abs(x), TANH_MAX), MINUS_TWO);
  const t = mulAdd(a, TANH_STEP, TANH_ROUND);
  const s = i32x4.shl(t, 23);
  const sp = f32x4.mul(s, expm1Near0(f32x4.sub(a, f32x4.mul(f32x4.sub(t, TANH_ROUND), LN2))));
  const y = f32x4.div(f32x4.sub(f32x4.sub(ONE, s), sp), f32x4.add(f32x4.add(ONE, s), sp));
  return withSignOf(x, y);
}

const EXPM1_ROUND = f32s(12583038); // 1.5 * 2^23 + 126
const EXPM1_MIN = f32s(-25);

/** e^x - 1. Error < 2 ulp. With e^x = 2 h (1 + p), h = 2^(n-1): 2 (h p + (h - 1/2)), so that h never overflows. */
export function expm1V(x: v128): v128 {
  const c = f32x4.pmax(f32x4.pmin(x, EXP_MAX), EXPM1_MIN);
  const t = mulAdd(c, LOG2E, EXPM1_ROUND);
  const h = i32x4.shl(t, 23);
  const p = expm1Near0(remainderLn2(c, f32x4.sub(t, EXPM1_ROUND)));
  const y = mulAdd(h, p, f32x4.sub(h, HALF));
  // At n = 0 the answer is p, which halving could round when it is denormal.
  return withSignOf(x, v128.bitselect(p, f32x4.add(y, y), f32x4.eq(h, HALF)));
}

const SQRT_HALF_BITS = i32s(0x3f3504f3);
const MANTISSA = i32s(0x7fffff);
const L1 = f32s(0.66666776);
const L2 = f32s(0.39977568);
const L3 = f32s(0.2987146);

/**
 * log of a positive normal float whose bits, less those of sqrt(1/2), are `bits`, plus a small `c`:
 * 2^n (1 + f) with 1 + f in [sqrt(1/2), sqrt 2), s = f / (2 + f): log(1 + f) = f - s (f - R(s^2)).
 */
// @ts-ignore: decorator
@inline
function logOf(bits: v128, n: v128, c: v128): v128 {
  const f = f32x4.sub(i32x4.add(v128.and(bits, MANTISSA), SQRT_HALF_BITS), ONE);
  const s = f32x4.div(f, f32x4.add(f, TWO));
  const z = f32x4.mul(s, s);
  const r = f32x4.mul(z, mulAdd(z, mulAdd(z, L3, L2), L1));
  const low = f32x4.sub(f32x4.mul(s, f32x4.sub(f, r)), mulAdd(n, LN2_LO, c));
  return mulAdd(n, LN2_HI, f32x4.sub(f, low));
}

const MIN_NORMAL = f32s(1.17549435e-38);
const TINY_EXPONENT = i32s(25 << 23);
const MINUS_INF = f32s(-Infinity);

/** log x. Error < 1 ulp. Denormals are first multiplied by 2^25. */
// @ts-ignore: decorator
@inline
export function logV(x: v128): v128 {
  const tiny = v128.and(f32x4.lt(x, MIN_NORMAL), TINY_EXPONENT);
  const bits = i32x4.sub(f32x4.mul(x, i32x4.add(tiny, ONE)), SQRT_HALF_BITS);
  const n = f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.sub(bits, tiny), 23));
  let y = logOf(bits, n, ZERO);
  y = f32x4.add(y, v128.andnot(x, f32x4.lt(x, INF))); // inf and NaN: themselves
  y = f32x4.add(y, v128.and(f32x4.eq(x, ZERO), MINUS_INF));
  return v128.or(y, f32x4.lt(x, ZERO)); // all bits set: NaN
}

const MINUS_ONE = f32s(-1);

/** log(1 + x). Error < 1 ulp. What rounding 1 + x lost comes back as a first-order correction. */
export function log1pV(x: v128): v128 {
  const u = f32x4.add(x, ONE);
  const x1 = f32x4.sub(u, ONE);
  const lost = f32x4.add(f32x4.sub(x, x1), f32x4.sub(ONE, f32x4.sub(u, x1)));
  const bits = i32x4.sub(u, SQRT_HALF_BITS);
  let y = logOf(bits, f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23)), f32x4.div(lost, u));
  y = v128.bitselect(withSignOf(x, y), x, f32x4.lt(x, INF));
  y = v128.bitselect(MINUS_INF, y, f32x4.eq(x, MINUS_ONE));
  return v128.or(y, f32x4.lt(x, MINUS_ONE));
}

const P1 = f32s(0.6666641);
const P2 = f32s(0.4002175);
const P3 = f32s(0.2799821);
const P4 = f32s(0.28029475);

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). Error < 2.5 ulp. e^-|x| <= 1 needs no scaling: s <= 1/3. */
export function softplusV(x: v128): v128 {
  const e = expClamped(f32x4.pmax(v128.or(x, SIGN), EXP_MIN));
  const s = f32x4.div(e, f32x4.add(e, TWO));
  const z = f32x4.mul(s, s);
  const r = f32x4.mul(z, mulAdd(z, mulAdd(z, mulAdd(z, P4, P3), P2), P1));
  return f32x4.add(f32x4.pmax(x, ZERO), f32x4.sub(e, f32x4.mul(s, f32x4.sub(e, r))));
}

const ERF_SPLIT = f32s(1.1);
const A0 = f32s(0.12837917);
const A1 = f32s(-0.3761261);
const A2 = f32s(0.11283364);
const A3 = f32s(-2.6843518e-2);
const A4 = f32s(5.167731e-3);
const A5 = f32s(-7.8247394e-4);
const A6 = f32s(7.236069e-5);
const B0 = f32s(0.99364424);
const B1 = f32s(0.17173654);
const B2 = f32s(2.6125904e-2);
const B3 = f32s(9.741217e-2);
const B4 = f32s(-4.7232144e-2);
const B5 = f32s(2.2774165e-2);
const B6 = f32s(-4.9720113e-3);
const B7 = f32s(6.224725e-4);

/** erf x. Error < 2.5 ulp. Below 1.1: t + t A(t^2); above: 1 - B(t)^-8, whose overflow is the right end. */
export function erfV(x: v128): v128 {
  const t = f32x4.abs(x);
  const z = f32x4.mul(t, t);
  let a = mulAdd(z, mulAdd(z, mulAdd(z, A6, A5), A4), A3);
  a = mulAdd(t, mulAdd(z, mulAdd(z, mulAdd(z, a, A2), A1), A0), t);
  let b = mulAdd(t, mulAdd(t, mulAdd(t, B7, B6), B5), B4);
  b = mulAdd(t, mulAdd(t, mulAdd(t, mulAdd(t, b, B3), B2), B1), B0);
  b = f32x4.mul(b, b);
  b = f32x4.mul(b, b);
  b = f32x4.sub(ONE, f32x4.div(ONE, f32x4.mul(b, b)));
  return withSignOf(x, v128.bitselect(a, b, f32x4.lt(t, ERF_SPLIT)));
}

const TAIL = f32s(0.15);
const C0 = f32s(2.5066283);
const C1 = f32s(2.6249225);
const C2 = f32s(5.775664);
const C3 = f32s(15.400268);
const C4 = f32s(57.953213);
const C5 = f32s(-92.03751);
const C6 = f32s(3512.7166);
const C7 = f32s(-18676.105);
const C8 = f32s(67551.336);
const N0 = f32s(-2.9478424);
const N1 = f32s(-6.639673);
const N2 = f32s(0.51432735);
const N3 = f32s(1.7108747);
const N4 = f32s(0.20964499);
const D1 = f32s(5.1249743);
const D2 = f32s(4.165626);
const D3 = f32s(0.5057115);

/**
 * The normal deviate with a share u below it. Error < 4 ulp; -inf at 0, inf at 1, NaN outside.
 * With d = u - 1/2: d C(d^2) in the middle; in the tails, where a share v is beyond, r + N(r) / D(r) with
 * r = sqrt(-log v): the term added to r is the smaller part, so that its rounding errors count less.
 */
export function normalQuantileV(u: v128): v128 {
  const d = f32x4.sub(u, HALF);
  const z = f32x4.mul(d, d);
  let c = mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, C8, C7), C6), C5), C4);
  c = f32x4.mul(d, mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, c, C3), C2), C1), C0));
  const v = f32x4.pmin(u, f32x4.sub(ONE, u));
  const r = f32x4.sqrt(f32x4.neg(logV(v)));
  const n = mulAdd(r, mulAdd(r, mulAdd(r, mulAdd(r, N4, N3), N2), N1), N0);
  const m = mulAdd(r, mulAdd(r, mulAdd(r, D3, D2), D1), ONE);
  const tail = v128.bitselect(INF, f32x4.add(r, f32x4.div(n, m)), f32x4.eq(v, ZERO));
  return v128.bitselect(c, withSignOf(d, tail), f32x4.ge(v, TAIL));
}

// Scalars: lane 0 of the vector form, hence the same bits.

// @ts-ignore: decorator
@inline
export function expS(x: f32): f32 {
  return f32x4.extract_lane(expV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function expm1S(x: f32): f32 {
  return f32x4.extract_lane(expm1V(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function logS(x: f32): f32 {
  return f32x4.extract_lane(logV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function log1pS(x: f32): f32 {
  return f32x4.extract_lane(log1pV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function sigmoidS(x: f32): f32 {
  return f32x4.extract_lane(sigmoidV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function softplusS(x: f32): f32 {
  return f32x4.extract_lane(softplusV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function tanhS(x: f32): f32 {
  return f32x4.extract_lane(tanhV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function erfS(x: f32): f32 {
  return f32x4.extract_lane(erfV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function normalQuantileS(x: f32): f32 {
  return f32x4.extract_lane(normalQuantileV(f32x4.splat(x)), 0);
}

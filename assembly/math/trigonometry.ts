/** Sine, cosine, tangent and their inverses on four f32 lanes; see math.ts for the conventions. */
import { HALF, INF, ONE, SIGN, ZERO, f32s, f64s, i32s } from './functions';
import { highHalf, joinHalves, lowHalf, mulAdd, withSignOf } from './functions';

const HUGE = f32s(33554432); // 2^25
const INVERSE = f64s(0.6366197723675814); // 2 / pi
const ROUND = f64s(6755399441055744); // 1.5 * 2^52: added, it leaves the nearest integer in the low bits
const PART1 = f64s(1.5707963109016418); // pi / 2 to 25 bits: n PART1 is exact
const PART2 = f64s(1.5893254773528196e-8);

/** The nearest integer n to x 2 / pi, plus ROUND, for two f64 lanes. */
// @ts-ignore: decorator
@inline
function quarters(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, INVERSE), ROUND);
}

/** x - n pi / 2. */
// @ts-ignore: decorator
@inline
function remainder(x: v128, rounded: v128): v128 {
  const n = f64x2.sub(rounded, ROUND);
  return f64x2.sub(f64x2.sub(x, f64x2.mul(n, PART1)), f64x2.mul(n, PART2));
}

/** 32 bits of 2 / pi: those after the first 32 i. */
function word(i: i32): u64 {
  if (i < 3) return i == 0 ? 0xa2f9836e : i == 1 ? 0x4e441529 : 0xfc2757d1;
  return i == 3 ? 0xf534ddc0 : i == 4 ? 0xdb629599 : i == 5 ? 0x3c439041 : 0xfe5163ab;
}

/** x 2 / pi modulo 4, times 2^62, rounded down, for x from 2^25 to 2^128 (Payne and Hanek). */
function phase(x: f32): u64 {
  const bits = reinterpret<u32>(x);
  const mantissa = <u64>((bits & 0x7fffff) | 0x800000);
  // x = mantissa 2^(skip + 2): bits of 2 / pi before `skip` give multiples of 4, those after skip + 96 are too small.
  const skip = <i32>(bits >> 23) - 152;
  const i = skip >> 5,
    shift = <u64>(skip & 31);
  const a = (((word(i) << 32) | word(i + 1)) << shift) >> 32;
  const b = (((word(i + 1) << 32) | word(i + 2)) << shift) >> 32;
  const c = (((word(i + 2) << 32) | word(i + 3)) << shift) >> 32;
  return ((mantissa * a) << 32) + mantissa * b + ((mantissa * c) >> 32);
}

/** The nearest integer to a phase in quarter turns. */
function wholeQuarters(p: u64): u64 {
  return (p + 0x2000000000000000) >> 62;
}

function hugeQuarters(x: f32): i32 {
  return <i32>wholeQuarters(phase(x));
}

function hugeRemainder(x: f32): f32 {
  const p = phase(x);
  return <f32>(<f64>(<i64>(p - (wholeQuarters(p) << 62))) * 3.4061215800304396e-19); // pi / 2 * 2^-62
}

function hugeQuartersV(x: v128): v128 {
  let n = i32x4.splat(hugeQuarters(f32x4.extract_lane(x, 0)));
  n = i32x4.replace_lane(n, 1, hugeQuarters(f32x4.extract_lane(x, 1)));
  n = i32x4.replace_lane(n, 2, hugeQuarters(f32x4.extract_lane(x, 2)));
  return i32x4.replace_lane(n, 3, hugeQuarters(f32x4.extract_lane(x, 3)));
}

function hugeRemainderV(x: v128): v128 {
  let r = f32x4.splat(hugeRemainder(f32x4.extract_lane(x, 0)));
  r = f32x4.replace_lane(r, 1, hugeRemainder(f32x4.extract_lane(x, 1)));
  r = f32x4.replace_lane(r, 2, hugeRemainder(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(r, 3, hugeRemainder(f32x4.extract_lane(x, 3)));
}

const I1 = i32s(1);
const I2 = i32s(2);
const S1 = f32s(-0.16666655);
const S2 = f32s(8.332189e-3);
const S3 = f32s(-1.9518293e-4);
const C2 = f32s(4.1666646e-2);
const C3 = f32s(-1.388731e-3);
const C4 = f32s(2.4432327e-5);

const enum Kind {
  sin,
  cos,
  tan,
}

/** |x| = n pi / 2 + r, |r| <= pi / 4; sine and cosine of r, exchanged where n is odd. */
// @ts-ignore: decorator
@inline
function trig(x: v128, kind: Kind): v128 {
  const a = f32x4.abs(x);
  const x0 = lowHalf(a),
    x1 = highHalf(a);
  const t0 = quarters(x0),
    t1 = quarters(x1);
  let n = v128.shuffle<i32>(t0, t1, 0, 2, 4, 6);
  let r = joinHalves(remainder(x0, t0), remainder(x1, t1));
  const huge = v128.and(f32x4.ge(a, HUGE), f32x4.lt(a, INF));
  if (v128.any_true(huge)) {
    n = v128.bitselect(hugeQuartersV(a), n, huge);
    r = v128.bitselect(hugeRemainderV(a), r, huge);
  }
  const z = f32x4.mul(r, r);
  const sin = mulAdd(f32x4.mul(r, z), mulAdd(z, mulAdd(z, S3, S2), S1), r);
  const c = f32x4.mul(f32x4.mul(z, z), mulAdd(z, mulAdd(z, C4, C3), C2));
  const cos = f32x4.sub(ONE, f32x4.sub(f32x4.mul(z, HALF), c));
  if (kind == Kind.cos) n = i32x4.add(n, I1);
  const odd = i32x4.neg(v128.and(n, I1));
  const y = v128.bitselect(cos, sin, odd);
  const sign = v128.and(x, SIGN);
  if (kind == Kind.tan) {
    return v128.xor(f32x4.div(y, v128.bitselect(sin, cos, odd)), v128.xor(v128.and(odd, SIGN), sign));
  }
  const turned = v128.xor(y, i32x4.shl(v128.and(n, I2), 30));
  return kind == Kind.sin ? v128.xor(turned, sign) : turned;
}

/** sin x. Error < 2 ulp. */
export function sinV(x: v128): v128 {
  return trig(x, Kind.sin);
}

/** cos x. Error < 2 ulp. */
export function cosV(x: v128): v128 {
  return trig(x, Kind.cos);
}

/** tan x. Error < 4 ulp. */
export function tanV(x: v128): v128 {
  return trig(x, Kind.tan);
}

const HALF_PI = f32s(1.5707964);
const HALF_PI_LOW = f32s(-4.371139e-8);
const PI = f32s(3.1415927);
const PI_LOW = f32s(-8.742278e-8);
const A1 = f32s(-0.333333);
const A2 = f32s(0.1999853);
const A3 = f32s(-0.14264014);
const A4 = f32s(0.10950861);
const A5 = f32s(-8.399208e-2);
const A6 = f32s(5.787887e-2);
const A7 = f32s(-3.1093534e-2);
const A8 = f32s(1.0866271e-2);
const A9 = f32s(-1.7821442e-3);

/** atan of q in [0, 1]. */
// @ts-ignore: decorator
@inline
function atanTo1(q: v128): v128 {
  const z = f32x4.mul(q, q);
  let p = mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, A9, A8), A7), A6), A5);
  p = mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, p, A4), A3), A2), A1);
  return mulAdd(f32x4.mul(q, z), p, q);
}

/** atan x. Error < 2 ulp. Above 1: pi / 2 - atan(1 / x). */
export function atanV(x: v128): v128 {
  const a = f32x4.abs(x);
  const over = f32x4.gt(a, ONE);
  const t = atanTo1(f32x4.div(v128.bitselect(ONE, a, over), v128.bitselect(a, ONE, over)));
  return withSignOf(x, v128.bitselect(f32x4.sub(HALF_PI, f32x4.sub(t, HALF_PI_LOW)), t, over));
}

/** Angle of the point (x, y). Error < 3 ulp; zeros, infinities and NaN as in C99. */
export function atan2V(y: v128, x: v128): v128 {
  const ax = f32x4.abs(x),
    ay = f32x4.abs(y);
  const steep = f32x4.gt(ay, ax),
    left = i32x4.shr_s(x, 31);
  const low = v128.bitselect(ax, ay, steep),
    high = v128.bitselect(ay, ax, steep);
  // 0 / 0 counts as 0 and inf / inf as 1.
  let q = v128.and(f32x4.div(low, high), f32x4.ne(high, ZERO));
  q = v128.bitselect(ONE, q, f32x4.eq(low, INF));
  const t = v128.xor(atanTo1(q), v128.and(v128.xor(steep, left), SIGN));
  const base = v128.bitselect(HALF_PI, v128.and(PI, left), steep),
    baseLow = v128.bitselect(HALF_PI_LOW, v128.and(PI_LOW, left), steep);
  const angle = withSignOf(y, f32x4.add(base, f32x4.add(baseLow, t)));
  return v128.or(angle, v128.or(f32x4.ne(x, x), f32x4.ne(y, y)));
}

const R1 = f32s(0.16666752);
const R2 = f32s(7.4953094e-2);
const R3 = f32s(4.546915e-2);
const R4 = f32s(2.4184782e-2);
const R5 = f32s(4.215829e-2);

/** asin of s in [0, 1 / sqrt 2] with z = s^2. */
// @ts-ignore: decorator
@inline
function asinOf(s: v128, z: v128): v128 {
  return mulAdd(f32x4.mul(s, z), mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, R5, R4), R3), R2), R1), s);
}

/** asin x. Error < 2.5 ulp. Above 1/2: pi / 2 - 2 asin(sqrt((1 - x) / 2)). */
export function asinV(x: v128): v128 {
  const a = f32x4.abs(x);
  const over = f32x4.gt(a, HALF);
  const z = v128.bitselect(f32x4.mul(f32x4.sub(ONE, a), HALF), f32x4.mul(a, a), over);
  const t = asinOf(v128.bitselect(f32x4.sqrt(z), a, over), z);
  const y = f32x4.sub(HALF_PI, f32x4.sub(f32x4.add(t, t), HALF_PI_LOW));
  return withSignOf(x, v128.bitselect(y, t, over));
}

/** acos x. Error < 2 ulp. */
export function acosV(x: v128): v128 {
  const a = f32x4.abs(x);
  const over = f32x4.gt(a, HALF),
    negative = i32x4.shr_s(x, 31);
  const z = v128.bitselect(f32x4.mul(f32x4.sub(ONE, a), HALF), f32x4.mul(a, a), over);
  const t = asinOf(v128.bitselect(f32x4.sqrt(z), a, over), z);
  // Over 1/2: 2 t on the right and pi - 2 t on the left; else pi / 2 less t with the sign of x.
  const part = v128.xor(v128.bitselect(f32x4.add(t, t), t, over), v128.andnot(SIGN, v128.xor(over, negative)));
  const base = v128.bitselect(v128.and(PI, negative), HALF_PI, over),
    baseLow = v128.bitselect(v128.and(PI_LOW, negative), HALF_PI_LOW, over);
  return f32x4.add(base, f32x4.add(baseLow, part));
}

// Scalars: lane 0 of the vector form, hence the same bits.

// @ts-ignore: decorator
@inline
export function sinS(x: f32): f32 {
  return f32x4.extract_lane(sinV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function cosS(x: f32): f32 {
  return f32x4.extract_lane(cosV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function tanS(x: f32): f32 {
  return f32x4.extract_lane(tanV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function asinS(x: f32): f32 {
  return f32x4.extract_lane(asinV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function acosS(x: f32): f32 {
  return f32x4.extract_lane(acosV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function atanS(x: f32): f32 {
  return f32x4.extract_lane(atanV(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function atan2S(y: f32, x: f32): f32 {
  return f32x4.extract_lane(atan2V(f32x4.splat(y), f32x4.splat(x)), 0);
}

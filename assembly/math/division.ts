/** Floor division and its remainder, of f32 and of int32, and powers of int32. Specification: `test/reference/elementwise.ts`. */
import { f32s, f64s, highHalf, i32s, INF, joinHalves, lowHalf, withSignOf, ZERO } from './functions';

const FEW = f32s(268435456); // 2^28: below it the quotient, cut to an integer, times b is exact in f64

// @ts-ignore: decorator
@inline
function remainder64(a: v128, b: v128): v128 {
  return f64x2.sub(a, f64x2.mul(f64x2.trunc(f64x2.div(a, b)), b));
}

/** a % b for quotients of any size, one lane at a time. */
function remainderSlow(a: v128, b: v128): v128 {
  let r = f32x4.splat(f32x4.extract_lane(a, 0) % f32x4.extract_lane(b, 0));
  r = f32x4.replace_lane(r, 1, f32x4.extract_lane(a, 1) % f32x4.extract_lane(b, 1));
  r = f32x4.replace_lane(r, 2, f32x4.extract_lane(a, 2) % f32x4.extract_lane(b, 2));
  return f32x4.replace_lane(r, 3, f32x4.extract_lane(a, 3) % f32x4.extract_lane(b, 3));
}

/** The exact remainder r of a / b cut toward zero; r + b, rounded once, where the signs of r and b differ. */
export function modV(a: v128, b: v128): v128 {
  const isFew = v128.and(f32x4.lt(f32x4.abs(f32x4.div(a, b)), FEW), f32x4.lt(f32x4.abs(b), INF));
  let r = joinHalves(remainder64(lowHalf(a), lowHalf(b)), remainder64(highHalf(a), highHalf(b)));
  r = withSignOf(a, r);
  if (!i32x4.all_true(isFew)) r = v128.bitselect(r, remainderSlow(a, b), isFew);
  const differs = v128.and(f32x4.ne(r, ZERO), i32x4.shr_s(v128.xor(r, b), 31));
  return v128.bitselect(f32x4.add(r, b), r, differs);
}

/** floor(a / b) of the quotient in f64, as int32: saturating, NaN to 0. */
export function floorDivV(a: v128, b: v128): v128 {
  const low = f64x2.floor(f64x2.div(lowHalf(a), lowHalf(b))),
    high = f64x2.floor(f64x2.div(highHalf(a), highHalf(b)));
  return v128.shuffle<i32>(i32x4.trunc_sat_f64x2_s_zero(low), i32x4.trunc_sat_f64x2_s_zero(high), 0, 1, 4, 5);
}

const ROUND = f64s(6755399441055744); // 1.5 * 2^52: added, it leaves the integer modulo 2^32 in the low bits

/** The quotient of two int32 is never as close below an integer as f64 would round up, so its floor is exact. */
// @ts-ignore: decorator
@inline
function floorQuotient(a: v128, b: v128): v128 {
  return f64x2.add(f64x2.floor(f64x2.div(f64x2.convert_low_i32x4_s(a), f64x2.convert_low_i32x4_s(b))), ROUND);
}

/** floor(a / b) modulo 2^32; 0 where b is 0: infinity and NaN have low bits of 0. */
export function floorDivIntV(a: v128, b: v128): v128 {
  const high = floorQuotient(v128.shuffle<i32>(a, a, 2, 3, 0, 1), v128.shuffle<i32>(b, b, 2, 3, 0, 1));
  return v128.shuffle<i32>(floorQuotient(a, b), high, 0, 2, 4, 6);
}

/** a - b floor(a / b); 0 where b is 0. */
export function modIntV(a: v128, b: v128): v128 {
  return v128.and(i32x4.sub(a, i32x4.mul(floorDivIntV(a, b), b)), i32x4.ne(b, ZERO));
}

const I1 = i32s(1);

/** a^b modulo 2^32, by squaring. For negative b, 1 / a^-b rounded toward zero: 0 unless a is 1 or -1. */
export function powIntV(a: v128, b: v128): v128 {
  let power = I1,
    square = a,
    left = b;
  while (v128.any_true(left)) {
    power = v128.bitselect(i32x4.mul(power, square), power, i32x4.neg(v128.and(left, I1)));
    square = i32x4.mul(square, square);
    left = i32x4.shr_u(left, 1);
  }
  const vanishes = v128.andnot(i32x4.shr_s(b, 31), i32x4.eq(i32x4.abs(a), I1));
  return v128.andnot(power, vanishes);
}

/** Folds of contiguous runs, and the functions that they fold with. */
import { isNaNLanes, loadPart } from '../lanes';

/**
 * What a fold does with two vectors: passed to the loops as classes, as in unary.ts. `quick` is for orders (max, min):
 * one instruction instead of eight, but it keeps `a` where both are zero or b is NaN.
 */

export class Sum {
  @inline start(): v128 {
    return f32x4.splat(0);
  }
  @inline join(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
  @inline isOrder(): bool {
    return false;
  }
  @inline quick(a: v128, b: v128): v128 {
    return b;
  }
}

export class Prod {
  @inline start(): v128 {
    return f32x4.splat(1);
  }
  @inline join(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
  @inline isOrder(): bool {
    return false;
  }
  @inline quick(a: v128, b: v128): v128 {
    return b;
  }
}

export class Max {
  @inline start(): v128 {
    return f32x4.splat(-Infinity);
  }
  @inline join(a: v128, b: v128): v128 {
    return f32x4.max(a, b);
  }
  @inline isOrder(): bool {
    return true;
  }
  @inline quick(a: v128, b: v128): v128 {
    return f32x4.pmax(a, b);
  }
}

export class Min {
  @inline start(): v128 {
    return f32x4.splat(Infinity);
  }
  @inline join(a: v128, b: v128): v128 {
    return f32x4.min(a, b);
  }
  @inline isOrder(): bool {
    return true;
  }
  @inline quick(a: v128, b: v128): v128 {
    return f32x4.pmin(a, b);
  }
}

/** All ones in the first lanes. */
// @ts-ignore: decorator
@inline
export function laneMask(lanes: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
}

/** The last n mod 4 lanes (all, if that is 0) of a vector moved to the front; 0 follows. */
// @ts-ignore: decorator
@inline
export function toFront(v: v128, n: i32): v128 {
  const at = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return i8x16.swizzle(v, i8x16.add(at, i8x16.splat(<i8>((-n & 3) << 2))));
}

/** Folds a contiguous run down to its sixteen accumulators, and these to four: lane j holds j, j + 4, j + 8, j + 12. */
// @ts-ignore: decorator
@inline
export function foldRun<T>(x: usize, n: i32): v128 {
  if (changetype<T>(0).isOrder() && n >= 32) {
    const v = foldQuickly<T>(x, n);
    if (!v128.any_true(f32x4.eq(v, f32x4.splat(0)))) return v;
  }
  let s0 = changetype<T>(0).start(),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  let i = n;
  for (; i >= 16; i -= 16) {
    s0 = changetype<T>(0).join(s0, v128.load(x));
    s1 = changetype<T>(0).join(s1, v128.load(x, 16));
    s2 = changetype<T>(0).join(s2, v128.load(x, 32));
    s3 = changetype<T>(0).join(s3, v128.load(x, 48));
    x += 64;
  }
  if (i >= 4) s0 = changetype<T>(0).join(s0, v128.load(x));
  if (i >= 8) s1 = changetype<T>(0).join(s1, v128.load(x, 16));
  if (i >= 12) s2 = changetype<T>(0).join(s2, v128.load(x, 32));
  const rest = i & 3;
  if (rest) {
    const part = n > 4 ? toFront(v128.load(x + (<usize>i << 2) - 16), rest) : loadPart(x + (<usize>(i & ~3) << 2), rest);
    const v = v128.bitselect(part, changetype<T>(0).start(), laneMask(rest));
    if (i < 4) s0 = changetype<T>(0).join(s0, v);
    else if (i < 8) s1 = changetype<T>(0).join(s1, v);
    else if (i < 12) s2 = changetype<T>(0).join(s2, v);
    else s3 = changetype<T>(0).join(s3, v);
  }
  return changetype<T>(0).join(changetype<T>(0).join(s0, s2), changetype<T>(0).join(s1, s3));
}

/**
 * Four neighboring runs of 4 to 16 elements; their results are side by side. The fold's start comes in last, where it
 * does what it would do first: it only turns -0 into +0.
 */
export function foldFourShort<T>(x: usize, n: i32): v128 {
  const row = <usize>n << 2,
    y = x + row,
    z = y + row,
    w = z + row;
  const mask = laneMask(((n - 1) & 3) + 1);
  let a = lastOf<T>(x, n, mask),
    b = lastOf<T>(y, n, mask),
    c = lastOf<T>(z, n, mask),
    d = lastOf<T>(w, n, mask);
  if (n > 12) {
    a = changetype<T>(0).join(a, v128.load(x, 16));
    b = changetype<T>(0).join(b, v128.load(y, 16));
    c = changetype<T>(0).join(c, v128.load(z, 16));
    d = changetype<T>(0).join(d, v128.load(w, 16));
    a = changetype<T>(0).join(a, changetype<T>(0).join(v128.load(x), v128.load(x, 32)));
    b = changetype<T>(0).join(b, changetype<T>(0).join(v128.load(y), v128.load(y, 32)));
    c = changetype<T>(0).join(c, changetype<T>(0).join(v128.load(z), v128.load(z, 32)));
    d = changetype<T>(0).join(d, changetype<T>(0).join(v128.load(w), v128.load(w, 32)));
  } else if (n > 4) {
    a = changetype<T>(0).join(a, v128.load(x));
    b = changetype<T>(0).join(b, v128.load(y));
    c = changetype<T>(0).join(c, v128.load(z));
    d = changetype<T>(0).join(d, v128.load(w));
    if (n > 8) {
      a = changetype<T>(0).join(a, v128.load(x, 16));
      b = changetype<T>(0).join(b, v128.load(y, 16));
      c = changetype<T>(0).join(c, v128.load(z, 16));
      d = changetype<T>(0).join(d, v128.load(w, 16));
    }
  }
  return changetype<T>(0).join(foldFourLanes<T>(a, b, c, d), changetype<T>(0).start());
}

/** The last 1 to 4 elements of a run, the other lanes the fold's start. */
// @ts-ignore: decorator
@inline
function lastOf<T>(x: usize, n: i32, mask: v128): v128 {
  return v128.bitselect(toFront(v128.load(x + (<usize>(n - 4) << 2)), n), changetype<T>(0).start(), mask);
}

/**
 * The maximum or minimum of a run of at least sixteen in each lane; a lane is 0 where that is not certain: zeros may
 * be of either sign, and a NaN was met. Elements may take part twice, in any order: it changes nothing.
 */
// @ts-ignore: decorator
@inline
function foldQuickly<T>(x: usize, n: i32): v128 {
  let s0 = changetype<T>(0).start(),
    s1 = s0,
    s2 = s0,
    s3 = s0,
    nan = f32x4.splat(0);
  const last = x + (<usize>(n - 16) << 2);
  while (true) {
    const a = v128.load(x),
      b = v128.load(x, 16),
      c = v128.load(x, 32),
      d = v128.load(x, 48);
    s0 = changetype<T>(0).quick(s0, a);
    s1 = changetype<T>(0).quick(s1, b);
    s2 = changetype<T>(0).quick(s2, c);
    s3 = changetype<T>(0).quick(s3, d);
    nan = v128.or(nan, v128.or(v128.or(isNaNLanes(a), isNaNLanes(b)), v128.or(isNaNLanes(c), isNaNLanes(d))));
    if (x == last) break;
    x = min(x + 64, last);
  }
  const v = changetype<T>(0).quick(changetype<T>(0).quick(s0, s1), changetype<T>(0).quick(s2, s3));
  return v128.andnot(v, nan);
}

/** Lane 0 takes in lane 2, lane 1 lane 3; then lane 0 lane 1. */
// @ts-ignore: decorator
@inline
export function foldLanes<T>(v: v128): v128 {
  const half = changetype<T>(0).join(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return changetype<T>(0).join(half, v128.shuffle<f32>(half, half, 1, 0, 3, 2));
}

/** The same for four vectors; their results are next to each other. */
// @ts-ignore: decorator
@inline
export function foldFourLanes<T>(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
    ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7),
    cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5),
    cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  // a and b: lanes 0 and 2 joined are in the first half, lanes 1 and 3 in the second.
  const abHalf = changetype<T>(0).join(ab, ab2),
    cdHalf = changetype<T>(0).join(cd, cd2);
  return changetype<T>(0).join(v128.shuffle<f64>(abHalf, cdHalf, 0, 2), v128.shuffle<f64>(abHalf, cdHalf, 1, 3));
}

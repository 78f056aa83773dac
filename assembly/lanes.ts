/** Small helpers that every kernel leans on: partial vectors and the slice of the work that a call computes. */

/** First unit of slice t when `units` are cut into n slices. */
// @ts-ignore: decorator
@inline
export function sliceStart(units: i32, t: i32, n: i32): i32 {
  return <i32>((<i64>units * t) / n);
}

/** The same, in whole groups of `grain` elements (the last may be short). */
// @ts-ignore: decorator
@inline
export function grainStart(count: i32, grain: i32, t: i32, n: i32): i32 {
  return min(count, sliceStart((count + grain - 1) / grain, t, n) * grain);
}

/** Loads the first `lanes` (1 to 3) floats at p, the other lanes +0: nothing past them is touched. */
export function loadPart(p: usize, lanes: i32): v128 {
  let v = v128.load_zero<u32>(p);
  if (lanes > 1) v = v128.load_lane<u32>(p, v, 1, 4);
  if (lanes > 2) v = v128.load_lane<u32>(p, v, 2, 8);
  return v;
}

/** Stores the first `lanes` (1 to 3) floats of v. */
export function storePart(p: usize, v: v128, lanes: i32): void {
  v128.store_lane<u32>(p, v, 0);
  if (lanes > 1) v128.store_lane<u32>(p, v, 1, 4);
  if (lanes > 2) v128.store_lane<u32>(p, v, 2, 8);
}

/** All ones where x is NaN. */
// @ts-ignore: decorator
@inline
export function isNaNLanes(x: v128): v128 {
  return f32x4.ne(x, x);
}

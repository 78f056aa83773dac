/**
 * Softmax and its logarithm along contiguous rows. With z = x - max(row) and s the sixteen-lane sum (see reduce.ts,
 * without chunks) of exp(z): softmax = exp(z) / s, logSoftmax = z - log(s). Finite for logits of any size. The result lies
 * in other memory than x.
 */
import { foldLanes, foldRun, Max, Sum } from './fold';
import { Rows, Un } from '../isa';
import { loadPart, sliceStart, storePart } from '../lanes';
import { logV } from '../math/functions';
import { unary } from '../map/unary';

/** Elements, in whole rows, of which z, then the exponentials, then the results are computed while they are in cache. */
const BLOCK: i32 = 1024;

export function softmax(p: usize, t: i32, slices: i32): void {
  rows(false, p, t, slices);
}

export function logSoftmax(p: usize, t: i32, slices: i32): void {
  rows(true, p, t, slices);
}

function rows(logarithm: bool, p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, Rows.n),
    count = load<i32>(p, Rows.rows);
  if (n == 0) return;
  const most = max(1, BLOCK / n),
    bytes = <usize>n << 2;
  for (let r = sliceStart(count, t, slices), end = sliceStart(count, t + 1, slices); r < end; r += most) {
    const first = load<usize>(p, Rows.x) + <usize>r * bytes,
      out = load<usize>(p, Rows.out) + <usize>r * bytes,
      size = <usize>min(most, end - r) * bytes;
    for (let i: usize = 0; i < size; i += bytes) {
      subtract(out + i, first + i, rowMax(first + i, n), f32x4.splat(0), n);
    }
    unary(Un.exp, out, out, <i32>(size >> 2), 0, 0);
    for (let i: usize = 0; i < size; i += bytes) {
      const sum = foldLanes<Sum>(foldRun<Sum>(out + i, n));
      if (logarithm) subtract(out + i, first + i, rowMax(first + i, n), logV(f32x4.splat(f32x4.extract_lane(sum, 0))), n);
      else divide(out + i, f32x4.splat(f32x4.extract_lane(sum, 0)), n);
    }
  }
}

/** The maximum of a row in all lanes. */
// @ts-ignore: decorator
@inline
function rowMax(x: usize, n: i32): v128 {
  return foldLanes<Max>(foldRun<Max>(x, n));
}

/** to = x - a - b. The last vector may overlap the one before: what both compute is the same. */
// @ts-ignore: decorator
@inline
function subtract(to: usize, x: usize, a: v128, b: v128, n: i32): void {
  if (n < 4) return storePart(to, f32x4.sub(f32x4.sub(loadPart(x, n), a), b), n);
  const last = <usize>(n - 4) << 2;
  for (let i: usize = 0; i < last; i += 16) v128.store(to + i, f32x4.sub(f32x4.sub(v128.load(x + i), a), b));
  v128.store(to + last, f32x4.sub(f32x4.sub(v128.load(x + last), a), b));
}

/** In place: the last vector is read before the one that it may overlap is written. */
// @ts-ignore: decorator
@inline
function divide(x: usize, by: v128, n: i32): void {
  if (n < 4) return storePart(x, f32x4.div(loadPart(x, n), by), n);
  const end = x + (<usize>(n - 4) << 2),
    last = f32x4.div(v128.load(end), by);
  for (; x < end; x += 16) v128.store(x, f32x4.div(v128.load(x), by));
  v128.store(end, last);
}

/**
 * Softmax and its logarithm along contiguous rows. With z = x - max(row) and s the sixteen-lane sum (see reduce.ts,
 * without chunks) of exp(z): softmax = exp(z) / s, logSoftmax = z - log(s). Finite for logits of any size.
 */
import { foldLanes, foldRun, Max, Sum } from './fold';
import { Rows } from './isa';
import { loadPart, sliceStart, storePart } from './lanes';
import { expV, logV } from './math';

export function softmax(p: usize, t: i32, threads: i32): void {
  rows(false, p, t, threads);
}

export function logSoftmax(p: usize, t: i32, threads: i32): void {
  rows(true, p, t, threads);
}

// @ts-ignore: decorator
@inline
function rows(logarithm: bool, p: usize, t: i32, threads: i32): void {
  const n = load<i32>(p, Rows.n),
    count = load<i32>(p, Rows.rows);
  const x = load<usize>(p, Rows.x),
    out = load<usize>(p, Rows.out);
  for (let r = sliceStart(count, t, threads), end = sliceStart(count, t + 1, threads); r < end; r++) {
    const at = (<usize>r * n) << 2;
    row(logarithm, x + at, out + at, n);
  }
}

// @ts-ignore: decorator
@inline
function row(logarithm: bool, x: usize, out: usize, n: i32): void {
  const highest = f32x4.splat(f32x4.extract_lane(rowMax(x, n), 0));
  if (n < 4) return shortRow(logarithm, x, out, n, highest);
  // The last vector may overlap the one before: what both compute is the same.
  const last = <usize>(n - 4) << 2,
    end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const at = min(i, last);
    v128.store(out + at, expV(f32x4.sub(v128.load(x + at), highest)));
  }
  const sum = rowSum(out, n);
  if (logarithm) {
    const shift = logV(sum);
    for (let i: usize = 0; i < end; i += 16) {
      const at = min(i, last);
      v128.store(out + at, f32x4.sub(f32x4.sub(v128.load(x + at), highest), shift));
    }
    return;
  }
  const lastQuotient = f32x4.div(v128.load(out + last), sum);
  for (let i: usize = 0; i < last; i += 16) v128.store(out + i, f32x4.div(v128.load(out + i), sum));
  v128.store(out + last, lastQuotient);
}

function shortRow(logarithm: bool, x: usize, out: usize, n: i32, highest: v128): void {
  if (n == 0) return;
  const z = f32x4.sub(loadPart(x, n), highest),
    e = expV(z);
  storePart(out, e, n);
  const sum = rowSum(out, n);
  storePart(out, logarithm ? f32x4.sub(z, logV(sum)) : f32x4.div(e, sum), n);
}

/** In all lanes. */
function rowSum(x: usize, n: i32): v128 {
  return f32x4.splat(f32x4.extract_lane(foldLanes<Sum>(foldRun<Sum>(x, n)), 0));
}

/** In lane 0. */
function rowMax(x: usize, n: i32): v128 {
  return foldLanes<Max>(foldRun<Max>(x, n));
}

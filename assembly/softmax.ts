/**
 * Softmax and its logarithm along contiguous rows. With z = x - max(row) and s the sixteen-lane sum (see reduce.ts,
 * without chunks) of exp(z): softmax = exp(z) / s, logSoftmax = z - log(s). Finite for logits of any size.
 */
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
  const whole = <usize>(n & ~3) << 2,
    rest = n & 3;
  const highest = f32x4.splat(rowMax(x, n));
  let s0 = f32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  // The accumulators take turns, so that element i meets accumulator i mod 16.
  for (let i: usize = 0; i < whole; i += 16) {
    const z = f32x4.sub(v128.load(x + i), highest);
    const e = expV(z);
    v128.store(out + i, logarithm ? z : e);
    const next = f32x4.add(s0, e);
    s0 = s1;
    s1 = s2;
    s2 = s3;
    s3 = next;
  }
  let parts = (n >> 2) & 3;
  if (rest) {
    const z = f32x4.sub(loadPart(x + whole, rest), highest);
    const e = expV(z);
    storePart(out + whole, logarithm ? z : e, rest);
    const mask = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(rest));
    s0 = f32x4.add(s0, v128.and(e, mask));
  }
  // s0 now is accumulator `parts`; vectors that are 8 elements apart add first, in the order of their index.
  let sum = f32x4.splat(0);
  if (parts == 0) sum = f32x4.add(f32x4.add(s0, s2), f32x4.add(s1, s3));
  else if (parts == 1) sum = f32x4.add(f32x4.add(s3, s1), f32x4.add(s0, s2));
  else if (parts == 2) sum = f32x4.add(f32x4.add(s2, s0), f32x4.add(s3, s1));
  else sum = f32x4.add(f32x4.add(s1, s3), f32x4.add(s2, s0));
  sum = f32x4.add(sum, v128.shuffle<f32>(sum, sum, 2, 3, 0, 1));
  sum = f32x4.add(sum, v128.shuffle<f32>(sum, sum, 1, 0, 3, 2));
  if (logarithm) sum = logV(sum);
  for (let i: usize = 0; i < whole; i += 16) {
    const v = v128.load(out + i);
    v128.store(out + i, logarithm ? f32x4.sub(v, sum) : f32x4.div(v, sum));
  }
  if (rest) {
    const v = loadPart(out + whole, rest);
    storePart(out + whole, logarithm ? f32x4.sub(v, sum) : f32x4.div(v, sum), rest);
  }
}

function rowMax(x: usize, n: i32): f32 {
  let v = f32x4.splat(-Infinity);
  const end = x + (<usize>(n & ~3) << 2);
  while (x < end) {
    v = f32x4.max(v, v128.load(x));
    x += 16;
  }
  v = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  v = f32x4.max(v, v128.shuffle<f32>(v, v, 1, 0, 3, 2));
  let best = f32x4.extract_lane(v, 0);
  for (n &= 3; n > 0; n--, x += 4) best = max<f32>(best, load<f32>(x));
  return best;
}

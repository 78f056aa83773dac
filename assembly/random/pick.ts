/**
 * Draws from discrete distributions: the shares of a row are added up from the left, and a draw u picks the first index
 * whose running sum exceeds u times the whole sum (the last index with a share, should rounding leave none).
 */
import { Pick } from '../isa';
import { sliceStart } from '../lanes';
import { ownScratch } from '../scratch';

export function pick(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, Pick.n),
    count = load<i32>(p, Pick.count),
    units = load<i32>(p, Pick.rows) * count;
  const sums = ownScratch();
  const u = load<usize>(p, Pick.u),
    out = load<usize>(p, Pick.out);
  let row = -1;
  let total: f32 = 0;
  for (let i = sliceStart(units, t, slices), end = sliceStart(units, t + 1, slices); i < end; i++) {
    if (i / count != row) {
      row = i / count;
      total = accumulate(load<usize>(p, Pick.shares) + ((<usize>row * n) << 2), sums, n);
    }
    const at = <usize>i << 2,
      target = load<f32>(u + at) * total;
    let index = search(sums, n, target);
    if (index == n) for (index = n - 1; index > 0 && load<f32>(sums + (<usize>index << 2)) == load<f32>(sums + (<usize>(index - 1) << 2)); ) index--;
    store<i32>(out + at, index);
  }
}

/** Writes the running sums; returns the last. */
function accumulate(shares: usize, sums: usize, n: i32): f32 {
  let sum: f32 = 0;
  for (const end = shares + (<usize>n << 2); shares < end; shares += 4, sums += 4) {
    sum += load<f32>(shares);
    store<f32>(sums, sum);
  }
  return sum;
}

/** The first index whose sum exceeds the target; n if there is none. Without branches, as their outcome is a coin's. */
function search(sums: usize, n: i32, target: f32): i32 {
  let low = 0;
  for (let left = n; left > 1; ) {
    const half = left >>> 1,
      middle = low + half;
    low = select<i32>(low, middle, load<f32>(sums + (<usize>(middle - 1) << 2)) > target);
    left -= half;
  }
  return low + select<i32>(0, 1, load<f32>(sums + (<usize>low << 2)) > target);
}

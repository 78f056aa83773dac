/**
 * Resizing along one dimension, rows by index, and the gradients of both.
 *
 * Resample: element j of `count` is at source s of `n`, computed in float64, products first, so that integers
 * come out whole. With scaled(i) = i (n - 1) / (count - 1) if corners are aligned (and count > 1), else i n / count:
 * - linear: s = scaled(j + 1/2) - 1/2 with half-pixel centers, else scaled(j); low = max(0, ⌊s⌋), high = min(n - 1, ⌈s⌉),
 *   out = x[low] + (x[high] - x[low]) · f32(s - low), and x[low] itself where both are one;
 * - nearest: s = scaled(j + 1/2) or scaled(j); out = x[min(n - 1, ⌊s⌋)], with aligned corners ⌊s + 1/2⌋.
 * Its gradient starts at +0 and adds, j ascending, dy (1 - fraction) to low and dy · fraction to high (dy where both are one).
 *
 * SumRows starts at +0 and adds row j to row indices[j], j ascending. Threads of both gradients share inner elements.
 */
import { Resample, TakeRows } from '../isa';
import { outOfRange } from './copy';
import { sliceStart } from '../lanes';

/** Elements of `inner` that a unit of a gradient has. */
const GROUP = 16;

/** Where element j is among n, as described above. */
// @ts-ignore: decorator
@inline
function source(p: usize, j: i32): f64 {
  const n = load<i32>(p, Resample.n),
    count = load<i32>(p, Resample.count),
    half = load<i32>(p, Resample.halfPixelCenters) != 0;
  const less = load<i32>(p, Resample.alignCorners) && count > 1 ? 1 : 0;
  const s = ((<f64>j + (half ? 0.5 : 0)) * <f64>(n - less)) / <f64>(count - less);
  if (load<i32>(p, Resample.nearest)) return min<f64>(n - 1, floor<f64>(load<i32>(p, Resample.alignCorners) ? s + 0.5 : s));
  return half ? s - 0.5 : s;
}

// @ts-ignore: decorator
@inline
function lowOf(s: f64): i32 {
  return max<i32>(0, <i32>floor<f64>(s));
}

// @ts-ignore: decorator
@inline
function highOf(s: f64, n: i32): i32 {
  return max<i32>(0, min<i32>(n - 1, <i32>ceil<f64>(s)));
}

export function resample(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, Resample.n),
    count = load<i32>(p, Resample.count),
    inner = load<i32>(p, Resample.inner),
    units = load<i32>(p, Resample.outer) * count;
  const row = <usize>inner << 2;
  for (let u = sliceStart(units, t, slices), end = sliceStart(units, t + 1, slices); u < end; u++) {
    const outer = u / count,
      s = source(p, u - outer * count),
      low = lowOf(s),
      high = highOf(s, n),
      x = load<usize>(p, Resample.x) + <usize>outer * n * row,
      a = x + <usize>low * row,
      b = x + <usize>high * row,
      out = load<usize>(p, Resample.out) + <usize>u * row;
    if (low >= high) {
      copyRow(out, a, inner);
      continue;
    }
    const fraction = <f32>(s - <f64>low),
      fractions = f32x4.splat(fraction);
    let k: usize = 0;
    for (; k + 16 <= row; k += 16) {
      const v = v128.load(a + k);
      v128.store(out + k, f32x4.add(v, f32x4.mul(f32x4.sub(v128.load(b + k), v), fractions)));
    }
    for (; k < row; k += 4) {
      const v = load<f32>(a + k);
      store<f32>(out + k, v + (load<f32>(b + k) - v) * fraction);
    }
  }
}

/** Rows of a few elements (channels of a pixel) are not worth a call. */
// @ts-ignore: decorator
@inline
function copyRow(to: usize, from: usize, count: i32): void {
  if (count > 16) memory.copy(to, from, <usize>count << 2);
  else for (let k: usize = 0, end = <usize>count << 2; k < end; k += 4) store<u32>(to + k, load<u32>(from + k));
}

/** to += from · factor */
function addRow(to: usize, from: usize, factor: f32, bytes: usize): void {
  const factors = f32x4.splat(factor);
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) v128.store(to + k, f32x4.add(v128.load(to + k), f32x4.mul(v128.load(from + k), factors)));
  for (; k < bytes; k += 4) store<f32>(to + k, load<f32>(to + k) + load<f32>(from + k) * factor);
}

/** x is dy, out is dx. */
export function resampleGrad(p: usize, t: i32, slices: i32): void {
  scatter(false, p, t, slices, load<i32>(p, Resample.outer), load<i32>(p, Resample.n), load<i32>(p, Resample.count), load<i32>(p, Resample.inner));
}

export function sumRows(p: usize, t: i32, slices: i32): void {
  scatter(true, p, t, slices, load<i32>(p, TakeRows.outer), load<i32>(p, TakeRows.n), load<i32>(p, TakeRows.count), load<i32>(p, TakeRows.inner));
}

/** Rows of [outer, count, inner] added to rows of [outer, n, inner]; threads share (outer, sixteen inner elements). */
function scatter(isRows: bool, p: usize, t: i32, slices: i32, outer: i32, n: i32, count: i32, inner: i32): void {
  const groups = (inner + GROUP - 1) / GROUP,
    row = <usize>inner << 2,
    from = isRows ? load<usize>(p, TakeRows.x) : load<usize>(p, Resample.x),
    to = isRows ? load<usize>(p, TakeRows.out) : load<usize>(p, Resample.out),
    indices = isRows ? load<usize>(p, TakeRows.indices) : 0;
  const end = sliceStart(outer * groups, t + 1, slices);
  for (let u = sliceStart(outer * groups, t, slices); u < end; ) {
    const o = u / groups,
      first = u - o * groups,
      last = min(groups, first + end - u),
      start = first * GROUP,
      bytes = <usize>(min(inner, last * GROUP) - start) << 2;
    const dx = to + <usize>o * n * row + (<usize>start << 2),
      dy = from + <usize>o * count * row + (<usize>start << 2);
    for (let i = 0; i < n; i++) memory.fill(dx + <usize>i * row, 0, bytes);
    for (let j = 0; j < count; j++) {
      const here = dy + <usize>j * row;
      if (isRows) {
        const index = load<i32>(indices + (<usize>j << 2));
        if (<u32>index >= <u32>n) return outOfRange(p, index);
        addRow(dx + <usize>index * row, here, 1, bytes);
        continue;
      }
      const s = source(p, j),
        low = lowOf(s),
        high = highOf(s, n);
      if (low >= high) addRow(dx + <usize>low * row, here, 1, bytes);
      else {
        const fraction = <f32>(s - <f64>low);
        addRow(dx + <usize>low * row, here, 1 - fraction, bytes);
        addRow(dx + <usize>high * row, here, fraction, bytes);
      }
    }
    u += last - first;
  }
}

export function takeRows(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, TakeRows.n),
    count = load<i32>(p, TakeRows.count),
    inner = load<i32>(p, TakeRows.inner),
    units = load<i32>(p, TakeRows.outer) * count;
  const indices = load<usize>(p, TakeRows.indices),
    row = <usize>inner << 2;
  for (let u = sliceStart(units, t, slices), end = sliceStart(units, t + 1, slices); u < end; u++) {
    const outer = u / count,
      index = load<i32>(indices + (<usize>(u - outer * count) << 2));
    if (<u32>index >= <u32>n) return outOfRange(p, index);
    copyRow(load<usize>(p, TakeRows.out) + <usize>u * row, load<usize>(p, TakeRows.x) + (<usize>outer * n + index) * row, inner);
  }
}

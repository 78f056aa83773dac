/**
 * Float32 to integers of eight bits and back. Specification, for each unit (a row of a matrix, an image):
 * s = given, or f32(greatest |x| / 127); q = f32(x * f32(1 / s)) limited to [-127, 127] and rounded to the nearest integer,
 * ties to even, where 1 / s is 0 if it is not finite. A unit with NaN or an infinity has the scale NaN, so that all of its
 * results are NaN.
 * Threads share rows; each finds the scales that its rows need.
 */
import { Quantize, QuantizePairs, Unpack } from '../isa';
import { loadPart, sliceStart } from '../lanes';

/** Added to a small number it leaves the nearest integer, ties to even, in the last bits. */
const ROUND: f32 = 12582912;

export function quantize(p: usize, t: i32, slices: i32): void {
  const rows = load<i32>(p, Quantize.rows),
    width = load<i32>(p, Quantize.width),
    given = load<usize>(p, Quantize.given),
    all = load<i32>(p, Quantize.units) * rows,
    bytes = <usize>width << 2;
  for (let r = sliceStart(all, t, slices), end = sliceStart(all, t + 1, slices); r < end; ) {
    const unit = r / rows,
      first = unit * rows,
      last = min(end, first + rows),
      x = load<usize>(p, Quantize.x),
      scale = scaleOf(x + first * bytes, rows * width, given);
    if (r == first) store<f32>(load<usize>(p, Quantize.scale) + (<usize>unit << 2), scale);
    const factor = f32x4.splat(inverseOf(scale)),
      row = load<usize>(p, Quantize.row),
      from = x + r * bytes,
      to = load<usize>(p, Quantize.q) + r * row;
    // Rows that follow each other without a gap are one.
    const count = row == <usize>width << 1 ? 1 : last - r,
      length = count == 1 ? width * (last - r) : width;
    if (given) integers<Limited>(from, to, count, length, row, factor);
    else integers<Near>(from, to, count, length, row, factor);
    r = last;
  }
}

/** The scale of a unit of n numbers, NaN if one of them is not finite: greatest - greatest is NaN then. */
function scaleOf(x: usize, n: i32, given: usize): f32 {
  const greatest = greatestOf(x, n);
  return (given ? load<f32>(given) : greatest / 127) + (greatest - greatest);
}

// @ts-ignore: decorator
@inline
function inverseOf(scale: f32): f32 {
  const inverse: f32 = <f32>1 / scale;
  return inverse < Infinity ? inverse : 0;
}

/** The greatest |x| of n numbers; NaN or an infinity if one of them is. As bits, the order of |x| is that of integers. */
function greatestOf(x: usize, n: i32): f32 {
  const size = i32x4.splat(0x7fffffff);
  let m0 = i32x4.splat(0),
    m1 = m0,
    m2 = m0,
    m3 = m0;
  const end = x + (<usize>n << 2);
  for (; x + 64 <= end; x += 64) {
    m0 = i32x4.max_s(m0, v128.and(v128.load(x), size));
    m1 = i32x4.max_s(m1, v128.and(v128.load(x, 16), size));
    m2 = i32x4.max_s(m2, v128.and(v128.load(x, 32), size));
    m3 = i32x4.max_s(m3, v128.and(v128.load(x, 48), size));
  }
  for (; x + 16 <= end; x += 16) m0 = i32x4.max_s(m0, v128.and(v128.load(x), size));
  if (x < end) m1 = i32x4.max_s(m1, v128.and(loadPart(x, <i32>((end - x) >> 2)), size));
  const most = i32x4.max_s(i32x4.max_s(m0, m1), i32x4.max_s(m2, m3));
  return reinterpret<f32>(
    max(
      max(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1)),
      max(i32x4.extract_lane(most, 2), i32x4.extract_lane(most, 3)),
    ),
  );
}

/** Numbers of any size, limited to [-127, 127]. */
class Limited {
  @inline of(x: v128, factor: v128): v128 {
    return f32x4.pmin(f32x4.pmax(f32x4.mul(x, factor), f32x4.splat(-127)), f32x4.splat(127));
  }
}

/** Numbers whose own greatest one becomes 127, however it is rounded. */
class Near {
  @inline of(x: v128, factor: v128): v128 {
    return f32x4.mul(x, factor);
  }
}

// @ts-ignore: decorator
@inline
function rounded(q: v128): v128 {
  return i32x4.sub(f32x4.add(q, f32x4.splat(ROUND)), f32x4.splat(ROUND));
}

/** `count` rows of integers; what is left of the `row` bytes of each is 0. */
function integers<F>(from: usize, to: usize, count: i32, width: i32, row: usize, factor: v128): void {
  const f = changetype<F>(0),
    filled = <usize>width << 1;
  for (; count > 0; count--, to += row) {
    let at = to,
      j = 0;
    for (; j + 8 <= width; j += 8, at += 16, from += 32) {
      v128.store(at, i16x8.narrow_i32x4_s(rounded(f.of(v128.load(from), factor)), rounded(f.of(v128.load(from, 16), factor))));
    }
    for (; j < width; j++, at += 2, from += 4) {
      store<i16>(at, <i16>i32x4.extract_lane(rounded(f.of(v128.load_splat<f32>(from), factor)), 0));
    }
    if (filled < row) memory.fill(to + filled, 0, row - filled);
  }
}

export function quantizePairs(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, QuantizePairs.n),
    rows = load<i32>(p, QuantizePairs.rows),
    size = load<i32>(p, QuantizePairs.h) * load<i32>(p, QuantizePairs.w) * load<i32>(p, QuantizePairs.c),
    given = load<usize>(p, QuantizePairs.given);
  for (let r = sliceStart(n * rows, t, slices), end = sliceStart(n * rows, t + 1, slices); r < end; ) {
    const image = r / rows,
      first = image * rows,
      x = load<usize>(p, QuantizePairs.x) + (<usize>(image * size) << 2),
      scale = scaleOf(x, size, given);
    if (r == first) store<f32>(load<usize>(p, QuantizePairs.scale) + (<usize>image << 2), scale);
    for (const last = min(end, first + rows); r < last; r++) {
      if (given) pairs<Limited>(p, x, r - first, r, inverseOf(scale));
      else pairs<Near>(p, x, r - first, r, inverseOf(scale));
    }
  }
}

/** Pair number `pair` of the rows of an image. */
function pairs<F>(p: usize, x: usize, pair: i32, number: i32, inverse: f32): void {
  const h = load<i32>(p, QuantizePairs.h),
    w = load<i32>(p, QuantizePairs.w),
    c = load<i32>(p, QuantizePairs.c),
    columns = load<i32>(p, QuantizePairs.columns),
    repeat = load<i32>(p, QuantizePairs.repeat),
    dilation = load<i32>(p, QuantizePairs.dilationH),
    left = min(columns, load<i32>(p, QuantizePairs.padLeft)),
    right = max(left, min(columns, left + w)),
    line = <usize>columns << 4,
    bytes = <usize>(c * repeat + 3 >> 2) * line,
    above = (pair / dilation) * dilation + pair - load<i32>(p, QuantizePairs.padTop),
    below = above + dilation,
    hasAbove = <u32>above < <u32>h,
    hasBelow = <u32>below < <u32>h,
    run = <usize>(w * c) << 2;
  let to = load<usize>(p, QuantizePairs.q) + number * bytes;
  if (right - left < columns || (!hasAbove && !hasBelow)) memory.fill(to, 0, bytes);
  if (!hasAbove && !hasBelow) return;
  // A row that does not exist is read as the other one, times 0.
  let a = x + (hasAbove ? above : below) * run,
    b = x + (hasBelow ? below : above) * run;
  const aFactor = f32x4.splat(hasAbove ? inverse : 0),
    bFactor = f32x4.splat(hasBelow ? inverse : 0);
  to += <usize>left << 4;
  const step = <usize>c << 2;
  for (let q = left; q < right; q++, to += 16, a += step, b += step) {
    if (repeat == 1) pairsOfPixel<F>(a, b, c, to, line, aFactor, bFactor);
    else repeatedPairs<F>(a, b, c, repeat, to, line, aFactor, bFactor);
  }
}

// @ts-ignore: decorator
@inline
function pairsOfPixel<F>(a: usize, b: usize, c: i32, to: usize, line: usize, aFactor: v128, bFactor: v128): void {
  for (const end = a + (<usize>(c & ~3) << 2); a < end; a += 16, b += 16, to += line) {
    v128.store(to, paired<F>(v128.load(a), v128.load(b), aFactor, bFactor));
  }
  const left = c & 3;
  if (left) v128.store(to, paired<F>(loadPart(a, left), loadPart(b, left), aFactor, bFactor));
}

function repeatedPairs<F>(a: usize, b: usize, c: i32, repeat: i32, to: usize, line: usize, aFactor: v128, bFactor: v128): void {
  let o = 0;
  for (let ch = 0; ch < c; ch++, a += 4, b += 4) {
    const pair = i32x4.extract_lane(paired<F>(v128.load_splat<f32>(a), v128.load_splat<f32>(b), aFactor, bFactor), 0);
    for (let r = 0; r < repeat; r++, o++) store<i32>(to + (o >> 2) * line + (<usize>(o & 3) << 2), pair);
  }
}

/** Integers of four channels of two rows side by side. A sum with ROUND has the integer in its lower half. */
// @ts-ignore: decorator
@inline
function paired<F>(a: v128, b: v128, aFactor: v128, bFactor: v128): v128 {
  const f = changetype<F>(0),
    low = f32x4.add(f.of(a, aFactor), f32x4.splat(ROUND)),
    high = i32x4.shl(f32x4.add(f.of(b, bFactor), f32x4.splat(ROUND)), 16);
  return v128.shuffle<i16>(low, high, 0, 9, 2, 11, 4, 13, 6, 15);
}

/** Rows of int8 with their scales: y = f32(q * scale). */
export function unpack(p: usize, t: i32, slices: i32): void {
  const rows = load<i32>(p, Unpack.rows),
    width = load<i32>(p, Unpack.width),
    words = (width + 3) >> 2;
  for (let i = sliceStart(rows, t, slices), end = sliceStart(rows, t + 1, slices); i < end; i++) {
    const from = load<usize>(p, Unpack.w) + (<usize>i * words << 2),
      to = load<usize>(p, Unpack.out) + (<usize>i * width << 2),
      scale = load<f32>(load<usize>(p, Unpack.scale) + (<usize>i << 2));
    let j: i32 = 0;
    for (; j + 4 <= width; j += 4) {
      const q = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load_zero<u32>(from + j)));
      v128.store(to + (<usize>j << 2), f32x4.mul(f32x4.convert_i32x4_s(q), f32x4.splat(scale)));
    }
    for (; j < width; j++) store<f32>(to + (<usize>j << 2), <f32>load<i8>(from + j) * scale);
  }
}

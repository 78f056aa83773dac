/**
 * Float32 to integers of eight bits and back. Specification, for each unit (a row of a matrix, an image):
 * s = given, or f32(greatest |x| / 127); q = f32(x * f32(1 / s)) limited to [-127, 127] and rounded to the nearest integer,
 * ties to even, where 1 / s is 0 if it is not finite. A unit with NaN or an infinity has the scale NaN, so that all of its
 * results are NaN.
 * Threads share units.
 */
import { Quantize, Unpack } from '../isa';
import { sliceStart } from '../lanes';

/** Added to a small number it leaves the nearest integer, ties to even, in the last bits. */
const ROUND: f32 = 12582912;

export function quantize(p: usize, t: i32, slices: i32): void {
  const units = load<i32>(p, Quantize.units),
    rows = load<i32>(p, Quantize.rows),
    width = load<i32>(p, Quantize.width),
    given = load<usize>(p, Quantize.given),
    scales = load<usize>(p, Quantize.scale);
  const x = load<usize>(p, Quantize.x),
    bytes = <usize>rows * width << 2;
  for (let u = sliceStart(units, t, slices), end = sliceStart(units, t + 1, slices); u < end; u++) {
    const from = x + u * bytes;
    const greatest = greatestOf(from, rows * width);
    // Not finite: greatest - greatest is NaN.
    const scale: f32 = (given ? load<f32>(given) : greatest / 127) + (greatest - greatest);
    store<f32>(scales + (<usize>u << 2), scale);
    const inverse: f32 = <f32>1 / scale;
    integers(p, u * rows, (u + 1) * rows, inverse < Infinity ? inverse : 0);
  }
}

/** The greatest |x| of n numbers; NaN or an infinity if one of them is. As bits, the order of |x| is that of integers. */
function greatestOf(x: usize, n: i32): f32 {
  const size = i32x4.splat(0x7fffffff);
  let most = i32x4.splat(0);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16) most = i32x4.max_s(most, v128.and(v128.load(x), size));
  let one = max(
    max(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1)),
    max(i32x4.extract_lane(most, 2), i32x4.extract_lane(most, 3)),
  );
  for (; x < end; x += 4) one = max(one, load<i32>(x) & 0x7fffffff);
  return reinterpret<f32>(one);
}

/** Rows [i0, i1) as integers; what is left of a row is 0. */
function integers(p: usize, i0: i32, i1: i32, inverse: f32): void {
  const width = load<i32>(p, Quantize.width),
    repeat = load<i32>(p, Quantize.repeat),
    row = load<usize>(p, Quantize.row),
    factor = f32x4.splat(inverse);
  let from = load<usize>(p, Quantize.x) + (<usize>i0 * width << 2);
  const filled = <usize>(width * repeat) << 1;
  for (let i = i0; i < i1; i++, from += <usize>width << 2) {
    const to = load<usize>(p, Quantize.q) + i * row;
    let at = to,
      j = 0;
    if (repeat == 1) {
      for (; j + 8 <= width; j += 8, at += 16) {
        const x = from + (<usize>j << 2);
        v128.store(at, i16x8.narrow_i32x4_s(rounded(v128.load(x), factor), rounded(v128.load(x, 16), factor)));
      }
    }
    for (; j < width; j++) {
      const q = i32x4.extract_lane(rounded(v128.load_splat<f32>(from + (<usize>j << 2)), factor), 0);
      for (let r = 0; r < repeat; r++, at += 2) store<i16>(at, <i16>q);
    }
    if (filled < row) memory.fill(to + filled, 0, row - filled);
  }
}

// @ts-ignore: decorator
@inline
function rounded(x: v128, factor: v128): v128 {
  const q = f32x4.pmin(f32x4.pmax(f32x4.mul(x, factor), f32x4.splat(-127)), f32x4.splat(127));
  return i32x4.sub(f32x4.add(q, f32x4.splat(ROUND)), f32x4.splat(ROUND));
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

/**
 * Winograd's F(4x4, 3x3) in integers, at the points 0, 1, -1, 2, -2 and infinity. The values of images at points are exact
 * in int16 (at most 127 · 10 · 10), and so are those of filters without the denominators of their points (at most 128 · 7 · 7):
 *
 *           image                    filter         outputs
 *     0     4  0 -5  0  1  0         1  0  0         6 -4 -4  1  1  0   / 24
 *     1     0 -4 -4  1  1  0         1  1  1         0 -2  2  1 -1  0   / 12
 *    -1     0  4 -4 -1  1  0         1 -1  1         0 -1 -1  1  1  0   / 6
 *     2     0 -2 -1  2  1  0         1  2  4         0 -1  1  2 -2  6   / 6
 *    -2     0  2 -1 -2  1  0         1 -2  4
 *     ∞     0  4  0 -5  0  1         0  0  1
 *
 * The outputs, in two dimensions, are sums times at most 24 · 24 = 9 · 2^6. All of it is computed modulo 2^32, where 9 has an
 * inverse: left is a sum times at most 2^6, and as INT8_WINOGRAD_CHANNELS keeps sums below 2^25, a shift ends with the sum.
 */
import { Work } from '../conv/winograd/points';

/** 1 / 9 modulo 2^32 */
const NINTH: i32 = 0x38e38e39;

// @ts-ignore: decorator
@inline
function twice(x: v128): v128 {
  return i16x8.add(x, x);
}

/** Six pixels to points, eight channels at a time. */
// @ts-ignore: decorator
@inline
function imageToPoints(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
  const four1 = i16x8.shl(d1, 2),
    four2 = i16x8.shl(d2, 2);
  v128.store(to, i16x8.add(i16x8.sub(i16x8.shl(d0, 2), i16x8.add(four2, d2)), d4));
  let even = i16x8.sub(d4, four2),
    odd = i16x8.sub(d3, four1);
  v128.store((to += step), i16x8.add(even, odd));
  v128.store((to += step), i16x8.sub(even, odd));
  even = i16x8.sub(d4, d2);
  odd = twice(i16x8.sub(d3, d1));
  v128.store((to += step), i16x8.add(even, odd));
  v128.store((to += step), i16x8.sub(even, odd));
  v128.store(to + step, i16x8.add(i16x8.sub(four1, i16x8.add(i16x8.shl(d3, 2), d3)), d5));
}

/**
 * The values of an image's tile, whose pixels `locate` has found: those of channel l at point i are at `to + l * 2 + i * step`.
 * Vectors of which only a part exists are read and written whole.
 */
export function imageAtPoints(work: usize, channels: i32, to: usize, step: usize): void {
  for (let at: usize = 0; at < <usize>channels << 1; at += 16) {
    for (let j: usize = 0; j < 6; j++) {
      const p = work + Work.pixels + (j << 2);
      imageToPoints(v128.load(load<usize>(p) + at), v128.load(load<usize>(p, 24) + at), v128.load(load<usize>(p, 48) + at), v128.load(load<usize>(p, 72) + at), v128.load(load<usize>(p, 96) + at), v128.load(load<usize>(p, 120) + at), work + Work.between + (j << 4), 96);
    }
    let out = to + at;
    for (let b = work + Work.between, end = b + 576; b < end; b += 96, out += 6 * step) {
      imageToPoints(v128.load(b), v128.load(b, 16), v128.load(b, 32), v128.load(b, 48), v128.load(b, 64), v128.load(b, 80), out, step);
    }
  }
}

/** Three elements of a filter to points. */
// @ts-ignore: decorator
@inline
function filterToPoints(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  v128.store(to, g0);
  let even = i16x8.add(g0, g2),
    odd = g1;
  v128.store((to += step), i16x8.add(even, odd));
  v128.store((to += step), i16x8.sub(even, odd));
  even = i16x8.add(g0, i16x8.shl(g2, 2));
  odd = twice(g1);
  v128.store((to += step), i16x8.add(even, odd));
  v128.store((to += step), i16x8.sub(even, odd));
  v128.store(to + step, g2);
}

/** The values of a panel of int8, whose nine taps are `tap` bytes apart, as panels of int16, `step` bytes apart. */
export function filterAtPoints(work: usize, taps: usize, tap: usize, pairs: i32, to: usize, step: usize): void {
  const between = work + Work.between;
  for (const end = taps + (<usize>pairs << 5); taps < end; taps += 8, to += 16) {
    for (let j: usize = 0; j < 3; j++) {
      const from = taps + j * tap;
      filterToPoints(v128.load_ext<i8>(from), v128.load_ext<i8>(from + 3 * tap), v128.load_ext<i8>(from + 6 * tap), between + (j << 4), 48);
    }
    let out = to;
    for (let b = between, last = b + 288; b < last; b += 48, out += 6 * step) {
      filterToPoints(v128.load(b), v128.load(b, 16), v128.load(b, 32), out, step);
    }
  }
}

/** Six products at points to four outputs. */
// @ts-ignore: decorator
@inline
function outputs(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
  const a = i32x4.add(m1, m2),
    b = i32x4.add(m3, m4),
    c = i32x4.sub(m2, m1),
    d = i32x4.sub(m3, m4),
    three5 = i32x4.add(i32x4.add(m5, m5), m5),
    half = i32x4.sub(i32x4.sub(i32x4.add(i32x4.add(m0, m0), m0), a), a);
  v128.store(to, i32x4.add(i32x4.add(half, half), b));
  v128.store((to += step), i32x4.add(i32x4.add(c, c), d));
  v128.store((to += step), i32x4.sub(b, a));
  const last = i32x4.add(d, three5);
  v128.store(to + step, i32x4.add(c, i32x4.add(last, last)));
}

/** The sums of a tile from the products at the points, `step` bytes apart: 4x4 pixels of sixteen channels, added or not. */
export function sumsOfPoints(work: usize, m: usize, step: usize, to: usize, adds: bool): void {
  const between = work + Work.between,
    line = work + Work.tile;
  for (let l: usize = 0; l < 64; l += 16) {
    let from = m + l;
    for (let j: usize = 0; j < 6; j++, from += step) {
      outputs(v128.load(from), v128.load(from + 6 * step), v128.load(from + 12 * step), v128.load(from + 18 * step), v128.load(from + 24 * step), v128.load(from + 30 * step), between + (j << 4), 96);
    }
    let at = to + l,
      b = between;
    for (let i = 0; i < 4; i++, b += 96, at += 256) {
      const shift = max(1, 3 - i);
      outputs(v128.load(b), v128.load(b, 16), v128.load(b, 32), v128.load(b, 48), v128.load(b, 64), v128.load(b, 80), line, 16);
      put(at, sumOf(v128.load(line), shift + 3), adds);
      put(at + 64, sumOf(v128.load(line, 16), shift + 2), adds);
      put(at + 128, sumOf(v128.load(line, 32), shift + 1), adds);
      put(at + 192, sumOf(v128.load(line, 48), shift + 1), adds);
    }
  }
}

// @ts-ignore: decorator
@inline
function sumOf(multiple: v128, shift: i32): v128 {
  return i32x4.shr_s(i32x4.mul(multiple, i32x4.splat(NINTH)), shift);
}

// @ts-ignore: decorator
@inline
function put(at: usize, sum: v128, adds: bool): void {
  v128.store(at, adds ? i32x4.add(v128.load(at), sum) : sum);
}

/**
 * Depthwise convolution of integers: specification as that of `int8Conv`, each output channel looking at one input channel.
 * x has been written for it (`QuantizePairs`): with its zeros outside, each channel once for each of its output channels,
 * groups of four channels, and of each channel the numbers of two rows side by side. So one instruction multiplies two
 * taps and adds them. The filter, [kh, kw, channels] of int8, is written in the same way into scratch: once for windows whose
 * first row is the first of a pair, once for the others, zeros where a pair has one tap alone.
 *
 * The pairs that a window sees are at the same distances everywhere; they are listed once, and a small kernel follows the list
 * for eight pixels by four channels. The last ones of a row overlap those before, which changes no bit; of shorter rows, what
 * is read past the end is not written. Threads share rows.
 */
import { Int8Conv } from '../isa';
import { finishRows } from '../gemm/finish';
import { loadPart, sliceStart, storePart } from '../lanes';
import { ownScratch } from '../scratch';

/** Pixels that share the taps. */
const STRIP = 8;

export function int8Depthwise(p: usize, t: i32, slices: i32): void {
  const oh = load<i32>(p, Int8Conv.oh),
    ow = load<i32>(p, Int8Conv.ow),
    oc = load<i32>(p, Int8Conv.oc),
    kh = load<i32>(p, Int8Conv.kh),
    kw = load<i32>(p, Int8Conv.kw),
    rows = load<i32>(p, Int8Conv.h),
    dilation = load<i32>(p, Int8Conv.dilationH),
    stride = load<i32>(p, Int8Conv.strideW),
    groups = (oc + 3) >> 2,
    line = <usize>load<i32>(p, Int8Conv.w) << 4,
    // Pairs of rows of the filter, whose first row is the first of its pair, and of the other one.
    even = ((kh + 1) >> 1) * kw,
    odd = ((kh + 2) >> 1) * kw,
    list = ownScratch(),
    evenTaps = list + (<usize>odd << 2),
    oddTaps = evenTaps + (<usize>(even * groups) << 4),
    lines = load<i32>(p, Int8Conv.n) * oh;
  const u0 = sliceStart(lines, t, slices),
    u1 = sliceStart(lines, t + 1, slices);
  if (u0 >= u1) return;
  listPairs(p, odd, groups * line, list);
  pairTaps(p, even, 0, evenTaps);
  pairTaps(p, odd, 1, oddTaps);
  const yPixel = <usize>oc << 2;
  for (let u = u0; u < u1; u++) {
    const image = u / oh,
      top = (u - image * oh) * load<i32>(p, Int8Conv.strideH),
      first = top / dilation,
      pair = (first >> 1) * dilation + top - first * dilation,
      isOdd = (first & 1) != 0,
      taps = isOdd ? odd : even,
      scale = v128.load_splat<f32>(load<usize>(p, Int8Conv.xScale) + (<usize>image << 2)),
      y = load<usize>(p, Int8Conv.y) + <usize>u * ow * yPixel;
    const x = load<usize>(p, Int8Conv.x) + <usize>(image * rows + pair) * groups * line,
      filter = isOdd ? oddTaps : evenTaps,
      scales = load<usize>(p, Int8Conv.filterScale);
    for (let q = 0; q < ow; q += STRIP) {
      const first = max(0, min(q, ow - STRIP)),
        from = x + (<usize>(first * stride) << 4),
        to = y + first * yPixel;
      if (stride == 1) strip<Next>(list, taps, from, line, stride, filter, scale, scales, ow, to, yPixel, oc);
      else if (stride == 2) strip<Second>(list, taps, from, line, stride, filter, scale, scales, ow, to, yPixel, oc);
      else strip<Far>(list, taps, from, line, stride, filter, scale, scales, ow, to, yPixel, oc);
    }
    finishRows(y, yPixel, ow, oc, load<usize>(p, Int8Conv.bias), load<i32>(p, Int8Conv.activation), load<f32>(p, Int8Conv.alpha));
  }
}

/** How far from a window's first pair the others are, `down` bytes from row to row. */
function listPairs(p: usize, count: i32, down: usize, list: usize): void {
  const kw = load<i32>(p, Int8Conv.kw),
    step = load<i32>(p, Int8Conv.dilationH) * down,
    across = <usize>load<i32>(p, Int8Conv.dilationW) << 4;
  for (let i = 0; i < count; i++) {
    const row = i / kw;
    store<usize>(list + (<usize>i << 2), row * step + (i - row * kw) * across);
  }
}

/** The taps in pairs, as int16, `[channels / 4][count][4][2]`; the first rows have `before` rows of zeros before them. */
function pairTaps(p: usize, count: i32, before: i32, to: usize): void {
  const kh = load<i32>(p, Int8Conv.kh),
    kw = load<i32>(p, Int8Conv.kw),
    groups = (load<i32>(p, Int8Conv.oc) + 3) >> 2,
    width = (groups + 1 & -2) << 2,
    filter = load<usize>(p, Int8Conv.filter);
  for (let i = 0; i < count; i++) {
    const row = i / kw,
      above = 2 * row - before,
      column = i - row * kw,
      a = filter + (above * kw + column) * width,
      b = a + kw * width,
      hasAbove = above >= 0,
      hasBelow = above + 1 < kh;
    for (let g = 0; g < groups; g++) {
      const from = <usize>g << 2,
        one = hasAbove ? v128.load_zero<u32>(a + from) : i32x4.splat(0),
        other = hasBelow ? v128.load_zero<u32>(b + from) : i32x4.splat(0);
      v128.store(to + (<usize>(g * count + i) << 4), i16x8.extend_low_i8x16_s(v128.shuffle<i8>(one, other, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)));
    }
  }
}

/** Eight pixels that follow each other; `step` is a stride of any other size. */
class Next {
  @inline a1(x: usize, step: usize): v128 {
    return v128.load(x, 16);
  }
  @inline a2(x: usize, step: usize): v128 {
    return v128.load(x, 32);
  }
  @inline a3(x: usize, step: usize): v128 {
    return v128.load(x, 48);
  }
  @inline a4(x: usize, step: usize): v128 {
    return v128.load(x, 64);
  }
  @inline a5(x: usize, step: usize): v128 {
    return v128.load(x, 80);
  }
  @inline a6(x: usize, step: usize): v128 {
    return v128.load(x, 96);
  }
  @inline a7(x: usize, step: usize): v128 {
    return v128.load(x, 112);
  }
}

/** Every second one. */
class Second {
  @inline a1(x: usize, step: usize): v128 {
    return v128.load(x, 32);
  }
  @inline a2(x: usize, step: usize): v128 {
    return v128.load(x, 64);
  }
  @inline a3(x: usize, step: usize): v128 {
    return v128.load(x, 96);
  }
  @inline a4(x: usize, step: usize): v128 {
    return v128.load(x, 128);
  }
  @inline a5(x: usize, step: usize): v128 {
    return v128.load(x, 160);
  }
  @inline a6(x: usize, step: usize): v128 {
    return v128.load(x, 192);
  }
  @inline a7(x: usize, step: usize): v128 {
    return v128.load(x, 224);
  }
}

class Far {
  @inline a1(x: usize, step: usize): v128 {
    return v128.load(x + step);
  }
  @inline a2(x: usize, step: usize): v128 {
    return v128.load(x + 2 * step);
  }
  @inline a3(x: usize, step: usize): v128 {
    return v128.load(x + 3 * step);
  }
  @inline a4(x: usize, step: usize): v128 {
    return v128.load(x + 4 * step);
  }
  @inline a5(x: usize, step: usize): v128 {
    return v128.load(x + 5 * step);
  }
  @inline a6(x: usize, step: usize): v128 {
    return v128.load(x + 6 * step);
  }
  @inline a7(x: usize, step: usize): v128 {
    return v128.load(x + 7 * step);
  }
}

/** Eight pixels, of which `count` exist, with all their channels. */
function strip<F>(
  list: usize,
  taps: i32,
  x: usize,
  line: usize,
  stride: i32,
  filter: usize,
  xScale: v128,
  scales: usize,
  count: i32,
  y: usize,
  yPixel: usize,
  channels: i32,
): void {
  const f = changetype<F>(0),
    step = <usize>stride << 4,
    end = list + (<usize>taps << 2);
  for (let lanes = channels; lanes > 0; lanes -= 4, x += line, y += 16, scales += 16) {
    let c0 = i32x4.splat(0),
      c1 = c0,
      c2 = c0,
      c3 = c0,
      c4 = c0,
      c5 = c0,
      c6 = c0,
      c7 = c0;
    for (let tap = list; tap < end; tap += 4, filter += 16) {
      const at = x + load<usize>(tap),
        by = v128.load(filter);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(v128.load(at), by));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(f.a1(at, step), by));
      c2 = i32x4.add(c2, i32x4.dot_i16x8_s(f.a2(at, step), by));
      c3 = i32x4.add(c3, i32x4.dot_i16x8_s(f.a3(at, step), by));
      c4 = i32x4.add(c4, i32x4.dot_i16x8_s(f.a4(at, step), by));
      c5 = i32x4.add(c5, i32x4.dot_i16x8_s(f.a5(at, step), by));
      c6 = i32x4.add(c6, i32x4.dot_i16x8_s(f.a6(at, step), by));
      c7 = i32x4.add(c7, i32x4.dot_i16x8_s(f.a7(at, step), by));
    }
    const scale = f32x4.mul(xScale, lanes >= 4 ? v128.load(scales) : loadPart(scales, lanes));
    let to = y;
    if (count >= STRIP && lanes >= 4) {
      v128.store(to, result(c0, scale));
      v128.store((to += yPixel), result(c1, scale));
      v128.store((to += yPixel), result(c2, scale));
      v128.store((to += yPixel), result(c3, scale));
      v128.store((to += yPixel), result(c4, scale));
      v128.store((to += yPixel), result(c5, scale));
      v128.store((to += yPixel), result(c6, scale));
      v128.store(to + yPixel, result(c7, scale));
      continue;
    }
    write(to, result(c0, scale), lanes);
    if (count > 1) write((to += yPixel), result(c1, scale), lanes);
    if (count > 2) write((to += yPixel), result(c2, scale), lanes);
    if (count > 3) write((to += yPixel), result(c3, scale), lanes);
    if (count > 4) write((to += yPixel), result(c4, scale), lanes);
    if (count > 5) write((to += yPixel), result(c5, scale), lanes);
    if (count > 6) write((to += yPixel), result(c6, scale), lanes);
    if (count > 7) write((to += yPixel), result(c7, scale), lanes);
  }
}

// @ts-ignore: decorator
@inline
function result(sums: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(sums), scale);
}

// @ts-ignore: decorator
@inline
function write(y: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) v128.store(y, v);
  else storePart(y, v, lanes);
}

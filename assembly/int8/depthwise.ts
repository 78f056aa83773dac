/**
 * Depthwise convolution of integers: specification as that of `int8Conv`, each output channel looking at one input channel.
 * Of x, each channel stands there once for each of its output channels, and pixels are filled up to whole groups of
 * eight channels; so are the taps of the filter, [kh, kw, channels] of int8. A product of two int8 fits into int16, and
 * so does the sum of two. For pixels that see all columns of the filter its taps are listed once, as (offset in x, offset in
 * the filter), and a small kernel follows the list for two pixels by eight channels. Threads share rows.
 */
import { Int8Conv } from '../isa';
import { finishRows } from '../gemm/finish';
import { loadPart, sliceStart, storePart } from '../lanes';
import { ownScratch } from '../scratch';

/** Bytes of one listed tap. */
const TAP: usize = 8;

export function int8Depthwise(p: usize, t: i32, slices: i32): void {
  const oh = load<i32>(p, Int8Conv.oh),
    ow = load<i32>(p, Int8Conv.ow),
    oc = load<i32>(p, Int8Conv.oc),
    lines = load<i32>(p, Int8Conv.n) * oh;
  for (let u = sliceStart(lines, t, slices), end = sliceStart(lines, t + 1, slices); u < end; u++) {
    const y = load<usize>(p, Int8Conv.y) + (<usize>u * ow * oc << 2),
      image = u / oh;
    row(p, image, u - image * oh, y);
    finishRows(y, <usize>oc << 2, ow, oc, load<usize>(p, Int8Conv.bias), load<i32>(p, Int8Conv.activation), load<f32>(p, Int8Conv.alpha));
  }
}

function row(p: usize, image: i32, line: i32, y: usize): void {
  const ow = load<i32>(p, Int8Conv.ow),
    pixelBytes = <usize>load<i32>(p, Int8Conv.oc) << 2,
    stride = load<i32>(p, Int8Conv.strideW),
    left = -load<i32>(p, Int8Conv.padLeft);
  // Columns [inner, edge) of the output from which all columns of the filter fall inside.
  const span = (load<i32>(p, Int8Conv.kw) - 1) * load<i32>(p, Int8Conv.dilationW),
    inner = min(ow, first(left, stride)),
    edge = max(inner, last(left + span, stride, load<i32>(p, Int8Conv.w), ow));
  for (let column = 0; column < inner; column++) pixel(p, image, line, column, y + column * pixelBytes);
  if (edge > inner) run(p, image, line, inner, edge - inner, y + inner * pixelBytes);
  for (let column = edge; column < ow; column++) pixel(p, image, line, column, y + column * pixelBytes);
}

/** `count` pixels from a column on that see all columns of the filter. */
function run(p: usize, image: i32, line: i32, column: i32, count: i32, y: usize): void {
  const w = load<i32>(p, Int8Conv.w),
    h = load<i32>(p, Int8Conv.h),
    oc = load<i32>(p, Int8Conv.oc),
    kw = load<i32>(p, Int8Conv.kw),
    dilationH = load<i32>(p, Int8Conv.dilationH),
    dilationW = load<i32>(p, Int8Conv.dilationW),
    top = line * load<i32>(p, Int8Conv.strideH) - load<i32>(p, Int8Conv.padTop),
    left = column * load<i32>(p, Int8Conv.strideW) - load<i32>(p, Int8Conv.padLeft);
  const channels = <usize>((oc + 7) & ~7),
    step = <usize>load<i32>(p, Int8Conv.strideW) * (channels << 1),
    list = ownScratch();
  let end = list;
  for (let i = first(top, dilationH), i1 = last(top, dilationH, h, load<i32>(p, Int8Conv.kh)); i < i1; i++) {
    for (let j = 0; j < kw; j++, end += TAP) {
      store<usize>(end, (<usize>(i * dilationH) * w + j * dilationW) * (channels << 1));
      store<usize>(end, <usize>(i * kw + j) * channels, 4);
    }
  }
  const x = load<usize>(p, Int8Conv.x) + ((<usize>image * h + top) * w + left) * (channels << 1),
    filter = load<usize>(p, Int8Conv.filter),
    scale = f32x4.splat(load<f32>(load<usize>(p, Int8Conv.xScale) + (<usize>image << 2))),
    scales = load<usize>(p, Int8Conv.filterScale),
    pixelBytes = <usize>oc << 2;
  for (let q: usize = 0; q < channels; q += 8) {
    const lanes = min(8, oc - <i32>q);
    let from = x + (q << 1),
      to = y + (q << 2);
    for (let left = count; left > 0; left -= 2) {
      const isPair = left > 1;
      twoPixels(list, end, from, isPair ? step : 0, filter + q, scales + (q << 2), scale, lanes, to, isPair ? to + pixelBytes : to);
      from += step << 1;
      to += pixelBytes << 1;
    }
  }
}

/** The taps of a list for two pixels, of which the second may be the first again, and eight channels. */
function twoPixels(list: usize, end: usize, x: usize, step: usize, filter: usize, scales: usize, scale: v128, lanes: i32, y: usize, y1: usize): void {
  let low = i32x4.splat(0),
    high = low,
    low1 = low,
    high1 = low;
  for (; list + TAP < end; list += 2 * TAP) {
    const w0 = v128.load_ext<i8>(filter + load<usize>(list, 4)),
      w1 = v128.load_ext<i8>(filter + load<usize>(list, 12)),
      from0 = x + load<usize>(list),
      from1 = x + load<usize>(list, 8);
    const sum = i16x8.add(i16x8.mul(v128.load(from0), w0), i16x8.mul(v128.load(from1), w1)),
      sum1 = i16x8.add(i16x8.mul(v128.load(from0 + step), w0), i16x8.mul(v128.load(from1 + step), w1));
    low = i32x4.add(low, i32x4.extend_low_i16x8_s(sum));
    high = i32x4.add(high, i32x4.extend_high_i16x8_s(sum));
    low1 = i32x4.add(low1, i32x4.extend_low_i16x8_s(sum1));
    high1 = i32x4.add(high1, i32x4.extend_high_i16x8_s(sum1));
  }
  if (list < end) {
    const w0 = v128.load_ext<i8>(filter + load<usize>(list, 4)),
      from0 = x + load<usize>(list);
    const one = i16x8.mul(v128.load(from0), w0),
      one1 = i16x8.mul(v128.load(from0 + step), w0);
    low = i32x4.add(low, i32x4.extend_low_i16x8_s(one));
    high = i32x4.add(high, i32x4.extend_high_i16x8_s(one));
    low1 = i32x4.add(low1, i32x4.extend_low_i16x8_s(one1));
    high1 = i32x4.add(high1, i32x4.extend_high_i16x8_s(one1));
  }
  write(lanes, low, scale, scales, y);
  write(lanes - 4, high, scale, scales + 16, y + 16);
  write(lanes, low1, scale, scales, y1);
  write(lanes - 4, high1, scale, scales + 16, y1 + 16);
}

/** Smallest q >= 0 with at + q * step >= 0. */
// @ts-ignore: decorator
@inline
function first(at: i32, step: i32): i32 {
  return at >= 0 ? 0 : (step - 1 - at) / step;
}

/** One past the largest q < count with at + q * step < size. */
// @ts-ignore: decorator
@inline
function last(at: i32, step: i32, size: i32, count: i32): i32 {
  return at >= size ? 0 : min(count, (size - 1 - at) / step + 1);
}

function pixel(p: usize, image: i32, line: i32, column: i32, y: usize): void {
  const h = load<i32>(p, Int8Conv.h),
    w = load<i32>(p, Int8Conv.w),
    oc = load<i32>(p, Int8Conv.oc),
    kw = load<i32>(p, Int8Conv.kw),
    dilationH = load<i32>(p, Int8Conv.dilationH),
    dilationW = load<i32>(p, Int8Conv.dilationW),
    top = line * load<i32>(p, Int8Conv.strideH) - load<i32>(p, Int8Conv.padTop),
    left = column * load<i32>(p, Int8Conv.strideW) - load<i32>(p, Int8Conv.padLeft);
  const channels = <usize>((oc + 7) & ~7),
    i0 = first(top, dilationH),
    i1 = last(top, dilationH, h, load<i32>(p, Int8Conv.kh)),
    j0 = first(left, dilationW),
    j1 = last(left, dilationW, w, kw);
  const x = load<usize>(p, Int8Conv.x) + ((<usize>image * h + top) * w + left) * (channels << 1),
    filter = load<usize>(p, Int8Conv.filter),
    step = <usize>dilationW * (channels << 1),
    scale = f32x4.splat(load<f32>(load<usize>(p, Int8Conv.xScale) + (<usize>image << 2)));
  for (let q: usize = 0; q < channels; q += 8) {
    let low = i32x4.splat(0),
      high = low;
    for (let i = i0; i < i1; i++) {
      let from = x + (<usize>i * dilationH * w + <usize>j0 * dilationW) * (channels << 1) + (q << 1),
        tap = filter + (<usize>i * kw + j0) * channels + q,
        j = j0;
      for (; j + 2 <= j1; j += 2) {
        const sum = i16x8.add(
          i16x8.mul(v128.load(from), v128.load_ext<i8>(tap)),
          i16x8.mul(v128.load(from + step), v128.load_ext<i8>(tap + channels)),
        );
        low = i32x4.add(low, i32x4.extend_low_i16x8_s(sum));
        high = i32x4.add(high, i32x4.extend_high_i16x8_s(sum));
        from += step << 1;
        tap += channels << 1;
      }
      if (j < j1) {
        const one = i16x8.mul(v128.load(from), v128.load_ext<i8>(tap));
        low = i32x4.add(low, i32x4.extend_low_i16x8_s(one));
        high = i32x4.add(high, i32x4.extend_high_i16x8_s(one));
      }
    }
    const lanes = oc - <i32>q,
      scales = load<usize>(p, Int8Conv.filterScale) + (q << 2);
    write(lanes, low, scale, scales, y + (q << 2));
    write(lanes - 4, high, scale, scales + 16, y + (q << 2) + 16);
  }
}

/** The results of four channels, as far as they exist. */
// @ts-ignore: decorator
@inline
function write(lanes: i32, sums: v128, scale: v128, scales: usize, y: usize): void {
  if (lanes >= 4) v128.store(y, f32x4.mul(f32x4.convert_i32x4_s(sums), f32x4.mul(scale, v128.load(scales))));
  else if (lanes > 0) storePart(y, f32x4.mul(f32x4.convert_i32x4_s(sums), f32x4.mul(scale, loadPart(scales, lanes))), lanes);
}

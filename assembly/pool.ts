/**
 * Pooling of [n, h, w, c] both ways. Positions outside the input take no part: a maximum starts at -Infinity, an
 * average divides by the positions inside. Windows are walked row by row; where windows overlap, gradients are added
 * in the order of the windows. A maximum is the first of its equals; NaN is larger than everything.
 * The unit of work is four channels of one image.
 */
import { Pool } from './isa';
import { isNaNLanes, loadPart, sliceStart, storePart } from './lanes';

const MAX = 0,
  AVERAGE = 1,
  MAX_GRAD = 2,
  AVERAGE_GRAD = 3,
  MAX_GATHER = 4;

export function maxPool(p: usize, t: i32, threads: i32): void {
  pool(MAX, p, t, threads);
}

export function avgPool(p: usize, t: i32, threads: i32): void {
  pool(AVERAGE, p, t, threads);
}

/** out = dx; `grad` is dy. */
export function maxPoolGrad(p: usize, t: i32, threads: i32): void {
  pool(MAX_GRAD, p, t, threads);
}

/** out = dx; `grad` is dy. */
export function avgPoolGrad(p: usize, t: i32, threads: i32): void {
  pool(AVERAGE_GRAD, p, t, threads);
}

/** out[window] = grad[position of the window's maximum in x], the transpose of maxPoolGrad; `grad` is shaped like x. */
export function maxPoolGather(p: usize, t: i32, threads: i32): void {
  pool(MAX_GATHER, p, t, threads);
}

// @ts-ignore: decorator
@inline
function pool(kind: i32, p: usize, t: i32, threads: i32): void {
  const c = load<i32>(p, Pool.c),
    groups = (c + 3) >> 2,
    units = load<i32>(p, Pool.n) * groups;
  const end = sliceStart(units, t + 1, threads);
  for (let u = sliceStart(units, t, threads); u < end; ) {
    const image = u / groups,
      first = u - image * groups,
      last = min(groups, first + end - u);
    if (kind == MAX_GRAD || kind == AVERAGE_GRAD) clearChannels(p, image, first, last);
    windows(kind, p, image, first, last);
    u += last - first;
  }
}

/** Zeroes the channels of groups [first, last) of one image of `out`, shaped like x. */
function clearChannels(p: usize, image: i32, first: i32, last: i32): void {
  const c = load<i32>(p, Pool.c),
    pixels = load<i32>(p, Pool.h) * load<i32>(p, Pool.w);
  const row = <usize>c << 2,
    bytes = <usize>(min(c, last * 4) - first * 4) << 2;
  let at = load<usize>(p, Pool.out) + ((<usize>image * pixels * c + first * 4) << 2);
  if (bytes == row) memory.fill(at, 0, row * pixels);
  else for (let i = 0; i < pixels; i++, at += row) memory.fill(at, 0, bytes);
}

// @ts-ignore: decorator
@inline
function windows(kind: i32, p: usize, image: i32, first: i32, last: i32): void {
  const h = load<i32>(p, Pool.h),
    w = load<i32>(p, Pool.w),
    c = load<i32>(p, Pool.c),
    oh = load<i32>(p, Pool.oh),
    ow = load<i32>(p, Pool.ow),
    kh = load<i32>(p, Pool.kh),
    kw = load<i32>(p, Pool.kw),
    strideH = load<i32>(p, Pool.strideH),
    strideW = load<i32>(p, Pool.strideW),
    dilationH = load<i32>(p, Pool.dilationH),
    dilationW = load<i32>(p, Pool.dilationW);
  const pixel = <usize>c << 2,
    like = <usize>image * h * w * pixel,
    rowBytes = <usize>w * pixel,
    inRow = <usize>dilationH * rowBytes,
    inColumn = <usize>dilationW * pixel;
  const x = load<usize>(p, Pool.x) + like;
  // What is shaped like the windows, and what is shaped like x, besides x itself.
  const small = (kind == MAX_GRAD || kind == AVERAGE_GRAD ? load<usize>(p, Pool.grad) : load<usize>(p, Pool.out)) + <usize>image * oh * ow * pixel;
  const large = (kind == MAX_GATHER ? load<usize>(p, Pool.grad) : load<usize>(p, Pool.out)) + like;
  for (let i = 0; i < oh; i++) {
    const top = i * strideH - load<i32>(p, Pool.padTop),
      kh0 = firstInside(top, dilationH),
      kh1 = lastInside(top, dilationH, kh, h);
    for (let j = 0; j < ow; j++) {
      const left = j * strideW - load<i32>(p, Pool.padLeft),
        kw0 = firstInside(left, dilationW),
        kw1 = lastInside(left, dilationW, kw, w);
      const corner = <usize>((top + kh0 * dilationH) * <i32>rowBytes + (left + kw0 * dilationW) * <i32>pixel);
      const at = small + (<usize>i * ow + j) * pixel;
      for (let g = first; g < last; g++) {
        const channel = <usize>g << 4;
        window(kind, x + corner + channel, at + channel, large + corner + channel, kh1 - kh0, kw1 - kw0, inRow, inColumn, c - (g << 2));
      }
    }
  }
}

/** First tap of a window that starts at `from` which lies inside. */
// @ts-ignore: decorator
@inline
function firstInside(from: i32, dilation: i32): i32 {
  return from >= 0 ? 0 : (-from + dilation - 1) / dilation;
}

/** One past the last tap inside [0, size). */
// @ts-ignore: decorator
@inline
function lastInside(from: i32, dilation: i32, taps: i32, size: i32): i32 {
  return max(0, min(taps, (size - from + dilation - 1) / dilation));
}

// @ts-ignore: decorator
@inline
function get(p: usize, width: i32): v128 {
  return width >= 4 ? v128.load(p) : loadPart(p, width);
}

// @ts-ignore: decorator
@inline
function put(p: usize, v: v128, width: i32): void {
  if (width >= 4) v128.store(p, v);
  else storePart(p, v, width);
}

/** One window of four channels (the last `width` of them at the end). */
// @ts-ignore: decorator
@inline
function window(kind: i32, x: usize, small: usize, large: usize, kh: i32, kw: i32, inRow: usize, inColumn: usize, width: i32): void {
  if (kind == MAX || kind == AVERAGE) {
    let v = f32x4.splat(kind == MAX ? -Infinity : 0);
    for (let i = 0; i < kh; i++) {
      let at = x + i * inRow;
      for (let j = 0; j < kw; j++, at += inColumn) v = kind == MAX ? f32x4.max(v, get(at, width)) : f32x4.add(v, get(at, width));
    }
    put(small, kind == MAX ? v : f32x4.div(v, f32x4.splat(<f32>(kh * kw))), width);
    return;
  }
  if (kind == AVERAGE_GRAD) {
    const share = f32x4.div(get(small, width), f32x4.splat(<f32>(kh * kw)));
    for (let i = 0; i < kh; i++) {
      let at = large + i * inRow;
      for (let j = 0; j < kw; j++, at += inColumn) put(at, f32x4.add(get(at, width), share), width);
    }
    return;
  }
  let best = f32x4.splat(-Infinity),
    index = i32x4.splat(-1);
  for (let i = 0, tap = 0; i < kh; i++) {
    let at = x + i * inRow;
    for (let j = 0; j < kw; j++, at += inColumn, tap++) {
      const v = get(at, width);
      // The first tap always counts, so that a window of -Infinity still has its maximum.
      const isFirst = i32x4.eq(index, i32x4.splat(-1));
      const isNewNaN = v128.andnot(isNaNLanes(v), isNaNLanes(best));
      const better = v128.or(v128.or(f32x4.gt(v, best), isFirst), isNewNaN);
      best = v128.bitselect(v, best, better);
      index = v128.bitselect(i32x4.splat(tap), index, better);
    }
  }
  if (kind == MAX_GATHER) {
    let v = f32x4.splat(0);
    for (let i = 0, tap = 0; i < kh; i++) {
      let at = large + i * inRow;
      for (let j = 0; j < kw; j++, at += inColumn, tap++) v = v128.bitselect(get(at, width), v, i32x4.eq(index, i32x4.splat(tap)));
    }
    put(small, v, width);
    return;
  }
  const dy = get(small, width);
  for (let i = 0, tap = 0; i < kh; i++) {
    let at = large + i * inRow;
    for (let j = 0; j < kw; j++, at += inColumn, tap++) {
      put(at, f32x4.add(get(at, width), v128.and(dy, i32x4.eq(index, i32x4.splat(tap)))), width);
    }
  }
}

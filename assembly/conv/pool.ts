/**
 * Pooling of [n, h, w, c] both ways. Positions outside the input take no part: a maximum starts at -Infinity, an
 * average divides by the positions inside, and is 0 where there are none. Windows are walked row by row; where windows overlap, gradients are added
 * in the order of the windows, from +0. A maximum is the first of its equals; NaN is larger than everything.
 * Threads share (image, four channels).
 */
import { Pool } from '../isa';
import { isNaNLanes, loadPart, sliceStart, storePart } from '../lanes';

const MAX = 0,
  AVERAGE = 1,
  MAX_GRAD = 2,
  AVERAGE_GRAD = 3,
  MAX_GATHER = 4;

export function maxPool(p: usize, t: i32, slices: i32): void {
  pool(MAX, p, t, slices);
}

export function avgPool(p: usize, t: i32, slices: i32): void {
  pool(AVERAGE, p, t, slices);
}

/** out = dx; `grad` is dy. With `positive`, only where x > 0: the gradient of a ReLU before the pooling. */
export function maxPoolGrad(p: usize, t: i32, slices: i32): void {
  pool(MAX_GRAD, p, t, slices);
}

/** out = dx; `grad` is dy. */
export function avgPoolGrad(p: usize, t: i32, slices: i32): void {
  pool(AVERAGE_GRAD, p, t, slices);
}

/** out[window] = grad[position of the window's maximum in x], the transpose of maxPoolGrad; `grad` is shaped like x. */
export function maxPoolGather(p: usize, t: i32, slices: i32): void {
  pool(MAX_GATHER, p, t, slices);
}

// @ts-ignore: decorator
@inline
function pool(kind: i32, p: usize, t: i32, slices: i32): void {
  const c = load<i32>(p, Pool.c),
    groups = (c + 3) >> 2,
    units = load<i32>(p, Pool.n) * groups;
  const end = sliceStart(units, t + 1, slices);
  for (let u = sliceStart(units, t, slices); u < end; ) {
    const image = u / groups,
      first = u - image * groups,
      last = min(groups, first + end - u);
    if ((kind == MAX_GRAD || kind == AVERAGE_GRAD) && !isTiled(p)) clearChannels(p, image, first, last);
    windows(kind, p, image, first, last);
    u += last - first;
  }
}

/** Whether each position of the input is in exactly one window: then nothing has to be cleared or added. */
function isTiled(p: usize): bool {
  const kh = load<i32>(p, Pool.kh),
    kw = load<i32>(p, Pool.kw);
  return (
    load<i32>(p, Pool.strideH) == kh &&
    load<i32>(p, Pool.strideW) == kw &&
    load<i32>(p, Pool.dilationH) == 1 &&
    load<i32>(p, Pool.dilationW) == 1 &&
    load<i32>(p, Pool.padTop) == 0 &&
    load<i32>(p, Pool.padLeft) == 0 &&
    load<i32>(p, Pool.oh) * kh == load<i32>(p, Pool.h) &&
    load<i32>(p, Pool.ow) * kw == load<i32>(p, Pool.w)
  );
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
  // Operands of the shape of the windows, and operands of the shape of x, apart from x.
  const small = (kind == MAX_GRAD || kind == AVERAGE_GRAD ? load<usize>(p, Pool.grad) : load<usize>(p, Pool.out)) + <usize>image * oh * ow * pixel;
  const large = (kind == MAX_GATHER ? load<usize>(p, Pool.grad) : load<usize>(p, Pool.out)) + like;
  const tiled = isTiled(p),
    positive = kind == MAX_GRAD && load<i32>(p, Pool.positive) != 0;
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
      // A window that is entirely in the padding sees nothing.
      const columns = kw1 - kw0,
        rows = columns > 0 ? max(0, kh1 - kh0) : 0;
      // Sixteen channels at a time share the walk over the window; the rest goes four by four.
      let g = first;
      for (; g + 4 <= last && c - (g << 2) >= 16; g += 4) {
        const channel = <usize>g << 4;
        wide(kind, x + corner + channel, at + channel, large + corner + channel, rows, columns, inRow, inColumn, tiled, positive);
      }
      for (; g < last; g++) {
        const channel = <usize>g << 4;
        narrow(kind, x + corner + channel, at + channel, large + corner + channel, rows, columns, inRow, inColumn, tiled, positive, c - (g << 2));
      }
    }
  }
}

/** First tap of a window that starts at `from` which is inside. */
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

/** One window of sixteen channels: four vectors side by side. */
// @ts-ignore: decorator
@inline
function wide(kind: i32, x: usize, small: usize, large: usize, kh: i32, kw: i32, inRow: usize, inColumn: usize, tiled: bool, positive: bool): void {
  if (kind == MAX) {
    // pmax lets a NaN pass by, but is one instruction where max is eight: NaN is noted apart.
    let v0 = f32x4.splat(-Infinity),
      v1 = v0,
      v2 = v0,
      v3 = v0,
      n0 = f32x4.splat(0),
      n1 = n0,
      n2 = n0,
      n3 = n0;
    for (let i = 0; i < kh; i++) {
      let at = x + i * inRow;
      for (let j = 0; j < kw; j++, at += inColumn) {
        const a = v128.load(at),
          b = v128.load(at, 16),
          c = v128.load(at, 32),
          d = v128.load(at, 48);
        v0 = f32x4.pmax(v0, a);
        v1 = f32x4.pmax(v1, b);
        v2 = f32x4.pmax(v2, c);
        v3 = f32x4.pmax(v3, d);
        n0 = v128.or(n0, isNaNLanes(a));
        n1 = v128.or(n1, isNaNLanes(b));
        n2 = v128.or(n2, isNaNLanes(c));
        n3 = v128.or(n3, isNaNLanes(d));
      }
    }
    v128.store(small, v128.or(v0, n0));
    v128.store(small, v128.or(v1, n1), 16);
    v128.store(small, v128.or(v2, n2), 32);
    v128.store(small, v128.or(v3, n3), 48);
    return;
  }
  if (kind == AVERAGE) {
    let v0 = f32x4.splat(0),
      v1 = v0,
      v2 = v0,
      v3 = v0;
    for (let i = 0; i < kh; i++) {
      let at = x + i * inRow;
      for (let j = 0; j < kw; j++, at += inColumn) {
        v0 = f32x4.add(v0, v128.load(at));
        v1 = f32x4.add(v1, v128.load(at, 16));
        v2 = f32x4.add(v2, v128.load(at, 32));
        v3 = f32x4.add(v3, v128.load(at, 48));
      }
    }
    const n = f32x4.splat(<f32>max(1, kh * kw));
    v128.store(small, f32x4.div(v0, n));
    v128.store(small, f32x4.div(v1, n), 16);
    v128.store(small, f32x4.div(v2, n), 32);
    v128.store(small, f32x4.div(v3, n), 48);
    return;
  }
  if (kind == MAX_GRAD && kh > 0 && kw > 0) {
    let b0 = v128.load(x),
      b1 = v128.load(x, 16),
      b2 = v128.load(x, 32),
      b3 = v128.load(x, 48),
      i0 = i32x4.splat(0),
      i1 = i0,
      i2 = i0,
      i3 = i0;
    for (let i = 0, tap = 0; i < kh; i++) {
      let at = x + i * inRow;
      for (let j = 0; j < kw; j++, at += inColumn, tap++) {
        const here = i32x4.splat(tap);
        let v = v128.load(at),
          m = isBetter(v, b0);
        b0 = v128.bitselect(v, b0, m);
        i0 = v128.bitselect(here, i0, m);
        v = v128.load(at, 16);
        m = isBetter(v, b1);
        b1 = v128.bitselect(v, b1, m);
        i1 = v128.bitselect(here, i1, m);
        v = v128.load(at, 32);
        m = isBetter(v, b2);
        b2 = v128.bitselect(v, b2, m);
        i2 = v128.bitselect(here, i2, m);
        v = v128.load(at, 48);
        m = isBetter(v, b3);
        b3 = v128.bitselect(v, b3, m);
        i3 = v128.bitselect(here, i3, m);
      }
    }
    const d0 = share(small, b0, positive),
      d1 = share(small + 16, b1, positive),
      d2 = share(small + 32, b2, positive),
      d3 = share(small + 48, b3, positive);
    for (let i = 0, tap = 0; i < kh; i++) {
      let at = large + i * inRow;
      for (let j = 0; j < kw; j++, at += inColumn, tap++) {
        const here = i32x4.splat(tap);
        give(at, d0, i0, here, tiled, 4);
        give(at + 16, d1, i1, here, tiled, 4);
        give(at + 32, d2, i2, here, tiled, 4);
        give(at + 48, d3, i3, here, tiled, 4);
      }
    }
    return;
  }
  for (let k: usize = 0; k < 64; k += 16) narrow(kind, x + k, small + k, large + k, kh, kw, inRow, inColumn, tiled, positive, 4);
}

/** Where v is greater than best, or the first NaN: not (v <= best), and best is a number. */
// @ts-ignore: decorator
@inline
function isBetter(v: v128, best: v128): v128 {
  return v128.andnot(f32x4.eq(best, best), f32x4.le(v, best));
}

/** The gradient that a window's maximum gets. */
// @ts-ignore: decorator
@inline
function share(dy: usize, best: v128, positive: bool): v128 {
  const v = v128.load(dy);
  return positive ? v128.and(v, f32x4.gt(best, f32x4.splat(0))) : v;
}

/** Adds dy at one tap where that tap is the maximum. */
// @ts-ignore: decorator
@inline
function give(at: usize, dy: v128, index: v128, here: v128, tiled: bool, width: i32): void {
  const before = tiled ? f32x4.splat(0) : get(at, width);
  put(at, f32x4.add(before, v128.and(dy, i32x4.eq(index, here))), width);
}

/** One window of four channels (the last `width` of them at the end). */
// @ts-ignore: decorator
@inline
function narrow(
  kind: i32,
  x: usize,
  small: usize,
  large: usize,
  kh: i32,
  kw: i32,
  inRow: usize,
  inColumn: usize,
  tiled: bool,
  positive: bool,
  width: i32,
): void {
  const n = f32x4.splat(<f32>max(1, kh * kw));
  if (kind == MAX || kind == AVERAGE) {
    let v = f32x4.splat(kind == MAX ? -Infinity : 0),
      nan = f32x4.splat(0);
    for (let i = 0; i < kh; i++) {
      let at = x + i * inRow;
      for (let j = 0; j < kw; j++, at += inColumn) {
        const here = get(at, width);
        v = kind == MAX ? f32x4.pmax(v, here) : f32x4.add(v, here);
        nan = v128.or(nan, isNaNLanes(here));
      }
    }
    put(small, kind == MAX ? v128.or(v, nan) : f32x4.div(v, n), width);
    return;
  }
  if (kind == AVERAGE_GRAD) {
    const part = f32x4.div(get(small, width), n);
    for (let i = 0; i < kh; i++) {
      let at = large + i * inRow;
      for (let j = 0; j < kw; j++, at += inColumn) {
        put(at, f32x4.add(tiled ? f32x4.splat(0) : get(at, width), part), width);
      }
    }
    return;
  }
  // A window that is entirely in the padding has no maximum.
  if (kh <= 0 || kw <= 0) {
    if (kind == MAX_GATHER) put(small, f32x4.splat(0), width);
    return;
  }
  let best = get(x, width),
    index = i32x4.splat(0);
  for (let i = 0, tap = 0; i < kh; i++) {
    let at = x + i * inRow;
    for (let j = 0; j < kw; j++, at += inColumn, tap++) {
      const v = get(at, width),
        better = isBetter(v, best);
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
  let dy = get(small, width);
  if (positive) dy = v128.and(dy, f32x4.gt(best, f32x4.splat(0)));
  for (let i = 0, tap = 0; i < kh; i++) {
    let at = large + i * inRow;
    for (let j = 0; j < kw; j++, at += inColumn, tap++) give(at, dy, index, i32x4.splat(tap), tiled, width);
  }
}

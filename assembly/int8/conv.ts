/**
 * Convolutions of integers, [n, h, w, c] in NHWC, each image with a scale of its own. Specification as that of
 * `int8Gemm`, the sums being over the taps inside the input.
 *
 * The filter is in panels, k running over (kernel row, kernel column, channel). Patches of a block of output pixels are
 * copied into rows of scratch, zeros outside, and multiplied like any other rows. Threads share pixels.
 */
import { INT8_SPARE, INT8_WIDE_PAIRS, Int8Conv, PANEL } from '../isa';
import { finishRows } from '../gemm/finish';
import { sliceStart } from '../lanes';
import { ownScratch } from '../scratch';
import { int8Panels } from './gemm';

export function int8Conv(p: usize, t: i32, slices: i32): void {
  const plane = load<i32>(p, Int8Conv.oh) * load<i32>(p, Int8Conv.ow),
    oc = load<i32>(p, Int8Conv.oc),
    k = load<i32>(p, Int8Conv.kh) * load<i32>(p, Int8Conv.kw) * load<i32>(p, Int8Conv.c),
    pairs = (k + 1) >> 1,
    row = <usize>pairs << 2,
    block = load<i32>(p, Int8Conv.block),
    seen = ownScratch() + INT8_SPARE + (<usize>min(pairs, INT8_WIDE_PAIRS) << 6);
  const pixels = load<i32>(p, Int8Conv.n) * plane,
    end = sliceStart(pixels, t + 1, slices);
  for (let i = sliceStart(pixels, t, slices); i < end; i += block) {
    const rows = min(block, end - i),
      y = load<usize>(p, Int8Conv.y) + (<usize>i * oc << 2);
    patches(p, i, rows, seen, <usize>k << 1, row);
    int8Panels(
      seen,
      row,
      rows,
      load<usize>(p, Int8Conv.xScale),
      i,
      plane,
      load<usize>(p, Int8Conv.filter),
      load<usize>(p, Int8Conv.filterScale),
      pairs,
      oc,
      0,
      (oc + PANEL - 1) / PANEL,
      y,
    );
    finishRows(y, <usize>oc << 2, rows, oc, load<usize>(p, Int8Conv.bias), load<i32>(p, Int8Conv.activation), load<f32>(p, Int8Conv.alpha));
  }
}

/**
 * What `count` output pixels from number `first` on see, kernel row after kernel row, 0 outside of the image. Copies may
 * write 14 bytes too many, which the next ones overwrite.
 */
function patches(p: usize, first: i32, count: i32, to: usize, bytes: usize, row: usize): void {
  const ow = load<i32>(p, Int8Conv.ow),
    oh = load<i32>(p, Int8Conv.oh),
    h = load<i32>(p, Int8Conv.h),
    w = load<i32>(p, Int8Conv.w),
    kh = load<i32>(p, Int8Conv.kh),
    kw = load<i32>(p, Int8Conv.kw),
    strideW = load<i32>(p, Int8Conv.strideW),
    padLeft = load<i32>(p, Int8Conv.padLeft),
    dilationH = load<i32>(p, Int8Conv.dilationH),
    dilationW = load<i32>(p, Int8Conv.dilationW),
    tap = <usize>load<i32>(p, Int8Conv.c) << 1,
    run = kw * tap,
    isOdd = bytes < row;
  let line = first / ow,
    column = first - line * ow;
  for (let end = to + count * row; to < end; line++, column = 0) {
    const image = line / oh,
      top = (line - image * oh) * load<i32>(p, Int8Conv.strideH) - load<i32>(p, Int8Conv.padTop),
      x = load<usize>(p, Int8Conv.x) + <usize>image * h * w * tap;
    for (; column < ow && to < end; column++, to += row) {
      const left = column * strideW - padLeft,
        isInside = dilationW == 1 && left >= 0 && left + kw <= w;
      let at = to;
      for (let i = 0, r = top; i < kh; i++, r += dilationH) {
        const from = x + (<usize>r * w + left) * tap;
        if (r < 0 || r >= h) at = zeros(at, run);
        else if (isInside) at = copy(at, from, run);
        else {
          for (let j = 0, q = left; j < kw; j++, q += dilationW) {
            at = q < 0 || q >= w ? zeros(at, tap) : copy(at, x + (<usize>r * w + q) * tap, tap);
          }
        }
      }
      if (isOdd) store<i16>(at, 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function zeros(to: usize, bytes: usize): usize {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, i32x4.splat(0));
  return to + bytes;
}

// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, bytes: usize): usize {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at));
  return to + bytes;
}

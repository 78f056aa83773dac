/**
 * Depthwise convolution of [n, h, w, c] with filters [kh, kw, c, m] and its gradients; output channel q = ch · m + k
 * looks at input channel ch alone. With m > 1 the commands see other operands: the convolution and the filter's gradient
 * an x that has each channel m times, the image's gradient m planes of dy, [m, n, oh, ow, c], and of the filter,
 * [m, kh, kw, c]. Specifications:
 * - y starts at +0 and folds (kernel row, kernel column) ascending over the taps inside; others are skipped. A bias is
 *   added after the fold, then the activation.
 * - dx starts at +0 and folds (kernel row, kernel column, k) ascending over the taps that reach an output.
 * - dFilter: each output row of each image folds its columns ascending from +0 over the positions inside; these sums are
 *   folded over (image, output row) ascending from +0.
 *
 * Forward and input gradient are one sweep: for a run of pixels of the written side the taps are listed once as
 * (offset of the operand, offset of the filter), and a small kernel follows the list for all channels. Four pixels by
 * eight channels stay in registers; blocks at the end of a row overlap the ones before, which changes no bit. Where
 * pixels have few channels and follow each other, several are taken as one that has theirs, with a filter that repeats.
 * Threads share rows of the written image; of the filter gradient, (tap, sixteen channels).
 */
import { Conv, DEPTHWISE_FEW } from '../isa';
import { finishRows } from '../gemm/finish';
import { sliceStart } from '../lanes';
import { ownScratch } from '../scratch';

/** Bytes of one listed tap. */
const TAP: usize = 8;

export function depthwiseConv2d(p: usize, t: i32, slices: i32): void {
  sweep(p, t, slices, false);
}

export function depthwiseConv2dInputGrad(p: usize, t: i32, slices: i32): void {
  sweep(p, t, slices, true);
}

/** Whether kernel column j reaches an output from column `phase` of the written side (forward: always). */
// @ts-ignore: decorator
@inline
function reaches(p: usize, back: bool, phase: i32, j: i32): bool {
  return !back || (phase + load<i32>(p, Conv.padLeft) - j * load<i32>(p, Conv.dilationW)) % load<i32>(p, Conv.strideW) == 0;
}

/** Column of the operand that kernel column j sees from the first pixel of a phase. */
// @ts-ignore: decorator
@inline
function columnOf(p: usize, back: bool, phase: i32, j: i32): i32 {
  const at = j * load<i32>(p, Conv.dilationW) - load<i32>(p, Conv.padLeft);
  return back ? (phase - at) / load<i32>(p, Conv.strideW) : at;
}

/** Smallest q >= 0 with q * step + at >= 0. */
// @ts-ignore: decorator
@inline
function firstInside(at: i32, step: i32): i32 {
  return at >= 0 ? 0 : (-at + step - 1) / step;
}

/** One past the largest q with q * step + at < size. */
// @ts-ignore: decorator
@inline
function endInside(at: i32, step: i32, size: i32): i32 {
  return size > at ? (size - at + step - 1) / step : 0;
}

function sweep(p: usize, t: i32, slices: i32, back: bool): void {
  const c = load<i32>(p, Conv.c),
    oc = load<i32>(p, Conv.oc);
  const outH = back ? load<i32>(p, Conv.h) : load<i32>(p, Conv.oh),
    outW = back ? load<i32>(p, Conv.w) : load<i32>(p, Conv.ow),
    inH = back ? load<i32>(p, Conv.oh) : load<i32>(p, Conv.h),
    inW = back ? load<i32>(p, Conv.ow) : load<i32>(p, Conv.w);
  const bytes = <usize>c << 2;
  if (c == 0) return;
  // Backwards through strides, columns that are a stride apart share their taps.
  const phases = back ? load<i32>(p, Conv.strideW) : 1,
    step = back ? 1 : load<i32>(p, Conv.strideW);
  const list = ownScratch(),
    kw = load<i32>(p, Conv.kw),
    filter = load<usize>(p, Conv.filter),
    taps = load<i32>(p, Conv.kh) * kw * (oc / c),
    repeated = list + (<usize>taps * TAP + 15 & -16),
    isFew = c < DEPTHWISE_FEW && phases == 1 && step == 1;
  if (isFew) repeatFilter(filter, repeated, taps, bytes);
  const end = sliceStart(load<i32>(p, Conv.n) * outH, t + 1, slices);
  for (let u = sliceStart(load<i32>(p, Conv.n) * outH, t, slices); u < end; u++) {
    const image = u / outH,
      row = u - image * outH;
    const out = (back ? load<usize>(p, Conv.x) : load<usize>(p, Conv.y)) + <usize>u * outW * bytes,
      from = (back ? load<usize>(p, Conv.y) : load<usize>(p, Conv.x)) + <usize>image * inH * inW * bytes;
    for (let phase = 0; phase < min(phases, outW); phase++) {
      const count = (outW - phase + phases - 1) / phases,
        to = out + phase * bytes;
      // Pixels [q0, q1) from which every tap falls inside.
      let q0 = 0,
        q1 = count;
      for (let j = 0; j < kw; j++) {
        if (!reaches(p, back, phase, j)) continue;
        const at = columnOf(p, back, phase, j);
        q0 = max(q0, firstInside(at, step));
        q1 = min(q1, endInside(at, step, inW));
      }
      if (q1 <= q0) q0 = q1 = count;
      for (let q = 0; q < count; q++) {
        const isInside = q >= q0 && q < q1,
          together = isFew && isInside && q1 - q0 >= DEPTHWISE_FEW / 2,
          end = listTaps(p, back, list, row, phase, q, inH, inW, together ? bytes * DEPTHWISE_FEW : bytes);
        if (!isInside) {
          pixel(list, end, from, filter, to + q * phases * bytes, c);
          continue;
        }
        // The list holds for the whole run, each pixel a step further on.
        const inStep = <usize>step * bytes,
          outStep = <usize>phases * bytes;
        if (c >= 8 && q1 - q0 >= 4) {
          for (let k = q0; k < q1; k += 4) {
            const at = min(k, q1 - 4);
            strip(list, end, from + (at - q0) * inStep, inStep, filter, to + at * outStep, outStep, c);
          }
        } else {
          const many = !together ? 1 : q1 - q0 >= DEPTHWISE_FEW ? DEPTHWISE_FEW : DEPTHWISE_FEW / 2;
          for (let k = q0; k < q1; k += many) {
            const at = min(k, q1 - many);
            pixel(list, end, from + (at - q0) * inStep, together ? repeated : filter, to + at * outStep, many * c);
          }
        }
        q = q1 - 1;
      }
    }
    if (!back) finishRows(out, bytes, outW, c, load<usize>(p, Conv.bias), load<i32>(p, Conv.activation), load<f32>(p, Conv.alpha), load<usize>(p, Conv.center), load<usize>(p, Conv.factor));
  }
}

/** Each tap of a filter as often as pixels are taken together. */
function repeatFilter(filter: usize, to: usize, taps: i32, bytes: usize): void {
  for (let tap = 0; tap < taps; tap++, filter += bytes) for (let i = 0; i < DEPTHWISE_FEW; i++, to += bytes) memory.copy(to, filter, bytes);
}

/**
 * Lists the taps inside for pixel q of a phase, in the order of the fold, `filterTap` bytes apart; returns the list's end.
 */
function listTaps(p: usize, back: bool, list: usize, row: i32, phase: i32, q: i32, inH: i32, inW: i32, filterTap: usize): usize {
  const kh = load<i32>(p, Conv.kh),
    kw = load<i32>(p, Conv.kw),
    c = load<i32>(p, Conv.c),
    strideH = load<i32>(p, Conv.strideH),
    planes = load<i32>(p, Conv.oc) / c,
    inPixel = <usize>c << 2,
    plane = <usize>(load<i32>(p, Conv.n) * inH * inW) * inPixel,
    filterPlane = <usize>(kh * kw) * filterTap;
  for (let i = 0; i < kh; i++) {
    const at = i * load<i32>(p, Conv.dilationH) - load<i32>(p, Conv.padTop);
    let r = row * strideH + at;
    if (back) {
      if ((row - at) % strideH != 0) continue;
      r = (row - at) / strideH;
    }
    if (r < 0 || r >= inH) continue;
    for (let j = 0; j < kw; j++) {
      if (!reaches(p, back, phase, j)) continue;
      const column = q * (back ? 1 : load<i32>(p, Conv.strideW)) + columnOf(p, back, phase, j);
      if (column < 0 || column >= inW) continue;
      let at = <usize>(r * inW + column) * inPixel,
        tap = <usize>(i * kw + j) * filterTap;
      for (let k = 0; k < planes; k++, list += TAP, at += plane, tap += filterPlane) {
        store<usize>(list, at);
        store<usize>(list, tap, 4);
      }
    }
  }
  return list;
}

/** Four pixels, channels in blocks of eight; the last block ends with the last channel. */
function strip(list: usize, end: usize, x: usize, xStep: usize, filter: usize, y: usize, yStep: usize, c: i32): void {
  const last = <usize>(c - 8) << 2;
  for (let ch: usize = 0; ; ch = min(ch + 32, last)) {
    let a0 = f32x4.splat(0),
      a1 = a0,
      b0 = a0,
      b1 = a0,
      c0 = a0,
      c1 = a0,
      d0 = a0,
      d1 = a0;
    for (let tap = list; tap < end; tap += TAP) {
      let at = x + load<usize>(tap) + ch;
      const f = filter + load<usize>(tap, 4) + ch,
        f0 = v128.load(f),
        f1 = v128.load(f, 16);
      a0 = f32x4.add(a0, f32x4.mul(v128.load(at), f0));
      a1 = f32x4.add(a1, f32x4.mul(v128.load(at, 16), f1));
      at += xStep;
      b0 = f32x4.add(b0, f32x4.mul(v128.load(at), f0));
      b1 = f32x4.add(b1, f32x4.mul(v128.load(at, 16), f1));
      at += xStep;
      c0 = f32x4.add(c0, f32x4.mul(v128.load(at), f0));
      c1 = f32x4.add(c1, f32x4.mul(v128.load(at, 16), f1));
      at += xStep;
      d0 = f32x4.add(d0, f32x4.mul(v128.load(at), f0));
      d1 = f32x4.add(d1, f32x4.mul(v128.load(at, 16), f1));
    }
    let to = y + ch;
    v128.store(to, a0);
    v128.store(to, a1, 16);
    to += yStep;
    v128.store(to, b0);
    v128.store(to, b1, 16);
    to += yStep;
    v128.store(to, c0);
    v128.store(to, c1, 16);
    to += yStep;
    v128.store(to, d0);
    v128.store(to, d1, 16);
    if (ch == last) return;
  }
}

/** One pixel with all its channels. */
function pixel(list: usize, end: usize, x: usize, filter: usize, y: usize, c: i32): void {
  if (c >= 16) {
    const last = <usize>(c - 16) << 2;
    for (let ch: usize = 0; ; ch = min(ch + 64, last)) {
      let a0 = f32x4.splat(0),
        a1 = a0,
        a2 = a0,
        a3 = a0;
      for (let tap = list; tap < end; tap += TAP) {
        const at = x + load<usize>(tap) + ch,
          f = filter + load<usize>(tap, 4) + ch;
        a0 = f32x4.add(a0, f32x4.mul(v128.load(at), v128.load(f)));
        a1 = f32x4.add(a1, f32x4.mul(v128.load(at, 16), v128.load(f, 16)));
        a2 = f32x4.add(a2, f32x4.mul(v128.load(at, 32), v128.load(f, 32)));
        a3 = f32x4.add(a3, f32x4.mul(v128.load(at, 48), v128.load(f, 48)));
      }
      v128.store(y + ch, a0);
      v128.store(y + ch, a1, 16);
      v128.store(y + ch, a2, 32);
      v128.store(y + ch, a3, 48);
      if (ch == last) return;
    }
  }
  if (c >= 4) {
    const last = <usize>(c - 4) << 2;
    for (let ch: usize = 0; ; ch = min(ch + 16, last)) {
      let a = f32x4.splat(0);
      for (let tap = list; tap < end; tap += TAP)
        a = f32x4.add(a, f32x4.mul(v128.load(x + load<usize>(tap) + ch), v128.load(filter + load<usize>(tap, 4) + ch)));
      v128.store(y + ch, a);
      if (ch == last) return;
    }
  }
  for (let ch: usize = 0; ch < <usize>c << 2; ch += 4) {
    let sum: f32 = 0;
    for (let tap = list; tap < end; tap += TAP) sum += load<f32>(x + load<usize>(tap) + ch) * load<f32>(filter + load<usize>(tap, 4) + ch);
    store<f32>(y + ch, sum);
  }
}

export function depthwiseConv2dFilterGrad(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, Conv.n),
    h = load<i32>(p, Conv.h),
    w = load<i32>(p, Conv.w),
    c = load<i32>(p, Conv.c),
    oh = load<i32>(p, Conv.oh),
    ow = load<i32>(p, Conv.ow),
    kw = load<i32>(p, Conv.kw),
    strideW = load<i32>(p, Conv.strideW);
  const groups = (c + 15) >> 4,
    units = load<i32>(p, Conv.kh) * kw * groups;
  const u0 = sliceStart(units, t, slices),
    u1 = sliceStart(units, t + 1, slices);
  for (let u = u0; u < u1; u++) {
    const tap = u / groups,
      first = (u - tap * groups) << 4;
    memory.fill(load<usize>(p, Conv.filter) + (<usize>(tap * c + first) << 2), 0, <usize>min(16, c - first) << 2);
  }
  if (u0 >= u1) return;
  for (let r = 0; r < n * oh; r++) {
    const image = r / oh,
      row = r - image * oh;
    for (let u = u0; u < u1; u++) {
      const tap = u / groups,
        first = (u - tap * groups) << 4,
        i = tap / kw;
      const top = row * load<i32>(p, Conv.strideH) + i * load<i32>(p, Conv.dilationH) - load<i32>(p, Conv.padTop);
      if (top < 0 || top >= h) continue;
      const left = columnOf(p, false, 0, tap - i * kw),
        q0 = firstInside(left, strideW),
        count = min(ow, endInside(left, strideW, w)) - q0;
      if (count <= 0) continue;
      const x = load<usize>(p, Conv.x) + ((<usize>((image * h + top) * w + q0 * strideW + left) * c) << 2),
        dy = load<usize>(p, Conv.y) + ((<usize>(r * ow + q0) * c) << 2),
        to = load<usize>(p, Conv.filter) + (<usize>tap * c << 2);
      rowSums(x, (<usize>strideW * c) << 2, dy, <usize>c << 2, count, to, first, min(16, c - first));
    }
  }
}

/** to[q] += Σ over columns of x[q] · dy[q], for channels q of [first, first + width). */
function rowSums(x: usize, xStep: usize, dy: usize, yStep: usize, count: i32, to: usize, first: i32, width: i32): void {
  const at = <usize>first << 2;
  if (width == 16) {
    let a0 = f32x4.splat(0),
      a1 = a0,
      a2 = a0,
      a3 = a0;
    x += at;
    dy += at;
    for (let i = 0; i < count; i++, x += xStep, dy += yStep) {
      a0 = f32x4.add(a0, f32x4.mul(v128.load(x), v128.load(dy)));
      a1 = f32x4.add(a1, f32x4.mul(v128.load(x, 16), v128.load(dy, 16)));
      a2 = f32x4.add(a2, f32x4.mul(v128.load(x, 32), v128.load(dy, 32)));
      a3 = f32x4.add(a3, f32x4.mul(v128.load(x, 48), v128.load(dy, 48)));
    }
    to += at;
    v128.store(to, f32x4.add(v128.load(to), a0));
    v128.store(to, f32x4.add(v128.load(to, 16), a1), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), a2), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), a3), 48);
    return;
  }
  let q = first;
  const end = first + width;
  for (; q + 4 <= end; q += 4) {
    let a = f32x4.splat(0),
      xAt = x + (<usize>q << 2),
      dyAt = dy + (<usize>q << 2);
    for (let i = 0; i < count; i++, xAt += xStep, dyAt += yStep) a = f32x4.add(a, f32x4.mul(v128.load(xAt), v128.load(dyAt)));
    v128.store(to + (<usize>q << 2), f32x4.add(v128.load(to + (<usize>q << 2)), a));
  }
  for (; q < end; q++) {
    let a: f32 = 0,
      xAt = x + (<usize>q << 2),
      dyAt = dy + (<usize>q << 2);
    for (let i = 0; i < count; i++, xAt += xStep, dyAt += yStep) a += load<f32>(xAt) * load<f32>(dyAt);
    const cell = to + (<usize>q << 2);
    store<f32>(cell, load<f32>(cell) + a);
  }
}

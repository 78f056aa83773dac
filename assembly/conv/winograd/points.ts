/** Tiles of images, outputs and filters, and their values at the 36 points of `transforms.ts`: four channels at a time. */
import { PANEL, WINOGRAD_WORK } from '../../isa';
import { loadPart } from '../../lanes';
import { filterToPoints, imageToPoints, outputToPoints } from './transforms';

/** What a transform needs of a thread's scratch. */
export enum Work {
  /** Addresses of the pixels of a tile. */
  pixels = 0,
  /** Of each pixel the last channels, if they are fewer than four. */
  rest = 192,
  /** Between columns and rows. */
  between = 768,
  /** What has been made of points: sixteen channels of each pixel. */
  tile = 1344,
  /** A pixel of zeros, as long as any. */
  zeros = WINOGRAD_WORK,
}

/** Finds the size x size pixels that start at (top, left) in an image of h x w. */
export function locate(work: usize, image: usize, h: i32, w: i32, pixel: usize, top: i32, left: i32, size: i32): void {
  let at = work + Work.pixels;
  for (let i = top; i < top + size; i++) {
    for (let j = left; j < left + size; j++, at += 4) {
      const isInside = <u32>i < <u32>h && <u32>j < <u32>w;
      store<usize>(at, isInside ? image + <usize>(i * w + j) * pixel : work + Work.zeros);
    }
  }
}

/** Copies the last channels of `count` pixels, so that four can be read from `at` on. */
function copyRest(work: usize, count: i32, at: usize, lanes: i32): void {
  for (let from = work + Work.pixels, to = work + Work.rest; count > 0; count--, from += 4, to += 16) {
    v128.store(to, loadPart(load<usize>(from) + at, lanes));
    store<usize>(from, to - at);
  }
}

/**
 * The values of an image's tile: those of channel l at point i are at `to + (l / 16) * panel + (l % 16) * 4 + i * step`.
 */
export function imageAtPoints(work: usize, channels: i32, to: usize, step: usize, panel: usize): void {
  for (let l = 0; l < channels; l += 4) {
    const at = <usize>l << 2;
    if (l + 4 > channels) copyRest(work, 36, at, channels - l);
    for (let j: usize = 0; j < 6; j++) {
      const p = work + Work.pixels + (j << 2);
      imageToPoints(v128.load(load<usize>(p) + at), v128.load(load<usize>(p, 24) + at), v128.load(load<usize>(p, 48) + at), v128.load(load<usize>(p, 72) + at), v128.load(load<usize>(p, 96) + at), v128.load(load<usize>(p, 120) + at), work + Work.between + (j << 4), 96);
    }
    let out = to + <usize>(l >> 4) * panel + (<usize>(l & 15) << 2);
    for (let b = work + Work.between, end = b + 576; b < end; b += 96, out += 6 * step) {
      imageToPoints(v128.load(b), v128.load(b, 16), v128.load(b, 32), v128.load(b, 48), v128.load(b, 64), v128.load(b, 80), out, step);
    }
  }
}

/** The same of a tile of outputs. */
export function outputAtPoints(work: usize, channels: i32, to: usize, step: usize, panel: usize): void {
  for (let l = 0; l < channels; l += 4) {
    const at = <usize>l << 2;
    if (l + 4 > channels) copyRest(work, 16, at, channels - l);
    for (let j: usize = 0; j < 4; j++) {
      const p = work + Work.pixels + (j << 2);
      outputToPoints(v128.load(load<usize>(p) + at), v128.load(load<usize>(p, 16) + at), v128.load(load<usize>(p, 32) + at), v128.load(load<usize>(p, 48) + at), work + Work.between + (j << 4), 64);
    }
    let out = to + <usize>(l >> 4) * panel + (<usize>(l & 15) << 2);
    for (let b = work + Work.between, end = b + 384; b < end; b += 64, out += 6 * step) {
      outputToPoints(v128.load(b), v128.load(b, 16), v128.load(b, 32), v128.load(b, 48), out, step);
    }
  }
}

/** The values of `rows` rows of a panel of filters, whose nine taps are `tap` bytes apart. */
export function filterAtPoints(work: usize, taps: usize, tap: usize, rows: i32, to: usize, step: usize): void {
  const between = work + Work.between;
  for (const end = taps + (<usize>rows << 6); taps < end; taps += 16, to += 16) {
    for (let j: usize = 0; j < 3; j++) {
      const from = taps + j * tap;
      filterToPoints(v128.load(from), v128.load(from + 3 * tap), v128.load(from + 6 * tap), between + (j << 4), 48);
    }
    let out = to;
    for (let b = between, last = b + 288; b < last; b += 48, out += 6 * step) {
      filterToPoints(v128.load(b), v128.load(b, 16), v128.load(b, 32), out, step);
    }
  }
}

/**
 * From values at points, `step` bytes apart, to size x size pixels at Work.tile, 64 bytes apart. F is one of the classes
 * of transforms.ts.
 */
// @ts-ignore: decorator
@inline
export function fromPoints<F>(work: usize, points: usize, step: usize, size: usize, to: usize): void {
  const f = changetype<F>(0),
    between = work + Work.between;
  for (let j: usize = 0; j < 6; j++, points += step) {
    const p1 = points + 6 * step,
      p2 = points + 12 * step,
      p3 = points + 18 * step,
      p4 = points + 24 * step,
      p5 = points + 30 * step;
    f.of(v128.load(points), v128.load(p1), v128.load(p2), v128.load(p3), v128.load(p4), v128.load(p5), between + (j << 4), 96);
  }
  for (let b = between, end = b + 96 * size; b < end; b += 96, to += size << 6) {
    f.of(v128.load(b), v128.load(b, 16), v128.load(b, 32), v128.load(b, 48), v128.load(b, 64), v128.load(b, 80), to, 64);
  }
}

/** Copies pixels of up to sixteen channels, which follow each other at `from`, 64 bytes apart. */
// @ts-ignore: decorator
@inline
export function copyPixels(to: usize, step: usize, from: usize, pixels: i32, columns: i32): void {
  for (let s = 0; s < pixels; s++, to += step, from += 64) {
    if (columns < PANEL) memory.copy(to, from, <usize>columns << 2);
    else {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
    }
  }
}

/**
 * `int8Conv` with filters of 3x3, stride and dilation 1, by Winograd's F(4x4, 3x3) in integers: a quarter of the products and
 * the same sums, so that no bit tells which form was used. Tiles of 4x4 outputs; `integers.ts` tells the values of image and
 * filter at 36 points, and how exact sums come back from products modulo 2^32 of up to INT8_WINOGRAD_CHANNELS channels.
 *
 * A block of tiles is transformed once, then multiplied panel by panel: at each point a product of tiles and channels.
 * Threads share tiles where there are many, or else panels.
 */
import { finishRows } from '../gemm/finish';
import { INT8_WINOGRAD_CHANNELS, Int8Conv, PANEL, WINOGRAD_GRAIN } from '../isa';
import { copyPixels, locate, Work } from '../conv/winograd/points';
import { sliceStart } from '../lanes';
import { ownScratch } from '../scratch';
import { filterAtPoints, imageAtPoints, sumsOfPoints } from './points';
import { int8Tiles, Sums, Wide } from './tile';

/** Panels of filters at the points. */
export function int8WinogradFilter(p: usize, t: i32, slices: i32): void {
  const oc = load<i32>(p, Int8Conv.oc),
    panels = (oc + PANEL - 1) / PANEL,
    bytes = panelBytes(load<i32>(p, Int8Conv.c));
  for (let panel = sliceStart(panels, t, slices), end = sliceStart(panels, t + 1, slices); panel < end; panel++) {
    filterPanel(p, panel, ownScratch(), load<usize>(p, Int8Conv.points) + panel * bytes);
  }
}

/** Bytes from one point of a panel to the next: not a power of two, which caches dislike. */
// @ts-ignore: decorator
@inline
function pointBytes(rows: i32): usize {
  return (<usize>rows << 6) + 64;
}

// @ts-ignore: decorator
@inline
function panelBytes(c: i32): usize {
  return 36 * pointBytes(c >> 1);
}

// @ts-ignore: decorator
@inline
function workBytes(c: i32): usize {
  return Work.zeros + ((<usize>c << 1) + 31 & -16);
}

function filterPanel(p: usize, panel: i32, work: usize, to: usize): void {
  const pairs = load<i32>(p, Int8Conv.c) >> 1,
    tap = <usize>pairs << 5;
  filterAtPoints(work, load<usize>(p, Int8Conv.filter) + panel * 9 * tap, tap, pairs, to, pointBytes(pairs));
}

export function int8Winograd(p: usize, t: i32, slices: i32): void {
  const perImage = ((load<i32>(p, Int8Conv.oh) + 3) >> 2) * ((load<i32>(p, Int8Conv.ow) + 3) >> 2),
    count = load<i32>(p, Int8Conv.n) * perImage,
    c = load<i32>(p, Int8Conv.c),
    panels = (load<i32>(p, Int8Conv.oc) + PANEL - 1) / PANEL,
    points = load<usize>(p, Int8Conv.points),
    groups = (count + WINOGRAD_GRAIN - 1) / WINOGRAD_GRAIN;
  let tile0 = 0,
    tile1 = count,
    panel0 = 0,
    panel1 = panels;
  if (points && (groups >= slices || groups >= panels)) {
    tile0 = sliceStart(groups, t, slices) * WINOGRAD_GRAIN;
    tile1 = min(count, sliceStart(groups, t + 1, slices) * WINOGRAD_GRAIN);
  } else {
    panel0 = sliceStart(panels, t, slices);
    panel1 = sliceStart(panels, t + 1, slices);
  }
  if (tile0 >= tile1 || panel0 >= panel1) return;
  const block = load<i32>(p, Int8Conv.block),
    row = (<usize>c + 7 & -8) << 1,
    vStep = block * row + 64,
    mStep = pointBytes(block),
    work = ownScratch(),
    v = work + workBytes(c),
    m = v + 36 * vStep,
    sums = m + 36 * mStep,
    own = sums + (<usize>block << 10);
  memory.fill(work + Work.zeros, 0, workBytes(c) - Work.zeros);
  for (let tile = tile0; tile < tile1; tile += block) {
    const some = min(block, tile1 - tile);
    for (let i = 0; i < some; i++) image(p, tile + i, perImage, work, v + i * row, vStep);
    for (let panel = panel0; panel < panel1; panel++) {
      let u = own;
      if (points) u = points + panel * panelBytes(c);
      else filterPanel(p, panel, work, own);
      addGroups(some, c, v, row, vStep, u, m, mStep, work, sums);
      for (let i = 0; i < some; i++) writeTile(p, tile + i, perImage, panel, work, sums + (<usize>i << 10));
    }
  }
}

function image(p: usize, tile: i32, perImage: i32, work: usize, to: usize, step: usize): void {
  const index = tile / perImage,
    across = (load<i32>(p, Int8Conv.ow) + 3) >> 2,
    i = (tile - index * perImage) / across,
    j = tile - index * perImage - i * across,
    h = load<i32>(p, Int8Conv.h),
    w = load<i32>(p, Int8Conv.w),
    c = load<i32>(p, Int8Conv.c),
    pixel = <usize>c << 1;
  const x = load<usize>(p, Int8Conv.x) + <usize>(index * h * w) * pixel;
  locate(work, x, h, w, pixel, (i << 2) - load<i32>(p, Int8Conv.padTop), (j << 2) - load<i32>(p, Int8Conv.padLeft), 6);
  imageAtPoints(work, c, to, step);
}

/** The sums of `count` tiles and one panel, group after group of channels. */
function addGroups(count: i32, c: i32, v: usize, row: usize, vStep: usize, u: usize, m: usize, mStep: usize, work: usize, sums: usize): void {
  const uStep = pointBytes(c >> 1),
    last = <usize>(count - 1);
  for (let l = 0; l < c; l += INT8_WINOGRAD_CHANNELS) {
    const pairs = min(INT8_WINOGRAD_CHANNELS, c - l) >> 1,
      from = v + (<usize>l << 1),
      by = u + (<usize>l << 5);
    for (let point: usize = 0; point < 36; point++) {
      const a = from + point * vStep,
        b = by + point * uStep,
        to = m + point * mStep;
      int8Tiles<Wide, Sums>(count >> 1, a, row, b, pairs, 0, 0, 0, to, 64);
      // Without a neighbour the last row is computed twice: there is room for it.
      if (count & 1) int8Tiles<Wide, Sums>(1, a + last * row, 0, b, pairs, 0, 0, 0, to + (last << 6), 64);
    }
    for (let i = 0; i < count; i++) sumsOfPoints(work, m + (<usize>i << 6), mStep, sums + (<usize>i << 10), l > 0);
  }
}

function writeTile(p: usize, tile: i32, perImage: i32, panel: i32, work: usize, sums: usize): void {
  const index = tile / perImage,
    oh = load<i32>(p, Int8Conv.oh),
    ow = load<i32>(p, Int8Conv.ow),
    across = (ow + 3) >> 2,
    i = (tile - index * perImage) / across,
    j = tile - index * perImage - i * across,
    oc = load<i32>(p, Int8Conv.oc),
    channel = panel * PANEL,
    columns = min(PANEL, oc - channel),
    bias = load<usize>(p, Int8Conv.bias),
    xScale = v128.load_splat<f32>(load<usize>(p, Int8Conv.xScale) + (<usize>index << 2));
  let scales = load<usize>(p, Int8Conv.filterScale) + (<usize>channel << 2);
  if (columns < PANEL) {
    memory.copy(work + Work.tile, scales, <usize>columns << 2);
    scales = work + Work.tile;
  }
  for (let l: usize = 0; l < 64; l += 16) {
    const scale = f32x4.mul(xScale, v128.load(scales + l));
    for (let at = sums + l, end = at + 1024; at < end; at += 64) v128.store(at, f32x4.mul(f32x4.convert_i32x4_s(v128.load(at)), scale));
  }
  finishRows(sums, 64, 16, columns, bias ? bias + (<usize>channel << 2) : 0, load<i32>(p, Int8Conv.activation), load<f32>(p, Int8Conv.alpha));
  const rows = min(4, oh - (i << 2)),
    pixels = min(4, ow - (j << 2)),
    pixel = <usize>oc << 2;
  let to = load<usize>(p, Int8Conv.y) + <usize>((index * oh + (i << 2)) * ow + (j << 2)) * pixel + (<usize>channel << 2);
  for (let r = 0; r < rows; r++, to += ow * pixel) copyPixels(to, pixel, sums + (<usize>r << 8), pixels, columns);
}

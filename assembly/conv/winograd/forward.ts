/**
 * y = activation(conv(x, filter) + bias) in NHWC for filters of 3x3, stride and dilation 1, and its gradient dx, by Winograd's
 * F(4x4, 3x3). Specification: tiles of 4x4 outputs; `transforms.ts` tells the values of image and filter at 36 points. At
 * each point the products are summed over input channels: groups of WINOGRAD_CHANNELS, each folded from +0, are added, all
 * ascending. The tile is made of these sums. Positions outside the image count as +0. For dx, the adjoint: the values of
 * the tile's outputs (+0 where there are none) and of the filter, summed in the same way over output channels; what is made
 * of them is added to the 6x6 pixels that the tile sees. dx starts at +0 and adds its tiles (row, column) ascending.
 *
 * A block of tiles is transformed once, then multiplied panel by panel: at each point a product of tiles and channels.
 * Threads share tiles where there are many, or else panels; of dx, whose tiles overlap, images.
 */
import { PANEL, WINOGRAD_CHANNELS, WINOGRAD_GRAIN, WINOGRAD_STRIP, Winograd } from '../../isa';
import { finishRows } from '../../gemm/finish';
import { packPanels } from '../../gemm/pack';
import { Add, Keep, tiles } from '../../gemm/tile';
import { loadPart, sliceStart, storePart } from '../../lanes';
import { ownScratch } from '../../scratch';
import { copyPixels, filterAtPoints, fromPoints, imageAtPoints, locate, outputAtPoints, Work } from './points';
import { Image, Output } from './transforms';

export function winograd(p: usize, t: i32, slices: i32): void {
  convolve(p, t, slices, false);
}

export function winogradInputGrad(p: usize, t: i32, slices: i32): void {
  convolve(p, t, slices, true);
}

/** Panels of filters at the points; `panels` of them follow each other. */
export function winogradFilter(p: usize, t: i32, slices: i32): void {
  const isGrad = load<i32>(p, Winograd.isGrad) != 0,
    k = isGrad ? load<i32>(p, Winograd.oc) : load<i32>(p, Winograd.c),
    panels = ((isGrad ? load<i32>(p, Winograd.c) : load<i32>(p, Winograd.oc)) + PANEL - 1) / PANEL,
    strips = (k + WINOGRAD_STRIP - 1) / WINOGRAD_STRIP,
    work = ownScratch();
  for (let u = sliceStart(panels * strips, t, slices), end = sliceStart(panels * strips, t + 1, slices); u < end; u++) {
    const panel = u / strips,
      row = (u - panel * strips) * WINOGRAD_STRIP;
    filterPanel(p, isGrad, panel, row, min(k, row + WINOGRAD_STRIP), work, work + workBytes(k), load<usize>(p, Winograd.points) + panel * panelBytes(k));
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
function panelBytes(k: i32): usize {
  return 36 * pointBytes(k);
}

// @ts-ignore: decorator
@inline
export function workBytes(channels: i32): usize {
  return Work.zeros + ((<usize>channels << 2) + 31 & -16);
}

/** Rows [row0, row1) of one panel at the points, strip by strip. */
function filterPanel(p: usize, isGrad: bool, panel: i32, row0: i32, row1: i32, work: usize, packed: usize, to: usize): void {
  const c = load<i32>(p, Winograd.c),
    oc = load<i32>(p, Winograd.oc),
    filter = load<usize>(p, Winograd.filter),
    columns = min(PANEL, (isGrad ? c : oc) - panel * PANEL),
    rowStep = <usize>(isGrad ? 1 : oc) << 2,
    columnStep = <usize>(isGrad ? oc : 1) << 2,
    tap = (<usize>c * oc) << 2,
    step = pointBytes(isGrad ? oc : c);
  for (let row = row0; row < row1; row += WINOGRAD_STRIP) {
    const rows = min(WINOGRAD_STRIP, row1 - row),
      from = filter + row * rowStep + panel * PANEL * columnStep;
    for (let i: usize = 0; i < 9; i++) packPanels(from + i * tap, rowStep, columnStep, rows, columns, packed + i * (WINOGRAD_STRIP << 6));
    filterAtPoints(work, packed, WINOGRAD_STRIP << 6, rows, to + (<usize>row << 6), step);
  }
}

function convolve(p: usize, t: i32, slices: i32, isGrad: bool): void {
  const n = load<i32>(p, Winograd.n),
    perImage = ((load<i32>(p, Winograd.oh) + 3) >> 2) * ((load<i32>(p, Winograd.ow) + 3) >> 2),
    count = n * perImage,
    k = isGrad ? load<i32>(p, Winograd.oc) : load<i32>(p, Winograd.c),
    channels = isGrad ? load<i32>(p, Winograd.c) : load<i32>(p, Winograd.oc),
    panels = (channels + PANEL - 1) / PANEL,
    points = load<usize>(p, Winograd.points),
    grain = isGrad ? perImage : WINOGRAD_GRAIN,
    groups = (count + grain - 1) / grain;
  let tile0 = 0,
    tile1 = count,
    panel0 = 0,
    panel1 = panels;
  if (points && (groups >= slices || groups >= panels)) {
    tile0 = sliceStart(groups, t, slices) * grain;
    tile1 = min(count, sliceStart(groups, t + 1, slices) * grain);
  } else {
    panel0 = sliceStart(panels, t, slices);
    panel1 = sliceStart(panels, t + 1, slices);
  }
  if (tile0 >= tile1 || panel0 >= panel1) return;
  if (isGrad) clear(p, tile0 / perImage, tile1 / perImage, panel0 * PANEL, min(channels, panel1 * PANEL));
  const block = load<i32>(p, Winograd.block),
    row = (<usize>k + 3 & -4) << 2,
    vStep = block * row + 64,
    mStep = pointBytes(block),
    work = ownScratch(),
    v = work + workBytes(k),
    m = v + 36 * vStep,
    packed = m + 36 * mStep,
    own = packed + 9 * (WINOGRAD_STRIP << 6);
  memory.fill(work + Work.zeros, 0, workBytes(k) - Work.zeros);
  for (let tile = tile0; tile < tile1; tile += block) {
    const some = min(block, tile1 - tile);
    for (let i = 0; i < some; i++) {
      if (isGrad) outputs(p, tile + i, perImage, work, k, v + i * row, vStep);
      else image(p, tile + i, perImage, work, k, v + i * row, vStep);
    }
    for (let panel = panel0; panel < panel1; panel++) {
      let u = own;
      if (points) u = points + panel * panelBytes(k);
      else filterPanel(p, isGrad, panel, 0, k, work, packed, own);
      multiply(some, k, v, row, vStep, u, m, mStep);
      for (let i = 0; i < some; i++) {
        if (isGrad) addTile(p, tile + i, perImage, panel, work, m + (<usize>i << 6), mStep);
        else writeTile(p, tile + i, perImage, panel, work, m + (<usize>i << 6), mStep);
      }
    }
  }
}

/** The values that a tile of outputs is computed from. */
export function image(p: usize, tile: i32, perImage: i32, work: usize, k: i32, to: usize, step: usize, panel: usize = 64, first: i32 = 0): void {
  const index = tile / perImage,
    across = (load<i32>(p, Winograd.ow) + 3) >> 2,
    i = (tile - index * perImage) / across,
    j = tile - index * perImage - i * across,
    h = load<i32>(p, Winograd.h),
    w = load<i32>(p, Winograd.w),
    pixel = <usize>load<i32>(p, Winograd.c) << 2,
    x = load<usize>(p, Winograd.x) + <usize>(index * h * w) * pixel + (<usize>first << 2);
  locate(work, x, h, w, pixel, (i << 2) - load<i32>(p, Winograd.padTop), (j << 2) - load<i32>(p, Winograd.padLeft), 6);
  imageAtPoints(work, k, to, step, panel);
}

/** The values of a tile of outputs. */
export function outputs(p: usize, tile: i32, perImage: i32, work: usize, k: i32, to: usize, step: usize, panel: usize = 64, first: i32 = 0): void {
  const index = tile / perImage,
    oh = load<i32>(p, Winograd.oh),
    ow = load<i32>(p, Winograd.ow),
    across = (ow + 3) >> 2,
    i = (tile - index * perImage) / across,
    j = tile - index * perImage - i * across,
    pixel = <usize>load<i32>(p, Winograd.oc) << 2,
    y = load<usize>(p, Winograd.y) + <usize>(index * oh * ow) * pixel + (<usize>first << 2);
  locate(work, y, oh, ow, pixel, i << 2, j << 2, 4);
  outputAtPoints(work, k, to, step, panel);
}

/** At each point the product of `count` rows of v and a panel u. */
function multiply(count: i32, k: i32, v: usize, row: usize, vStep: usize, u: usize, m: usize, mStep: usize): void {
  const pairs = count >> 1,
    last = <usize>(count - 1),
    uStep = pointBytes(k);
  for (let point = 0; point < 36; point++, v += vStep, u += uStep, m += mStep) {
    for (let l = 0; l < k; l += WINOGRAD_CHANNELS) {
      const depth = min(WINOGRAD_CHANNELS, k - l);
      group(l == 0, pairs, v + (<usize>l << 2), row, u + (<usize>l << 6), depth, m);
      // Without a neighbour the last row is computed twice: there is room for it.
      if (count & 1) group(l == 0, 1, v + last * row + (<usize>l << 2), 0, u + (<usize>l << 6), depth, m + (last << 6));
    }
  }
}

// @ts-ignore: decorator
@inline
function group(isFirst: bool, pairs: i32, v: usize, row: usize, u: usize, depth: i32, m: usize): void {
  if (isFirst) tiles<Keep>(pairs, v, row, 4, 0, u, 64, depth, 1, m, 64, true, 0);
  else tiles<Add>(pairs, v, row, 4, 0, u, 64, depth, 1, m, 64, true, 0);
}

function writeTile(p: usize, tile: i32, perImage: i32, panel: i32, work: usize, m: usize, mStep: usize): void {
  const index = tile / perImage,
    oh = load<i32>(p, Winograd.oh),
    ow = load<i32>(p, Winograd.ow),
    across = (ow + 3) >> 2,
    i = (tile - index * perImage) / across,
    j = tile - index * perImage - i * across,
    oc = load<i32>(p, Winograd.oc),
    channel = panel * PANEL,
    columns = min(PANEL, oc - channel),
    bias = load<usize>(p, Winograd.bias),
    center = load<usize>(p, Winograd.center),
    skipped = <usize>channel << 2,
    from = work + Work.tile;
  for (let l: usize = 0; l < 64; l += 16) fromPoints<Output>(work, m + l, mStep, 4, from + l);
  finishRows(
    from,
    64,
    16,
    columns,
    bias ? bias + skipped : 0,
    load<i32>(p, Winograd.activation),
    load<f32>(p, Winograd.alpha),
    center ? center + skipped : 0,
    load<usize>(p, Winograd.factor) + skipped,
  );
  const rows = min(4, oh - (i << 2)),
    pixels = min(4, ow - (j << 2)),
    pixel = <usize>oc << 2;
  let to = load<usize>(p, Winograd.y) + <usize>((index * oh + (i << 2)) * ow + (j << 2)) * pixel + (<usize>channel << 2);
  for (let r = 0; r < rows; r++, to += ow * pixel) copyPixels(to, pixel, from + (<usize>r << 8), pixels, columns);
}

function addTile(p: usize, tile: i32, perImage: i32, panel: i32, work: usize, m: usize, mStep: usize): void {
  const index = tile / perImage,
    h = load<i32>(p, Winograd.h),
    w = load<i32>(p, Winograd.w),
    across = (load<i32>(p, Winograd.ow) + 3) >> 2,
    i = (tile - index * perImage) / across,
    j = tile - index * perImage - i * across,
    top = (i << 2) - load<i32>(p, Winograd.padTop),
    left = (j << 2) - load<i32>(p, Winograd.padLeft),
    c = load<i32>(p, Winograd.c),
    channel = panel * PANEL,
    columns = min(PANEL, c - channel),
    pixel = <usize>c << 2,
    dx = load<usize>(p, Winograd.x) + <usize>(index * h * w) * pixel + (<usize>channel << 2),
    from = work + Work.tile;
  for (let l: usize = 0; l < 64; l += 16) fromPoints<Image>(work, m + l, mStep, 6, from + l);
  for (let r = max(0, -top); r < min(6, h - top); r++) {
    for (let s = max(0, -left); s < min(6, w - left); s++) {
      let at = dx + <usize>((top + r) * w + left + s) * pixel,
        own = from + (<usize>(r * 6 + s) << 6),
        rest = columns;
      for (; rest >= 4; rest -= 4, at += 16, own += 16) v128.store(at, f32x4.add(v128.load(at), v128.load(own)));
      if (rest) storePart(at, f32x4.add(loadPart(at, rest), v128.load(own)), rest);
    }
  }
}

/** Channels [from, to) of some images become +0. */
function clear(p: usize, image0: i32, image1: i32, from: i32, to: i32): void {
  const c = load<i32>(p, Winograd.c),
    pixels = load<i32>(p, Winograd.h) * load<i32>(p, Winograd.w),
    step = <usize>c << 2,
    bytes = <usize>(to - from) << 2;
  let at = load<usize>(p, Winograd.x) + <usize>(image0 * pixels) * step + (<usize>from << 2);
  if (bytes == step) memory.fill(at, 0, <usize>((image1 - image0) * pixels) * step);
  else for (let i = (image1 - image0) * pixels; i > 0; i--, at += step) memory.fill(at, 0, bytes);
}

/**
 * y = activation(conv(x, filter) + bias) in NHWC. Specification: each y starts at +0 and folds (kernel row, kernel
 * column, input channel) ascending; positions outside the input count as +0 (and so take part).
 *
 * Implicit GEMM without a patch matrix: in NHWC the taps of one kernel row are one contiguous run of the input, so a
 * pixel's row of A is a few runs at fixed distances, which the microkernel follows by itself. Only where taps may
 * fall outside, a band of rows is first copied with its zeros. Work is shared by (image, band, panel of channels).
 */
import { BLOCK_K, CONV_BLOCK_K, CONV_FINISH, Conv, PANEL, SPARE_TILE, Un } from '../isa';
import { finishRows } from '../gemm/finish';
import { NARROW, narrowTiles } from '../gemm/narrow';
import { packPanels } from '../gemm/pack';
import { edgeTile, Finish, Finished, Keep, tiles } from '../gemm/tile';
import { sliceStart } from '../lanes';
import { isInside, padBand, paddedWidth } from './geometry';
import { ownScratch } from '../scratch';

export function conv2d(p: usize, t: i32, slices: i32): void {
  const oh = load<i32>(p, Conv.oh),
    oc = load<i32>(p, Conv.oc),
    bandRows = load<i32>(p, Conv.bandRows),
    bands = (oh + bandRows - 1) / bandRows,
    panels = (oc + PANEL - 1) / PANEL;
  const units = load<i32>(p, Conv.n) * bands * panels;
  const start = sliceStart(units, t, slices),
    end = sliceStart(units, t + 1, slices);
  if (start >= end) return;
  const k = load<i32>(p, Conv.kh) * load<i32>(p, Conv.kw) * load<i32>(p, Conv.c);
  const spare = ownScratch(),
    packed = spare + SPARE_TILE + CONV_FINISH,
    band = packed + ((<usize>k * panels * PANEL) << 2);
  packPanels(load<usize>(p, Conv.filter), <usize>oc << 2, 4, k, oc, packed);
  const inside = isInside(p);
  for (let u = start; u < end; ) {
    const index = u / panels,
      image = index / bands,
      first = (index - image * bands) * bandRows,
      rows = min(bandRows, oh - first),
      panel0 = u - index * panels,
      panel1 = min(panels, panel0 + end - u);
    let x: usize, width: i32;
    if (inside) {
      width = load<i32>(p, Conv.w);
      x = load<usize>(p, Conv.x) + (((<usize>image * load<i32>(p, Conv.h) + first * load<i32>(p, Conv.strideH)) * width * load<i32>(p, Conv.c)) << 2);
    } else {
      width = paddedWidth(p);
      x = band;
      padBand(p, image, first, rows, band);
    }
    computeBand(p, x, width, image, first, rows, panel0, panel1, packed, k, spare);
    u += panel1 - panel0;
  }
}

function computeBand(
  p: usize,
  x: usize,
  width: i32,
  image: i32,
  top: i32,
  rows: i32,
  panel0: i32,
  panel1: i32,
  packed: usize,
  k: i32,
  spare: usize,
): void {
  const oc = load<i32>(p, Conv.oc),
    ow = load<i32>(p, Conv.ow),
    c = load<i32>(p, Conv.c),
    kh = load<i32>(p, Conv.kh),
    kw = load<i32>(p, Conv.kw),
    dilationH = load<i32>(p, Conv.dilationH),
    dilationW = load<i32>(p, Conv.dilationW);
  const y = load<usize>(p, Conv.y) + ((((<usize>image * load<i32>(p, Conv.oh) + top) * ow) * oc) << 2);
  const inRow = (<usize>width * dilationH * c) << 2;
  // Contiguous taps: kh runs of kw * c. Dilated ones: kh groups of kw runs of c.
  const isDilated = dilationW > 1 && kw > 1;
  const groups = isDilated ? kh : 1,
    runs = isDilated ? kw : kh,
    run = isDilated ? c : kw * c,
    spacing = isDilated ? (<usize>dilationW * c) << 2 : inRow;
  const bias = load<usize>(p, Conv.bias),
    activation = load<i32>(p, Conv.activation),
    center = load<usize>(p, Conv.center),
    finish = spare + SPARE_TILE,
    isSimple = bias != 0 && (activation == Un.relu || activation == Un.identity || activation == Un.clip);
  if (isSimple) limit(finish, activation, load<f32>(p, Conv.alpha));
  const runsAtOnce = max(1, CONV_BLOCK_K / max(1, run)),
    part = run <= CONV_BLOCK_K ? max(1, run) : BLOCK_K;
  for (let g = 0; g < groups; g++) {
    for (let r = 0; r < runs; r += runsAtOnce) {
      for (let l = 0; l < run || l == 0; l += part) {
        const count = min(runsAtOnce, runs - r),
          length = min(part, run - l),
          done = (g * runs + r) * run + l;
        const from = x + g * inRow + r * spacing + (<usize>l << 2);
        const isLast = g == groups - 1 && r + count == runs && l + length == run;
        for (let j = panel0; j < panel1; j++) {
          const panel = packed + ((<usize>j * k + done) << 6),
            to = y + (<usize>j << 6),
            columns = min(PANEL, oc - j * PANEL),
            skip = spacing - (<usize>length << 2),
            at = <usize>j << 6;
          if (columns <= NARROW) {
            narrowPixels(p, from, width, rows, panel, length, count, skip, to, columns, done == 0, spare);
            continue;
          }
          // Sums that are complete take their bias, and the commonest activations, on the way out of the registers.
          const finishes = isLast && isSimple && columns == PANEL;
          if (finishes) {
            copyPanel(finish, bias + at);
            if (center) {
              copyPanel(finish + Finish.center, center + at);
              copyPanel(finish + Finish.factor, load<usize>(p, Conv.factor) + at);
            }
          }
          pixels(p, from, width, rows, panel, length, count, skip, to, columns, done == 0, spare, finishes ? finish : 0);
        }
      }
    }
  }
  // Left for a second pass: every panel, or only the narrow last one.
  const first = isSimple ? max(panel0, oc / PANEL) : panel0;
  if (first >= panel1) return;
  const channel = first * PANEL,
    skipped = <usize>channel << 2;
  finishRows(
    y + skipped,
    <usize>oc << 2,
    rows * ow,
    min(oc, panel1 * PANEL) - channel,
    bias ? bias + skipped : 0,
    activation,
    load<f32>(p, Conv.alpha),
    center ? center + skipped : 0,
    load<usize>(p, Conv.factor) + skipped,
  );
}

/** No batch normalization, and the limits of an activation: of `clip` from 0 to alpha. */
function limit(finish: usize, activation: i32, alpha: f32): void {
  const isLimited = activation != Un.identity;
  for (let i: usize = 0; i < 64; i += 16) {
    v128.store(finish + i, f32x4.splat(0), Finish.center);
    v128.store(finish + i, f32x4.splat(1), Finish.factor);
  }
  v128.store(finish, f32x4.splat(isLimited ? 0 : -Infinity), Finish.least);
  v128.store(finish, f32x4.splat(activation == Un.clip ? alpha : Infinity), Finish.most);
}

function copyPanel(to: usize, from: usize): void {
  for (let i: usize = 0; i < 64; i += 16) v128.store(to + i, v128.load(from + i));
}

/** Tiles of a whole panel; `finish` 0: their sums as they are. */
function panelTiles(count: i32, a: usize, aRow: usize, aSkip: usize, panel: usize, k: i32, runs: i32, c: usize, cRow: usize, fresh: bool, finish: usize): void {
  if (!finish) tiles<Keep>(count, a, aRow, 4, aSkip, panel, 64, k, runs, c, cRow, fresh, 0);
  else tiles<Finished>(count, a, aRow, 4, aSkip, panel, 64, k, runs, c, cRow, fresh, finish);
}

/** At most eight output channels for all pixels of a band. */
function narrowPixels(p: usize, x: usize, width: i32, rows: i32, panel: usize, k: i32, runs: i32, aSkip: usize, y: usize, columns: i32, fresh: bool, spare: usize): void {
  const ow = load<i32>(p, Conv.ow),
    pixel = <usize>load<i32>(p, Conv.c) << 2,
    across = <usize>load<i32>(p, Conv.strideW) * pixel,
    down = <usize>width * load<i32>(p, Conv.strideH) * pixel,
    yStep = <usize>load<i32>(p, Conv.oc) << 2;
  for (let r = 0; r < rows; r++, x += down, y += ow * yStep) narrowTiles(ow, columns, x, across, 4, aSkip, panel, 64, k, runs, y, yStep, fresh, spare);
}

/** One panel of output channels for all pixels of a band, two pixels at a time across row ends. */
function pixels(
  p: usize,
  x: usize,
  width: i32,
  rows: i32,
  panel: usize,
  k: i32,
  runs: i32,
  aSkip: usize,
  y: usize,
  columns: i32,
  fresh: bool,
  spare: usize,
  finish: usize,
): void {
  const ow = load<i32>(p, Conv.ow),
    pixel = <usize>load<i32>(p, Conv.c) << 2,
    across = <usize>load<i32>(p, Conv.strideW) * pixel,
    down = <usize>width * load<i32>(p, Conv.strideH) * pixel - (ow - 1) * across,
    yStep = <usize>load<i32>(p, Conv.oc) << 2;
  let column = 0;
  for (let left = rows * ow; left > 0; ) {
    // Pairs within the row, then the pair that straddles its end.
    const pairs = columns == PANEL ? max(1, (ow - column) >> 1) : 1,
      next = column + 1 == ow ? down : across;
    if (columns < PANEL) edgeTile<Keep>(min(2, left), columns, x, next, 4, aSkip, panel, 64, k, runs, y, yStep, fresh, 0, spare);
    else if (left > 1) panelTiles(pairs, x, next, aSkip, panel, k, runs, y, yStep, fresh, finish);
    else {
      // A pixel without a neighbour is computed twice, on the spare tile.
      if (!fresh) copyPanel(spare, y);
      panelTiles(1, x, 0, aSkip, panel, k, runs, spare, 64, fresh, finish);
      copyPanel(y, spare);
    }
    const done = min(left, pairs * 2);
    y += done * yStep;
    left -= done;
    // All but the last of these pixels are `next` apart, and the last one may end its row.
    const last = column + 1 == ow ? 0 : column + done - 1;
    x += <usize>(done - 1) * next + (last + 1 == ow ? down : across);
    column = last + 1 == ow ? 0 : last + 1;
  }
}

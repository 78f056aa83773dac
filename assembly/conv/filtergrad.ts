/**
 * dFilter of a convolution. Specification: each element starts at +0 and folds (image, output row, output column)
 * ascending; positions outside the input count as +0.
 *
 * A product with the patch matrix transposed, without that matrix: for one filter row (kernel row, kernel column,
 * input channel) the values of all outputs of a band are at fixed distances in the input. Bands follow each other,
 * the accumulators going on from the stored gradient. Threads share pairs of filter rows.
 */
import { Conv, PANEL, SPARE_TILE } from '../isa';
import { NARROW, narrowTiles } from '../gemm/narrow';
import { packPanels } from '../gemm/pack';
import { edgeTile, Keep, tiles } from '../gemm/tile';
import { sliceStart } from '../lanes';
import { isInside, padBand, paddedWidth } from './geometry';
import { ownScratch } from '../scratch';

export function conv2dFilterGrad(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, Conv.n),
    oh = load<i32>(p, Conv.oh),
    ow = load<i32>(p, Conv.ow),
    oc = load<i32>(p, Conv.oc),
    c = load<i32>(p, Conv.c),
    bandRows = load<i32>(p, Conv.bandRows);
  const filterRows = load<i32>(p, Conv.kh) * load<i32>(p, Conv.kw) * c,
    pairs = (filterRows + 1) >> 1;
  const row0 = sliceStart(pairs, t, slices) * 2,
    row1 = min(filterRows, sliceStart(pairs, t + 1, slices) * 2);
  if (row0 >= row1) return;
  const spare = ownScratch(),
    packed = spare + SPARE_TILE,
    copy = packed + ((<usize>bandRows * ow) << 6);
  // Few filter rows read a panel so seldom that a copy does not pay, unless dy's rows are far apart.
  const packs = row1 - row0 > 32 || oc > 128;
  const inside = isInside(p),
    width = inside ? load<i32>(p, Conv.w) : paddedWidth(p);
  let fresh = true;
  for (let image = 0; image < n; image++) {
    for (let first = 0; first < oh; first += bandRows) {
      const rows = min(bandRows, oh - first);
      let x = copy;
      if (inside) x = load<usize>(p, Conv.x) + (((<usize>image * load<i32>(p, Conv.h) + first * load<i32>(p, Conv.strideH)) * width * c) << 2);
      else padBand(p, image, first, rows, copy);
      const dy = load<usize>(p, Conv.y) + (((<usize>image * oh + first) * ow * oc) << 2);
      for (let j = 0; j < oc; j += PANEL) {
        const columns = min(PANEL, oc - j);
        let panel = dy + (<usize>j << 2),
          step = <usize>oc << 2;
        if (columns < PANEL || packs) {
          packPanels(panel, step, 4, rows * ow, columns, packed);
          panel = packed;
          step = 64;
        }
        bandPanel(p, x, width, rows, row0, row1, panel, step, load<usize>(p, Conv.filter) + (<usize>j << 2), columns, fresh, spare);
      }
      fresh = false;
    }
  }
  if (fresh) memory.fill(load<usize>(p, Conv.filter) + ((<usize>row0 * oc) << 2), 0, (<usize>(row1 - row0) * oc) << 2);
}

/** Filter rows [row0, row1) of one panel of output channels take in the outputs of one band. */
function bandPanel(p: usize, x: usize, width: i32, rows: i32, row0: i32, row1: i32, panel: usize, panelStep: usize, filter: usize, columns: i32, fresh: bool, spare: usize): void {
  const c = load<i32>(p, Conv.c),
    ow = load<i32>(p, Conv.ow),
    aStep = (<usize>load<i32>(p, Conv.strideW) * c) << 2,
    aSkip = ((<usize>load<i32>(p, Conv.strideH) * width * c) << 2) - ow * aStep,
    cStep = <usize>load<i32>(p, Conv.oc) << 2;
  let at = filter + row0 * cStep;
  if (columns <= NARROW) {
    // Rows of neighbouring taps, or at least channels, are 4 bytes apart.
    const even = load<i32>(p, Conv.dilationW) == 1 ? load<i32>(p, Conv.kw) * c : c;
    for (let r = row0; r < row1; ) {
      const count = min(row1 - r, even - (r % even));
      narrowTiles(count, columns, x + tapOffset(p, r, width, c), 4, aStep, aSkip, panel, panelStep, ow, rows, at, cStep, fresh, spare);
      at += count * cStep;
      r += count;
    }
    return;
  }
  for (let r = row0; r < row1; r += 2) {
    const first = tapOffset(p, r, width, c),
      apart = tapOffset(p, min(r + 1, row1 - 1), width, c) - first;
    if (columns == PANEL && r + 1 < row1) tiles<Keep>(1, x + first, apart, aStep, aSkip, panel, panelStep, ow, rows, at, cStep, fresh, 0);
    else edgeTile<Keep>(min(2, row1 - r), columns, x + first, apart, aStep, aSkip, panel, panelStep, ow, rows, at, cStep, fresh, 0, spare);
    at += cStep << 1;
  }
}

/** Where filter row (kernel row, kernel column, channel) finds its input, from the first output's first tap. */
// @ts-ignore: decorator
@inline
function tapOffset(p: usize, row: i32, width: i32, c: i32): usize {
  const tap = row / c,
    channel = row - tap * c,
    kw = load<i32>(p, Conv.kw),
    i = tap / kw,
    j = tap - i * kw;
  return (<usize>(i * load<i32>(p, Conv.dilationH) * width + j * load<i32>(p, Conv.dilationW)) * c + channel) << 2;
}

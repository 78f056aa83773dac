/**
 * dx of a convolution. Specification: each dx starts at +0 and folds (kernel row, kernel column, output channel)
 * ascending over the taps that reach an output; taps that fall outside or between strides are skipped.
 *
 * Tap by tap: the outputs of one tap form a grid on dx, and dx[grid] += dy · filter[tap]ᵀ is a plain product whose
 * accumulators start from the stored dx. No zero is ever multiplied, whatever the stride or the padding. With stride 1
 * the taps of a kernel row share one call where all of them reach.
 * The unit of work is a panel of sixteen input channels of one image.
 */
import { Conv, PANEL, SPARE_TILE } from '../isa';
import { NARROW, narrowTiles } from '../gemm/narrow';
import { packPanels } from '../gemm/pack';
import { edgeTile, Keep, tiles } from '../gemm/tile';
import { sliceStart } from '../lanes';
import { ownScratch } from '../scratch';

export function conv2dInputGrad(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, Conv.n),
    c = load<i32>(p, Conv.c),
    oc = load<i32>(p, Conv.oc),
    taps = load<i32>(p, Conv.kh) * load<i32>(p, Conv.kw),
    panels = (c + PANEL - 1) / PANEL;
  const spare = ownScratch(),
    packed = spare + SPARE_TILE;
  let packedPanel = -1;
  const end = sliceStart(n * panels, t + 1, slices);
  for (let u = sliceStart(n * panels, t, slices); u < end; u++) {
    const panel = u / n,
      image = u - panel * n,
      columns = min(PANEL, c - panel * PANEL);
    if (panel != packedPanel) {
      // The panel of filter[tap]ᵀ: a row for each output channel, a column for each input channel.
      for (let tap = 0; tap < taps; tap++) {
        const from = load<usize>(p, Conv.filter) + (((<usize>tap * c + panel * PANEL) * oc) << 2);
        packPanels(from, 4, <usize>oc << 2, oc, columns, packed + ((<usize>tap * oc) << 6));
      }
      packedPanel = panel;
    }
    imagePanel(p, image, panel, columns, packed, spare);
  }
}

function imagePanel(p: usize, image: i32, panel: i32, columns: i32, packed: usize, spare: usize): void {
  const h = load<i32>(p, Conv.h),
    w = load<i32>(p, Conv.w),
    oh = load<i32>(p, Conv.oh),
    ow = load<i32>(p, Conv.ow),
    kh = load<i32>(p, Conv.kh),
    kw = load<i32>(p, Conv.kw),
    strideH = load<i32>(p, Conv.strideH),
    strideW = load<i32>(p, Conv.strideW);
  const pixel = <usize>load<i32>(p, Conv.c) << 2,
    yPixel = <usize>load<i32>(p, Conv.oc) << 2;
  const dx = load<usize>(p, Conv.x) + <usize>image * h * w * pixel + (<usize>panel << 6),
    dy = load<usize>(p, Conv.y) + <usize>image * oh * ow * yPixel;
  clear(dx, pixel, h * w, <usize>columns << 2);
  const oc = load<i32>(p, Conv.oc),
    dilationW = load<i32>(p, Conv.dilationW),
    padLeft = load<i32>(p, Conv.padLeft);
  // Input columns that every tap of a kernel row reaches: with stride 1 their taps follow each other in one fold.
  const inner0 = strideW == 1 ? max(0, (kw - 1) * dilationW - padLeft) : 0,
    inner1 = strideW == 1 ? max(inner0, min(w, ow - padLeft)) : 0;
  for (let i = 0; i < kh; i++) {
    // Output rows whose tap i is inside: 0 <= row * stride + top < h.
    const top = i * load<i32>(p, Conv.dilationH) - load<i32>(p, Conv.padTop),
      row0 = top >= 0 ? 0 : (-top + strideH - 1) / strideH,
      rows = min(oh, h - top > 0 ? (h - top + strideH - 1) / strideH : 0) - row0;
    if (rows <= 0) continue;
    const dxRow = dx + <usize>((row0 * strideH + top) * w) * pixel,
      dyRow = dy + <usize>(row0 * ow) * yPixel,
      taps = packed + ((<usize>(i * kw) * oc) << 6);
    if (inner1 > inner0) {
      const from = dyRow + <usize>(inner0 + padLeft) * yPixel,
        skip = <usize>(-(dilationW + 1)) * yPixel;
      tapGrid(dxRow + inner0 * pixel, pixel, pixel * w * strideH, from, yPixel, yPixel * ow, rows, inner1 - inner0, taps, oc, kw, skip, columns, spare);
    }
    for (let j = 0; j < kw; j++) {
      const left = j * dilationW - padLeft,
        first = left >= 0 ? 0 : (-left + strideW - 1) / strideW,
        last = min(ow, w - left > 0 ? (w - left + strideW - 1) / strideW : 0);
      // Outputs before and after the inner columns; without inner ones all outputs.
      const stop = inner1 > inner0 ? min(last, inner0 - left) : last,
        start = inner1 > inner0 ? max(first, inner1 - left) : last;
      for (let part = 0; part < 2; part++) {
        const at = part == 0 ? first : start,
          count = (part == 0 ? stop : last) - at;
        if (count <= 0) continue;
        const to = dxRow + <usize>(at * strideW + left) * pixel;
        tapGrid(to, pixel * strideW, pixel * w * strideH, dyRow + at * yPixel, yPixel, yPixel * ow, rows, count, taps + ((<usize>j * oc) << 6), oc, 1, 0, columns, spare);
      }
    }
  }
}

function clear(at: usize, step: usize, count: i32, bytes: usize): void {
  if (bytes == step) memory.fill(at, 0, step * count);
  else for (let i = 0; i < count; i++, at += step) memory.fill(at, 0, bytes);
}

/** dx[grid] += dy[grid] · panel, two pixels at a time across row ends. */
function tapGrid(
  dx: usize,
  dxStep: usize,
  dxRow: usize,
  dy: usize,
  dyStep: usize,
  dyRow: usize,
  rows: i32,
  width: i32,
  panel: usize,
  k: i32,
  runs: i32,
  skip: usize,
  columns: i32,
  spare: usize,
): void {
  if (columns <= NARROW) {
    for (let r = 0; r < rows; r++, dx += dxRow, dy += dyRow) narrowTiles(width, columns, dy, dyStep, 4, skip, panel, 64, k, runs, dx, dxStep, false, spare);
    return;
  }
  const dxDown = dxRow - (width - 1) * dxStep,
    dyDown = dyRow - (width - 1) * dyStep;
  let column = 0;
  for (let left = rows * width; left > 0; ) {
    // Pairs within the row, then the pair that straddles its end.
    const pairs = columns == PANEL ? max(1, (width - column) >> 1) : 1,
      isEnd = column + 1 == width,
      a = isEnd ? dyDown : dyStep,
      c = isEnd ? dxDown : dxStep;
    if (columns == PANEL && left > 1) tiles<Keep>(pairs, dy, a, 4, skip, panel, 64, k, runs, dx, c, false, 0);
    else edgeTile<Keep>(min(2, left), columns, dy, a, 4, skip, panel, 64, k, runs, dx, c, false, 0, spare);
    // All but the last of these pixels are `a` and `c` apart, and the last one may end its row.
    const done = min(left, pairs * 2),
      last = isEnd ? 0 : column + done - 1,
      endsRow = last + 1 == width;
    dx += <usize>(done - 1) * c + (endsRow ? dxDown : dxStep);
    dy += <usize>(done - 1) * a + (endsRow ? dyDown : dyStep);
    column = endsRow ? 0 : last + 1;
    left -= done;
  }
}

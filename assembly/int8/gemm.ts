/**
 * y = activation(A · W + bias) of integers. Specification: the sums over k are exact in int32, then
 * y = f32(f32(sum) * f32(aScale * wScale)), then the bias, then the activation; see `test/reference/int8.ts`.
 *
 * Blocks of rows stay in the L2 cache while all panels of W pass by; a panel stays in the L1 cache. Threads share panels
 * if there are enough, else rows.
 */
import { INT8_SPARE, INT8_WIDE_PAIRS, Int8Gemm, PANEL } from '../isa';
import { finishRows } from '../gemm/finish';
import { sliceStart } from '../lanes';
import { ownScratch } from '../scratch';
import { int8Row, int8Tiles, Narrow, Scaled, Wide, widen } from './tile';

/** From so many rows on a panel is widened before, up to INT8_WIDE_PAIRS. */
const WIDE_ROWS = 6;
/** Bytes of a block of rows of A. */
const BLOCK_BYTES = 131072;

export function int8Gemm(p: usize, t: i32, slices: i32): void {
  const m = load<i32>(p, Int8Gemm.m),
    n = load<i32>(p, Int8Gemm.n),
    panels = (n + PANEL - 1) / PANEL;
  if (panels >= 4 * slices || panels % slices == 0) product(p, 0, m, sliceStart(panels, t, slices), sliceStart(panels, t + 1, slices));
  else {
    const pairs = (m + 1) >> 1;
    product(p, sliceStart(pairs, t, slices) << 1, min(m, sliceStart(pairs, t + 1, slices) << 1), 0, panels);
  }
}

/** Rows [i0, i1) and panels [j0, j1). */
function product(p: usize, i0: i32, i1: i32, j0: i32, j1: i32): void {
  if (i0 >= i1 || j0 >= j1) return;
  const n = load<i32>(p, Int8Gemm.n),
    pairs = load<i32>(p, Int8Gemm.pairs),
    aRow = load<usize>(p, Int8Gemm.aRow),
    step = <usize>n << 2,
    first = j0 * PANEL;
  const block = max(2, <i32>(<usize>BLOCK_BYTES / max(1, aRow)) & ~1),
    bias = load<usize>(p, Int8Gemm.bias);
  for (let i = i0; i < i1; i += block) {
    const rows = min(block, i1 - i),
      y = load<usize>(p, Int8Gemm.y) + <usize>i * step;
    int8Panels(
      load<usize>(p, Int8Gemm.a) + <usize>i * aRow,
      aRow,
      rows,
      load<usize>(p, Int8Gemm.aScale),
      i,
      load<i32>(p, Int8Gemm.rows),
      load<usize>(p, Int8Gemm.w),
      load<usize>(p, Int8Gemm.wScale),
      pairs,
      n,
      j0,
      j1,
      y,
    );
    finishRows(
      y + (<usize>first << 2),
      step,
      rows,
      min(n, j1 * PANEL) - first,
      bias ? bias + (<usize>first << 2) : 0,
      load<i32>(p, Int8Gemm.activation),
      load<f32>(p, Int8Gemm.alpha),
    );
  }
}

/** `rows` rows of A, the first of which is number `i0`, times panels [j0, j1) of W; `y` is the first row of Y. */
export function int8Panels(
  a: usize,
  aRow: usize,
  rows: i32,
  aScale: usize,
  i0: i32,
  rowsOfScale: i32,
  w: usize,
  wScale: usize,
  pairs: i32,
  n: i32,
  j0: i32,
  j1: i32,
  y: usize,
): void {
  const spare = ownScratch(),
    wide = spare + INT8_SPARE,
    step = <usize>n << 2,
    isWide = rows >= WIDE_ROWS && pairs <= INT8_WIDE_PAIRS;
  for (let j = j0; j < j1; j++) {
    const panel = w + (<usize>j * pairs << 5),
      columns = min(PANEL, n - j * PANEL),
      isWhole = columns == PANEL,
      at = <usize>j << 6;
    let scales = wScale + at;
    // The tile of a narrow panel, and after it its scales.
    if (!isWhole) {
      memory.copy(spare + 128, scales, <usize>columns << 2);
      scales = spare + 128;
    }
    if (isWide) widen(panel, pairs, wide);
    for (let i = 0; i < rows; ) {
      const row = a + <usize>i * aRow,
        to = y + <usize>i * step + at,
        number = i0 + i,
        image = number / rowsOfScale,
        // Rows that follow with the same scale; each may have one of its own.
        same = rowsOfScale == 1 ? rows - i : min(rows - i, (image + 1) * rowsOfScale - number),
        scale = aScale + (<usize>image << 2);
      if (i + 1 == rows) {
        int8Row(row, panel, pairs, scale, scales, isWhole ? to : spare);
        if (!isWhole) memory.copy(to, spare, <usize>columns << 2);
        break;
      }
      const count = isWhole ? max(1, same >> 1) : 1,
        scaleStep: usize = rowsOfScale == 1 || same == 1 ? 4 : 0,
        out = isWhole ? to : spare,
        outRow = isWhole ? step : 64;
      if (isWide) int8Tiles<Wide, Scaled>(count, row, aRow, wide, pairs, scale, scaleStep, scales, out, outRow);
      else int8Tiles<Narrow, Scaled>(count, row, aRow, panel, pairs, scale, scaleStep, scales, out, outRow);
      if (!isWhole) {
        memory.copy(to, spare, <usize>columns << 2);
        memory.copy(to + step, spare + 64, <usize>columns << 2);
      }
      i += count << 1;
    }
  }
}

/**
 * C = activation(join(A · B + bias, other)). Specification: every c starts at +0 and folds k ascending; see
 * `test/reference/gemm.ts`. What follows the fold is done block by block, while the block is in the L1 cache.
 *
 * Loops, outside in: blocks of k (a packed block of B stays in the L2 cache), blocks of columns, blocks of rows,
 * panels of sixteen columns (one stays in the L1 cache), pairs of rows. Blocks over k continue from the stored C, so that
 * no bit depends on them. Threads share columns if there are enough panels, else rows.
 */
import { BLOCK_K, BLOCK_M, BLOCK_N, Gemm, Join, PackPanels, PANEL, SPARE_TILE, TILE_ROWS, Un, UNPACKED_ROWS } from '../isa';
import { sliceStart } from '../lanes';
import { finishRows, joinRows } from './finish';
import { NARROW, narrowTiles } from './narrow';
import { packPairs, packPanels } from './pack';
import { edgeTile, Keep, tile1x32, tiles } from './tile';
import { ownScratch } from '../scratch';

/** Up to this depth a transposed A is read in place: its lines stay in the L1 cache. */
const UNPACKED_DEPTH = 64;
/** Rows that are a multiple of 2 KiB apart fall on the same few sets of the cache. */
const ALIASING = 2047;

export function gemm(p: usize, t: i32, slices: i32): void {
  const m = load<i32>(p, Gemm.m),
    n = load<i32>(p, Gemm.n),
    batch = load<i32>(p, Gemm.batch);
  if (batch >= slices) {
    for (let i = sliceStart(batch, t, slices), end = sliceStart(batch, t + 1, slices); i < end; i++) {
      product(p, i, 0, m, 0, n);
    }
    return;
  }
  const panels = (n + PANEL - 1) / PANEL;
  const byColumns = panels >= 4 * slices || panels % slices == 0;
  for (let i = 0; i < batch; i++) {
    if (byColumns) {
      product(p, i, 0, m, sliceStart(panels, t, slices) * PANEL, min(n, sliceStart(panels, t + 1, slices) * PANEL));
    } else {
      const pairs = (m + 1) / 2;
      product(p, i, sliceStart(pairs, t, slices) * 2, min(m, sliceStart(pairs, t + 1, slices) * 2), 0, n);
    }
  }
}

/** Rows [i0, i1) and columns [j0, j1) of one product of the batch. */
function product(p: usize, index: i32, i0: i32, i1: i32, j0: i32, j1: i32): void {
  const m = i1 - i0,
    n = j1 - j0,
    k = load<i32>(p, Gemm.k);
  if (m <= 0 || n <= 0) return;
  const aRow = load<usize>(p, Gemm.aRow),
    aCol = load<usize>(p, Gemm.aCol),
    bRow = load<usize>(p, Gemm.bRow),
    bCol = load<usize>(p, Gemm.bCol),
    cRow = load<usize>(p, Gemm.cRow);
  const a = load<usize>(p, Gemm.a) + index * load<usize>(p, Gemm.aBatch) + i0 * aRow,
    b = load<usize>(p, Gemm.b) + index * load<usize>(p, Gemm.bBatch),
    c = load<usize>(p, Gemm.c) + index * load<usize>(p, Gemm.cBatch) + i0 * cRow + (<usize>j0 << 2),
    scratch = ownScratch();
  if (m == 1 && bCol == 4) rowProduct(p, n, k, a, aCol, b, bRow, j0, c, scratch);
  else blocks(p, m, n, k, a, aRow, aCol, b, bRow, bCol, j0, c, cRow, scratch);
}

/** Columns [first, first + n) of B, of which C has one row. */
function rowProduct(p: usize, n: i32, k: i32, a: usize, aCol: usize, b: usize, bRow: usize, first: i32, c: usize, scratch: usize): void {
  const whole = n & ~31;
  for (let j = 0; j < whole; j += 32) tile1x32(a, aCol, b + (<usize>(first + j) << 2), bRow, k, c + (<usize>j << 2));
  finish(p, c, 1, whole, first);
  if (whole < n) blocks(p, 1, n - whole, k, a, 0, aCol, b, bRow, 4, first + whole, c + (<usize>whole << 2), 0, scratch);
}

/** What follows the fold, for `rows` rows of n columns from `column` on, which are at c. */
function finish(p: usize, c: usize, rows: i32, n: i32, column: i32): void {
  const bias = load<usize>(p, Gemm.bias),
    join = load<i32>(p, Gemm.join),
    activation = load<i32>(p, Gemm.activation),
    step = load<usize>(p, Gemm.cRow),
    alpha = load<f32>(p, Gemm.alpha),
    own = bias ? bias + (<usize>column << 2) : 0;
  if (join == Join.none) return finishRows(c, step, rows, n, own, activation, alpha);
  finishRows(c, step, rows, n, own, Un.identity, 0);
  joinRows(join, c, step, rows, n, load<usize>(p, Gemm.other) + (c - load<usize>(p, Gemm.c)));
  finishRows(c, step, rows, n, 0, activation, alpha);
}

/** Equal blocks of about BLOCK_K: a short last one would not pay for loading C again. */
// @ts-ignore: decorator
@inline
function blockDepth(k: i32): i32 {
  const pieces = max(1, (k + BLOCK_K / 2) / BLOCK_K);
  return max(1, (k + pieces - 1) / pieces);
}

/** Packs the whole of B once, for products that share it; threads share the panels. */
export function packShared(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, PackPanels.n),
    k = load<i32>(p, PackPanels.k),
    row = load<usize>(p, PackPanels.bRow),
    col = load<usize>(p, PackPanels.bCol),
    b = load<usize>(p, PackPanels.b),
    out = load<usize>(p, PackPanels.out);
  const panels = (n + PANEL - 1) / PANEL,
    depth = blockDepth(k),
    j0 = sliceStart(panels, t, slices) * PANEL,
    j1 = min(n, sliceStart(panels, t + 1, slices) * PANEL);
  if (j0 >= j1) return;
  for (let l0 = 0; l0 < k; l0 += depth) {
    const l = min(depth, k - l0);
    packPanels(b + l0 * row + j0 * col, row, col, l, j1 - j0, out + (<usize>(l0 * panels) << 6) + (<usize>j0 * l << 2));
  }
}

/** Columns [first, first + n) of B; the columns of C start at `c`. */
function blocks(
  p: usize,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: usize,
  aCol: usize,
  b: usize,
  bRow: usize,
  bCol: usize,
  first: i32,
  c: usize,
  cRow: usize,
  scratch: usize,
): void {
  const depth = blockDepth(k),
    isPacked = bCol == 0;
  const packedB = scratch + SPARE_TILE,
    packedA = packedB + ((depth * min((n + PANEL - 1) & -PANEL, BLOCK_N)) << 2);
  const packB = !isPacked && (m > UNPACKED_ROWS || bCol != 4),
    packA = aCol != 4 && n > 2 * PANEL && (depth > UNPACKED_DEPTH || (aCol & ALIASING) == 0);
  // A fold of length zero still has to write its zeros.
  for (let l0 = 0; l0 < k || l0 == 0; l0 += depth) {
    const l = min(depth, k - l0);
    for (let j0 = 0; j0 < n; j0 += BLOCK_N) {
      const columns = min(BLOCK_N, n - j0),
        bBlock = b + l0 * bRow + (isPacked ? <usize>(first + j0) * l << 2 : (first + j0) * bCol),
        panels = isPacked ? bBlock : packedB;
      if (packB) packPanels(bBlock, bRow, bCol, l, columns, packedB);
      for (let i0 = 0; i0 < m; i0 += BLOCK_M) {
        const rows = min(BLOCK_M, m - i0),
          aBlock = a + i0 * aRow + l0 * aCol,
          cBlock = c + i0 * cRow + (<usize>j0 << 2);
        if (packA) packPairs(aBlock, aRow, aCol, rows, l, packedA);
        for (let j = 0; j < columns; j += PANEL) {
          const width = min(PANEL, columns - j);
          let panel = panels + (<usize>j * l << 2),
            step: usize = 64;
          if (!packB && !isPacked) {
            if (width == PANEL) {
              panel = bBlock + (<usize>j << 2);
              step = bRow;
            } else {
              panel = packedB;
              packPanels(bBlock + (<usize>j << 2), bRow, bCol, l, width, panel);
            }
          }
          if (packA) column(rows, width, l, packedA, <usize>l << 3, 4, 8, panel, step, cBlock + (<usize>j << 2), cRow, l0 == 0, scratch);
          else column(rows, width, l, aBlock, aRow << 1, aRow, aCol, panel, step, cBlock + (<usize>j << 2), cRow, l0 == 0, scratch);
        }
        if (l0 + l >= k) finish(p, cBlock, rows, columns, first + j0);
      }
    }
  }
}

/** One panel of columns times all pairs of rows of a block. */
function column(
  rows: i32,
  width: i32,
  k: i32,
  a: usize,
  pairStep: usize,
  rowStep: usize,
  aStep: usize,
  panel: usize,
  panelStep: usize,
  c: usize,
  cRow: usize,
  fresh: bool,
  spare: usize,
): void {
  // Rows of interleaved pairs are 4 bytes apart, and so do not follow each other evenly.
  const isEven = pairStep == rowStep << 1;
  if (width <= NARROW && isEven) return narrowTiles(rows, width, a, rowStep, aStep, 0, panel, panelStep, k, 1, c, cRow, fresh, spare);
  let i = 0;
  if (width == PANEL) {
    const count = rows / TILE_ROWS;
    if (isEven) tiles<Keep>(count, a, rowStep, aStep, 0, panel, panelStep, k, 1, c, cRow, fresh, 0);
    else {
      for (let t = 0; t < count; t++) {
        tiles<Keep>(1, a + t * pairStep, rowStep, aStep, 0, panel, panelStep, k, 1, c + t * (cRow << 1), cRow, fresh, 0);
      }
    }
    i = count * TILE_ROWS;
    a += count * pairStep;
    c += i * cRow;
  }
  for (; i < rows; i += TILE_ROWS) {
    edgeTile<Keep>(min(TILE_ROWS, rows - i), width, a, rowStep, aStep, 0, panel, panelStep, k, 1, c, cRow, fresh, 0, spare);
    a += pairStep;
    c += cRow << 1;
  }
}

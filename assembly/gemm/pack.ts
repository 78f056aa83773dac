/** Copies blocks of operands into the order in which the microkernel reads them. */
import { PANEL } from '../isa';

/**
 * Packs B[k x n] into panels of sixteen columns, `[panel][k][16]`; columns past n are +0.
 * Element (i, j) of B is at `b + i * row + j * col`; either stride may be the contiguous one.
 */
export function packPanels(b: usize, row: usize, col: usize, k: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += PANEL) {
    const columns = min(PANEL, n - j);
    const from = b + <usize>j * col;
    if (columns < PANEL) packEdge(from, row, col, k, columns, to);
    else if (col == 4) packRows(from, row, k, to);
    else packColumns(from, row, col, k, to);
    to += <usize>k << 6;
  }
}

function packRows(b: usize, row: usize, k: i32, to: usize): void {
  for (let i = 0; i < k; i++) {
    v128.store(to, v128.load(b));
    v128.store(to, v128.load(b, 16), 16);
    v128.store(to, v128.load(b, 32), 32);
    v128.store(to, v128.load(b, 48), 48);
    b += row;
    to += 64;
  }
}

/** B is read along its columns: blocks of 4 x 4 are transposed in registers when rows are contiguous there. */
function packColumns(b: usize, row: usize, col: usize, k: i32, to: usize): void {
  let i = 0;
  if (row == 4) {
    for (; i + 4 <= k; i += 4) {
      for (let j: usize = 0; j < 4; j++) transpose4x4(b + (<usize>i << 2) + j * 4 * col, col, to + (<usize>i << 6) + (j << 4));
    }
  }
  for (; i < k; i++) {
    let from = b + <usize>i * row;
    const at = to + (<usize>i << 6);
    for (let j: usize = 0; j < 64; j += 4) {
      store<f32>(at + j, load<f32>(from));
      from += col;
    }
  }
}

/** Four runs of four floats, `step` apart, become four rows of a panel. */
// @ts-ignore: decorator
@inline
function transpose4x4(from: usize, step: usize, to: usize): void {
  const r0 = v128.load(from),
    r1 = v128.load(from + step),
    r2 = v128.load(from + 2 * step),
    r3 = v128.load(from + 3 * step);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5),
    t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5),
    t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7),
    t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), 64);
  v128.store(to, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 128);
  v128.store(to, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 192);
}

function packEdge(b: usize, row: usize, col: usize, k: i32, columns: i32, to: usize): void {
  memory.fill(to, 0, <usize>k << 6);
  for (let i = 0; i < k; i++) {
    let from = b;
    for (let j = 0; j < columns; j++) {
      store<f32>(to + (<usize>j << 2), load<f32>(from));
      from += col;
    }
    b += row;
    to += 64;
  }
}

/** Packs A[m x k] with pairs of rows interleaved, `[pair][k][2]`, for operands whose rows are not contiguous. */
export function packPairs(a: usize, row: usize, col: usize, m: i32, k: i32, to: usize): void {
  let i = 0;
  // Four rows at a time where A is transposed: a column of them is contiguous.
  if (row == 4) {
    const pair = <usize>k << 3;
    for (; i + 4 <= m; i += 4, to += pair << 1) {
      let from = a + (<usize>i << 2);
      for (let at = to, end = to + pair; at < end; at += 8, from += col) {
        const v = v128.load(from);
        v128.store_lane<u64>(at, v, 0);
        v128.store_lane<u64>(at + pair, v, 1);
      }
    }
  }
  for (; i < m; i += 2) {
    const a0 = a + <usize>i * row;
    const a1 = i + 1 < m ? a0 + row : a0;
    for (let l: usize = 0; l < <usize>k; l++) {
      store<f32>(to, load<f32>(a0 + l * col));
      store<f32>(to, load<f32>(a1 + l * col), 4);
      to += 8;
    }
  }
}

/** Exchange of two dimensions, each of which is contiguous on one side. */

import { TRANSPOSE_LARGE, TRANSPOSE_ROWS } from '../isa';

/**
 * A strip of columns is as many rows of the result. More than two vectors of them meet in few cache sets when rows are a
 * power of two apart. Where the result is far larger than the caches, a strip is a cache line, and each row of the
 * result grows in long runs.
 */
const STRIP: i32 = 8;
const STRIP_LARGE: i32 = 16;

/**
 * to[column][row] = from[row][column]; columns are side by side in `from`, rows in `to`; srcRow and dstRow are the
 * bytes from one row of each side to the next.
 */
export function transpose(from: usize, to: usize, rows: i32, columns: i32, srcRow: usize, dstRow: usize): void {
  if (rows < 4 || columns < 4) return transposeNarrow(from, to, rows, columns, srcRow, dstRow);
  const isLarge = <usize>columns * dstRow > <usize>TRANSPOSE_LARGE,
    strip = isLarge ? STRIP_LARGE : STRIP;
  for (let r0 = 0; r0 < rows; r0 += TRANSPOSE_ROWS) {
    const r1 = min(rows, r0 + TRANSPOSE_ROWS);
    for (let c0 = 0; c0 < columns; c0 += strip) {
      const c1 = min(columns, c0 + strip);
      // The last rows, fewer than four, are done again together with their neighbours.
      if (isLarge) {
        for (let c = c0; c < c1; c += 4) {
          const x = from + (<usize>min(c, columns - 4) << 2),
            y = to + min(c, columns - 4) * dstRow;
          for (let r = r0; r < r1; r += 4) {
            const row = min(r, rows - 4);
            block(x + row * srcRow, y + (<usize>row << 2), srcRow, dstRow);
          }
        }
      } else {
        for (let r = r0; r < r1; r += 4) {
          const row = min(r, rows - 4);
          for (let c = c0; c < c1; c += 4) {
            const column = min(c, columns - 4);
            block(from + row * srcRow + (<usize>column << 2), to + column * dstRow + (<usize>row << 2), srcRow, dstRow);
          }
        }
      }
    }
  }
}

/** Four rows of four. */
// @ts-ignore: decorator
@inline
function block(from: usize, to: usize, srcRow: usize, dstRow: usize): void {
  const a = v128.load(from),
    b = v128.load(from + srcRow),
    c = v128.load(from + 2 * srcRow),
    d = v128.load(from + 3 * srcRow);
  const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
    cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5),
    ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7),
    cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab01, cd01, 0, 2));
  v128.store(to + dstRow, v128.shuffle<f64>(ab01, cd01, 1, 3));
  v128.store(to + 2 * dstRow, v128.shuffle<f64>(ab23, cd23, 0, 2));
  v128.store(to + 3 * dstRow, v128.shuffle<f64>(ab23, cd23, 1, 3));
}

function transposeNarrow(from: usize, to: usize, rows: i32, columns: i32, srcRow: usize, dstRow: usize): void {
  if (rows < columns) {
    for (let c = 0; c < columns; c++) {
      for (let r = 0; r < rows; r++) store<u32>(to + (<usize>r << 2), load<u32>(from + r * srcRow));
      from += 4;
      to += dstRow;
    }
  } else {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) store<u32>(to + c * dstRow, load<u32>(from + (<usize>c << 2)));
      from += srcRow;
      to += 4;
    }
  }
}

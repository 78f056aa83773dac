/**
 * Tiles for products with at most eight columns, of which a tile of sixteen would compute nothing but its zeros: eight
 * rows by four columns, or four rows by eight. The fold is that of `tile.ts`; rows of B are followed by zeros up to eight.
 * Tiles work on the spare tile, of which what exists is copied.
 */
import { copyRun, fillRun } from '../move/runs';

/** Columns of the widest narrow tile. */
export const NARROW = 8;

/** `rows` rows, `aRow` bytes apart, of at most eight columns; the rest is as `tiles` has it. */
export function narrowTiles(
  rows: i32,
  columns: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  aSkip: usize,
  b: usize,
  bStep: usize,
  k: i32,
  runs: i32,
  c: usize,
  cRow: usize,
  fresh: bool,
  spare: usize,
): void {
  while (rows > 0) {
    const isTall = columns <= 4 && rows >= 8,
      height = isTall ? 8 : min(4, rows),
      step: usize = isTall ? 16 : 32;
    if (fresh) fillRun(spare, 0, 32);
    else for (let i = 0; i < height; i++) copyRun(spare + i * step, c + i * cRow, columns);
    if (isTall) tile8x4(a, aRow, aStep, aSkip, b, bStep, k, runs, spare);
    else tile4x8(height, a, aRow, aStep, aSkip, b, bStep, k, runs, spare);
    for (let i = 0; i < height; i++, c += cRow) copyRun(c, spare + i * step, columns);
    a += height * aRow;
    rows -= height;
  }
}

function tile8x4(a: usize, aRow: usize, aStep: usize, aSkip: usize, b: usize, bStep: usize, k: i32, runs: i32, spare: usize): void {
  const a2 = aRow << 1,
    a3 = a2 + aRow;
  let z = a + (aRow << 2),
    c0 = v128.load(spare),
    c1 = v128.load(spare, 16),
    c2 = v128.load(spare, 32),
    c3 = v128.load(spare, 48),
    c4 = v128.load(spare, 64),
    c5 = v128.load(spare, 80),
    c6 = v128.load(spare, 96),
    c7 = v128.load(spare, 112);
  for (; runs > 0; runs--) {
    for (let i = k; i > 0; i--) {
      const v = v128.load(b);
      c0 = f32x4.add(c0, f32x4.mul(v128.load_splat<f32>(a), v));
      c1 = f32x4.add(c1, f32x4.mul(v128.load_splat<f32>(a + aRow), v));
      c2 = f32x4.add(c2, f32x4.mul(v128.load_splat<f32>(a + a2), v));
      c3 = f32x4.add(c3, f32x4.mul(v128.load_splat<f32>(a + a3), v));
      c4 = f32x4.add(c4, f32x4.mul(v128.load_splat<f32>(z), v));
      c5 = f32x4.add(c5, f32x4.mul(v128.load_splat<f32>(z + aRow), v));
      c6 = f32x4.add(c6, f32x4.mul(v128.load_splat<f32>(z + a2), v));
      c7 = f32x4.add(c7, f32x4.mul(v128.load_splat<f32>(z + a3), v));
      a += aStep;
      z += aStep;
      b += bStep;
    }
    a += aSkip;
    z += aSkip;
  }
  v128.store(spare, c0);
  v128.store(spare, c1, 16);
  v128.store(spare, c2, 32);
  v128.store(spare, c3, 48);
  v128.store(spare, c4, 64);
  v128.store(spare, c5, 80);
  v128.store(spare, c6, 96);
  v128.store(spare, c7, 112);
}

/** Rows that do not exist are read as the last one again. */
function tile4x8(rows: i32, a: usize, aRow: usize, aStep: usize, aSkip: usize, b: usize, bStep: usize, k: i32, runs: i32, spare: usize): void {
  const a1 = min(1, rows - 1) * aRow,
    a2 = min(2, rows - 1) * aRow,
    a3 = (rows - 1) * aRow;
  let c0 = v128.load(spare),
    d0 = v128.load(spare, 16),
    c1 = v128.load(spare, 32),
    d1 = v128.load(spare, 48),
    c2 = v128.load(spare, 64),
    d2 = v128.load(spare, 80),
    c3 = v128.load(spare, 96),
    d3 = v128.load(spare, 112);
  for (; runs > 0; runs--) {
    for (let i = k; i > 0; i--) {
      const v = v128.load(b),
        w = v128.load(b, 16);
      let s = v128.load_splat<f32>(a);
      c0 = f32x4.add(c0, f32x4.mul(s, v));
      d0 = f32x4.add(d0, f32x4.mul(s, w));
      s = v128.load_splat<f32>(a + a1);
      c1 = f32x4.add(c1, f32x4.mul(s, v));
      d1 = f32x4.add(d1, f32x4.mul(s, w));
      s = v128.load_splat<f32>(a + a2);
      c2 = f32x4.add(c2, f32x4.mul(s, v));
      d2 = f32x4.add(d2, f32x4.mul(s, w));
      s = v128.load_splat<f32>(a + a3);
      c3 = f32x4.add(c3, f32x4.mul(s, v));
      d3 = f32x4.add(d3, f32x4.mul(s, w));
      a += aStep;
      b += bStep;
    }
    a += aSkip;
  }
  v128.store(spare, c0);
  v128.store(spare, d0, 16);
  v128.store(spare, c1, 32);
  v128.store(spare, d1, 48);
  v128.store(spare, c2, 64);
  v128.store(spare, d2, 80);
  v128.store(spare, c3, 96);
  v128.store(spare, d3, 112);
}

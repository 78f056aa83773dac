/** Folds down the columns of matrices whose rows are next to each other: reduce.ts with a dimension after the folded one. */
import { toFront } from './fold';
import { REDUCE_COLUMNS, Reduce, SUM_LANES } from '../isa';
import { loadPart, sliceStart, storePart } from '../lanes';
import { ownScratch } from '../scratch';

/** Writes `lanes` results to `to`. */
// @ts-ignore: decorator
@inline
function finish<T>(p: usize, to: usize, v: v128, lanes: i32): void {
  const result = f32x4.div(v, f32x4.splat(load<f32>(p, Reduce.divisor)));
  if (lanes >= 4) v128.store(to, result);
  else storePart(to, result, lanes);
}

/** Few columns, or few rows: accumulators in registers, four columns at a time. */
export function columnsNarrow<T>(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, Reduce.n),
    inner = load<i32>(p, Reduce.inner),
    chunk = load<i32>(p, Reduce.chunk),
    x = load<usize>(p, Reduce.x),
    out = load<usize>(p, Reduce.out);
  const chunks = max(1, (n + chunk - 1) / chunk),
    groups = (inner + 3) >> 2,
    units = load<i32>(p, Reduce.outer) * chunks * groups;
  for (let u = sliceStart(units, t, slices), end = sliceStart(units, t + 1, slices); u < end; u++) {
    const r = u / groups,
      o = r / chunks,
      column = (u - r * groups) << 2,
      first = (r - o * chunks) * chunk,
      length = min(chunk, n - first),
      rest = inner - column;
    const from = x + (((<usize>o * n + first) * inner + column) << 2),
      to = out + ((<usize>r * inner + column) << 2);
    if (rest >= 4) finish<T>(p, to, foldColumns<T>(from, length, <usize>inner << 2, 4), 4);
    else if (inner < 4) finish<T>(p, to, foldColumns<T>(from, length, <usize>inner << 2, rest), rest);
    else {
      // Together with columns before them, so that whole vectors are loaded.
      const v = foldColumns<T>(from - (<usize>(4 - rest) << 2), length, <usize>inner << 2, 4);
      finish<T>(p, to, toFront(v, rest), rest);
    }
  }
}

/**
 * Four columns (or the last `width` of them) of a matrix whose rows are `row` bytes apart. Two sweeps of eight
 * accumulators each, so that they stay in registers: those of rows 0-3 and 8-11 (mod 16), then 4-7 and 12-15.
 */
function foldColumns<T>(x: usize, n: i32, row: usize, width: i32): v128 {
  let total0 = changetype<T>(0).start(),
    total1 = total0,
    total2 = total0,
    total3 = total0;
  for (let sweep = 0; sweep < 2; sweep++) {
    let s0 = changetype<T>(0).start(),
      s1 = s0,
      s2 = s0,
      s3 = s0,
      s4 = s0,
      s5 = s0,
      s6 = s0,
      s7 = s0;
    let at = x + sweep * 4 * row,
      left = n - sweep * 4;
    // Lanes beyond the last column take in the row after, which has to be there.
    for (const whole = width == 4 ? 12 : 13; left >= whole; left -= 16, at += row << 4) {
      const far = at + (row << 3);
      s0 = changetype<T>(0).join(s0, v128.load(at));
      s1 = changetype<T>(0).join(s1, v128.load(at + row));
      s2 = changetype<T>(0).join(s2, v128.load(at + 2 * row));
      s3 = changetype<T>(0).join(s3, v128.load(at + 3 * row));
      s4 = changetype<T>(0).join(s4, v128.load(far));
      s5 = changetype<T>(0).join(s5, v128.load(far + row));
      s6 = changetype<T>(0).join(s6, v128.load(far + 2 * row));
      s7 = changetype<T>(0).join(s7, v128.load(far + 3 * row));
    }
    while (left > 0) {
      s0 = changetype<T>(0).join(s0, loadColumns(at, width));
      if (left > 1) s1 = changetype<T>(0).join(s1, loadColumns(at + row, width));
      if (left > 2) s2 = changetype<T>(0).join(s2, loadColumns(at + 2 * row, width));
      if (left > 3) s3 = changetype<T>(0).join(s3, loadColumns(at + 3 * row, width));
      at += row << 3;
      left -= 8;
      if (left <= 0) break;
      s4 = changetype<T>(0).join(s4, loadColumns(at, width));
      if (left > 1) s5 = changetype<T>(0).join(s5, loadColumns(at + row, width));
      if (left > 2) s6 = changetype<T>(0).join(s6, loadColumns(at + 2 * row, width));
      if (left > 3) s7 = changetype<T>(0).join(s7, loadColumns(at + 3 * row, width));
      at += row << 3;
      left -= 8;
    }
    s0 = changetype<T>(0).join(s0, s4);
    s1 = changetype<T>(0).join(s1, s5);
    s2 = changetype<T>(0).join(s2, s6);
    s3 = changetype<T>(0).join(s3, s7);
    if (sweep == 0) {
      total0 = s0;
      total1 = s1;
      total2 = s2;
      total3 = s3;
    } else {
      total0 = changetype<T>(0).join(total0, s0);
      total1 = changetype<T>(0).join(total1, s1);
      total2 = changetype<T>(0).join(total2, s2);
      total3 = changetype<T>(0).join(total3, s3);
    }
  }
  return changetype<T>(0).join(changetype<T>(0).join(total0, total2), changetype<T>(0).join(total1, total3));
}

// @ts-ignore: decorator
@inline
function loadColumns(p: usize, width: i32): v128 {
  return width == 4 ? v128.load(p) : loadPart(p, width);
}

/**
 * Many columns and rows: a block of columns is read row by row in place, and its accumulators are in scratch, one
 * row of them after the other.
 */
export function columnsWide<T>(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, Reduce.n),
    inner = load<i32>(p, Reduce.inner),
    chunk = load<i32>(p, Reduce.chunk),
    x = load<usize>(p, Reduce.x),
    out = load<usize>(p, Reduce.out),
    scratch = ownScratch();
  const chunks = max(1, (n + chunk - 1) / chunk),
    blocks = (inner + REDUCE_COLUMNS - 1) / REDUCE_COLUMNS,
    // Of about equal size, in whole cache lines.
    width = ((inner + blocks - 1) / blocks + 15) & ~15,
    row = <usize>inner << 2;
  const units = load<i32>(p, Reduce.outer) * chunks * blocks;
  for (let u = sliceStart(units, t, slices), end = sliceStart(units, t + 1, slices); u < end; u++) {
    const r = u / blocks,
      o = r / chunks,
      column = (u - r * blocks) * width,
      first = (r - o * chunks) * chunk,
      length = min(chunk, n - first),
      columns = min(width, inner - column);
    if (columns <= 0) continue;
    const from = x + (((<usize>o * n + first) * inner + column) << 2),
      to = out + ((<usize>r * inner + column) << 2),
      bytes = <usize>(columns & ~3) << 2;
    accumulate<T>(from, length, row, scratch, bytes);
    for (let i: usize = 0; i < bytes; i += 16) finish<T>(p, to + i, foldAccumulators<T>(scratch + i, bytes), 4);
    const rest = columns & 3;
    if (rest) finish<T>(p, to + bytes, foldColumns<T>(from + bytes, length, row, rest), rest);
  }
}

/** Adds n rows, each of them to accumulator i mod 16. */
// @ts-ignore: decorator
@inline
function accumulate<T>(x: usize, n: i32, row: usize, accumulators: usize, bytes: usize): void {
  const start = changetype<T>(0).start();
  for (let i: usize = 0; i < <usize>SUM_LANES * bytes; i += 16) v128.store(accumulators + i, start);
  let i = 0;
  // Four rows that meet the same accumulator are taken together.
  for (; i + 4 * SUM_LANES <= n; i += 4 * SUM_LANES) {
    let to = accumulators;
    for (let j = 0; j < SUM_LANES; j++) {
      let a = x,
        b = a + SUM_LANES * row,
        c = b + SUM_LANES * row,
        d = c + SUM_LANES * row;
      for (const end = to + bytes; to < end; to += 16) {
        let v = changetype<T>(0).join(v128.load(to), v128.load(a));
        v = changetype<T>(0).join(v, v128.load(b));
        v = changetype<T>(0).join(v, v128.load(c));
        v128.store(to, changetype<T>(0).join(v, v128.load(d)));
        a += 16;
        b += 16;
        c += 16;
        d += 16;
      }
      x += row;
    }
    x += 3 * SUM_LANES * row;
  }
  for (; i < n; i++) {
    const to = accumulators + (i % SUM_LANES) * bytes;
    for (let k: usize = 0; k < bytes; k += 16) {
      v128.store(to + k, changetype<T>(0).join(v128.load(to + k), v128.load(x + k)));
    }
    x += row;
  }
}

/** Four columns of the accumulators, whose rows are `step` bytes apart. */
// @ts-ignore: decorator
@inline
function foldAccumulators<T>(at: usize, step: usize): v128 {
  const total0 = foldFourth<T>(at, step),
    total1 = foldFourth<T>(at + step, step),
    total2 = foldFourth<T>(at + 2 * step, step),
    total3 = foldFourth<T>(at + 3 * step, step);
  return changetype<T>(0).join(changetype<T>(0).join(total0, total2), changetype<T>(0).join(total1, total3));
}

/** Accumulators j and j + 8, and those four further on. */
// @ts-ignore: decorator
@inline
function foldFourth<T>(at: usize, step: usize): v128 {
  return changetype<T>(0).join(
    changetype<T>(0).join(v128.load(at), v128.load(at + 8 * step)),
    changetype<T>(0).join(v128.load(at + 4 * step), v128.load(at + 12 * step)),
  );
}

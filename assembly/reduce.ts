/**
 * Folds along one dimension. Specification of a sum (`test/reference/reduce.ts`): sixteen accumulators start at +0,
 * element i is added to accumulator i mod 16, then accumulator j takes in j + 8, j + 4, j + 2, j + 1. A dimension of
 * more than SUM_CHUNK elements is folded chunk by chunk, and the chunks' results are folded again. Nothing of this
 * depends on the vector width, the layout or the threads.
 */
import { Fold, Reduce } from './isa';
import { loadPart, sliceStart, storePart } from './lanes';
import { reduceExactly } from './reduceint';

export function reduce(p: usize, t: i32, threads: i32): void {
  switch (load<i32>(p, Reduce.fold)) {
    case Fold.sum:
      return reduceWith<Sum>(p, t, threads);
    case Fold.prod:
      return reduceWith<Prod>(p, t, threads);
    case Fold.max:
      return reduceWith<Max>(p, t, threads);
    case Fold.min:
      return reduceWith<Min>(p, t, threads);
    default:
      reduceExactly(p, t, threads);
  }
}

/** T passes the fold, as in unary.ts. */
function reduceWith<T>(p: usize, t: i32, threads: i32): void {
  const outer = load<i32>(p, Reduce.outer),
    n = load<i32>(p, Reduce.n),
    inner = load<i32>(p, Reduce.inner),
    chunk = load<i32>(p, Reduce.chunk),
    x = load<usize>(p, Reduce.x),
    out = load<usize>(p, Reduce.out),
    divisor = f32x4.splat(load<f32>(p, Reduce.divisor));
  const chunks = max(1, (n + chunk - 1) / chunk);
  if (inner == 1) {
    const rows = outer * chunks;
    for (let r = sliceStart(rows, t, threads), end = sliceStart(rows, t + 1, threads); r < end; r++) {
      const o = r / chunks,
        first = (r - o * chunks) * chunk;
      const v = foldRun<T>(x + ((<usize>o * n + first) << 2), min(chunk, n - first));
      storePart(out + (<usize>r << 2), f32x4.div(v, divisor), 1);
    }
    return;
  }
  // Columns in groups of four; a group is the unit of work.
  const groups = (inner + 3) >> 2;
  const units = outer * chunks * groups;
  for (let u = sliceStart(units, t, threads), end = sliceStart(units, t + 1, threads); u < end; u++) {
    const r = u / groups,
      column = (u - r * groups) << 2,
      o = r / chunks,
      first = (r - o * chunks) * chunk;
    const from = x + (((<usize>o * n + first) * inner + column) << 2),
      to = out + ((<usize>r * inner + column) << 2);
    const rest = inner - column;
    const v = foldColumns<T>(from, min(chunk, n - first), <usize>inner << 2, rest);
    const result = f32x4.div(v, divisor);
    if (rest >= 4) v128.store(to, result);
    else storePart(to, result, rest);
  }
}

/** One contiguous run; the result stands in lane 0. */
// @ts-ignore: decorator
@inline
function foldRun<T>(x: usize, n: i32): v128 {
  let s0 = changetype<T>(0).start(),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  let i = n;
  for (; i >= 16; i -= 16) {
    s0 = changetype<T>(0).join(s0, v128.load(x));
    s1 = changetype<T>(0).join(s1, v128.load(x, 16));
    s2 = changetype<T>(0).join(s2, v128.load(x, 32));
    s3 = changetype<T>(0).join(s3, v128.load(x, 48));
    x += 64;
  }
  if (i >= 4) s0 = changetype<T>(0).join(s0, v128.load(x));
  if (i >= 8) s1 = changetype<T>(0).join(s1, v128.load(x, 16));
  if (i >= 12) s2 = changetype<T>(0).join(s2, v128.load(x, 32));
  const rest = i & 3;
  if (rest) {
    // Lanes without an element take in the fold's start, which changes no value.
    const part = loadPart(x + (<usize>(i & ~3) << 2), rest);
    const v = v128.bitselect(part, changetype<T>(0).start(), laneMask(rest));
    if (i < 4) s0 = changetype<T>(0).join(s0, v);
    else if (i < 8) s1 = changetype<T>(0).join(s1, v);
    else if (i < 12) s2 = changetype<T>(0).join(s2, v);
    else s3 = changetype<T>(0).join(s3, v);
  }
  return foldLanes<T>(changetype<T>(0).join(changetype<T>(0).join(s0, s2), changetype<T>(0).join(s1, s3)));
}

// @ts-ignore: decorator
@inline
function laneMask(lanes: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
}

/** Lane 0 takes in lane 2, lane 1 lane 3; then lane 0 lane 1. */
// @ts-ignore: decorator
@inline
function foldLanes<T>(v: v128): v128 {
  const half = changetype<T>(0).join(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return changetype<T>(0).join(half, v128.shuffle<f32>(half, half, 1, 0, 3, 2));
}

/**
 * Four columns (or the last `width` of them) of a matrix whose rows are `row` bytes apart. Two sweeps of eight
 * accumulators each, so that they stay in registers: those of rows 0-3 and 8-11 (mod 16), then 4-7 and 12-15.
 */
// @ts-ignore: decorator
@inline
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
  return width >= 4 ? v128.load(p) : loadPart(p, width);
}

class Sum {
  @inline start(): v128 {
    return f32x4.splat(0);
  }
  @inline join(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

class Prod {
  @inline start(): v128 {
    return f32x4.splat(1);
  }
  @inline join(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}

class Max {
  @inline start(): v128 {
    return f32x4.splat(-Infinity);
  }
  @inline join(a: v128, b: v128): v128 {
    return f32x4.max(a, b);
  }
}

class Min {
  @inline start(): v128 {
    return f32x4.splat(Infinity);
  }
  @inline join(a: v128, b: v128): v128 {
    return f32x4.min(a, b);
  }
}

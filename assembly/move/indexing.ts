/**
 * Rows by index, and back: `gather` reads rows, `scatter` adds up or replaces rows in the order of the indices, so that
 * each is the other's gradient. Elements have 4 bytes of any type. Specification: `test/reference/indexing.ts`.
 */
import { outOfRange } from './copy';
import { FlatIndex, Gather, Meet, Scatter } from '../isa';
import { grainStart, sliceStart } from '../lanes';

/** Rows of at least this many bytes are copied by memory.copy, whose call costs as much as moving some hundred bytes. */
const LONG_ROW: usize = 1024;

export function gather(p: usize, t: i32, slices: i32): void {
  const outer = load<i32>(p, Gather.outer),
    count = load<i32>(p, Gather.count),
    bytes = <usize>load<i32>(p, Gather.inner) << 2,
    block = load<usize>(p, Gather.limit) * bytes;
  const rows = load<i32>(p, Gather.units) * count,
    end = sliceStart(rows, t + 1, slices);
  let r = sliceStart(rows, t, slices);
  while (r < end) {
    const unit = r / count,
      first = r - unit * count,
      n = min(count - first, end - r);
    const ids = load<usize>(p, Gather.indices) + ((<usize>(unit / outer) * count + first) << 2);
    const src = load<usize>(p, Gather.x) + <usize>unit * block,
      dst = load<usize>(p, Gather.out) + <usize>r * bytes;
    if (!(bytes == 4 ? gatherElements(p, ids, src, dst, n) : gatherRun(p, ids, src, dst, n, bytes))) return;
    r += n;
  }
}

/** A run of single elements; false if an index is outside. */
function gatherElements(p: usize, ids: usize, src: usize, dst: usize, n: i32): bool {
  const limit = load<u32>(p, Gather.limit);
  const drop = load<i32>(p, Gather.drop) != 0;
  for (const end = dst + (<usize>n << 2); dst < end; dst += 4, ids += 4) {
    const index = load<i32>(ids);
    if (<u32>index < limit) store<u32>(dst, load<u32>(src + (<usize>index << 2)));
    else if (drop && index < 0) store<u32>(dst, 0);
    else {
      outOfRange(p, index);
      return false;
    }
  }
  return true;
}

/** A run of rows; false if an index is outside. */
function gatherRun(p: usize, ids: usize, src: usize, dst: usize, n: i32, bytes: usize): bool {
  const limit = load<u32>(p, Gather.limit);
  const drop = load<i32>(p, Gather.drop) != 0;
  for (const end = ids + (<usize>n << 2); ids < end; ids += 4, dst += bytes) {
    const index = load<i32>(ids);
    if (<u32>index >= limit) {
      if (!drop || index >= 0) {
        outOfRange(p, index);
        return false;
      }
      memory.fill(dst, 0, bytes);
      continue;
    }
    const from = src + <usize>index * bytes;
    if (bytes >= LONG_ROW) memory.copy(dst, from, bytes);
    else if (bytes >= 16) {
      // The last vector may overlap the one before it.
      const last = bytes - 16;
      for (let at: usize = 0; at < last; at += 16) v128.store(dst + at, v128.load(from + at));
      v128.store(dst + last, v128.load(from + last));
    } else if (bytes >= 8) {
      store<u64>(dst, load<u64>(from));
      if (bytes > 8) store<u32>(dst, load<u32>(from, 8), 8);
    }
  }
  return true;
}

export function scatter(p: usize, t: i32, slices: i32): void {
  switch (load<i32>(p, Scatter.meet)) {
    case Meet.add:
      return scatterWith<Add>(p, t, slices);
    case Meet.addInt:
      return scatterWith<AddInt>(p, t, slices);
    case Meet.replace:
      return scatterWith<Replace>(p, t, slices);
    default:
      unreachable();
  }
}

/** Columns of a thread's share, at least: a cache line of them. */
const GRAIN = 16;

/**
 * A thread's share is a range of units or, if rows are long enough, of columns: it sees all indices of its units, in
 * their order. (Shares of rows would make every index a branch that nobody can predict.) T passes the fold, as in unary.ts.
 */
function scatterWith<T>(p: usize, t: i32, slices: i32): void {
  const units = load<i32>(p, Scatter.units),
    inner = load<i32>(p, Scatter.inner);
  const columnShares = min(slices, max(1, inner / GRAIN));
  const sharesUnits = units >= columnShares;
  const column = sharesUnits ? 0 : grainStart(inner, GRAIN, min(t, columnShares), columnShares),
    columnEnd = sharesUnits ? inner : grainStart(inner, GRAIN, min(t + 1, columnShares), columnShares);
  const unitEnd = sharesUnits ? sliceStart(units, t + 1, slices) : units;
  if (column == columnEnd) return;
  const count = load<i32>(p, Scatter.count),
    outer = load<i32>(p, Scatter.outer),
    bytes = <usize>inner << 2,
    offset = <usize>column << 2,
    part = <usize>(columnEnd - column) << 2;
  for (let unit = sharesUnits ? sliceStart(units, t, slices) : 0; unit < unitEnd; unit++) {
    const out = load<usize>(p, Scatter.out) + (<usize>unit * load<usize>(p, Scatter.limit)) * bytes + offset,
      updates = load<usize>(p, Scatter.updates) + <usize>unit * count * bytes + offset,
      ids = load<usize>(p, Scatter.indices) + ((<usize>(unit / outer) * count) << 2);
    start(p, out, bytes, part);
    if (!scatterRun<T>(p, ids, updates, out, bytes, part)) return;
  }
}

/** Copies a share of a unit from `base`, the values before the first update. */
function start(p: usize, out: usize, bytes: usize, part: usize): void {
  const base = load<usize>(p, Scatter.base),
    from = base + (out - load<usize>(p, Scatter.out));
  const end = out + load<usize>(p, Scatter.limit) * bytes;
  if (part == bytes) {
    if (base) memory.copy(out, from, end - out);
    else memory.fill(out, 0, end - out);
    return;
  }
  for (let row = out; row < end; row += bytes) {
    if (base) memory.copy(row, from + (row - out), part);
    else if (part >= LONG_ROW) memory.fill(row, 0, part);
    else {
      let at: usize = 0;
      for (; at + 16 <= part; at += 16) v128.store(row + at, i32x4.splat(0));
      for (; at < part; at += 4) store<u32>(row + at, 0);
    }
  }
}

/** All updates of one unit, `part` bytes of each row; false if an index is outside. */
function scatterRun<T>(p: usize, ids: usize, updates: usize, out: usize, bytes: usize, part: usize): bool {
  const limit = load<u32>(p, Scatter.limit),
    drop = load<i32>(p, Scatter.drop) != 0;
  const vectors = part & ~15;
  for (const end = ids + (load<usize>(p, Scatter.count) << 2); ids < end; ids += 4, updates += bytes) {
    const index = load<i32>(ids);
    if (<u32>index >= limit) {
      if (drop && index < 0) continue;
      outOfRange(p, index);
      return false;
    }
    const to = out + <usize>index * bytes;
    if (part == 4) {
      v128.store_lane<u32>(to, changetype<T>(0).join(v128.load_zero<u32>(to), v128.load_zero<u32>(updates)), 0);
      continue;
    }
    let at: usize = 0;
    for (; at < vectors; at += 16) v128.store(to + at, changetype<T>(0).join(v128.load(to + at), v128.load(updates + at)));
    for (; at < part; at += 4) v128.store_lane<u32>(to + at, changetype<T>(0).join(v128.load_zero<u32>(to + at), v128.load_zero<u32>(updates + at)), 0);
  }
  return true;
}

class Add {
  @inline join(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

class AddInt {
  @inline join(a: v128, b: v128): v128 {
    return i32x4.add(a, b);
  }
}

class Replace {
  @inline join(a: v128, b: v128): v128 {
    return b;
  }
}

export function flatIndex(p: usize, t: i32, slices: i32): void {
  const count = load<i32>(p, FlatIndex.count),
    limit = load<i32>(p, FlatIndex.limit),
    step = load<usize>(p, FlatIndex.step),
    first = load<i32>(p, FlatIndex.first) != 0;
  const begin = sliceStart(count, t, slices);
  let from = load<usize>(p, FlatIndex.indices) + begin * step,
    to = load<usize>(p, FlatIndex.out) + (<usize>begin << 2);
  const end = load<usize>(p, FlatIndex.out) + (<usize>sliceStart(count, t + 1, slices) << 2);
  for (; to < end; to += 4, from += step) {
    const index = load<i32>(from);
    if (<u32>index >= <u32>limit) return outOfRange(p, index);
    store<i32>(to, first ? index : load<i32>(to) * limit + index);
  }
}

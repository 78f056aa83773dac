/** Movement of 4-byte elements: strided copies, rows by index, one-hot rows, fills. */
import { Control, Fault, Fill, GatherRows, OneHot, StridedCopy } from '../isa';
import { grainStart, sliceStart } from '../lanes';
import { copyRun, fillRun } from './runs';
import { transpose } from './transpose';

/**
 * dst[i0, …, i5] = src[i0, …, i5] through the strides of both; strides may be 0 (src) or negative. Rows run along the
 * last dimension; if the source is contiguous along another one instead, both make a matrix that is transposed.
 */
export function stridedCopy(p: usize, t: i32, slices: i32): void {
  const srcStep = load<i32>(p, StridedCopy.s5);
  if (srcStep != 4 && srcStep != 0 && load<i32>(p, StridedCopy.t5) == 4) {
    const across = contiguousDimension(p);
    if (across >= 0) return copyMatrices(p, across, t, slices);
  }
  copyRows(p, t, slices);
}

// @ts-ignore: decorator
@inline
function field(p: usize, d: i32, first: usize): i32 {
  return load<i32>(p + (<usize>d << 2) + first);
}

/** The dimension, other than the last, along which the source is contiguous; -1: none. */
function contiguousDimension(p: usize): i32 {
  for (let d = 0; d < 5; d++) {
    if (field(p, d, StridedCopy.s0) == 4 && field(p, d, StridedCopy.d0) > 1) return d;
  }
  return -1;
}

/** Where row `index` of the dimensions 4 to 0 but `skip` starts. */
function rowOffset(p: usize, index: i32, strides: usize, skip: i32): i32 {
  let offset = 0;
  for (let d = 4; d >= 0 && index > 0; d--) {
    if (d == skip) continue;
    const size = field(p, d, StridedCopy.d0),
      next = index / size;
    offset += (index - next * size) * field(p, d, strides);
    index = next;
  }
  return offset;
}

function copyRows(p: usize, t: i32, slices: i32): void {
  const inner = load<i32>(p, StridedCopy.d5),
    srcStep = load<i32>(p, StridedCopy.s5),
    dstStep = load<i32>(p, StridedCopy.t5);
  // Where whole rows are side by side in the source along dimension 3, they are read from end to end, and a few places
  // are written in turn, which caches like better than the contrary: attention's heads, [0, 2, 1, 3].
  const isSwapped =
      srcStep == 4 &&
      load<i32>(p, StridedCopy.s3) == inner << 2 &&
      load<i32>(p, StridedCopy.d3) < load<i32>(p, StridedCopy.d4),
    nearest = isSwapped ? 3 : 4,
    near = field(p, nearest, StridedCopy.d0),
    srcRow = field(p, nearest, StridedCopy.s0),
    dstRow = field(p, nearest, StridedCopy.t0);
  let rows = 1;
  for (let d = 0; d < 5; d++) rows *= field(p, d, StridedCopy.d0);
  const start = sliceStart(rows, t, slices),
    end = sliceStart(rows, t + 1, slices);
  // The rows of one dimension follow each other at even steps.
  for (let r = start, n = 0; r < end; r += n) {
    const outer = r / near,
      i = r - outer * near;
    n = min(near - i, end - r);
    let from = load<usize>(p, StridedCopy.src) + rowOffset(p, outer, StridedCopy.s0, nearest) + i * srcRow,
      to = load<usize>(p, StridedCopy.dst) + rowOffset(p, outer, StridedCopy.t0, nearest) + i * dstRow;
    for (let k = n; k > 0; k--) {
      copyRow(from, to, inner, srcStep, dstStep);
      from += srcRow;
      to += dstRow;
    }
  }
}

// @ts-ignore: decorator
@inline
function copyRow(from: usize, to: usize, n: i32, srcStep: i32, dstStep: i32): void {
  if (srcStep == 4 && dstStep == 4) copyRun(to, from, n);
  else if (srcStep == 0 && dstStep == 4) fillRun(to, load<u32>(from), n);
  else {
    if (srcStep == -4 && dstStep == 4) {
      for (; n >= 4; n -= 4, from -= 16, to += 16) {
        const v = v128.load(from - 12);
        v128.store(to, v128.shuffle<u32>(v, v, 3, 2, 1, 0));
      }
    }
    for (; n > 0; n--, from += srcStep, to += dstStep) store<u32>(to, load<u32>(from));
  }
}

/** Rows of a matrix that one thread takes at a time. */
const MATRIX_GRAIN: i32 = 64;

/**
 * For each index of the other dimensions a matrix of d5 rows by d[across] columns, seen from the source. Threads share
 * parts of the longer side.
 */
function copyMatrices(p: usize, across: i32, t: i32, slices: i32): void {
  const rows = load<i32>(p, StridedCopy.d5),
    columns = field(p, across, StridedCopy.d0),
    srcRow = load<i32>(p, StridedCopy.s5),
    dstRow = field(p, across, StridedCopy.t0);
  let matrices = 1;
  for (let d = 0; d < 5; d++) if (d != across) matrices *= field(p, d, StridedCopy.d0);
  const isTall = rows >= columns,
    length = isTall ? rows : columns,
    parts = (length + MATRIX_GRAIN - 1) / MATRIX_GRAIN;
  const start = sliceStart(matrices * parts, t, slices),
    end = sliceStart(matrices * parts, t + 1, slices);
  for (let u = start, n = 0; u < end; u += n) {
    const matrix = u / parts,
      part = u - matrix * parts;
    n = min(parts - part, end - u);
    const i = part * MATRIX_GRAIN,
      size = min(length - i, n * MATRIX_GRAIN);
    const from = load<usize>(p, StridedCopy.src) + rowOffset(p, matrix, StridedCopy.s0, across),
      to = load<usize>(p, StridedCopy.dst) + rowOffset(p, matrix, StridedCopy.t0, across);
    if (isTall) transpose(from + i * srcRow, to + (<usize>i << 2), size, columns, srcRow, dstRow);
    else transpose(from + (<usize>i << 2), to + i * dstRow, rows, size, srcRow, dstRow);
  }
}

/** Reports an index outside its axis; the program stops after this command. */
export function outOfRange(p: usize, index: i32): void {
  store<i32>(0, index, Control.faultValue);
  store<usize>(0, p, Control.faultAt);
  store<i32>(0, Fault.IndexOutOfRange, Control.fault);
}

export function gatherRows(p: usize, t: i32, slices: i32): void {
  const count = load<i32>(p, GatherRows.count),
    limit = load<i32>(p, GatherRows.limit),
    bytes = <usize>load<i32>(p, GatherRows.row) << 2;
  const src = load<usize>(p, GatherRows.src),
    indices = load<usize>(p, GatherRows.indices),
    out = load<usize>(p, GatherRows.out);
  for (let i = sliceStart(count, t, slices), end = sliceStart(count, t + 1, slices); i < end; i++) {
    const index = load<i32>(indices + (<usize>i << 2));
    if (<u32>index >= <u32>limit) return outOfRange(p, index);
    memory.copy(out + i * bytes, src + index * bytes, bytes);
  }
}

export function oneHot(p: usize, t: i32, slices: i32): void {
  const count = load<i32>(p, OneHot.count),
    depth = load<i32>(p, OneHot.depth),
    strict = load<i32>(p, OneHot.strict) != 0,
    on = load<u32>(p, OneHot.on),
    off = load<u32>(p, OneHot.off);
  const indices = load<usize>(p, OneHot.indices),
    out = load<usize>(p, OneHot.out);
  for (let i = sliceStart(count, t, slices), end = sliceStart(count, t + 1, slices); i < end; i++) {
    const index = load<i32>(indices + (<usize>i << 2)),
      row = out + ((<usize>i * depth) << 2);
    const inside = <u32>index < <u32>depth;
    if (strict && !inside) return outOfRange(p, index);
    fillRun(row, off, depth);
    if (inside) store<u32>(row + (<usize>index << 2), on);
  }
}

export function fill(p: usize, t: i32, slices: i32): void {
  const count = load<i32>(p, Fill.count);
  const start = grainStart(count, 4, t, slices),
    end = grainStart(count, 4, t + 1, slices);
  if (start < end) fillRun(load<usize>(p, Fill.out) + (<usize>start << 2), load<u32>(p, Fill.value), end - start);
}

/** Movement of 4-byte elements: strided copies, rows by index, one-hot rows, fills. */
import { Control, Fault, Fill, GatherRows, OneHot, StridedCopy } from './isa';
import { grainStart, sliceStart } from './lanes';
import { fillRun } from './map';

/** dst[i0, …, i5] = src[i0, …, i5] through the strides of both; strides may be 0 (src) or negative. */
export function stridedCopy(p: usize, t: i32, threads: i32): void {
  const inner = load<i32>(p, StridedCopy.d5),
    srcStep = load<i32>(p, StridedCopy.s5),
    dstStep = load<i32>(p, StridedCopy.t5);
  let rows = 1;
  for (let d: usize = 0; d < 5; d++) rows *= load<i32>(p + (d << 2), StridedCopy.d0);
  for (let r = sliceStart(rows, t, threads), end = sliceStart(rows, t + 1, threads); r < end; r++) {
    let from = load<usize>(p, StridedCopy.src),
      to = load<usize>(p, StridedCopy.dst);
    let rest = r;
    for (let d = 4; d >= 0 && rest > 0; d--) {
      const field = p + (<usize>d << 2);
      const size = load<i32>(field, StridedCopy.d0),
        next = rest / size,
        i = rest - next * size;
      from += i * load<i32>(field, StridedCopy.s0);
      to += i * load<i32>(field, StridedCopy.t0);
      rest = next;
    }
    if (srcStep == 4 && dstStep == 4) memory.copy(to, from, <usize>inner << 2);
    else if (srcStep == 0 && dstStep == 4) fillRun(to, load<u32>(from), inner);
    else {
      for (let i = 0; i < inner; i++, from += srcStep, to += dstStep) store<u32>(to, load<u32>(from));
    }
  }
}

/** Reports an index outside its axis; the program stops after this command. */
export function outOfRange(p: usize, index: i32): void {
  store<i32>(0, index, Control.faultValue);
  store<usize>(0, p, Control.faultAt);
  store<i32>(0, Fault.IndexOutOfRange, Control.fault);
}

export function gatherRows(p: usize, t: i32, threads: i32): void {
  const count = load<i32>(p, GatherRows.count),
    limit = load<i32>(p, GatherRows.limit),
    bytes = <usize>load<i32>(p, GatherRows.row) << 2;
  const src = load<usize>(p, GatherRows.src),
    indices = load<usize>(p, GatherRows.indices),
    out = load<usize>(p, GatherRows.out);
  for (let i = sliceStart(count, t, threads), end = sliceStart(count, t + 1, threads); i < end; i++) {
    const index = load<i32>(indices + (<usize>i << 2));
    if (<u32>index >= <u32>limit) return outOfRange(p, index);
    memory.copy(out + i * bytes, src + index * bytes, bytes);
  }
}

export function oneHot(p: usize, t: i32, threads: i32): void {
  const count = load<i32>(p, OneHot.count),
    depth = load<i32>(p, OneHot.depth),
    strict = load<i32>(p, OneHot.strict) != 0,
    on = load<u32>(p, OneHot.on),
    off = load<u32>(p, OneHot.off);
  const indices = load<usize>(p, OneHot.indices),
    out = load<usize>(p, OneHot.out);
  for (let i = sliceStart(count, t, threads), end = sliceStart(count, t + 1, threads); i < end; i++) {
    const index = load<i32>(indices + (<usize>i << 2)),
      row = out + ((<usize>i * depth) << 2);
    const inside = <u32>index < <u32>depth;
    if (strict && !inside) return outOfRange(p, index);
    fillRun(row, off, depth);
    if (inside) store<u32>(row + (<usize>index << 2), on);
  }
}

export function fill(p: usize, t: i32, threads: i32): void {
  const count = load<i32>(p, Fill.count);
  const start = grainStart(count, 4, t, threads),
    end = grainStart(count, 4, t + 1, threads);
  if (start < end) fillRun(load<usize>(p, Fill.out) + (<usize>start << 2), load<u32>(p, Fill.value), end - start);
}

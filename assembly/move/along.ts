/** Elements of each row picked by index, and its transpose: elements added up at their index. */
import { outOfRange } from './copy';
import { PutAlong, TakeAlong } from '../isa';
import { sliceStart } from '../lanes';

/** out[r, i] = x[r, indices[r, i]], 0 where the index is outside the row. */
export function takeAlong(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, TakeAlong.n),
    k = load<i32>(p, TakeAlong.k);
  const count = load<i32>(p, TakeAlong.rows) * k;
  for (let u = sliceStart(count, t, slices), end = sliceStart(count, t + 1, slices); u < end; u++) {
    const index = load<i32>(load<usize>(p, TakeAlong.indices) + (<usize>u << 2));
    let value: u32 = 0;
    if (<u32>index < <u32>n) value = load<u32>(load<usize>(p, TakeAlong.x) + ((<usize>(u / k) * n + index) << 2));
    store<u32>(load<usize>(p, TakeAlong.out) + (<usize>u << 2), value);
  }
}

/**
 * out[r, j] = the sum of x[r, i] over all i with indices[r, i] == j, from +0, i ascending. What is outside the row is
 * left out. Every thread reads the indices of its rows and adds to its own part of the result.
 */
export function putAlong(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, PutAlong.limit),
    k = load<i32>(p, PutAlong.k),
    integer = load<i32>(p, PutAlong.integer) != 0,
    strict = load<i32>(p, PutAlong.strict) != 0,
    out = load<usize>(p, PutAlong.out);
  const rows = load<i32>(p, PutAlong.rows),
    count = rows * n;
  const start = sliceStart(count, t, slices),
    end = sliceStart(count, t + 1, slices);
  memory.fill(out + (<usize>start << 2), 0, <usize>(end - start) << 2);
  if (strict && t == 0) {
    for (let i = 0; i < rows * k; i++) {
      const index = load<i32>(load<usize>(p, PutAlong.indices) + (<usize>i << 2));
      if (index < 0) return outOfRange(p, index);
    }
  }
  for (let first = start; first < end; ) {
    const r = first / n,
      stop = min(end, (r + 1) * n);
    const x = load<usize>(p, PutAlong.x) + ((<usize>r * k) << 2),
      indices = load<usize>(p, PutAlong.indices) + ((<usize>r * k) << 2);
    for (let i: usize = 0, bytes = <usize>k << 2; i < bytes; i += 4) {
      const index = load<i32>(indices + i);
      if (<u32>index >= <u32>n) continue;
      const place = r * n + index;
      if (place < first || place >= stop) continue;
      const at = out + (<usize>place << 2);
      if (integer) store<i32>(at, load<i32>(at) + load<i32>(x + i));
      else store<f32>(at, load<f32>(at) + load<f32>(x + i));
    }
    first = stop;
  }
}

/** The k largest elements of each row, and places in sorted rows. */
import { SearchSorted, TopK } from '../isa';
import { sliceStart } from '../lanes';

/** An int32 that orders elements as their values do: zeros are equal, NaN is above all and equal to NaN. */
// @ts-ignore: decorator
@inline
function key(x: usize, i: i32, integer: bool): i32 {
  const at = x + (<usize>i << 2);
  if (integer) return load<i32>(at);
  const v = load<f32>(at) + 0;
  if (v != v) return i32.MAX_VALUE;
  const bits = reinterpret<i32>(v);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

/** Whether element i comes before j: it is larger, or equal and further in front. */
function precedes(x: usize, i: i32, j: i32, integer: bool): bool {
  const a = key(x, i, integer),
    b = key(x, j, integer);
  return a > b || (a == b && i < j);
}

// @ts-ignore: decorator
@inline
function entry(heap: usize, place: i32): i32 {
  return load<i32>(heap + (<usize>place << 2));
}

/** Moves the index at a place of a heap of `size` indices down; at the top is the index that comes last. */
function sink(x: usize, heap: usize, place: i32, size: i32, index: i32, integer: bool): void {
  while (true) {
    let child = 2 * place + 1;
    if (child >= size) break;
    if (child + 1 < size && precedes(x, entry(heap, child), entry(heap, child + 1), integer)) child++;
    if (!precedes(x, index, entry(heap, child), integer)) break;
    store<i32>(heap + (<usize>place << 2), entry(heap, child));
    place = child;
  }
  store<i32>(heap + (<usize>place << 2), index);
}

/** Indices of the k largest, the largest first, of equal ones the first in front. The result itself is the heap. */
export function topK(p: usize, t: i32, slices: i32): void {
  const rows = load<i32>(p, TopK.rows),
    n = load<i32>(p, TopK.n),
    k = load<i32>(p, TopK.k),
    integer = load<i32>(p, TopK.integer) != 0;
  if (k == 0) return;
  for (let r = sliceStart(rows, t, slices), end = sliceStart(rows, t + 1, slices); r < end; r++) {
    const x = load<usize>(p, TopK.x) + ((<usize>r * n) << 2),
      heap = load<usize>(p, TopK.out) + ((<usize>r * k) << 2);
    for (let i = 0; i < k; i++) store<i32>(heap + (<usize>i << 2), i);
    for (let i = (k >> 1) - 1; i >= 0; i--) sink(x, heap, i, k, entry(heap, i), integer);
    for (let i = k; i < n; i++) {
      if (precedes(x, i, entry(heap, 0), integer)) sink(x, heap, 0, k, i, integer);
    }
    for (let last = k - 1; last > 0; last--) {
      const moved = entry(heap, last);
      store<i32>(heap + (<usize>last << 2), entry(heap, 0));
      sink(x, heap, 0, last, moved, integer);
    }
  }
}

/** How many elements of the sorted row are less than each value (or, on the right side, not greater). */
export function searchSorted(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, SearchSorted.n),
    m = load<i32>(p, SearchSorted.m),
    right = load<i32>(p, SearchSorted.right) != 0,
    integer = load<i32>(p, SearchSorted.integer) != 0;
  const count = load<i32>(p, SearchSorted.rows) * m;
  for (let u = sliceStart(count, t, slices), end = sliceStart(count, t + 1, slices); u < end; u++) {
    const row = load<usize>(p, SearchSorted.sorted) + ((<usize>(u / m) * n) << 2),
      value = load<usize>(p, SearchSorted.values) + (<usize>u << 2);
    let low = 0,
      high = n;
    while (low < high) {
      const middle = (low + high) >> 1,
        at = row + (<usize>middle << 2);
      let isBelow: bool;
      if (integer) isBelow = load<i32>(at) < load<i32>(value) || (right && load<i32>(at) == load<i32>(value));
      else isBelow = load<f32>(at) < load<f32>(value) || (right && load<f32>(at) == load<f32>(value));
      if (isBelow) low = middle + 1;
      else high = middle;
    }
    store<i32>(load<usize>(p, SearchSorted.out) + (<usize>u << 2), low);
  }
}

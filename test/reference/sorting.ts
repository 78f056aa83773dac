/** Rows in order, and picked by index: assembly/move/sorting.ts and assembly/move/along.ts. */
import { array, type NdArray } from './array';

const f = Math.fround;
const lastOf = (x: NdArray): number => x.shape[x.shape.length - 1] as number;
const rowsOf = (x: NdArray): number => x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
const row = (x: NdArray, r: number): number[] => [...x.data.slice(r * lastOf(x), (r + 1) * lastOf(x))];
const shapeWith = (x: NdArray, last: number): number[] => [...x.shape.slice(0, -1), last];

/** Falling; NaN first; equal ones in the order of their indices. */
export function topkIndices(x: NdArray, k: number): NdArray {
  const rank = (v: number): number => (Number.isNaN(v) ? 2 : v === Number.POSITIVE_INFINITY ? 1 : 0);
  const out: number[] = [];
  for (let r = 0; r < rowsOf(x); r++) {
    const values = row(x, r);
    const isBefore = (i: number, j: number): number => {
      const [a, b] = [values[i] as number, values[j] as number];
      return rank(b) - rank(a) || (a === b || rank(a) ? 0 : b > a ? 1 : -1) || i - j;
    };
    out.push(
      ...values
        .map((_, i) => i)
        .sort(isBefore)
        .slice(0, k),
    );
  }
  return array(shapeWith(x, k), 'int32', out);
}

/** How many elements of the row are less (on the right side: or equal). */
export function searchSorted(sorted: NdArray, values: NdArray, right: boolean): NdArray {
  const out: number[] = [];
  for (let r = 0; r < rowsOf(values); r++) {
    for (const v of row(values, r)) out.push(row(sorted, r).filter((s) => s < v || (right && s === v)).length);
  }
  return array(values.shape, 'int32', out);
}

/** 0 for indices outside. */
export function takeAlong(x: NdArray, indices: NdArray): NdArray {
  const out: number[] = [];
  for (let r = 0; r < rowsOf(x); r++) for (const i of row(indices, r)) out.push(row(x, r)[i] ?? 0);
  return array(indices.shape, x.dtype, out);
}

/** Sums from +0, ascending; indices outside are left out. */
export function putAlong(x: NdArray, indices: NdArray, size: number): NdArray {
  const join = x.dtype === 'float32' ? (a: number, b: number) => f(a + b) : (a: number, b: number) => (a + b) | 0;
  const out: number[] = [];
  for (let r = 0; r < rowsOf(x); r++) {
    const sums = new Array<number>(size).fill(0);
    row(indices, r).forEach((at, i) => {
      if (at >= 0 && at < size) sums[at] = join(sums[at] as number, row(x, r)[i] as number);
    });
    out.push(...sums);
  }
  return array(shapeWith(x, size), x.dtype, out);
}

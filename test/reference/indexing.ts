/** Rows by index, and draws from discrete distributions: assembly/move/indexing.ts and pick.ts. */
import { array, get, make, type NdArray, type Shape } from './array';

const f = Math.fround;

/** out[b, o, i, j] = x[b, o, indices[b, i], j]; zeros where the index is negative. */
export function gather(x: NdArray, indices: NdArray): NdArray {
  const [batch, outer, , inner] = x.shape as [number, number, number, number];
  return make([batch, outer, indices.shape[1] as number, inner], x.dtype, ([b, o, i, j]) => {
    const row = indices.data[(b as number) * (indices.shape[1] as number) + (i as number)] as number;
    return row < 0 ? 0 : element(x, [b, o, row, j] as number[]);
  });
}

/** The element at an index, which counts as it is. */
const element = (x: NdArray, index: readonly number[]): number =>
  x.data[index.reduce((at, i, d) => at * (x.shape[d] as number) + i, 0)] as number;

/** Folds, from +0 on and in the order of the ids, what has the id of the result's row. */
export function segmentSum(x: NdArray, ids: NdArray, n: number): NdArray {
  const [batch, outer, count, inner] = x.shape as [number, number, number, number];
  return make([batch, outer, n, inner], x.dtype, ([b, o, s, j]) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      if (ids.data[(b as number) * count + i] !== s) continue;
      const value = element(x, [b, o, i, j] as number[]);
      sum = x.dtype === 'float32' ? f(sum + value) : (sum + value) | 0;
    }
    return sum;
  });
}

/** base [1, 1, n, inner] with rows replaced; the last one wins. */
export function replaceRows(base: NdArray, indices: NdArray, updates: NdArray): NdArray {
  return make(base.shape, base.dtype, (index) => {
    const i = indices.data.lastIndexOf(index[2] as number);
    return i < 0 ? element(base, index) : element(updates, [0, 0, i, index[3] as number]);
  });
}

/** Tuples [count, dims.length] as places in an array of shape dims. */
export function flatIndex(indices: NdArray, dims: Shape): NdArray {
  return make([indices.shape[0] as number], 'int32', ([i]) =>
    dims.reduce((at, size, d) => at * size + get(indices, [i as number, d]), 0),
  );
}

/** The first index whose running sum of shares exceeds u times the whole sum; else the last that has a share. */
export function pick(shares: NdArray, u: NdArray): NdArray {
  const [rows, n] = shares.shape as [number, number];
  const count = u.shape[1] as number;
  const out: number[] = [];
  for (let r = 0; r < rows; r++) {
    const sums: number[] = [];
    for (let i = 0; i < n; i++) sums.push(f((sums[i - 1] ?? 0) + (shares.data[r * n + i] as number)));
    const total = sums[n - 1] as number;
    for (let s = 0; s < count; s++) {
      const target = f((u.data[r * count + s] as number) * total);
      const found = sums.findIndex((v) => v > target);
      out.push(found < 0 ? sums.indexOf(total) : found);
    }
  }
  return array([rows, count], 'int32', out);
}

/** Movement of elements: assembly/move/copy.ts. Elements of every type are copied as they are. */
import { array, type DType, get, make, type NdArray, type Shape } from './array';

const f = Math.fround;

/** A number as an element of a type. */
const element = (value: number, dtype: DType): number => (dtype === 'float32' ? f(value) : value | 0);

export function fill(shape: Shape, value: number, dtype: DType): NdArray {
  return make(shape, dtype, () => element(value, dtype));
}

export const reshape = (x: NdArray, shape: Shape): NdArray => ({ ...x, shape });

export const broadcastTo = (x: NdArray, shape: Shape): NdArray => make(shape, x.dtype, (index) => get(x, index));

/** Dimension d of the result is dimension perm[d] of x. */
export function transpose(x: NdArray, perm: readonly number[]): NdArray {
  return make(
    perm.map((p) => x.shape[p] as number),
    x.dtype,
    (index) =>
      get(
        x,
        x.shape.map((_, d) => index[perm.indexOf(d)] as number),
      ),
  );
}

/** out[j] = x[begin + j strides] */
export function slice(x: NdArray, begin: readonly number[], size: Shape, strides?: readonly number[]): NdArray {
  return make(size, x.dtype, (index) =>
    exact(
      x,
      index.map((i, d) => (begin[d] as number) + i * (strides?.[d] ?? 1)),
    ),
  );
}

/** As `get`, but an index of a dimension of size 1 counts as it is. */
function exact(x: NdArray, index: readonly number[]): number {
  return x.data[index.reduce((at, i, d) => at * (x.shape[d] as number) + i, 0)] as number;
}

/** Neighbours of x stand |steps| apart, backward where a step is negative; all else is `value`. */
export function pad(
  x: NdArray,
  paddings: readonly (readonly [number, number])[],
  value: number,
  steps: readonly number[] = x.shape.map(() => 1),
): NdArray {
  const apart = steps.map((s) => Math.abs(s));
  const shape = x.shape.map((d, i) => {
    const [before, after] = paddings[i] as readonly [number, number];
    return before + (d === 0 ? 0 : (d - 1) * (apart[i] as number) + 1) + after;
  });
  return make(shape, x.dtype, (index) => {
    const inner = index.map((i, d) => {
      const at = (i - (paddings[d]?.[0] as number)) / (apart[d] as number);
      return (steps[d] as number) < 0 ? (x.shape[d] as number) - 1 - at : at;
    });
    const isInside = inner.every((i, d) => Number.isInteger(i) && i >= 0 && i < (x.shape[d] as number));
    return isInside ? exact(x, inner) : element(value, x.dtype);
  });
}

export function concat(inputs: readonly NdArray[], axis: number): NdArray {
  const [head] = inputs as [NdArray, ...NdArray[]];
  const length = inputs.reduce((sum, x) => sum + (x.shape[axis] as number), 0);
  return make(
    head.shape.map((d, i) => (i === axis ? length : d)),
    head.dtype,
    (index) => {
      let at = index[axis] as number;
      for (const x of inputs) {
        const own = x.shape[axis] as number;
        if (at < own)
          return exact(
            x,
            index.map((i, d) => (d === axis ? at : i)),
          );
        at -= own;
      }
      throw new Error('unreachable');
    },
  );
}

/** For every index a row of `depth` elements; an index outside has none of `on`. */
export function oneHot(x: NdArray, depth: number, on: number, off: number, dtype: DType): NdArray {
  return make([...x.shape, depth], dtype, (index) =>
    element(get(x, index.slice(0, -1)) === index[index.length - 1] ? on : off, dtype),
  );
}

/** out[i] = x[rows[i]] */
export function gatherRows(x: NdArray, rows: readonly number[]): NdArray {
  const n = x.shape[1] as number;
  return array(
    [rows.length, n],
    x.dtype,
    rows.flatMap((r) => [...x.data.slice(r * n, (r + 1) * n)]),
  );
}

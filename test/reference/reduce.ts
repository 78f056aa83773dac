/** Folds along dimensions: assembly/fold/reduce.ts, assembly/fold/arg-reduce.ts and assembly/fold/softmax.ts. */
import { array, type DType, get, indices, make, type NdArray, sizeOf } from './array';
import { exp, log } from './math';

const f = Math.fround;

const LANES = 16;
const CHUNK = 512;

type Join = (a: number, b: number) => number;

interface Fold {
  readonly start: number;
  readonly join: Join;
}

export const folds = {
  sum: { start: 0, join: (a, b) => f(a + b) },
  prod: { start: 1, join: (a, b) => f(a * b) },
  /** NaN if any element is; +0 is larger than -0. */
  max: { start: Number.NEGATIVE_INFINITY, join: Math.max },
  min: { start: Number.POSITIVE_INFINITY, join: Math.min },
  all: { start: 1, join: (a, b) => a & b },
  any: { start: 0, join: (a, b) => a | b },
} as const satisfies Record<string, Fold>;

/** Of int32, modulo 2^32: the order is of no consequence. */
export const integerFolds = {
  sum: { start: 0, join: (a, b) => (a + b) | 0 },
  prod: { start: 1, join: (a, b) => Math.imul(a, b) },
  max: { start: -(2 ** 31), join: Math.max },
  min: { start: 2 ** 31 - 1, join: Math.min },
} as const satisfies Record<string, Fold>;

/** Element i joins accumulator i mod 16; then accumulator j takes in j + 8, then j + 4, j + 2, j + 1. */
export function tree(values: readonly number[], { start, join }: Fold): number {
  const lanes = new Array<number>(LANES).fill(start);
  values.forEach((value, i) => {
    lanes[i % LANES] = join(lanes[i % LANES] as number, value);
  });
  for (let half = LANES / 2; half >= 1; half /= 2) {
    for (let j = 0; j < half; j++) lanes[j] = join(lanes[j] as number, lanes[j + half] as number);
  }
  return lanes[0] as number;
}

/** More than 512 values are folded in chunks of 512, and the chunks' results are folded again. */
export function foldAll(values: readonly number[], fold: Fold): number {
  let rest = values;
  while (rest.length > CHUNK) {
    const long = rest;
    rest = Array.from({ length: Math.ceil(long.length / CHUNK) }, (_, i) =>
      tree(long.slice(i * CHUNK, (i + 1) * CHUNK), fold),
    );
  }
  return tree(rest, fold);
}

export interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** For each element of the result the elements of x that it stands for, row-major, and what `of` makes of them. */
function along(x: NdArray, { axes, keepDims }: ReduceAttrs, dtype: DType, of: (values: number[]) => number): NdArray {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const reduced = x.shape.map((d, i) => (axes.includes(i) ? d : 1));
  const inside = [...indices(reduced)];
  const out = make(kept, dtype, (index) =>
    of(
      inside.map((j) =>
        get(
          x,
          index.map((i, d) => i + (j[d] as number)),
        ),
      ),
    ),
  );
  return keepDims ? out : { ...out, shape: x.shape.filter((_, i) => !axes.includes(i)) };
}

export function reduce(x: NdArray, attrs: ReduceAttrs, fold: Fold): NdArray {
  return along(x, attrs, x.dtype, (values) => foldAll(values, fold));
}

/** The sum divided by the number of elements, both float32. */
export function mean(x: NdArray, attrs: ReduceAttrs): NdArray {
  const n = f(sizeOf(attrs.axes.map((a) => x.shape[a] as number)));
  return along(x, attrs, 'float32', (values) => f(foldAll(values, folds.sum) / n));
}

/** Index of the first element that is `better` than all before it; the first NaN is better than anything. */
export function argReduce(x: NdArray, axis: number, better: (a: number, b: number) => boolean): NdArray {
  return along(x, { axes: [axis], keepDims: false }, 'int32', (values) => {
    const nan = values.findIndex(Number.isNaN);
    if (nan >= 0) return nan;
    return values.reduce((best, v, i) => (better(v, values[best] as number) ? i : best), 0);
  });
}

/** Applies a function to each row of the last dimension. */
function rows(x: NdArray, of: (row: number[]) => number[]): NdArray {
  const n = x.shape[x.shape.length - 1] as number;
  const out: number[] = [];
  for (let i = 0; i < x.data.length; i += n) out.push(...of([...x.data.slice(i, i + n)]));
  return array(x.shape, 'float32', out);
}

/** z = x - max, e = exp(z), s: the sum of e by the tree, however long the row is. */
function parts(row: number[]): { z: number[]; e: number[]; s: number } {
  const highest = tree(row, folds.max);
  const z = row.map((x) => f(x - highest));
  const e = z.map(exp);
  return { z, e, s: tree(e, folds.sum) };
}

/** e / s */
export const softmax = (x: NdArray): NdArray =>
  rows(x, (row) => {
    const { e, s } = parts(row);
    return e.map((v) => f(v / s));
  });

/** z - log(s) */
export const logSoftmax = (x: NdArray): NdArray =>
  rows(x, (row) => {
    const { z, s } = parts(row);
    return z.map((v) => f(v - log(s)));
  });

/** Operands of all types, and references of functions that move elements. */
import type { DType, Tensor } from '../../../src/index';
import { uniform } from '../../support/random';
import { build, type Nd, type Shape, sizeOf } from '../gradients/float64';
import type { FunctionCase, Operand } from './case';

export const DTYPES: readonly DType[] = ['float32', 'int32', 'bool'];

/** float32 of [-1, 1), integers of [-100, 100), or 0 and 1. */
export function operand(seed: number, shape: Shape, dtype: DType = 'float32'): Operand {
  const values = uniform(seed, sizeOf(shape));
  const value = (v: number): number =>
    dtype === 'float32' ? v : dtype === 'int32' ? Math.floor(v * 100) : v < 0 ? 0 : 1;
  return { shape, dtype, data: Float64Array.from(values, value) };
}

/** An int32 operand of the given elements. */
export const ints = (values: readonly number[], shape: Shape = [values.length]): Operand => ({
  shape,
  dtype: 'int32',
  data: Float64Array.from(values),
});

export const dtypeOf = (x: Nd): DType => (x as Operand).dtype ?? 'float32';

/** The element at an index, which counts as it is. */
export const element = (x: Nd, index: readonly number[]): number => {
  if (index.length !== x.shape.length || index.some((v, d) => v < 0 || v >= (x.shape[d] as number)))
    throw new Error(`element: [${index}] of [${x.shape}]`);
  return x.data[index.reduce((sum, v, d) => sum * (x.shape[d] as number) + v, 0)] as number;
};

/** An array whose element at each index is `value(index)`. */
export const made = (shape: Shape, dtype: DType, value: (index: readonly number[]) => number): Operand => ({
  ...build(shape, value),
  dtype,
});

/** An array of x' type whose element at each index is that of x at `from(index)`; undefined stands for `rest`. */
export const moved = (
  x: Nd,
  shape: Shape,
  from: (index: readonly number[]) => readonly number[] | undefined,
  rest = 0,
): Operand =>
  made(shape, dtypeOf(x), (index) => {
    const place = from(index);
    return place ? element(x, place) : rest;
  });

/** Rows of a function of one operand, in all types: exact. */
export function movement(
  rows: readonly {
    readonly shape: Shape;
    readonly name: string;
    readonly run: (x: Tensor) => Tensor | readonly Tensor[];
    readonly reference: (x: Nd) => Operand | readonly Operand[];
  }[],
): FunctionCase[] {
  return rows.flatMap(({ shape, name, run, reference }, i) =>
    DTYPES.map((dtype) => ({
      name: `${dtype} [${shape}], ${name}`,
      inputs: [operand(17 * i + 1, shape, dtype)],
      run: (x: Tensor | undefined) => run(x as Tensor),
      reference: (x: Nd | undefined) => reference(x as Nd),
      tolerance: 0,
    })),
  );
}

/** The same elements in another shape. */
export const reshaped = (x: Nd, shape: Shape): Operand => ({ shape, dtype: dtypeOf(x), data: x.data });

/** Sizes of a dimension as a slice. */
export const sliced = (x: Nd, begin: readonly number[], size: Shape): Operand =>
  moved(x, size, (index) => index.map((v, d) => v + (begin[d] as number)));

/** Arrays one after the other along an axis, in the type of the first. */
export function joined(parts: readonly Nd[], axis: number): Operand {
  const [head] = parts as [Nd, ...Nd[]];
  const length = parts.reduce((sum, p) => sum + (p.shape[axis] as number), 0);
  return made(
    head.shape.map((d, i) => (i === axis ? length : d)),
    dtypeOf(head),
    (index) => {
      let at = index[axis] as number;
      for (const part of parts) {
        const own = part.shape[axis] as number;
        if (at < own)
          return element(
            part,
            index.map((v, d) => (d === axis ? at : v)),
          );
        at -= own;
      }
      throw new Error('joined: outside');
    },
  );
}

/** Python's x[begin:end:stride] along each dimension: the indices that it takes. */
export type Range = readonly [begin: number | undefined, end: number | undefined, stride: number];
export function places(n: number, [begin, end, stride]: Range): number[] {
  const list: number[] = [];
  const place = (v: number): number => (v < 0 ? v + n : v);
  const from = begin === undefined ? (stride > 0 ? 0 : n - 1) : place(begin);
  const to = end === undefined ? (stride > 0 ? n : -1) : place(end);
  // Steps that begin outside count from there, cut off at the ends.
  const start = stride > 0 ? Math.max(0, from) : Math.min(n - 1, from);
  const stop = stride > 0 ? Math.min(n, to) : Math.max(-1, to);
  for (let i = start; stride > 0 ? i < stop : i > stop; i += stride) list.push(i);
  return list;
}

/** An array with `value` around it. */
export const padded = (x: Nd, paddings: readonly (readonly [number, number])[], value: number): Operand =>
  moved(
    x,
    x.shape.map((d, i) => d + (paddings[i]?.[0] as number) + (paddings[i]?.[1] as number)),
    (index) => {
      const from = index.map((v, d) => v - (paddings[d]?.[0] as number));
      return from.every((v, d) => v >= 0 && v < (x.shape[d] as number)) ? from : undefined;
    },
    value,
  );

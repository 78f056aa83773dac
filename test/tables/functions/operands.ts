/** Operands of rows, and rows of one and two operands. */

import { uniform } from '../../support/random';
import { avoiding, given } from '../gradients/case';
import { broadcast, map, type Nd, nd, type Shape, sizeOf, zip } from '../gradients/float64';
import type { FunctionCase, Operand } from './case';

export type Dtype = 'float32' | 'int32' | 'bool';

/** Integers of [low, high]. */
export const ints = (seed: number, shape: Shape, low = -9, high = 9): Operand => ({
  ...nd(
    shape,
    uniform(seed, sizeOf(shape), low, high + 1).map((v) => Math.min(high, Math.floor(v))),
  ),
  dtype: 'int32',
});

export const bools = (seed: number, shape: Shape): Operand => ({
  ...nd(
    shape,
    uniform(seed, sizeOf(shape)).map((v) => (v > 0 ? 1 : 0)),
  ),
  dtype: 'bool',
});

/** One dimension of the given elements. */
export const list = (values: readonly number[], dtype: Dtype = 'float32', shape: Shape = [values.length]): Operand => ({
  ...nd(shape, values),
  dtype,
});

export const as = (x: Nd, dtype: Dtype): Operand => ({ shape: x.shape, data: x.data, dtype });

export const show = (x: Operand): string => `${x.dtype ?? 'float32'} [${x.shape}]`;

/** Where float32 counts no more: integers beyond 2^24, and the ends. */
export const BIG = list([0, 1, -1, 7, -7, 65537, 16777217, -16777217, 2147483647, -2147483648], 'int32');
export const EXTREMES = list([0, -0, 1, -1, 0.5, -2.5, 1e-30, 1e30, -1e30, Infinity, -Infinity, NaN].map(Math.fround));

/** Beyond the range of float32 all is infinite. Not for gradients: differences of rounded values are coarse. */
const float32 =
  <A extends number[]>(f: (...xs: A) => number) =>
  (...xs: A): number => {
    const y = f(...xs);
    return Math.abs(y) > 3.4e38 ? Math.fround(y) : y;
  };

/** Rows of a function of one operand; gradients are checked of float32 operands unless `gradient` is false. */
export const unary = (
  run: FunctionCase['run'],
  f: (x: number) => number,
  dtype: Dtype,
  operands: readonly Operand[],
  options: Pick<FunctionCase, 'gradient' | 'tolerance'> & { what?: string } = {},
): FunctionCase[] =>
  operands.map((x) => ({
    name: `${show(x)}${options.what ? ` ${options.what}` : ''}`,
    inputs: [x],
    run,
    reference: (v) => as(map(v as Nd, options.gradient === false ? float32(f) : f), dtype),
    ...options,
  }));

/** Shapes of pairs that broadcast. */
export const PAIRS: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[], [4]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[0, 3], [3]],
];

/** Rows of a function of two operands that broadcast. */
export const binary = (
  run: FunctionCase['run'],
  f: (a: number, b: number) => number,
  dtype: Dtype,
  operands: readonly (readonly [Operand, Operand])[],
  options: Pick<FunctionCase, 'gradient' | 'tolerance'> = {},
): FunctionCase[] =>
  operands.map(([a, b]) => ({
    name: `${show(a)}, ${show(b)}`,
    inputs: [a, b],
    run,
    reference: (x, y) => as(zip(x as Nd, y as Nd, options.gradient === false ? float32(f) : f), dtype),
    ...options,
  }));

/** Every value of one list with every value of another. */
export const table = (a: Operand, b: Operand): [Operand, Operand] => [{ ...a, shape: [a.data.length, 1] }, b];

export { avoiding, broadcast, given };

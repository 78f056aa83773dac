/** Rows of functions that cut tensors up. */
import * as sg from '../../../src/index';
import type { Nd, Shape } from '../gradients/float64';
import { dtypeOf, element, made, moved, movement, places, type Range, reshaped, sliced } from './arrays';
import type { FunctionCase, FunctionTable, Operand } from './case';

type Tensor = sg.Tensor;

const slices: readonly [Shape, number | number[], number | number[] | undefined, number[], number[]][] = [
  [[5], 1, 3, [1], [3]],
  [[5], [2], [-1], [2], [3]],
  [[3, 4], 1, undefined, [1, 0], [2, 4]],
  [[3, 4], [0, 1], [2], [0, 1], [2, 3]],
  [[3, 4], 2, 1, [2, 0], [1, 4]],
  [
    [3, 4],
    [3, 4],
    [0, 0],
    [3, 4],
    [0, 0],
  ],
  [
    [2, 3, 4],
    [1, 0, 2],
    [1, -1, 1],
    [1, 0, 2],
    [1, 3, 1],
  ],
];

/** One rank's slice, with the rank in its name. */
const sliceOf = (rank: 2 | 3 | 4, run: (x: Tensor, begin: number[], size: number[]) => Tensor): FunctionCase[] =>
  movement(
    [
      [[2, 3, 4, 3].slice(0, rank), [1, 0, 2, 1].slice(0, rank), [1, 3, 2, 2].slice(0, rank)],
      [[3, 2, 1, 2].slice(0, rank), [0, 1, 0, 0].slice(0, rank), [-1, 1, 1, -1].slice(0, rank)],
    ].map(([shape, begin, size]) => ({
      shape: shape as number[],
      name: `from ${begin}, ${size}`,
      run: (x: Tensor) => run(x, begin as number[], size as number[]),
      reference: (x: Nd) =>
        sliced(
          x,
          begin as number[],
          (size as number[]).map((s, d) =>
            s === -1 ? (x.shape[d] as number) - ((begin as number[])[d] as number) : s,
          ),
        ),
    })),
  );

interface Strided {
  readonly shape: Shape;
  readonly args: [number[], number[], number[]?, number?, number?, number?, number?, number?];
  readonly ranges: readonly Range[];
  readonly result?: Shape;
}

const all: Range = [undefined, undefined, 1];
const stridedSlices: readonly Strided[] = [
  { shape: [7], args: [[1], [6], [2]], ranges: [[1, 6, 2]] },
  { shape: [7], args: [[-1], [-8], [-1]], ranges: [[-1, -8, -1]] },
  { shape: [7], args: [[5], [0], [-2]], ranges: [[5, 0, -2]] },
  { shape: [7], args: [[2], [100], [3]], ranges: [[2, 100, 3]] },
  { shape: [7], args: [[100], [-100], [-3]], ranges: [[100, -100, -3]] },
  { shape: [7], args: [[5], [2]], ranges: [[5, 2, 1]] },
  { shape: [7], args: [[3], [3], [1], 1, 1], ranges: [all] },
  { shape: [7], args: [[3], [3], [-2], 1, 1], ranges: [[undefined, undefined, -2]] },
  { shape: [7], args: [[-2], [0], [1], 0, 0, 0, 0, 1], ranges: [[5, 6, 1]], result: [] },
  { shape: [4, 5], args: [[1], [3]], ranges: [[1, 3, 1], all] },
  {
    shape: [4, 5],
    args: [
      [0, 1],
      [4, 2],
      [2, 1],
    ],
    ranges: [
      [0, 4, 2],
      [1, 2, 1],
    ],
  },
  {
    shape: [4, 5],
    args: [[0, 3], [0, 5], [1, 1], 0, 0, 1],
    ranges: [all, [3, 5, 1]],
  },
  {
    shape: [2, 3, 4, 5],
    args: [[1, 9, -1], [2, 9, -4], [1, 9, -2], 0, 0, 2],
    ranges: [[1, 2, 1], all, all, [-1, -4, -2]],
  },
  {
    shape: [2, 3],
    args: [[0, 0, 1], [0, 0, 3], [1, 1, 1], 0, 0, 2, 1],
    ranges: [all, [1, 3, 1]],
    result: [1, 2, 2],
  },
  {
    shape: [3, 4, 2],
    args: [[1, 0, 0], [2, 0, 2], [1, 1, 1], 0, 0, 0, 2, 1],
    ranges: [[1, 2, 1], [0, 2, 1], all],
    result: [1, 2, 2],
  },
  {
    shape: [0, 3],
    args: [
      [0, 2],
      [5, 0],
      [1, -1],
    ],
    ranges: [
      [0, 5, 1],
      [2, 0, -1],
    ],
  },
  { shape: [2, 3], args: [[], []], ranges: [all, all] },
  { shape: [], args: [[], []], ranges: [] },
];

const reverses: readonly [Shape, number | number[] | undefined, number[]][] = [
  [[5], undefined, [0]],
  [[], undefined, []],
  [[0, 2], 0, [0]],
  [[2, 3], undefined, [0, 1]],
  [[2, 3], -1, [1]],
  [
    [2, 3, 4],
    [0, 2],
    [0, 2],
  ],
  [
    [3, 2, 1, 2],
    [-4, 1],
    [0, 1],
  ],
];
const backward = (x: Nd, axes: readonly number[]): Operand =>
  moved(x, x.shape, (index) => index.map((v, d) => (axes.includes(d) ? (x.shape[d] as number) - 1 - v : v)));
const reverseOf = (rank: 2 | 3 | 4, run: (x: Tensor, axis?: number | number[]) => Tensor): FunctionCase[] =>
  movement(
    [undefined, 1, [0, -1]].map((axis) => ({
      shape: [2, 3, 2, 3].slice(0, rank),
      name: `axis ${axis}`,
      run: (x: Tensor) => run(x, axis),
      reference: (x: Nd) =>
        backward(
          x,
          axis === undefined
            ? x.shape.map((_, d) => d)
            : typeof axis === 'number'
              ? [axis]
              : axis.map((a) => (a < 0 ? a + rank : a)),
        ),
    })),
  );

const splits: readonly [Shape, number | number[], number, number[]][] = [
  [[6], 3, 0, [2, 2, 2]],
  [[5], [1, 4], 0, [1, 4]],
  [[2, 6], [1, -1, 2], 1, [1, 3, 2]],
  [[2, 6], [0, 6], -1, [0, 6]],
  [[4, 3], 4, -2, [1, 1, 1, 1]],
  [[2, 3], 1, 0, [2]],
  [[0, 3], 2, 0, [0, 0]],
];

const sizesAt = (shape: Shape, axis: number, size: number): number[] => shape.map((d, i) => (i === axis ? size : d));

export const slicingFunctions: FunctionTable = {
  slice: movement(
    slices.map(([shape, begin, size, from, sizes]) => ({
      shape,
      name: `from ${begin}, ${size}`,
      run: (x: Tensor) => x.slice(begin, size),
      reference: (x: Nd) => sliced(x, from, sizes),
    })),
  ),
  slice1d: movement([
    { shape: [6], name: 'from 2, 3', run: (x) => sg.slice1d(x, 2, 3), reference: (x) => sliced(x, [2], [3]) },
    { shape: [6], name: 'from 1, -1', run: (x) => sg.slice1d(x, 1, -1), reference: (x) => sliced(x, [1], [5]) },
  ]),
  slice2d: sliceOf(2, sg.slice2d),
  slice3d: sliceOf(3, sg.slice3d),
  slice4d: sliceOf(4, sg.slice4d),
  stridedSlice: movement(
    stridedSlices.map(({ shape, args, ranges, result }) => ({
      shape,
      name: JSON.stringify(args),
      run: (x: Tensor) => x.stridedSlice(...args),
      reference: (x: Nd) => {
        const taken = shape.map((n, d) => places(n, ranges[d] as Range));
        const y = moved(
          x,
          taken.map((t) => t.length),
          (index) => index.map((v, d) => (taken[d] as number[])[v] as number),
        );
        return reshaped(y, result ?? y.shape);
      },
    })),
  ),
  reverse: movement(
    reverses.map(([shape, axis, axes]) => ({
      shape,
      name: `axis ${axis}`,
      run: (x: Tensor) => x.reverse(axis),
      reference: (x: Nd) => backward(x, axes),
    })),
  ),
  reverse1d: movement([
    { shape: [5], name: 'whole', run: (x) => sg.reverse1d(x), reference: (x) => backward(x, [0]) },
    { shape: [1], name: 'whole', run: (x) => sg.reverse1d(x), reference: (x) => backward(x, [0]) },
  ]),
  reverse2d: reverseOf(2, sg.reverse2d),
  reverse3d: reverseOf(3, sg.reverse3d),
  reverse4d: reverseOf(4, sg.reverse4d),
  split: movement(
    splits.map(([shape, pieces, axis, sizes]) => ({
      shape,
      name: `into ${JSON.stringify(pieces)} along ${axis}`,
      run: (x: Tensor) => x.split(pieces, axis),
      reference: (x: Nd) => {
        const along = axis < 0 ? axis + shape.length : axis;
        return sizes.map((size, i) => {
          const at = sizes.slice(0, i).reduce((a, b) => a + b, 0);
          return sliced(
            x,
            shape.map((_, d) => (d === along ? at : 0)),
            sizesAt(shape, along, size),
          );
        });
      },
    })),
  ),
  unstack: movement(
    (
      [
        [[3], 0],
        [[2, 3], 0],
        [[2, 3], -1],
        [[2, 3, 2], 1],
        [[1, 2], 0],
      ] as [number[], number][]
    ).map(([shape, axis]) => ({
      shape,
      name: `along ${axis}`,
      run: (x: Tensor) => x.unstack(axis),
      reference: (x: Nd) => {
        const along = axis < 0 ? axis + shape.length : axis;
        const rest = shape.filter((_, d) => d !== along);
        return Array.from({ length: shape[along] as number }, (_, at) =>
          made(rest, dtypeOf(x), (index) => element(x, [...index.slice(0, along), at, ...index.slice(along)])),
        );
      },
    })),
  ),
};

/** Rows of reductions. */
import * as sg from '../../../src/index';
import { apart, avoiding, given } from '../gradients/case';
import { fold, map, type Nd, nd, rows, type Shape, softmax, total, transpose } from '../gradients/float64';
import type { FunctionCase, FunctionTable, Operand } from './case';
import { as, BIG, bools, type Dtype, ints, list, show } from './operands';

type Tensor = sg.Tensor;
type Axis = number | readonly number[] | null | undefined;

const LAYOUTS: readonly { shape: Shape; axis?: Axis; keepDims?: boolean }[] = [
  { shape: [] },
  { shape: [5] },
  { shape: [7], axis: 0, keepDims: true },
  { shape: [2, 3], axis: null },
  { shape: [2, 3], axis: -1 },
  { shape: [2, 3, 4], axis: [2, 0] },
  { shape: [2, 3, 4], axis: [-1, 1], keepDims: true },
  { shape: [2, 1, 3, 2, 1, 2], axis: [0, 3, -1] },
  { shape: [2, 3], axis: [] },
];

const axesOf = (shape: Shape, axis: Axis): number[] =>
  axis === undefined || axis === null
    ? shape.map((_, i) => i)
    : (typeof axis === 'number' ? [axis] : axis).map((a) => (a < 0 ? a + shape.length : a));

type Reduce = (x: Tensor, axis?: Axis, keepDims?: boolean) => Tensor;

/** Rows of a reduction over the layouts, of operands of one kind. */
const reduction = (
  run: Reduce,
  f: (values: readonly number[]) => number,
  dtype: Dtype,
  operand: (shape: Shape) => Operand,
  layouts = LAYOUTS,
  options: Pick<FunctionCase, 'gradient'> = {},
): FunctionCase[] =>
  layouts.map(({ shape, axis, keepDims = false }) => ({
    name: `${show(operand(shape))} along ${JSON.stringify(axis)}${keepDims ? ', keepDims' : ''}`,
    inputs: [operand(shape)],
    run: (x) => run(x as Tensor, axis, keepDims),
    reference: (x) => as(fold(x as Nd, axesOf(shape, axis), keepDims, f), dtype),
    ...options,
  }));

const EMPTY = [{ shape: [0] }, { shape: [2, 0, 3], axis: 1 }, { shape: [2, 0], axis: 0 }];
const wild = (shape: Shape): Operand => ints(1, shape, -(2 ** 31), 2 ** 31 - 1);
const whole = (shape: Shape): Operand => ints(2, shape);
const truth = (shape: Shape): Operand => bools(3, shape);
const real = (shape: Shape): Operand => given(4, shape, -2, 2);
const distinct = (shape: Shape): Operand => apart(5, shape);

const sumInt = (v: readonly number[]): number => v.reduce((a, b) => (a + b) | 0, 0);
const prodInt = (v: readonly number[]): number => v.reduce((a, b) => Math.imul(a, b), 1);
const product = (v: readonly number[]): number => v.reduce((a, b) => a * b, 1);
const largest = (v: readonly number[]): number => v.reduce((a, b) => Math.max(a, b), -Infinity);
const smallest = (v: readonly number[]): number => v.reduce((a, b) => Math.min(a, b), Infinity);
const euclid = (v: readonly number[]): number => Math.sqrt(total(v.map((x) => x * x)));
const absolute = (v: readonly number[]): number[] => v.map(Math.abs);

function logSumExp(v: readonly number[]): number {
  const high = largest(v);
  return Number.isFinite(high) ? high + Math.log(total(v.map((x) => Math.exp(x - high)))) : high;
}

/** Place of the first that beats all others. */
const placeOf = (v: readonly number[], better: (a: number, b: number) => boolean): number =>
  v.reduce((best, x, i) => (better(x, v[best] as number) ? i : best), 0);

const places = (name: 'argMax' | 'argMin', better: (a: number, b: number) => boolean): FunctionCase[] =>
  (
    [
      [[5], 0],
      [[3, 4], 0],
      [[3, 4], -1],
      [[2, 3, 2], 1],
      [[1], 0],
    ] as const
  ).flatMap(([shape, axis]) =>
    [ints(6, shape, -2, 2), as(ints(7, shape, -2, 2), 'float32'), bools(8, shape)].map((x) => ({
      name: `${show(x)} along ${axis}`,
      inputs: [x],
      run: (t?: Tensor) => (axis === 0 ? (t as Tensor)[name]() : sg[name](t as Tensor, axis)),
      reference: (t?: Nd) =>
        as(
          fold(t as Nd, axesOf(shape, axis), false, (v) => placeOf(v, better)),
          'int32',
        ),
      gradient: false,
    })),
  );

/** Beyond 2^24 float32 sees no difference. */
const closeInts = (name: 'argMax' | 'argMin', at: number): FunctionCase => ({
  name: 'neighbours beyond 2^24',
  inputs: [list([16777217, 16777216, 16777218, 16777216], 'int32')],
  run: (x) => sg[name](x as Tensor),
  reference: () => list([at], 'int32', []),
});

const logSoftmax = (row: readonly number[]): number[] => row.map((v) => v - logSumExp(row));
const alongRows = (
  run: (x: Tensor, axis?: number) => Tensor,
  f: (row: readonly number[]) => number[],
): FunctionCase[] => [
  ...[given(9, [5], -3, 3), given(10, [2, 3], -3, 3), given(11, [0, 3]), ints(12, [2, 4]), bools(13, [3])].map((x) => ({
    name: show(x),
    inputs: [x],
    run: (t?: Tensor) => run(t as Tensor),
    reference: (t?: Nd) => as(rows(t as Nd, f), 'float32'),
  })),
  ...[0, 1, -3].map((axis) => ({
    name: `[2, 3, 4] along ${axis}`,
    inputs: [given(14, [2, 3, 4], -3, 3)],
    run: (t?: Tensor) => run(t as Tensor, axis),
    reference: (t?: Nd) => {
      const perm = axis === 1 ? [0, 2, 1] : [2, 1, 0];
      return as(transpose(rows(transpose(t as Nd, perm), f), perm), 'float32');
    },
  })),
];

type Ord = number | 'euclidean' | 'fro';

/** The norm as its definition has it, over one axis, all elements, or [rows, columns]. */
function normOf(x: Nd, ord: Ord, axis: Axis, keepDims: boolean): Nd {
  const axes = axesOf(x.shape, axis);
  const isMatrix = Array.isArray(axis) && axis.length === 2;
  const kept = (inner: Nd): Nd =>
    keepDims
      ? inner
      : nd(
          x.shape.filter((_, i) => !axes.includes(i)),
          inner.data,
        );
  if (ord === 'euclidean' || ord === 'fro' || ord === 2) return kept(fold(x, axes, true, euclid));
  const best = ord === -Infinity ? smallest : largest;
  if (!isMatrix) return kept(fold(x, axes, true, (v) => (ord === 1 ? total(absolute(v)) : best(absolute(v)))));
  const [row, column] = axes as [number, number];
  const sums = fold(x, [ord === 1 ? row : column], true, (v) => total(absolute(v)));
  return kept(fold(sums, [ord === 1 ? column : row], true, best));
}

const normCase = (x: Operand, ord: Ord, axis: Axis, keepDims: boolean, dtype: Dtype = 'float32'): FunctionCase => ({
  name: `${show(x)}, ${ord} along ${JSON.stringify(axis)}${keepDims ? ', keepDims' : ''}`,
  inputs: [x],
  run: (t) => sg.norm(t as Tensor, ord, axis, keepDims),
  reference: (t) => as(normOf(t as Nd, ord, axis, keepDims), dtype),
});

const vectorAxes: readonly (readonly [Shape, Axis])[] = [
  [[5], undefined],
  [[2, 3], null],
  [[2, 3], 0],
  [[2, 3, 2], [-2]],
  [[1], 0],
];
const matrixAxes: readonly (readonly [Shape, readonly number[]])[] = [
  [
    [3, 4],
    [0, 1],
  ],
  [
    [3, 4],
    [1, 0],
  ],
  [
    [2, 3, 4],
    [-1, 0],
  ],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [
    [3, 2, 4],
    [2, -2],
  ],
];
/** Distinct and away from 0, so that norms have derivatives. */
const smooth = (shape: Shape): Operand => map(apart(15, shape, 0.17), (v) => Math.fround(v + 0.03));
const keeps = [false, true];

const norms: FunctionCase[] = [
  ...vectorAxes.flatMap(([shape, axis]) =>
    (['euclidean', 2, 1, Infinity, -Infinity] as const).flatMap((ord) =>
      keeps.map((keep) => normCase(smooth(shape), ord, axis, keep)),
    ),
  ),
  ...matrixAxes.flatMap(([shape, axis]) =>
    (['euclidean', 'fro', 1, Infinity, -Infinity] as const).flatMap((ord) =>
      keeps.map((keep) => normCase(smooth(shape), ord, axis, keep)),
    ),
  ),
  normCase(ints(16, [2, 3]), 1, 1, false, 'int32'),
  normCase(ints(16, [2, 3]), 'euclidean', 1, false),
  normCase(smooth([]), 'euclidean', null, false),
  normCase(given(17, [0]), 1, null, false),
];

const momentsCase = (shape: Shape, axis: Axis, keepDims: boolean, x: Operand): FunctionCase => ({
  name: `${show(x)} along ${JSON.stringify(axis)}${keepDims ? ', keepDims' : ''}`,
  inputs: [x],
  run: (t) => {
    const { mean, variance } = sg.moments(t as Tensor, axis, keepDims);
    return [mean, variance];
  },
  reference: (t) => {
    const mean = (v: readonly number[]): number => total(v) / v.length;
    const axes = axesOf(shape, axis);
    return [
      as(fold(t as Nd, axes, keepDims, mean), 'float32'),
      as(
        fold(t as Nd, axes, keepDims, (v) => mean(v.map((y) => (y - mean(v)) ** 2))),
        'float32',
      ),
    ];
  },
});

const flat = { gradient: false };

export const reductionFunctions: FunctionTable = {
  sum: [
    ...reduction(sg.sum, total, 'float32', real, [...LAYOUTS, ...EMPTY]),
    ...reduction(sg.sum, sumInt, 'int32', wild, [
      ...LAYOUTS,
      ...EMPTY,
      { shape: [600, 3], axis: 0 },
      { shape: [3, 600], axis: 1 },
    ]),
    ...reduction(sg.sum, sumInt, 'int32', truth),
    ...reduction(
      (x, ...rest) => x.sum(...rest),
      sumInt,
      'int32',
      () => BIG,
      [{ shape: [10] }],
    ),
  ],
  mean: [
    ...reduction(sg.mean, (v) => total(v) / v.length, 'float32', real),
    ...reduction(sg.mean, (v) => total(v) / v.length, 'float32', whole),
    ...reduction(
      (x, ...rest) => x.mean(...rest),
      (v) => total(v) / v.length,
      'float32',
      truth,
      LAYOUTS,
      flat,
    ),
  ],
  prod: [
    ...reduction(sg.prod, product, 'float32', real, [...LAYOUTS, ...EMPTY]),
    ...reduction(sg.prod, prodInt, 'int32', wild, [...LAYOUTS, ...EMPTY]),
    ...reduction((x, ...rest) => x.prod(...rest), prodInt, 'int32', truth),
    ...reduction(sg.prod, product, 'float32', (s) => map(real(s), (v) => (v > 1 ? 0 : v))),
    // One and two zeros among many: no n² memory, no division.
    ...[[40], [40, 70]].map(
      (zeros): FunctionCase => ({
        name: `${zeros.length} zeros among 100`,
        inputs: [
          list(Array.from({ length: 100 }, (_, i) => (zeros.includes(i) ? 0 : 0.9 + (i % 7) * 0.03)).map(Math.fround)),
        ],
        run: (x) => sg.prod(x as Tensor),
        reference: (x) => list([product([...(x as Nd).data])], 'float32', []),
      }),
    ),
  ],
  max: [
    ...reduction(sg.max, largest, 'float32', distinct, [...LAYOUTS, ...EMPTY]),
    ...reduction(sg.max, largest, 'int32', wild),
    ...reduction((x, ...rest) => x.max(...rest), largest, 'bool', truth),
  ],
  min: [
    ...reduction(sg.min, smallest, 'float32', distinct, [...LAYOUTS, ...EMPTY]),
    ...reduction(sg.min, smallest, 'int32', wild),
    ...reduction((x, ...rest) => x.min(...rest), smallest, 'bool', truth),
  ],
  all: reduction(sg.all, (v) => (v.every((x) => x) ? 1 : 0), 'bool', truth, [...LAYOUTS, ...EMPTY]),
  any: reduction(
    (x, ...rest) => x.any(...rest),
    (v) => (v.some((x) => x) ? 1 : 0),
    'bool',
    truth,
    [...LAYOUTS, ...EMPTY],
  ),
  argMax: [...places('argMax', (a, b) => a > b), closeInts('argMax', 2)],
  argMin: [...places('argMin', (a, b) => a < b), closeInts('argMin', 1)],
  softmax: alongRows(sg.softmax, softmax),
  logSoftmax: alongRows(sg.logSoftmax, logSoftmax),
  logSumExp: [
    ...reduction(sg.logSumExp, logSumExp, 'float32', real),
    ...reduction((x, ...rest) => x.logSumExp(...rest), logSumExp, 'float32', whole),
    ...reduction(sg.logSumExp, logSumExp, 'float32', (s) => map(real(s), (v) => Math.fround(v * 500))),
    ...[
      [-Infinity, -Infinity],
      [Infinity, 1],
      [-Infinity, 2],
    ].map((values) => ({
      name: `${values}`,
      inputs: [list(values)],
      run: (x?: Tensor) => sg.logSumExp(x as Tensor),
      reference: () => list([logSumExp(values)], 'float32', []),
      gradient: false,
    })),
  ],
  norm: norms,
  euclideanNorm: [
    ...reduction(
      sg.euclideanNorm as Reduce,
      euclid,
      'float32',
      smooth,
      LAYOUTS.filter(
        ({ shape, axis }) => shape.length && axesOf(shape, axis).length < 3 && axesOf(shape, axis).length > 0,
      ),
    ),
    ...reduction(
      (x, ...rest) => x.euclideanNorm(...rest),
      euclid,
      'float32',
      () => avoiding(18, [6], [0]),
      [{ shape: [6] }],
    ),
  ],
  moments: [
    ...LAYOUTS.map(({ shape, axis, keepDims = false }) => momentsCase(shape, axis, keepDims, real(shape))),
    momentsCase([2, 3], 1, false, ints(19, [2, 3])),
    momentsCase([6], null, true, bools(20, [6])),
  ],
};

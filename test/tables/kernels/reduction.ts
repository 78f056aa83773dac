/** Reductions over every set of axes, around the lengths of lanes and chunks; argMax and argMin; softmax. */
import { NONE } from '../../../src/ops/core/descriptor';
import type { NdArray } from '../../reference/array';
import * as reference from '../../reference/reduce';
import type { Kind, Spec } from '../../support/generate';
import { at, type Case, of, row, x } from './case';

type Name = keyof typeof reference.folds | 'mean';

const KINDS: Readonly<Record<Name, readonly Kind[]>> = {
  sum: ['float', 'rare'],
  mean: ['float', 'rare'],
  prod: ['factor', 'wild'],
  max: ['wild', 'ties'],
  min: ['wild', 'ties'],
  all: ['bool'],
  any: ['bool'],
};

/** All sets of the axes below a rank. */
const subsets = (rank: number): number[][] =>
  Array.from({ length: 2 ** rank }, (_, bits) =>
    Array.from({ length: rank }, (_unused, d) => d).filter((d) => (bits >> d) & 1),
  );

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 511, 512, 513, 1024, 1030, 1600];
const WIDTHS = [2, 3, 4, 5, 7, 8, 17];

const LAYOUTS: readonly { shape: number[]; axes: number[] }[] = [
  ...[[], [5], [3, 4], [2, 3, 4], [3, 1, 2, 5], [2, 3, 2, 3], [0], [0, 3], [2, 0, 3], [1, 1, 0]].flatMap((shape) =>
    subsets(shape.length).map((axes) => ({ shape, axes })),
  ),
  { shape: [2, 3, 1, 2, 3, 2], axes: [0, 3, 5] },
  { shape: [2, 3, 1, 2, 3, 2], axes: [1, 2, 4] },
  { shape: [2, 3, 1, 2, 3, 2], axes: [0, 1, 4, 5] },
  ...LENGTHS.map((n) => ({ shape: [n], axes: [0] })),
  ...LENGTHS.map((n, i) => ({ shape: [n, WIDTHS[i % WIDTHS.length] as number], axes: [0] })),
  ...LENGTHS.map((n) => ({ shape: [3, n], axes: [1] })),
  { shape: [2, 1030, 5], axes: [1] },
  { shape: [520, 3, 2], axes: [0, 2] },
  { shape: [30, 3, 40], axes: [0, 2] },
  // Wide matrices: around the number of columns and rows of a block, and with a rest of columns.
  { shape: [64, 32], axes: [0] },
  { shape: [63, 33], axes: [0] },
  { shape: [65, 257], axes: [0] },
  { shape: [150, 75], axes: [0] },
  { shape: [2, 130, 290], axes: [1] },
  { shape: [600, 35], axes: [0] },
  // More rows than are written at a time.
  ...[4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17].map((n) => ({ shape: [9, n], axes: [1] })),
  { shape: [7, 33], axes: [1] },
  { shape: [3, 600], axes: [1] },
];

/** So long that the chunks' results are folded twice more. */
const LONG = { shape: [512 * 512 + 3], axes: [0] };

function reduceCases(name: Name): Case[] {
  const isShort = (shape: readonly number[]): boolean => shape.length < 3;
  const layouts = name === 'sum' || name === 'all' ? [...LAYOUTS, LONG] : LAYOUTS;
  return KINDS[name].flatMap((kind, k) =>
    layouts.flatMap(({ shape, axes }, i) => {
      // Small shapes with and without keepDims and for every kind; the others take turns.
      const keeps = isShort(shape) && shape.every((d) => d < 9) ? [false, true] : [i % 2 === 0];
      if (k > 0 && shape.length > 3) return [];
      return keeps.map((keepDims) =>
        row(name, [x(kind, ...shape)], { axes, keepDims }, ([a], attrs) =>
          name === 'mean'
            ? reference.mean(a as NdArray, attrs)
            : reference.reduce(a as NdArray, attrs, reference.folds[name]),
        ),
      );
    }),
  );
}

/** int32: two kinds, so that products are not all 0. */
const integerCases = (Object.keys(reference.integerFolds) as (keyof typeof reference.integerFolds)[]).flatMap((name) =>
  LAYOUTS.map(({ shape, axes }, i) =>
    row(name, [x(i % 3 ? 'int' : 7, ...shape)], { axes, keepDims: i % 2 === 0 }, ([a], attrs) =>
      reference.reduce(a as NdArray, attrs, reference.integerFolds[name]),
    ),
  ),
);

const NAN = Number.NaN;
const INF = Number.POSITIVE_INFINITY;

/** Rows that decide who is first: equal ones, ±0, NaN behind and before the extremes, nothing but infinities. */
const CONTESTS: readonly Spec[] = [
  [0, -0, 0, -0],
  [-0, 0],
  [1, NAN, 2, NAN],
  [NAN, 3],
  [3, NAN],
  [-INF, -INF],
  [INF, INF, NAN],
  [2, 2, 1, 1, 2],
].map((values) => of('float', [values.length], values));

const argCases = (['argMax', 'argMin'] as const).flatMap((name) => {
  const better = name === 'argMax' ? (a: number, b: number) => a > b : (a: number, b: number) => a < b;
  const shapes = [[1], [5], [17], [3, 4], [1, 3], [3, 1], [2, 5, 3], [2, 3, 2, 3], [0, 3], [2, 0, 3], [1000]];
  const specs = shapes.flatMap((shape) => (['wild', 'ties', 'int', 3] as const).map((kind) => x(kind, ...shape)));
  specs.push(of('int', [4], [16777217, 16777216, 16777218, -(2 ** 31)]));
  return [...specs, ...CONTESTS].flatMap((spec) =>
    spec.shape.flatMap((n, axis) =>
      n === 0 ? [] : [row(name, [spec], { axis }, ([a]) => reference.argReduce(a as NdArray, axis, better))],
    ),
  );
});

const SOFTMAX_ROWS: readonly Spec[] = [
  ...LENGTHS.flatMap((n) => [x('logit', 3, n), x('float', n)]),
  x('wild', 5, 33),
  x('rare', 40, 10),
  x('logit', 2, 3, 4, 5),
  x('float', 0, 4),
  ...CONTESTS,
  of('float', [3], [1e38, -1e38, 3e38]),
  of('float', [6], [-INF, 0, -INF, 1, 2, -1000]),
];

const softmaxCases = SOFTMAX_ROWS.flatMap((spec) => [
  row('softmax', [spec], NONE, (inputs) => reference.softmax(at(inputs, 0))),
  row('logSoftmax', [spec], NONE, (inputs) => reference.logSoftmax(at(inputs, 0))),
]);

/** Nothing but -0: a sum starts at +0, and that shows. */
const zeroCases = [4, 7, 10, 16, 33].map((n) => {
  const values = new Array<number>(4 * n).fill(-0);
  return row('sum', [of('float', [4, n], values)], { axes: [1], keepDims: false }, ([a], attrs) =>
    reference.reduce(a as NdArray, attrs, reference.folds.sum),
  );
});

export const reductionCases: Case[] = [
  ...(Object.keys(KINDS) as Name[]).flatMap(reduceCases),
  ...zeroCases,
  ...integerCases,
  ...argCases,
  ...softmaxCases,
];

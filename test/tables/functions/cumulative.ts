/** Rows of running folds, sorting and counting. */
import * as sg from '../../../src/index';
import { apart, given } from '../gradients/case';
import { alongAxis, prefixes } from '../gradients/cumulative';
import { type Nd, nd, rows, type Shape, sizeOf } from '../gradients/float64';
import type { FunctionCase, FunctionTable, Operand } from './case';
import { as, bools, type Dtype, ints, list, show } from './operands';

type Tensor = sg.Tensor;

const layouts: readonly (readonly [Shape, number | undefined])[] = [
  [[5], undefined],
  [[3, 4], -1],
  [[3, 4], -2],
  [[2, 3, 5], 1],
  [[0], 0],
  [[2, 0, 3], 2],
  [[40], 0],
];
const directions = [
  [undefined, undefined],
  [true, false],
  [false, true],
  [true, true],
] as const;

const cumulative = (
  name: 'cumsum' | 'cumprod',
  start: number,
  f: (a: number, b: number) => number,
  int: (a: number, b: number) => number,
): FunctionCase[] =>
  layouts.flatMap(([shape, axis]) =>
    directions.flatMap(([exclusive, reverse]) =>
      [given(1, shape, -1.3, 1.3), ints(2, shape, -(2 ** 31), 2 ** 31 - 1), bools(3, shape)].map((x) => {
        const dtype = (x as Operand).dtype ? 'int32' : 'float32';
        return {
          name: `${show(x)} along ${axis}${exclusive ? ', exclusive' : ''}${reverse ? ', reverse' : ''}`,
          inputs: [x],
          run: (t?: Tensor) =>
            exclusive ? sg[name](t as Tensor, axis, exclusive, reverse) : (t as Tensor)[name](axis, exclusive, reverse),
          reference: (t?: Nd) =>
            as(
              alongAxis(
                t as Nd,
                axis ?? 0,
                reverse ?? false,
                prefixes(start, dtype === 'int32' ? int : f, exclusive ?? false),
              ),
              dtype,
            ),
        };
      }),
    ),
  );

/** 2^31 is no int32: what starts at 1 and so on is written modulo 2^32. */
const addInt = (a: number, b: number): number => (a + b) | 0;

const recurrences: FunctionCase[] = layouts.flatMap(([shape, axis]) =>
  [false, true].map((reverse) => ({
    name: `[${shape}] along ${axis}${reverse ? ', reverse' : ''}`,
    inputs: [given(4, shape), given(5, shape)],
    run: (a?: Tensor, b?: Tensor) => sg.linearRecurrence(a as Tensor, b as Tensor, axis, reverse),
    reference: (a?: Nd, b?: Nd) =>
      as(
        alongAxis(b as Nd, axis ?? 0, reverse, (line, at) => {
          const y: number[] = [];
          line.forEach((v, i) => {
            y.push(v + (i ? ((a as Nd).data[at[i] as number] as number) * (y[i - 1] as number) : 0));
          });
          return y;
        }),
        'float32',
      ),
  })),
);

/** Indices of the row's elements, falling, equal ones in order. */
const falling = (row: readonly number[]): number[] =>
  row.map((_, i) => i).sort((i, j) => (row[j] as number) - (row[i] as number) || i - j);

function largestOf(x: Nd, k: number, dtype: Dtype): Operand[] {
  const [values, indices]: [number[], number[]] = [[], []];
  rows(x, (row) => {
    for (const i of falling(row).slice(0, k)) {
      values.push(row[i] as number);
      indices.push(i);
    }
    return row;
  });
  const shape = [...x.shape.slice(0, -1), k];
  return [as(nd(shape, values), dtype), as(nd(shape, indices), 'int32')];
}

const topkRows: FunctionCase[] = [
  ...[
    [apart(6, [7]), undefined],
    [apart(7, [2, 3, 5]), 3],
    [apart(8, [3, 4]), 4],
    [apart(9, [3]), 0],
  ].map(([x, k]) => ({ x: x as Operand, k: k as number | undefined, dtype: 'float32' as Dtype, gradient: true })),
  { x: as(ints(10, [4, 9], -2, 2), 'float32'), k: 5, dtype: 'float32' as Dtype, gradient: false },
  { x: ints(11, [2, 6], -2, 2), k: 4, dtype: 'int32' as Dtype, gradient: false },
  { x: list([16777216, 16777217, -5, 16777217], 'int32'), k: 3, dtype: 'int32' as Dtype, gradient: false },
  { x: bools(12, [2, 5]), k: 2, dtype: 'bool' as Dtype, gradient: false },
].map(({ x, k, dtype, gradient }) => ({
  name: `${show(x)}, ${k}`,
  inputs: [x],
  run: (t?: Tensor) => {
    const { values, indices } = k === 4 ? sg.topk(t as Tensor, k, false) : (t as Tensor).topk(k);
    return [values, indices];
  },
  reference: (t?: Nd) => largestOf(t as Nd, k ?? 1, dtype),
  gradient,
}));

const sortedRows = (seed: number, shape: Shape, dtype: 'int32' | 'float32'): Operand =>
  as(
    rows(ints(seed, shape, -4, 4), (row) => [...row].sort((a, b) => a - b)),
    dtype,
  );

function placesIn(sorted: Nd, values: Nd, right: boolean): Operand {
  const n = sorted.shape[sorted.shape.length - 1] as number;
  const m = values.shape[values.shape.length - 1] as number;
  return as(
    nd(
      values.shape,
      Array.from(values.data, (v, i) => {
        const row = sorted.data.slice(Math.floor(i / m) * n, (Math.floor(i / m) + 1) * n);
        return row.filter((s) => s < v || (right && s === v)).length;
      }),
    ),
    'int32',
  );
}

type Search = (sorted: Tensor, values: Tensor) => Tensor;
const searches = (run: Search, right: boolean): FunctionCase[] =>
  (
    [
      [sortedRows(13, [6], 'float32'), given(14, [9], -5, 5)],
      [sortedRows(15, [6], 'int32'), ints(16, [9], -5, 5)],
      [sortedRows(17, [3, 5], 'float32'), as(ints(18, [3, 4], -5, 5), 'float32')],
      [sortedRows(19, [2, 2, 4], 'int32'), ints(20, [2, 2, 3], -5, 5)],
      [sortedRows(19, [2, 4], 'int32'), given(21, [2, 3], -5, 5)],
      [sortedRows(22, [0], 'float32'), given(23, [2])],
      [list([1, 2], 'float32'), list([])],
    ] as [Operand, Operand][]
  ).map(([sorted, values]) => ({
    name: `${show(sorted)}, ${show(values)}`,
    inputs: [sorted, values],
    run: (s?: Tensor, v?: Tensor) => run(s as Tensor, v as Tensor),
    reference: (s?: Nd, v?: Nd) => placesIn(s as Nd, v as Nd, right),
    gradient: false,
  }));

/** Distinct slices along an axis in the order of their first occurrence. */
function distinctOf(x: Operand, axis: number): Operand[] {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const inner = sizeOf(x.shape.slice(at + 1));
  const n = x.shape[at] as number;
  const slice = (i: number): number[] => [...x.data].filter((_, j) => Math.floor(j / inner) % n === i);
  const isSame = (a: number[], b: number[]): boolean =>
    a.every((v, i) => v === b[i] || (Number.isNaN(v) && Number.isNaN(b[i])));
  const firsts: number[] = [];
  const indices = Array.from({ length: n }, (_, i) => {
    const found = firsts.findIndex((k) => isSame(slice(k), slice(i)));
    return found >= 0 ? found : firsts.push(i) - 1;
  });
  const shape = x.shape.map((d, i) => (i === at ? firsts.length : d));
  const out = [...x.data].flatMap((_, j) => {
    const o = Math.floor(j / (inner * n));
    const rest = j - o * inner * n;
    return rest < inner * firsts.length
      ? [x.data[(o * n + (firsts[Math.floor(rest / inner)] as number)) * inner + (rest % inner)] as number]
      : [];
  });
  return [as(nd(shape, out), x.dtype ?? 'float32'), as(nd([n], indices), 'int32')];
}

const uniqueRows: FunctionCase[] = (
  [
    [ints(24, [12], -2, 2), undefined],
    [list([0, -0, NaN, 1, NaN, 0]), 0],
    [ints(25, [9, 2], 0, 1), undefined],
    [ints(26, [2, 9], 0, 1), -1],
    [ints(27, [2, 7, 2], 0, 1), 1],
    [bools(28, [5]), 0],
    [list([]), 0],
    [list([16777216, 16777217, 16777216], 'int32'), 0],
  ] as [Operand, number | undefined][]
).map(([x, axis]) => ({
  name: `${show(x)} along ${axis}`,
  inputs: [x],
  run: (t) => {
    const { values, indices } = axis === undefined ? (t as Tensor).unique() : sg.unique(t as Tensor, axis);
    return [values, indices];
  },
  reference: () => distinctOf(x, axis ?? 0),
  eagerOnly: true,
}));

/** Sums of the weights at each place of each row. */
function counts(x: Nd, weights: Nd | undefined, size: number, binary: boolean): number[] {
  const n = x.shape[x.shape.length - 1] as number;
  const out = new Array<number>((n ? x.data.length / n : sizeOf(x.shape.slice(0, -1))) * size).fill(0);
  x.data.forEach((v, i) => {
    const at = Math.floor(i / n) * size + v;
    if (v < size) out[at] = binary ? 1 : (out[at] as number) + (weights?.data[i] ?? 1);
  });
  return out;
}

const flatten = (x: Nd): Nd => nd([x.data.length], x.data);

const bincounts: FunctionCase[] = [
  ...[[20], [0], [3, 4], [1]].flatMap((shape) =>
    [6, 1, 0].flatMap((size): FunctionCase[] => [
      {
        name: `[${shape}] weighted, ${size} bins`,
        inputs: [ints(29, shape, 0, 7), given(30, shape)],
        run: (x, w) => sg.bincount(x as Tensor, w as Tensor, size),
        reference: (x, w) => list(counts(flatten(x as Nd), w, size, false), 'float32'),
      },
      {
        name: `[${shape}] weighted by int32, ${size} bins`,
        inputs: [ints(29, shape, 0, 7), ints(31, shape, -9, 9)],
        run: (x, w) => (x as Tensor).bincount(w as Tensor, size),
        reference: (x, w) => list(counts(flatten(x as Nd), w, size, false), 'int32'),
      },
      {
        name: `[${shape}] counted, ${size} bins`,
        inputs: [ints(29, shape, 0, 7)],
        run: (x) => sg.bincount(x as Tensor, [], size),
        reference: (x) => list(counts(flatten(x as Nd), undefined, size, false), 'float32'),
      },
    ]),
  ),
  {
    name: 'counted as int32',
    inputs: [ints(32, [30], 0, 3), list([], 'int32')],
    run: (x, w) => sg.bincount(x as Tensor, w as Tensor, 5),
    reference: (x) => list(counts(x as Nd, undefined, 5, false), 'int32'),
  },
];

const denseBincounts: FunctionCase[] = [[20], [3, 8], [2, 0]].flatMap((shape) =>
  [false, true].flatMap((binary): FunctionCase[] => {
    const of = (data: number[], dtype: Dtype): Operand => as(nd([...shape.slice(0, -1), 5], data), dtype);
    return [
      {
        name: `[${shape}] weighted${binary ? ', binary' : ''}`,
        inputs: [ints(33, shape, 0, 6), given(34, shape)],
        run: (x, w) => sg.denseBincount(x as Tensor, w as Tensor, 5, binary),
        reference: (x, w) => of(counts(x as Nd, w, 5, binary), 'float32'),
        gradient: !binary,
      },
      {
        name: `[${shape}] counted${binary ? ', binary' : ''}`,
        inputs: [ints(35, shape, 0, 6), list([], 'int32')],
        run: (x, w) => (x as Tensor).denseBincount(w as Tensor, 5, binary),
        reference: (x) => of(counts(x as Nd, undefined, 5, binary), 'int32'),
      },
    ];
  }),
);

const confusion: FunctionCase[] = [
  [ints(36, [40], 0, 3), ints(37, [40], 0, 3)],
  [ints(36, [1], 0, 3), ints(37, [1], 0, 3)],
  [list([], 'int32'), list([], 'int32')],
  [ints(38, [9], -1, 5), as(ints(39, [9], 0, 3), 'float32')],
].map(([labels, predictions]) => ({
  name: `${show(labels as Operand)}, ${show(predictions as Operand)}`,
  inputs: [labels as Operand, predictions as Operand],
  run: (l?: Tensor, p?: Tensor) => sg.math.confusionMatrix(l as Tensor, p as Tensor, 4),
  reference: (l?: Nd, p?: Nd) => {
    const out = new Array<number>(16).fill(0);
    (l as Nd).data.forEach((v, i) => {
      const w = (p as Nd).data[i] as number;
      if (v >= 0 && v < 4 && w >= 0 && w < 4) out[v * 4 + w] = (out[v * 4 + w] as number) + 1;
    });
    return list(out, 'int32', [4, 4]);
  },
  gradient: false,
}));

export const cumulativeFunctions: FunctionTable = {
  cumsum: cumulative('cumsum', 0, (a, b) => a + b, addInt),
  cumprod: cumulative('cumprod', 1, (a, b) => a * b, Math.imul),
  linearRecurrence: recurrences,
  topk: topkRows,
  searchSorted: [
    ...searches((s, v) => sg.searchSorted(s, v), false),
    ...searches((s, v) => s.searchSorted(v, 'right'), true),
  ],
  lowerBound: searches(sg.lowerBound, false),
  upperBound: searches(sg.upperBound, true),
  unique: uniqueRows,
  bincount: bincounts,
  denseBincount: denseBincounts,
  'math.confusionMatrix': confusion,
};

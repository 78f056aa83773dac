/** Gradient cases of running folds, of the largest elements, and of elements picked by index. */
import * as sg from '../../../src/index';
import { NONE } from '../../../src/ops/core/descriptor';
import { apply } from '../../support/ops';
import { apart, type Case, given, show } from './case';
import { type Nd, nd, rows, type Shape, sizeOf, zip } from './float64';

type Tensor = sg.Tensor;

/** Replaces every line along an axis; with `reverse` lines are seen from their end. */
export function alongAxis(x: Nd, axis: number, reverse: boolean, f: (line: number[], at: number[]) => number[]): Nd {
  const places = axis < 0 ? axis + x.shape.length : axis;
  const n = x.shape[places] as number;
  const inner = sizeOf(x.shape.slice(places + 1));
  const out = Float64Array.from(x.data);
  for (let o = 0; o < sizeOf(x.shape.slice(0, places)); o++) {
    for (let j = 0; j < inner; j++) {
      const at = Array.from({ length: n }, (_, i) => (o * n + i) * inner + j);
      if (reverse) at.reverse();
      f(
        at.map((i) => x.data[i] as number),
        at,
      ).forEach((v, i) => {
        out[at[i] as number] = v;
      });
    }
  }
  return nd(x.shape, out);
}

/** Folds of the first elements of a line, with or without its own. */
export const prefixes =
  (start: number, join: (a: number, b: number) => number, exclusive: boolean) =>
  (line: readonly number[]): number[] =>
    line.map((_, i) => line.slice(0, exclusive ? i : i + 1).reduce(join, start));

export const layouts: readonly (readonly [Shape, number])[] = [
  [[5], 0],
  [[1], 0],
  [[3, 4], 0],
  [[3, 4], -1],
  [[2, 3, 2], 1],
  [[2, 1, 5], 2],
];
const directions = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

const cumulative = (
  run: (x: Tensor, axis: number, exclusive: boolean, reverse: boolean) => Tensor,
  start: number,
  join: (a: number, b: number) => number,
  operands: readonly ((shape: Shape) => Nd)[],
): Case[] =>
  operands.flatMap((operand) =>
    layouts.flatMap(([shape, axis]) =>
      directions.map(([exclusive, reverse]) => ({
        name: `${show(shape)} along ${axis}${exclusive ? ', exclusive' : ''}${reverse ? ', reverse' : ''}`,
        inputs: [operand(shape)],
        run: (x) => run(x as Tensor, axis, exclusive, reverse),
        reference: (x) => alongAxis(x as Nd, axis, reverse, prefixes(start, join, exclusive)),
      })),
    ),
  );

const random = (shape: Shape): Nd => given(81, shape, -1.5, 1.5);
/** One element in three is 0. */
const withZeros = (shape: Shape): Nd => {
  const x = random(shape);
  return nd(
    shape,
    x.data.map((v, i) => (i % 3 === 1 ? 0 : v)),
  );
};

const indexTensor = (shape: Shape, values: readonly number[]): Tensor => sg.tensor(values as number[], shape, 'int32');
const picks: readonly { x: Shape; k: number; at: readonly number[] }[] = [
  { x: [4], k: 3, at: [2, 0, 2] },
  { x: [2, 3], k: 2, at: [1, 1, 0, 7] },
  { x: [2, 2, 3], k: 1, at: [0, 2, -1, 1] },
];
const rowShape = (shape: Shape, last: number): number[] => [...shape.slice(0, -1), last];

export const cumulativeCases = {
  cumsum: cumulative(sg.cumsum, 0, (a, b) => a + b, [random]),
  cumprod: cumulative(sg.cumprod, 1, (a, b) => a * b, [random, withZeros]),
  topkIndices: (
    [
      [[5], 2],
      [[2, 4], 4],
      [[2, 2, 3], 1],
    ] as const
  ).map(([shape, k]) => ({
    name: `${show(shape)}, ${k}`,
    inputs: [apart(84, shape)],
    run: (x) => {
      const { values, indices } = sg.topk(x as Tensor, k);
      return values.mul(indices.cast('float32').add(1));
    },
    reference: (x) => {
      const n = shape[shape.length - 1] as number;
      const data: number[] = [];
      rows(x as Nd, (row) => {
        const order = row.map((_, i) => i).sort((i, j) => (row[j] as number) - (row[i] as number));
        for (const i of order.slice(0, k)) data.push((row[i] as number) * (i + 1));
        return row;
      });
      return nd(rowShape(shape, Math.min(k, n)), data);
    },
  })),
  searchSorted: [
    {
      name: 'a factor of the values',
      inputs: [nd([4], [-1, -0.25, 0.5, 1.25]), given(85, [5])],
      run: (s, v) => (v as Tensor).mul(sg.searchSorted(s as Tensor, v as Tensor).cast('float32')),
      reference: (s, v) => zip(v as Nd, nd([], [1]), (x) => x * (s as Nd).data.filter((y) => y < x).length),
    },
  ],
  takeAlong: picks.map(({ x: shape, k, at }) => ({
    name: `${show(shape)} at ${at}`,
    inputs: [given(86, shape)],
    run: (x) => apply('takeAlong', [x as Tensor, indexTensor(rowShape(shape, k), at)], NONE),
    reference: (x) => {
      const n = shape[shape.length - 1] as number;
      return nd(
        rowShape(shape, k),
        at.map((i, j) => (i >= 0 && i < n ? ((x as Nd).data[Math.floor(j / k) * n + i] as number) : 0)),
      );
    },
  })),
  putAlong: picks.map(({ x: shape, k, at }) => ({
    name: `${show(rowShape(shape, k))} at ${at}`,
    inputs: [given(87, rowShape(shape, k))],
    run: (x) =>
      apply('putAlong', [x as Tensor, indexTensor(rowShape(shape, k), at)], {
        size: shape.at(-1) as number,
        strict: false,
      }),
    reference: (x) => {
      const n = shape[shape.length - 1] as number;
      const out = nd(shape, new Float64Array(sizeOf(shape)));
      at.forEach((i, j) => {
        const place = Math.floor(j / k) * n + i;
        if (i >= 0 && i < n) out.data[place] = (out.data[place] as number) + ((x as Nd).data[j] as number);
      });
      return out;
    },
  })),
} satisfies Record<string, readonly Case[]>;

/** Rows by index, their sums, and draws from discrete distributions. */
import * as reference from '../../reference/indexing';
import type { Kind } from '../../support/generate';
import { at, type Case, of, row, x } from './case';

const KINDS: readonly Kind[] = ['wild', 'int', 'bool'];

/** [batch, outer, n, inner] with the number of indices. */
const SHAPES: readonly (readonly [shape: [number, number, number, number], count: number])[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 255, 256, 257, 300].map((inner): [[number, number, number, number], number] => [
    [1, 1, 5, inner],
    9,
  ]),
  [[1, 1, 1, 1], 1],
  [[1, 1, 40, 1], 300],
  [[1, 1, 300, 3], 40],
  [[2, 3, 4, 5], 6],
  [[3, 1, 4, 1], 2],
  [[1, 4, 3, 40], 7],
  [[5, 2, 2, 1], 1],
  [[2, 2, 3, 0], 4],
  [[0, 1, 3, 2], 3],
  [[2, 0, 3, 2], 3],
  [[1, 1, 4, 3], 0],
  [[1, 1, 0, 3], 0],
];

/** Indices inside; some of them negative if rows may be dropped. */
const indices = (batch: number, n: number, count: number, drop: boolean) => {
  if (!drop || n === 0) return x(n, batch, count);
  const values = Array.from({ length: batch * count }, (_, i) => (i % 3 === 1 ? -1 - (i % 5) : (i * 7) % n));
  return of('int', [batch, count], values);
};

const attrs = (drop: boolean) => ({ drop, label: 'test' });

const rows = KINDS.flatMap((kind) =>
  SHAPES.flatMap(([shape, count]) => {
    const [batch, outer, n, inner] = shape;
    return [false, true].flatMap((drop) => {
      const ids = indices(batch, n, count, drop);
      return [
        row('gather', [x(kind, ...shape), ids], attrs(drop), (inputs) =>
          reference.gather(at(inputs, 0), at(inputs, 1)),
        ),
        row(
          'segmentSum',
          [x(kind === 'bool' ? 'int' : kind, batch, outer, count, inner), ids],
          { ...attrs(drop), n },
          (inputs) => reference.segmentSum(at(inputs, 0), at(inputs, 1), n),
        ),
        ...(batch === 1 && outer === 1
          ? [
              row('replaceRows', [x(kind, ...shape), ids, x(kind, 1, 1, count, inner)], attrs(drop), (inputs) =>
                reference.replaceRows(at(inputs, 0), at(inputs, 1), at(inputs, 2)),
              ),
            ]
          : []),
      ];
    });
  }),
);

/** Coordinates inside of every dimension. */
const tuples = (count: number, dims: readonly number[]): number[] =>
  Array.from({ length: count }, (_, i) => dims.map((d, k) => (i * (k + 3) + k) % d)).flat();

const flat = (
  [
    [5, [4]],
    [7, [3, 5]],
    [20, [2, 1, 3]],
    [3, [1, 2, 3, 2, 3, 2, 2]],
    [0, [3, 3]],
    [4, []],
    [1, [9]],
  ] as [number, number[]][]
).map(([count, dims]) =>
  row('flatIndex', [of('int', [count, dims.length], tuples(count, dims))], { dims, label: 'test' }, (inputs) =>
    reference.flatIndex(at(inputs, 0), dims),
  ),
);

const LAST = 1 - 2 ** -24;
const picks = [
  ...(
    [
      [1, 2, 5],
      [3, 7, 11],
      [2, 1, 4],
      [5, 300, 3],
      [2, 3, 0],
      [0, 3, 2],
    ] as const
  ).map(([n, k, count]) =>
    row(
      'pick',
      [
        x('factor', n, k),
        of(
          'float',
          [n, count],
          Array.from({ length: n * count }, (_, i) => ((i * 37) % 97) / 97),
        ),
      ],
      {},
      (inputs) => reference.pick(at(inputs, 0), at(inputs, 1)),
    ),
  ),
  // Shares of 0 are never picked, not even by the ends of [0, 1); nor does it matter what the shares add up to.
  ...[
    [0, 1, 0, 2, 0],
    [0, 0, 0.1, 0.7, 0.2, 0, 0],
    [1e-30, 1e-30, 0],
    [1e8, 1, 1],
    [0.3, 0.3, 0.3],
  ].map((shares) =>
    row(
      'pick',
      [of('float', [1, shares.length], shares), of('float', [1, 6], [0, 2 ** -24, 0.25, 0.5, 0.9, LAST])],
      {},
      (inputs) => reference.pick(at(inputs, 0), at(inputs, 1)),
    ),
  ),
];

export const indexingCases: Case[] = [...rows, ...flat, ...picks];

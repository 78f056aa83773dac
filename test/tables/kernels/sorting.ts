/** The largest of rows, places in sorted rows, elements by index. */
import { NONE } from '../../../src/ops/core/descriptor';
import * as reference from '../../reference/sorting';
import { generate, type Kind, SPECIALS, type Spec, seedOf } from '../../support/generate';
import { at, type Case, of, row, x } from './case';

const KINDS: readonly Kind[] = ['wild', 'ties', 'rare', 'int', 3];

const topkCases = [[1], [2], [5], [17], [700], [3, 4], [4, 1], [0, 3], [2, 3, 9]].flatMap((shape) => {
  const n = shape[shape.length - 1] as number;
  const counts = [...new Set([0, 1, 2, Math.ceil(n / 2), n - 1, n])].filter((k) => k >= 0 && k <= n);
  return KINDS.flatMap((kind) =>
    counts.map((k) =>
      row('topkIndices', [x(kind, ...shape)], { k }, ([a], attrs) => reference.topkIndices(a as never, attrs.k)),
    ),
  );
});

const contests = [
  [0, -0, 0, -0, 1, -1],
  [Number.NaN, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  SPECIALS,
].flatMap((values) =>
  [1, 2, values.length].map((k) =>
    row('topkIndices', [of('float', [values.length], values)], { k }, ([a], attrs) =>
      reference.topkIndices(a as never, attrs.k),
    ),
  ),
);

/** Rows of a kind, ascending. */
function ascending(kind: Kind, shape: readonly number[]): Spec {
  const { data } = generate({ kind, shape }, seedOf(`ascending ${kind} ${shape}`));
  const n = shape[shape.length - 1] as number;
  const values: number[] = [];
  for (let i = 0; i < data.length; i += n) values.push(...data.slice(i, i + n).sort());
  return of(kind, shape, values);
}

const searchCases = (['ties', 'float', 'int', 5] as const).flatMap((kind) =>
  (
    [
      [[1], [1]],
      [[5], [7]],
      [[0], [3]],
      [[4], [0]],
      [
        [3, 8],
        [3, 5],
      ],
      [
        [2, 2, 33],
        [2, 2, 40],
      ],
    ] as const
  ).flatMap(([sorted, values]) =>
    [false, true].map((right) =>
      row('searchSorted', [ascending(kind, sorted), x(kind, ...values)], { right }, (inputs, attrs) =>
        reference.searchSorted(at(inputs, 0), at(inputs, 1), attrs.right),
      ),
    ),
  ),
);

const ALONG: readonly { rows: number[]; n: number; k: number }[] = [
  { rows: [], n: 5, k: 3 },
  { rows: [], n: 1, k: 40 },
  { rows: [], n: 4, k: 0 },
  { rows: [3], n: 4, k: 6 },
  { rows: [2, 3], n: 7, k: 2 },
  { rows: [0], n: 3, k: 2 },
  { rows: [3], n: 0, k: 2 },
  { rows: [], n: 30, k: 2000 },
];

/** Indices within the row, and some outside. */
const indexKinds = (n: number): Kind[] => [n, n + 2, 'int'];

const alongCases = ALONG.flatMap(({ rows, n, k }) =>
  (['wild', 'int'] as const).flatMap((kind) =>
    indexKinds(n).flatMap((indices) => [
      row('takeAlong', [x(kind, ...rows, n), x(indices, ...rows, k)], NONE, (inputs) =>
        reference.takeAlong(at(inputs, 0), at(inputs, 1)),
      ),
      row('putAlong', [x(kind, ...rows, k), x(indices, ...rows, k)], { size: n, strict: false }, (inputs, attrs) =>
        reference.putAlong(at(inputs, 0), at(inputs, 1), attrs.size),
      ),
    ]),
  ),
);

const strictCases = [6, 9].map((kind) =>
  row('putAlong', [x('float', 20), x(kind, 20)], { size: 6, strict: true }, (inputs, attrs) =>
    reference.putAlong(at(inputs, 0), at(inputs, 1), attrs.size),
  ),
);

export const sortingCases: Case[] = [...topkCases, ...contests, ...searchCases, ...alongCases, ...strictCases];

/** Ops that move elements, on every type. */
import * as reference from '../../reference/movement';
import type { Kind } from '../../support/generate';
import { at, type Case, of, row, x } from './case';

const KINDS: readonly Kind[] = ['wild', 'int', 'bool'];
const INF = Number.POSITIVE_INFINITY;

/** All orders of a list. */
const orders = (list: readonly number[]): number[][] =>
  list.length === 0
    ? [[]]
    : list.flatMap((first) => orders(list.filter((i) => i !== first)).map((rest) => [first, ...rest]));

const transposes: readonly [shape: number[], perm: number[]][] = [
  ...[[], [3], [4, 5], [2, 3, 4], [3, 1, 2], [0, 2, 3], [2, 3, 2, 3]].flatMap((shape) =>
    orders(shape.map((_, i) => i)).map((perm): [number[], number[]] => [shape, perm]),
  ),
  [
    [2, 3, 2, 3, 2, 3],
    [5, 3, 1, 4, 2, 0],
  ],
  [
    [2, 1, 2, 3, 1, 3],
    [3, 4, 0, 5, 1, 2],
  ],
  [
    [2, 2, 3, 2, 2, 2, 2],
    [6, 5, 4, 3, 2, 1, 0],
  ],
  [
    [2, 2, 2, 2, 2, 2, 2, 2],
    [1, 0, 3, 2, 5, 4, 7, 6],
  ],
  [
    [40, 50],
    [1, 0],
  ],
  [
    [3, 300, 2],
    [2, 0, 1],
  ],
];

/** Moves elements whatever their type, so one kind will do: odd sizes in every order, the borders of tiles. */
const manyTransposes: readonly [shape: number[], perm: number[]][] = [
  ...[
    [7, 5],
    [5, 6, 7],
    [3, 5, 4, 7],
    [5, 2, 3, 4, 5],
    [2, 3, 5, 2, 4, 3],
  ].flatMap((shape) => orders(shape.map((_, i) => i)).map((perm): [number[], number[]] => [shape, perm])),
  ...[
    [4, 4],
    [3, 70],
    [70, 3],
    [64, 64],
    [257, 9],
    [9, 257],
    [65, 130],
    [259, 66],
    [1027, 5],
  ].map((shape): [number[], number[]] => [shape, [1, 0]]),
  [
    [3, 65, 67],
    [0, 2, 1],
  ],
  [
    [66, 5, 70],
    [2, 1, 0],
  ],
  [
    [2, 3, 33, 9, 2],
    [0, 3, 2, 1, 4],
  ],
  [
    [3, 40, 2, 300],
    [0, 2, 1, 3],
  ],
];

const slices: readonly [shape: number[], begin: number[], size: number[]][] = [
  [[], [], []],
  [[5], [0], [5]],
  [[5], [2], [3]],
  [[5], [2], [0]],
  [[5], [5], [0]],
  [
    [3, 4],
    [1, 0],
    [2, 4],
  ],
  [
    [3, 4],
    [1, 0],
    [1, 4],
  ],
  [
    [3, 4],
    [0, 1],
    [3, 2],
  ],
  [
    [3, 4],
    [2, 3],
    [1, 1],
  ],
  [
    [3, 4],
    [1, 1],
    [1, 2],
  ],
  [
    [2, 3, 4],
    [1, 1, 1],
    [1, 2, 2],
  ],
  [
    [2, 3, 4],
    [0, 1, 0],
    [2, 1, 4],
  ],
  [
    [2, 3, 4],
    [1, 2, 0],
    [1, 1, 3],
  ],
  [
    [2, 3, 2, 3, 2, 3],
    [0, 1, 1, 0, 1, 1],
    [2, 2, 1, 3, 1, 2],
  ],
  [
    [3, 3, 3, 3, 3, 3, 3],
    [1, 0, 1, 0, 1, 0, 1],
    [2, 2, 2, 2, 2, 2, 2],
  ],
  [
    [0, 3],
    [0, 1],
    [0, 2],
  ],
  [
    [1500, 3],
    [1, 0],
    [1400, 2],
  ],
];

const pads: readonly [shape: number[], paddings: [number, number][]][] = [
  [[], []],
  [[3], [[0, 0]]],
  [[3], [[2, 1]]],
  [[0], [[2, 3]]],
  [
    [2, 3],
    [
      [1, 0],
      [0, 2],
    ],
  ],
  [
    [2, 3],
    [
      [0, 0],
      [3, 0],
    ],
  ],
  [
    [2, 0],
    [
      [1, 1],
      [1, 0],
    ],
  ],
  [
    [2, 1, 3],
    [
      [0, 1],
      [1, 1],
      [0, 0],
    ],
  ],
  [
    [2, 1, 2, 1, 2, 2],
    [
      [1, 0],
      [0, 1],
      [1, 1],
      [2, 0],
      [0, 0],
      [1, 1],
    ],
  ],
  [
    [2, 1, 2, 1, 2, 1, 2],
    [
      [1, 0],
      [0, 1],
      [1, 1],
      [1, 0],
      [0, 0],
      [1, 1],
      [0, 1],
    ],
  ],
  [
    [50, 33],
    [
      [3, 4],
      [5, 6],
    ],
  ],
];

const concats: readonly [shapes: number[][], axis: number][] = [
  [[[3]], 0],
  [[[3], [4], [1]], 0],
  [[[0], [2], [0]], 0],
  [
    [
      [2, 3],
      [1, 3],
    ],
    0,
  ],
  [
    [
      [2, 3],
      [2, 1],
      [2, 4],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [2, 0],
      [2, 1],
    ],
    1,
  ],
  [
    [
      [0, 3],
      [0, 1],
    ],
    1,
  ],
  [
    [
      [2, 3, 2],
      [2, 1, 2],
      [2, 2, 2],
    ],
    1,
  ],
  [
    [
      [2, 1, 2, 1, 2, 1],
      [2, 1, 2, 3, 2, 1],
    ],
    3,
  ],
  [
    [
      [30, 40],
      [30, 41],
    ],
    1,
  ],
];

const transposeRow = (kind: Kind, [shape, perm]: readonly [number[], number[]]): Case =>
  row('transpose', [x(kind, ...shape)], { perm }, (inputs) => reference.transpose(at(inputs, 0), perm));

const moves = KINDS.flatMap((kind) => [
  ...transposes.map((given) => transposeRow(kind, given)),
  ...slices.map(([shape, begin, size]) =>
    row('slice', [x(kind, ...shape)], { begin, size }, (inputs) => reference.slice(at(inputs, 0), begin, size)),
  ),
  ...concats.map(([shapes, axis]) =>
    row(
      'concat',
      shapes.map((s) => x(kind, ...s)),
      { axis },
      (inputs) => reference.concat(inputs, axis),
    ),
  ),
  ...pads.flatMap(([shape, paddings]) =>
    ({ wild: [0, -0, -1.5, 0.1, -INF, Number.NaN], int: [0, -7, 2 ** 31 - 1], bool: [0, 1] })[kind as 'wild'].map(
      (value) =>
        row('pad', [x(kind, ...shape)], { paddings, value }, (inputs) => reference.pad(at(inputs, 0), paddings, value)),
    ),
  ),
  ...(
    [
      [[], [1, 1]],
      [[6], [2, 3]],
      [
        [2, 3, 4],
        [4, 6],
      ],
      [
        [0, 3],
        [5, 0],
      ],
      [[2, 2, 2, 2, 2, 2], [64]],
    ] as [number[], number[]][]
  ).map(([from, shape]) =>
    row('reshape', [x(kind, ...from)], { shape }, (inputs) => reference.reshape(at(inputs, 0), shape)),
  ),
]);

const fills = [[], [0], [1], [3], [4], [5], [2, 3], [1025]].flatMap((shape) => [
  ...[0, -0, 1, 0.1, -INF, Number.NaN, 1e-40].map((value) =>
    row('fill', [], { shape, value, dtype: 'float32' }, () => reference.fill(shape, value, 'float32')),
  ),
  ...[0, -1, 2 ** 31 - 1].map((value) =>
    row('fill', [], { shape, value, dtype: 'int32' }, () => reference.fill(shape, value, 'int32')),
  ),
  row('fill', [], { shape, value: 1, dtype: 'bool' }, () => reference.fill(shape, 1, 'bool')),
]);

const oneHots = (
  [
    [[], 4],
    [[5], 1],
    [[7], 10],
    [[3, 4], 5],
    [[0], 3],
    [[4], 0],
    [[33], 17],
    [[2, 1, 3], 6],
  ] as [number[], number][]
).flatMap(([shape, depth]) =>
  [
    { on: 1, off: 0, dtype: 'float32' as const },
    { on: 0.1, off: -0, dtype: 'float32' as const },
    { on: 7, off: -1, dtype: 'int32' as const },
    { on: 1, off: 0, dtype: 'bool' as const },
  ].flatMap(({ on, off, dtype }) =>
    // Indices inside, with either strictness; and some that lie outside.
    [x(depth, ...shape), of('int', [5], [-1, 0, depth - 1, depth, 2 ** 31 - 1])].flatMap((spec) =>
      [false, true].flatMap((strict) => {
        if (strict && (spec.values || depth === 0)) return [];
        return [
          row('oneHot', [spec], { depth, on, off, dtype, strict }, (inputs) =>
            reference.oneHot(at(inputs, 0), depth, on, off, dtype),
          ),
        ];
      }),
    ),
  ),
);

/** A value with gradients of its own is that value. */
const customs = KINDS.flatMap((kind) =>
  [[], [0], [5], [2, 3]].map((shape, id) =>
    row('custom', [x(kind, ...shape), x('float', 3)], { gradFunc: null, id }, (inputs) => at(inputs, 0)),
  ),
);

export const movementCases: Case[] = [
  ...moves,
  ...manyTransposes.map((given) => transposeRow('wild', given)),
  ...fills,
  ...oneHots,
  ...customs,
];

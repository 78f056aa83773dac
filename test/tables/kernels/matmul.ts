/** Matrix products around the borders of tiles, panels and blocks. */
import { Join, Un } from '../../../assembly/isa';
import type { NdArray } from '../../reference/array';
import { unary } from '../../reference/elementwise';
import { finish, joined, matMul } from '../../reference/gemm';
import type { Kind, Spec } from '../../support/generate';
import { unaryRows } from '../elementwise';
import { at, type Case, row, x } from './case';

type Flags = readonly [transposeA: boolean, transposeB: boolean];

const FLAGS: readonly Flags[] = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
];

function product(a: Spec, b: Spec, [transposeA, transposeB]: Flags): Case {
  return row('matMul', [a, b], { transposeA, transposeB }, (inputs) =>
    matMul(at(inputs, 0), at(inputs, 1), transposeA, transposeB),
  );
}

const plain = (kind: Kind, m: number, n: number, k: number, flags: Flags): Case =>
  product(flags[0] ? x(kind, k, m) : x(kind, m, k), flags[1] ? x(kind, n, k) : x(kind, k, n), flags);

const SIZES = [1, 2, 3, 15, 16, 17, 31, 33, 64, 129, 255, 256, 257, 300];

/** All pairs of sizes for each two of m, n and k; the transposes take turns. */
const grid = SIZES.flatMap((m, i) =>
  SIZES.map((n, j) =>
    plain('float', m, n, SIZES[(5 * i + 3 * j) % SIZES.length] as number, FLAGS[(i + j) % 4] as Flags),
  ),
);

/** Few columns, with rows around the heights of their tiles; the last columns of many. */
const narrow = [1, 4, 7, 8, 9, 21].flatMap((m, i) =>
  [1, 4, 5, 8, 9, 20, 37].map((n, j) =>
    plain('float', m, n, [3, 40, 270][(i + j) % 3] as number, FLAGS[(i + j) % 4] as Flags),
  ),
);

/** Every transpose of small and of long products: folds of several blocks, and those of length 0. */
const shapes = (
  [
    [1, 1, 1],
    [1, 32, 3],
    [1, 100, 700],
    [1, 5, 1000],
    [4, 40, 300],
    [5, 16, 513],
    [7, 7, 7],
    [2, 16, 1024],
    [33, 35, 770],
    [0, 3, 4],
    [3, 0, 4],
    [3, 4, 0],
    [1, 33, 0],
    [0, 0, 0],
  ] as const
).flatMap(([m, n, k]) => FLAGS.flatMap((flags) => [plain('float', m, n, k, flags), plain('rare', m, n, k, flags)]));

const BATCHES: readonly [number[], number[]][] = [
  [[2], [2]],
  [[3], [1]],
  [[1], [3]],
  [[3], []],
  [[], [3]],
  [
    [2, 3],
    [2, 3],
  ],
  [
    [2, 1],
    [1, 3],
  ],
  [[2, 3], [3]],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [1, 3],
    [2, 1],
  ],
  [
    [2, 1, 2],
    [3, 1],
  ],
  [
    [2, 2, 1, 2],
    [2, 1, 3, 1],
  ],
  [
    [5, 1],
    [1, 1],
  ],
  [[0], [0]],
  [
    [2, 0],
    [1, 1],
  ],
  [[0], [1]],
];

const batches = BATCHES.flatMap(([a, b]) =>
  FLAGS.flatMap((flags) =>
    (
      [
        [3, 4, 5],
        [1, 33, 2],
        [6, 17, 1],
      ] as const
    ).map(([m, n, k]) =>
      product(
        x('float', ...a, ...(flags[0] ? [k, m] : [m, k])),
        x('float', ...b, ...(flags[1] ? [n, k] : [k, n])),
        flags,
      ),
    ),
  ),
);

/** What the planner lets a product do after its fold. */
export const EPILOGUES: readonly { bias: boolean; activation: Un; alpha: number; of: (v: number) => number }[] = [
  { bias: true, activation: Un.identity, alpha: 0, of: (v) => v },
  { bias: true, activation: Un.relu, alpha: 0, of: unary.relu },
  { bias: false, activation: Un.relu, alpha: 0, of: unary.relu },
  { bias: true, activation: Un.sigmoid, alpha: 0, of: unaryRows.sigmoid.spec },
  { bias: false, activation: Un.tanh, alpha: 0, of: unaryRows.tanh.spec },
  { bias: true, activation: Un.softplus, alpha: 0, of: unaryRows.softplus.spec },
  { bias: true, activation: Un.clip, alpha: 6, of: (v) => unary.clipByValue(v, 0, 6) },
  { bias: false, activation: Un.clip, alpha: 0.5, of: (v) => unary.clipByValue(v, 0, 0.5) },
  { bias: true, activation: Un.leakyRelu, alpha: 0.3, of: (v) => unary.leakyRelu(v, Math.fround(0.3)) },
];

const epilogues = EPILOGUES.flatMap(({ of: activate, ...epilogue }) =>
  (
    [
      [[], [1, 40], 3],
      [[], [5, 1], 7],
      [[], [3, 17], 300],
      [[], [130, 35], 4],
      [[2, 3], [4, 18], 5],
      [[], [2, 16], 0],
    ] as [number[], [number, number], number][]
  ).flatMap(([batch, [m, n], k]) =>
    FLAGS.slice(0, batch.length ? 1 : 4).map((flags) => {
      const [transposeA, transposeB] = flags;
      const specs = [
        x('rare', ...batch, ...(transposeA ? [k, m] : [m, k])),
        x('float', ...(transposeB ? [n, k] : [k, n])),
      ];
      return row(
        'matMul',
        epilogue.bias ? [...specs, x('rare', n)] : specs,
        { transposeA, transposeB, epilogue },
        ([a, b, bias]) => finish(matMul(a as NdArray, b as NdArray, transposeA, transposeB), bias, activate),
      );
    }),
  ),
);

const JOINS = [
  { join: Join.add, of: (v: number, w: number) => Math.fround(v + w) },
  { join: Join.reluGrad, of: (v: number, w: number) => (w > 0 ? v : 0) },
];

/** Matrices that join, before an activation and after a bias or none: in blocks of several folds, single rows, tails. */
const joins = JOINS.flatMap(({ join, of: combine }) =>
  EPILOGUES.slice(0, 4).flatMap(({ of: activate, ...epilogue }) =>
    (
      [
        [[], [1, 75], 3],
        [[], [67, 290], 5],
        [[], [3, 17], 700],
        [[2, 3], [4, 18], 5],
        [[], [2, 16], 0],
      ] as [number[], [number, number], number][]
    ).map(([batch, [m, n], k]) => {
      const specs = [x('rare', ...batch, m, k), x('float', ...batch, k, n)];
      if (epilogue.bias) specs.push(x('rare', n));
      return row(
        'matMul',
        [...specs, x('rare', ...batch, m, n)],
        { transposeA: false, transposeB: false, epilogue: { ...epilogue, join } },
        ([a, b, ...more]) => {
          const bias = epilogue.bias ? more[0] : undefined;
          const product = finish(matMul(a as NdArray, b as NdArray, false, false), bias, (v) => v);
          return finish(joined(product, more.at(-1) as NdArray, combine), undefined, activate);
        },
      );
    }),
  ),
);

export const matMulCases: Case[] = [...grid, ...narrow, ...shapes, ...batches, ...epilogues, ...joins];

/** Convolutions and poolings: every stride, dilation and padding that differ in their way through the kernels. */

import type { NdArray } from '../../reference/array';
import * as conv from '../../reference/conv';
import { finish, normalized } from '../../reference/gemm';
import * as pool from '../../reference/pool';
import type { Kind } from '../../support/generate';
import { at, type Case, row, x } from './case';
import { EPILOGUES } from './matmul';

type Pair = conv.Pair;

export interface Geometry extends conv.WindowAttrs {
  readonly positions: Pair;
  readonly image: Pair;
  readonly window: Pair;
}

/** As Keras: ceil(size / stride) positions, what is odd of the padding goes behind. */
function same(size: number, window: number, stride: number, dilation: number): Pair {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (window - 1) * dilation + 1 - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

export function geometry(
  image: Pair,
  window: Pair,
  pad: 'same' | 'valid' | readonly [Pair, Pair],
  strides: Pair = [1, 1],
  dilations: Pair = [1, 1],
): Geometry {
  const pads = ([0, 1] as const).map((d): Pair => {
    if (pad === 'valid') return [0, 0];
    return pad === 'same' ? same(image[d], window[d], strides[d], dilations[d]) : pad[d];
  }) as [Pair, Pair];
  const moves = { strides, dilations, padHeight: pads[0], padWidth: pads[1] };
  return { image, window, ...moves, positions: conv.outputSize([1, ...image, 1], window, moves) };
}

const BASE = geometry([5, 4], [3, 3], 'same');

export const GEOMETRIES: readonly Geometry[] = [
  BASE,
  geometry([5, 5], [3, 3], 'valid'),
  geometry([6, 7], [3, 2], 'same', [2, 2]),
  geometry([7, 6], [2, 3], 'valid', [2, 1]),
  geometry([9, 8], [2, 2], 'valid', [1, 3]),
  geometry([7, 7], [2, 2], 'same', [3, 3]),
  geometry([8, 8], [3, 3], 'same', [1, 1], [2, 2]),
  geometry([9, 10], [3, 3], 'valid', [2, 2], [2, 3]),
  geometry([6, 6], [3, 3], 'same', [1, 1], [1, 2]),
  geometry([6, 6], [3, 3], 'same', [1, 1], [2, 1]),
  geometry([6, 5], [3, 1], 'valid', [1, 1], [2, 2]),
  geometry([4, 4], [1, 1], 'valid'),
  geometry([5, 5], [1, 1], 'valid', [2, 2]),
  geometry([3, 3], [5, 5], 'same'),
  geometry(
    [2, 3],
    [4, 5],
    [
      [2, 3],
      [1, 4],
    ],
  ),
  geometry(
    [2, 2],
    [3, 3],
    [
      [2, 0],
      [0, 2],
    ],
  ),
  geometry(
    [5, 4],
    [2, 3],
    [
      [0, 1],
      [2, 1],
    ],
  ),
  geometry(
    [5, 4],
    [2, 2],
    [
      [1, 0],
      [0, 1],
    ],
    [2, 3],
  ),
  geometry(
    [4, 5],
    [3, 3],
    [
      [0, 2],
      [0, 0],
    ],
  ),
  geometry(
    [5, 4],
    [3, 3],
    [
      [0, 0],
      [0, 2],
    ],
  ),
  // A single position, from which nothing of the image is seen.
  geometry(
    [3, 2],
    [2, 2],
    [
      [5, 0],
      [6, 0],
    ],
    [7, 7],
  ),
  geometry([1, 1], [1, 1], 'valid'),
  geometry([1, 1], [3, 3], 'same'),
  geometry([1, 9], [1, 3], 'valid'),
  geometry([9, 1], [3, 1], 'same', [2, 1]),
  geometry([15, 14], [7, 7], 'same', [2, 2]),
  geometry([8, 9], [3, 3], 'valid', [4, 5]),
];

/** More than one band: rows that fill it, and rows longer than it. */
const BANDS = [
  geometry([20, 19], [3, 3], 'same'),
  geometry([3, 300], [3, 3], 'same'),
  geometry([70, 5], [2, 2], 'valid'),
  geometry([40, 40], [3, 3], 'same', [2, 2]),
];

const CHANNELS: readonly Pair[] = [
  [1, 1],
  [3, 16],
  [16, 3],
  [4, 17],
  [5, 5],
  [17, 4],
  [33, 1],
  [16, 16],
  [1, 33],
];

/** One of the three convolutions with everything that decides its shapes. */
function convRows(g: Geometry, n: number, c: number, oc: number, kind: Kind = 'float'): Case[] {
  const { image, window, ...attrs } = g;
  const [oh, ow] = conv.outputSize([n, ...image, c], window, attrs);
  const input = x(kind, n, ...image, c);
  const filter = x(kind, ...window, c, oc);
  const dy = x(kind, n, oh, ow, oc);
  return [
    row('conv2d', [input, filter], attrs, (inputs, a) => conv.conv2d(at(inputs, 0), at(inputs, 1), a)),
    row('conv2dInputGrad', [dy, filter], { ...attrs, inputSize: image }, (inputs, a) =>
      conv.conv2dInputGrad(at(inputs, 0), at(inputs, 1), a),
    ),
    row('conv2dFilterGrad', [input, dy], { ...attrs, window }, (inputs, a) =>
      conv.conv2dFilterGrad(at(inputs, 0), at(inputs, 1), a),
    ),
  ];
}

const turns = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;

const FEW: readonly Pair[] = [
  [1, 5],
  [3, 16],
  [5, 2],
  [2, 17],
];
const NARROW: readonly Pair[] = [
  [3, 4],
  [4, 8],
  [7, 6],
  [17, 1],
];
const ALL = [1, 3, 4, 5, 16, 17, 33];

const convs: Case[] = [
  ...GEOMETRIES.flatMap((g, i) => [0, 1, 2].flatMap((t) => convRows(g, 1 + t, ...turns(CHANNELS, 2 * i + 3 * t)))),
  ...GEOMETRIES.flatMap((g, i) => convRows(g, 2, ...turns(CHANNELS, i + 4), 'rare')),
  ...BANDS.flatMap((g, i) => [0, 1].flatMap((t) => convRows(g, 1 + t, ...turns(FEW, i + 2 * t)))),
  ...ALL.flatMap((c) => ALL.flatMap((oc) => convRows(BASE, 1, c, oc))),
  // Few channels on either side, with rows of pixels around the heights of their tiles.
  ...[7, 8, 9, 20].flatMap((w, i) => convRows(geometry([3, w], [3, 3], 'same'), 2, ...turns(NARROW, i))),
  // Folds longer than one block: in one kernel row, over several rows, in one tap of a dilated kernel, in 1x1.
  ...convRows(geometry([4, 4], [3, 3], 'same'), 1, 200, 3),
  ...convRows(geometry([4, 4], [3, 3], 'same'), 2, 70, 18),
  ...convRows(geometry([3, 4], [2, 2], 'valid'), 1, 300, 2),
  ...convRows(geometry([5, 5], [2, 2], 'same', [1, 1], [2, 2]), 1, 600, 2),
  ...convRows(geometry([5, 6], [3, 3], 'same', [1, 1], [1, 2]), 1, 300, 5),
  ...convRows(geometry([2, 2], [1, 1], 'valid'), 1, 1100, 4),
  ...convRows(geometry([3, 3], [2, 2], 'valid'), 1, 3, 600),
  // Nothing to do.
  ...convRows(BASE, 0, 3, 4),
  ...convRows(BASE, 2, 3, 0),
  ...convRows(BASE, 2, 0, 3),
];

/** Planes for Winograd's form: whole and partial tiles, several blocks of them, all paddings; images larger than what is seen. */
const TILED: readonly Geometry[] = [
  geometry([7, 7], [3, 3], 'same'),
  geometry([10, 10], [3, 3], 'valid'),
  geometry([13, 13], [3, 3], 'valid'),
  geometry([4, 12], [3, 3], 'same'),
  geometry([2, 40], [3, 3], 'same'),
  geometry(
    [5, 6],
    [3, 3],
    [
      [2, 2],
      [2, 2],
    ],
  ),
  geometry(
    [9, 9],
    [3, 3],
    [
      [0, 1],
      [3, 0],
    ],
  ),
  geometry(
    [2, 2],
    [3, 3],
    [
      [5, 4],
      [3, 6],
    ],
  ),
];

const TILED_CHANNELS: readonly Pair[] = [
  [8, 16],
  [9, 17],
  [16, 33],
  [33, 16],
  [12, 20],
  [19, 18],
];

const [SEVEN] = TILED as [Geometry];

const winograds: Case[] = [
  ...TILED.flatMap((g, i) => [0, 1, 2].flatMap((t) => convRows(g, t, ...turns(TILED_CHANNELS, i + 2 * t)))),
  ...TILED_CHANNELS.flatMap((channels) => convRows(SEVEN, 1, ...channels)),
  ...convRows(SEVEN, 2, 11, 19, 'rare'),
  // More than one block of tiles; folds longer than one piece.
  ...convRows(geometry([21, 19], [3, 3], 'same'), 3, 8, 16),
  ...convRows(SEVEN, 1, 70, 18),
  ...convRows(SEVEN, 1, 10, 131),
  ...convRows(SEVEN, 1, 260, 16).slice(0, 1),
];

const convEpilogues = EPILOGUES.flatMap(({ of: activate, ...epilogue }) =>
  (
    [
      [3, 16],
      [4, 5],
      [2, 33],
      [9, 18],
    ] as Pair[]
  ).map(([c, oc]) => {
    const { image, window, ...attrs } = c < 8 ? BASE : SEVEN;
    const specs = [x('rare', 2, ...image, c), x('float', ...window, c, oc)];
    return row(
      'conv2d',
      epilogue.bias ? [...specs, x('rare', oc)] : specs,
      { ...attrs, epilogue },
      ([input, filter, bias], a) => finish(conv.conv2d(input as NdArray, filter as NdArray, a), bias, activate),
    );
  }),
);

/** Batch normalization after the fold. */
const convNormals = EPILOGUES.filter(({ bias }) => bias).flatMap(({ of: activate, ...epilogue }) =>
  (
    [
      [3, 16],
      [4, 5],
      [2, 37],
      [9, 18],
    ] as Pair[]
  ).map(([c, oc]) => {
    const { image, window, ...attrs } = c < 8 ? BASE : SEVEN;
    const rows = [x('rare', oc), x('float', oc), x('factor', oc)];
    return row(
      'conv2d',
      [x('rare', 2, ...image, c), x('float', ...window, c, oc), ...rows],
      { ...attrs, epilogue: { ...epilogue, isNormal: true } },
      (inputs, a) =>
        finish(
          normalized(conv.conv2d(at(inputs, 0), at(inputs, 1), a), at(inputs, 3), at(inputs, 4)),
          at(inputs, 2),
          activate,
        ),
    );
  }),
);

/** Windows that lie in the padding altogether, at several distances from the image. */
export const OUTSIDE = geometry(
  [2, 3],
  [2, 2],
  [
    [4, 3],
    [3, 5],
  ],
  [1, 2],
);

function poolRows(g: Geometry, n: number, c: number, kind: Kind): Case[] {
  const { image, ...attrs } = g;
  const [oh, ow] = conv.outputSize([n, ...image, c], g.window, attrs);
  const input = x(kind, n, ...image, c);
  const dy = x(kind === 'ties' ? 'float' : kind, n, oh, ow, c);
  return [
    row('maxPool', [input], attrs, (inputs, a) => pool.maxPool(at(inputs, 0), a)),
    row('avgPool', [input], attrs, (inputs, a) => pool.avgPool(at(inputs, 0), a)),
    row('maxPoolGrad', [input, dy], attrs, (inputs, a) => pool.maxPoolGrad(at(inputs, 0), at(inputs, 1), a)),
    row('maxPoolGrad', [input, dy], { ...attrs, positive: true }, (inputs, a) =>
      pool.maxPoolGrad(at(inputs, 0), at(inputs, 1), a),
    ),
    row('avgPoolGrad', [dy], { ...attrs, inputSize: image }, (inputs, a) => pool.avgPoolGrad(at(inputs, 0), a)),
    ...[kind, 'int' as const].map((moved) =>
      row('maxPoolGather', [input, { ...input, kind: moved }], attrs, (inputs, a) =>
        pool.maxPoolGather(at(inputs, 0), at(inputs, 1), a),
      ),
    ),
  ];
}

const POOL_CHANNELS = [1, 3, 4, 5, 8, 15, 16, 17, 33];

const pools: Case[] = [
  ...GEOMETRIES.flatMap((g, i) =>
    (['float', 'ties', 'wild'] as const).flatMap((kind, t) =>
      poolRows(g, 1 + t, turns(POOL_CHANNELS, i + 2 * t), kind),
    ),
  ),
  ...POOL_CHANNELS.flatMap((c) => poolRows(geometry([6, 6], [2, 2], 'valid', [2, 2]), 2, c, 'ties')),
  ...poolRows(OUTSIDE, 2, 5, 'float'),
  ...poolRows(OUTSIDE, 1, 19, 'float'),
  ...poolRows(BASE, 0, 3, 'float'),
  ...poolRows(BASE, 2, 0, 'float'),
];

export const windowCases: Case[] = [...convs, ...winograds, ...convEpilogues, ...convNormals, ...pools];

/** Products of integers around the borders of tiles, panels, pairs, patches and groups of channels. */
import { panelShape, tapShape } from '../../../src/ops/descriptors/int8';
import type { NdArray } from '../../reference/array';
import { finish, matMulInt } from '../../reference/gemm';
import * as reference from '../../reference/int8';
import type { Kind } from '../../support/generate';
import { at, type Case, of, row, x } from './case';
import { EPILOGUES } from './matmul';
import { GEOMETRIES, type Geometry, geometry, OUTSIDE } from './window';

type Epilogues = (typeof EPILOGUES)[number];

/** Operands after x, and the bias of an epilogue last. */
const weights = (words: readonly number[], channels: number, isGiven: boolean, epilogue?: Epilogues) => [
  x('int', ...words),
  x('factor', channels),
  ...(isGiven ? [x('factor', 1)] : []),
  ...(epilogue?.bias ? [x('rare', channels)] : []),
];

const attrsOf = (channels: number, isGiven: boolean, epilogue?: Epilogues) => {
  if (!epilogue) return { channels, isGiven };
  const { of: _, ...rest } = epilogue;
  return { channels, isGiven, epilogue: rest };
};

/** The reference's result after the epilogue. */
const finished = (y: NdArray, inputs: readonly NdArray[], epilogue?: Epilogues): NdArray =>
  epilogue ? finish(y, epilogue.bias ? inputs[inputs.length - 1] : undefined, epilogue.of) : y;

const product = (kind: Kind, lead: number[], n: number, k: number, isGiven = false, epilogue?: Epilogues): Case =>
  row(
    'int8MatMul',
    [x(kind, ...lead, k), ...weights(panelShape(k, n), n, isGiven, epilogue)],
    attrsOf(n, isGiven, epilogue),
    (inputs) =>
      finished(
        reference.int8MatMul(at(inputs, 0), at(inputs, 1), at(inputs, 2), isGiven ? inputs[3] : undefined),
        inputs,
        epilogue,
      ),
  );

const SIZES = [1, 2, 3, 8, 15, 16, 17, 31, 33, 64, 129];

const products = [
  ...SIZES.flatMap((m, i) =>
    SIZES.map((n, j) =>
      product(j % 2 ? 'wild' : 'float', [m], n, SIZES[(5 * i + 3 * j) % SIZES.length] as number, i % 3 === 0),
    ),
  ),
  ...(['float', 'rare', 'wild'] as const).flatMap((kind) =>
    (
      [
        [[], 20, 7],
        [[2, 3], 5, 9],
        [[0], 3, 4],
        [[3], 0, 4],
        [[3], 4, 0],
        [[2, 0], 4, 3],
        [[40], 7, 1000],
        [[300], 3, 700],
      ] as [number[], number, number][]
    ).flatMap(([lead, n, k]) => [product(kind, lead, n, k), product(kind, lead, n, k, true)]),
  ),
  ...EPILOGUES.flatMap((epilogue) => [
    product('rare', [1], 40, 3, false, epilogue),
    product('float', [35], 17, 30, true, epilogue),
  ]),
];

const integers = (
  [
    [[], 1, 1, 1],
    [[], 3, 40, 5],
    [[], 17, 16, 33],
    [[], 2, 15, 300],
    [[], 0, 3, 4],
    [[], 3, 0, 4],
    [[], 3, 4, 0],
    [[2], 3, 5, 4],
    [[2, 3], 4, 17, 2],
  ] as [number[], number, number, number][]
).flatMap(([batch, m, n, k]) =>
  [batch, []].map((other) =>
    row('matMulInt', [x('int', ...batch, m, k), x('int', ...other, k, n)], {}, ([a, b]) =>
      matMulInt(a as NdArray, b as NdArray),
    ),
  ),
);

type Op = 'int8Conv2d' | 'int8DepthwiseConv2d';

function convolution(
  op: Op,
  g: Geometry,
  n: number,
  c: number,
  channels: number,
  kind: Kind = 'float',
  isGiven = false,
  epilogue?: Epilogues,
): Case {
  const { image, window, ...moves } = g;
  const [kh, kw] = window;
  const words = op === 'int8Conv2d' ? panelShape(kh * kw * c, channels) : tapShape(kh, kw, channels);
  return row(
    op,
    [x(kind, n, ...image, c), ...weights(words, channels, isGiven, epilogue)],
    { ...moves, window, ...attrsOf(channels, isGiven, epilogue) },
    (inputs, a) =>
      finished(
        reference[op](at(inputs, 0), at(inputs, 1), at(inputs, 2), isGiven ? inputs[3] : undefined, a),
        inputs,
        epilogue,
      ),
  );
}

const turns = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;
const CHANNELS = [1, 3, 4, 5, 8, 9, 16, 17, 33];
const SAME = geometry([5, 6], [3, 3], 'same');

const convolutions = [
  ...GEOMETRIES.flatMap((g, i) => [
    convolution('int8Conv2d', g, 1 + (i % 3), turns(CHANNELS, i), turns(CHANNELS, 2 * i + 3)),
    convolution('int8Conv2d', g, 2, turns(CHANNELS, i + 4), turns(CHANNELS, i), 'rare', i % 2 === 0),
    convolution('int8DepthwiseConv2d', g, 1 + (i % 2), turns(CHANNELS, i), turns(CHANNELS, i)),
    convolution('int8DepthwiseConv2d', g, 2, turns(CHANNELS, i + 4), 3 * turns(CHANNELS, i + 4), 'rare', i % 2 === 0),
  ]),
  ...(['int8Conv2d', 'int8DepthwiseConv2d'] as const).flatMap((op) => [
    convolution(op, OUTSIDE, 2, 4, 8),
    convolution(op, SAME, 0, 3, 6),
    convolution(op, SAME, 2, 3, 0),
    convolution(op, SAME, 2, 2, 2, 'wild'),
    ...EPILOGUES.map((epilogue, i) => convolution(op, SAME, 2, 9, 18, 'rare', i % 2 === 0, epilogue)),
  ]),
  convolution('int8Conv2d', SAME, 2, 0, 3),
  // Patches in several blocks.
  convolution('int8Conv2d', geometry([20, 21], [3, 3], 'same'), 2, 40, 17),
];

/** Enough channels for fewer products: planes of whole tiles and of parts, one group of channels and several. */
const winograd = [
  ...(
    [
      [geometry([8, 8], [3, 3], 'same'), 2, 8, 16],
      [geometry([9, 7], [3, 3], 'same'), 1, 10, 17],
      [geometry([13, 6], [3, 3], 'valid'), 3, 14, 33],
      [
        geometry(
          [10, 11],
          [3, 3],
          [
            [2, 0],
            [0, 3],
          ],
        ),
        2,
        12,
        20,
      ],
      [geometry([12, 29], [3, 3], 'same'), 2, 36, 16],
      [geometry([7, 6], [3, 3], 'same'), 1, 226, 18],
      [geometry([8, 5], [3, 3], 'valid'), 2, 450, 16],
    ] as [Geometry, number, number, number][]
  ).flatMap(([g, n, c, channels], i) => [
    convolution('int8Conv2d', g, n, c, channels, 'float', i % 2 === 0),
    convolution('int8Conv2d', g, n, c, channels, i % 2 ? 'wild' : 'rare'),
  ]),
  ...EPILOGUES.map((epilogue, i) =>
    convolution('int8Conv2d', geometry([9, 9], [3, 3], 'same'), 2, 8, 18, 'rare', i % 2 === 0, epilogue),
  ),
  // The greatest sums there are, of both signs.
  ...([127, -128] as const).map((weight) => greatest(geometry([9, 10], [3, 3], 'same'), 224, weight)),
  greatest(geometry([6, 8], [3, 3], 'same'), 256, -128),
];

/** Rows of a strip of pixels and more, in every stride; windows of odd and even heights, next to each other and apart. */
const strips = [
  geometry([7, 19], [3, 3], 'same'),
  geometry([9, 21], [3, 3], 'same', [2, 2]),
  geometry([8, 30], [3, 2], 'same', [1, 3]),
  geometry([9, 12], [5, 5], 'same'),
  geometry([7, 9], [4, 3], 'valid', [3, 1]),
  geometry([11, 13], [3, 3], 'same', [1, 1], [2, 2]),
  geometry([13, 10], [2, 3], 'same', [3, 1], [3, 1]),
].flatMap((g, i) => [
  convolution('int8DepthwiseConv2d', g, 2, 6, 6, 'rare', i % 2 === 0),
  convolution('int8DepthwiseConv2d', g, 1, 8, 8, i % 2 ? 'wild' : 'float'),
  convolution('int8DepthwiseConv2d', g, 1, 3, 9),
]);

/** Images of ones, which become 127, and weights that are all the same. */
function greatest({ image, window, ...moves }: Geometry, c: number, weight: number): Case {
  const shape = panelShape(9 * c, 16);
  const word = (weight & 255) * 0x01010101;
  const filled = (size: number, value: number) => new Array<number>(size).fill(value);
  return row(
    'int8Conv2d',
    [
      of('float', [1, ...image, c], filled(image[0] * image[1] * c, 1)),
      of('int', shape, filled(shape[0] * shape[1] * shape[2], word | 0)),
      of('factor', [16], filled(16, 1)),
    ],
    { ...moves, window, ...attrsOf(16, false) },
    (inputs, a) => reference.int8Conv2d(at(inputs, 0), at(inputs, 1), at(inputs, 2), undefined, a),
  );
}

const rows = [0, 1, 3, 4, 5, 8, 33].flatMap((width) =>
  ([[], [1], [3], [2, 3], [0]] as number[][]).map((lead) =>
    row('int8Rows', [x('int', ...lead, Math.ceil(width / 4)), x('rare', ...lead)], { width }, (inputs, a) =>
      reference.int8Rows(at(inputs, 0), at(inputs, 1), a.width),
    ),
  ),
);

export const int8Cases: Case[] = [...products, ...integers, ...convolutions, ...winograd, ...strips, ...rows];

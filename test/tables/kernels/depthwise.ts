/** Depthwise convolutions: channels around the blocks of the kernels, multipliers, every geometry of `window.ts`. */
import type { NdArray } from '../../reference/array';
import * as conv from '../../reference/conv';
import * as depthwise from '../../reference/depthwise';
import { finish, normalized } from '../../reference/gemm';
import type { Kind } from '../../support/generate';
import { at, type Case, row, x } from './case';
import { EPILOGUES } from './matmul';
import { GEOMETRIES, type Geometry, geometry, OUTSIDE } from './window';

function rows(g: Geometry, n: number, c: number, multiplier: number, kind: Kind = 'float'): Case[] {
  const { image, window, ...attrs } = g;
  const [oh, ow] = conv.outputSize([n, ...image, c], window, attrs);
  const input = x(kind, n, ...image, c);
  const filter = x(kind, ...window, c, multiplier);
  const dy = x(kind, n, oh, ow, c * multiplier);
  return [
    row('depthwiseConv2d', [input, filter], attrs, (inputs, a) =>
      depthwise.depthwiseConv2d(at(inputs, 0), at(inputs, 1), a),
    ),
    row('depthwiseConv2dInputGrad', [dy, filter], { ...attrs, inputSize: image }, (inputs, a) =>
      depthwise.depthwiseConv2dInputGrad(at(inputs, 0), at(inputs, 1), a),
    ),
    row('depthwiseConv2dFilterGrad', [input, dy], { ...attrs, window, multiplier }, (inputs, a) =>
      depthwise.depthwiseConv2dFilterGrad(at(inputs, 0), at(inputs, 1), a),
    ),
  ];
}

const CHANNELS = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 20, 33];
const MULTIPLIERS = [1, 1, 2, 3, 1, 5];
const turns = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;

const epilogues = EPILOGUES.flatMap(({ of: activate, ...epilogue }) =>
  (
    [
      [3, 1],
      [16, 1],
      [9, 2],
      [33, 1],
    ] as const
  ).map(([c, multiplier]) => {
    const { image, window, ...attrs } = geometry([5, 6], [3, 3], 'same');
    const specs = [x('rare', 2, ...image, c), x('float', ...window, c, multiplier)];
    return row(
      'depthwiseConv2d',
      epilogue.bias ? [...specs, x('rare', c * multiplier)] : specs,
      { ...attrs, epilogue },
      ([input, filter, bias], a) =>
        finish(depthwise.depthwiseConv2d(input as NdArray, filter as NdArray, a), bias, activate),
    );
  }),
);

/** Batch normalization after the fold. */
const normals = EPILOGUES.filter(({ bias }) => bias).flatMap(({ of: activate, ...epilogue }) =>
  [3, 9, 33].map((c) => {
    const { image, window, ...attrs } = geometry([5, 6], [3, 3], 'same');
    return row(
      'depthwiseConv2d',
      [x('rare', 2, ...image, c), x('float', ...window, c, 2), x('rare', 2 * c), x('float', 2 * c), x('factor', 2 * c)],
      { ...attrs, epilogue: { ...epilogue, isNormal: true } },
      (inputs, a) =>
        finish(
          normalized(depthwise.depthwiseConv2d(at(inputs, 0), at(inputs, 1), a), at(inputs, 3), at(inputs, 4)),
          at(inputs, 2),
          activate,
        ),
    );
  }),
);

export const depthwiseCases: Case[] = [
  ...epilogues,
  ...normals,
  ...GEOMETRIES.flatMap((g, i) =>
    [0, 1, 2].flatMap((t) => rows(g, 1 + (t % 2), turns(CHANNELS, i + 5 * t), turns(MULTIPLIERS, i + t))),
  ),
  ...GEOMETRIES.flatMap((g, i) => rows(g, 2, turns(CHANNELS, i + 3), turns(MULTIPLIERS, i + 1), 'rare')),
  // Rows long enough for blocks of columns, with every number of columns left over.
  ...CHANNELS.flatMap((c) => rows(geometry([4, 13], [3, 3], 'same'), 2, c, 1)),
  ...[5, 6, 7, 9, 10, 11, 19].flatMap((w, i) => rows(geometry([3, w], [3, 3], 'same'), 2, 1 + (i % 3), 1 + (i % 4))),
  ...[6, 7, 8, 9, 10, 11].flatMap((w) => rows(geometry([3, w], [3, 3], 'same'), 1, 12, 1)),
  ...[9, 10, 11, 12].flatMap((w) => rows(geometry([5, w], [3, 3], 'same', [2, 2]), 2, 17, 1)),
  ...rows(geometry([9, 20], [3, 5], 'valid', [2, 3], [2, 2]), 2, 19, 1),
  ...rows(OUTSIDE, 2, 9, 1),
  ...rows(OUTSIDE, 1, 3, 2),
  // Nothing to do.
  ...rows(geometry([5, 4], [3, 3], 'same'), 0, 3, 1),
  ...rows(geometry([5, 4], [3, 3], 'same'), 2, 0, 2),
  ...rows(geometry([5, 4], [3, 3], 'same'), 2, 3, 0),
];

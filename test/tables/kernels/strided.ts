/** Slices with strides, and paddings with steps between the elements, on every type. */
import * as reference from '../../reference/movement';
import type { Kind } from '../../support/generate';
import { at, type Case, row, x } from './case';

/** As `slices`, with strides. */
const strided: readonly [shape: number[], begin: number[], size: number[], strides: number[]][] = [
  [[7], [0], [4], [2]],
  [[7], [6], [7], [-1]],
  [[7], [5], [2], [-3]],
  [[7], [3], [1], [-5]],
  [[7], [0], [0], [-2]],
  [
    [4, 5],
    [3, 0],
    [2, 5],
    [-2, 1],
  ],
  [
    [4, 5],
    [1, 4],
    [1, 3],
    [4, -2],
  ],
  [
    [3, 4, 5],
    [2, 3, 0],
    [3, 4, 5],
    [-1, -1, 1],
  ],
  [
    [2, 3, 2, 3, 2, 3, 3],
    [1, 0, 1, 2, 0, 0, 2],
    [2, 2, 2, 2, 2, 3, 2],
    [-1, 2, -1, -2, 1, 1, -2],
  ],
  [
    [40, 33],
    [39, 1],
    [14, 16],
    [-3, 2],
  ],
];

/** As `pads`, with steps. */
const spaced: readonly [shape: number[], paddings: [number, number][], steps: number[]][] = [
  [[3], [[0, 0]], [2]],
  [[3], [[0, 0]], [-1]],
  [[3], [[1, 2]], [-3]],
  [[1], [[1, 0]], [-4]],
  [[0], [[2, 1]], [-2]],
  [
    [2, 3],
    [
      [1, 0],
      [0, 1],
    ],
    [3, -2],
  ],
  [
    [2, 3, 2],
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    [-1, -1, -1],
  ],
  [
    [2, 1, 2, 2, 1, 2, 2],
    [
      [1, 0],
      [0, 1],
      [0, 0],
      [1, 1],
      [0, 0],
      [0, 0],
      [0, 1],
    ],
    [1, 2, -2, 1, -1, -1, 2],
  ],
];

export const stridedCases: Case[] = (['wild', 'int', 'bool'] as readonly Kind[]).flatMap((kind) => [
  ...strided.map(([shape, begin, size, strides]) =>
    row('slice', [x(kind, ...shape)], { begin, size, strides }, (inputs) =>
      reference.slice(at(inputs, 0), begin, size, strides),
    ),
  ),
  ...spaced.map(([shape, paddings, steps]) =>
    row('pad', [x(kind, ...shape)], { paddings, value: 1, steps }, (inputs) =>
      reference.pad(at(inputs, 0), paddings, 1, steps),
    ),
  ),
]);

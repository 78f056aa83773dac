/** Random numbers of all distributions, and dropout. */
import { Distribution } from '../../../assembly/isa';
import * as random from '../../reference/random';
import { at, type Case, row, x } from './case';

const KEYS = [
  { seed: [0, 0], stream: 0 },
  { seed: [0xffffffff, 0x12345678], stream: 3 },
  { seed: [1, 0], stream: 0xffffffff },
  { seed: [1, 0], stream: 2, step: 0xfffffffe },
] as const;

/** Of seed 39075, element 3 has the largest word's high bits: the last step before 1. */
const LAST_STEP = { seed: [39075, 0], stream: 0 } as const;
/** Of seed 1343428, element 3 has word 0. */
const FIRST_STEP = { seed: [1343428, 0], stream: 0 } as const;

const DRAWS = [
  {
    kind: Distribution.uniform,
    of: random.uniform,
    parameters: [
      [0, 1],
      [-3, 5],
      [1, 1.0000001],
      [0.1, 0.1],
      [-1e38, 1e38],
    ],
  },
  {
    kind: Distribution.normal,
    of: random.normal,
    parameters: [
      [0, 1],
      [5, 0.1],
      [0, 0],
    ],
  },
  {
    kind: Distribution.truncatedNormal,
    of: random.truncatedNormal,
    parameters: [
      [0, 1],
      [-2, 3],
    ],
  },
  {
    kind: Distribution.uniformInt,
    of: random.uniformInt,
    parameters: [
      [0, 10],
      [-5, 6],
      [3, 4],
      [-(2 ** 31), 2 ** 31 - 1],
      [-(2 ** 31), 2 ** 31],
      [0, -1],
    ],
  },
] as const;

const randoms = DRAWS.flatMap(({ kind, of: draw, parameters }) => {
  const isInt = kind === Distribution.uniformInt;
  const dtype = isInt ? 'int32' : 'float32';
  return parameters.flatMap(([p, q]) =>
    [
      ...KEYS.flatMap((key) => [[], [0], [3], [4], [5], [257]].map((shape) => ({ key, shape }))),
      { key: LAST_STEP, shape: [4] },
      { key: FIRST_STEP, shape: [4] },
    ].map(({ key, shape }) =>
      row('random', [], { ...key, shape, kind, p, q, dtype }, () =>
        random.random(
          shape,
          key,
          (word) => (isInt ? draw(word, p, q) : draw(word, Math.fround(p), Math.fround(q))),
          dtype,
        ),
      ),
    ),
  );
});

const dropouts = KEYS.flatMap((key) =>
  [0.1, 0.5, 0.999, 0.99999999].flatMap((rate) =>
    [[], [0], [3], [4], [2, 3], [1001]].map((shape) =>
      row('dropout', [x('wild', ...shape)], { ...key, rate }, (inputs) => random.dropout(at(inputs, 0), key, rate)),
    ),
  ),
);

export const randomCases: Case[] = [...randoms, ...dropouts];

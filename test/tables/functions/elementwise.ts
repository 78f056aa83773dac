/** Rows of elementwise functions of one operand. */
import * as sg from '../../../src/index';
import { unaryRows } from '../elementwise';
import type { Nd } from '../gradients/float64';
import type { FunctionCase, FunctionTable, Operand } from './case';
import { as, avoiding, BIG, bools, EXTREMES, given, ints, list, show, unary } from './operands';

type Tensor = sg.Tensor;

/** The function by its name, and as a method. */
const call = (name: string): ((x?: Tensor) => Tensor) =>
  (sg as unknown as Record<string, (x?: Tensor) => Tensor>)[name] as never;
const method =
  (name: string): FunctionCase['run'] =>
  (x) =>
    ((x as unknown as Record<string, () => Tensor>)[name] as () => Tensor).call(x);

const realRows: FunctionTable = Object.fromEntries(
  Object.entries(unaryRows).map(
    ([
      name,
      {
        exact: f,
        range: [low, high],
      },
    ]) => [
      name,
      [
        ...unary(call(name), f, 'float32', [
          given(1, [], low, high),
          given(2, [7], low, high),
          given(3, [2, 1, 3], low, high),
          given(4, [0, 2], low, high),
          ints(5, [5], Math.ceil(low), Math.floor(high)),
        ]),
        ...unary(call(name), f, 'float32', [bools(6, [5])], { gradient: false }),
        ...unary(call(name), f, 'float32', [EXTREMES], { gradient: false, what: 'extremes' }),
        ...unary(method(name), f, 'float32', [given(7, [4], low, high)], { what: 'as a method' }),
      ],
    ],
  ),
);
const even = (x: number): number => {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
};

/** Functions that keep int32 exactly. */
const whole: Readonly<Record<string, readonly [(x: number) => number, readonly number[]]>> = {
  neg: [(x) => -x, []],
  abs: [Math.abs, [0]],
  sign: [Math.sign, [0]],
  square: [(x) => x * x, []],
  relu: [(x) => Math.max(x, 0), [0]],
  floor: [Math.floor, [-2, -1, 0, 1, 2]],
  ceil: [Math.ceil, [-2, -1, 0, 1, 2]],
  round: [even, [-1.5, -0.5, 0.5, 1.5]],
};

const exactly: Readonly<Record<string, (x: number) => number>> = {
  neg: (x) => -x | 0,
  abs: (x) => Math.abs(x) | 0,
  square: (x) => Math.imul(x, x),
};

const wholeRows: FunctionTable = Object.fromEntries(
  Object.entries(whole).map(([name, [f, kinks]]) => [
    name,
    [
      ...unary(
        call(name),
        f,
        'float32',
        [[], [7], [2, 1, 3], [0, 2]].map((s) => avoiding(11, s, kinks)),
      ),
      ...unary(call(name), f, 'float32', [list([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0, NaN, Infinity, -Infinity])], {
        gradient: false,
        what: 'halves and ends',
      }),
      ...unary(call(name), exactly[name] ?? f, 'int32', [BIG, ints(12, [2, 3]), ints(13, [0])]),
      ...unary(call(name), f, name === 'neg' ? 'int32' : 'bool', [bools(14, [5])]),
      ...unary(method(name), f, 'float32', [avoiding(15, [4], kinks)], { what: 'as a method' }),
    ],
  ]),
);

const questions: FunctionTable = {
  isNaN: unary(
    (x) => sg.isNaN(x as Tensor),
    (x) => (Number.isNaN(x) ? 1 : 0),
    'bool',
    [EXTREMES, BIG, bools(1, [3])],
    {
      gradient: false,
    },
  ),
  isInf: unary(
    (x) => sg.isInf(x as Tensor),
    (x) => (Math.abs(x) === Infinity ? 1 : 0),
    'bool',
    [EXTREMES, BIG, bools(1, [3]), list([])],
    { gradient: false },
  ),
  isFinite: unary(
    (x) => sg.isFinite(x as Tensor),
    (x) => (Number.isFinite(x) ? 1 : 0),
    'bool',
    [EXTREMES, BIG, bools(1, [3]), list([])],
    { gradient: false },
  ),
};

const clip = (x: number, min: number, max: number): number => Math.min(Math.max(x, min), max);
const limits = [
  [-1, 0.5],
  [0, Infinity],
  [-Infinity, Infinity],
  [0.5, 0.5],
] as const;

const withParameters: FunctionTable = {
  clipByValue: [
    ...limits.flatMap(([min, max]) =>
      [[], [2, 5], [0]].flatMap((shape) =>
        unary(
          (x) => sg.clipByValue(x as Tensor, min, max),
          (x) => clip(x, min, max),
          'float32',
          [avoiding(21, shape, [min, max])],
          { what: `${min} to ${max}` },
        ),
      ),
    ),
    ...(
      [
        [-3, 4],
        [-2.5, 16777217],
        [0.5, 2.9],
        [-Infinity, 3],
        [-2147483648, Infinity],
      ] as const
    ).flatMap(([min, max]) =>
      unary(
        (x) => (x as Tensor).clipByValue(min, max),
        (x) => Math.trunc(clip(x, min, max)),
        'int32',
        [BIG, ints(22, [2, 3]), bools(23, [4])],
        { what: `${min} to ${max}` },
      ),
    ),
  ],
  leakyRelu: [
    ...unary(
      (x) => sg.leakyRelu(x as Tensor),
      (x) => (x < 0 ? 0.2 * x : x),
      'float32',
      [avoiding(24, [2, 5], [0]), ints(25, [6]), bools(26, [3])],
    ),
    ...unary(
      (x) => (x as Tensor).leakyRelu(1.5),
      (x) => (x < 0 ? 1.5 * x : x),
      'float32',
      [avoiding(24, [5], [0])],
    ),
  ],
  step: [
    ...unary(
      (x) => sg.step(x as Tensor),
      (x) => (x > 0 ? 1 : 0),
      'float32',
      [avoiding(27, [2, 5], [0])],
    ),
    ...unary(
      (x) => sg.step(x as Tensor, 0.25),
      (x) => (x > 0 ? 1 : Number.isNaN(x) ? x : 0.25),
      'float32',
      [EXTREMES],
      {
        gradient: false,
      },
    ),
    ...unary(
      (x) => (x as Tensor).step(3.7),
      (x) => (x > 0 ? 1 : 3),
      'int32',
      [BIG],
    ),
  ],
  cast: (['float32', 'int32', 'bool'] as const).flatMap((to) =>
    [
      list([0, -0.4, 1.7, -1.7]),
      list([3e9, -3e9], 'float32', [2, 1]),
      ints(28, [2, 3]),
      bools(29, [4]),
      list([], 'int32'),
    ].flatMap((x) =>
      unary(
        (t) => sg.cast(t as Tensor, to),
        (v) => (to === 'float32' ? v : to === 'bool' ? (v ? 1 : 0) : Math.trunc(clip(v, -(2 ** 31), 2 ** 31 - 1))),
        to,
        [x],
        { what: `to ${to}`, gradient: to === 'float32' && x.shape.length === 1 },
      ),
    ),
  ),
  broadcastTo: (
    [
      [[], [2, 3]],
      [
        [3, 1],
        [2, 3, 4],
      ],
      [[1], [0]],
    ] as const
  ).flatMap(([from, to]) =>
    [given(30, from), ints(31, from)].map((x) => ({
      name: `${show(x)} to [${to}]`,
      inputs: [x],
      run: (t?: Tensor) => sg.broadcastTo(t as Tensor, to),
      reference: (v?: Nd) => {
        const size = to.reduce((a: number, b: number) => a * b, 1);
        const inner = (v as Nd).data.length;
        const repeat = to.length && from.length === 2 ? (to[to.length - 1] as number) : 1;
        return as(
          {
            shape: to,
            data: Float64Array.from(
              { length: size },
              (_, i) => (v as Nd).data[Math.floor(i / repeat) % inner] as number,
            ),
          },
          (x as Operand).dtype ?? 'float32',
        );
      },
    })),
  ),
};

export const elementwiseFunctions: FunctionTable = { ...realRows, ...wholeRows, ...questions, ...withParameters };

/** Rows of elementwise functions of two and more operands. */
import * as sg from '../../../src/index';
import { binaryRows } from '../elementwise';
import { at, broadcast, build, map, type Nd, nd, type Shape, zip } from '../gradients/float64';
import type { FunctionCase, FunctionTable, Operand } from './case';
import {
  as,
  avoiding,
  BIG,
  binary,
  bools,
  type Dtype,
  EXTREMES,
  given,
  ints,
  list,
  PAIRS,
  show,
  table,
} from './operands';

type Tensor = sg.Tensor;
type Pair = readonly [ReturnType<typeof ints>, ReturnType<typeof ints>];

const toInt = (x: number): number => (Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1)));

const floats = (low: number, high: number): Pair[] =>
  PAIRS.map(([a, b]) => [given(1, a, low, high), given(2, b, low, high)]);
const whole: Pair[] = [...PAIRS.map(([a, b]): Pair => [ints(3, a), ints(4, b)]), table(BIG, BIG)];
const mixed: Pair[] = [
  [ints(5, [2, 3]), avoiding(6, [3], [0])],
  [avoiding(7, [4], [0]), bools(8, [4])],
];
const integral: Pair[] = [
  [bools(9, [5]), bools(10, [5])],
  [bools(9, [5]), ints(11, [5])],
  [ints(12, [2, 2]), bools(13, [2])],
];
const ends: Pair = table(EXTREMES, EXTREMES);

interface Arithmetic {
  readonly f: (a: number, b: number) => number;
  /** The same of two int32. */
  readonly int: (a: number, b: number) => number;
  /** Operands with gradients. */
  readonly operands?: readonly Pair[];
  /** The type of int32 operands' result, and of two bools'. */
  readonly dtype?: Dtype;
}

const floorMod = (a: number, b: number): number => {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
};

/** Large against small, so that quotients lie between steps. */
const betweenSteps: Pair[] = PAIRS.map(([a, b]) => [
  map(given(14, a), (v) => Math.fround(v * 0.2 + (v > 0 ? 2.7 : -2.7))),
  map(given(15, b), (v) => Math.fround(v * 0.1 + (v > 0 ? 1.1 : -1.1))),
]);
const apartPairs: Pair[] = PAIRS.map(([a, b]) => [
  map(given(16, a), (v) => Math.fround(Math.round(v * 8) / 4)),
  map(given(17, b), (v) => Math.fround(Math.round(v * 8) / 4 + 0.11)),
]);

/** Modulo 2^32; of a negative power what is left of 1 / a^-b toward zero. */
function powInt(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 ? -1 : 1) : 0;
  let power = 1n;
  for (const bit of b.toString(2)) power = BigInt.asIntN(32, power * power * (bit === '1' ? BigInt(a) : 1n));
  return Number(power);
}

const arithmetic: Readonly<Record<string, Arithmetic>> = {
  add: { f: (a, b) => a + b, int: (a, b) => (a + b) | 0 },
  sub: { f: (a, b) => a - b, int: (a, b) => (a - b) | 0 },
  mul: { f: (a, b) => a * b, int: Math.imul },
  maximum: { f: Math.max, int: Math.max, operands: apartPairs },
  minimum: { f: Math.min, int: Math.min, operands: apartPairs },
  squaredDifference: { f: (a, b) => (a - b) ** 2, int: (a, b) => Math.imul((a - b) | 0, (a - b) | 0) },
  mod: { f: floorMod, int: (a, b) => (b === 0 ? 0 : floorMod(a, b)), operands: betweenSteps },
  pow: {
    f: (a, b) => (a === 1 || b === 0 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b),
    int: powInt,
    operands: floats(0.3, 2),
  },
};

/** The function by its name, and as a method. */
const call = (name: string): FunctionCase['run'] =>
  (sg as unknown as Record<string, FunctionCase['run']>)[name] as never;
const method =
  (name: string): FunctionCase['run'] =>
  (x, y) =>
    ((x as unknown as Record<string, (y: unknown) => Tensor>)[name] as (y: unknown) => Tensor).call(x, y);

const arithmeticRows: FunctionTable = Object.fromEntries(
  Object.entries(arithmetic).map(([name, { f, int, operands }]) => [
    name,
    [
      ...binary(call(name), f, 'float32', operands ?? floats(-2, 2)),
      ...binary(call(name), int, 'int32', [...whole, ...integral]),
      ...binary(call(name), f, 'float32', [...mixed, ends], {
        gradient: false,
      }),
      ...binary(method(name), f, 'float32', (operands ?? floats(-2, 2)).slice(0, 1)),
      ...binary(
        (x) => call(name)(x as Tensor, 2 as never),
        f,
        'float32',
        [[avoiding(18, [5], [2, 0, 1, -1, -2]), list([2], 'float32', [])]],
        { gradient: false },
      ),
    ],
  ]),
);

const quotient = (a: number, b: number): number => (b === 0 ? 0 : Math.floor(a / b) | 0);
const nonZero: Pair[] = PAIRS.map(([a, b]) => [given(19, a), map(given(20, b, 0.5, 1.5), (v) => (v > 1 ? v : -v))]);
const mixedWithInt: Pair[] = integral.slice(1);
const bothBool: Pair[] = integral.slice(0, 1);
const withZeros: Pair = [list([1, -1, 0, 2, NaN, Infinity]), list([0, -0, 0, 4, 0, 0])];

const divisions: FunctionTable = {
  div: [
    ...binary(call('div'), (a, b) => a / b, 'float32', nonZero),
    ...binary(call('div'), (a, b) => a / b, 'float32', [...mixed, ...bothBool, withZeros, ends], { gradient: false }),
    ...binary(call('div'), quotient, 'int32', [...whole, ...mixedWithInt]),
    ...binary(method('div'), (a, b) => a / b, 'float32', nonZero.slice(1, 2)),
  ],
  floorDiv: [
    ...binary(call('floorDiv'), (a, b) => toInt(Math.floor(a / b)), 'int32', [...betweenSteps, ...mixed], {
      gradient: false,
    }),
    ...binary(call('floorDiv'), (a, b) => toInt(Math.floor(Math.fround(a) / Math.fround(b))), 'int32', [ends], {
      gradient: false,
    }),
    ...binary(call('floorDiv'), quotient, 'int32', [...whole, ...integral]),
    ...binary(method('floorDiv'), quotient, 'int32', whole.slice(0, 1)),
  ],
  divNoNan: [
    ...binary(call('divNoNan'), (a, b) => (b === 0 ? 0 : a / b), 'float32', nonZero),
    ...binary(call('divNoNan'), (a, b) => (b === 0 ? 0 : a / b), 'float32', [withZeros, ...bothBool, ...mixed], {
      gradient: false,
    }),
    ...binary(call('divNoNan'), quotient, 'int32', [...whole, ...mixedWithInt]),
    {
      name: 'a gradient beside a zero divisor',
      inputs: [list([1, 2, 3])],
      run: (a) => sg.divNoNan(a as Tensor, [2, 0, 4]),
      reference: (a) =>
        as(
          zip(a as Nd, list([2, 0, 4]), (x, y) => (y === 0 ? 0 : x / y)),
          'float32',
        ),
    },
  ],
  bitwiseAnd: [
    ...binary(call('bitwiseAnd'), (a, b) => a & b, 'int32', whole),
    ...binary(method('bitwiseAnd'), (a, b) => a & b, 'int32', whole.slice(0, 1)),
  ],
};

const real: FunctionTable = Object.fromEntries(
  Object.entries(binaryRows).map(([name, { exact, ranges }]) => {
    const drawn = PAIRS.map(([a, b]): Pair => [given(19, a, ...ranges[0]), given(20, b, ...ranges[1])]);
    return [
      name,
      [
        ...binary(call(name), exact, 'float32', drawn),
        ...binary(call(name), exact, 'float32', [ends, ...whole.slice(0, 3), ...mixed, ...integral], {
          gradient: false,
        }),
        ...binary(method(name), exact, 'float32', drawn.slice(0, 1)),
      ],
    ];
  }),
);

const tied: Pair[] = [
  ...PAIRS.map(([a, b]): Pair => [as(ints(21, a, -2, 2), 'float32'), as(ints(22, b, -2, 2), 'float32')]),
  ends,
];
const comparisons: FunctionTable = Object.fromEntries(
  (
    [
      ['equal', (a, b) => a === b],
      ['notEqual', (a, b) => a !== b],
      ['less', (a, b) => a < b],
      ['lessEqual', (a, b) => a <= b],
      ['greater', (a, b) => a > b],
      ['greaterEqual', (a, b) => a >= b],
    ] as [string, (a: number, b: number) => boolean][]
  ).map(([name, f]) => [
    name,
    [
      ...binary(call(name), (a, b) => (f(a, b) ? 1 : 0), 'bool', [...tied, ...whole, ...integral, ...mixed], {
        gradient: false,
      }),
      ...binary(method(name), (a, b) => (f(a, b) ? 1 : 0), 'bool', tied.slice(0, 1), { gradient: false }),
    ],
  ]),
);

const truths: Pair[] = PAIRS.map(([a, b]) => [bools(23, a), bools(24, b)]);
const logic: FunctionTable = {
  logicalAnd: binary(call('logicalAnd'), (a, b) => a & b, 'bool', truths),
  logicalOr: binary(call('logicalOr'), (a, b) => a | b, 'bool', truths),
  logicalXor: [
    ...binary(call('logicalXor'), (a, b) => a ^ b, 'bool', truths),
    ...binary(method('logicalXor'), (a, b) => a ^ b, 'bool', truths),
  ],
  logicalNot: [[], [5], [2, 0]].map((shape) => ({
    name: `[${shape}]`,
    inputs: [bools(25, shape)],
    run: (x?: Tensor) => sg.logicalNot(x as Tensor),
    reference: (x?: Nd) =>
      as(
        map(x as Nd, (v) => 1 - v),
        'bool',
      ),
  })),
};

const choices: readonly (readonly [Shape, Shape, Shape])[] = [
  [[4], [4], [4]],
  [[2, 1], [3], []],
  [[], [2, 3], [3]],
  [[0], [1], []],
];
const types: readonly (readonly [Dtype, Dtype, Dtype])[] = [
  ['float32', 'float32', 'float32'],
  ['int32', 'int32', 'int32'],
  ['bool', 'bool', 'bool'],
  ['bool', 'int32', 'int32'],
  ['int32', 'float32', 'float32'],
];
const operandOf = (seed: number, shape: Shape, dtype: Dtype, most: number): ReturnType<typeof ints> =>
  dtype === 'float32' ? given(seed, shape) : dtype === 'bool' ? bools(seed, shape) : ints(seed, shape, -most - 1, most);

const choosing: FunctionTable = {
  where: choices.flatMap(([c, a, b]) =>
    types.map(([ta, tb, to]): FunctionCase => {
      const most = to === 'float32' ? 9 : 2 ** 31 - 1;
      const inputs = [bools(26, c), operandOf(27, a, ta, most), operandOf(28, b, tb, most)];
      return {
        name: inputs.map(show).join(', '),
        inputs,
        run: (x, y, z) =>
          ta === tb ? sg.where(x as Tensor, y as Tensor, z as Tensor) : (y as Tensor).where(x as Tensor, z as Tensor),
        reference: (x, y, z) =>
          as(
            build(broadcast(c, a, b), (i) => {
              const v = at(x as Nd, i) ? at(y as Nd, i) : at(z as Nd, i);
              return v;
            }),
            to,
          ),
      };
    }),
  ),
  addN: [
    [given(29, [2, 3]), given(30, [2, 3]), given(31, [2, 3])],
    [given(29, [5])],
    [ints(32, [4]), ints(33, [4], 2 ** 30, 2 ** 31 - 1), ints(34, [4], 2 ** 30, 2 ** 31 - 1)],
    [given(29, [0]), given(30, [0])],
  ].map((inputs) => ({
    name: inputs.map(show).join(', '),
    inputs,
    run: (...xs: Tensor[]) => sg.addN(xs),
    reference: (...xs: Nd[]) => {
      const dtype = (inputs[0] as Operand).dtype ?? 'float32';
      const sum = xs.reduce((a, b) => zip(a, b, (v, w) => v + w));
      return as(nd(sum.shape, dtype === 'int32' ? sum.data.map((v) => v | 0) : sum.data), dtype);
    },
  })),
};

export const binaryFunctions: FunctionTable = {
  ...arithmeticRows,
  ...divisions,
  ...real,
  ...comparisons,
  ...logic,
  ...choosing,
};

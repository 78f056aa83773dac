/** Elementwise ops: all on the same shapes, around the sizes of vectors and blocks, and on all special values. */
import { NONE } from '../../../src/ops/core/descriptor';
import type { OpName } from '../../../src/ops/core/table';
import type { DType, NdArray } from '../../reference/array';
import * as reference from '../../reference/elementwise';
import { casts, integer, integerUnary, map, type Unary } from '../../reference/elementwise';
import { broadcastTo } from '../../reference/movement';
import { type Kind, SPECIALS, type Spec } from '../../support/generate';
import { fieldOf } from '../../support/rows';
import { binaryRows, unaryRows } from '../elementwise';
import { at, type Case, of, row, x } from './case';

const unary = { ...reference.unary, ...fieldOf(unaryRows, 'spec') };
const binary = { ...reference.binary, ...fieldOf(binaryRows, 'spec') };

const S = SPECIALS.length;

const SHAPES = [
  [],
  [0],
  [1],
  [2],
  [3],
  [4],
  [5],
  [17],
  [2, 3],
  [2, 0, 3],
  [1, 1, 1],
  [2, 1, 3, 1, 2, 2],
  [1023],
  [1024],
  [1025],
  [3, 700],
];

/** Parameters of the functions that have some: the op's attributes, and p and q. */
const PARAMETERS: Readonly<Record<string, readonly { attrs: object; p: number; q: number }[]>> = {
  leakyRelu: [0.2, 0, 1, -1.5].map((alpha) => ({ attrs: { alpha }, p: Math.fround(alpha), q: 0 })),
  step: [0, 0.3, -2].map((alpha) => ({ attrs: { alpha }, p: Math.fround(alpha), q: 0 })),
  clipByValue: [
    [-1, 1],
    [0, 6],
    [-0.1, Number.POSITIVE_INFINITY],
    [0.25, 0.25],
    [1, -1],
  ].map(([min, max]) => ({ attrs: { min, max }, p: Math.fround(min as number), q: Math.fround(max as number) })),
};

function unaryCases(name: keyof typeof unary): Case[] {
  const kind: Kind = name === 'logicalNot' ? 'bool' : 'wild';
  const dtype: DType = /^(logicalNot|is)/.test(name) ? 'bool' : 'float32';
  const fn: Unary = unary[name];
  return (PARAMETERS[name] ?? [{ attrs: NONE, p: 0, q: 0 }]).flatMap(({ attrs, p, q }) => {
    const reference = (inputs: NdArray[]): NdArray => map(inputs, dtype, (v) => fn(v as number, p, q));
    const specs = SHAPES.map((shape) => x(kind, ...shape));
    if (kind === 'wild') specs.push(of('float', [S], SPECIALS), x('float', 4099));
    return specs.map((spec) => row(name, [spec], attrs as never, reference));
  });
}

/** Scalars, rows, columns, dimensions in the middle, rank 1 to 6, one block and many, nothing at all. */
const PAIRS: readonly [number[], number[]][] = [
  [[], []],
  [[1], []],
  [[5], [5]],
  [[5], []],
  [[], [7]],
  [[1], [6]],
  [[1, 1], [1]],
  [[3, 5], [5]],
  [
    [3, 5],
    [3, 1],
  ],
  [[5], [3, 5]],
  [
    [3, 1],
    [1, 5],
  ],
  [[3, 1], [4]],
  [
    [2, 3, 4],
    [2, 1, 4],
  ],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 5],
  ],
  [
    [2, 1, 3, 1, 2],
    [1, 4, 1, 5, 1],
  ],
  [
    [2, 1, 3, 1, 2, 3],
    [1, 3, 1, 2, 1, 3],
  ],
  [
    [2, 1, 2, 1, 2, 1],
    [1, 3, 1, 3, 1, 3],
  ],
  // More dimensions than one pass has.
  [
    [2, 1, 2, 1, 2, 1, 2],
    [1, 2, 1, 3, 1, 2, 1],
  ],
  [
    [2, 1, 2, 1, 2, 1, 2, 1],
    [2, 1, 2, 1, 2, 2, 2, 3],
  ],
  [[1025], [1025]],
  [[2, 1025], [1025]],
  [[2, 1024], [1024]],
  [[2, 512], [512]],
  [
    [3, 1025],
    [3, 1],
  ],
  [[700, 3], [3]],
  [
    [700, 3],
    [700, 1],
  ],
  [[40, 60], [60]],
  [
    [5, 1, 512],
    [1, 2, 1],
  ],
  [
    [2, 2, 1500],
    [2, 1, 1500],
  ],
  [[0], [0]],
  [[0], [1]],
  [[0, 3], [3]],
  [
    [2, 0, 3],
    [1, 1, 3],
  ],
];

/** So large that threads work at the same time; for one op. */
const LARGE: readonly [number[], number[]][] = [
  [
    [300, 1],
    [1, 500],
  ],
  [
    [50, 1, 40],
    [1, 60, 1],
  ],
  [[2, 40_000], [1]],
];

type BinaryName = keyof typeof binary;

const isComparison = (name: string): boolean => /^(equal|notEqual|less|greater)/.test(name);

/** Divisions with a step at every integer, and powers: also of operands of like size. */
const QUOTIENTS: readonly string[] = ['mod', 'floorDiv', 'pow', ...Object.keys(binaryRows)];

function binaryCases(name: BinaryName): Case[] {
  const isLogical = name === 'logicalAnd' || name === 'logicalOr';
  const kind: Kind = isLogical ? 'bool' : isComparison(name) ? 'ties' : 'wild';
  const dtype: DType = isLogical || isComparison(name) ? 'bool' : name === 'floorDiv' ? 'int32' : 'float32';
  const alphas = name === 'leakyReluGrad' ? [0.2, 0, -1] : [0];
  return alphas.flatMap((alpha) => {
    const attrs = name === 'leakyReluGrad' ? { alpha } : NONE;
    const reference = (inputs: NdArray[]): NdArray =>
      map(inputs, dtype, (a, b) => binary[name](a as number, b as number, Math.fround(alpha)));
    const pairs = name === 'add' ? [...PAIRS, ...LARGE] : PAIRS;
    const specs: Spec[][] = pairs.map(([a, b]) => [x(kind, ...a), x(kind, ...b)]);
    if (!isLogical) specs.push([of('float', [S, 1], SPECIALS), of('float', [S], SPECIALS)]);
    if (QUOTIENTS.includes(name)) specs.push([x('float', 4099), x('factor', 4099)], [x('ties', 30, 1), x('ties', 30)]);
    return specs.map((pair) => row(name as OpName, pair, attrs as never, reference));
  });
}

const INT_SPECIALS = [0, 1, -1, 2, 7, 65536, -65536, 2 ** 31 - 1, -(2 ** 31), 16777217];

const integerUnaryCases = (Object.keys(integerUnary) as (keyof typeof integerUnary)[]).flatMap((name) =>
  [x('int'), x('int', 0), x('int', 5), x('int', 3, 700), of('int', [10], INT_SPECIALS)].map((spec) =>
    row(name, [spec], NONE, (inputs) => map(inputs, 'int32', (v) => integerUnary[name](v as number))),
  ),
);

const bitwiseCases = PAIRS.map(([a, b]) =>
  row('bitwiseAnd', [x('int', ...a), x('int', ...b)], NONE, (inputs) =>
    map(inputs, 'int32', (v, w) => (v as number) & (w as number)),
  ),
);

/** Ops that keep int32, and comparisons of int32 and bool. */
function integerCases(name: BinaryName): Case[] {
  const dtype: DType = isComparison(name) ? 'bool' : 'int32';
  const fn = name in integer ? integer[name as keyof typeof integer] : binary[name];
  const reference = (inputs: NdArray[]): NdArray => map(inputs, dtype, (a, b) => fn(a as number, b as number, 0));
  const specs: Spec[][] = PAIRS.slice(0, 16).map(([a, b]) => [x('int', ...a), x('int', ...b)]);
  specs.push([x(3, 1000), x(3, 1000)], [of('int', [10, 1], INT_SPECIALS), of('int', [10], INT_SPECIALS)]);
  if (isComparison(name)) specs.push([x('bool', 37), x('bool', 37)]);
  return specs.map((pair) => row(name as OpName, pair, NONE as never, reference));
}

const KINDS: readonly Kind[] = ['wild', 'int', 'bool'];
const DTYPES: readonly DType[] = ['float32', 'int32', 'bool'];

const castCases = KINDS.flatMap((kind) =>
  DTYPES.flatMap((dtype) => {
    const reference = ([a]: NdArray[]): NdArray => map([a as NdArray], dtype, casts[dtype]);
    const specs = [[], [0], [5], [1027]].map((shape) => x(kind, ...shape));
    if (kind === 'wild') specs.push(of('float', [S], SPECIALS));
    if (kind === 'int') specs.push(of('int', [10], INT_SPECIALS));
    return specs.map((spec) => row('cast', [spec], { dtype }, reference));
  }),
);

const TRIPLES: readonly [number[], number[], number[]][] = [
  [[], [], []],
  [[7], [7], [7]],
  [[7], [], []],
  [[], [5], [5]],
  [[3, 5], [5], [3, 1]],
  [[3, 1], [1, 5], []],
  [
    [2, 1, 3, 1],
    [1, 4, 1, 5],
    [3, 5],
  ],
  [
    [2, 1, 2, 1, 2, 1],
    [1, 3, 1, 1, 1, 3],
    [2, 1, 1, 3, 1, 1],
  ],
  [[2, 1100], [1100], [2, 1]],
  [[0, 3], [3], []],
];

const whereCases = KINDS.flatMap((kind) =>
  TRIPLES.map(([c, a, b]) =>
    row('where', [x('bool', ...c), x(kind, ...a), x(kind, ...b)], NONE, (inputs) =>
      map(inputs, at(inputs, 1).dtype, (condition, v, w) => (condition ? v : w) as number),
    ),
  ),
);

const broadcastCases = KINDS.flatMap((kind) =>
  (
    [
      [[], []],
      [[], [3]],
      [[1], [0]],
      [[4], [3, 4]],
      [
        [3, 1],
        [3, 4],
      ],
      [
        [2, 1, 3],
        [5, 2, 4, 3],
      ],
      [
        [1, 3, 1, 2, 1, 1],
        [2, 3, 2, 2, 3, 2],
      ],
      [
        [2, 1, 2, 1, 2, 1, 2],
        [2, 3, 2, 2, 2, 2, 2],
      ],
      [
        [1, 2, 1, 2, 1, 2, 1, 2],
        [2, 2, 2, 2, 3, 2, 2, 2],
      ],
      [
        [1, 1100],
        [3, 1100],
      ],
      [
        [1100, 1],
        [1100, 3],
      ],
      [[1], [5000]],
    ] as [number[], number[]][]
  ).map(([from, shape]) =>
    row('broadcastTo', [x(kind, ...from)], { shape }, ([a]) => broadcastTo(a as NdArray, shape)),
  ),
);

export const elementwiseCases: Case[] = [
  ...(Object.keys(unary) as (keyof typeof unary)[]).flatMap(unaryCases),
  ...(Object.keys(binary) as BinaryName[]).flatMap(binaryCases),
  ...(Object.keys(binary) as BinaryName[])
    .filter((name) => name in integer || isComparison(name))
    .flatMap(integerCases),
  ...integerUnaryCases,
  ...bitwiseCases,
  ...castCases,
  ...whereCases,
  ...broadcastCases,
];

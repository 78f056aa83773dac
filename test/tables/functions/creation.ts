/** Rows of functions that make tensors. */
import * as sg from '../../../src/index';
import * as random from '../../reference/random';
import { type Nd, nd, type Shape, zip } from '../gradients/float64';
import { DTYPES, dtypeOf, element, ints, made, movement, operand } from './arrays';
import type { FunctionCase, FunctionTable, Operand } from './case';

type Tensor = sg.Tensor;

/** Rows without operands. */
const fixed = (name: string, run: () => Tensor | readonly Tensor[], expected: Operand | Operand[]): FunctionCase => ({
  name,
  inputs: [],
  run,
  reference: () => expected,
  tolerance: 0,
});

const listed = (dtype: sg.DType, shape: Shape, values: readonly number[]): Operand => ({ ...nd(shape, values), dtype });

const eyes: readonly [number, number | undefined, number[] | undefined][] = [
  [3, undefined, undefined],
  [2, 4, undefined],
  [4, 2, undefined],
  [1, 1, [2]],
  [2, 3, [2, 1, 2]],
  [0, 3, undefined],
  [2, 0, [2]],
  [2, 2, [1, 2, 1, 2]],
];

const ranges: readonly [number, number, (number | undefined)?, ('float32' | 'int32')?][] = [
  [0, 5],
  [2, -3],
  [0, 9, 2],
  [9, 0, -2.5],
  [5, 0, 2],
  [0, 5, -1],
  [3, 3],
  [0, 1, 0.1],
  [-1.5, 4, 0.75],
  [10, 3, undefined, 'int32'],
  [0, 7, 3, 'int32'],
];

const diagonals: readonly Shape[] = [[], [1], [4], [0], [2, 3], [2, 1, 2]];

const oneHots: readonly [Operand, number, number?, number?, sg.DType?][] = [
  [ints([0, 2, 1]), 3],
  [ints([0, -1, 5, 3]), 4, 2, -1],
  [ints([1, 0], [2, 1]), 2, 0.5, 0.25, 'float32'],
  [ints([1], []), 3, 1, 0, 'bool'],
  [ints([0, 0]), 1, 1, 0, 'float32'],
  [ints([], [0]), 3],
];

const averages: readonly [Shape, number, number | undefined, boolean][] = [
  [[3], 0.9, 1, true],
  [[2, 3], 0.99, 10, true],
  [[4], 0.5, 1000, true],
  [[4], 0.7, undefined, false],
  [[0], 0.7, 2, true],
];

/** Marsaglia and Tsang's numbers in float64, from the same draws. */
function gamma(shape: Shape, alpha: number, beta: number, seed: number): Operand {
  let stream = 0;
  const draw = (of: (word: number) => number): ArrayLike<number> =>
    random.random(shape, { seed: [seed, 0], stream: ++stream }, of).data;
  const size = shape.reduce((a, b) => a * b, 1);
  const d = (alpha < 1 ? alpha + 1 : alpha) - 1 / 3;
  const cubes = new Float64Array(size).fill(1);
  for (let i = 0; i < 5; i++) {
    const x = draw((w) => random.normal(w, 0, 1));
    const u = draw((w) => 1 - random.unit(w));
    for (let k = 0; k < size; k++) {
      const root = 1 + (x[k] as number) / Math.sqrt(9 * d);
      const v = root ** 3;
      if (root > 0 && Math.log(u[k] as number) < (x[k] as number) ** 2 / 2 + d * (1 - v + Math.log(v))) cubes[k] = v;
    }
  }
  const last = alpha < 1 ? draw((w) => 1 - random.unit(w)) : undefined;
  return listed(
    'float32',
    shape,
    Array.from(cubes, (v, k) => (d * v * (last ? (last[k] as number) ** (1 / alpha) : 1)) / beta),
  );
}

/** Draws of the reference generator: the key of a seed is the seed itself. */
const drawn = (shape: Shape, seed: number, of: (word: number) => number, dtype: sg.DType = 'float32'): Operand =>
  listed(dtype, shape, Array.from(random.random(shape, { seed: [seed, 0], stream: 0 }, of).data));

/** Halves to the even number. */
const rounded = (x: Operand): Operand => ({
  ...x,
  dtype: 'int32',
  data: x.data.map((v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v)) + 0),
});

export const creationFunctions: FunctionTable = {
  zeros: DTYPES.map((dtype) => fixed(dtype, () => sg.zeros([2, 3], dtype), listed(dtype, [2, 3], [0, 0, 0, 0, 0, 0]))),
  ones: DTYPES.map((dtype) => fixed(dtype, () => sg.ones([3, 1], dtype), listed(dtype, [3, 1], [1, 1, 1]))),
  fill: [
    fixed('float32', () => sg.fill([2], -2.5), listed('float32', [2], [-2.5, -2.5])),
    fixed('int32', () => sg.fill([2], 7, 'int32'), listed('int32', [2], [7, 7])),
    fixed('true', () => sg.fill([2], true), listed('bool', [2], [1, 1])),
    fixed('2 as bool', () => sg.fill([], 2, 'bool'), listed('bool', [], [1])),
    fixed('no elements', () => sg.fill([0, 2], 1), listed('float32', [0, 2], [])),
  ],
  zerosLike: movement(
    [[2, 3], [], [0]].map((shape) => ({
      shape,
      name: 'zeros',
      run: (x: Tensor) => x.zerosLike(),
      reference: (x: Nd) => made(shape, dtypeOf(x), () => 0),
    })),
  ),
  onesLike: movement(
    [[2, 3], [], [0]].map((shape) => ({
      shape,
      name: 'ones',
      run: (x: Tensor) => x.onesLike(),
      reference: (x: Nd) => made(shape, dtypeOf(x), () => 1),
    })),
  ),
  eye: DTYPES.flatMap((dtype) =>
    eyes.map(([rows, columns, batch]) =>
      fixed(
        `${rows}, ${columns}, [${batch}] ${dtype}`,
        () => sg.eye(rows, columns, batch, dtype),
        made([...(batch ?? []), rows, columns ?? rows], dtype, (index) => (index.at(-1) === index.at(-2) ? 1 : 0)),
      ),
    ),
  ),
  range: ranges.map(([start, stop, step, dtype = 'float32']) => {
    const by = step ?? (stop < start ? -1 : 1);
    const values: number[] = [];
    for (let i = 0; by > 0 ? start + i * by < stop : start + i * by > stop; i++)
      values.push(dtype === 'int32' ? Math.trunc(start + i * by) : start + i * by);
    return fixed(
      `${start}, ${stop}, ${step} ${dtype}`,
      () => sg.range(start, stop, step, dtype),
      listed(dtype, [values.length], values),
    );
  }),
  linspace: (
    [
      [0, 9, 10],
      [1, -1, 5],
      [3, 7, 1],
      [0, 1, 2],
      [0.1, 0.7, 50],
    ] as const
  ).map(([start, stop, num]) =>
    fixed(
      `${start}, ${stop}, ${num}`,
      () => sg.linspace(start, stop, num),
      listed(
        'float32',
        [num],
        Array.from({ length: num }, (_, i) => {
          if (i === 0) return start;
          return i === num - 1 ? stop : start + (i * (stop - start)) / (num - 1);
        }),
      ),
    ),
  ),
  diag: movement(
    diagonals.map((shape) => ({
      shape,
      name: 'diagonal',
      run: sg.diag,
      reference: (x: Nd) =>
        made([...shape, ...shape], dtypeOf(x), (index) => {
          const [a, b] = [index.slice(0, shape.length), index.slice(shape.length)];
          return a.every((v, d) => v === b[d]) ? element(x, a) : 0;
        }),
    })),
  ),
  oneHot: oneHots.map(([indices, depth, on, off, dtype]) => ({
    name: `[${indices.data}] of ${depth}, ${on}, ${off}, ${dtype}`,
    inputs: [indices],
    run: (x) => sg.oneHot(x as Tensor, depth, on, off, dtype),
    reference: (x) =>
      made([...indices.shape, depth], dtype ?? 'int32', (index) =>
        element(x as Nd, index.slice(0, -1)) === index.at(-1) ? (on ?? 1) : (off ?? 0),
      ),
    tolerance: 0,
  })),
  meshgrid: [
    ...(['xy', 'ij'] as const).map(
      (indexing): FunctionCase => ({
        name: indexing,
        inputs: [operand(1, [3]), operand(2, [4], 'int32')],
        run: (x, y) => sg.meshgrid(x as Tensor, y as Tensor, { indexing }),
        reference: (x, y) => {
          const shape = indexing === 'xy' ? [4, 3] : [3, 4];
          const [row, column] = indexing === 'xy' ? [1, 0] : [0, 1];
          return [x as Nd, y as Nd].map((v, i) =>
            made(shape, dtypeOf(v), (index) => element(v, [index[i === 0 ? row : column] as number])),
          );
        },
        tolerance: 0,
      }),
    ),
    { name: 'one vector', inputs: [operand(1, [3])], run: (x) => sg.meshgrid(x), reference: (x) => [x as Operand] },
    fixed('nothing', () => sg.meshgrid(), []),
  ],
  buffer: [
    fixed(
      'filled place by place',
      () => {
        const b = sg.buffer([2, 3], 'int32');
        b.set(7, 1, 2);
        b.set(-1, 0, 1);
        return b.toTensor();
      },
      listed('int32', [2, 3], [0, -1, 0, 0, 0, 7]),
    ),
    fixed('of values', () => sg.buffer([2], 'bool', Uint8Array.of(1, 0)).toTensor(), listed('bool', [2], [1, 0])),
  ],
  tensor: [
    fixed(
      'nested',
      () =>
        sg.tensor([
          [1, 2],
          [3, 4],
        ]),
      listed('float32', [2, 2], [1, 2, 3, 4]),
    ),
    fixed('bool', () => sg.tensor([true, false]), listed('bool', [2], [1, 0])),
    fixed('int32', () => sg.tensor(Int32Array.of(1, -2), [2, 1]), listed('int32', [2, 1], [1, -2])),
    fixed('scalar', () => sg.scalar(2.5), listed('float32', [], [2.5])),
    fixed('tensor1d', () => sg.tensor1d([1, 2], 'int32'), listed('int32', [2], [1, 2])),
    fixed('tensor2d', () => sg.tensor2d([1, 2, 3, 4], [2, 2]), listed('float32', [2, 2], [1, 2, 3, 4])),
    fixed('tensor3d', () => sg.tensor3d([[[1], [2]]]), listed('float32', [1, 2, 1], [1, 2])),
    fixed('tensor4d', () => sg.tensor4d([1, 0], [1, 2, 1, 1], 'bool'), listed('bool', [1, 2, 1, 1], [1, 0])),
    fixed('tensor5d', () => sg.tensor5d([1, 2], [1, 2, 1, 1, 1]), listed('float32', [1, 2, 1, 1, 1], [1, 2])),
    fixed('tensor6d', () => sg.tensor6d([1, 2], [1, 2, 1, 1, 1, 1]), listed('float32', [1, 2, 1, 1, 1, 1], [1, 2])),
  ],
  cast: DTYPES.flatMap((from) =>
    (['toFloat', 'toInt', 'toBool'] as const).map((method): FunctionCase => {
      const dtype = ({ toFloat: 'float32', toInt: 'int32', toBool: 'bool' } as const)[method];
      const x = { ...operand(3, [2, 4], from) };
      const wide = from === 'float32' ? { ...x, data: x.data.map((v) => Math.fround(v * 5)) } : x;
      return {
        name: `${from} to ${dtype}`,
        inputs: [wide],
        run: (t) => (t as Tensor)[method](),
        reference: (t) =>
          made([2, 4], dtype, (index) => {
            const v = element(t as Nd, index);
            if (dtype === 'bool') return v === 0 ? 0 : 1;
            return dtype === 'int32' ? Math.trunc(v) + 0 : v;
          }),
        tolerance: 0,
        gradient: from === 'float32' && dtype === 'float32',
      };
    }),
  ),
  movingAverage: [
    ...averages.map(
      ([shape, decay, step, zeroDebias], i): FunctionCase => ({
        name: `[${shape}], decay ${decay}, step ${step}`,
        inputs: [operand(i + 1, shape), operand(i + 2, shape)],
        run: (v, x) => sg.movingAverage(v as Tensor, x as Tensor, decay, step, zeroDebias),
        reference: (v, x) =>
          zip(
            v as Nd,
            x as Nd,
            (a, b) => a + ((b - a) * (1 - decay)) / (zeroDebias ? 1 - decay ** (step as number) : 1),
          ),
      }),
    ),
    {
      name: 'decay and step as tensors',
      inputs: [operand(1, [3]), operand(2, [3]), nd([], [0.9]), nd([], [3])],
      run: (v, x, decay, step) => sg.movingAverage(v as Tensor, x as Tensor, decay as Tensor, step as Tensor),
      reference: (v, x, decay, step) => {
        const [d, s] = [(decay as Nd).data[0] as number, (step as Nd).data[0] as number];
        return zip(v as Nd, x as Nd, (a, b) => a + ((b - a) * (1 - d)) / (1 - d ** s));
      },
      tolerance: 1e-5,
    },
  ],
  randomGamma: (
    [
      [[200], 1, 1],
      [[3, 40], 4.5, 2],
      [[150], 0.3, 1],
      [[], 2, 0.5],
      [[0], 2, 1],
    ] as const
  ).map(([shape, alpha, beta]) => ({
    name: `[${shape}], alpha ${alpha}, beta ${beta}`,
    inputs: [],
    run: () => sg.randomGamma([...shape], alpha, beta, 'float32', 11),
    reference: () => gamma(shape, alpha, beta, 11),
    tolerance: 1e-5,
  })),
  multinomial: (
    [
      [[3], [0.2, 0.5, 0.3]],
      [
        [2, 4],
        [0.1, 0.2, 0.3, 0.4, 0, 0.5, 0, 0.5],
      ],
    ] as const
  ).flatMap(([shape, shares]) =>
    [true, false].map(
      (normalized): FunctionCase => ({
        name: `[${shape}], ${normalized ? 'shares' : 'logits'}`,
        inputs: [nd(shape, normalized ? shares : shares.map((v) => Math.fround(Math.log(v + 1e-9))))],
        run: (x) => sg.multinomial(x as Tensor, 50, 5, normalized),
        reference: (x) => {
          const n = shape.at(-1) as number;
          const rows = shape.length === 1 ? 1 : shape[0];
          const u = random.random([rows, 50], { seed: [5, 0], stream: 1 }, random.unit).data;
          const values = Array.from({ length: rows * 50 }, (_, i) => {
            const row = Math.floor(i / 50);
            const weights = Array.from((x as Nd).data.slice(row * n, (row + 1) * n), (v) =>
              normalized ? v : Math.exp(v),
            );
            const target = (u[i] as number) * weights.reduce((a, b) => a + b, 0);
            let sum = 0;
            return weights.findIndex((w) => {
              sum += w;
              return sum > target;
            });
          });
          return listed('int32', shape.length === 1 ? [50] : [rows, 50], values);
        },
      }),
    ),
  ),
  randomUniform: [
    fixed(
      'float32',
      () => sg.randomUniform([2, 5], -1, 3, 'float32', 7),
      drawn([2, 5], 7, (w) => random.uniform(w, -1, 3)),
    ),
    fixed(
      'int32',
      () => sg.randomUniform([9], -5, 5, 'int32', 7),
      drawn([9], 7, (w) => Math.floor(random.uniform(w, -5, 5)), 'int32'),
    ),
  ],
  randomUniformInt: [
    fixed(
      'of 7',
      () => sg.randomUniformInt([2, 5], -3, 4, 7),
      drawn([2, 5], 7, (w) => random.uniformInt(w, -3, 4), 'int32'),
    ),
  ],
  randomNormal: [
    fixed(
      'float32',
      () => sg.randomNormal([9], 2, 3, 'float32', 7),
      drawn([9], 7, (w) => random.normal(w, 2, 3)),
    ),
    fixed('int32', () => sg.randomNormal([9], 2, 3, 'int32', 7), rounded(drawn([9], 7, (w) => random.normal(w, 2, 3)))),
  ],
  randomStandardNormal: [
    fixed(
      'float32',
      () => sg.randomStandardNormal([9], 'float32', 7),
      drawn([9], 7, (w) => random.normal(w, 0, 1)),
    ),
    fixed(
      'int32',
      () => sg.randomStandardNormal([9], 'int32', 7),
      rounded(drawn([9], 7, (w) => random.normal(w, 0, 1))),
    ),
  ],
};

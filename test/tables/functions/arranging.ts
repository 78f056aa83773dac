/** Rows of functions that stack, repeat, pad and exchange blocks. */
import * as sg from '../../../src/index';
import type { Nd, Shape } from '../gradients/float64';
import { dtypeOf, element, made, moved, movement, operand, padded, reshaped } from './arrays';
import type { FunctionCase, FunctionTable, Operand } from './case';

type Tensor = sg.Tensor;
type Pairs = (readonly [number, number])[];

const stacked = (parts: readonly Nd[], axis: number): Operand => {
  const [head] = parts as [Nd, ...Nd[]];
  return made([...head.shape.slice(0, axis), parts.length, ...head.shape.slice(axis)], dtypeOf(head), (index) =>
    element(parts[index[axis] as number] as Nd, [...index.slice(0, axis), ...index.slice(axis + 1)]),
  );
};

const pads: readonly [Shape, Pairs, number?][] = [
  [[3], [[1, 2]]],
  [
    [2, 3],
    [
      [0, 1],
      [2, 0],
    ],
    1,
  ],
  [
    [2, 1, 3],
    [
      [1, 1],
      [0, 0],
      [1, 2],
    ],
    0,
  ],
  [
    [2, 0],
    [
      [1, 0],
      [1, 1],
    ],
    1,
  ],
  [
    [2, 2],
    [
      [0, 0],
      [0, 0],
    ],
    1,
  ],
];

const padOf = (rank: 2 | 3 | 4, run: (x: Tensor, paddings: Pairs, value?: number) => Tensor): FunctionCase[] => {
  const paddings = (
    [
      [1, 0],
      [0, 2],
      [1, 1],
      [0, 0],
    ] as Pairs
  ).slice(0, rank);
  return movement([
    {
      shape: [2, 3, 1, 2].slice(0, rank),
      name: 'zeros',
      run: (x) => run(x, paddings),
      reference: (x) => padded(x, paddings, 0),
    },
    {
      shape: [2, 1, 2, 1].slice(0, rank),
      name: 'ones',
      run: (x) => run(x, paddings, 1),
      reference: (x) => padded(x, paddings, 1),
    },
  ]);
};

const mirrors: readonly [Shape, Pairs, 'reflect' | 'symmetric'][] = [
  [[4], [[3, 2]], 'reflect'],
  [[4], [[4, 1]], 'symmetric'],
  [[1], [[1, 1]], 'symmetric'],
  [[3], [[0, 0]], 'reflect'],
  [
    [2, 3],
    [
      [1, 0],
      [2, 2],
    ],
    'reflect',
  ],
  [
    [2, 3],
    [
      [2, 1],
      [0, 3],
    ],
    'symmetric',
  ],
  [
    [3, 1, 2, 2],
    [
      [2, 1],
      [0, 0],
      [1, 1],
      [0, 1],
    ],
    'reflect',
  ],
];

const tiles: readonly [Shape, number[]][] = [
  [[3], [2]],
  [[3], [1]],
  [[3], [0]],
  [[], []],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [2, 3],
    [1, 3],
  ],
  [
    [2, 1, 3],
    [2, 3, 2],
  ],
  [
    [2, 2, 2, 2],
    [2, 3, 2, 2],
  ],
  [
    [2, 2, 1, 2, 2],
    [2, 1, 3, 2, 2],
  ],
];

const broadcasts: readonly [Shape, number[]][] = [
  [[], [3]],
  [[3], [2, 3]],
  [
    [2, 1],
    [2, 4],
  ],
  [
    [2, 3],
    [2, 3],
  ],
  [[1], [0]],
  [
    [2, 1, 2, 1, 2, 1, 2],
    [2, 3, 2, 2, 2, 2, 2],
  ],
  [
    [1, 2, 1, 2, 1, 2, 1, 2],
    [2, 2, 2, 2, 2, 2, 2, 2],
  ],
];

export const arrangingFunctions: FunctionTable = {
  stack: [
    ...movement([
      { shape: [], name: 'scalars', run: (x) => sg.stack([x, x, x]), reference: (x) => stacked([x, x, x], 0) },
      { shape: [2, 3], name: 'along 0', run: (x) => x.stack(x), reference: (x) => stacked([x, x], 0) },
      { shape: [2, 3], name: 'along -1', run: (x) => x.stack([x, x], -1), reference: (x) => stacked([x, x, x], 2) },
      { shape: [2, 3], name: 'alone', run: (x) => sg.stack([x], 1), reference: (x) => stacked([x], 1) },
    ]),
    {
      name: 'two along 1',
      inputs: [operand(1, [2, 3]), operand(2, [2, 3])],
      run: (...xs) => sg.stack(xs, 1),
      reference: (...xs) => stacked(xs, 1),
      tolerance: 0,
    },
  ],
  tile: movement(
    tiles.map(([shape, reps]) => ({
      shape,
      name: `by ${reps}`,
      run: (x: Tensor) => x.tile(reps),
      reference: (x: Nd) =>
        moved(
          x,
          shape.map((d, i) => d * (reps[i] as number)),
          (index) => index.map((v, d) => v % (shape[d] as number)),
        ),
    })),
  ),
  broadcastTo: [
    ...movement(
      broadcasts.map(([from, shape]) => ({
        shape: from,
        name: `to ${shape}`,
        run: (x: Tensor) => x.broadcastTo(shape),
        reference: (x: Nd) =>
          moved(x, shape, (index) => index.slice(shape.length - from.length).map((v, d) => (from[d] === 1 ? 0 : v))),
      })),
    ),
    {
      // Each sum fits one pass over memory; both together have more dimensions than a pass has.
      name: 'in sums of seven dimensions',
      inputs: [
        [2, 2, 2, 2, 2, 2, 3],
        [2, 1, 2, 1, 2, 1, 1],
        [2, 1],
      ].map((s, i) => operand(i + 5, s)),
      run: (x, a, b) => sg.tidy(() => (x as Tensor).add(a as Tensor).mul(b as Tensor)),
      reference: (x, a, b) =>
        made([2, 2, 2, 2, 2, 2, 3], 'float32', (index) => {
          const [i, , j, , k, l] = index as [number, number, number, number, number, number];
          return (element(x as Nd, index) + element(a as Nd, [i, 0, j, 0, k, 0, 0])) * element(b as Nd, [l, 0]);
        }),
    },
  ],
  pad: movement(
    pads.map(([shape, paddings, value]) => ({
      shape,
      name: `${JSON.stringify(paddings)} of ${value}`,
      run: (x: Tensor) => x.pad(paddings, value),
      reference: (x: Nd) => padded(x, paddings, value ?? 0),
    })),
  ),
  pad1d: movement([
    {
      shape: [3],
      name: '[1, 2]',
      run: (x) => sg.pad1d(x, [1, 2], 1),
      reference: (x) => padded(x, [[1, 2]], 1),
    },
  ]),
  pad2d: padOf(2, sg.pad2d),
  pad3d: padOf(3, sg.pad3d),
  pad4d: padOf(4, sg.pad4d),
  mirrorPad: movement(
    mirrors.map(([shape, paddings, mode]) => ({
      shape,
      name: `${mode} ${JSON.stringify(paddings)}`,
      run: (x: Tensor) => x.mirrorPad(paddings, mode),
      reference: (x: Nd) =>
        moved(
          x,
          shape.map((d, i) => d + (paddings[i]?.[0] as number) + (paddings[i]?.[1] as number)),
          (index) =>
            index.map((v, d) => {
              const n = shape[d] as number;
              const at = v - (paddings[d]?.[0] as number);
              const gap = mode === 'reflect' ? 0 : 1;
              if (at < 0) return -at - gap;
              return at < n ? at : 2 * (n - 1) - at + gap;
            }),
        ),
    })),
  ),
  as: movement([
    { shape: [1, 1], name: 'asScalar', run: (x) => x.asScalar(), reference: (x) => reshaped(x, []) },
    { shape: [2, 3], name: 'as1D', run: (x) => x.as1D(), reference: (x) => reshaped(x, [6]) },
    { shape: [2, 3], name: 'flatten', run: (x) => x.flatten(), reference: (x) => reshaped(x, [6]) },
    { shape: [6], name: 'as2D', run: (x) => x.as2D(2, 3), reference: (x) => reshaped(x, [2, 3]) },
    { shape: [6], name: 'as3D', run: (x) => x.as3D(1, 2, 3), reference: (x) => reshaped(x, [1, 2, 3]) },
    { shape: [6], name: 'as4D', run: (x) => x.as4D(1, 2, 3, 1), reference: (x) => reshaped(x, [1, 2, 3, 1]) },
    { shape: [6], name: 'as5D', run: (x) => x.as5D(1, 2, 1, 3, 1), reference: (x) => reshaped(x, [1, 2, 1, 3, 1]) },
    {
      shape: [6],
      name: 'reshapeAs',
      run: (x) => sg.tidy(() => x.reshapeAs(sg.zeros([3, 2]))),
      reference: (x) => reshaped(x, [3, 2]),
    },
  ]),
};

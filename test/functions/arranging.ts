/** Rows of functions that stack, repeat, pad and exchange blocks. */
import * as sg from '../../src/index';
import { type Nd, type Shape, sizeOf } from '../autodiff/float64';
import { dtypeOf, element, made, moved, movement, operand, reshaped } from './arrays';
import type { FunctionCase, FunctionTable, Operand } from './case';

type Tensor = sg.Tensor;
type Pairs = (readonly [number, number])[];

const stacked = (parts: readonly Nd[], axis: number): Operand => {
  const [head] = parts as [Nd, ...Nd[]];
  return made([...head.shape.slice(0, axis), parts.length, ...head.shape.slice(axis)], dtypeOf(head), (index) =>
    element(parts[index[axis] as number] as Nd, [...index.slice(0, axis), ...index.slice(axis + 1)]),
  );
};

const padded = (x: Nd, paddings: Pairs, value: number): Operand =>
  moved(
    x,
    x.shape.map((d, i) => d + (paddings[i]?.[0] as number) + (paddings[i]?.[1] as number)),
    (index) => {
      const from = index.map((v, d) => v - (paddings[d]?.[0] as number));
      return from.every((v, d) => v >= 0 && v < (x.shape[d] as number)) ? from : undefined;
    },
    value,
  );

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

/** Depth in blocks: place (h, w) of the result is pixel (h / b, w / b), channel (h % b, w % b, c). */
const unfolded = (x: Nd, b: number): Operand => {
  const [n, h, w, depth] = x.shape as [number, number, number, number];
  const d = depth / (b * b);
  return moved(x, [n, h * b, w * b, d], (index) => {
    const [i, y, z, c] = index as [number, number, number, number];
    return [i, Math.floor(y / b), Math.floor(z / b), ((y % b) * b + (z % b)) * d + c];
  });
};

/** Where an element of `spaceToBatchND` comes from in the padded array. */
const fromBatch = (index: readonly number[], block: readonly number[], batch: number): number[] => {
  let rest = Math.floor((index[0] as number) / batch);
  const offsets = [...block].reverse().map((b) => {
    const offset = rest % b;
    rest = Math.floor(rest / b);
    return offset;
  });
  offsets.reverse();
  return index.map((v, d) =>
    d === 0 ? v % batch : d <= block.length ? v * (block[d - 1] as number) + (offsets[d - 1] as number) : v,
  );
};

const blocks: readonly [Shape, number[], Pairs][] = [
  [[2, 4], [2], [[0, 0]]],
  [
    [1, 4, 6, 2],
    [2, 3],
    [
      [0, 0],
      [0, 0],
    ],
  ],
  [
    [2, 3, 4, 1],
    [2, 2],
    [
      [1, 0],
      [0, 2],
    ],
  ],
  [
    [2, 3, 2, 2],
    [1, 1],
    [
      [0, 0],
      [0, 0],
    ],
  ],
  [
    [1, 2, 3, 2, 2],
    [2, 3, 2],
    [
      [0, 0],
      [2, 1],
      [1, 1],
    ],
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
  depthToSpace: movement(
    (
      [
        [[1, 1, 1, 4], 2],
        [[2, 2, 3, 8], 2],
        [[1, 2, 1, 9], 3],
        [[0, 2, 2, 4], 2],
      ] as [number[], number][]
    ).flatMap(([shape, size]) => [
      {
        shape,
        name: `by ${size}`,
        run: (x: Tensor) => x.depthToSpace(size),
        reference: (x: Nd) => unfolded(x, size),
      },
      {
        shape,
        name: `by ${size}, NCHW`,
        run: (x: Tensor) => sg.tidy(() => x.transpose([0, 3, 1, 2]).depthToSpace(size, 'NCHW').transpose([0, 2, 3, 1])),
        reference: (x: Nd) => unfolded(x, size),
      },
    ]),
  ),
  spaceToBatchND: movement(
    blocks.map(([shape, block, paddings]) => ({
      shape,
      name: `by ${block}, ${JSON.stringify(paddings)}`,
      run: (x: Tensor) => x.spaceToBatchND(block, paddings),
      reference: (x: Nd) => {
        const around = shape.map((_, d): readonly [number, number] => (d > 0 && paddings[d - 1]) || [0, 0]);
        const y = padded(x, around, 0);
        const [batch] = shape as [number];
        return moved(
          y,
          y.shape.map((n, d) => (d === 0 ? n * sizeOf(block) : d <= block.length ? n / (block[d - 1] as number) : n)),
          (index) => fromBatch(index, block, batch),
        );
      },
    })),
  ),
  batchToSpaceND: movement(
    (
      [
        [[4, 2], [2], [[0, 0]]],
        [
          [6, 2, 2, 2],
          [2, 3],
          [
            [0, 0],
            [0, 0],
          ],
        ],
        [
          [8, 2, 3, 1],
          [2, 2],
          [
            [1, 0],
            [0, 2],
          ],
        ],
        [
          [12, 1, 2, 2],
          [2, 3],
          [
            [1, 1],
            [2, 1],
          ],
        ],
      ] as [number[], number[], Pairs][]
    ).map(([shape, block, crops]) => ({
      shape,
      name: `by ${block}, ${JSON.stringify(crops)}`,
      run: (x: Tensor) => x.batchToSpaceND(block, crops),
      reference: (x: Nd) => {
        const batch = (shape[0] as number) / sizeOf(block);
        const size = shape.map((n, d) =>
          d === 0
            ? batch
            : d <= block.length
              ? n * (block[d - 1] as number) - (crops[d - 1]?.[0] as number) - (crops[d - 1]?.[1] as number)
              : n,
        );
        return moved(x, size, (index) => {
          const whole = index.map((v, d) => (d > 0 && d <= block.length ? v + (crops[d - 1]?.[0] as number) : v));
          const place = block.reduce((at, b, d) => at * b + ((whole[d + 1] as number) % b), 0);
          return whole.map((v, d) =>
            d === 0 ? place * batch + v : d <= block.length ? Math.floor(v / (block[d - 1] as number)) : v,
          );
        });
      },
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

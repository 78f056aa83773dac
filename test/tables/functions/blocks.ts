/** Rows of functions that exchange blocks of space, depth and batch. */
import * as sg from '../../../src/index';
import { type Nd, type Shape, sizeOf } from '../gradients/float64';
import { moved, movement, padded } from './arrays';
import type { FunctionTable, Operand } from './case';

type Tensor = sg.Tensor;
type Pairs = (readonly [number, number])[];

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

export const blockFunctions: FunctionTable = {
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
};

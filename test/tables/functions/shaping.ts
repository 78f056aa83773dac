/** Rows of functions that change shapes, or cut out and put together parts. */
import * as sg from '../../../src/index';
import type { Nd, Shape } from '../gradients/float64';
import { joined, moved, movement, operand, reshaped } from './arrays';
import type { FunctionTable } from './case';

type Tensor = sg.Tensor;

const reshapes: readonly [Shape, number[], number[]][] = [
  [[2, 3], [6], [6]],
  [
    [2, 3, 2],
    [3, -1],
    [3, 4],
  ],
  [[1], [], []],
  [[], [1, 1], [1, 1]],
  [
    [0, 3],
    [3, 0, 2],
    [3, 0, 2],
  ],
  [
    [2, 2, 2, 2, 2, 2, 2],
    [-1, 8],
    [16, 8],
  ],
];

const transposes: readonly [Shape, number[] | undefined][] = [
  [[], undefined],
  [[4], [0]],
  [[2, 3], undefined],
  [
    [2, 3, 4],
    [2, 0, 1],
  ],
  [
    [2, 3, 4],
    [-1, 0, -2],
  ],
  [
    [2, 1, 3, 2, 2, 2, 2],
    [6, 4, 5, 1, 0, 3, 2],
  ],
  [
    [0, 3],
    [1, 0],
  ],
];

export const shapingFunctions: FunctionTable = {
  expandDims: movement(
    [0, 1, -1, -2].map((axis) => ({
      shape: [2, 3],
      name: `axis ${axis}`,
      run: (x: Tensor) => x.expandDims(axis),
      reference: (x: Nd) => {
        const at = axis < 0 ? axis + 3 : axis;
        return reshaped(x, [...[2, 3].slice(0, at), 1, ...[2, 3].slice(at)]);
      },
    })),
  ),
  squeeze: movement(
    (
      [
        [[1, 2, 1, 3], undefined, [2, 3]],
        [[1, 2, 1, 3], [0], [2, 1, 3]],
        [[1, 2, 1, 3], [-2], [1, 2, 3]],
        [[1, 1], undefined, []],
        [[2], undefined, [2]],
      ] as [number[], number[] | undefined, number[]][]
    ).map(([shape, axis, result]) => ({
      shape,
      name: `axis ${axis}`,
      run: (x: Tensor) => x.squeeze(axis),
      reference: (x: Nd) => reshaped(x, result),
    })),
  ),
  reshape: movement(
    reshapes.map(([shape, to, result]) => ({
      shape,
      name: `to ${to}`,
      run: (x: Tensor) => x.reshape(to),
      reference: (x: Nd) => reshaped(x, result),
    })),
  ),
  ensureShape: movement(
    [
      [2, 3],
      [null, 3],
      [null, null],
    ].map((shape) => ({
      shape: [2, 3],
      name: `${JSON.stringify(shape)}`,
      run: (x: Tensor) => sg.ensureShape(x, shape),
      reference: (x: Nd) => reshaped(x, x.shape),
    })),
  ),
  clone: movement(
    [[], [2, 3], [0]].map((shape) => ({
      shape,
      name: 'copied',
      run: (x: Tensor) => sg.clone(x),
      reference: (x: Nd) => reshaped(x, x.shape),
    })),
  ),
  transpose: movement(
    transposes.map(([shape, perm]) => ({
      shape,
      name: `by ${perm}`,
      run: (x: Tensor) => x.transpose(perm),
      reference: (x: Nd) => {
        const order = (perm ?? shape.map((_, i) => shape.length - 1 - i)).map((p) => (p < 0 ? p + shape.length : p));
        return moved(
          x,
          order.map((p) => shape[p] as number),
          (index) => shape.map((_, d) => index[order.indexOf(d)] as number),
        );
      },
    })),
  ),
  concat: [
    ...movement([
      {
        shape: [2, 3],
        name: 'with itself, along -1',
        run: (x) => sg.concat([x, x], -1),
        reference: (x) => joined([x, x], 1),
      },
    ]),
    ...(
      [
        [[[2], [3]], 0],
        [
          [
            [2, 3],
            [1, 3],
            [0, 3],
          ],
          0,
        ],
        [
          [
            [2, 1, 2],
            [2, 3, 2],
          ],
          -2,
        ],
        [[[2, 2]], 1],
      ] as [number[][], number][]
    ).map(([shapes, axis]) => ({
      name: `${JSON.stringify(shapes)} along ${axis}`,
      inputs: shapes.map((s, i) => operand(i + 3, s)),
      run: (...xs: Tensor[]) => sg.concat(xs, axis),
      reference: (...xs: Nd[]) => joined(xs, axis < 0 ? axis + (shapes[0] as number[]).length : axis),
      tolerance: 0,
    })),
    {
      name: 'int32 and float32: the type of the first',
      inputs: [operand(1, [2], 'int32'), { shape: [2], data: Float64Array.of(1.5, -2.5) }],
      run: (...xs) => sg.concat(xs),
      reference: (a, b) => ({
        shape: [4],
        dtype: 'int32',
        data: Float64Array.of(...(a as Nd).data, ...(b as Nd).data.map(Math.trunc)),
      }),
      gradient: false,
    },
  ],
  concat1d: movement([
    { shape: [3], name: 'twice', run: (x) => sg.concat1d([x, x]), reference: (x) => joined([x, x], 0) },
  ]),
  concat2d: movement([
    { shape: [2, 3], name: 'along 1', run: (x) => sg.concat2d([x, x], 1), reference: (x) => joined([x, x], 1) },
  ]),
  concat3d: movement([
    { shape: [2, 3, 1], name: 'along -1', run: (x) => sg.concat3d([x, x], -1), reference: (x) => joined([x, x], 2) },
  ]),
  concat4d: movement([
    { shape: [2, 1, 3, 1], name: 'along 2', run: (x) => sg.concat4d([x, x], 2), reference: (x) => joined([x, x], 2) },
  ]),
};

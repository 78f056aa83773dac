/** Rows of functions that read and write by index. */
import * as sg from '../../../src/index';
import { type Nd, type Shape, sizeOf } from '../gradients/float64';
import { DTYPES, dtypeOf, element, ints, made, moved, operand } from './arrays';
import type { FunctionCase, FunctionTable, Operand } from './case';

type Tensor = sg.Tensor;

/** Indices below a limit, some of them equal. */
const below = (limit: number, shape: Shape): Operand =>
  ints(
    Array.from({ length: sizeOf(shape) }, (_, i) => (i * i + 2 * i) % Math.max(1, limit)),
    shape,
  );

const gathers: readonly [x: Shape, indices: Shape, axis: number, batchDims?: number][] = [
  [[5], [3], 0],
  [[5], [], 0],
  [[4, 3], [6], 0],
  [[4, 3], [2, 2], 1],
  [[4, 3], [5], -1],
  [[2, 3, 4], [2, 1], 1],
  [[2, 3, 4], [0], 2],
  [[3, 4], [3, 2], 1, 1],
  [[2, 3, 4, 2], [2, 5], 2, 1],
  [[2, 3, 4], [2, 3, 2], 2, 2],
  [[2, 3, 4], [2, 3], 2, -1],
  [[2, 0, 4], [3], 2],
  [[70, 20], [100], 0],
];

const gathered = (x: Nd, ids: Nd, axis: number, batchDims: number): Operand => {
  const along = axis < 0 ? axis + x.shape.length : axis;
  const lead = batchDims < 0 ? batchDims + ids.shape.length : batchDims;
  const middle = ids.shape.length - lead;
  const shape = [...x.shape.slice(0, along), ...ids.shape.slice(lead), ...x.shape.slice(along + 1)];
  return moved(x, shape, (index) => {
    const row = element(ids, [...index.slice(0, lead), ...index.slice(along, along + middle)]);
    return [...index.slice(0, along), row, ...index.slice(along + middle)];
  });
};

const sums: readonly [x: Shape, ids: Shape, n: number, values?: number[]][] = [
  [[6], [6], 4],
  [[6], [6], 3, [0, -1, 2, 2, -5, 0]],
  [[5, 3], [5], 4],
  [[2, 3, 2], [2, 3], 5],
  [[4, 2, 3], [4], 1],
  [[0, 2], [0], 3],
  [[3, 0], [3], 2],
  [[100, 20], [100], 70],
  [[], [], 3],
];

const summed = (x: Nd, ids: Nd, n: number): Operand => {
  const inner = x.shape.slice(ids.shape.length);
  const dtype = dtypeOf(x) === 'bool' ? 'int32' : dtypeOf(x);
  const width = sizeOf(inner);
  return made([n, ...inner], dtype, ([s, ...rest]) => {
    const at = rest.reduce((sum, v, d) => sum * (inner[d] as number) + v, 0);
    let sum = 0;
    for (let i = 0; i < ids.data.length; i++) if (ids.data[i] === s) sum += x.data[i * width + at] as number;
    return sum;
  });
};

/** Index tuples inside a shape, one of them twice. */
function tuples(shape: Shape, batch: Shape, depth: number): Operand {
  const count = sizeOf(batch);
  const values = Array.from({ length: count }, (_, i) =>
    shape.slice(0, depth).map((d, k) => (i === count - 1 ? 0 : (i * (k + 2) + k) % d)),
  );
  return ints(values.flat(), [...batch, depth]);
}

const nd: readonly [x: Shape, batch: Shape, depth: number][] = [
  [[5], [3], 1],
  [[3, 4], [4], 2],
  [[3, 4], [2, 2], 1],
  [[2, 3, 4], [5], 2],
  [[2, 3, 4], [], 3],
  [[2, 3], [2], 0],
  [[3, 2], [0], 1],
];

/** The tuple of the update that a place of the result belongs to. */
const tupleOf = (ids: Nd, i: number): number[] => {
  const depth = ids.shape[ids.shape.length - 1] as number;
  return Array.from({ length: depth }, (_, k) => ids.data[i * depth + k] as number);
};

/** What updates do to a shape: a fold over those whose tuple leads to the place. */
function updated(
  shape: Shape,
  ids: Nd,
  updates: Nd,
  start: (index: readonly number[]) => number,
  fold: (sum: number, value: number) => number,
): Operand {
  const depth = ids.shape[ids.shape.length - 1] as number;
  const inner = shape.slice(depth);
  const count = sizeOf(ids.shape.slice(0, -1));
  return made(shape, dtypeOf(updates), (index) => {
    const at = index.slice(depth).reduce((sum, v, d) => sum * (inner[d] as number) + v, 0);
    let value = start(index);
    for (let i = 0; i < count; i++)
      if (tupleOf(ids, i).every((v, d) => v === index[d]))
        value = fold(value, updates.data[i * sizeOf(inner) + at] as number);
    return value;
  });
}

const scatters = nd.filter(([, batch, depth]) => batch.length > 0 && depth > 0);
const inAllTypes = (make: (dtype: sg.DType) => FunctionCase[]): FunctionCase[] => DTYPES.flatMap(make);

const asBool = (v: Operand): Operand => ({ ...v, dtype: 'bool' });

export const indexingFunctions: FunctionTable = {
  gather: inAllTypes((dtype) =>
    gathers.map(([shape, indices, axis, batchDims = 0], i) => ({
      name: `${dtype} [${shape}] at [${indices}], axis ${axis}, batchDims ${batchDims}`,
      inputs: [operand(i + 1, shape, dtype), below(shape.at(axis) as number, indices)],
      run: (x, ids) => (x as Tensor).gather(ids as Tensor, axis, batchDims),
      reference: (x, ids) => gathered(x as Nd, ids as Nd, axis, batchDims),
      tolerance: 0,
    })),
  ),
  unsortedSegmentSum: inAllTypes((dtype) =>
    sums.map(([shape, ids, n, values], i) => ({
      name: `${dtype} [${shape}] by [${values ?? ids}], ${n} segments`,
      inputs: [operand(i + 31, shape, dtype), values ? ints(values, ids) : below(n, ids)],
      run: (x, segments) => (x as Tensor).unsortedSegmentSum(segments as Tensor, n),
      reference: (x, segments) => summed(x as Nd, segments as Nd, n),
    })),
  ),
  gatherND: inAllTypes((dtype) =>
    nd.map(([shape, batch, depth], i) => ({
      name: `${dtype} [${shape}] at [${[...batch, depth]}]`,
      inputs: [operand(i + 51, shape, dtype), tuples(shape, batch, depth)],
      run: (x, ids) => sg.gatherND(x as Tensor, ids as Tensor),
      reference: (x, ids) =>
        moved(x as Nd, [...batch, ...shape.slice(depth)], (index) => [
          ...tupleOf(
            ids as Nd,
            index.slice(0, batch.length).reduce((sum, v, d) => sum * (batch[d] as number) + v, 0),
          ),
          ...index.slice(batch.length),
        ]),
      tolerance: 0,
    })),
  ),
  scatterND: [
    ...(['float32', 'int32'] as const).flatMap((dtype) =>
      scatters.map(
        ([shape, batch, depth], i): FunctionCase => ({
          name: `${dtype} [${[...batch, depth]}] into [${shape}]`,
          inputs: [tuples(shape, batch, depth), operand(i + 71, [...batch, ...shape.slice(depth)], dtype)],
          run: (ids, x) => sg.scatterND(ids as Tensor, x as Tensor, [...shape]),
          reference: (ids, x) =>
            updated(
              shape,
              ids as Nd,
              x as Nd,
              () => 0,
              (a, b) => a + b,
            ),
        }),
      ),
    ),
    {
      name: 'a vector of places',
      inputs: [ints([3, 1, 3]), operand(4, [3])],
      run: (ids, x) => sg.scatterND(ids as Tensor, x as Tensor, [5]),
      reference: (_, x) => {
        const [a, b, c] = (x as Nd).data as unknown as [number, number, number];
        return { shape: [5], dtype: 'float32', data: Float64Array.of(0, b, 0, a + c, 0) };
      },
    },
    {
      name: 'truth values',
      inputs: [ints([3, 1, 3]), operand(4, [3], 'bool')],
      run: (ids, x) => sg.scatterND(ids as Tensor, x as Tensor, [5]),
      reference: (_, x) => {
        const [a, b, c] = (x as Nd).data as unknown as [number, number, number];
        return { shape: [5], dtype: 'bool', data: Float64Array.of(0, b, 0, Math.max(a, c), 0) };
      },
    },
  ],
  tensorScatterUpdate: inAllTypes((dtype) =>
    scatters.map(([shape, batch, depth], i) => ({
      name: `${dtype} [${[...batch, depth]}] into [${shape}]`,
      inputs: [
        operand(i + 91, shape, dtype),
        tuples(shape, batch, depth),
        operand(i + 92, [...batch, ...shape.slice(depth)], dtype),
      ],
      run: (x, ids, y) => sg.tensorScatterUpdate(x as Tensor, ids as Tensor, y as Tensor),
      reference: (x, ids, y) =>
        updated(
          shape,
          ids as Nd,
          y as Nd,
          (index) => element(x as Nd, index),
          (_, b) => b,
        ),
      tolerance: 0,
    })),
  ),
  sparseToDense: [
    ...inAllTypes((dtype) => [
      {
        name: `${dtype} of rank 1`,
        inputs: [ints([4, 0, 4]), operand(5, [3], dtype)],
        run: (ids, x) => sg.sparseToDense(ids as Tensor, x as Tensor, [6]),
        reference: (ids, x) =>
          updated(
            [6],
            { ...(ids as Nd), shape: [3, 1] },
            x as Nd,
            () => 0,
            (_, b) => b,
          ),
        tolerance: 0,
      },
      {
        name: `${dtype} of rank 2`,
        inputs: [ints([0, 1, 2, 3], [2, 2]), operand(5, [2], dtype)],
        run: (ids, x) => sg.sparseToDense(ids as Tensor, x as Tensor, [3, 4], 1),
        reference: (ids, x) =>
          updated(
            [3, 4],
            ids as Nd,
            x as Nd,
            () => 1,
            (_, b) => b,
          ),
        tolerance: 0,
      },
    ]),
    {
      name: 'one value for all, and a default',
      inputs: [ints([1, 3]), operand(5, []), operand(6, [])],
      run: (ids, x, rest) => sg.sparseToDense(ids as Tensor, x as Tensor, [4], rest as Tensor),
      reference: (_, x, rest) =>
        made([4], 'float32', ([i]) => ((i as number) % 2 ? (x as Nd) : (rest as Nd)).data[0] as number),
      tolerance: 0,
    },
    {
      name: 'one place',
      inputs: [ints([2], []), operand(5, [])],
      run: (ids, x) => sg.sparseToDense(ids as Tensor, x as Tensor, [4]),
      reference: (_, x) => made([4], 'float32', ([i]) => (i === 2 ? ((x as Nd).data[0] as number) : 0)),
      tolerance: 0,
    },
  ],
  where: inAllTypes((dtype) =>
    (
      [
        [
          [2, 3],
          [2, 3],
          [2, 3],
        ],
        [[3], [2, 3], []],
        [[2, 1], [3], [1, 3]],
        [[], [2], [2]],
        [[0], [0], [1]],
      ] as [number[], number[], number[]][]
    ).map(([c, a, b], i) => {
      const at = (x: Nd, index: readonly number[]): number =>
        element(
          x,
          index.slice(index.length - x.shape.length).map((v, d) => (x.shape[d] === 1 ? 0 : v)),
        );
      const rank = Math.max(c.length, a.length, b.length);
      const sizes = [c, a, b].map((s) => [...new Array(rank - s.length).fill(1), ...s] as number[]);
      const shape = Array.from({ length: rank }, (_, d) => sizes.map((s) => s[d] as number).find((v) => v !== 1) ?? 1);
      return {
        name: `${dtype} [${c}] ? [${a}] : [${b}]`,
        inputs: [asBool(operand(i + 1, c, 'bool')), operand(i + 2, a, dtype), operand(i + 3, b, dtype)],
        run: (condition, x, y) => (x as Tensor).where(condition as Tensor, y as Tensor),
        reference: (condition, x, y) =>
          made(shape, dtype, (index) => (at(condition as Nd, index) ? at(x as Nd, index) : at(y as Nd, index))),
        tolerance: 0,
      } satisfies FunctionCase;
    }),
  ),
};

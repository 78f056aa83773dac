/** Gradient cases of reductions, softmax, random numbers, and ops that move elements. */
import * as sg from '../../../src/index';
import { apart, avoiding, type Case, given, show } from './case';
import { at, build, fold, map, type Nd, nd, rows, type Shape, sizeOf, softmax, total, transpose, zip } from './float64';

type Tensor = sg.Tensor;

const reductions: readonly { shape: Shape; axes?: readonly number[]; keepDims?: boolean }[] = [
  { shape: [] },
  { shape: [5] },
  { shape: [2, 3] },
  { shape: [2, 3], axes: [0] },
  { shape: [2, 3], axes: [-1], keepDims: true },
  { shape: [2, 3, 4], axes: [1] },
  { shape: [2, 3, 4], axes: [0, 2] },
  { shape: [2, 3, 4], axes: [0, 2], keepDims: true },
  { shape: [2, 3, 2, 2], axes: [-1, 1] },
  { shape: [3, 1, 2], axes: [1] },
  { shape: [2, 3], axes: [] },
];

type Reduce = (x: Tensor, axes?: readonly number[], keepDims?: boolean) => Tensor;
/** All cases of a reduction; `wrap` puts a result that is not float32 to use. */
function reduction(
  run: Reduce,
  f: (values: readonly number[]) => number,
  operand: (shape: Shape) => Nd,
  wrap?: { run: (x: Tensor, reduced: Tensor) => Tensor; reference: (x: Nd, reduced: Nd) => Nd },
): Case[] {
  return reductions.map(({ shape, axes, keepDims = false }) => {
    const places = axes?.map((a) => (a < 0 ? a + shape.length : a)) ?? shape.map((_, i) => i);
    const keeps = keepDims || wrap !== undefined;
    return {
      name: `${show(shape)} along ${axes ? show(axes) : 'all'}${keeps ? ', keepDims' : ''}`,
      inputs: [operand(shape)],
      run: (x) => {
        const reduced = run(x as Tensor, axes, keeps);
        return wrap ? wrap.run(x as Tensor, reduced) : reduced;
      },
      reference: (x) => {
        const reduced = fold(x as Nd, places, keeps, f);
        return wrap ? wrap.reference(x as Nd, reduced) : reduced;
      },
    };
  });
}

const random = (shape: Shape): Nd => given(61, shape, -1.5, 1.5);
const times = {
  run: (x: Tensor, reduced: Tensor) => x.mul(reduced.cast('float32')),
  reference: (x: Nd, reduced: Nd) => zip(x, reduced, (a, b) => a * b),
};
const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);
const positive = (values: readonly number[]): boolean[] => values.map((v) => v > 0);

/** x times the place of its extreme along axis 1. */
const extremePlace = (run: (x: Tensor, axis: number) => Tensor, isBetter: (a: number, b: number) => boolean): Case[] =>
  (
    [
      [2, 3],
      [2, 4, 3],
    ] as const
  ).map((shape) => ({
    name: show(shape),
    inputs: [apart(62, shape)],
    run: (x) =>
      (x as Tensor).mul(
        run(x as Tensor, 1)
          .cast('float32')
          .expandDims(1),
      ),
    reference: (x) => {
      const place = fold(x as Nd, [1], true, (v) =>
        v.reduce((best, value, i) => (isBetter(value, v[best] as number) ? i : best), 0),
      );
      return zip(x as Nd, place, (a, b) => a * b);
    },
  }));

const logSoftmax = (row: readonly number[]): number[] => {
  const largest = Math.max(...row);
  const sum = Math.log(total(row.map((v) => Math.exp(v - largest))));
  return row.map((v) => v - largest - sum);
};
const rowShapes: readonly Shape[] = [[4], [3, 5], [2, 2, 3], [2, 1], [2, 19]];
const alongRows = (
  run: (x: Tensor, axis?: number) => Tensor,
  f: (row: readonly number[]) => readonly number[],
): Case[] => [
  ...rowShapes.map(
    (shape): Case => ({
      name: show(shape),
      inputs: [given(63, shape, -3, 3)],
      run: (x) => run(x as Tensor),
      reference: (x) => rows(x as Nd, f),
    }),
  ),
  ...[0, 1, -2].map(
    (axis): Case => ({
      name: `[2, 3, 4] along ${axis}`,
      inputs: [given(64, [2, 3, 4], -3, 3)],
      run: (x) => run(x as Tensor, axis),
      reference: (x) => {
        const perm = axis === 0 ? [2, 1, 0] : [0, 2, 1];
        return transpose(rows(transpose(x as Nd, perm), f), perm);
      },
    }),
  ),
];

const moved = (shape: Shape, name: string, run: (x: Tensor) => Tensor, reference: (x: Nd) => Nd): Case => ({
  name: `${show(shape)} ${name}`,
  inputs: [given(65, shape)],
  run: (x) => run(x as Tensor),
  reference: (x) => reference(x as Nd),
});

const perms: readonly (readonly [Shape, readonly number[]])[] = [
  [
    [2, 3],
    [1, 0],
  ],
  [
    [2, 3, 4],
    [2, 0, 1],
  ],
  [
    [2, 3, 4],
    [0, 2, 1],
  ],
  [
    [1, 3, 1, 2],
    [2, 3, 0, 1],
  ],
  [
    [2, 3, 2, 2],
    [3, 1, 0, 2],
  ],
  [[4], [0]],
];
const slices: readonly (readonly [Shape, readonly number[], readonly number[]])[] = [
  [[5], [1], [3]],
  [
    [4, 3],
    [1, 0],
    [2, 3],
  ],
  [
    [4, 3],
    [0, 1],
    [4, 2],
  ],
  [
    [2, 3, 4],
    [1, 0, 2],
    [1, 3, 2],
  ],
  [
    [2, 3, 4],
    [1, 1, 0],
    [1, 1, 4],
  ],
  [
    [3, 2],
    [0, 0],
    [3, 2],
  ],
  [
    [3, 2],
    [2, 1],
    [-1, -1],
  ],
];
const pads: readonly (readonly [Shape, readonly (readonly [number, number])[], number])[] = [
  [[3], [[1, 2]], 0],
  [
    [2, 3],
    [
      [0, 1],
      [2, 0],
    ],
    -1.5,
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
];
const joins: readonly (readonly [readonly Shape[], number])[] = [
  [[[2], [3], [1]], 0],
  [
    [
      [2, 3],
      [1, 3],
    ],
    0,
  ],
  [
    [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    1,
  ],
  [
    [
      [2, 2, 3],
      [2, 1, 3],
    ],
    -2,
  ],
  [[[2, 2]], 0],
];

function padded(x: Nd, paddings: readonly (readonly [number, number])[], value: number): Nd {
  const shape = x.shape.map((d, i) => d + (paddings[i]?.[0] ?? 0) + (paddings[i]?.[1] ?? 0));
  return build(shape, (index) => {
    const from = index.map((v, d) => v - (paddings[d]?.[0] ?? 0));
    return from.every((v, d) => v >= 0 && v < (x.shape[d] as number)) ? at(x, from) : value;
  });
}

function joined(parts: readonly Nd[], axis: number): Nd {
  const shape = parts[0]?.shape as Shape;
  const along = axis < 0 ? axis + shape.length : axis;
  const length = total(parts.map((p) => p.shape[along] as number));
  return build(
    shape.map((d, i) => (i === along ? length : d)),
    (index) => {
      let place = index[along] as number;
      for (const part of parts) {
        const size = part.shape[along] as number;
        if (place < size)
          return part.data[
            index.reduce((sum, v, d) => sum * (part.shape[d] as number) + (d === along ? place : v), 0)
          ] as number;
        place -= size;
      }
      throw new Error('joined: outside');
    },
  );
}

/** What ops without operands draw or fill, as constants of the reference. */
const constant = (t: Tensor): Nd => nd(t.shape, t.dataSync());
const uniformOf = (): Tensor => sg.randomUniform([2, 3], -1, 1, 'float32', 7);
const normalOf = (): Tensor => sg.randomNormal([5], 0, 1, 'float32', 'seed');
const masked = (shape: Shape, rate: number, noise?: Shape): Case => ({
  name: `${show(shape)}, rate ${rate}${noise ? `, noise ${show(noise)}` : ''}`,
  inputs: [given(66, shape)],
  run: (x) => sg.dropout(x as Tensor, rate, noise, 5),
  reference: (x) => zip(x as Nd, constant(sg.dropout(sg.ones(shape), rate, noise, 5)), (a, b) => a * b),
});

export const structuralCases = {
  sum: reduction(sg.sum, total, random),
  mean: reduction(sg.mean, (v) => total(v) / v.length, random),
  prod: [
    ...reduction(sg.prod, product, random),
    ...([[0], [0, 2]] as const).map((zeros): Case => {
      const values = [1.5, -0.5, 2, 0.75].map((v, i) => ((zeros as readonly number[]).includes(i) ? 0 : v));
      return {
        name: `with ${zeros.length} zeros`,
        inputs: [nd([4], values)],
        run: (x) => sg.prod(x as Tensor),
        reference: (x) => nd([], [product([...(x as Nd).data])]),
      };
    }),
  ],
  max: reduction(
    sg.max,
    (v) => Math.max(...v),
    (s) => apart(67, s),
  ),
  min: reduction(
    sg.min,
    (v) => Math.min(...v),
    (s) => apart(67, s),
  ),
  all: reduction(
    (x, axes, keep) => sg.all(x.greater(0), axes, keep),
    (v) => (positive(v).every((p) => p) ? 1 : 0),
    (s) => map(avoiding(68, s, [0]), (v) => (v > -1 ? Math.abs(v) + 0.1 : v)),
    times,
  ),
  any: reduction(
    (x, axes, keep) => sg.any(x.greater(0), axes, keep),
    (v) => (positive(v).some((p) => p) ? 1 : 0),
    (s) => map(avoiding(69, s, [0]), (v) => (v < 1 ? -Math.abs(v) - 0.1 : v)),
    times,
  ),
  argMax: extremePlace(sg.argMax, (a, b) => a > b),
  argMin: extremePlace(sg.argMin, (a, b) => a < b),
  softmax: alongRows(sg.softmax, softmax),
  logSoftmax: alongRows(sg.logSoftmax, logSoftmax),

  fill: [
    moved(
      [2, 3],
      'times a fill',
      (x) => x.mul(sg.fill([3], 2.5)),
      (x) => map(x, (v) => v * 2.5),
    ),
  ],
  reshape: [
    moved(
      [2, 3],
      'to [6]',
      (x) => x.reshape([6]),
      (x) => nd([6], x.data),
    ),
    moved(
      [2, 3, 2],
      'to [3, -1]',
      (x) => x.reshape([3, -1]),
      (x) => nd([3, 4], x.data),
    ),
    moved(
      [1, 1],
      'to []',
      (x) => x.reshape([]),
      (x) => nd([], x.data),
    ),
  ],
  transpose: perms.map(([shape, perm]) =>
    moved(
      shape,
      `by ${show(perm)}`,
      (x) => x.transpose(perm),
      (x) => transpose(x, perm),
    ),
  ),
  slice: slices.map(([shape, begin, size]) =>
    moved(
      shape,
      `from ${show(begin)}, ${show(size)}`,
      (x) => x.slice(begin, size),
      (x) =>
        build(
          shape.map((d, i) => (size[i] === -1 ? d - (begin[i] as number) : (size[i] as number))),
          (i) => {
            const index = i.map((v, d) => v + (begin[d] as number));
            return x.data[index.reduce((sum, v, d) => sum * (shape[d] as number) + v, 0)] as number;
          },
        ),
    ),
  ),
  pad: pads.map(([shape, paddings, value]) =>
    moved(
      shape,
      `${JSON.stringify(paddings)} of ${value}`,
      (x) => x.pad(paddings, value),
      (x) => padded(x, paddings, value),
    ),
  ),
  concat: joins.map(([shapes, axis]) => ({
    name: `${shapes.map(show).join(', ')} along ${axis}`,
    inputs: shapes.map((s, i) => given(70 + i, s)),
    run: (...xs) => sg.concat(xs, axis),
    reference: (...xs) => joined(xs, axis),
  })),
  oneHot: [
    {
      name: 'of argMax',
      inputs: [apart(74, [3, 4])],
      run: (x) => (x as Tensor).mul(sg.oneHot(sg.argMax(x as Tensor, 1), 4, 2, -1)),
      reference: (x) => rows(x as Nd, (row) => row.map((v) => v * (v === Math.max(...row) ? 2 : -1))),
    },
  ],
  random: [
    moved(
      [2, 3],
      'times uniform numbers',
      (x) => x.mul(uniformOf()),
      (x) => zip(x, constant(uniformOf()), (a, b) => a * b),
    ),
    moved(
      [5],
      'times normal numbers',
      (x) => x.mul(normalOf()),
      (x) => zip(x, constant(normalOf()), (a, b) => a * b),
    ),
  ],
  dropout: [masked([2, 5], 0.5), masked([17], 0.2), masked([3, 4], 0.5, [3, 1])],
  custom: [
    // x² with the derivative written out, which is differentiated in its turn.
    moved(
      [2, 3],
      'a square of its own',
      sg.customGrad((x: Tensor) => ({ value: x.square(), gradFunc: (dy) => dy.mul(x).mul(2) })),
      (x) => map(x, (v) => v * v),
    ),
    moved(
      [4],
      'saved operands of a product',
      (x) =>
        sg.customGrad((a: Tensor, b: Tensor, save: sg.GradSaveFunc) => {
          save([a, b]);
          return { value: a.mul(b), gradFunc: (dy, [p, q]) => [dy.mul(q as Tensor), dy.mul(p as Tensor)] };
        })(x, x.square()),
      (x) => map(x, (v) => v ** 3),
    ),
  ],
} satisfies Record<string, readonly Case[]>;

/** Elements in all of a case's operands. */
export const sizeOfCase = (c: Case): number => total(c.inputs.map((x) => sizeOf(x.shape)));

/** Gradient cases of resizing and of rows by index. */
import * as sg from '../../../src/index';
import { apply } from '../../support/ops';
import { type Case, given, show } from './case';
import { at, build, type Nd, type Shape } from './float64';

type Tensor = sg.Tensor;

export interface Resizing {
  readonly method: 'bilinear' | 'nearest';
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Share of element i in element j of an axis resized from n to count. */
export function share(i: number, j: number, n: number, count: number, r: Resizing): number {
  const less = r.alignCorners && count > 1 ? 1 : 0;
  const scaled = ((r.halfPixelCenters ? j + 0.5 : j) * (n - less)) / (count - less);
  if (r.method === 'nearest') {
    return i === Math.min(n - 1, Math.floor(r.alignCorners ? scaled + 0.5 : scaled)) ? 1 : 0;
  }
  const s = Math.max(0, Math.min(n - 1, r.halfPixelCenters ? scaled - 0.5 : scaled));
  return Math.max(0, 1 - Math.abs(s - i));
}

const moved = (index: readonly number[], axis: number, i: number): number[] =>
  index.map((v, d) => (d === axis ? i : v));

/** x resized along an axis; `back`: the transpose of that. */
export function resized(x: Nd, axis: number, size: number, r: Resizing, back = false): Nd {
  const n = x.shape[axis] as number;
  return build(
    x.shape.map((d, i) => (i === axis ? size : d)),
    (index) => {
      const j = index[axis] as number;
      let sum = 0;
      for (let i = 0; i < n; i++)
        sum += at(x, moved(index, axis, i)) * (back ? share(j, i, size, n, r) : share(i, j, n, size, r));
      return sum;
    },
  );
}

const MODES: readonly Resizing[] = (['bilinear', 'nearest'] as const).flatMap((method) => [
  { method, alignCorners: false, halfPixelCenters: false },
  { method, alignCorners: true, halfPixelCenters: false },
  { method, alignCorners: false, halfPixelCenters: true },
]);

const SIZES: readonly (readonly [Shape, number, number])[] = [
  [[2, 3, 2], 1, 5],
  [[2, 3, 4], 2, 3],
  [[4], 0, 1],
  [[1, 2, 17], 1, 7],
];

const resizing = (back: boolean): Case[] =>
  SIZES.flatMap(([shape, axis, size]) =>
    MODES.map((mode) => ({
      name: `${show(shape)} along ${axis} to ${size}, ${Object.values(mode).join(', ')}`,
      inputs: [given(81, shape)],
      run: (x: Tensor) => apply(back ? 'resampleGrad' : 'resample', [x], { axis, size, ...mode }),
      reference: (x: Nd) => resized(x, axis, size, mode, back),
    })),
  );

const ROWS: readonly { shape: Shape; axis: number; indices: readonly number[] }[] = [
  { shape: [4, 3], axis: 0, indices: [2, 0, 2, 3, 3] },
  { shape: [2, 3, 2], axis: 1, indices: [1] },
  { shape: [2, 3, 18], axis: 1, indices: [2, 2, 0] },
  { shape: [5], axis: 0, indices: [4, 3, 2, 1, 0, 0] },
];

const rowName = (shape: Shape, axis: number, indices: readonly number[]): string =>
  `${show(shape)} along ${axis} by ${indices.join()}`;
const whole = (indices: readonly number[]): Tensor => sg.tensor(Int32Array.from(indices));

export const imageCases = {
  resample: resizing(false),
  resampleGrad: resizing(true),
  takeRows: ROWS.map(
    ({ shape, axis, indices }): Case => ({
      name: rowName(shape, axis, indices),
      inputs: [given(82, shape)],
      run: (x) => apply('takeRows', [x as Tensor, whole(indices)], { axis }),
      reference: (x) =>
        build(
          shape.map((d, i) => (i === axis ? indices.length : d)),
          (index) => at(x as Nd, moved(index, axis, indices[index[axis] as number] as number)),
        ),
    }),
  ),
  sumRows: ROWS.map(({ shape, axis, indices }): Case => {
    const from = shape.map((d, i) => (i === axis ? indices.length : d));
    return {
      name: rowName(from, axis, indices),
      inputs: [given(83, from)],
      run: (x) => apply('sumRows', [x as Tensor, whole(indices)], { axis, size: shape[axis] as number }),
      reference: (x) =>
        build(shape, (index) =>
          indices.reduce((sum, i, j) => sum + (i === index[axis] ? at(x as Nd, moved(index, axis, j)) : 0), 0),
        ),
    };
  }),
} satisfies Record<string, readonly Case[]>;

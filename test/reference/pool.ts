/** Poolings of [n, h, w, c] and their gradients: assembly/conv/pool.ts. Positions outside the input take no part. */
import { indices, make, type NdArray, offset, type Shape } from './array';
import { outputSize, type Pair, type WindowAttrs } from './conv';

const f = Math.fround;

export interface PoolAttrs extends WindowAttrs {
  readonly window: Pair;
}

/** Positions of x that the window at [n, row, column, channel] sees, row by row; x has the given shape. */
function positionsSeen(shape: Shape, [n, row, column, channel]: readonly number[], a: PoolAttrs): number[][] {
  const [, h, w] = shape as [number, number, number];
  const seen: number[][] = [];
  for (let i = 0; i < a.window[0]; i++) {
    for (let j = 0; j < a.window[1]; j++) {
      const r = (row as number) * a.strides[0] + i * a.dilations[0] - a.padHeight[0];
      const s = (column as number) * a.strides[1] + j * a.dilations[1] - a.padWidth[0];
      if (r >= 0 && r < h && s >= 0 && s < w) seen.push([n as number, r, s, channel as number]);
    }
  }
  return seen;
}

const outputShape = (x: NdArray, a: PoolAttrs): number[] => [
  x.shape[0] as number,
  ...outputSize(x.shape, a.window, a),
  x.shape[3] as number,
];

const value = (x: NdArray, index: readonly number[]): number => x.data[offset(x, index)] as number;

/** The first maximum, -Infinity for a window without positions; NaN is larger than everything. */
export function maxPool(x: NdArray, a: PoolAttrs): NdArray {
  return make(outputShape(x, a), 'float32', (index) => {
    const place = firstMaximum(x, positionsSeen(x.shape, index, a));
    return place ? value(x, place) : Number.NEGATIVE_INFINITY;
  });
}

/** Sum from +0 on, divided by the number of positions inside; 0 for a window that has none. */
export function avgPool(x: NdArray, a: PoolAttrs): NdArray {
  return make(outputShape(x, a), 'float32', (index) => {
    const seen = positionsSeen(x.shape, index, a);
    return f(seen.reduce((sum, p) => f(sum + value(x, p)), 0) / Math.max(1, seen.length));
  });
}

/** The first maximum; the first NaN, if there is one. ±0 are equal. */
function firstMaximum(x: NdArray, seen: number[][]): number[] | undefined {
  const isNaNAt = (p: number[]): boolean => Number.isNaN(value(x, p));
  return seen.find(isNaNAt) ?? seen.find((p) => seen.every((q) => value(x, p) >= value(x, q)));
}

/**
 * dx starts at +0; window after window adds its dy where its maximum stands. With `positive` only maxima above 0 get
 * it: a ReLU's gradient before the pooling's.
 */
export function maxPoolGrad(x: NdArray, dy: NdArray, a: PoolAttrs & { readonly positive?: boolean }): NdArray {
  const dx = new Float32Array(x.data.length);
  for (const index of indices(dy.shape)) {
    const place = firstMaximum(x, positionsSeen(x.shape, index, a));
    if (!place || (a.positive && !(value(x, place) > 0))) continue;
    dx[offset(x, place)] = f((dx[offset(x, place)] as number) + value(dy, index));
  }
  return { shape: x.shape, dtype: 'float32', data: dx };
}

/** v where x has each window's maximum: the transpose of maxPoolGrad. */
export function maxPoolGather(x: NdArray, v: NdArray, a: PoolAttrs): NdArray {
  return make(outputShape(x, a), v.dtype, (index) => {
    const place = firstMaximum(x, positionsSeen(x.shape, index, a));
    return place ? value(v, place) : 0;
  });
}

/** dx starts at +0; window after window adds dy / (positions inside) to each of them. */
export function avgPoolGrad(dy: NdArray, a: PoolAttrs & { readonly inputSize: Pair }): NdArray {
  const shape = [dy.shape[0] as number, ...a.inputSize, dy.shape[3] as number];
  const dx = make(shape, 'float32', () => 0);
  for (const index of indices(dy.shape)) {
    const seen = positionsSeen(shape, index, a);
    const share = f(value(dy, index) / seen.length);
    for (const p of seen) dx.data[offset(dx, p)] = f(value(dx, p) + share);
  }
  return dx;
}

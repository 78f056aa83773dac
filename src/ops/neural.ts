/** matMul, convolutions, poolings, batch normalization, dropout. */
import { ArgumentError, ShapeError } from '../runtime/errors';
import { type Shape, showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { add, cast, mul, rsqrt, sub } from './arithmetic';
import { type TensorLike, toTensor } from './creation';
import type { Pair, WindowAttrs } from './descriptors/window';
import { apply } from './dispatch';
import { nextKey } from './random';
import { reshape } from './shaping';

const float = (x: TensorLike, where: string, argument: string): Tensor => cast(toTensor(x, where, argument), 'float32');

/**
 * Product of the last two dimensions; dimensions before them are batches and broadcast.
 * Each element folds k ascending from +0 in float32.
 * @throws ShapeError if the inner dimensions differ or the batches do not broadcast
 * @example
 * sg.matMul([[1, 2]], [[3], [4]]).dataSync(); // [11]
 */
export function matMul(a: TensorLike, b: TensorLike, transposeA = false, transposeB = false): Tensor {
  return apply('matMul', [float(a, 'matMul', 'a'), float(b, 'matMul', 'b')], { transposeA, transposeB });
}

export type Padding = 'valid' | 'same' | number | readonly (readonly [number, number])[];

const pair = (value: number | readonly number[], where: string): Pair => {
  const list = typeof value === 'number' ? [value, value] : value;
  const [h, w = h] = list;
  if (list.length > 2 || !Number.isInteger(h) || !Number.isInteger(w) || (h as number) < 1 || (w as number) < 1) {
    throw new ArgumentError(`${where} must be one or two whole numbers >= 1, got ${JSON.stringify(value)}`);
  }
  return [h as number, w as number];
};

/** 'same': as many positions as ceil(size / stride), what is odd of the padding goes behind. */
function padOf(
  padding: Padding,
  dimension: 0 | 1,
  size: number,
  window: number,
  stride: number,
  dilation: number,
  where: string,
): Pair {
  if (padding === 'valid') return [0, 0];
  if (padding === 'same') {
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (window - 1) * dilation + 1 - size);
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  }
  if (typeof padding === 'number' && Number.isInteger(padding) && padding >= 0) return [padding, padding];
  if (Array.isArray(padding)) {
    // As TF.js: pairs for batch, height, width, channels; or for height and width alone.
    const spatial = padding.length === 4 ? padding.slice(1, 3) : padding;
    const found = spatial[dimension] as Pair | undefined;
    if (found && found.length === 2 && found.every((p) => Number.isInteger(p) && p >= 0)) return [found[0], found[1]];
  }
  throw new ArgumentError(
    `${where}: padding must be 'valid', 'same', a whole number >= 0 or pairs of them, got ${JSON.stringify(padding)}`,
  );
}

/** Explicit strides, dilations and padding of a window over an image of [height, width]. */
export function windowAttrs(
  where: string,
  image: Pair,
  window: Pair,
  strides: number | readonly number[],
  padding: Padding,
  dilations: number | readonly number[],
): WindowAttrs {
  const s = pair(strides, `${where}: strides`);
  const d = pair(dilations, `${where}: dilations`);
  return {
    strides: s,
    dilations: d,
    padHeight: padOf(padding, 0, image[0], window[0], s[0], d[0], where),
    padWidth: padOf(padding, 1, image[1], window[1], s[1], d[1], where),
  };
}

/** x with a batch dimension, and how to take it away again. */
function batched(x: TensorLike, where: string): { t: Tensor; back: (y: Tensor) => Tensor; image: Pair } {
  const given = float(x, where, 'x');
  if (given.rank !== 3 && given.rank !== 4) {
    throw new ShapeError(
      `${where}: x must be [batch, height, width, channels] or [height, width, channels], got ${showShape(given.shape)}`,
    );
  }
  const t = given.rank === 4 ? given : reshape(given, [1, ...given.shape]);
  return {
    t,
    back: (y) => (given.rank === 4 ? y : reshape(y, y.shape.slice(1))),
    image: [t.shape[1] as number, t.shape[2] as number],
  };
}

const checkFormat = (dataFormat: string, where: string): void => {
  if (dataFormat !== 'NHWC')
    throw new ArgumentError(`${where}: dataFormat must be 'NHWC', got '${dataFormat}'; transpose the tensor`);
};

/**
 * Two-dimensional convolution (cross-correlation, as everywhere in deep learning).
 *
 * @param x [batch, height, width, channels], or without the batch.
 * @param filter [filterHeight, filterWidth, channels, filters].
 * @param padding 'valid', 'same', a number of pixels on all sides, or [[top, bottom], [left, right]].
 * @returns [batch, outHeight, outWidth, filters]
 * @throws ShapeError, ArgumentError
 */
export function conv2d(
  x: TensorLike,
  filter: TensorLike,
  strides: number | readonly number[],
  padding: Padding,
  dataFormat = 'NHWC',
  dilations: number | readonly number[] = 1,
): Tensor {
  checkFormat(dataFormat, 'conv2d');
  const { t, back, image } = batched(x, 'conv2d');
  const f = float(filter, 'conv2d', 'filter');
  if (f.rank !== 4)
    throw new ShapeError(`conv2d: filter must be [height, width, channels, filters], got ${showShape(f.shape)}`);
  return back(
    apply(
      'conv2d',
      [t, f],
      windowAttrs('conv2d', image, [f.shape[0] as number, f.shape[1] as number], strides, padding, dilations),
    ),
  );
}

const pooling =
  (name: 'maxPool' | 'avgPool') =>
  (
    x: TensorLike,
    filterSize: number | readonly number[],
    strides: number | readonly number[],
    padding: Padding,
  ): Tensor => {
    const { t, back, image } = batched(x, name);
    const window = pair(filterSize, `${name}: filterSize`);
    return back(apply(name, [t], { ...windowAttrs(name, image, window, strides, padding, 1), window }));
  };

/** Maximum of each window; padding takes no part. x: [batch, height, width, channels], or without the batch. */
export const maxPool = pooling('maxPool');
/** Mean of each window; padding is not counted. x: [batch, height, width, channels], or without the batch. */
export const avgPool = pooling('avgPool');

/**
 * (x - mean) / √(variance + epsilon) · scale + offset, all broadcast along the last dimensions.
 * @throws ShapeError
 */
export function batchNorm(
  x: TensorLike,
  mean: TensorLike,
  variance: TensorLike,
  offset?: TensorLike | null,
  scale?: TensorLike | null,
  varianceEpsilon = 0.001,
): Tensor {
  const inverse = rsqrt(add(variance, varianceEpsilon));
  const factor = scale === undefined || scale === null ? inverse : mul(inverse, scale);
  const y = mul(sub(x, mean), factor);
  return offset === undefined || offset === null ? y : add(y, offset);
}

/**
 * Sets each element to 0 with probability `rate` and divides the others by 1 - rate.
 * @param noiseShape where it has 1, elements share their fate; by default all are on their own.
 * @throws ArgumentError unless 0 <= rate < 1
 */
export function dropout(x: TensorLike, rate: number, noiseShape?: Shape | null, seed?: number | string): Tensor {
  const t = float(x, 'dropout', 'x');
  if (!(rate >= 0 && rate < 1)) throw new ArgumentError(`dropout: rate must be in [0, 1), got ${rate}`);
  const key = nextKey(seed);
  if (rate === 0) return t;
  if (!noiseShape) return apply('dropout', [t], { ...key, rate });
  const mask = apply('dropout', [apply('fill', [], { shape: [...noiseShape], value: 1, dtype: 'float32' })], {
    ...key,
    rate,
  });
  return mul(t, mask);
}

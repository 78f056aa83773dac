/** Poolings of images and volumes, and grayscale dilation. */

import { checkChoice, checkFlag } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { showShape, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { asIntegers } from '../core/cast';
import type { Descriptor } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { float } from '../core/operands';
import { type TensorLike, tensor, toTensor } from '../create/creation';
import type { Pair, PoolAttrs } from '../descriptors/window';
import * as windows from '../descriptors/window';
import { add, broadcastTo, maximum } from '../math/arithmetic';
import { pad as padWith, reshape, slice } from '../shape/shaping';
import {
  accumulate,
  everyNth,
  isChannelsFirst,
  numbers,
  overImages,
  type Padding,
  type PerDimension,
  paddingOf,
  pairAt,
  planar,
  type RoundingMode,
  type Steps,
  steps,
  windowAttrs,
} from './window';

type Kind = Descriptor<PoolAttrs>;
/** A maximum of integers is one of them. */
function maximumKeepsInt(kind: Kind, where: string, x: TensorLike, run: (t: Tensor) => Tensor): Tensor {
  return tidy(() => {
    const t = toTensor(x, where);
    const y = run(t);
    return kind === windows.maxPool && t.dtype === 'int32' ? asIntegers(y) : y;
  });
}

function poolAttrs(
  where: string,
  image: Pair,
  filterSize: PerDimension,
  strides: PerDimension,
  padding: Padding,
  dilations: PerDimension,
  rounding?: RoundingMode | null,
): PoolAttrs {
  const window = numbers(filterSize, 2, `${where}: filterSize`) as [number, number];
  return { ...windowAttrs(where, image, window, strides, padding, dilations, rounding), window };
}

const pooling =
  (kind: Kind, name = kind.name) =>
  (
    x: TensorLike,
    filterSize: PerDimension,
    strides: PerDimension,
    pad: Padding,
    dimRoundingMode?: RoundingMode | null,
  ): Tensor =>
    maximumKeepsInt(kind, name, x, (given) =>
      overImages(given, name, 2, 'NHWC', (t) =>
        apply(kind, [t], poolAttrs(name, pairAt(t.shape, 1), filterSize, strides, pad, 1, dimRoundingMode)),
      ),
    );

/**
 * Maximum of each window; padding is ignored.
 * @param x [batch, height, width, channels], or without the batch.
 * @param filterSize one number, or [height, width]; strides likewise.
 * @param pad 'valid', 'same', a number of pixels on all sides, or [[top, bottom], [left, right]].
 * @returns [batch, outHeight, outWidth, channels]
 * @throws ShapeError if a window does not fit; ArgumentError
 * @example
 * sg.maxPool([[[1], [2]], [[3], [4]]], 2, 2, 'valid').dataSync(); // [4]
 */
export const maxPool = pooling(windows.maxPool);

/**
 * Mean of each window; padding is not counted.
 * @param x [batch, height, width, channels], or without the batch.
 * @param filterSize one number, or [height, width]; strides likewise.
 * @param pad 'valid', 'same', a number of pixels on all sides, or [[top, bottom], [left, right]].
 * @returns [batch, outHeight, outWidth, channels]
 * @throws ShapeError if a window does not fit; ArgumentError
 * @example
 * sg.avgPool([[[1], [2]], [[3], [4]]], 2, 2, 'valid').dataSync(); // [2.5]
 */
export const avgPool = pooling(windows.avgPool);

/**
 * Maximum ('max') or mean ('avg') of each window, whose cells may be `dilations` apart; padding is ignored.
 * @param input [batch, height, width, channels], or without the batch.
 * @param dilations default 1.
 * @param strides default 1.
 * @returns [batch, outHeight, outWidth, channels]
 * @throws ShapeError if a window does not fit; ArgumentError
 * @example
 * sg.pool(sg.ones([1, 4, 4, 2]), 2, 'max', 'valid').shape; // [1, 3, 3, 2]
 */
export function pool(
  input: TensorLike,
  windowShape: PerDimension,
  poolingType: 'avg' | 'max',
  pad: Padding,
  dilations?: PerDimension | null,
  strides?: PerDimension | null,
  dimRoundingMode?: RoundingMode | null,
): Tensor {
  const kind =
    checkChoice(poolingType, 'pool', 'poolingType', ['avg', 'max']) === 'avg' ? windows.avgPool : windows.maxPool;
  return maximumKeepsInt(kind, 'pool', input, (given) =>
    overImages(given, 'pool', 2, 'NHWC', (t) =>
      apply(
        kind,
        [t],
        poolAttrs('pool', pairAt(t.shape, 1), windowShape, strides ?? 1, pad, dilations ?? 1, dimRoundingMode),
      ),
    ),
  );
}

/**
 * Maxima of windows and their positions in the flattened image: (row · width + column) · channels + channel, with
 * `includeBatchInIndex` counted over all images of the batch. Of equal elements the first one counts.
 * @param x [batch, height, width, channels], or without the batch.
 * @param includeBatchInIndex default false.
 * @returns `result` and `indexes` (int32), both [batch, outHeight, outWidth, channels]
 * @throws ShapeError if a window does not fit; ArgumentError
 * @example
 * sg.maxPoolWithArgmax([[[1], [2]], [[3], [4]]], 2, 2, 'valid').indexes.dataSync(); // [3]
 */
export function maxPoolWithArgmax(
  x: TensorLike,
  filterSize: PerDimension,
  strides: PerDimension,
  pad: Padding,
  includeBatchInIndex?: boolean,
): { result: Tensor; indexes: Tensor } {
  const isCounted = checkFlag(includeBatchInIndex, 'maxPoolWithArgmax', 'includeBatchInIndex');
  return tidy(() => {
    const given = toTensor(x, 'maxPoolWithArgmax');
    const indexes = overImages(given, 'maxPoolWithArgmax', 2, 'NHWC', (t) => {
      const shape = isCounted ? t.shape : [1, ...t.shape.slice(1)];
      const places = tensor(
        Int32Array.from({ length: sizeOf(shape) }, (_, i) => i),
        shape,
      );
      const attrs = poolAttrs('maxPoolWithArgmax', pairAt(t.shape, 1), filterSize, strides, pad, 1);
      return apply(windows.maxPoolGather, [t, isCounted ? places : broadcastTo(places, t.shape)], attrs);
    });
    return { result: maxPool(given, filterSize, strides, pad), indexes };
  });
}

/** Pools height and width first, then depth: the order within a window is that of its elements. */
function pool3d(
  kind: Kind,
  where: string,
  x: TensorLike,
  filterSize: PerDimension,
  strides: PerDimension,
  pad: Padding,
  rounding: RoundingMode | null | undefined,
  dataFormat: string | null | undefined,
): Tensor {
  return maximumKeepsInt(kind, where, x, (given) =>
    overImages(given, where, 3, dataFormat, (t) => {
      const window = numbers(filterSize, 3, `${where}: filterSize`) as [number, number, number];
      const padding = paddingOf(pad, 3, isChannelsFirst(dataFormat, 3, where));
      const at = steps(where, t.shape.slice(1, 4), window, strides, padding, 1, rounding);
      const [depth, height, width] = at as [Steps, Steps, Steps];
      const [n, d, h, w, c] = t.shape as [number, number, number, number, number];
      const flat = apply(kind, [reshape(t, [n * d, h, w, c])], {
        ...planar(height, width),
        window: [window[1], window[2]],
      });
      const [, oh, ow] = flat.shape as [number, number, number];
      const still: Steps = { stride: 1, dilation: 1, pad: [0, 0], count: oh * ow };
      const y = apply(kind, [reshape(flat, [n, d, oh * ow, c])], { ...planar(depth, still), window: [window[0], 1] });
      return reshape(y, [n, y.shape[1] as number, oh, ow, c]);
    }),
  );
}

/**
 * Maximum of each window of a volume; padding is ignored.
 * @param x [batch, depth, height, width, channels], or without the batch; channels before depth with 'NCDHW'.
 * @param filterSize one number, or [depth, height, width]; strides likewise.
 * @param dataFormat 'NDHWC' (default) or 'NCDHW'.
 * @returns [batch, outDepth, outHeight, outWidth, channels]
 * @throws ShapeError if a window does not fit; ArgumentError
 * @example
 * sg.maxPool3d(sg.ones([1, 4, 4, 4, 2]), 2, 2, 'valid').shape; // [1, 2, 2, 2, 2]
 */
export function maxPool3d(
  x: TensorLike,
  filterSize?: PerDimension | null,
  strides?: PerDimension | null,
  pad?: Padding | null,
  dimRoundingMode?: RoundingMode | null,
  dataFormat?: string | null,
): Tensor {
  return pool3d(
    windows.maxPool,
    'maxPool3d',
    x,
    filterSize ?? 1,
    strides ?? 1,
    pad ?? 'valid',
    dimRoundingMode,
    dataFormat,
  );
}

/**
 * Mean of each window of a volume (the mean over depth of the means over height and width); padding is not counted.
 * @param x [batch, depth, height, width, channels], or without the batch; channels before depth with 'NCDHW'.
 * @param filterSize one number, or [depth, height, width]; strides likewise.
 * @param dataFormat 'NDHWC' (default) or 'NCDHW'.
 * @returns [batch, outDepth, outHeight, outWidth, channels]
 * @throws ShapeError if a window does not fit; ArgumentError
 * @example
 * sg.avgPool3d(sg.ones([1, 4, 4, 4, 2]), 2, 2, 'valid').shape; // [1, 2, 2, 2, 2]
 */
export function avgPool3d(
  x: TensorLike,
  filterSize: PerDimension,
  strides: PerDimension,
  pad: Padding,
  dimRoundingMode?: RoundingMode | null,
  dataFormat?: string | null,
): Tensor {
  return pool3d(windows.avgPool, 'avgPool3d', x, filterSize, strides, pad, dimRoundingMode, dataFormat);
}

/**
 * Grayscale dilation: the maximum over the window of x plus the filter; positions outside x are ignored.
 * @param x [batch, height, width, channels], or without the batch.
 * @param filter [filterHeight, filterWidth, channels].
 * @param dilations distance between taps; default 1.
 * @returns [batch, outHeight, outWidth, channels]
 * @throws ShapeError if the channels differ or a window does not fit; ArgumentError
 * @example
 * sg.dilation2d([[[1], [2]], [[3], [4]]], sg.zeros([2, 2, 1]), 1, 'valid').dataSync(); // [4]
 */
export function dilation2d(
  x: TensorLike,
  filter: TensorLike,
  strides: PerDimension,
  pad: Padding,
  dilations?: PerDimension | null,
  dataFormat?: 'NHWC' | null,
): Tensor {
  return tidy(() => {
    const given = toTensor(x, 'dilation2d');
    const y = overImages(given, 'dilation2d', 2, dataFormat, (t) => {
      const f = float(filter, 'dilation2d', 'filter');
      const [kh, kw, c] = f.shape as [number, number, number];
      if (f.rank !== 3 || c !== t.shape[3])
        throw new ShapeError(
          `dilation2d: filter must be [height, width, ${t.shape[3]}] for x ${showShape(t.shape)}, got ${showShape(f.shape)}`,
        );
      const at = steps('dilation2d', pairAt(t.shape, 1), [kh, kw], strides, pad, dilations);
      const [rows, columns] = at as [Steps, Steps];
      const reach = (s: Steps, size: number, taps: number): Pair => [
        s.pad[0],
        Math.max(0, (taps - 1) * s.dilation + s.count * s.stride - s.pad[0] - size),
      ];
      const padded = padWith(
        t,
        [[0, 0], reach(rows, t.shape[1] as number, kh), reach(columns, t.shape[2] as number, kw), [0, 0]],
        Number.NEGATIVE_INFINITY,
      );
      const shifted = (tap: number): Tensor => {
        const [i, j] = [Math.floor(tap / kw), tap % kw];
        const seen = everyNth(padded, 1, i * rows.dilation, rows.count, rows.stride);
        const here = everyNth(seen, 2, j * columns.dilation, columns.count, columns.stride);
        return add(here, reshape(slice(f, [i, j, 0], [1, 1, c]), [c]));
      };
      return accumulate(kh * kw, shifted, maximum);
    });
    return given.dtype === 'int32' ? asIntegers(y) : y;
  });
}

/** Convolutions of signals and images. */

import { within } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { checkShape, type Shape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Descriptor } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { float } from '../core/operands';
import type { TensorLike } from '../create/creation';
import * as depthwise from '../descriptors/depthwise';
import type { WindowAttrs } from '../descriptors/window';
import * as windows from '../descriptors/window';
import { reshape } from '../shape/shaping';
import {
  isChannelsFirst,
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

function filterOf(filter: TensorLike, where: string, layout: string): Tensor {
  const f = float(filter, where, 'filter');
  if (f.rank !== layout.split(',').length)
    throw new ShapeError(`${where}: filter must be [${layout}], got ${showShape(f.shape)}`);
  return f;
}

/** A filter that moves over images; `layout` are its dimensions. */
const filtering =
  (op: Descriptor<WindowAttrs>, layout: string, name = op.name) =>
  (
    x: TensorLike,
    filter: TensorLike,
    strides: PerDimension,
    pad: Padding,
    dataFormat?: string | null,
    dilations?: PerDimension | null,
    dimRoundingMode?: RoundingMode | null,
  ): Tensor =>
    overImages(x, name, 2, dataFormat, (t) => {
      const f = filterOf(filter, name, layout);
      const padding = paddingOf(pad, 2, isChannelsFirst(dataFormat, 2, name));
      const window = pairAt(f.shape, 0);
      return apply(
        op,
        [t, f],
        windowAttrs(name, pairAt(t.shape, 1), window, strides, padding, dilations, dimRoundingMode),
      );
    });

/**
 * Two-dimensional convolution (cross-correlation, as everywhere in deep learning). Filters of 3x3 with strides and dilations
 * of 1 are Winograd's F(4x4, 3x3) from 8 channels, 16 filters and planes of 7x7 on, as are their gradients: a quarter of the
 * products, with errors below 2e-5 of the root mean square of all results, of whole numbers too. An infinite or NaN element
 * reaches all outputs of the 4x4 tiles that see it.
 * @param x [batch, height, width, channels], or without the batch; channels before height with 'NCHW'.
 * @param filter [filterHeight, filterWidth, channels, filters].
 * @param strides one number, or [height, width].
 * @param pad 'valid', 'same', a number of pixels on all sides, or [[top, bottom], [left, right]].
 * @param dataFormat 'NHWC' (default) or 'NCHW'.
 * @param dilations distance between taps; default 1.
 * @param dimRoundingMode with `pad` in numbers: how a last position that does not fill its stride is rounded.
 * @returns [batch, outHeight, outWidth, filters]
 * @throws ShapeError if the channels differ or a window does not fit; ArgumentError
 * @example
 * sg.conv2d(sg.ones([1, 8, 8, 3]), sg.ones([3, 3, 3, 16]), 1, 'same').shape; // [1, 8, 8, 16]
 */
export const conv2d = filtering(windows.conv2d, 'height, width, channels, filters');

/** As TF.js also takes it: pairs for batch, a height of 1, width and channels. */
const paddingAlong = (pad: Padding): Padding =>
  Array.isArray(pad) && pad.length === 4 && Array.isArray(pad[1]) && pad[1].every((p) => p === 0)
    ? [pad[0], pad[2], pad[3]]
    : pad;

/**
 * One-dimensional convolution.
 * @param x [batch, width, channels], or without the batch; channels before width with 'NCW'.
 * @param filter [filterWidth, channels, filters].
 * @param pad 'valid', 'same', a number of elements at both ends, or [[before, after]].
 * @param dataFormat 'NWC' (default) or 'NCW'.
 * @param dilation distance between taps; default 1.
 * @returns [batch, outWidth, filters]
 * @throws ShapeError if the channels differ or a window does not fit; ArgumentError
 * @example
 * sg.conv1d([[1], [2], [3]], [[[1]], [[1]]], 1, 'valid').arraySync(); // [[3], [5]]
 */
export function conv1d(
  x: TensorLike,
  filter: TensorLike,
  stride: PerDimension,
  pad: Padding,
  dataFormat?: string | null,
  dilation?: PerDimension | null,
  dimRoundingMode?: RoundingMode | null,
): Tensor {
  return overImages(x, 'conv1d', 1, dataFormat, (t) => {
    const f = filterOf(filter, 'conv1d', 'width, channels, filters');
    const [n, w, c] = t.shape as [number, number, number];
    const padding = paddingOf(paddingAlong(pad), 1, isChannelsFirst(dataFormat, 1, 'conv1d'));
    const [along] = steps('conv1d', [w], [f.shape[0] as number], stride, padding, dilation, dimRoundingMode) as [Steps];
    const attrs = planar({ stride: 1, dilation: 1, pad: [0, 0], count: 1 }, along);
    if (f.shape[1] !== c)
      throw new ShapeError(
        `conv1d: filter ${showShape(f.shape)} expects ${f.shape[1]} input channels, x ${showShape(t.shape)} has ${c}`,
      );
    const y = apply(windows.conv2d, [reshape(t, [n, 1, w, c]), reshape(f, [1, ...f.shape])], attrs);
    return reshape(y, [n, y.shape[2] as number, y.shape[3] as number]);
  });
}

/** Checks that a convolution of `size` has as many positions as `found`. */
export function checkPositions(where: string, counts: readonly Steps[], found: Shape, outputShape: Shape): void {
  const expected = counts.map((s) => s.count);
  if (expected.some((n, d) => n !== found[d])) {
    throw new ShapeError(
      `${where}: a convolution of outputShape ${showShape(outputShape)} has ${expected.join(' x ')} positions, x has ${found.join(' x ')}; ` +
        'change outputShape, strides or pad',
    );
  }
}

/**
 * The transpose of `conv2d`, also called deconvolution: the gradient of a convolution with respect to an input of
 * `outputShape`.
 * @param x [batch, height, width, channels], or without the batch.
 * @param filter [filterHeight, filterWidth, outChannels, channels].
 * @param outputShape of the result: [batch, outHeight, outWidth, outChannels], or without the batch.
 * @param pad of the convolution that is transposed.
 * @throws ShapeError if a convolution of `outputShape` does not have the shape of x; ArgumentError
 * @example
 * sg.conv2dTranspose(sg.ones([1, 4, 4, 3]), sg.ones([3, 3, 8, 3]), [1, 8, 8, 8], 2, 'same').shape; // [1, 8, 8, 8]
 */
export function conv2dTranspose(
  x: TensorLike,
  filter: TensorLike,
  outputShape: Shape,
  strides: PerDimension,
  pad: Padding,
  dimRoundingMode?: RoundingMode | null,
): Tensor {
  return overImages(x, 'conv2dTranspose', 2, 'NHWC', (t) => {
    checkShape(outputShape, 'conv2dTranspose', 'outputShape');
    const f = filterOf(filter, 'conv2dTranspose', 'height, width, outChannels, channels');
    const full = outputShape.length === 3 ? [1, ...outputShape] : outputShape;
    if (full.length !== 4 || full[0] !== t.shape[0] || full[3] !== f.shape[2] || t.shape[3] !== f.shape[3]) {
      throw new ShapeError(
        `conv2dTranspose: x ${showShape(t.shape)} and filter ${showShape(f.shape)} give [${t.shape[0]}, height, width, ${f.shape[2]}] ` +
          `from ${f.shape[3]} channels, not outputShape ${showShape(outputShape)}`,
      );
    }
    const inputSize = pairAt(full, 1);
    const at = steps('conv2dTranspose', inputSize, pairAt(f.shape, 0), strides, pad, 1, dimRoundingMode);
    checkPositions('conv2dTranspose', at, t.shape.slice(1, 3), outputShape);
    return apply(windows.conv2dInputGrad, [t, f], { ...planar(at[0] as Steps, at[1] as Steps), inputSize });
  });
}

/**
 * Convolution of each channel on its own. Output channel c · multiplier + k is filter [:, :, c, k] over channel c; taps
 * outside the image are skipped.
 * @param x [batch, height, width, channels], or without the batch; channels before height with 'NCHW'.
 * @param filter [filterHeight, filterWidth, channels, multiplier].
 * @param pad 'valid', 'same', a number of pixels on all sides, or [[top, bottom], [left, right]].
 * @param dataFormat 'NHWC' (default) or 'NCHW'.
 * @param dilations distance between taps; default 1.
 * @returns [batch, outHeight, outWidth, channels · multiplier]
 * @throws ShapeError if the channels differ or a window does not fit; ArgumentError
 * @example
 * sg.depthwiseConv2d(sg.ones([1, 8, 8, 3]), sg.ones([3, 3, 3, 2]), 1, 'valid').shape; // [1, 6, 6, 6]
 */
export const depthwiseConv2d = filtering(depthwise.depthwiseConv2d, 'height, width, channels, multiplier');

/**
 * A depthwise convolution, then one of 1 x 1 that mixes the channels (Chollet, 2017).
 * @param x [batch, height, width, channels], or without the batch.
 * @param depthwiseFilter [filterHeight, filterWidth, channels, multiplier].
 * @param pointwiseFilter [1, 1, channels · multiplier, filters].
 * @param dilation distance between taps; default 1.
 * @returns [batch, outHeight, outWidth, filters]
 * @throws ShapeError if the channels differ or a window does not fit; ArgumentError
 * @example
 * sg.separableConv2d(sg.ones([1, 8, 8, 3]), sg.ones([3, 3, 3, 1]), sg.ones([1, 1, 3, 5]), 1, 'same').shape; // [1, 8, 8, 5]
 */
export function separableConv2d(
  x: TensorLike,
  depthwiseFilter: TensorLike,
  pointwiseFilter: TensorLike,
  strides: PerDimension,
  pad: Padding,
  dilation?: PerDimension | null,
  dataFormat?: string | null,
): Tensor {
  return tidy(() => {
    const pointwise = filterOf(pointwiseFilter, 'separableConv2d', '1, 1, channels, filters');
    const [kh, kw, channels] = pointwise.shape as [number, number, number];
    const depthwise = filterOf(depthwiseFilter, 'separableConv2d', 'height, width, channels, multiplier');
    const between = (depthwise.shape[2] as number) * (depthwise.shape[3] as number);
    if (kh !== 1 || kw !== 1 || channels !== between) {
      throw new ShapeError(
        `separableConv2d: pointwiseFilter must be [1, 1, ${between}, filters] after depthwiseFilter ${showShape(depthwise.shape)}, got ${showShape(pointwise.shape)}`,
      );
    }
    return within('separableConv2d', () => {
      const mixed = depthwiseConv2d(x, depthwise, strides, pad, dataFormat, dilation);
      return conv2d(mixed, pointwise, 1, 'valid', dataFormat);
    });
  });
}

/** Convolutions of volumes, computed as those of images with the depth taps side by side as channels. */

import { ShapeError } from '../../support/errors';
import { checkShape, type Shape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { float } from '../core/operands';
import type { TensorLike } from '../create/creation';
import type { Pair } from '../descriptors/window';
import * as windows from '../descriptors/window';
import { add } from '../math/arithmetic';
import { concat, pad as padWith, reshape, slice, transpose } from '../shape/shaping';
import { checkPositions } from './convolution';
import {
  accumulate,
  everyNth,
  isChannelsFirst,
  overImages,
  type Padding,
  type PerDimension,
  paddingOf,
  planar,
  type Steps,
  steps,
} from './window';

type Size5 = [number, number, number, number, number];

function filterOf(filter: TensorLike, where: string, layout: string): Tensor {
  const f = float(filter, where, 'filter');
  if (f.rank !== 5) throw new ShapeError(`${where}: filter must be [${layout}], got ${showShape(f.shape)}`);
  return f;
}

/** [kd, kh, kw, c, oc] -> [kh, kw, kd c, oc] */
function flatFilter(f: Tensor): Tensor {
  const [kd, kh, kw, c, oc] = f.shape as Size5;
  return reshape(transpose(f, [1, 2, 0, 3, 4]), [kh, kw, kd * c, oc]);
}

/** Slices of depth before and after the volume, so that every tap of every position has one. */
function depthPad(depth: Steps, size: number, taps: number): Pair {
  const reach = (taps - 1) * depth.dilation + depth.count * depth.stride;
  return [depth.pad[0], Math.max(0, reach - depth.pad[0] - size)];
}

/** [n, d, h, w, c] -> [n od, h, w, kd c], for each position in depth what its taps see; zeros outside. */
function depthTaps(x: Tensor, depth: Steps, taps: number): Tensor {
  const [n, d, h, w, c] = x.shape as Size5;
  const [front, back] = depthPad(depth, d, taps);
  const around =
    front + back === 0
      ? x
      : padWith(x, [
          [0, 0],
          [front, back],
          [0, 0],
          [0, 0],
          [0, 0],
        ]);
  const seen = Array.from({ length: taps }, (_, t) =>
    everyNth(around, 1, t * depth.dilation, depth.count, depth.stride),
  );
  const joined = seen.length === 1 ? (seen[0] as Tensor) : concat(seen, 4);
  return reshape(joined, [n * depth.count, h, w, taps * c]);
}

/** The transpose of `depthTaps`: [n od, h, w, kd c] -> [n, d, h, w, c]; taps are added ascending. */
function gatherTaps(y: Tensor, depth: Steps, taps: number, [n, d, h, w, c]: Size5): Tensor {
  const [front, back] = depthPad(depth, d, taps);
  const { count, stride, dilation } = depth;
  const wide = reshape(y, [n, count, h, w, taps * c]);
  const spreadTap = (t: number): Tensor => {
    const own = slice(wide, [0, 0, 0, 0, t * c], [n, count, h, w, c]);
    const spread =
      stride === 1
        ? own
        : padWith(reshape(own, [n, count, 1, h, w, c]), [
            [0, 0],
            [0, 0],
            [0, stride - 1],
            [0, 0],
            [0, 0],
            [0, 0],
          ]);
    const before = t * dilation;
    const after = front + d + back - before - count * stride;
    return padWith(reshape(spread, [n, count * stride, h, w, c]), [
      [0, 0],
      [before, after],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  };
  const sum = accumulate(taps, spreadTap, add);
  return slice(sum, [0, front, 0, 0, 0], [n, d, h, w, c]);
}

/**
 * Three-dimensional convolution. Each element starts at +0 and adds (kernel row, kernel column, depth tap, input
 * channel) in ascending order; positions outside x count as +0.
 * @param x [batch, depth, height, width, channels], or without the batch; channels before depth with 'NCDHW'.
 * @param filter [filterDepth, filterHeight, filterWidth, channels, filters].
 * @param pad 'valid', 'same', a number for all sides, or pairs for depth, height and width.
 * @param dataFormat 'NDHWC' (default) or 'NCDHW'.
 * @param dilations distance between taps; default 1.
 * @returns [batch, outDepth, outHeight, outWidth, filters]
 * @throws ShapeError if the channels differ or a window does not fit; ArgumentError
 * @example
 * sg.conv3d(sg.ones([1, 4, 4, 4, 2]), sg.ones([2, 2, 2, 2, 8]), 1, 'valid').shape; // [1, 3, 3, 3, 8]
 */
export function conv3d(
  x: TensorLike,
  filter: TensorLike,
  strides: PerDimension,
  pad: Padding,
  dataFormat?: string | null,
  dilations?: PerDimension | null,
): Tensor {
  return overImages(x, 'conv3d', 3, dataFormat, (t) => {
    const f = filterOf(filter, 'conv3d', 'depth, height, width, channels, filters');
    if (f.shape[3] !== t.shape[4]) {
      throw new ShapeError(
        `conv3d: filter ${showShape(f.shape)} expects ${f.shape[3]} input channels, x has ${t.shape[4]}`,
      );
    }
    const padding = paddingOf(pad, 3, isChannelsFirst(dataFormat, 3, 'conv3d'));
    const at = steps('conv3d', t.shape.slice(1, 4), f.shape.slice(0, 3), strides, padding, dilations);
    const [depth, height, width] = at as [Steps, Steps, Steps];
    const y = apply(windows.conv2d, [depthTaps(t, depth, f.shape[0] as number), flatFilter(f)], planar(height, width));
    return reshape(y, [t.shape[0] as number, depth.count, ...y.shape.slice(1)]);
  });
}

/**
 * The transpose of `conv3d`: the gradient of a convolution with respect to an input of `outputShape`.
 * @param x [batch, depth, height, width, channels], or without the batch.
 * @param filter [filterDepth, filterHeight, filterWidth, outChannels, channels].
 * @param outputShape of the result: [batch, outDepth, outHeight, outWidth, outChannels], or without the batch.
 * @param pad of the convolution that is transposed.
 * @throws ShapeError if a convolution of `outputShape` does not have the shape of x; ArgumentError
 * @example
 * sg.conv3dTranspose(sg.ones([1, 2, 2, 2, 3]), sg.ones([2, 2, 2, 8, 3]), [1, 4, 4, 4, 8], 2, 'valid').shape; // [1, 4, 4, 4, 8]
 */
export function conv3dTranspose(
  x: TensorLike,
  filter: TensorLike,
  outputShape: Shape,
  strides: PerDimension,
  pad: Padding,
): Tensor {
  return overImages(x, 'conv3dTranspose', 3, 'NDHWC', (t) => {
    checkShape(outputShape, 'conv3dTranspose', 'outputShape');
    const f = filterOf(filter, 'conv3dTranspose', 'depth, height, width, outChannels, channels');
    const full = (outputShape.length === 4 ? [1, ...outputShape] : [...outputShape]) as Size5;
    if (full.length !== 5 || full[0] !== t.shape[0] || full[4] !== f.shape[3] || t.shape[4] !== f.shape[4]) {
      throw new ShapeError(
        `conv3dTranspose: x ${showShape(t.shape)} and filter ${showShape(f.shape)} give [${t.shape[0]}, depth, height, width, ${f.shape[3]}] ` +
          `from ${f.shape[4]} channels, not outputShape ${showShape(outputShape)}`,
      );
    }
    const at = steps('conv3dTranspose', full.slice(1, 4), f.shape.slice(0, 3), strides, pad, 1);
    checkPositions('conv3dTranspose', at, t.shape.slice(1, 4), outputShape);
    const [depth, height, width] = at as [Steps, Steps, Steps];
    const [n, od, oh, ow, oc] = t.shape as Size5;
    const flat = apply(windows.conv2dInputGrad, [reshape(t, [n * od, oh, ow, oc]), flatFilter(f)], {
      ...planar(height, width),
      inputSize: [full[2], full[3]],
    });
    return gatherTaps(flat, depth, f.shape[0] as number, full);
  });
}

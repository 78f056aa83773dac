/** Resizing of images. */

import { checkFlag, isWhole, show } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { float } from '../core/operands';
import { type TensorLike, toTensor } from '../create/creation';
import * as images from '../descriptors/resample';

type Method = 'bilinear' | 'nearest';

function resize(
  where: string,
  method: Method,
  t: Tensor,
  size: readonly [number, number],
  corners: boolean | undefined,
  centers: boolean | undefined,
): Tensor {
  const alignCorners = checkFlag(corners, where, 'alignCorners');
  const halfPixelCenters = checkFlag(centers, where, 'halfPixelCenters');
  if (t.rank !== 3 && t.rank !== 4)
    throw new ShapeError(
      `${where}: images must be [batch, height, width, channels] or [height, width, channels], got ${showShape(t.shape)}`,
    );
  if (!Array.isArray(size) || size.length !== 2 || !size.every((s) => isWhole(s, 1)))
    throw new ArgumentError(`${where}: size must be [height, width], positive integers, got ${show(size)}`);
  if (alignCorners && halfPixelCenters)
    throw new ArgumentError(`${where}: alignCorners and halfPixelCenters must not both be true`);
  const axis = t.rank - 3;
  // The width first; a dimension that keeps its length keeps its elements.
  let y = t;
  for (const d of [1, 0] as const) {
    if (y.shape[axis + d] !== size[d])
      y = apply(images.resample, [y], { axis: axis + d, size: size[d], method, alignCorners, halfPixelCenters });
  }
  return y === t ? t.alias() : y;
}

/**
 * Images resized by linear interpolation along width, then height.
 * @param images [batch, height, width, channels], or without the batch.
 * @param size [height, width] of the result.
 * @param alignCorners whether the centers of the outer pixels keep their positions; default false.
 * @param halfPixelCenters whether the position of a pixel is its center; default false, as in TensorFlow 1: its upper
 *   left corner.
 * @returns float32, [batch, ...size, channels], or without the batch
 * @throws ShapeError for another rank; ArgumentError
 * @example
 * sg.image.resizeBilinear([[[1], [3]]], [1, 4]).arraySync(); // [[[1], [2], [3], [3]]]
 */
export function resizeBilinear(
  images: TensorLike,
  size: readonly [number, number],
  alignCorners?: boolean,
  halfPixelCenters?: boolean,
): Tensor {
  return tidy(() => {
    const t = float(images, 'resizeBilinear', 'images');
    return resize('resizeBilinear', 'bilinear', t, size, alignCorners, halfPixelCenters);
  });
}

/**
 * Images resized by taking the nearest pixel.
 * @param images float32 or int32, [batch, height, width, channels], or without the batch.
 * @param size [height, width] of the result.
 * @param alignCorners as for `resizeBilinear`; default false.
 * @param halfPixelCenters as for `resizeBilinear`; default false.
 * @returns the same type, [batch, ...size, channels], or without the batch
 * @throws ShapeError for another rank; ArgumentError, DTypeError
 * @example
 * sg.image.resizeNearestNeighbor([[[1], [3]]], [1, 4]).arraySync(); // [[[1], [1], [3], [3]]]
 */
export function resizeNearestNeighbor(
  images: TensorLike,
  size: readonly [number, number],
  alignCorners?: boolean,
  halfPixelCenters?: boolean,
): Tensor {
  return tidy(() => {
    const t = toTensor(images, 'resizeNearestNeighbor', 'images');
    if (t.dtype === 'bool')
      throw new DTypeError('resizeNearestNeighbor: images must be float32 or int32, got bool; cast them');
    return resize('resizeNearestNeighbor', 'nearest', t, size, alignCorners, halfPixelCenters);
  });
}

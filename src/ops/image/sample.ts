/** Pixels picked from images at computed places: crops, rotations, projective transformations. */
import { checkChoice, checkFinite, checkList, checkNumber, isWhole, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { checkElements, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { float } from '../core/operands';
import { type TensorLike, tensor, toTensor } from '../create/creation';
import { takeRows } from '../indexing/rows';
import {
  add,
  cast,
  ceil,
  clipByValue,
  div,
  equal,
  floor,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  mul,
  neg,
  sub,
  where,
} from '../math/arithmetic';
import { reshape, slice } from '../shape/shaping';
import { sinCos } from './scalar';

type Size4 = [number, number, number, number];
function imageOf(image: TensorLike, where: string): Tensor {
  const t = float(image, where, 'image');
  if (t.rank !== 4)
    throw new ShapeError(`${where}: image must be [batch, height, width, channels], got ${showShape(t.shape)}`);
  return t;
}

/** 0, 1, …, n - 1 as float32 of the given shape. */
const iota = (n: number, shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: n }, (_, i) => i),
    shape,
  );

/** Halves are rounded up. */
const nearest = (x: Tensor): Tensor => {
  const low = floor(x);
  return add(low, cast(greaterEqual(sub(x, low), 0.5), 'float32'));
};

const isWithin = (x: Tensor, last: number): Tensor => logicalAnd(greaterEqual(x, 0), lessEqual(x, last));

/** Whole coordinates as int32, those outside [0, last] at the border. */
const whole = (x: Tensor, last: number): Tensor => cast(clipByValue(x, 0, last), 'int32');

/** Pixels of an image at rows and columns that broadcast; `first` is the number of the pixel that each image starts with. */
function pixels(image: Tensor, first: Tensor, row: Tensor, column: Tensor): Tensor {
  const [n, h, w, c] = image.shape as Size4;
  const place = add(first, add(mul(whole(row, h - 1), tensor([w], [1], 'int32')), whole(column, w - 1)));
  const taken = takeRows(reshape(image, [n * h * w, c]), reshape(place, [place.size]), 0);
  return reshape(taken, [...place.shape, c]);
}

const lastDimension = (x: Tensor): Tensor => reshape(x, [...x.shape, 1]);
const between = (a: Tensor, b: Tensor, fraction: Tensor): Tensor => add(a, mul(sub(b, a), fraction));

/**
 * Parts of images, each resized to the same size.
 * @param image [batch, height, width, channels].
 * @param boxes [numBoxes, 4], each [y1, x1, y2, x2] as fractions of height - 1 and width - 1; y1 > y2 flips.
 * @param boxInd [numBoxes], the index of the image that each box is cut from.
 * @param cropSize [cropHeight, cropWidth].
 * @param method 'bilinear' (default) or 'nearest'.
 * @param extrapolationValue where a box reaches out of its image; default 0.
 * @returns [numBoxes, cropHeight, cropWidth, channels]
 * @throws ShapeError, ArgumentError; IndexError if an entry of boxInd is not the index of an image
 * @example
 * const image = sg.ones([1, 8, 8, 3]);
 * sg.image.cropAndResize(image, [[0, 0, 0.5, 0.5]], sg.tensor1d([0], 'int32'), [4, 4]).shape; // [1, 4, 4, 3]
 */
export function cropAndResize(
  image: TensorLike,
  boxes: TensorLike,
  boxInd: TensorLike,
  cropSize: readonly [number, number],
  method?: 'bilinear' | 'nearest' | null,
  extrapolationValue?: number | null,
): Tensor {
  const way = checkChoice(method, 'cropAndResize', 'method', ['bilinear', 'nearest'], 'bilinear');
  const outside = checkNumber(extrapolationValue, 'cropAndResize', 'extrapolationValue', 0);
  if (!Array.isArray(cropSize) || cropSize.length !== 2 || !cropSize.every((s) => isWhole(s, 1)))
    throw new ArgumentError(`cropAndResize: cropSize must be two positive integers, got ${show(cropSize)}`);
  return tidy(() => {
    const t = imageOf(image, 'cropAndResize');
    const box = float(boxes, 'cropAndResize', 'boxes');
    const index = cast(toTensor(boxInd, 'cropAndResize', 'boxInd'), 'int32');
    const m = box.shape[0] as number;
    if (box.rank !== 2 || box.shape[1] !== 4 || index.rank !== 1 || index.shape[0] !== m) {
      throw new ShapeError(
        `cropAndResize: boxes must be [numBoxes, 4] and boxInd [numBoxes], got ${showShape(box.shape)} and ${showShape(index.shape)}`,
      );
    }
    const [n, h, w] = t.shape as Size4;
    checkElements(m * cropSize[0] * cropSize[1] * (t.shape[3] as number), 'cropAndResize');
    const starts = tensor(
      Int32Array.from({ length: n }, (_, i) => i * h * w),
      [n, 1],
    );
    const first = reshape(takeRows(starts, index, 0, 'cropAndResize: boxInd'), [m, 1, 1]);
    const side = (k: number): Tensor => slice(box, [0, k], [m, 1]);
    // Coordinates of the crop's rows or columns, [m, count]; products come first, so that a box of 0 to 1 ends on the
    // last pixel and not a rounding beyond it.
    const coordinates = (from: Tensor, to: Tensor, length: number, count: number): Tensor => {
      if (count === 1) return mul(mul(0.5, add(from, to)), length - 1);
      const i = iota(count, [1, count]);
      return div(mul(add(mul(from, sub(count - 1, i)), mul(to, i)), length - 1), count - 1);
    };
    const [ch, cw] = cropSize;
    const row = reshape(coordinates(side(0), side(2), h, ch), [m, ch, 1]);
    const column = reshape(coordinates(side(1), side(3), w, cw), [m, 1, cw]);
    const inside = lastDimension(logicalAnd(isWithin(row, h - 1), isWithin(column, w - 1)));
    const sample = (): Tensor => {
      if (way === 'nearest') return pixels(t, first, nearest(row), nearest(column));
      const [top, left] = [floor(row), floor(column)];
      const [bottom, right] = [ceil(row), ceil(column)];
      const across = lastDimension(sub(column, left));
      const upper = between(pixels(t, first, top, left), pixels(t, first, top, right), across);
      const lower = between(pixels(t, first, bottom, left), pixels(t, first, bottom, right), across);
      return between(upper, lower, lastDimension(sub(row, top)));
    };
    return where(inside, sample(), outside);
  });
}

/** How pixels outside an image are filled: with a constant, by reflection, by repetition, or with the nearest pixel. */
export type FillMode = 'constant' | 'reflect' | 'wrap' | 'nearest';

/** Toward zero. */
const truncate = (x: Tensor): Tensor => where(less(x, 0), ceil(x), floor(x));

/** Coordinates outside [0, length - 1], moved inside as the mode defines. */
function mapped(x: Tensor, length: number, mode: FillMode): Tensor {
  if (mode === 'constant') return x;
  const last = length - 1;
  if (mode === 'nearest' || length <= 1) return clipByValue(x, 0, last);
  if (mode === 'wrap') {
    const below = add(x, mul(length, add(truncate(div(neg(x), last)), 1)));
    const above = sub(x, mul(length, truncate(div(x, last))));
    return clipByValue(where(less(x, 0), below, where(greater(x, last), above, x)), 0, last);
  }
  // Mirrored at the outer edges: a period is there and back.
  const period = 2 * length;
  const back = add(mul(period, truncate(div(neg(x), period))), x);
  const below = where(less(back, -length), add(back, period), sub(neg(back), 1));
  const on = sub(x, mul(period, truncate(div(x, period))));
  const above = where(greaterEqual(on, length), sub(sub(period, on), 1), on);
  return clipByValue(where(less(x, 0), below, where(greater(x, last), above, x)), 0, last);
}

const MODES: readonly FillMode[] = ['constant', 'reflect', 'wrap', 'nearest'];

/**
 * Projective transformations of images: pixel (x, y) of the result is taken from
 * ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) with k = c0 x + c1 y + 1; coordinates are computed in float32.
 * @param image [batch, height, width, channels].
 * @param transforms [batch, 8] or [1, 8], each [a0, a1, a2, b0, b1, b2, c0, c1].
 * @param interpolation 'nearest' (default) or 'bilinear'.
 * @param fillMode for pixels outside: 'constant' (default; `fillValue`), 'reflect', 'wrap' or 'nearest'.
 * @param fillValue default 0.
 * @param outputShape [height, width]; default: those of the image.
 * @returns [batch, outHeight, outWidth, channels]
 * @throws ShapeError, ArgumentError
 * @example
 * const shiftLeft = [[1, 0, 1, 0, 1, 0, 0, 0]];
 * sg.image.transform([[[[1], [2], [3]]]], shiftLeft).arraySync(); // [[[[2], [3], [0]]]]
 */
export function transform(
  image: TensorLike,
  transforms: TensorLike,
  interpolation?: 'nearest' | 'bilinear' | null,
  fillMode?: FillMode | null,
  fillValue?: number | null,
  outputShape?: readonly [number, number] | null,
): Tensor {
  const way = checkChoice(interpolation, 'transform', 'interpolation', ['nearest', 'bilinear'], 'nearest');
  const mode = checkChoice(fillMode, 'transform', 'fillMode', MODES, 'constant');
  const outside = checkNumber(fillValue, 'transform', 'fillValue', 0);
  return tidy(() => {
    const t = imageOf(image, 'transform');
    const matrix = float(transforms, 'transform', 'transforms');
    const [n, h, w, c] = t.shape as Size4;
    const b = matrix.shape[0] as number;
    if (matrix.rank !== 2 || matrix.shape[1] !== 8 || (b !== 1 && b !== n))
      throw new ShapeError(`transform: transforms must be [${n}, 8] or [1, 8], got ${showShape(matrix.shape)}`);
    const size = outputShape ?? [h, w];
    if (!Array.isArray(size) || size.length !== 2 || !size.every((d) => isWhole(d)))
      throw new ArgumentError(`transform: outputShape must be [height, width], got ${show(outputShape)}`);
    const [oh, ow] = size as [number, number];
    checkElements(n * oh * ow * c, 'transform');
    const x = iota(ow, [1, 1, ow]);
    const y = iota(oh, [1, oh, 1]);
    const at = (k: number): Tensor => reshape(slice(matrix, [0, k], [b, 1]), [b, 1, 1]);
    const linear = (k: number, constant: TensorLike): Tensor => add(add(mul(at(k), x), mul(at(k + 1), y)), constant);
    const scale = linear(6, 1);
    const column = mapped(div(linear(0, at(2)), scale), w, mode);
    const row = mapped(div(linear(3, at(5)), scale), h, mode);
    const first = tensor(
      Int32Array.from({ length: n }, (_, i) => i * h * w),
      [n, 1, 1],
    );
    const read = (r: Tensor, q: Tensor): Tensor => {
      const inside = lastDimension(logicalAnd(isWithin(r, h - 1), isWithin(q, w - 1)));
      return where(inside, pixels(t, first, r, q), outside);
    };
    const sample = (): Tensor => {
      if (way === 'nearest') return read(nearest(row), nearest(column));
      const [top, left] = [floor(row), floor(column)];
      const [bottom, right] = [add(top, 1), add(left, 1)];
      const along = (r: Tensor): Tensor =>
        add(
          mul(lastDimension(sub(right, column)), read(r, left)),
          mul(lastDimension(sub(column, left)), read(r, right)),
        );
      return add(mul(lastDimension(sub(bottom, row)), along(top)), mul(lastDimension(sub(row, top)), along(bottom)));
    };
    if (h === 0 || w === 0) throw new ShapeError(`transform: image ${showShape([n, h, w, c])} has no pixels`);
    return where(lastDimension(equal(scale, 0)), outside, sample());
  });
}

/** One number, or a list of so many. @throws ArgumentError */
function oneOrSome(value: unknown, count: number, argument: string): number | readonly number[] {
  if (typeof value === 'number') return value;
  const list = Array.from(checkList(value, 'rotateWithOffset', argument, `${count} numbers`), (v, i) =>
    checkNumber(v, 'rotateWithOffset', `${argument}[${i}]`),
  );
  if (list.length !== count)
    throw new ArgumentError(`rotateWithOffset: ${argument} must be one number or ${count}, got ${show(value)}`);
  return list;
}

/**
 * Images rotated counterclockwise; each pixel is the nearest one of the image.
 * @param image [batch, height, width, channels].
 * @param fillValue of pixels outside the image: a number, or [red, green, blue] (alpha is 255 then); default 0.
 * @param center of the rotation as a fraction of the size, or [x, y]; default 0.5.
 * @returns image's shape, float32
 * @throws ShapeError for another rank; ArgumentError
 * @example
 * sg.image.rotateWithOffset(sg.ones([1, 8, 8, 3]), Math.PI / 4).shape; // [1, 8, 8, 3]
 */
export function rotateWithOffset(
  image: TensorLike,
  radians: number,
  fillValue?: number | readonly [number, number, number] | null,
  center?: number | readonly [number, number] | null,
): Tensor {
  checkFinite(radians, 'rotateWithOffset', 'radians');
  const filler = oneOrSome(fillValue ?? 0, 3, 'fillValue');
  const middle = oneOrSome(center ?? 0.5, 2, 'center');
  return tidy(() => {
    const t = imageOf(image, 'rotateWithOffset');
    const [n, h, w, c] = t.shape as Size4;
    if (typeof filler !== 'number' && c !== 3 && c !== 4)
      throw new ArgumentError(`rotateWithOffset: fillValue of three numbers needs 3 or 4 channels, x has ${c}`);
    const [shareX, shareY] = (typeof middle === 'number' ? [middle, middle] : middle) as [number, number];
    const [centerX, centerY] = [shareX * w, shareY * h];
    const [sin, cos] = sinCos(radians);
    const places = new Int32Array(h * w);
    const inside = new Uint8Array(h * w);
    for (let i = 0; i < h * w; i++) {
      const [x, y] = [(i % w) - centerX, Math.floor(i / w) - centerY];
      const column = Math.round(x * cos - y * sin + centerX);
      const row = Math.round(x * sin + y * cos + centerY);
      if (column < 0 || column >= w || row < 0 || row >= h) continue;
      places[i] = row * w + column;
      inside[i] = 1;
    }
    const turned = takeRows(reshape(t, [n, h * w, c]), tensor(places), 1);
    const outside = typeof filler === 'number' ? filler : tensor([...filler, 255].slice(0, c));
    return reshape(where(tensor(inside, [h * w, 1], 'bool'), turned, outside), t.shape);
  });
}

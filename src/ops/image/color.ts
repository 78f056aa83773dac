/** Colors of images: grayscale, thresholds; and their mirror image. */
import { checkChoice, checkFlag, checkNumber } from '../../support/arguments';
import { DTypeError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { fill, type TensorLike, tensor, toTensor } from '../create/creation';
import { sumRows, takeRows } from '../indexing/rows';
import { matMul } from '../linear/products';
import { broadcastTo, cast, div, greater, lessEqual, mul, round, square, sub, where } from '../math/arithmetic';
import { argMax, max } from '../math/reduce';
import { reshape, slice } from '../shape/shaping';

/** Shares of red, green and blue in the brightness (ITU-R BT.601). */
const LUMA = [0.2989, 0.587, 0.114];

function checkChannels(t: Tensor, channels: number, where: string): void {
  if (t.rank < 2 || t.shape[t.rank - 1] !== channels)
    throw new ShapeError(
      `${where}: image must have rank 2 or more and ${channels} channels at the end, got ${showShape(t.shape)}`,
    );
}

/**
 * Mirrors images: left and right are exchanged.
 * @param image [batch, height, width, channels].
 * @returns image's shape and type
 * @throws ShapeError for another rank
 * @example
 * sg.image.flipLeftRight([[[[1], [2], [3]]]]).arraySync(); // [[[[3], [2], [1]]]]
 */
export function flipLeftRight(image: TensorLike): Tensor {
  return tidy(() => {
    const t = toTensor(image, 'flipLeftRight', 'image');
    if (t.rank !== 4)
      throw new ShapeError(`flipLeftRight: image must be [batch, height, width, channels], got ${showShape(t.shape)}`);
    const width = t.shape[2] as number;
    const backwards = tensor(Int32Array.from({ length: width }, (_, i) => width - 1 - i));
    return takeRows(t, backwards, 2);
  });
}

/**
 * The same value for red, green and blue: [..., 1] -> [..., 3].
 * @throws ShapeError unless there is one channel
 * @example
 * sg.image.grayscaleToRGB([[[7]]]).arraySync(); // [[[7, 7, 7]]]
 */
export function grayscaleToRGB(image: TensorLike): Tensor {
  return tidy(() => {
    const t = toTensor(image, 'grayscaleToRGB', 'image');
    checkChannels(t, 1, 'grayscaleToRGB');
    return broadcastTo(t, [...t.shape.slice(0, -1), 3]);
  });
}

/** Brightness of the pixels of [..., 3], as [..., 1] of float32. */
function brightness(t: Tensor): Tensor {
  const rows = reshape(cast(t, 'float32'), [t.size / 3, 3]);
  return reshape(matMul(rows, tensor(LUMA, [3, 1])), [...t.shape.slice(0, -1), 1]);
}

/**
 * Brightness 0.2989 red + 0.587 green + 0.114 blue, in the image's type (int32 is cut toward zero): [..., 3] -> [...,
 * 1].
 * @throws ShapeError unless there are three channels
 * @example
 * sg.image.rgbToGrayscale([[[1, 0, 0]]]).arraySync(); // [[[0.2989]]]
 */
export function rgbToGrayscale(image: TensorLike): Tensor {
  return tidy(() => {
    const t = toTensor(image, 'rgbToGrayscale', 'image');
    checkChannels(t, 3, 'rgbToGrayscale');
    return cast(brightness(t), t.dtype);
  });
}

/** Otsu's threshold: the level that parts a histogram so that the variance between both classes is largest; -1 if none. */
function otsu(histogram: Tensor, total: number): Tensor {
  const levels = histogram.size;
  const upTo = tensor(
    Float32Array.from({ length: levels * levels }, (_, i) => (i % levels <= Math.floor(i / levels) ? 1 : 0)),
    [levels, levels],
  );
  const values = tensor(Float32Array.from({ length: levels }, (_, i) => i));
  const cumulative = (x: Tensor): Tensor => reshape(matMul(upTo, reshape(x, [levels, 1])), [levels]);
  const rest = (below: Tensor): Tensor => sub(slice(below, levels - 1, 1), below);
  const below = cumulative(histogram);
  const weighted = cumulative(mul(histogram, values));
  const above = rest(below);
  const between = mul(
    mul(div(below, total), div(above, total)),
    square(sub(div(weighted, below), div(rest(weighted), above))),
  );
  // Empty classes have no mean.
  const variance = where(greater(mul(below, above), 0), between, 0);
  return where(greater(max(variance), 0), cast(argMax(variance), 'float32'), -1);
}

/**
 * A black and white image: 255 where the brightness is greater than the threshold, 0 elsewhere.
 * @param image float32 or int32 of [height, width, 3] or [height, width, 1], values of 0 to 255.
 * @param method 'binary' (default): the threshold is 255 · threshValue; 'otsu': it is computed from the image (Otsu,
 *   1979).
 * @param inverted whether to return 255 where the brightness is at most the threshold; default false.
 * @param threshValue default 0.5.
 * @returns int32, [height, width, 1]
 * @throws ShapeError, DTypeError, ArgumentError
 * @example
 * sg.image.threshold([[[200], [10]]]).arraySync(); // [[[255], [0]]]
 */
export function threshold(
  image: TensorLike,
  method?: 'binary' | 'otsu' | null,
  inverted?: boolean,
  threshValue?: number | null,
): Tensor {
  const way = checkChoice(method, 'threshold', 'method', ['binary', 'otsu'], 'binary');
  const isInverted = checkFlag(inverted, 'threshold', 'inverted');
  const share = checkNumber(threshValue, 'threshold', 'threshValue', 0.5);
  return tidy(() => {
    const t = toTensor(image, 'threshold', 'image');
    if (t.rank !== 3 || (t.shape[2] !== 3 && t.shape[2] !== 1))
      throw new ShapeError(
        `threshold: image must be [height, width, 3] or [height, width, 1], got ${showShape(t.shape)}`,
      );
    if (t.dtype === 'bool') throw new DTypeError('threshold: image must be float32 or int32, got bool');
    const gray = t.shape[2] === 3 ? brightness(t) : cast(t, 'float32');
    const histogram = (): Tensor => {
      const levels = cast(round(gray), 'int32');
      // Values outside 0 to 255 are counted separately.
      const inside = where(greater(levels, -1), where(lessEqual(levels, 255), levels, 256), 256);
      const places = cast(reshape(inside, [gray.size]), 'int32');
      return slice(sumRows(fill([gray.size, 1], 1), places, 257), 0, 256);
    };
    const limit = way === 'otsu' ? otsu(reshape(histogram(), [256]), gray.size) : mul(share, 255);
    const isBright = isInverted ? lessEqual(gray, limit) : greater(gray, limit);
    return cast(mul(cast(isBright, 'float32'), 255), 'int32');
  });
}

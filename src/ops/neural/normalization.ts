/** Batch normalization and local response normalization. */
import { checkNumber, checkWhole, within } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { broadcastShapes, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { accumulate } from '../conv/window';
import { float } from '../core/operands';
import { type TensorLike, toTensor } from '../create/creation';
import { add, mul, pow, rsqrt, square, sub } from '../math/arithmetic';
import { pad, slice } from '../shape/shaping';

/**
 * (x - mean) / √(variance + epsilon) · scale + offset, all broadcast along the last dimensions (Ioffe and Szegedy,
 * 2015).
 * @param offset default: none.
 * @param scale default: none.
 * @param varianceEpsilon default 0.001.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.batchNorm([[1, 2]], [0, 2], [1, 1], null, [2, 2], 0).dataSync(); // [2, 0]
 */
export function batchNorm(
  x: TensorLike,
  mean: TensorLike,
  variance: TensorLike,
  offset?: TensorLike | null,
  scale?: TensorLike | null,
  varianceEpsilon?: number | null,
): Tensor {
  return normalized('batchNorm', undefined, x, mean, variance, offset, scale, varianceEpsilon);
}

/** `batchNorm`, with the name that errors call it by, and the rank that x must have. */
function normalized(
  where: string,
  rank: number | undefined,
  x: TensorLike,
  mean: TensorLike,
  variance: TensorLike,
  offset: TensorLike | null | undefined,
  scale: TensorLike | null | undefined,
  varianceEpsilon: number | null | undefined,
): Tensor {
  const epsilon = checkNumber(varianceEpsilon, where, 'varianceEpsilon', 0.001);
  return within(where, () =>
    tidy(() => {
      const t = toTensor(x, where);
      if (rank !== undefined && t.rank !== rank)
        throw new ShapeError(`${where}: x must have rank ${rank}, got ${showShape(t.shape)}`);
      /** Along the last dimensions of x. */
      const statistic = (value: TensorLike, argument: string): Tensor => {
        const s = toTensor(value, where, argument);
        if (rank !== undefined && s.rank !== rank && s.rank !== 1)
          throw new ShapeError(`${where}: ${argument} must have rank ${rank} or 1, got ${showShape(s.shape)}`);
        if (!broadcastShapes(t.shape, s.shape))
          throw new ShapeError(
            `${where}: ${argument} ${showShape(s.shape)} does not broadcast with x ${showShape(t.shape)}`,
          );
        return s;
      };
      const optional = (value: TensorLike | null | undefined, argument: string): Tensor | undefined =>
        value === undefined || value === null ? undefined : statistic(value, argument);
      const center = statistic(mean, 'mean');
      const spread = statistic(variance, 'variance');
      const [shift, factor] = [optional(offset, 'offset'), optional(scale, 'scale')];
      const inverse = rsqrt(add(spread, epsilon));
      const y = mul(sub(t, center), factor ? mul(inverse, factor) : inverse);
      return shift ? add(y, shift) : y;
    }),
  );
}

const ranked =
  (rank: number) =>
  (
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset?: TensorLike | null,
    scale?: TensorLike | null,
    varianceEpsilon?: number | null,
  ): Tensor =>
    normalized(`batchNorm${rank}d`, rank, x, mean, variance, offset, scale, varianceEpsilon);

/**
 * `batchNorm` of rank 2; statistics of rank 2 or 1.
 * @throws ShapeError for another rank, or if the shapes do not broadcast
 * @example
 * sg.batchNorm2d([[1, 2]], [0, 2], [1, 1], [0, 0], [2, 2], 0).dataSync(); // [2, 0]
 */
export const batchNorm2d = ranked(2);

/**
 * `batchNorm` of rank 3; statistics of rank 3 or 1.
 * @throws ShapeError for another rank, or if the shapes do not broadcast
 * @example
 * sg.batchNorm3d(sg.ones([2, 3, 4]), sg.zeros([4]), sg.ones([4])).shape; // [2, 3, 4]
 */
export const batchNorm3d = ranked(3);

/**
 * `batchNorm` of rank 4; statistics of rank 4 or 1.
 * @throws ShapeError for another rank, or if the shapes do not broadcast
 * @example
 * sg.batchNorm4d(sg.ones([1, 2, 3, 4]), sg.zeros([4]), sg.ones([4])).shape; // [1, 2, 3, 4]
 */
export const batchNorm4d = ranked(4);

/**
 * x / (bias + alpha · s)^beta, where s is the sum of squares over the channels at most `depthRadius` away (Krizhevsky
 * et al., 2012).
 * @param x [batch, height, width, channels], or without the batch.
 * @param depthRadius default 5.
 * @param bias default 1.
 * @param alpha default 1.
 * @param beta default 0.5.
 * @throws ShapeError for another rank; ArgumentError
 * @example
 * sg.localResponseNormalization([[[3]]], 1, 7, 1, 0.5).dataSync(); // [0.75]
 */
export function localResponseNormalization(
  x: TensorLike,
  depthRadius?: number | null,
  bias?: number | null,
  alpha?: number | null,
  beta?: number | null,
): Tensor {
  const where = 'localResponseNormalization';
  const reach = checkWhole(depthRadius ?? 5, where, 'depthRadius');
  const [from, by, power] = [
    checkNumber(bias, where, 'bias', 1),
    checkNumber(alpha, where, 'alpha', 1),
    checkNumber(beta, where, 'beta', 0.5),
  ];
  return tidy(() => {
    const t = float(x, 'localResponseNormalization', 'x');
    if (t.rank !== 3 && t.rank !== 4)
      throw new ShapeError(
        `localResponseNormalization: x must be [batch, height, width, channels] or [height, width, channels], got ${showShape(t.shape)}`,
      );
    const last = t.rank - 1;
    const channels = t.shape[last] as number;
    const radius = Math.min(reach, Math.max(0, channels - 1));
    const squares = pad(
      square(t),
      t.shape.map((_, d) => (d === last ? [radius, radius] : [0, 0])),
    );
    const begin = (k: number): number[] => t.shape.map((_, d) => (d === last ? k : 0));
    const sum = accumulate(2 * radius + 1, (k) => slice(squares, begin(k), t.shape), add);
    return mul(t, pow(add(from, mul(by, sum)), -power));
  });
}

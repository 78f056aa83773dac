/** Batch normalization and local response normalization. */
import { ArgumentError, ShapeError } from '../runtime/errors';
import { tidy } from '../tensor/scope';
import { showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { add, mul, pow, rsqrt, square, sub } from './arithmetic';
import { type TensorLike, toTensor } from './creation';
import { pad, slice } from './shaping';
import { accumulate, float } from './window';

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
  return tidy(() => {
    const inverse = rsqrt(add(variance, varianceEpsilon));
    const factor = scale === undefined || scale === null ? inverse : mul(inverse, scale);
    const y = mul(sub(x, mean), factor);
    return offset === undefined || offset === null ? y : add(y, offset);
  });
}

const ranked =
  (rank: number) =>
  (
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset?: TensorLike | null,
    scale?: TensorLike | null,
    varianceEpsilon?: number,
  ): Tensor => {
    const where = `batchNorm${rank}d`;
    return tidy(() => {
      const check = (t: TensorLike, argument: string, ranks: readonly number[]): Tensor => {
        const given = toTensor(t, where, argument);
        if (!ranks.includes(given.rank))
          throw new ShapeError(
            `${where}: ${argument} must have rank ${ranks.join(' or ')}, got ${showShape(given.shape)}`,
          );
        return given;
      };
      const statistic = (t: TensorLike, argument: string): Tensor => check(t, argument, [rank, 1]);
      const given = (t: TensorLike | null | undefined, argument: string): Tensor | undefined =>
        t === undefined || t === null ? undefined : statistic(t, argument);
      return batchNorm(
        check(x, 'x', [rank]),
        statistic(mean, 'mean'),
        statistic(variance, 'variance'),
        given(offset, 'offset'),
        given(scale, 'scale'),
        varianceEpsilon,
      );
    });
  };

/** `batchNorm` of rank 2; statistics of rank 2 or 1. @throws ShapeError */
export const batchNorm2d = ranked(2);
/** `batchNorm` of rank 3; statistics of rank 3 or 1. @throws ShapeError */
export const batchNorm3d = ranked(3);
/** `batchNorm` of rank 4; statistics of rank 4 or 1. @throws ShapeError */
export const batchNorm4d = ranked(4);

/**
 * x / (bias + alpha · s)^beta, s the sum of squares over the channels at most `depthRadius` away.
 * @param x [batch, height, width, channels], or without the batch.
 * @throws ShapeError, ArgumentError
 */
export function localResponseNormalization(x: TensorLike, depthRadius = 5, bias = 1, alpha = 1, beta = 0.5): Tensor {
  if (!Number.isInteger(depthRadius) || depthRadius < 0)
    throw new ArgumentError(`localResponseNormalization: depthRadius must be a whole number >= 0, got ${depthRadius}`);
  return tidy(() => {
    const t = float(x, 'localResponseNormalization', 'x');
    if (t.rank !== 3 && t.rank !== 4)
      throw new ShapeError(
        `localResponseNormalization: x must be [batch, height, width, channels] or [height, width, channels], got ${showShape(t.shape)}`,
      );
    const last = t.rank - 1;
    const channels = t.shape[last] as number;
    const radius = Math.min(depthRadius, Math.max(0, channels - 1));
    const squares = pad(
      square(t),
      t.shape.map((_, d) => (d === last ? [radius, radius] : [0, 0])),
    );
    const begin = (k: number): number[] => t.shape.map((_, d) => (d === last ? k : 0));
    const sum = accumulate(2 * radius + 1, (k) => slice(squares, begin(k), t.shape), add);
    return mul(t, pow(add(bias, mul(alpha, sum)), -beta));
  });
}

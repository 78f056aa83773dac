/** Dropout. */
import { checkNumber, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { broadcastShapes, checkShape, type Shape, sameShape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { checkSeed, nextKey } from '../core/keys';
import { float } from '../core/operands';
import { ones, type TensorLike } from '../create/creation';
import { dropOf } from '../create/random';
import { mul } from '../math/arithmetic';

/**
 * Sets each element to 0 with probability `rate` and divides the others by 1 - rate (Srivastava et al., 2014).
 * @param noiseShape where it has 1, elements are dropped together; default: x's shape.
 * @param seed of this draw; by default that of `setSeed` and a running number.
 * @returns float32, of x's shape
 * @throws ArgumentError unless 0 <= rate < 1; ShapeError unless noiseShape broadcasts to x
 * @example
 * sg.dropout(sg.ones([4, 4]), 0.5).shape; // [4, 4]
 */
export function dropout(x: TensorLike, rate: number, noiseShape?: Shape | null, seed?: number | string | null): Tensor {
  if (!(checkNumber(rate, 'dropout', 'rate') >= 0 && rate < 1))
    throw new ArgumentError(`dropout: rate must be in [0, 1), got ${show(rate)}`);
  if (noiseShape !== undefined && noiseShape !== null) checkShape(noiseShape, 'dropout', 'noiseShape');
  checkSeed(seed, 'dropout');
  return tidy(() => {
    const t = float(x, 'dropout', 'x');
    if (noiseShape && !sameShape(broadcastShapes(t.shape, noiseShape) ?? [], t.shape))
      throw new ShapeError(
        `dropout: noiseShape ${showShape(noiseShape)} does not broadcast to x ${showShape(t.shape)}`,
      );
    const key = nextKey(seed);
    if (rate === 0) return t.alias();
    if (!noiseShape) return dropOf(key, t, rate);
    return mul(t, dropOf(key, ones([...noiseShape]), rate));
  });
}

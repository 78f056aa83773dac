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
 * Sets each element to 0 with probability `rate` and divides the others by 1 - rate.
 * @param noiseShape where it has 1, elements share their fate; by default all are on their own.
 * @throws ArgumentError unless 0 <= rate < 1
 */
export function dropout(x: TensorLike, rate: number, noiseShape?: Shape | null, seed?: number | string | null): Tensor {
  if (!(checkNumber(rate, 'dropout', 'rate') >= 0 && rate < 1))
    throw new ArgumentError(`dropout: rate must be in [0, 1), got ${show(rate)}`);
  if (noiseShape) checkShape(noiseShape, 'dropout', 'noiseShape');
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

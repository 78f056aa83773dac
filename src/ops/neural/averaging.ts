/** Moving averages. */
import { checkFlag, within } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { sameShape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { type TensorLike, toTensor } from '../create/creation';
import { add, div, mul, pow, sub } from '../math/arithmetic';

/** base^exponent; of numbers by squaring in float64, so that every host computes the same bits. */
function power(base: TensorLike, exponent: TensorLike): TensorLike {
  if (typeof base !== 'number' || typeof exponent !== 'number' || !Number.isSafeInteger(exponent) || exponent < 0)
    return pow(base, exponent);
  let product = 1;
  for (let square = base, left = exponent; left > 0; left = Math.floor(left / 2), square *= square)
    if (left % 2 === 1) product *= square;
  return product;
}

/**
 * The moving average v updated with one more value: v + (x - v) (1 - decay).
 * @param x of v's shape and type.
 * @param decay a number or scalar, mostly 0.95 to 0.99.
 * @param step number of this call, from 1; required with `zeroDebias`.
 * @param zeroDebias divides the change by 1 - decay^step, for averages that start at 0; default true.
 * @throws ShapeError, DTypeError if v and x differ; ArgumentError
 * @example
 * sg.movingAverage([1], [2], 0.9, null, false).dataSync(); // [1.1]
 */
export function movingAverage(
  v: TensorLike,
  x: TensorLike,
  decay: TensorLike,
  step?: TensorLike | null,
  zeroDebias?: boolean,
): Tensor {
  return within('movingAverage', () =>
    tidy(() => {
      const isDebiased = checkFlag(zeroDebias, 'movingAverage', 'zeroDebias', true);
      const a = toTensor(v, 'movingAverage', 'v');
      const b = toTensor(x, 'movingAverage');
      if (a.dtype !== b.dtype) throw new DTypeError(`movingAverage: element types ${a.dtype} and ${b.dtype} differ`);
      if (!sameShape(a.shape, b.shape))
        throw new ShapeError(`movingAverage: shapes ${showShape(a.shape)} and ${showShape(b.shape)} differ`);
      if (isDebiased && (step === undefined || step === null))
        throw new ArgumentError('movingAverage: step is needed, unless zeroDebias is false');
      const share = typeof decay === 'number' ? 1 - decay : sub(1, toTensor(decay, 'movingAverage', 'decay'));
      const change = mul(sub(b, a), share);
      if (!isDebiased) return add(a, change);
      const decayed = power(
        decay,
        typeof step === 'number' ? step : toTensor(step as TensorLike, 'movingAverage', 'step'),
      );
      return add(a, div(change, typeof decayed === 'number' ? 1 - decayed : sub(1, decayed)));
    }),
  );
}

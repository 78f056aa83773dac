/** Sample weights. */
import { broadcastTo, cast, mul } from '../../ops/math/arithmetic';
import { reshape } from '../../ops/shape/shaping';
import { ShapeError } from '../../support/errors';
import { type Shape, sameShape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';

/**
 * Weights as factors of values of `shape`: their dimensions are its first ones, each as long or 1; a last dimension of 1
 * too many is dropped.
 * @throws ShapeError
 */
export function alignWeights(where: string, weights: Tensor, shape: Shape, what = 'sample weights'): Tensor {
  const isWide = weights.rank === shape.length + 1 && weights.shape.at(-1) === 1;
  const own = isWide ? weights.shape.slice(0, -1) : weights.shape;
  if (own.length > shape.length || own.some((d, i) => d !== shape[i] && d !== 1))
    throw new ShapeError(
      `${where}: ${what} ${showShape(weights.shape)} do not fit values ${showShape(shape)}; they may have its first dimensions`,
    );
  return reshape(cast(weights, 'float32'), [...own, ...new Array<number>(shape.length - own.length).fill(1)]);
}

/** As `alignWeights`, one for every value. */
export function spreadWeights(where: string, weights: Tensor, shape: Shape): Tensor {
  const aligned = alignWeights(where, weights, shape);
  return sameShape(aligned.shape, shape) ? aligned : broadcastTo(aligned, shape);
}

/** Sample weights where a mask, if there is one, leaves examples or positions: elsewhere 0. */
export function maskedWeights(weights: Tensor | undefined, mask: Tensor | null | undefined): Tensor | undefined {
  if (!mask) return weights;
  const kept = cast(mask, 'float32');
  return weights ? mul(spreadWeights('mask', weights, mask.shape), kept) : kept;
}

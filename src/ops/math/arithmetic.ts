/** Elementwise functions, gathered. */

import { checkShape, type Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { type TensorLike, withOperand } from '../create/creation';
import * as elementwise from '../descriptors/elementwise';

export { cast } from '../core/cast';
export * from '../neural/activations';
export * from './binary';
export * from './comparison';
export * from './unary';

/**
 * x repeated along dimensions of size 1, and along new ones in front, until it has the given shape.
 * @throws ShapeError if x does not broadcast to the shape
 * @example
 * sg.broadcastTo([1, 2], [2, 2]).arraySync(); // [[1, 2], [1, 2]]
 */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  checkShape(shape, 'broadcastTo');
  return withOperand(x, 'broadcastTo', (t) => apply(elementwise.broadcastTo, [t], { shape: [...shape] }));
}

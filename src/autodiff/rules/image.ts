/** Gradients of resizing and of rows by index: each pair is linear and the other's transpose. */

import { apply } from '../../ops/core/dispatch';
import type { images } from '../../ops/descriptors/resample';
import type { Tensor } from '../../tensor/tensor';
import { one, type RulesOf } from '../rule';

export const imageRules: RulesOf<typeof images> = {
  resample: one((g, x, _, attrs) => apply('resampleGrad', [g], { ...attrs, size: x.shape[attrs.axis] as number })),
  resampleGrad: one((g, dy, _, attrs) => apply('resample', [g], { ...attrs, size: dy.shape[attrs.axis] as number })),
  takeRows: (g, [x, indices], _, { axis }) => [
    () => apply('sumRows', [g, indices as Tensor], { axis, size: (x as Tensor).shape[axis] as number }),
    null,
  ],
  sumRows: (g, [, indices], _, { axis }) => [() => apply('takeRows', [g, indices as Tensor], { axis }), null],
};

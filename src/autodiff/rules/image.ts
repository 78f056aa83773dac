/** Gradients of resizing: each op is linear and the other's transpose. */

import { apply } from '../../ops/core/dispatch';
import type { images } from '../../ops/descriptors/resample';
import { one, type RulesOf } from '../rule';

export const imageRules: RulesOf<typeof images> = {
  resample: one((g, x, _, attrs) => apply('resampleGrad', [g], { ...attrs, size: x.shape[attrs.axis] as number })),
  resampleGrad: one((g, dy, _, attrs) => apply('resample', [g], { ...attrs, size: dy.shape[attrs.axis] as number })),
};

/** Gradients of resizing: each op is linear and the other's transpose. */

import { apply } from '../../ops/core/dispatch';
import type { ImageOps } from '../../ops/core/table';
import * as images from '../../ops/descriptors/resample';
import { one, type RulesOf } from '../rule';

export const imageRules: RulesOf<ImageOps> = {
  resample: one((g, x, _, attrs) => apply(images.resampleGrad, [g], { ...attrs, size: x.shape[attrs.axis] as number })),
  resampleGrad: one((g, dy, _, attrs) =>
    apply(images.resample, [g], { ...attrs, size: dy.shape[attrs.axis] as number }),
  ),
};

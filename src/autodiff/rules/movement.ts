/** Gradients of ops that move elements, and of random ones. */

import { apply } from '../../ops/core/dispatch';
import type { MovementOps, RandomnessOps } from '../../ops/core/table';
import * as movement from '../../ops/descriptors/movement';
import * as randomness from '../../ops/descriptors/randomness';
import { reshape, slice, transpose } from '../../ops/shape/shaping';
import { flat, one, type RulesOf } from '../rule';

export const movementRules: RulesOf<MovementOps> = {
  fill: flat,
  reshape: one((g, x) => reshape(g, x.shape)),
  transpose: one((g, _, __, { perm }) =>
    transpose(
      g,
      perm.map((_p, i) => perm.indexOf(i)),
    ),
  ),
  slice: one((g, x, _, { begin, size, strides }) => {
    const paddings = begin.map((b, i) => {
      const d = x.shape[i] as number;
      const count = size[i] as number;
      if (count === 0) return [d, 0] as const;
      const end = b + (count - 1) * (strides?.[i] ?? 1);
      return [Math.min(b, end), d - 1 - Math.max(b, end)] as const;
    });
    return apply(movement.pad, [g], { paddings, value: 0, ...(strides ? { steps: strides } : {}) });
  }),
  pad: one((g, x, _, { paddings, steps }) => {
    const begin = paddings.map(([before], i) => {
      const step = steps?.[i] ?? 1;
      const count = x.shape[i] as number;
      return step < 0 && count > 0 ? before - (count - 1) * step : before;
    });
    return apply(movement.slice, [g], { begin, size: x.shape, ...(steps ? { strides: steps } : {}) });
  }),
  concat: (g, inputs, _, { axis }) => {
    let at = 0;
    return inputs.map((x) => {
      const begin = x.shape.map((_d, i) => (i === axis ? at : 0));
      at += x.shape[axis] as number;
      return () => slice(g, begin, x.shape);
    });
  },
  oneHot: flat,
};

export const randomnessRules: RulesOf<RandomnessOps> = {
  random: flat,
  // The same key draws the same mask.
  dropout: (g, [, ...iteration], _, attrs) => [
    () => apply(randomness.dropout, [g, ...iteration], attrs),
    ...iteration.map(() => null),
  ],
};

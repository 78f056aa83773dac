/** Gradients of ops that move elements, and of random ones. */
import type { movement } from '../../ops/descriptors/movement';
import type { randomness } from '../../ops/descriptors/randomness';
import { apply } from '../../ops/dispatch';
import { pad, reshape, slice, transpose } from '../../ops/shaping';
import { flat, one, type RulesOf } from '../rule';

export const movementRules: RulesOf<typeof movement> = {
  fill: flat,
  reshape: one((g, x) => reshape(g, x.shape)),
  transpose: one((g, _, __, { perm }) =>
    transpose(
      g,
      perm.map((_p, i) => perm.indexOf(i)),
    ),
  ),
  slice: one((g, x, _, { begin, size }) =>
    pad(
      g,
      begin.map((b, i) => [b, (x.shape[i] as number) - b - (size[i] as number)] as const),
    ),
  ),
  pad: one((g, x, _, { paddings }) =>
    slice(
      g,
      paddings.map(([before]) => before),
      x.shape,
    ),
  ),
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

export const randomnessRules: RulesOf<typeof randomness> = {
  random: flat,
  // The same key draws the same mask.
  dropout: one((g, _, __, attrs) => apply('dropout', [g], attrs)),
};

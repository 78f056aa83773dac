/** Gradients of running folds. */

import { apply } from '../../ops/core/dispatch';
import type { CumulativeOps } from '../../ops/core/table';
import { zeros } from '../../ops/create/creation';
import * as cumulative from '../../ops/descriptors/cumulative';
import { cast, mul } from '../../ops/math/arithmetic';
import { concat, slice } from '../../ops/shape/shaping';
import type { Tensor } from '../../tensor/tensor';
import { one, type RulesOf } from '../rule';

/** Each element moves one place on along the axis (one back, if `back`); a zero comes in, the last one drops out. */
function shifted(x: Tensor, axis: number, back: boolean): Tensor {
  const n = x.shape[axis] as number;
  if (n === 0) return x;
  const part = slice(
    x,
    x.shape.map((_, d) => (d === axis && back ? 1 : 0)),
    x.shape.map((size, d) => (d === axis ? n - 1 : size)),
  );
  const zero = zeros(x.shape.map((size, d) => (d === axis ? 1 : size)));
  return concat(back ? [part, zero] : [zero, part], axis);
}

export const cumulativeRules: RulesOf<CumulativeOps> = {
  cumsum: one((g, _, __, attrs) => apply(cumulative.cumsum, [g], { ...attrs, reverse: !attrs.reverse })),
  // Of y[k] the factor x[i] takes part for k >= i: E[i], the product of what is before i, times
  // S[i] = g[i] + x[i + 1] S[i + 1]. No division, so that zeros do no harm. Exclusive: y[k] moves to k - 1.
  cumprod: one((g, factors, _, { axis, exclusive, reverse }) => {
    const x = cast(factors, 'float32');
    const before = apply(cumulative.cumprod, [x], { axis, reverse, exclusive: true });
    const terms = exclusive ? shifted(g, axis, !reverse) : g;
    const after = apply(cumulative.recurrence, [shifted(x, axis, !reverse), terms], { axis, reverse: !reverse });
    return mul(before, after);
  }),
  // S[i] = g[i] + a[i + 1] S[i + 1] is the gradient of b[i], and y[i - 1] times that of a[i].
  recurrence: (g, [a], y, { axis, reverse }) => {
    const sums = (): Tensor =>
      apply(cumulative.recurrence, [shifted(a as Tensor, axis, !reverse), g], { axis, reverse: !reverse });
    return [() => mul(sums(), shifted(y, axis, reverse)), sums];
  },
};

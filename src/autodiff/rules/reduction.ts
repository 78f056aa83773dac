/** Gradients of reductions. */

import { apply } from '../../ops/core/dispatch';
import type { AttrsOf, ReductionOps } from '../../ops/core/table';
import * as cumulative from '../../ops/descriptors/cumulative';
import { broadcastTo, cast, div, equal, mul, sub } from '../../ops/math/arithmetic';
import { softmax, sum } from '../../ops/math/reduce';
import { reshape, transpose } from '../../ops/shape/shaping';
import { sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { flat, type One, one, type RulesOf } from '../rule';

/** g, reduced along axes, back in the shape of x. */
const spread = (g: Tensor, x: Tensor, { axes }: AttrsOf<'sum'>): Tensor =>
  broadcastTo(
    reshape(
      g,
      x.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
    ),
    x.shape,
  );

/** The gradient goes to the extremes; equal ones share it. */
const toExtremes: One<AttrsOf<'max'>> = (g, x, y, attrs) => {
  const isExtreme = cast(equal(x, spread(y, x, attrs)), 'float32');
  return mul(isExtreme, spread(div(g, reshape(sum(isExtreme, attrs.axes), g.shape)), x, attrs));
};

export const reductionRules: RulesOf<ReductionOps> = {
  sum: one((g, x, _, attrs) => spread(g, x, attrs)),
  mean: one((g, x, _, attrs) => spread(div(g, sizeOf(attrs.axes.map((a) => x.shape[a] as number))), x, attrs)),
  prod: one((g, x, y, attrs) => prodGrad(g, x, y, attrs)),
  max: one(toExtremes),
  min: one(toExtremes),
  all: flat,
  any: flat,
  argMax: flat,
  argMin: flat,
  softmax: one((g, _, y) => mul(sub(g, sum(mul(g, y), -1, true)), y)),
  logSoftmax: one((g, x) => sub(g, mul(softmax(x), sum(g, -1, true)))),
};

/** g times the product of the elements in front and of those behind: no division, so that zeros do no harm. */
function prodGrad(g: Tensor, x: Tensor, _: Tensor, { axes }: AttrsOf<'prod'>): Tensor {
  const kept = x.shape.map((_d, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const n = sizeOf(axes.map((a) => x.shape[a] as number));
  const rows = sizeOf(kept.map((a) => x.shape[a] as number));
  const lines = reshape(transpose(cast(x, 'float32'), order), [rows, n]);
  const [before, after] = [false, true].map((reverse) =>
    apply(cumulative.cumprod, [lines], { axis: 1, exclusive: true, reverse }),
  ) as [Tensor, Tensor];
  const product = mul(mul(before, after), reshape(g, [rows, 1]));
  const sizes = order.map((o) => x.shape[o] as number);
  return transpose(
    reshape(product, sizes),
    order.map((_o, i) => order.indexOf(i)),
  );
}

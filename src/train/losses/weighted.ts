/** Weighted sums of losses as TensorFlow.js core has them: weights have any shape that broadcasts. */

import { type TensorLike, toTensor } from '../../ops/create/creation';
import { divNoNan, mul, notEqual } from '../../ops/math/arithmetic';
import { sum } from '../../ops/math/reduce';
import { show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';

/** How weighted losses become one number. */
export enum Reduction {
  /** Not at all. */
  NONE = 0,
  /** Their sum, divided by the sum of the weights. */
  MEAN = 1,
  /** Their sum. */
  SUM = 2,
  /** Their sum, divided by the number of weights that are not 0. */
  SUM_BY_NONZERO_WEIGHTS = 3,
}

/**
 * Losses times weights, reduced; 0 where nothing is weighed.
 *
 * @param losses of any shape.
 * @param weights broadcast with the losses; 1 by default.
 * @param reduction SUM_BY_NONZERO_WEIGHTS by default.
 * @throws ArgumentError for an unknown reduction; ShapeError for weights that do not broadcast
 * @example
 * sg.losses.computeWeightedLoss([1, 2, 3], [1, 0, 1]).dataSync(); // [2]
 */
export function computeWeightedLoss(
  losses: TensorLike,
  weights?: TensorLike | null,
  reduction?: Reduction | null,
): Tensor {
  const kind = reduction ?? Reduction.SUM_BY_NONZERO_WEIGHTS;
  if (typeof kind !== 'number' || !(kind in Reduction))
    throw new ArgumentError(`computeWeightedLoss: reduction must be one of sg.Reduction, got ${show(reduction)}`);
  return within('computeWeightedLoss', () =>
    tidy(() => {
      const values = toTensor(losses, 'computeWeightedLoss', 'losses');
      const factors = weights == null ? undefined : toTensor(weights, 'computeWeightedLoss', 'weights');
      const weighted = factors ? mul(values, factors) : values.alias();
      if (kind === Reduction.NONE) return weighted;
      const total = sum(weighted);
      if (kind === Reduction.SUM) return total;
      if (!factors?.size) return divNoNan(total, weighted.size);
      const counted = sum(kind === Reduction.MEAN ? factors : notEqual(factors, 0));
      // Each weight is for the same number of losses.
      return divNoNan(total, mul(counted, weighted.size / factors.size));
    }),
  );
}

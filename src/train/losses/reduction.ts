/** How the values of a loss become one number, with masks and the weights of examples. */
import { broadcastTo, cast, div, divNoNan, mul } from '../../ops/math/arithmetic';
import { mean, sum } from '../../ops/math/reduce';
import { reshape } from '../../ops/shape/shaping';
import type { Tensor } from '../../tensor/tensor';
import type { Addition } from '../totals/accumulator';
import { alignWeights } from './sample-weights';

/**
 * 'sumOverBatchSize' (or 'mean'): the sum divided by the number of values, or of those that the mask keeps;
 * 'meanWithSampleWeight': divided by the sum of their weights; 'sum': the sum; 'none': the weighted values themselves.
 */
export type LossReduction = 'sumOverBatchSize' | 'mean' | 'sum' | 'meanWithSampleWeight' | 'none';

/** How sums over a batch are taken of which only some examples are here. */
export interface Whole {
  /** The sum over all parts of the batch. */
  sum(x: Tensor): Tensor;
  /** As many as all parts of the batch have, where this one has `count`, as a scalar. */
  sizeOf(count: number): Tensor;
}

/** Masks that losses themselves have put on their values, as `ignoreClass` does. */
const masks = new WeakMap<Tensor, Tensor>();

/** The values, of which `reduceLoss` counts only those that the mask keeps. */
export function withMask(values: Tensor, mask: Tensor): Tensor {
  masks.set(values, mask);
  return values;
}

export const maskOf = (values: Tensor): Tensor | undefined => masks.get(values);

/** Factors of the values as float32. */
const placed = (what: string, factors: Tensor, values: Tensor): Tensor =>
  // A value for the whole batch counts once for each factor.
  values.rank === 0 ? cast(factors, 'float32') : alignWeights('loss', factors, values.shape, what);

const product = (factors: readonly Tensor[]): Tensor | undefined =>
  factors.length ? factors.reduce((a, b) => mul(a, b)) : undefined;

/** Factors of the values: sample weights, and masks (those of the loss, and of the model). */
function factorsOf(values: Tensor, weights: Tensor | undefined, mask: Tensor | undefined): Tensor[][] {
  // A value for the whole batch has no places to leave out.
  const all = values.rank === 0 ? [] : [maskOf(values), mask];
  return [
    all.flatMap((m) => (m ? [placed('mask', m, values)] : [])),
    weights ? [placed('sample weights', weights, values)] : [],
  ];
}

/**
 * The values of a batch reduced as Keras 3 does: weighted, and where a mask is 0 not counted.
 *
 * @param weights of examples or of their positions: the first dimensions of the values, or all; a dimension may be 1.
 * @param mask bool, as `weights`.
 * @param whole the batch that the values are a part of: the result is this part's share of the whole batch's then.
 * @returns a scalar, or for 'none' values * weights * mask
 * @throws ShapeError for weights or a mask of other shapes
 */
export function reduceLoss(
  values: Tensor,
  weights: Tensor | undefined,
  mask: Tensor | undefined,
  reduction: LossReduction = 'sumOverBatchSize',
  whole?: Whole,
): Tensor {
  const [kept, given] = factorsOf(values, weights, mask) as [Tensor[], Tensor[]];
  const factors = product([...kept, ...given]);
  const weighted = factors ? mul(values, factors) : values;
  if (reduction === 'none') return weighted;
  if (reduction === 'sum') return sum(weighted);
  const counted = reduction === 'meanWithSampleWeight' ? factors : product(kept);
  if (!counted && weighted.size > 0) return whole ? div(sum(weighted), whole.sizeOf(weighted.size)) : mean(weighted);
  if (!counted) return sum(weighted);
  const count = whole ? whole.sum(sum(counted)) : sum(counted);
  // Each factor is for the same number of values.
  return divNoNan(sum(weighted), mul(count, weighted.size / counted.size || 1));
}

/**
 * The part of a batch in the total of an epoch, whose mean is then the loss over all its examples. Sums, and values for
 * a whole batch, count by its examples.
 */
export function lossAddition(
  values: Tensor,
  weights: Tensor | undefined,
  mask: Tensor | undefined,
  reduction: LossReduction | undefined,
  rows: number,
): Addition {
  if (reduction === 'sum' || values.rank === 0)
    return { kind: 'sum', values: reshape(reduceLoss(values, weights, mask, reduction), [1]), scale: rows };
  const [kept, given] = factorsOf(values, weights, mask) as [Tensor[], Tensor[]];
  const byWeights = reduction === 'meanWithSampleWeight';
  const counted = product(byWeights ? [...kept, ...given] : kept);
  const flat = (t: Tensor): Tensor => reshape(t.size === values.size ? t : broadcastTo(t, values.shape), [-1]);
  return {
    kind: 'sum',
    values: flat(byWeights ? values : (product([values, ...given]) as Tensor)),
    weights: counted && flat(counted),
  };
}

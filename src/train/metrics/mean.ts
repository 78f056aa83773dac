/** Metrics that are means of a function's values, and totals of given values. */
import { cast, mul } from '../../ops/math/arithmetic';
import { reshape } from '../../ops/shape/shaping';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { maskOf } from '../losses/reduction';
import { spreadWeights } from '../losses/sample-weights';
import type { Addition, Total } from '../totals/accumulator';
import { type Direction, MadeMetric, Metric, type MetricDefinition } from './metric';

/** (targets, predictions) -> one value for each example, or for each of its positions. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** sum of weighted values / sum of weights; NaN of nothing. */
export const meanOf = (total: Total): number => (total[0] as number) / (total[1] as number);

/** Values as one column; one value for a whole batch counts for each of its examples. */
function column(name: string, values: Tensor, weights: Tensor | undefined, rows: number): Addition {
  const mask = maskOf(values);
  const given = weights && values.rank > 0 ? spreadWeights(name, weights, values.shape) : undefined;
  const kept = mask && spreadWeights(name, mask, values.shape);
  const factors = given && kept ? mul(given, kept) : (given ?? kept);
  return {
    kind: 'sum',
    values: reshape(cast(values, 'float32'), [-1]),
    weights: factors && reshape(factors, [-1]),
    scale: values.rank === 0 ? rows : 1,
  };
}

/** The mean of a function's values. @param byElement vectors hold an example in each element, not one in all */
export const meanRecipe = (
  name: string,
  fn: MetricFunction,
  byElement = false,
  value: (total: Total) => number = meanOf,
): MetricDefinition<number> => ({
  addition(yTrue, yPred, weights) {
    const areVectors = byElement && yTrue.rank === 1 && yPred.rank === 1;
    const [y, p] = [yTrue, yPred].map((t) => (areVectors ? reshape(t, [-1, 1]) : t)) as [Tensor, Tensor];
    return column(name, fn(y, p), weights, yPred.shape[0] ?? 1);
  },
  value,
});

/**
 * The mean of a function's values over all examples and positions.
 *
 * @example
 * class Bias extends sg.metrics.MeanMetric {
 *   constructor() {
 *     super('bias', (yTrue, yPred) => yPred.sub(yTrue));
 *   }
 * }
 */
export class MeanMetric extends MadeMetric<number> {
  constructor(name: string, fn: MetricFunction, className?: string, direction?: Direction) {
    super(name, meanRecipe(name, fn), {}, className, direction);
  }
}

/** The mean or the sum of values that are given as they are; no metric of targets and predictions. */
export class ValueMetric extends Metric {
  constructor(
    name: string,
    className: string,
    /** @internal */
    readonly finish: (total: Total) => number,
  ) {
    super(name, {}, className);
  }

  override addition(values: Tensor, weights?: Tensor): Addition {
    return column(this.name, values.rank ? values : reshape(values, [1]), weights, 1);
  }

  /** Adds values of any shape; weights have its first dimensions. */
  override updateState(values: Tensor, sampleWeight?: Tensor): void {
    checkTensor(values, this.name, 'values');
    if (sampleWeight !== undefined && sampleWeight !== null) checkTensor(sampleWeight, this.name, 'sampleWeight');
    this.addUp(values, (sampleWeight ?? undefined) as Tensor);
  }

  override value(total: Total): number {
    return this.finish(total);
  }
}

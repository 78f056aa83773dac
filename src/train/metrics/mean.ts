/** Metrics that are means of a function's values. */
import { cast } from '../../ops/arithmetic';
import { reshape } from '../../ops/shaping';
import type { Tensor } from '../../tensor/tensor';
import type { Addition, Total } from '../accumulator';
import { spreadWeights } from '../weights';
import { Metric } from './metric';

/** (targets, predictions) -> one value for each example, or for each of its positions. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** sum of weighted values / sum of weights; NaN of nothing. */
export const meanOf = (total: Total): number => (total[0] as number) / (total[1] as number);

/** The mean of a function's values over all examples and positions. */
export class MeanMetric extends Metric {
  constructor(
    name: string,
    readonly fn: MetricFunction,
    readonly config: Readonly<Record<string, unknown>> = {},
  ) {
    super(name);
  }

  override addition(yTrue: Tensor, yPred: Tensor, weights?: Tensor): Addition {
    const values = cast(this.fn(yTrue, yPred), 'float32');
    return {
      kind: 'sum',
      values: reshape(values, [-1]),
      weights: weights && reshape(spreadWeights(this.name, weights, values.shape), [-1]),
    };
  }

  override value(total: Total): number {
    return meanOf(total);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.config };
  }
}

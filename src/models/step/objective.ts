/** How outputs are trained. */
import type { LossFunction } from '../../train/losses';
import type { LossReduction } from '../../train/losses/reduction';
import type { Metric } from '../../train/metrics/metric';

/** A metric of an output. */
export interface Measured {
  readonly metric: Metric;
  readonly isWeighted: boolean;
}

/** How one output is trained. */
export interface Objective {
  /** Which of the model's outputs. */
  readonly output: number;
  readonly name: string;
  readonly loss: { readonly name: string; readonly fn: LossFunction; readonly reduction: LossReduction };
  readonly weight: number;
  readonly metrics: readonly Measured[];
}

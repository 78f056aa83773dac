/** The measurements of a step: the loss that is minimized, and the additions to the totals. */

import { collectLosses } from '../../layers/base/added-losses';
import type { Mask } from '../../layers/base/call';
import { withContext } from '../../layers/base/context';
import { add, mul } from '../../ops/math/arithmetic';
import { reshape } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { type LossReduction, lossAddition, reduceLoss } from '../../train/losses/reduction';
import { maskedWeights } from '../../train/losses/sample-weights';
import type { Addition } from '../../train/totals/accumulator';
import type { Batch } from '../feed/check';
import type { Model } from '../model';
import type { Objective } from './objective';
import type { Trackers } from './trackers';

/** The settings of the measurement, from `compile`. */
export interface Measure {
  readonly objectives: readonly Objective[];
  /** The trained weights, whose penalties count. */
  readonly trained: ReadonlySet<Variable>;
  readonly trainable: ReadonlyMap<object, boolean>;
}

/** The values of one objective's loss, and all that `reduceLoss` takes besides. */
export type LossValues = readonly [Tensor, Tensor | undefined, Mask, LossReduction];

/** What a model makes of the examples of a batch, before anything is reduced. */
export interface Observed {
  /** By objective. */
  readonly values: readonly LossValues[];
  /** Penalties on weights. */
  readonly penalties: readonly Tensor[];
  /** Losses that layers have added. */
  readonly added: readonly Tensor[];
  /** What the metrics add to their totals, in the order of the trackers. */
  readonly additions: () => Addition[];
}

/** Runs the model on a batch. @throws ArgumentError, ShapeError for losses that do not return values of the examples */
export function observe(
  model: Model,
  { objectives, trained, trainable }: Measure,
  { xs, ys, weights }: Batch,
  training: boolean,
): Observed {
  const { value, losses: added } = withContext({ trainable }, () => collectLosses(() => model.feed(xs, { training })));
  const rows = (xs[0] as Tensor).shape[0] as number;
  const values = objectives.map((o, i): LossValues => {
    const found = o.loss.fn(ys[i] as Tensor, value.outputs[o.output] as Tensor);
    if (!(found instanceof Tensor))
      throw new ArgumentError(`loss ${o.loss.name}: must give a tensor, got ${show(found)}`);
    if (found.rank > 0 && found.shape[0] !== rows)
      throw new ShapeError(
        `loss ${o.loss.name}: gave ${showShape(found.shape)} for ${rows} examples; it must be a value for each, or a scalar`,
      );
    return [found, weights[i], value.masks[o.output] ?? undefined, o.loss.reduction];
  });
  const additions = (): Addition[] =>
    objectives.flatMap((o, i) => {
      const prediction = value.outputs[o.output] as Tensor;
      return o.metrics.map(({ metric, isWeighted }) => {
        const counted = maskedWeights(isWeighted ? weights[i] : undefined, value.masks[o.output]);
        return metric.addition(ys[i] as Tensor, prediction, counted);
      });
    });
  return { values, penalties: model.lossesOf(trained), added, additions };
}

/**
 * Runs the model on a batch.
 * @returns the total loss, its parts by objective, and a function that adds the batch to the totals: called last, so that the planner need not
 * copy values that these effects overwrite.
 */
export function measure(
  model: Model,
  settings: Measure,
  batch: Batch,
  training: boolean,
): { total: Tensor; losses: readonly Tensor[]; track: (totals: Trackers) => void } {
  const { values, penalties: ofWeights, added, additions } = observe(model, settings, batch, training);
  const losses = values.map((v, i) => weighed(reduceLoss(...v), settings.objectives[i] as Objective));
  const penalties = [...ofWeights, ...added];
  const total = [...losses, ...penalties].reduce((a, b) => add(a, b));
  const track = (totals: Trackers): void => {
    const rows = (batch.xs[0] as Tensor).shape[0] as number;
    values.forEach((v, i) => {
      totals.losses[i]?.add(lossAddition(...v, rows));
    });
    if (penalties.length) totals.penalty.add(penaltyAddition(penalties, rows));
    additions().forEach((addition, k) => {
      totals.metrics[k]?.add(addition);
    });
  };
  return { total, losses, track };
}

/** A loss times the weight of its objective. */
export const weighed = (loss: Tensor, { weight }: Objective): Tensor => (weight === 1 ? loss : mul(loss, weight));

/** Penalties count by the examples of their batch. */
export const penaltyAddition = (penalties: readonly Tensor[], rows: number): Addition => ({
  kind: 'sum',
  values: reshape(
    penalties.reduce((a, b) => add(a, b)),
    [1],
  ),
  scale: rows,
});

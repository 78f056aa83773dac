/** The measurements of a step: the loss that is minimized, and the additions to the totals. */

import { collectLosses } from '../../layers/base/added-losses';
import { withContext } from '../../layers/base/context';
import { add, mul } from '../../ops/math/arithmetic';
import { reshape } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { lossAddition, reduceLoss } from '../../train/losses/reduction';
import { maskedWeights } from '../../train/losses/sample-weights';
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

/**
 * Runs the model on a batch.
 * @returns the total loss, its parts by objective, and a function that adds the batch to the totals: called last, so that the planner need not
 * copy values that these effects overwrite.
 */
export function measure(
  model: Model,
  { objectives, trained, trainable }: Measure,
  { xs, ys, weights }: Batch,
  training: boolean,
): { total: Tensor; losses: readonly Tensor[]; track: (totals: Trackers) => void } {
  const { value, losses: added } = withContext({ trainable }, () => collectLosses(() => model.feed(xs, { training })));
  const rows = (xs[0] as Tensor).shape[0] as number;
  const parts = objectives.map((o, i) => {
    const values = o.loss.fn(ys[i] as Tensor, value.outputs[o.output] as Tensor);
    if (!(values instanceof Tensor))
      throw new ArgumentError(`loss ${o.loss.name}: must give a tensor, got ${show(values)}`);
    if (values.rank > 0 && values.shape[0] !== rows)
      throw new ShapeError(
        `loss ${o.loss.name}: gave ${showShape(values.shape)} for ${rows} examples; it must be a value for each, or a scalar`,
      );
    return [values, weights[i], value.masks[o.output] ?? undefined, o.loss.reduction] as const;
  });
  const reduced = parts.map((p, i) => {
    const { weight } = objectives[i] as Objective;
    const loss = reduceLoss(...p);
    return weight === 1 ? loss : mul(loss, weight);
  });
  const penalties = [...model.lossesOf(trained), ...added];
  const total = [...reduced, ...penalties].reduce((a, b) => add(a, b));
  const track = (totals: Trackers): void => {
    parts.forEach((p, i) => {
      totals.losses[i]?.add(lossAddition(...p, rows));
    });
    if (penalties.length) {
      const penalty = penalties.reduce((a, b) => add(a, b));
      totals.penalty.add({ kind: 'sum', values: reshape(penalty, [1]), scale: rows });
    }
    const measured = objectives.flatMap((o, i) => o.metrics.map((m) => [o, i, m] as const));
    measured.forEach(([o, i, { metric, isWeighted }], k) => {
      const prediction = value.outputs[o.output] as Tensor;
      const counted = maskedWeights(isWeighted ? weights[i] : undefined, value.masks[o.output]);
      totals.metrics[k]?.add(metric.addition(ys[i] as Tensor, prediction, counted));
    });
  };
  return { total, losses: reduced, track };
}

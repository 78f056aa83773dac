/** The measurements of a chunk: its share of the loss, and what the whole batch adds to the totals. */
import { withContext } from '../../layers/base/context';
import type { Batch } from '../../models/feed/check';
import type { Model } from '../../models/model';
import { type LossValues, type Measure, observe, penaltyAddition, weighed } from '../../models/step/measure';
import type { Objective } from '../../models/step/objective';
import type { Trackers } from '../../models/step/trackers';
import { onesLike } from '../../ops/create/creation';
import { add, broadcastTo, cast, div, mul, square, sub } from '../../ops/math/arithmetic';
import { sum } from '../../ops/math/reduce';
import { reshape } from '../../ops/shape/shaping';
import type { Tensor } from '../../tensor/tensor';
import { lossAddition, reduceLoss } from '../../train/losses/reduction';
import type { Collectives } from './collectives';

/** Mean and variance over the whole batch. As of a batch that is not divided, but the sums go over the chunks. */
function momentsOf(
  all: Collectives,
  x: Tensor,
  axes: readonly number[],
  mask: Tensor | undefined,
): { mean: Tensor; variance: Tensor } {
  const total = (t: Tensor): Tensor => all.sum(sum(t, axes, true));
  const narrow = mask && reshape(cast(mask, 'float32'), [...mask.shape, ...Array(x.rank - mask.rank).fill(1)]);
  const seen = narrow && mul(narrow, onesLike(x));
  const shown = (t: Tensor): Tensor => (seen ? mul(seen, t) : t);
  const count = seen
    ? add(total(seen), 1e-7)
    : all.sizeOf(axes.reduce((size, axis) => size * (x.shape[axis] as number), 1));
  const mean = div(total(shown(x)), count);
  const variance = div(total(shown(square(sub(x, mean)))), count);
  const flat = (t: Tensor): Tensor => reshape(t, [t.size]);
  return { mean: flat(mean), variance: flat(variance) };
}

/** A value for the whole chunk as one for each of its examples. */
const spread = ([values, weights, mask, reduction]: LossValues, { count }: Collectives): LossValues =>
  values.rank === 0 && reduction !== 'sum'
    ? [broadcastTo(values, [count]), weights, undefined, reduction]
    : [values, weights, mask, reduction];

/** What a chunk measures. */
export interface Measured {
  /** The chunk's share of the loss: that of the batch is the sum of all shares. */
  readonly share: Tensor;
  /** The parts of the share by objective. */
  readonly losses: readonly Tensor[];
  /** Penalties that do not depend on examples; undefined if there are none. */
  readonly penalty: Tensor | undefined;
  readonly track: (totals: Trackers) => void;
}

const total = (list: readonly Tensor[]): Tensor => list.reduce((a, b) => add(a, b));

/** Runs the model on a chunk. @throws what the layers, losses and metrics throw */
export function measureChunk(
  model: Model,
  settings: Measure,
  batch: Batch,
  training: boolean,
  all: Collectives,
): Measured {
  const observed = withContext({ moments: (x, axes, mask) => momentsOf(all, x, axes, mask) }, () =>
    observe(model, settings, batch, training),
  );
  const values = observed.values.map((v) => spread(v, all));
  const losses = values.map((v, i) => {
    const loss = sum(reduceLoss(...v, all));
    return weighed(loss, settings.objectives[i] as Objective);
  });
  // What layers add is a mean over their examples, as the loss is: it counts by these.
  const shares = observed.added
    .filter((loss) => all.isLocal(loss))
    .map((loss) => div(mul(loss, all.count), all.sizeOf(all.count)));
  const penalties = [...observed.penalties, ...observed.added.filter((loss) => !all.isLocal(loss))];
  const track = (totals: Trackers): void => {
    values.forEach((v, i) => {
      totals.losses[i]?.add(additionOf(v, all, (settings.objectives[i] as Objective).name));
    });
    const added = [...penalties, ...shares.map((share) => all.sum(share))];
    if (added.length) totals.penalty.add(penaltyAddition(added, all.all));
    const metrics = settings.objectives.flatMap((o) => o.metrics);
    observed.additions().forEach((addition, k) => {
      totals.metrics[k]?.add(all.addition(addition, `metric ${metrics[k]?.metric.name}`));
    });
  };
  return {
    share: total([...losses, ...shares]),
    losses,
    penalty: penalties.length ? total(penalties) : undefined,
    track,
  };
}

/** What the batch adds to the total of a loss. */
function additionOf(values: LossValues, all: Collectives, name: string): ReturnType<typeof lossAddition> {
  const [of, weights, mask, reduction] = values;
  if (reduction !== 'sum')
    return all.addition(lossAddition(of, weights, mask, reduction, all.count), `the loss of ${name}`);
  return { kind: 'sum', values: reshape(all.sum(reduceLoss(of, weights, mask, reduction)), [1]), scale: all.all };
}

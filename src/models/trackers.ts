/** Running totals of losses and metrics over an epoch. */
import { ArgumentError } from '../runtime/errors';
import { Accumulator, type Total } from '../train/accumulator';
import type { Logs } from '../train/callbacks';
import type { Objective } from './objective';

/** Where totals stood. */
export type Mark = readonly (Total | number)[];

/** The mean of what was added: sum / sum of weights. */
const mean = (total: Total): number => (total.length ? (total[0] as number) / (total[1] as number) : 0);

/**
 * Totals behind all values that training, or testing, reports. They are kept in f64, example by example: a value over
 * a data set has the same bits whatever the batches were.
 */
export class Trackers {
  /** Loss of each objective. */
  readonly losses: readonly Accumulator[];
  /** What regularizers and layers add to the loss, by the examples of each batch. */
  readonly penalty = new Accumulator();
  /** All metrics, objective by objective. */
  readonly metrics: readonly Accumulator[];
  readonly #all: readonly Accumulator[];

  /** @param names of the values: the total loss, those of the outputs if there are several, metrics. */
  constructor(
    readonly objectives: readonly Objective[],
    readonly names: readonly string[],
  ) {
    this.losses = objectives.map(() => new Accumulator());
    this.metrics = objectives.flatMap((o) => o.metrics.map(() => new Accumulator()));
    this.#all = [...this.losses, this.penalty, ...this.metrics];
  }

  reset(): void {
    for (const a of this.#all) a.reset();
  }

  /** Where the totals stand, for `values` of what comes after. */
  mark(): Mark {
    return this.#all.map((a) => a.rows || a.read());
  }

  /**
   * A value for each name.
   * @param since counts only what was added after this mark.
   */
  values(since?: Mark): number[] {
    const totals = this.#all.map((a, i) => difference(a, since?.[i]));
    const { objectives } = this;
    const losses = objectives.map((_, i) => mean(totals[i] as Total));
    const total = objectives.reduce((sum, { weight }, i) => sum + weight * (losses[i] as number), 0);
    const metrics = objectives.flatMap((o) => o.metrics);
    const first = objectives.length + 1;
    const isSingle = this.names.length === 1 + metrics.length;
    return [
      total + mean(totals[first - 1] as Total),
      ...(isSingle ? [] : losses),
      ...metrics.map(({ metric }, i) => metric.value(totals[first + i] as Total, this.metrics[i]?.width ?? 0)),
    ];
  }

  logs(since?: Mark): Logs {
    const values = this.values(since);
    return Object.fromEntries(this.names.map((name, i) => [name, values[i] as number]));
  }

  /** Everything, for going on later. */
  save(): Total[] {
    return this.#all.map((a) => a.read());
  }

  /** @throws ArgumentError for totals of other losses and metrics */
  check(totals: readonly Total[]): void {
    const wrong = totals.length === this.#all.length ? this.#all.findIndex((a, i) => !a.fits(totals[i] as Total)) : 0;
    if (wrong >= 0) throw new ArgumentError('restoreTraining: the saved totals are of other losses or metrics');
  }

  restore(totals: readonly Total[]): void {
    this.#all.forEach((a, i) => {
      a.write(totals[i] as Total);
    });
  }

  dispose(): void {
    for (const a of this.#all) a.dispose();
  }
}

function difference(a: Accumulator, mark: Total | number | undefined): Total {
  if (typeof mark === 'number') return a.read(mark);
  const now = a.read();
  return mark?.length && a.rows === 0 ? now.map((v, i) => v - (mark[i] as number)) : now;
}

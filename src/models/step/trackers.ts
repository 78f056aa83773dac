/** Running totals of losses and metrics over an epoch. */
import { ArgumentError } from '../../support/errors';
import type { Logs } from '../../train/callbacks';
import { Accumulator, type Total } from '../../train/totals/accumulator';
import type { TrainingState } from '../../train/totals/state';
import type { Objective } from './objective';

/** A point in the totals. */
export type Mark = readonly (Total | number)[];

/** The mean: sum / sum of weights; 0 where nothing counts, as the loss of such a batch is. */
const mean = ([sum = 0, weights = 0]: Total): number => (sum === 0 && weights === 0 ? 0 : sum / weights);

/** A user of totals among others: an evaluation that lets the event loop run in between. */
export interface Holder {
  /** Its values, kept while another caller uses the totals. */
  saved?: Total[] | undefined;
}

/**
 * Totals behind all values that training, or testing, reports. They are kept in f64, example by example: a value over
 * a data set has the same bits whatever the batches were.
 */
export class Trackers {
  /** Loss of each objective. */
  readonly losses: readonly Accumulator[];
  /** Losses added by regularizers and layers, weighted by the examples of each batch. */
  readonly penalty = new Accumulator();
  /** All metrics, objective by objective. */
  readonly metrics: readonly Accumulator[];
  readonly #all: readonly Accumulator[];
  #holder: Holder | undefined;

  /** @param names of the values: the total loss, those of the outputs if there are several, metrics. */
  constructor(
    readonly objectives: readonly Objective[],
    readonly names: readonly string[],
  ) {
    this.losses = objectives.map(() => new Accumulator());
    this.metrics = objectives.flatMap((o) => o.metrics.map(() => new Accumulator()));
    this.#all = [...this.losses, this.penalty, ...this.metrics];
  }

  /** Whether the losses are finite numbers; nothing is allocated. */
  get isFinite(): boolean {
    for (const a of this.losses) if (!a.isFinite) return false;
    return true;
  }

  reset(): void {
    for (const a of this.#all) a.reset();
  }

  /** Gives the totals to a holder: empty at first, later with the values that it had. */
  claim(holder: Holder): void {
    if (this.#holder === holder) return;
    if (this.#holder) this.#holder.saved = this.save();
    this.#holder = holder;
    if (holder.saved) this.restore(holder.saved);
    else this.reset();
  }

  /** A holder needs them no more. */
  release(holder: Holder): void {
    if (this.#holder === holder) this.#holder = undefined;
  }

  /** Runs fn on totals that begin at zero; the values from before are restored when they are needed. */
  apart<T>(fn: () => T): T {
    const before = this.#holder && this.save();
    this.reset();
    try {
      return fn();
    } finally {
      if (before) this.restore(before);
    }
  }

  /** Marks the present state of the totals, for `values` of later additions. */
  mark(): Mark {
    return this.#all.map((a) => a.rows || a.read());
  }

  /**
   * A value for each name.
   * @param since counts only additions after this mark.
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
    return this.named(this.values(since));
  }

  /** Values by their names. */
  named(values: readonly number[]): Logs {
    return Object.fromEntries(this.names.map((name, i) => [name, values[i] as number]));
  }

  /** Everything, for continuing later. */
  save(): Total[] {
    return this.#all.map((a) => a.read());
  }

  state(): Pick<TrainingState, 'names' | 'totals'> {
    return { names: [...this.names], totals: this.save() };
  }

  /** @throws ArgumentError for totals of other losses and metrics */
  check({ names, totals }: Pick<TrainingState, 'names' | 'totals'>): void {
    const isSame = names.join() === this.names.join() && totals.length === this.#all.length;
    if (!isSame || !this.#all.every((a, i) => a.fits(totals[i] as Total)))
      throw new ArgumentError(
        `restoreTraining: the saved totals are of other losses or metrics (${names.join(', ')}; the model has ${this.names.join(', ')})`,
      );
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

/** Callbacks that set the learning rate. */
import { show } from '../../support/arguments';
import { ArgumentError, StateError } from '../../support/errors';
import * as is from '../../support/settings';
import type { CallbackState } from '../totals/state';
import { Callback, type CallbackTarget, type Logs } from './callback';
import { MONITOR, Monitor, type MonitorArgs } from './monitor';

/** The learning rate of an epoch (counted from 0), given the one before. */
export type RateSchedule = (epoch: number, rate: number) => number;

/** @throws StateError if the rate follows a schedule, so that no callback can set it */
function checkRate(where: string, { optimizer }: CallbackTarget): void {
  if (typeof optimizer.getConfig().learningRate !== 'number')
    throw new StateError(`${where}: the optimizer's learning rate follows a schedule; give it a number instead`);
}

/** Sets the learning rate before each epoch, and adds it to the logs as `learningRate`. */
export class LearningRateScheduler extends Callback {
  /** The epoch that began last, and the rate before it. */
  #epoch = -1;
  #before = 0;

  /** @throws ArgumentError */
  constructor(
    /** Returns the rate of an epoch. */
    readonly schedule: RateSchedule,
    /** Whether each rate is printed. */
    readonly verbose: number | boolean = 0,
  ) {
    super();
    if (typeof schedule !== 'function')
      throw new ArgumentError(
        `learningRateScheduler: the schedule must be a function (epoch, rate) => rate, got ${typeof schedule}`,
      );
  }

  override onTrainBegin(): void {
    checkRate('learningRateScheduler', this.model as CallbackTarget);
    this.#epoch = -1;
  }

  override state(): CallbackState {
    return { kind: 'learningRateScheduler', values: { epoch: this.#epoch, before: this.#before }, weights: [] };
  }

  override restoreState({ values }: CallbackState): void {
    this.#epoch = values.epoch ?? -1;
    this.#before = values.before ?? 0;
  }

  override onEpochBegin(epoch: number): void {
    const { optimizer } = this.model as CallbackTarget;
    // An epoch continued in its middle gets its rate from the same rate before.
    if (epoch !== this.#epoch) this.#before = optimizer.learningRate;
    this.#epoch = epoch;
    const rate = this.schedule(epoch, this.#before);
    if (typeof rate !== 'number' || !Number.isFinite(rate) || rate < 0)
      throw new ArgumentError(
        `learningRateScheduler: the schedule must give a finite number >= 0, got ${show(rate)} for epoch ${epoch}`,
      );
    optimizer.learningRate = rate;
    if (this.verbose) console.log(`epoch ${epoch + 1}: learning rate ${rate}`);
  }

  override onEpochEnd(_epoch: number, logs: Logs = {}): void {
    logs.learningRate = (this.model as CallbackTarget).optimizer.learningRate;
  }
}

/** Settings of `reduceLROnPlateau`. */
export interface ReduceLROnPlateauArgs extends MonitorArgs {
  /** Factor of the learning rate, in [0, 1); default 0.1. */
  factor?: number;
  /** Epochs after a reduction that are not counted; default 0. */
  cooldown?: number;
  /** Smallest learning rate; default 0. */
  minLr?: number;
}

const SETTINGS = {
  ...MONITOR,
  minDelta: is.real(1e-4),
  patience: is.natural(10),
  factor: is.share(0.1),
  cooldown: is.natural(0),
  minLr: is.amount(0),
} satisfies is.TableOf<ReduceLROnPlateauArgs>;

/** Lowers the learning rate when a value stops improving. */
export class ReduceLROnPlateau extends Callback {
  readonly #settings: is.Values<typeof SETTINGS>;
  #monitor: Monitor;
  #wait = 0;
  #rest = 0;

  /** @throws ArgumentError */
  constructor(args?: ReduceLROnPlateauArgs | null) {
    super();
    this.#settings = is.checked('reduceLROnPlateau', SETTINGS, args);
    this.#monitor = new Monitor('reduceLROnPlateau', this.#settings);
  }

  override onTrainBegin(): void {
    checkRate('reduceLROnPlateau', this.model as CallbackTarget);
    this.#monitor = new Monitor('reduceLROnPlateau', this.#settings);
    this.#monitor.begin(this.model);
    this.#wait = this.#rest = 0;
  }

  override state(): CallbackState {
    const { best } = this.#monitor;
    const values = { wait: this.#wait, rest: this.#rest, ...(best !== undefined && { best }) };
    return { kind: `reduceLROnPlateau ${this.#monitor.key}`, values, weights: [] };
  }

  override restoreState({ values }: CallbackState): void {
    this.#monitor.best = values.best;
    this.#wait = values.wait ?? 0;
    this.#rest = values.rest ?? 0;
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const { optimizer } = this.model as CallbackTarget;
    const { patience, minLr, factor, cooldown, verbose } = this.#settings;
    const rate = optimizer.learningRate;
    logs.learningRate = rate;
    const value = this.#monitor.read(epoch, logs, this.params);
    if (value === undefined) return;
    if (this.#rest > 0) {
      this.#rest--;
      this.#wait = 0;
    }
    if (this.#monitor.improves(value)) {
      this.#wait = 0;
      return;
    }
    // Keras: the epoch that ends the rest counts again.
    if (this.#rest > 0 || ++this.#wait < patience || rate <= minLr) return;
    const lower = Math.max(rate * factor, minLr);
    optimizer.learningRate = lower;
    this.#rest = cooldown;
    this.#wait = 0;
    if (verbose) console.log(`epoch ${epoch + 1}: learning rate ${lower}`);
  }
}

/** Callbacks that end a training. */
import { tensor } from '../../ops/create/creation';
import * as is from '../../support/settings';
import { dispose } from '../../tensor/lifetime';
import { untracked } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import type { CallbackState } from '../totals/state';
import { Callback, type Logs } from './callback';
import { MONITOR, Monitor, type MonitorArgs } from './monitor';

/** Settings of `earlyStopping`. */
export interface EarlyStoppingArgs extends MonitorArgs {
  /** A value that must be improved on within `patience` epochs; none by default. */
  baseline?: number;
  /** Whether the model ends with the weights of the best epoch; default false. */
  restoreBestWeights?: boolean;
  /** First epoch that is watched; default 0. */
  startFromEpoch?: number;
}

const SETTINGS = {
  ...MONITOR,
  baseline: is.real(),
  restoreBestWeights: is.flag(false),
  startFromEpoch: is.natural(0),
} satisfies is.TableOf<EarlyStoppingArgs>;

/** Ends a training when a value stops improving. */
export class EarlyStopping extends Callback {
  /** Epoch after which the training was ended; 0 if it was not. */
  stoppedEpoch = 0;
  /** Epoch of the best value. */
  bestEpoch = 0;
  readonly #settings: is.Values<typeof SETTINGS>;
  #monitor: Monitor;
  #wait = 0;
  #isOver = false;
  #weights: Tensor[] | undefined;

  /** @throws ArgumentError */
  constructor(args?: EarlyStoppingArgs | null) {
    super();
    this.#settings = is.checked('earlyStopping', SETTINGS, args);
    this.#monitor = new Monitor('earlyStopping', this.#settings);
  }

  /** The best value so far. */
  get best(): number | undefined {
    return this.#monitor.best;
  }

  override onTrainBegin(): void {
    this.#monitor = new Monitor('earlyStopping', this.#settings);
    this.#monitor.begin(this.model);
    this.stoppedEpoch = this.bestEpoch = this.#wait = 0;
    this.#isOver = false;
    this.letGo();
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const { baseline, startFromEpoch, patience, restoreBestWeights } = this.#settings;
    const value = this.#monitor.read(epoch, logs, this.params);
    if (value === undefined || epoch < startFromEpoch) return;
    this.#wait++;
    const isFirst = restoreBestWeights && !this.#weights;
    const improves = this.#monitor.improves(value);
    if (improves || isFirst) this.#keep(epoch);
    if (improves && (baseline === undefined || this.#monitor.isBetter(value, baseline))) this.#wait = 0;
    if (this.#wait < Math.max(1, patience) || !this.model) return;
    this.stoppedEpoch = epoch;
    this.#isOver = true;
    this.model.stopTraining = true;
  }

  override onTrainEnd(): void {
    if (this.#settings.verbose && this.stoppedEpoch) console.log(`epoch ${this.stoppedEpoch + 1}: early stopping`);
    if (this.#weights) this.model?.setWeights(this.#weights);
    this.letGo();
  }

  override state(): CallbackState {
    const { best } = this;
    const values = { wait: this.#wait, bestEpoch: this.bestEpoch, stoppedEpoch: this.stoppedEpoch };
    return {
      kind: `earlyStopping ${this.#monitor.key}`,
      values: { ...values, isOver: this.#isOver ? 1 : 0, ...(best !== undefined && { best }) },
      weights: (this.#weights ?? []).map((t, i) => ({ name: String(i), shape: t.shape, values: t.dataSync() })),
    };
  }

  override restoreState({ values, weights }: CallbackState): void {
    const { wait = 0, bestEpoch = 0, stoppedEpoch = 0, isOver, best } = values;
    this.letGo();
    this.#monitor.best = best;
    this.#wait = wait;
    this.bestEpoch = bestEpoch;
    this.stoppedEpoch = stoppedEpoch;
    this.#isOver = isOver === 1;
    if (weights.length) this.#weights = untracked(() => weights.map((w) => tensor(w.values, w.shape)));
    if (this.#isOver && this.model) this.model.stopTraining = true;
  }

  override letGo(): void {
    if (this.#weights) dispose(this.#weights);
    this.#weights = undefined;
  }

  #keep(epoch: number): void {
    this.bestEpoch = epoch;
    if (!this.#settings.restoreBestWeights) return;
    this.letGo();
    this.#weights = untracked(() => this.model?.getWeights());
  }
}

/** Ends a training whose loss is no longer finite. */
export class TerminateOnNaN extends Callback {
  override onBatchEnd(_batch: number, { loss = 0 }: Logs = {}): void {
    if (this.model && !Number.isFinite(loss)) this.model.stopTraining = true;
  }
}

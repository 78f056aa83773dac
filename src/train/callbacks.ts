/** What happens beside the training: callbacks, the history, the console. */

/** Values of a batch or an epoch: `loss`, metrics, and with `val_` those of the validation data. */
export type Logs = Record<string, number>;

/** The part of a model that callbacks may use. */
export interface CallbackTarget {
  /** Ends the training after the present batch. */
  stopTraining: boolean;
}

/** Functions that `fit` calls; promises are awaited. */
export interface CallbackArgs {
  setModel?(model: CallbackTarget): void;
  setParams?(params: Readonly<Record<string, unknown>>): void;
  onTrainBegin?(logs?: Logs): void | Promise<void>;
  onTrainEnd?(logs?: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number, logs?: Logs): void | Promise<void>;
  onEpochEnd?(epoch: number, logs?: Logs): void | Promise<void>;
  onBatchBegin?(batch: number, logs?: Logs): void | Promise<void>;
  onBatchEnd?(batch: number, logs?: Logs): void | Promise<void>;
  /** Called each time `fit` lets the event loop run. */
  onYield?(epoch: number, batch: number, logs: Logs): void | Promise<void>;
}

/** Base for callbacks with state of their own; a subclass gives any of the functions of `CallbackArgs`. */
export abstract class Callback {
  model: CallbackTarget | undefined;
  /** Settings of the training: epochs, batch size, batches in an epoch. */
  params: Readonly<Record<string, unknown>> = {};

  setModel(model: CallbackTarget): void {
    this.model = model;
  }

  setParams(params: Readonly<Record<string, unknown>>): void {
    this.params = params;
  }
}

/** What `fit` returns: the logs of all epochs. */
export class History extends Callback {
  /** Numbers of the epochs. */
  readonly epoch: number[] = [];
  /** For each key of the logs its values, epoch by epoch. */
  readonly history: Record<string, number[]> = {};

  onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.epoch.push(epoch);
    for (const [key, value] of Object.entries(logs)) {
      const values = this.history[key] ?? [];
      this.history[key] = values;
      values.push(value);
    }
  }
}

/** Calls a list of callbacks in turn. */
export class CallbackList {
  constructor(readonly callbacks: readonly CallbackArgs[]) {}

  /** True if nobody listens to batches, so that `fit` need not stop for them. */
  get ignoresBatches(): boolean {
    return this.callbacks.every((c) => !c.onBatchBegin && !c.onBatchEnd);
  }

  async each(call: (c: CallbackArgs) => void | Promise<void> | undefined): Promise<void> {
    for (const c of this.callbacks) {
      const pending = call(c);
      if (pending) await pending;
    }
  }
}

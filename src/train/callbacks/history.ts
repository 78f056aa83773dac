/** What a training leaves behind. */
import { Callback, type Logs } from './callback';

/** Values by key, epoch by epoch; `loss` is always there. */
export type EpochLogs = Record<string, number[]> & { loss: number[] };

/** What `fit` returns: the logs of all epochs. */
export class History extends Callback {
  /** Numbers of the epochs. */
  readonly epoch: number[] = [];
  /** The values of each key of the logs, epoch by epoch: `loss`, metrics, and with `val_` those of the validation data. */
  readonly history: EpochLogs = { loss: [] };

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.epoch.push(epoch);
    for (const [key, value] of Object.entries(logs)) {
      const values = this.history[key] ?? [];
      this.history[key] = values;
      values.push(value);
    }
  }
}

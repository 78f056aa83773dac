/** What a training leaves behind. */
import { Callback, type Logs } from './callback';

/** What `fit` returns: the logs of all epochs. */
export class History extends Callback {
  /** Numbers of the epochs. */
  readonly epoch: number[] = [];
  /** The values of each key of the logs, epoch by epoch. */
  readonly history: Record<string, number[]> = {};

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.epoch.push(epoch);
    for (const [key, value] of Object.entries(logs)) {
      const values = this.history[key] ?? [];
      this.history[key] = values;
      values.push(value);
    }
  }
}

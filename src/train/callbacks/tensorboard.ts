/** Logs, weights and the model for TensorBoard. */

import { File } from '../../runtime/files';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { flatLayers } from '../diagnosis/probe';
import { Callback, type CallbackTarget, type Logs } from './callback';
import type { Sink } from './csv';
import { type EventEncoder, loadEncoder, type Summary } from './events';
import { histogramOf } from './histogram';

/** Settings of `tensorBoard`. */
export interface TensorBoardArgs {
  /** When values of batches are written: 'epoch' (default) never, 'batch' each, a number every so many batches. */
  updateFreq?: 'epoch' | 'batch' | number;
  /** Epochs between distributions of all weights; default 0: none. */
  histogramFreq?: number;
  /** Whether the summary of the model is written as text; default true. */
  writeGraph?: boolean;
  /** Whether the number of steps per second is written; default false. */
  writeStepsPerSecond?: boolean;
}

const SETTINGS = {
  updateFreq: is.given<'epoch' | 'batch' | number>(
    "'epoch', 'batch' or a positive integer",
    (v) => v === 'epoch' || v === 'batch' || is.count().fits(v),
    'epoch',
  ),
  histogramFreq: is.natural(0),
  writeGraph: is.flag(true),
  writeStepsPerSecond: is.flag(false),
} satisfies is.TableOf<TensorBoardArgs>;

type Run = 'train' | 'validation';

/** Bytes that are held back at most until the next epoch ends. */
const FLUSH_AT = 1 << 16;

/** The event file of one run, in its own directory. */
class EventFile {
  readonly #pending: Uint8Array[];
  readonly #send: (bytes: Uint8Array) => void | Promise<void>;
  #bytes = 0;
  #directory: File | undefined;

  constructor(
    target: string | Sink<Uint8Array>,
    readonly run: Run,
    readonly encode: EventEncoder,
  ) {
    const now = Date.now();
    // TensorBoard reads files in the order of their names, and knows them by 'tfevents'.
    const name = `${run}/events.out.tfevents.${String(Math.floor(now / 1000)).padStart(10, '0')}.${now % 1000}.samegrad`;
    this.#pending = [encode({ wallTime: now / 1000, fileVersion: 'brain.Event:2' })];
    if (typeof target === 'string') {
      const instead = 'pass a function that takes the bytes';
      this.#directory = new File(`${target}/${run}`, 'tensorBoard', instead);
      const file = new File(`${target}/${name}`, 'tensorBoard', instead);
      this.#send = (bytes) => file.append(bytes);
    } else this.#send = (bytes) => target(bytes, name);
  }

  async add(step: number, summaries: readonly Summary[]): Promise<void> {
    const record = this.encode({ wallTime: Date.now() / 1000, step, summaries });
    this.#pending.push(record);
    this.#bytes += record.length;
    if (this.#bytes > FLUSH_AT) await this.flush();
  }

  async flush(): Promise<void> {
    const records = this.#pending.splice(0);
    if (records.length === 0) return;
    this.#bytes = 0;
    await this.#directory?.makeDirectory();
    this.#directory = undefined;
    const all = new Uint8Array(records.reduce((sum, r) => sum + r.length, 0));
    let at = 0;
    for (const r of records) {
      all.set(r, at);
      at += r.length;
    }
    await this.#send(all);
  }
}

/** Writes files for TensorBoard: `train` and `validation` are separate runs, as in Keras. */
export class TensorBoard extends Callback {
  readonly #target: string | Sink<Uint8Array>;
  readonly #every: number;
  readonly #settings: is.Values<typeof SETTINGS>;
  readonly #files: Partial<Record<Run, EventFile>> = {};
  #isTraining = false;
  #start = { time: 0, step: 0 };
  #last = { time: 0, step: 0 };

  /** @throws ArgumentError */
  constructor(target: string | Sink<Uint8Array> = 'logs', args?: TensorBoardArgs | null) {
    super();
    const where = 'tensorBoard';
    const settings = is.checked(where, SETTINGS, args);
    if (typeof target !== 'string' && typeof target !== 'function')
      throw new ArgumentError(`${where}: needs a directory, or a function that takes bytes, got ${typeof target}`);
    this.#target = target;
    this.#settings = settings;
    const { updateFreq } = settings;
    this.#every = updateFreq === 'epoch' ? 0 : updateFreq === 'batch' ? 1 : updateFreq;
    // Only where values of batches are wanted, so that `fit` need not stop for them.
    if (this.#every) this.onBatchEnd = (_, logs) => this.#batch(logs);
  }

  override async onTrainBegin(): Promise<void> {
    this.#isTraining = true;
    delete this.#files.train;
    delete this.#files.validation;
    this.#last = this.#now();
    if (!this.#settings.writeGraph) return;
    const lines: string[] = [];
    this.#model.summary(undefined, undefined, (line) => lines.push(line));
    // Indented text is code in Markdown.
    await this.#write('train', 0, [{ tag: 'model', value: lines.map((l) => `    ${l}`).join('\n') }]);
  }

  override onEpochBegin(): void {
    this.#start = this.#now();
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const train: Logs = { learningRate: this.#model.optimizer.learningRate };
    const validation: Logs = {};
    for (const [key, value] of Object.entries(logs)) {
      if (key.startsWith('val_')) validation[key.slice(4)] = value;
      else train[key] = value;
    }
    if (this.#settings.writeStepsPerSecond) train.steps_per_second = this.#rate(this.#start);
    await this.#scalars('train', epoch, 'epoch_', train);
    await this.#scalars('validation', epoch, 'epoch_', validation);
    if (this.#settings.histogramFreq && epoch % this.#settings.histogramFreq === 0) await this.#weights(epoch);
    await this.#flush();
  }

  /** Values of an evaluation, over the steps made so far. In a training the end of the epoch writes them. */
  async onTestEnd(logs: Logs = {}): Promise<void> {
    const named = Object.fromEntries(Object.entries(logs).map(([key, value]) => [`${key}_vs_iterations`, value]));
    await this.#scalars('validation', this.#model.optimizer.iterations, 'evaluation_', named);
    if (!this.#isTraining) await this.#flush();
  }

  override onTrainEnd(): Promise<void> {
    return this.#flush();
  }

  override letGo(): void {
    this.#isTraining = false;
  }

  async #batch(logs: Logs = {}): Promise<void> {
    const step = this.#model.optimizer.iterations;
    if (step % this.#every !== 0) return;
    const { batch: _, size: __, ...values } = logs;
    if (this.#settings.writeStepsPerSecond) values.steps_per_second = this.#rate(this.#last);
    this.#last = this.#now();
    await this.#scalars('train', step, 'batch_', values);
  }

  /** Values that are no numbers are left out of a histogram, and counted beside it. */
  async #weights(epoch: number): Promise<void> {
    const summaries = flatLayers(this.#model.layers).flatMap(({ weights }) =>
      weights.flatMap((w): Summary[] => {
        const values = w.dataSync();
        const histogram = histogramOf(values);
        const lost = values.length - (histogram?.count ?? 0);
        return [
          ...(histogram ? [{ tag: `${w.name}/histogram`, value: histogram }] : []),
          ...(lost ? [{ tag: `${w.name}/not_finite`, value: lost }] : []),
        ];
      }),
    );
    await this.#write('train', epoch, summaries);
  }

  #scalars(run: Run, step: number, prefix: string, logs: Logs): Promise<void> {
    return this.#write(
      run,
      step,
      Object.entries(logs).map(([key, value]) => ({ tag: prefix + key, value })),
    );
  }

  async #write(run: Run, step: number, summaries: readonly Summary[]): Promise<void> {
    if (summaries.length === 0) return;
    this.#files[run] ??= new EventFile(this.#target, run, await loadEncoder('tensorBoard'));
    await this.#files[run]?.add(step, summaries);
  }

  async #flush(): Promise<void> {
    for (const file of Object.values(this.#files)) await file.flush();
  }

  get #model(): CallbackTarget {
    return this.model as CallbackTarget;
  }

  #now(): { time: number; step: number } {
    return { time: performance.now(), step: this.#model.optimizer.iterations };
  }

  /** Steps in a second since then. */
  #rate({ time, step }: { time: number; step: number }): number {
    const now = this.#now();
    return ((now.step - step) * 1000) / Math.max(now.time - time, 1e-3);
  }
}

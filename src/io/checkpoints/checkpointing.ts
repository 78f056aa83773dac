/** Callbacks that keep trainings in files: the best model, and the way back after an interruption. */

import { File } from '../../runtime/files';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { Callback, type CallbackArgs, type Logs } from '../../train/callbacks';
import type { Sink } from '../../train/callbacks/csv';
import { MONITOR, Monitor, type MonitorArgs } from '../../train/callbacks/monitor';
import type { CallbackState } from '../../train/totals/state';
import { decodeBackup, encodeBackup, encodeTraining, ofFile } from './checkpoint';
import { pathOf } from './paths';

/** 'epoch', or a number of batches. */
export type SaveFrequency = 'epoch' | number;

/** Settings of `modelCheckpoint`. */
export interface ModelCheckpointArgs extends Omit<MonitorArgs, 'patience' | 'minDelta'> {
  /** Whether only improvements are saved; default false. */
  saveBestOnly?: boolean;
  /** Whether to omit what only continuing a training needs (optimizer, counters); default false. */
  saveWeightsOnly?: boolean;
  /** 'epoch' (default): after each epoch; a number: after so many batches. */
  saveFreq?: SaveFrequency;
  /** A value that the first save must improve on; none by default. */
  initialValueThreshold?: number;
}

const saveFreq = is.given<SaveFrequency>(
  "'epoch' or a positive integer",
  (v) => v === 'epoch' || is.count().fits(v),
  'epoch',
);
const CHECKPOINT = {
  monitor: MONITOR.monitor,
  mode: MONITOR.mode,
  verbose: MONITOR.verbose,
  saveBestOnly: is.flag(false),
  saveWeightsOnly: is.flag(false),
  saveFreq,
  initialValueThreshold: is.real(),
} satisfies is.TableOf<ModelCheckpointArgs>;
const BACKUP = { saveFreq, deleteCheckpoint: is.flag(true) } satisfies is.TableOf<BackupAndRestoreArgs>;

/** Counts batches up to a save. */
class Beat {
  /** Since the training began. */
  batches = 0;

  constructor(readonly frequency: SaveFrequency) {}

  reset(): void {
    this.batches = 0;
  }

  /** Whether a save is due after this batch. */
  isDue(): boolean {
    return this.frequency !== 'epoch' && ++this.batches % this.frequency === 0;
  }
}

/** Saves the model as it improves, or after each epoch. */
export class ModelCheckpoint extends Callback {
  readonly #settings: is.Values<typeof CHECKPOINT>;
  readonly #monitor: Monitor;
  readonly #beat: Beat;
  readonly #pathOf: ReturnType<typeof pathOf>;
  #epoch = 0;
  #hasWarned = false;

  /** @throws ArgumentError */
  constructor(
    /** Path, or function that receives the bytes. */
    readonly target: string | Sink<Uint8Array>,
    args?: ModelCheckpointArgs | null,
  ) {
    super();
    if (typeof target !== 'function' && (typeof target !== 'string' || !target))
      throw new ArgumentError('modelCheckpoint: needs a path, or a function that takes bytes');
    const settings = is.checked('modelCheckpoint', CHECKPOINT, args);
    this.#settings = settings;
    this.#pathOf = pathOf(typeof target === 'string' ? target : '');
    this.#monitor = new Monitor('modelCheckpoint', settings);
    this.#monitor.best = settings.initialValueThreshold;
    this.#beat = new Beat(settings.saveFreq);
  }

  /** The best value so far. */
  get best(): number | undefined {
    return this.#monitor.best;
  }

  override onTrainBegin(): void {
    this.#beat.reset();
    if (this.#settings.saveBestOnly) this.#monitor.begin(this.model);
  }

  override state(): CallbackState {
    const { best } = this;
    const values = { batches: this.#beat.batches, ...(best !== undefined && { best }) };
    return { kind: `modelCheckpoint ${this.#monitor.key}`, values, weights: [] };
  }

  override restoreState({ values }: CallbackState): void {
    this.#beat.batches = values.batches ?? 0;
    this.#monitor.best = values.best;
  }

  override onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  override async onBatchEnd(_batch: number, logs: Logs = {}): Promise<void> {
    const { size: _size, batch: _number, ...values } = logs;
    if (!this.#beat.isDue()) return;
    const { key } = this.#monitor;
    if (!this.#settings.saveBestOnly || key in values) return this.#save(this.#epoch, values);
    if (!this.#hasWarned)
      console.warn(`modelCheckpoint: batches have no '${key}', so nothing is saved; set saveFreq to 'epoch'`);
    this.#hasWarned = true;
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    if (this.#beat.frequency === 'epoch') await this.#save(epoch, logs);
  }

  /** One name for all files of the path that are being written: what a crash leaves behind is used again. */
  #aside(path: string): string {
    const [, directory = ''] = /^(.*[\\/])?[^\\/]*$/.exec(path) ?? [];
    return `${directory}${String(this.target)
      .replace(/^.*[\\/]/, '')
      .replace(/[{}:]/g, '')}.tmp`;
  }

  async #save(epoch: number, logs: Logs): Promise<void> {
    const { saveBestOnly, saveWeightsOnly, verbose } = this.#settings;
    if (saveBestOnly) {
      const value = this.#monitor.read(epoch, logs, this.params);
      if (value === undefined || !this.#monitor.improves(value)) return;
    }
    if (!this.model) return;
    const { target } = this;
    const path = this.#pathOf(epoch, logs);
    const bytes = encodeTraining(this.model.trainingState(), { weightsOnly: saveWeightsOnly });
    if (typeof target === 'string') {
      const file = new File(path, 'modelCheckpoint', 'pass a function that takes the bytes', this.#aside(path));
      await file.makeParent();
      await file.write(bytes);
    } else await target(bytes, path);
    if (verbose) console.log(`epoch ${epoch + 1}: model saved${path && ` to ${path}`}`);
  }
}

/** Storage for one backup, in whatever the runtime has. */
export interface CheckpointStore {
  /** Returns the bytes written last; undefined if there are none. */
  read(): Promise<Uint8Array | undefined>;
  /** Replaces the backup. */
  write(bytes: Uint8Array): Promise<void>;
  /** Removes the backup. */
  remove(): Promise<void>;
}

/** Settings of `backupAndRestore`. */
export interface BackupAndRestoreArgs {
  /** 'epoch' (default): after each epoch; a number: after so many batches. */
  saveFreq?: SaveFrequency;
  /** Whether the backup is removed when the training has ended successfully; default true. */
  deleteCheckpoint?: boolean;
}

const fileIn = (directory: string): string => `${directory}/training.safetensors`;

/** A store in a directory. */
function directory(path: string): CheckpointStore {
  const instead = 'pass an object with read, write and remove';
  const file = new File(fileIn(path), 'backupAndRestore', instead);
  return {
    read: async () => ((await file.exists()) ? file.read() : undefined),
    write: async (bytes) => {
      await new File(path, 'backupAndRestore', instead).makeDirectory();
      await file.write(bytes);
    },
    remove: () => file.remove(),
  };
}

/** Lets an interrupted training continue from its last backup. */
export class BackupAndRestore extends Callback {
  readonly #store: CheckpointStore;
  /** Of what is read, for errors. */
  readonly #name: string;
  readonly #beat: Beat;
  readonly #deletes: boolean;
  /** Those that may remember something. */
  #peers: readonly Callback[] = [];

  /** @throws ArgumentError */
  constructor(target: string | CheckpointStore, args?: BackupAndRestoreArgs | null) {
    super();
    const isStore = typeof target === 'object' && [target?.read, target?.write, target?.remove].every(Boolean);
    if (!isStore && (typeof target !== 'string' || !target))
      throw new ArgumentError('backupAndRestore: needs a directory, or an object with read, write and remove');
    const settings = is.checked('backupAndRestore', BACKUP, args);
    this.#store = typeof target === 'string' ? directory(target) : target;
    this.#name = typeof target === 'string' ? fileIn(target) : 'backupAndRestore';
    this.#beat = new Beat(settings.saveFreq);
    this.#deletes = settings.deleteCheckpoint;
  }

  /** Others have begun, or are done with an event, when it restores and saves. */
  override get isLast(): boolean {
    return true;
  }

  override setPeers(peers: readonly CallbackArgs[]): void {
    this.#peers = peers.filter((c) => c instanceof Callback && c.state !== Callback.prototype.state) as Callback[];
  }

  override async onTrainBegin(): Promise<void> {
    this.#beat.reset();
    const bytes = await this.#store.read();
    if (!bytes) return;
    const { state, callbacks: saved } = ofFile(this.#name, () => decodeBackup(bytes));
    const isSame = (c: Callback, i: number): boolean => {
      const [then, now] = [saved[i], c.state()];
      return !then || !now || then.kind === now.kind;
    };
    if (this.#peers.length !== saved.length || !this.#peers.every(isSame))
      throw new ArgumentError(
        `backupAndRestore: the backup is of other callbacks (${saved.map((c) => c?.kind ?? 'one').join(', ') || 'none'}) than those of fit; give the same in their order`,
      );
    this.model?.restoreTraining(state);
    this.#peers.forEach((c, i) => {
      const then = saved[i];
      if (then) c.restoreState(then);
    });
  }

  override async onBatchEnd(): Promise<void> {
    if (this.#beat.isDue()) await this.#save();
  }

  override async onEpochEnd(): Promise<void> {
    if (this.#beat.frequency === 'epoch') await this.#save();
  }

  override async onTrainEnd(): Promise<void> {
    if (this.#deletes) await this.#store.remove();
  }

  async #save(): Promise<void> {
    if (!this.model) return;
    const callbacks = this.#peers.map((c) => c.state());
    await this.#store.write(encodeBackup({ state: this.model.trainingState(), callbacks }));
  }
}

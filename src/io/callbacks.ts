/** `sg.callbacks`: what can be given to `fit` as `callbacks`. */
import type { Sink } from '../train/callbacks/csv';
import {
  BackupAndRestore,
  type BackupAndRestoreArgs,
  type CheckpointStore,
  ModelCheckpoint,
  type ModelCheckpointArgs,
  type SaveFrequency,
} from './checkpoints/checkpointing';

export * from '../train/callbacks/factories';
export type {
  BackupAndRestore,
  BackupAndRestoreArgs,
  CheckpointStore,
  ModelCheckpoint,
  ModelCheckpointArgs,
  SaveFrequency,
};

/**
 * Saves the model after each epoch, or whenever a value of the logs is the best so far: safetensors files, for
 * `sg.io.loadCheckpoint`.
 * @param target a path, in which {epoch:02d} (counted from 1) and values such as {val_loss:.3f} are filled in (formats
 * d, e, f and g of Python), and whose directory is created if necessary; or a function that receives the bytes
 * @param args monitor 'val_loss', mode 'auto', saveFreq 'epoch' by default
 * @throws ArgumentError for settings out of range or an invalid path; at the end of an epoch if its logs lack the value
 * @example
 * const best = sg.callbacks.modelCheckpoint('best.safetensors', { saveBestOnly: true });
 * // await model.fit(x, y, { validationSplit: 0.2, callbacks: best });
 */
export const modelCheckpoint = (
  target: string | Sink<Uint8Array>,
  args?: ModelCheckpointArgs | null,
): ModelCheckpoint => new ModelCheckpoint(target, args);

/**
 * Backs up the training, and lets the next `fit` with the same arguments continue from the backup: the final weights
 * are, bit for bit, those of a training without interruption. What earlyStopping, reduceLROnPlateau, modelCheckpoint
 * and your own subclasses of `sg.Callback` with `state` and `restoreState` remember is restored too. The history begins
 * with the epoch that is continued.
 * @param target a directory, or a store: an object with read, write and remove
 * @param args saveFreq 'epoch', deleteCheckpoint true by default
 * @throws ArgumentError for settings out of range; FormatError if the backup is damaged
 * @example
 * const backup = sg.callbacks.backupAndRestore('backup', { saveFreq: 100 });
 * // await model.fit(x, y, { epochs: 10, callbacks: backup });
 */
export const backupAndRestore = (
  target: string | CheckpointStore,
  args?: BackupAndRestoreArgs | null,
): BackupAndRestore => new BackupAndRestore(target, args);

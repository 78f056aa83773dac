/** Callbacks: the functions that a training calls, and the part of a model that they see. */
import type { Tensor } from '../../tensor/tensor';
import type { Diagnosable } from '../diagnosis/probe';
import type { Metric } from '../metrics/metric';
import type { Optimizer } from '../optimizers/optimizer';
import type { CallbackState, TrainingState } from '../totals/state';

/** Values of a batch or an epoch: `loss`, metrics, and with prefix `val_` those of the validation data. */
export type Logs = Record<string, number>;

/** The part of a model that callbacks may use. */
export interface CallbackTarget extends Diagnosable {
  /** Set to true to end the training after the current batch. */
  stopTraining: boolean;
  /** The optimizer of the model. */
  readonly optimizer: Optimizer;
  /** Names of all logged values; those of the metrics come last. */
  readonly metricsNames?: readonly string[];
  /** The metrics. */
  readonly metrics?: readonly Pick<Metric, 'direction'>[];
  /** A copy of everything that the training changes. */
  trainingState(): TrainingState;
  /** Restores such a copy. */
  restoreTraining(state: TrainingState): void;
  /** Copies of the weights. */
  getWeights(): Tensor[];
  /** Sets the weights. */
  setWeights(weights: readonly Tensor[]): void;
  /** Prints the layers. */
  summary(lineLength?: number, positions?: readonly number[], print?: (line: string) => void): void;
}

/** A function that a training calls with its logs; a promise is awaited. */
export type LogsListener = ((logs: Logs) => void | Promise<void>) | null;
/** A function that a training calls with the number of an epoch or a batch, from 0, and its logs. */
export type CountListener = ((count: number, logs: Logs) => void | Promise<void>) | null;

/**
 * Functions that `fit` and `evaluateDataset` call; promises are awaited. `onBatch…` (TensorFlow.js) and `onTrainBatch…`
 * (Keras) mean the same. Validation calls `onTest…`.
 */
export interface CallbackArgs {
  /** Called with the model before a training. */
  setModel?(model: CallbackTarget): void;
  /** Called with the settings of the training: epochs, batch size, batches in an epoch. */
  setParams?(params: Readonly<Record<string, unknown>>): void;
  /** Called before the first epoch. */
  onTrainBegin?: LogsListener;
  /** Called after the last epoch. */
  onTrainEnd?: LogsListener;
  /** Called before each epoch, with its number, counted from 0. */
  onEpochBegin?: CountListener;
  /** Called after each epoch, with its number and the logs, to which values may be added. */
  onEpochEnd?: CountListener;
  /** Called before each batch, with its number in the epoch. */
  onBatchBegin?: CountListener;
  /** Called after each batch, with its number and the logs. */
  onBatchEnd?: CountListener;
  /** Same as `onBatchBegin`. */
  onTrainBatchBegin?: CountListener;
  /** Same as `onBatchEnd`. */
  onTrainBatchEnd?: CountListener;
  /** Called before an evaluation or validation. */
  onTestBegin?: LogsListener;
  /** Called after an evaluation or validation, with the logs. */
  onTestEnd?: LogsListener;
  /** Called before each batch of an evaluation or validation. */
  onTestBatchBegin?: CountListener;
  /** Called after each batch of an evaluation or validation. */
  onTestBatchEnd?: CountListener;
  /** Called each time `fit` lets the event loop run. */
  onYield?(epoch: number, batch: number, logs: Logs): void | Promise<void>;
}

/**
 * Base class of callbacks with state; a subclass defines any of the functions of `CallbackArgs`.
 * @example
 * class Losses extends sg.Callback {
 *   seen = [];
 *   onEpochEnd(epoch, logs) {
 *     this.seen.push(logs.loss);
 *   }
 * }
 */
export abstract class Callback {
  /** The model that is trained. */
  model: CallbackTarget | undefined;
  /** Settings of the training: epochs, batch size, batches in an epoch. */
  params: Readonly<Record<string, unknown>> = {};

  /** Sets the model. @internal */
  setModel(model: CallbackTarget): void {
    this.model = model;
  }

  /** Sets the settings of the training. @internal */
  setParams(params: Readonly<Record<string, unknown>>): void {
    this.params = params;
  }

  // Events without a function in the subclass do nothing; they can be called, also through `super`.
  /** Called before the first epoch. */
  onTrainBegin(_logs?: Logs): void | Promise<void> {}
  /** Called after the last epoch. */
  onTrainEnd(_logs?: Logs): void | Promise<void> {}
  /** Called before each epoch, counted from 0. */
  onEpochBegin(_epoch: number, _logs?: Logs): void | Promise<void> {}
  /** Called after each epoch, with the logs, to which values may be added. */
  onEpochEnd(_epoch: number, _logs?: Logs): void | Promise<void> {}
  /** Called before each batch. */
  onBatchBegin(_batch: number, _logs?: Logs): void | Promise<void> {}
  /** Called after each batch, with the logs. */
  onBatchEnd(_batch: number, _logs?: Logs): void | Promise<void> {}

  /** State for continuing a training after an interruption; undefined for none. */
  state(): CallbackState | undefined {
    return undefined;
  }

  /** Restores what `state` returned; called after `onTrainBegin`. */
  restoreState(_state: CallbackState): void {}

  /** @internal Whether it is called after all others. */
  get isLast(): boolean {
    return false;
  }

  /** @internal Passes it all callbacks of the training. */
  setPeers(_peers: readonly CallbackArgs[]): void {}

  /** @internal Frees memory that is held for a training, after its end or its failure. */
  letGo(): void {}
}

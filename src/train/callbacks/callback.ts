/** What callbacks are: the functions that a training calls, and the part of a model that they see. */
import type { Tensor } from '../../tensor/tensor';
import type { Diagnosable } from '../diagnosis/probe';
import type { Metric } from '../metrics/metric';
import type { Optimizer } from '../optimizers/optimizer';
import type { CallbackState, TrainingState } from '../totals/state';

/** Values of a batch or an epoch: `loss`, metrics, and with `val_` those of the validation data. */
export type Logs = Record<string, number>;

/** The part of a model that callbacks may use. */
export interface CallbackTarget extends Diagnosable {
  /** Ends the training after the present batch. */
  stopTraining: boolean;
  readonly optimizer: Optimizer;
  /** Names of all values that are logged; those of the metrics come last. */
  readonly metricsNames?: readonly string[];
  readonly metrics?: readonly Pick<Metric, 'direction'>[];
  trainingState(): TrainingState;
  restoreTraining(state: TrainingState): void;
  getWeights(): Tensor[];
  setWeights(weights: readonly Tensor[]): void;
  summary(lineLength?: number, positions?: readonly number[], print?: (line: string) => void): void;
}

type Pending = void | Promise<void>;
type OnLogs = ((logs: Logs) => Pending) | null;
type OnCount = ((count: number, logs: Logs) => Pending) | null;

/**
 * Functions that `fit` and `evaluateDataset` call; promises are awaited. `onBatch…` (TensorFlow.js) and
 * `onTrainBatch…` (Keras) mean the same. Validation calls `onTest…`.
 */
export interface CallbackArgs {
  setModel?(model: CallbackTarget): void;
  setParams?(params: Readonly<Record<string, unknown>>): void;
  onTrainBegin?: OnLogs;
  onTrainEnd?: OnLogs;
  onEpochBegin?: OnCount;
  onEpochEnd?: OnCount;
  onBatchBegin?: OnCount;
  onBatchEnd?: OnCount;
  onTrainBatchBegin?: OnCount;
  onTrainBatchEnd?: OnCount;
  onTestBegin?: OnLogs;
  onTestEnd?: OnLogs;
  onTestBatchBegin?: OnCount;
  onTestBatchEnd?: OnCount;
  /** Called each time `fit` lets the event loop run. */
  onYield?(epoch: number, batch: number, logs: Logs): Pending;
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

  // What a subclass does not give does nothing; it can be called all the same, through `super` too.
  onTrainBegin(_logs?: Logs): Pending {}
  onTrainEnd(_logs?: Logs): Pending {}
  onEpochBegin(_epoch: number, _logs?: Logs): Pending {}
  onEpochEnd(_epoch: number, _logs?: Logs): Pending {}
  onBatchBegin(_batch: number, _logs?: Logs): Pending {}
  onBatchEnd(_batch: number, _logs?: Logs): Pending {}

  /** What it remembers, for a training that goes on after an interruption; undefined: nothing. */
  state(): CallbackState | undefined {
    return undefined;
  }

  /** Takes on what `state` gave; called after `onTrainBegin`. */
  restoreState(_state: CallbackState): void {}

  /** @internal Whether it is told of events after all others. */
  get isLast(): boolean {
    return false;
  }

  /** @internal Tells it of all callbacks of the training. */
  setPeers(_peers: readonly CallbackArgs[]): void {}

  /** @internal Gives back what is held for a training, after its end or its failure. */
  letGo(): void {}
}

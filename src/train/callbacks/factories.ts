/** `sg.callbacks`: what can be given to `fit` as `callbacks`. */
import { checked, verbosity } from '../../support/settings';
import type { CallbackArgs } from './callback';
import { CSVLogger, type CSVLoggerArgs, type Sink } from './csv';
import { GradientMonitor, type GradientMonitorArgs } from './gradients';
import { CustomCallback } from './list';
import { Progress } from './progress';
import { LearningRateScheduler, type RateSchedule, ReduceLROnPlateau, type ReduceLROnPlateauArgs } from './rates';
import { EarlyStopping, type EarlyStoppingArgs, TerminateOnNaN } from './stopping';
import { TensorBoard, type TensorBoardArgs } from './tensorboard';

export type { MonitorArgs, MonitorMode } from './monitor';
export type {
  CSVLogger,
  CSVLoggerArgs,
  EarlyStoppingArgs,
  GradientMonitor,
  GradientMonitorArgs,
  LearningRateScheduler,
  RateSchedule,
  ReduceLROnPlateau,
  ReduceLROnPlateauArgs,
  Sink,
  TensorBoard,
  TensorBoardArgs,
  TerminateOnNaN,
};

/**
 * Ends the training when a value of the logs has not got better for `patience` epochs; with `restoreBestWeights` the
 * model ends with the weights of the best epoch, whether it was stopped or not. NaN is never better.
 * @param args monitor 'val_loss', minDelta 0, patience 0, mode 'auto', and neither baseline nor restoring by default.
 * @throws ArgumentError for settings out of range, and for a metric of which it is unknown whether it should grow; at the
 * end of an epoch if its logs lack the value
 * @example
 * const stop = sg.callbacks.earlyStopping({ monitor: 'loss', patience: 2, restoreBestWeights: true });
 * // await model.fit(x, y, { epochs: 100, callbacks: stop });
 */
export const earlyStopping = (args?: EarlyStoppingArgs | null): EarlyStopping => new EarlyStopping(args);

/**
 * Sets the learning rate before each epoch; the logs get it as `learningRate`.
 * @param schedule gives the rate of an epoch, counted from 0; its second argument is the present rate.
 * @throws ArgumentError unless it gives finite numbers >= 0; StateError if the rate follows a schedule already
 * @example
 * const halve = sg.callbacks.learningRateScheduler((epoch, rate) => (epoch > 0 && epoch % 10 === 0 ? rate / 2 : rate));
 */
export const learningRateScheduler = (
  schedule: RateSchedule,
  given?: { verbose?: number | boolean } | null,
): LearningRateScheduler => {
  const { verbose } = checked('learningRateScheduler', { verbose: verbosity(0) }, given);
  return new LearningRateScheduler(schedule, verbose);
};

/**
 * Multiplies the learning rate by `factor` (0.1) when a value of the logs has not got better by `minDelta` (1e-4) for
 * `patience` (10) epochs. The logs get the epoch's rate as `learningRate`.
 * @throws ArgumentError as `earlyStopping`; StateError if the rate follows a schedule
 * @example
 * const reduce = sg.callbacks.reduceLROnPlateau({ factor: 0.5, patience: 3, minLr: 1e-5 });
 */
export const reduceLROnPlateau = (args?: ReduceLROnPlateauArgs | null): ReduceLROnPlateau =>
  new ReduceLROnPlateau(args);

/** Ends the training after a batch whose loss is NaN or infinite. */
export const terminateOnNaN = (): TerminateOnNaN => new TerminateOnNaN();

/**
 * Writes the logs of each epoch as a line of a table, under a line of their names.
 * @param file a path, in Node, Deno and Bun; or a function that takes the text piece by piece.
 * @throws RuntimeSupportError for a path where there is no file system; ArgumentError if it cannot be written
 * @example
 * let table = '';
 * const log = sg.callbacks.csvLogger((text) => { table += text; }, { separator: ';' });
 */
export const csvLogger = (file: string | Sink<string>, args?: CSVLoggerArgs | null): CSVLogger =>
  new CSVLogger(file, args);

/** What `fit` shows with `verbose`: 1: a bar in a terminal, else a line for each epoch; 2: a line. */
export const progressBar = (verbose = 1): Progress => new Progress(verbose);

/**
 * Writes files for TensorBoard: values of epochs (and batches), the learning rate, distributions of weights, and the
 * model's summary. Training and validation are runs of their own. Needs the packages pbf and crc-32.
 * @param logDir directory of the runs, in Node, Deno and Bun; or a function that takes bytes and the path of the file,
 * below that directory, to which they are to be appended.
 * @throws RuntimeSupportError where there is no file system, or without those packages; ArgumentError
 * @example
 * const board = sg.callbacks.tensorBoard('logs/first', { histogramFreq: 1 });
 */
export const tensorBoard = (logDir?: string | Sink<Uint8Array>, args?: TensorBoardArgs | null): TensorBoard =>
  new TensorBoard(logDir, args);

/**
 * A callback of functions.
 * @throws ArgumentError for a name that no event has, and for an instance of a class
 * @example
 * const seen = [];
 * const note = sg.callbacks.lambda({ onEpochEnd: (epoch, logs) => { seen.push(logs.loss); } });
 */
export const lambda = (functions: CallbackArgs): CustomCallback => new CustomCallback(functions);

/**
 * Runs `sg.train.diagnose` before the training and after every few epochs, and keeps what it found.
 * @param args `x`, `y`: examples and targets to measure; `every`: epochs between (1); and those of `diagnose`.
 * @example
 * const monitor = sg.callbacks.gradientMonitor({ x: sg.ones([8, 2]), y: sg.ones([8, 1]), every: 5 });
 * // after fit: monitor.gradients.dense_1, monitor.diagnoses.at(-1).print()
 */
export const gradientMonitor = (args: GradientMonitorArgs): GradientMonitor => new GradientMonitor(args);

/** `sg.callbacks`: what can be given to `fit` as `callbacks`. */
import * as is from '../../support/settings';
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
  Progress,
  RateSchedule,
  ReduceLROnPlateau,
  ReduceLROnPlateauArgs,
  Sink,
  TensorBoard,
  TensorBoardArgs,
  TerminateOnNaN,
};

/**
 * Ends the training when a value of the logs has not improved for `patience` epochs; with `restoreBestWeights` the
 * model ends with the weights of the best epoch, whether it was stopped or not. NaN is never an improvement.
 * @param args monitor 'val_loss', minDelta 0, patience 0, mode 'auto', no baseline and no restoring by default
 * @throws ArgumentError for settings out of range, and for a metric whose better direction is unknown; at the end of an
 * epoch if its logs lack the value
 * @example
 * const stop = sg.callbacks.earlyStopping({ monitor: 'loss', patience: 2, restoreBestWeights: true });
 * // await model.fit(x, y, { epochs: 100, callbacks: stop });
 */
export const earlyStopping = (args?: EarlyStoppingArgs | null): EarlyStopping => new EarlyStopping(args);

/**
 * Sets the learning rate before each epoch; the logs contain it as `learningRate`.
 * @param schedule returns the rate of an epoch, counted from 0; its second argument is the current rate
 * @throws ArgumentError unless it returns finite numbers >= 0; StateError if the rate follows a schedule already
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
 * Multiplies the learning rate by `factor` (0.1) when a value of the logs has not improved by `minDelta` (1e-4) for
 * `patience` (10) epochs. The logs contain the rate of the epoch as `learningRate`.
 * @throws ArgumentError as `earlyStopping`; StateError if the rate follows a schedule
 * @example
 * const reduce = sg.callbacks.reduceLROnPlateau({ factor: 0.5, patience: 3, minLr: 1e-5 });
 */
export const reduceLROnPlateau = (args?: ReduceLROnPlateauArgs | null): ReduceLROnPlateau =>
  new ReduceLROnPlateau(args);

/**
 * Ends the training after a batch whose loss is NaN or infinite.
 * @example
 * const guard = sg.callbacks.terminateOnNaN();
 * // await model.fit(x, y, { callbacks: guard });
 */
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

/**
 * What `fit` shows with `verbose`: 1 (default): a bar in a terminal, otherwise a line for each epoch; 2: a line.
 * @throws ArgumentError unless verbose is 0, 1 or 2
 * @example
 * const bar = sg.callbacks.progressBar(2);
 * // await model.fit(x, y, { verbose: 0, callbacks: bar });
 */
export const progressBar = (verbose = 1): Progress =>
  new Progress(Number(is.checked('progressBar', { verbose: is.verbosity(1) }, { verbose }).verbose));

/**
 * Writes files for TensorBoard: values of epochs (and batches), the learning rate, distributions of weights, and the
 * summary of the model. Training and validation are separate runs. Needs the packages pbf and crc-32.
 * @param logDir directory of the runs, in Node, Deno and Bun; or a function that receives bytes and the path of the
 * file, in that directory, to append them to. Default 'logs'
 * @throws RuntimeSupportError where there is no file system, or without those packages; ArgumentError for unknown
 * settings
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
 * Runs `sg.train.diagnose` before the training and after every few epochs, and keeps the diagnoses.
 * @param args `x`, `y`: examples and targets to measure with; `every`: epochs between (1); and those of `diagnose`
 * @throws ArgumentError without examples or targets, or for settings out of range
 * @example
 * const monitor = sg.callbacks.gradientMonitor({ x: sg.ones([8, 2]), y: sg.ones([8, 1]), every: 5 });
 * // after fit: monitor.gradients.dense_1, monitor.diagnoses.at(-1).print()
 */
export const gradientMonitor = (args: GradientMonitorArgs): GradientMonitor => new GradientMonitor(args);

/** Settings of `fit`, `evaluate` and the methods like them: their interfaces, and the tables that check them. */
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { CallbackArgs } from '../../train/callbacks';
import type { DataArg } from '../feed/check';
import type { BatchDataset } from '../feed/source';
import type { BatchWeightArgs, ClassWeight, PerTarget } from '../feed/weighting';
import type { Distribution } from '../step/distribution';
import type { PredictArgs } from '../step/predictor';

/** How often the event loop runs, by name, in milliseconds. */
export const PACES = { auto: 16, batch: 0, epoch: Number.POSITIVE_INFINITY, never: Number.POSITIVE_INFINITY };
export type Pace = keyof typeof PACES;

/** Settings of steps that are made in chunks of their batches. */
export interface DistributionArgs {
  /**
   * Who makes the steps: a world of `samegrad/mpi`. It divides each batch into chunks of consecutive examples, among its
   * processes if there are several, and adds what they make of the chunks in a fixed order: the bits depend on `chunk`
   * and on the batch, not on the number of processes. All processes are given the same examples, or data sets with the same
   * batches. They begin with the weights of the first one. Callbacks are those of the first one too: the learning rate and
   * `stopTraining` reach the others before the next batch, weights before the next epoch. Default: the model itself, on
   * whole batches.
   */
  distribute?: Distribution;
  /**
   * Examples of a chunk, with `distribute`; default 32. The last chunk of a batch may be smaller. A loss, or a metric,
   * that is one number for a batch is taken of each chunk, and counts by its examples.
   */
  chunk?: number;
}

/** Settings shared by `fit` and `fitDataset`. */
export interface TrainingArgs extends DistributionArgs {
  /** Number of passes over the data; default 1. */
  epochs?: number;
  /** Number of the first epoch, for continuing a training; default 0. */
  initialEpoch?: number;
  /**
   * Factors of the losses by class, such as `{ 0: 1, 1: 5 }`; for several outputs a list, or an object by their names.
   * Default 1.
   */
  classWeight?: PerTarget<ClassWeight>;
  /** Validates after every so many epochs, or after those in the list (counted from 1); default 1. */
  validationFreq?: number | readonly number[];
  /** Callbacks, as `sg.callbacks` makes them, or objects with functions such as `onEpochEnd`. */
  callbacks?: CallbackArgs | readonly CallbackArgs[] | null;
  /**
   * 1: a bar in a terminal, otherwise a line for each epoch; 2: a line; 0: nothing. Default: 1 in a terminal, otherwise
   * 0.
   */
  verbose?: number | boolean;
  /**
   * Milliseconds after which the event loop may run; default 'auto': 16, so that a page stays responsive. 'batch':
   * after each batch; 'epoch': after each epoch; 'never'. It also runs when much memory is garbage, so that it can be
   * collected.
   */
  yieldEvery?: number | Pace;
  /** Examples in a step of validation on tensors; default `batchSize`, or 32. */
  validationBatchSize?: number;
}

/** Examples, targets, and optionally weights of the examples. */
export type ValidationData = readonly [DataArg, DataArg, PerTarget<Tensor>?];

/** Settings of `fit`. */
export interface FitArgs extends TrainingArgs {
  /** Examples in a step; default 32. The last batch of an epoch may be smaller. */
  batchSize?: number;
  /** Whether the examples are shuffled before every epoch; default true. */
  shuffle?: boolean;
  /** Weights of the examples [n], or of their positions [n, time]; for several outputs a list, or an object by name. Default 1. */
  sampleWeight?: PerTarget<Tensor>;
  /** Share of the examples, taken from the end, that is used for validation; default 0. */
  validationSplit?: number;
  /** Examples and targets (and weights) for validation; none by default. */
  validationData?: ValidationData;
}

/** Settings of `fitDataset`. */
export interface FitDatasetArgs extends TrainingArgs {
  /** Batches of an epoch: the data set continues from epoch to epoch. Default: all of it, from its beginning. */
  batchesPerEpoch?: number;
  /** A data set, or examples and targets (and weights), for validation; none by default. */
  validationData?: BatchDataset | ValidationData;
  /** Batches of a validation; default all. */
  validationBatches?: number;
}

/** Settings of `evaluate`. */
export interface EvaluateArgs extends PredictArgs, DistributionArgs {
  /** Weights of the examples [n], or of their positions; for several outputs a list, or an object by name. Default 1. */
  sampleWeight?: BatchWeightArgs['sampleWeight'];
}

/** Settings of `evaluateDataset`. */
export interface EvaluateDatasetArgs extends DistributionArgs {
  /** Batches to evaluate; default all. */
  batches?: number;
  /** Callbacks whose `onTest…` functions are called; none by default. */
  callbacks?: TrainingArgs['callbacks'];
  /** Accepted and ignored: nothing is printed, by default and in any case. */
  verbose?: number | boolean;
}

const isPace = (v: unknown): boolean =>
  typeof v === 'string' ? Object.hasOwn(PACES, v) : typeof v === 'number' && v >= 0;

const isDistribution = (v: unknown): boolean => typeof (v as Distribution | null)?.stepsOf === 'function';

/** Used by `fit` alone; the others accept it, as programs pass 0. */
const verbose = is.verbosity();
/** Checked later, where the model is known. */
const callbacks = is.anything() as is.Setting<CallbackArgs | readonly CallbackArgs[] | undefined>;
const sampleWeight = is.anything() as is.Setting<PerTarget<Tensor> | undefined>;
const classWeight = is.anything() as is.Setting<PerTarget<ClassWeight> | undefined>;

const DISTRIBUTION = {
  distribute: is.given<Distribution | undefined>('a world of samegrad/mpi', isDistribution),
  chunk: is.count(),
};

const TRAINING = {
  epochs: is.natural(1),
  initialEpoch: is.natural(0),
  classWeight,
  validationFreq: is.sizes(1),
  callbacks,
  verbose,
  yieldEvery: is.given<number | Pace>(`milliseconds >= 0 or ${Object.keys(PACES).join(', ')}`, isPace, 'auto'),
  validationBatchSize: is.count(),
  ...DISTRIBUTION,
};
/** Settings of loops over epochs. */
export type Training = is.Values<typeof TRAINING>;

export const FIT = {
  ...TRAINING,
  batchSize: is.count(),
  shuffle: is.flag(true),
  sampleWeight,
  validationSplit: is.share(0),
  validationData: is.anything(),
} satisfies is.TableOf<FitArgs>;

export const FIT_DATASET = {
  ...TRAINING,
  batchesPerEpoch: is.count(),
  validationData: is.anything(),
  validationBatches: is.count(),
} satisfies is.TableOf<FitDatasetArgs>;

export const EVALUATE = {
  batchSize: is.count(),
  sampleWeight,
  verbose,
  ...DISTRIBUTION,
} satisfies is.TableOf<EvaluateArgs>;
export const EVALUATE_DATASET = {
  batches: is.count(),
  callbacks,
  verbose,
  ...DISTRIBUTION,
} satisfies is.TableOf<EvaluateDatasetArgs>;
/** Settings of one batch. */
export const WEIGHTS = { sampleWeight, classWeight } satisfies is.TableOf<BatchWeightArgs>;

/** What may be said to `fit` and its kin. */
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { CallbackArgs } from '../../train/callbacks';
import type { ClassWeight, PerTarget } from '../feed/weighting';

/** How often the event loop runs, by name, in milliseconds. */
export const PACES = { auto: 16, batch: 0, epoch: Number.POSITIVE_INFINITY, never: Number.POSITIVE_INFINITY };
export type Pace = keyof typeof PACES;

const isPace = (v: unknown): boolean =>
  typeof v === 'string' ? Object.hasOwn(PACES, v) : typeof v === 'number' && v >= 0;

/** Of `fit`; elsewhere there is nothing to print, and it is for programs that say 0. */
const verbose = is.verbosity();
/** What other checks look at, which know the model. */
const callbacks = is.anything() as is.Setting<CallbackArgs | readonly CallbackArgs[] | undefined>;
const sampleWeight = is.anything() as is.Setting<PerTarget<Tensor> | undefined>;
const classWeight = is.anything() as is.Setting<PerTarget<ClassWeight> | undefined>;

const TRAINING = {
  epochs: is.natural(1),
  initialEpoch: is.natural(0),
  classWeight,
  validationFreq: is.sizes(1),
  callbacks,
  verbose,
  yieldEvery: is.given<number | Pace>(`milliseconds >= 0 or ${Object.keys(PACES).join(', ')}`, isPace, 'auto'),
  validationBatchSize: is.count(),
};
/** What loops over epochs are told. */
export type Training = is.Values<typeof TRAINING>;

export const FIT = {
  ...TRAINING,
  batchSize: is.count(),
  shuffle: is.flag(true),
  sampleWeight,
  validationSplit: is.share(0),
  validationData: is.anything(),
};

export const FIT_DATASET = {
  ...TRAINING,
  batchesPerEpoch: is.count(),
  validationData: is.anything(),
  validationBatches: is.count(),
};

export const EVALUATE = { batchSize: is.count(), sampleWeight, verbose };
export const EVALUATE_DATASET = { batches: is.count(), callbacks, verbose };
/** Of one batch. */
export const WEIGHTS = { sampleWeight, classWeight };

/** `fit`, `fitDataset` and `evaluateDataset`: from arguments to sources of batches. */
import { nextKey } from '../../ops/core/keys';
import { slice } from '../../ops/shape/shaping';
import { ArgumentError } from '../../support/errors';
import { checkNames } from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import { CallbackList, type History } from '../../train/callbacks';
import type { Position } from '../../train/totals/state';
import { batchSizeOf, checkWhole, type Data, type DataArg, type Prepared } from '../feed/check';
import { Order } from '../feed/order';
import { ArraySource, type BatchDataset, type BatchElement, DatasetSource } from '../feed/source';
import type { ClassWeight, PerTarget, WeightArgs } from '../feed/weighting';
import type { Trainer } from '../trainer';
import { evaluateSource, Pacer } from './evaluation';
import { type FitArgs, fitModel, keptOf, listOfCallbacks, type TrainingArgs, type ValidationData } from './fit';

const TRAINING = ['epochs', 'initialEpoch', 'classWeight', 'validationFreq', 'callbacks', 'verbose', 'yieldEvery'];
const VALIDATION = ['validationData', 'validationBatchSize'];
const FIT = [...TRAINING, ...VALIDATION, 'batchSize', 'shuffle', 'sampleWeight', 'validationSplit'];
const FIT_DATASET = [...TRAINING, ...VALIDATION, 'batchesPerEpoch', 'validationBatches'];

export interface FitDatasetArgs extends TrainingArgs {
  /** Batches of an epoch: the data set goes on from epoch to epoch. Default: all of it, from its beginning. */
  batchesPerEpoch?: number;
  /** A data set, or examples and targets (and weights). */
  validationData?: BatchDataset | ValidationData;
  /** Batches of a validation; default all. */
  validationBatches?: number;
  /** Examples of a step of validation on tensors; default 32. */
  validationBatchSize?: number;
}

export interface EvaluateDatasetArgs {
  /** Batches to evaluate; default all. */
  batches?: number;
  /** Their `onTest…` functions are called. */
  callbacks?: TrainingArgs['callbacks'];
}

type Batched = Exclude<BatchElement, readonly unknown[]>;

/** A position at the beginning. The seed of the orders comes from the library's. */
function begin(initialEpoch: number): Position {
  const { seed, stream } = nextKey();
  const epoch = checkWhole('fit', 'initialEpoch', initialEpoch, 0);
  return { epoch, batch: 0, seed: [(seed[0] ^ Math.imul(stream, 0x9e3779b1)) >>> 0, seed[1]] };
}

/** The examples from `first` to `last`, as views. */
const part = (data: Data, first: number, last: number): Prepared => {
  const owned = data.tensors.map((t) => slice(t, first, last - first));
  return { data: { ...data, tensors: owned, count: last - first }, owned };
};

function validateOn(trainer: Trainer, where: string, given: ValidationData): Prepared {
  if (!Array.isArray(given) || !given[0] || !given[1])
    throw new ArgumentError(`${where}: validationData must be [x, y] or [x, y, sampleWeight]`);
  const [x, y, sampleWeight] = given as ValidationData;
  return trainer.prepare(`${where}: validationData`, x, y, { ...(sampleWeight && { sampleWeight }) });
}

/** @throws ArgumentError for batches of another size than the model is built for */
function validateIn(trainer: Trainer, where: string, data: Data, given: number | undefined): ArraySource {
  const size = batchSizeOf(where, trainer.model.inputPorts, data.count, given, 'validationBatchSize');
  return new ArraySource(data, size);
}

export async function trainOn(trainer: Trainer, x: DataArg, y: DataArg, args: FitArgs): Promise<History> {
  checkNames('fit', args, FIT);
  const { sampleWeight, classWeight, validationData, validationSplit = 0 } = args;
  const all = trainer.prepare('fit', x, y, { ...(sampleWeight && { sampleWeight }) }).data;
  const owned: Tensor[] = [];
  const own = ({ data, owned: made }: Prepared): Data => {
    owned.push(...made);
    return data;
  };
  let order: Order | undefined;
  try {
    let train = all;
    let held: Data | undefined;
    if (validationData) held = own(validateOn(trainer, 'fit', validationData));
    else {
      const kept = keptOf(all.count, validationSplit);
      if (kept < all.count) {
        train = own(part(all, 0, kept));
        held = own(part(all, kept, all.count));
      }
    }
    const batchSize = batchSizeOf('fit', trainer.model.inputPorts, train.count, args.batchSize);
    const test = held && validateIn(trainer, 'fit', held, args.validationBatchSize ?? batchSize);
    // Classes count in training alone, as in Keras.
    if (classWeight) train = own(trainer.weigh('fit', train, classWeight));
    trainer.position = begin(args.initialEpoch ?? 0);
    order = (args.shuffle ?? true) ? new Order(train.count) : undefined;
    const source = new ArraySource(train, batchSize, order, () => trainer.position.seed);
    return await fitModel(trainer, source, test, args, batchSize);
  } finally {
    order?.dispose();
    for (const t of owned) t.dispose();
  }
}

export async function fitDataset(trainer: Trainer, dataset: BatchDataset, args: FitDatasetArgs): Promise<History> {
  checkNames('fitDataset', args, FIT_DATASET);
  const { batchesPerEpoch, classWeight, validationData, validationBatches } = args;
  checkDataset('fitDataset', dataset, 'batchesPerEpoch', batchesPerEpoch);
  const initialEpoch = args.initialEpoch ?? 0;
  trainer.position = begin(initialEpoch);
  const source = new DatasetSource('fitDataset', dataset, batchesPerEpoch, initialEpoch, (where, element) =>
    trainer.prepare(where, ...partsOf(element, classWeight)),
  );
  if (!validationData) return fitModel(trainer, source, undefined, args, undefined);
  if ('iterator' in validationData) {
    const held = testSource(trainer, 'fitDataset: validationData', validationData, validationBatches);
    return fitModel(trainer, source, held, args, undefined);
  }
  const { data } = validateOn(trainer, 'fitDataset', validationData);
  const test = validateIn(trainer, 'fitDataset', data, args.validationBatchSize);
  return fitModel(trainer, source, test, args, undefined);
}

/** What `prepare` wants of a batch. */
function partsOf(element: BatchElement, classWeight?: PerTarget<ClassWeight>): [DataArg, DataArg, WeightArgs] {
  const { xs, ys, sampleWeights, sampleWeight: same } = element as Batched;
  const [x, y, sampleWeight] = Array.isArray(element)
    ? (element as readonly [DataArg, DataArg, PerTarget<Tensor>?])
    : [xs, ys, sampleWeights ?? same];
  return [x, y, { ...(sampleWeight && { sampleWeight }), ...(classWeight && { classWeight }) }];
}

/** Values of the totals over a data set. */
export async function evaluateDataset(
  trainer: Trainer,
  dataset: BatchDataset,
  { batches, callbacks: given }: EvaluateDatasetArgs,
): Promise<number[]> {
  const source = testSource(trainer, 'evaluateDataset', dataset, batches);
  const callbacks = new CallbackList(listOfCallbacks(given));
  callbacks.setModel(trainer.model);
  return evaluateSource(trainer, source, 'nextCall', new Pacer(16), callbacks);
}

/** @throws ArgumentError */
function checkDataset(where: string, dataset: BatchDataset, setting: string, batches: number | undefined): void {
  if (typeof dataset?.iterator !== 'function')
    throw new ArgumentError(`${where}: needs a data set, with an iterator; see sg.data`);
  if (batches !== undefined) checkWhole(where, setting, batches, 1);
  else if (dataset.size === Number.POSITIVE_INFINITY)
    throw new ArgumentError(`${where}: the data set has no end; give ${setting}, or take(n) of it`);
}

/** Batches to test on. They come without class weights. */
function testSource(
  trainer: Trainer,
  where: string,
  dataset: BatchDataset,
  batches: number | undefined,
): DatasetSource {
  checkDataset(where, dataset, where === 'evaluateDataset' ? 'batches' : 'validationBatches', batches);
  const prepare = (place: string, element: BatchElement): Prepared => trainer.prepare(place, ...partsOf(element));
  return new DatasetSource(where, dataset, batches, 0, prepare);
}

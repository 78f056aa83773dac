/** `fit`, `fitDataset` and `evaluateDataset`: from arguments to sources of batches. */
import { nextKey } from '../../ops/core/keys';
import { slice } from '../../ops/shape/shaping';
import { Pacer } from '../../runtime/aside';
import { ArgumentError } from '../../support/errors';
import { checked } from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import { CallbackList, type History } from '../../train/callbacks';
import type { Position } from '../../train/totals/state';
import { batchSizeOf, type Data, type DataArg, type Prepared } from '../feed/check';
import { Order } from '../feed/order';
import { ArraySource, type BatchDataset, type BatchElement, DatasetSource, type Steps } from '../feed/source';
import type { BatchWeightArgs, ClassWeight, PerTarget } from '../feed/weighting';
import type { Trainer } from '../trainer';
import { evaluateSource } from './evaluation';
import { fitModel, keptOf, listOfCallbacks } from './fit';
import {
  EVALUATE_DATASET,
  type EvaluateDatasetArgs,
  FIT,
  FIT_DATASET,
  type FitArgs,
  type FitDatasetArgs,
  type ValidationData,
} from './settings';

type Batched = Exclude<BatchElement, readonly unknown[]>;

/** A position at the beginning. The seed of the orders comes from the library's. */
function begin(initialEpoch: number): Position {
  const { seed, stream } = nextKey();
  return { epoch: initialEpoch, batch: 0, seed: [(seed[0] ^ Math.imul(stream, 0x9e3779b1)) >>> 0, seed[1]] };
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
  return trainer.prepareAll(`${where}: validationData`, x, y, { ...(sampleWeight && { sampleWeight }) });
}

/** @throws ArgumentError for batches of another size than the model is built for */
function validateIn(
  trainer: Trainer,
  where: string,
  data: Data,
  given: number | undefined,
  steps: Steps | undefined,
): ArraySource {
  const size = batchSizeOf(where, trainer.model.inputPorts, data.count, given, 'validationBatchSize');
  return new ArraySource(data, size, undefined, undefined, steps);
}

export async function trainOn(trainer: Trainer, x: DataArg, y: DataArg, args?: FitArgs | null): Promise<History> {
  const settings = checked('fit', FIT, args);
  const { sampleWeight, classWeight, validationData, validationSplit } = settings;
  const all = trainer.prepareAll('fit', x, y, { ...(sampleWeight && { sampleWeight }) }).data;
  const owned: Tensor[] = [];
  const own = ({ data, owned: made }: Prepared): Data => {
    owned.push(...made);
    return data;
  };
  let order: Order | undefined;
  try {
    let train = all;
    let held: Data | undefined;
    if (validationData) held = own(validateOn(trainer, 'fit', validationData as ValidationData));
    else {
      const kept = keptOf(all.count, validationSplit);
      if (kept < all.count) {
        train = own(part(all, 0, kept));
        held = own(part(all, kept, all.count));
      }
    }
    const steps = trainer.stepsOf('fit', settings);
    const batchSize = batchSizeOf('fit', trainer.model.inputPorts, train.count, settings.batchSize);
    const test = held && validateIn(trainer, 'fit', held, settings.validationBatchSize ?? batchSize, steps);
    // Class weights apply only to training, as in Keras.
    if (classWeight) train = own(trainer.weigh('fit', train, classWeight));
    trainer.position = begin(settings.initialEpoch);
    order = settings.shuffle ? new Order(train.count) : undefined;
    const source = new ArraySource(train, batchSize, order, () => trainer.position.seed, steps);
    return await fitModel(trainer, source, test, settings, batchSize);
  } finally {
    order?.dispose();
    for (const t of owned) t.dispose();
  }
}

export async function fitDataset(
  trainer: Trainer,
  dataset: BatchDataset,
  args?: FitDatasetArgs | null,
): Promise<History> {
  const settings = checked('fitDataset', FIT_DATASET, args);
  const { batchesPerEpoch, classWeight, validationBatches, initialEpoch } = settings;
  const validationData = settings.validationData as FitDatasetArgs['validationData'];
  checkDataset('fitDataset', dataset, 'batchesPerEpoch', batchesPerEpoch);
  trainer.position = begin(initialEpoch);
  const prepare = batches(trainer, classWeight);
  const steps = trainer.stepsOf('fitDataset', settings);
  const source = new DatasetSource('fitDataset', dataset, batchesPerEpoch, initialEpoch, prepare, steps);
  if (!validationData) return fitModel(trainer, source, undefined, settings, undefined);
  if ('iterator' in validationData) {
    const held = testSource(trainer, 'fitDataset: validationData', validationData, validationBatches, steps);
    return fitModel(trainer, source, held, settings, undefined);
  }
  const { data } = validateOn(trainer, 'fitDataset', validationData);
  const test = validateIn(trainer, 'fitDataset', data, settings.validationBatchSize, steps);
  return fitModel(trainer, source, test, settings, undefined);
}

/** What `prepare` wants of a batch. */
function partsOf(element: BatchElement, classWeight?: PerTarget<ClassWeight>): [DataArg, DataArg, BatchWeightArgs] {
  const { xs, ys, sampleWeights, sampleWeight: same } = element as Batched;
  const [x, y, sampleWeight] = Array.isArray(element)
    ? (element as readonly [DataArg, DataArg, PerTarget<Tensor>?])
    : [xs, ys, sampleWeights ?? same];
  return [x, y, { ...(sampleWeight && { sampleWeight }), ...(classWeight && { classWeight }) }];
}

/** A function that checks the batches of a data set. Targets that must be probabilities are checked in the first one. */
function batches(trainer: Trainer, classWeight?: PerTarget<ClassWeight>): DatasetSource['prepare'] {
  let isFirst = true;
  return (where, element) => {
    const prepared = trainer[isFirst ? 'prepareAll' : 'prepare'](where, ...partsOf(element, classWeight));
    isFirst = false;
    return prepared;
  };
}

/** Values of the totals over a data set. */
export async function evaluateDataset(
  trainer: Trainer,
  dataset: BatchDataset,
  args?: EvaluateDatasetArgs | null,
): Promise<number[]> {
  const settings = checked('evaluateDataset', EVALUATE_DATASET, args);
  const { batches: count, callbacks: given } = settings;
  const steps = trainer.stepsOf('evaluateDataset', settings);
  const source = testSource(trainer, 'evaluateDataset', dataset, count, steps);
  const callbacks = new CallbackList(steps?.rank ? [] : listOfCallbacks(given));
  callbacks.setModel(trainer.model);
  return evaluateSource(trainer, source, 'nextCall', new Pacer(16), callbacks);
}

/** @throws ArgumentError */
function checkDataset(where: string, dataset: BatchDataset, setting: string, batches: number | undefined): void {
  if (typeof dataset?.iterator !== 'function')
    throw new ArgumentError(`${where}: needs a data set, with an iterator; see sg.data`);
  if (batches === undefined && dataset.size === Number.POSITIVE_INFINITY)
    throw new ArgumentError(`${where}: the data set has no end; give ${setting}, or take(n) of it`);
}

/** Batches for testing, without class weights. */
function testSource(
  trainer: Trainer,
  where: string,
  dataset: BatchDataset,
  count: number | undefined,
  steps: Steps | undefined,
): DatasetSource {
  checkDataset(where, dataset, where === 'evaluateDataset' ? 'batches' : 'validationBatches', count);
  return new DatasetSource(where, dataset, count, 0, batches(trainer), steps);
}

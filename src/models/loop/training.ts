/** `fit`, `fitDataset` and `evaluateDataset`: from arguments to sources of batches. */
import { nextKey } from '../../ops/core/keys';
import { slice } from '../../ops/shape/shaping';
import { ArgumentError } from '../../support/errors';
import { checkNames } from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import { CallbackList, type CallbackTarget, type History } from '../../train/callbacks';
import type { Position } from '../../train/totals/state';
import { batchSizeOf, checkWhole, type Data, type DataArg, type Prepared, type Slots } from '../feed/check';
import { Order } from '../feed/order';
import {
  ArraySource,
  type BatchDataset,
  type BatchElement,
  DatasetSource,
  type Numbering,
  type Stepping,
} from '../feed/source';
import type { ClassWeight, PerTarget, WeightArgs } from '../feed/weighting';
import type { ModelDraws } from '../step/draws';
import type { StepKind } from '../step/programs';
import type { Trackers } from '../step/trackers';
import { evaluateSource, Pacer } from './evaluation';
import {
  type FitArgs,
  fitModel,
  keptOf,
  listOfCallbacks,
  type TrainingArgs,
  type Validation,
  type ValidationData,
} from './fit';

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

/** What training needs of a model. */
interface Trained extends CallbackTarget, Stepping {
  position: Position;
  readonly draws: ModelDraws;
  readonly inputSlots: Slots;
  trackers(kind: StepKind): Trackers;
  prepare(where: string, x: DataArg, y: DataArg, weights?: WeightArgs): Prepared;
  weigh(where: string, data: Data, classWeight: PerTarget<ClassWeight>): Prepared;
}

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

function validateOn(model: Trained, where: string, given: ValidationData): Prepared {
  if (!Array.isArray(given) || !given[0] || !given[1])
    throw new ArgumentError(`${where}: validationData must be [x, y] or [x, y, sampleWeight]`);
  const [x, y, sampleWeight] = given as ValidationData;
  return model.prepare(`${where}: validationData`, x, y, { ...(sampleWeight && { sampleWeight }) });
}

const validation = (model: Trained, source: Validation['source']): Validation => ({
  source,
  totals: model.trackers('test'),
});

/** @throws ArgumentError for batches of another size than the model is built for */
function validateIn(model: Trained, where: string, data: Data, given: number | undefined): Validation {
  const size = batchSizeOf(where, model.inputSlots, data.count, given, 'validationBatchSize');
  return validation(model, new ArraySource(model, 'test', data, size, undefined, undefined, 'validation'));
}

export async function trainOn(model: Trained, x: DataArg, y: DataArg, args: FitArgs): Promise<History> {
  checkNames('fit', args, FIT);
  const { sampleWeight, classWeight, validationData, validationSplit = 0 } = args;
  const all = model.prepare('fit', x, y, { ...(sampleWeight && { sampleWeight }) }).data;
  const owned: Tensor[] = [];
  const own = ({ data, owned: made }: Prepared): Data => {
    owned.push(...made);
    return data;
  };
  let order: Order | undefined;
  try {
    let train = all;
    let held: Data | undefined;
    if (validationData) held = own(validateOn(model, 'fit', validationData));
    else {
      const kept = keptOf(all.count, validationSplit);
      if (kept < all.count) {
        train = own(part(all, 0, kept));
        held = own(part(all, kept, all.count));
      }
    }
    const batchSize = batchSizeOf('fit', model.inputSlots, train.count, args.batchSize);
    const test = held && validateIn(model, 'fit', held, args.validationBatchSize ?? batchSize);
    // Classes count in training alone, as in Keras.
    if (classWeight) train = own(model.weigh('fit', train, classWeight));
    model.position = begin(args.initialEpoch ?? 0);
    order = (args.shuffle ?? true) ? new Order(train.count) : undefined;
    const source = new ArraySource(model, 'train', train, batchSize, order, () => model.position.seed);
    return await fitModel(model, source, test, args, batchSize);
  } finally {
    order?.dispose();
    for (const t of owned) t.dispose();
  }
}

export async function fitDataset(model: Trained, dataset: BatchDataset, args: FitDatasetArgs): Promise<History> {
  checkNames('fitDataset', args, FIT_DATASET);
  const { batchesPerEpoch, classWeight, validationData, validationBatches } = args;
  checkDataset('fitDataset', dataset, 'batchesPerEpoch', batchesPerEpoch);
  const initialEpoch = args.initialEpoch ?? 0;
  model.position = begin(initialEpoch);
  const source = new DatasetSource(
    model,
    'train',
    'fitDataset',
    dataset,
    batchesPerEpoch,
    initialEpoch,
    (where, element) => model.prepare(where, ...partsOf(element, classWeight)),
  );
  if (!validationData) return fitModel(model, source, undefined, args, undefined);
  if ('iterator' in validationData) {
    const held = testSource(model, 'fitDataset: validationData', validationData, validationBatches, 'validation');
    return fitModel(model, source, validation(model, held), args, undefined);
  }
  const { data } = validateOn(model, 'fitDataset', validationData);
  const test = validateIn(model, 'fitDataset', data, args.validationBatchSize);
  return fitModel(model, source, test, args, undefined);
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
  model: Trained,
  dataset: BatchDataset,
  { batches, callbacks: given }: EvaluateDatasetArgs,
): Promise<number[]> {
  const totals = model.trackers('test');
  const source = testSource(model, 'evaluateDataset', dataset, batches, 'nextCall');
  const callbacks = new CallbackList(listOfCallbacks(given));
  callbacks.setModel(model);
  return evaluateSource(source, totals, new Pacer(16), callbacks);
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
  model: Trained,
  where: string,
  dataset: BatchDataset,
  batches: number | undefined,
  numbering: Numbering,
): DatasetSource {
  checkDataset(where, dataset, where === 'evaluateDataset' ? 'batches' : 'validationBatches', batches);
  const prepare = (place: string, element: BatchElement): Prepared => model.prepare(place, ...partsOf(element));
  return new DatasetSource(model, 'test', where, dataset, batches, 0, prepare, numbering);
}

/** Training as methods of models: `model.compile(…)`, `await model.fit(…)`. */

import { scalar } from '../ops/create/creation';
import { showProgram } from '../plan/print';
import { Pacer } from '../runtime/aside';
import { relieved } from '../runtime/pressure';
import { checkChoice } from '../support/arguments';
import { checked } from '../support/settings';
import type { Tensor } from '../tensor/tensor';
import { CallbackList, type History } from '../train/callbacks';
import type { Diagnosable } from '../train/diagnosis/probe';
import type { Metric } from '../train/metrics/metric';
import type { Optimizer } from '../train/optimizers/optimizer';
import type { Position, TrainingState } from '../train/totals/state';
import type { CompileArgs } from './compile';
import { batchSizeOf, type Data, type DataArg, type Prepared } from './feed/check';
import { ArraySource, type BatchDataset } from './feed/source';
import type { BatchWeightArgs } from './feed/weighting';
import { evaluateSource, runNow } from './loop/evaluation';
import {
  EVALUATE,
  type EvaluateArgs,
  type EvaluateDatasetArgs,
  type FitArgs,
  type FitDatasetArgs,
  WEIGHTS,
} from './loop/settings';
import { restoreTraining, saveTraining } from './loop/state';
import { evaluateDataset, fitDataset, trainOn } from './loop/training';
import { Model } from './model';
import type { StepKind } from './step/programs';
import { trainerOf } from './trainer';

/** One value as it is, several as a list. */
const single = <T>(list: T[]): T | T[] => (list.length === 1 ? (list[0] as T) : list);

const scalars = (values: readonly number[]): Tensor | Tensor[] => single(values.map((v) => scalar(v)));

function onBatch(
  model: Model,
  kind: StepKind,
  where: string,
  x: DataArg,
  y: DataArg,
  args: BatchWeightArgs | null | undefined,
): number[] {
  const trainer = trainerOf(model);
  const weights = checked(where, WEIGHTS, args) as BatchWeightArgs;
  const { data, owned } = trainer.prepareBatch(kind, where, x, y, weights);
  try {
    return runNow(trainer, kind, new ArraySource(data, data.count));
  } finally {
    for (const t of owned) t.dispose();
  }
}

/** Checked examples and targets, in the batches of `evaluate`. */
function examples(model: Model, where: string, x: DataArg, y: DataArg, args?: EvaluateArgs | null): ArraySource {
  const settings = checked(where, EVALUATE, args);
  const { batchSize, sampleWeight } = settings;
  const trainer = trainerOf(model);
  const { data } = trainer.prepareAll(where, x, y, { ...(sampleWeight && { sampleWeight }) });
  const steps = trainer.stepsOf(where, settings);
  const size = batchSizeOf(where, model.inputPorts, data.count, batchSize);
  return new ArraySource(data, size, undefined, undefined, steps);
}

/** The methods of training, which models of the main entry have. */
export interface Training {
  /** Set to true during a training to end it after the current batch. */
  stopTraining: boolean;
  /** Whether `fit` or `fitDataset` is running. */
  isTraining: boolean;
  /** @internal How far the present, or the last, training is. */
  readonly position: Position;
  /**
   * The optimizer of the model.
   * @throws StateError unless compiled
   */
  readonly optimizer: Optimizer;
  /** Names of all values that a step reports: 'loss', those of the outputs if there are several, metrics. */
  readonly metricsNames: string[];
  /**
   * The metrics, in the order in which `metricsNames` ends.
   * @throws StateError unless compiled
   */
  readonly metrics: Metric[];

  /**
   * Sets optimizer, loss and metrics. The optimizer's state starts from zero; call it again after `trainable` of a
   * layer has changed.
   * @throws ArgumentError for unknown names; StateError while the model is trained or evaluated
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 10, activation: 'softmax', inputShape: [784] })] });
   * model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
   */
  compile(args: CompileArgs): void;

  /**
   * Trains for whole epochs. A short last batch counts by its number of examples.
   *
   * @param x examples: [n, ...] as the model's input; a list or an object by name for several inputs.
   * @param y targets: [n, ...] as the loss wants them; a list or an object by name for several outputs.
   * @returns the history: `history.loss`, metrics, and with `val_` those of the validation data, one value an epoch.
   * @throws ShapeError, ArgumentError for data that does not fit; StateError unless compiled, or while it trains
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1] })] });
   * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
   * const { history } = await model.fit(sg.tensor([[1], [2], [3]]), sg.tensor([[2], [4], [6]]), { epochs: 5, batchSize: 2 });
   * history.loss.length; // 5
   */
  fit(x: DataArg, y: DataArg, args?: FitArgs | null): Promise<History>;

  /**
   * Trains on batches that a data set yields one by one; each batch's tensors are disposed of after its step.
   *
   * @param dataset whose iterator yields `{ xs, ys }`, `{ xs, ys, sampleWeights }` or `[xs, ys]`, as `sg.data` does.
   * @returns as `fit`
   * @throws as `fit`, with the number of the batch; ArgumentError if the data ends before `batchesPerEpoch`
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1] })] });
   * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
   * const xs = sg.data.array([[1], [2], [3]]);
   * const ys = sg.data.array([[2], [4], [6]]);
   * const dataset = sg.data.zip({ xs, ys }).shuffle(1000, 7).batch(2);
   * await model.fitDataset(dataset, { epochs: 5 });
   */
  fitDataset(dataset: BatchDataset, args?: FitDatasetArgs | null): Promise<History>;

  /**
   * One training step on one batch.
   * @returns the loss of the batch, followed by the metrics if there are any
   * @throws as `fit`
   */
  trainOnBatch(x: DataArg, y: DataArg, args?: BatchWeightArgs | null): Promise<number | number[]>;

  /**
   * Loss and metrics of one batch, as tensors.
   * @throws as `fit`
   */
  testOnBatch(x: DataArg, y: DataArg, args?: BatchWeightArgs | null): Tensor | Tensor[];

  /**
   * Loss and metrics over all examples: the same bits whatever the batch size.
   * @returns a scalar, or a list of them if there are metrics
   * @throws ShapeError, ArgumentError for data that does not fit; StateError unless compiled
   */
  evaluate(x: DataArg, y: DataArg, args?: EvaluateArgs | null): Tensor | Tensor[];

  /**
   * As `evaluate`, but the event loop runs meanwhile: a page stays responsive. In a page that is cross-origin isolated a
   * worker computes. The bits are those of `evaluate`.
   * @returns a scalar, or a list of them if there are metrics
   * @throws as `evaluate`
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
   * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
   * const loss = await model.evaluateAsync(sg.ones([100, 2]), sg.ones([100, 1]), { batchSize: 10 });
   */
  evaluateAsync(x: DataArg, y: DataArg, args?: EvaluateArgs | null): Promise<Tensor | Tensor[]>;

  /** Loss and metrics over the batches of a data set, whose tensors are disposed of. @throws as `fitDataset` */
  evaluateDataset(dataset: BatchDataset, args?: EvaluateDatasetArgs | null): Promise<Tensor | Tensor[]>;

  /** The program of a training or testing step as text; for inspecting plans. */
  describeStep(kind: 'train' | 'test', x: DataArg, y: DataArg): string;

  /**
   * A copy of everything that training changes, also during `fit`: weights, optimizer, counters, position in the epoch.
   * @throws StateError unless compiled
   */
  trainingState(): TrainingState;

  /**
   * Restores the state of a model with the same layers and optimizer. A `fit` that has begun (in a callback's
   * `onTrainBegin`) continues from where the state was taken, with the bits of a training without interruption.
   * @throws ArgumentError, ShapeError for the state of another model; nothing has changed then
   */
  restoreTraining(state: TrainingState): void;

  /** @internal Checked examples and targets. */
  prepare(where: string, x: DataArg, y: DataArg): Prepared;
  /** @internal The loss that training makes smaller, of traced tensors in the place of those of a data set. */
  lossOf: Diagnosable['lossOf'];
}

declare module './model' {
  interface Model<Out extends Tensor | Tensor[]> extends Training {}
}

const methods: Pick<
  Training,
  | 'compile'
  | 'fit'
  | 'fitDataset'
  | 'trainOnBatch'
  | 'testOnBatch'
  | 'evaluate'
  | 'evaluateAsync'
  | 'evaluateDataset'
  | 'describeStep'
  | 'trainingState'
  | 'restoreTraining'
  | 'prepare'
  | 'lossOf'
> &
  ThisType<Model> = {
  compile(args) {
    trainerOf(this).compile(args);
  },
  fit(x, y, args) {
    const trainer = trainerOf(this);
    return trainer.train('fit', () => trainOn(trainer, x, y, args));
  },
  fitDataset(dataset, args) {
    const trainer = trainerOf(this);
    return trainer.train('fitDataset', () => fitDataset(trainer, dataset, args));
  },
  async trainOnBatch(x, y, args) {
    trainerOf(this).warnOfChanges('trainOnBatch');
    return relieved(single(onBatch(this, 'train', 'trainOnBatch', x, y, args)));
  },
  testOnBatch(x, y, args) {
    return scalars(onBatch(this, 'test', 'testOnBatch', x, y, args));
  },
  evaluate(x, y, args) {
    const source = examples(this, 'evaluate', x, y, args);
    return scalars(runNow(trainerOf(this), 'test', source));
  },
  async evaluateAsync(x, y, args) {
    const trainer = trainerOf(this);
    const source = examples(this, 'evaluateAsync', x, y, args);
    const values = await trainer.busily(() =>
      evaluateSource(trainer, source, 'nextCall', new Pacer(), new CallbackList([])),
    );
    return relieved(scalars(values));
  },
  async evaluateDataset(dataset, args) {
    const trainer = trainerOf(this);
    const values = await trainer.busily(() => evaluateDataset(trainer, dataset, args));
    return relieved(scalars(values));
  },
  describeStep(kind, x, y) {
    checkChoice(kind, 'describeStep', 'kind', ['train', 'test']);
    const trainer = trainerOf(this);
    const { data } = trainer.prepare('describeStep', x, y);
    return showProgram(trainer.stepFor(kind, 'batch', data, data.count).program);
  },
  trainingState() {
    return saveTraining(trainerOf(this));
  },
  restoreTraining(state) {
    restoreTraining(trainerOf(this), state);
  },
  prepare(where, x, y) {
    return trainerOf(this).prepare(where, x, y);
  },
  lossOf(data, tensors, training) {
    return trainerOf(this).lossOf(data as Data, tensors, training);
  },
};

const accessors: PropertyDescriptorMap & ThisType<Model> = {
  stopTraining: {
    get() {
      return trainerOf(this).stopTraining;
    },
    set(value: boolean) {
      trainerOf(this).stopTraining = value;
    },
  },
  isTraining: {
    get() {
      return trainerOf(this).isTraining;
    },
    set(value: boolean) {
      trainerOf(this).isTraining = value;
    },
  },
  position: {
    get() {
      return trainerOf(this).position;
    },
  },
  optimizer: {
    get() {
      return trainerOf(this).optimizer;
    },
  },
  metricsNames: {
    get() {
      return [...trainerOf(this).settled('metricsNames').names];
    },
  },
  metrics: {
    get() {
      return trainerOf(this)
        .settled('metrics')
        .objectives.flatMap((o) => o.metrics.map(({ metric }) => metric));
    },
  },
};

/** Adds the methods of training to all models. */
export function addTraining(): void {
  if (Object.hasOwn(Model.prototype, 'compile')) return;
  for (const [name, value] of Object.entries(methods))
    Object.defineProperty(Model.prototype, name, { value, writable: true, configurable: true });
  for (const [name, accessor] of Object.entries(accessors))
    Object.defineProperty(Model.prototype, name, { ...accessor, configurable: true });
}

/** What all models share: weights, compile, fit, evaluate, predict. */
import type { CallArgs, Mask } from '../layers/base/call';
import { context } from '../layers/base/context';
import type { Holder } from '../layers/base/holder';
import { Layer, type LayerArgs } from '../layers/base/layer';
import {
  listOf,
  type PartialShape,
  type Shapes,
  shapeList,
  shapesOf,
  type Tensors,
  withoutBatch,
} from '../layers/base/shapes';
import type { SymbolicOutput, SymbolicTensor } from '../layers/base/symbolic';
import { scalar } from '../ops/create/creation';
import { reshape } from '../ops/shape/shaping';
import { relieved } from '../runtime/pressure';
import { checkChoice, checkSettings, within } from '../support/arguments';
import { DisposedError, StateError } from '../support/errors';
import { currentGraph } from '../tensor/graph';
import { tidy } from '../tensor/scope';
import { releaseWith, type Storage } from '../tensor/storage';
import type { Tensor } from '../tensor/tensor';
import { freezing } from '../tensor/variable';
import type { CallbackTarget, History } from '../train/callbacks';
import type { Optimizer } from '../train/optimizers/optimizer';
import type { TrainingState } from '../train/totals/state';
import { type CompileArgs, type Compiled, checkCompileArgs, settle, takeIn, warnOfChanges } from './compile';
import {
  asExamples,
  batchOf,
  batchSizeOf,
  checkData,
  checkInputs,
  type Data,
  type DataArg,
  type Prepared,
  type Slots,
} from './feed/check';
import { ArraySource, type BatchDataset, type Stepping } from './feed/source';
import {
  type ClassWeight,
  type PerTarget,
  type WeightArgs,
  withClassWeights,
  withSampleWeights,
} from './feed/weighting';
import { findLayer, runPart } from './functional/graph';
import { type EvaluateArgs, evaluateNow } from './loop/evaluation';
import type { FitArgs, Fittable } from './loop/fit';
import { type EvaluateDatasetArgs, evaluateDataset, type FitDatasetArgs, fitDataset, trainOn } from './loop/training';
import { ModelDraws } from './step/draws';
import { measure } from './step/measure';
import { type PredictArgs, Predictor } from './step/predictor';
import { StepCache } from './step/program-cache';
import { type Feed, makeStep, type Step, type StepKind, type Trainable } from './step/programs';
import { restoreTraining, saveTraining } from './step/state';
import type { Trackers } from './step/trackers';
import { printSummary, type SummaryRow } from './view/summary';

/** One tensor as it is, several as a list. */
const single = <T>(list: T[]): T | T[] => (list.length === 1 ? (list[0] as T) : list);

/**
 * Base of models: layers that are layers themselves, with weights, and their training. A subclass says how its layers
 * are connected.
 */
export abstract class Model<Out extends Tensor | Tensor[] = Tensor | Tensor[]>
  extends Layer
  implements CallbackTarget, Trainable, Stepping
{
  stopTraining = false;
  isTraining = false;
  /** How far the present, or the last, training is. */
  position: Fittable['position'] = { epoch: 0, batch: 0, seed: [0, 0] };
  #compiled: Compiled | undefined;
  /** Up to which change of `trainable` the user has been warned. */
  #frozen = 0;
  /** Trainings and evaluations that are under way. */
  #busy = 0;
  readonly #steps = new StepCache();
  readonly #predictor: Predictor;
  /** What random numbers of the model's programs follow. */
  readonly draws = new ModelDraws();
  readonly #owned: Storage[];

  constructor(args: LayerArgs) {
    super(args);
    this.supportsMasking = true;
    // Whoever makes a model holds it, also if others come to hold it too.
    this.retain();
    this.#predictor = new Predictor(this);
    this.#owned = [this.draws.storage];
    releaseWith(this, this.#owned);
  }

  abstract readonly layers: readonly Layer[];
  /** Symbolic tensors at both ends. @throws StateError before they are known */
  abstract get inputs(): readonly SymbolicTensor[];
  abstract get outputs(): readonly SymbolicTensor[];
  /** Names and shapes of the inputs. @throws StateError before they are known */
  abstract get inputSlots(): Slots;
  abstract get outputNames(): readonly string[];
  /** The model's mathematics on real or traced tensors: all outputs, with their masks. */
  abstract run(inputs: readonly Tensor[], args: CallArgs): { outputs: readonly Tensor[]; masks: readonly Mask[] };

  /** `run`, where numbers [n] may stand for examples of one feature [n, 1]. */
  feed(inputs: readonly Tensor[], args: CallArgs): { outputs: readonly Tensor[]; masks: readonly Mask[] } {
    return this.run(this.#examples(inputs), args);
  }

  #examples(inputs: readonly Tensor[]): Tensor[] {
    const { shapes } = this.inputSlots;
    return inputs.map((x, i) => {
      const shape = asExamples(x.shape, shapes[i] as PartialShape);
      return shape === x.shape ? x : reshape(x, shape);
    });
  }

  /** Shape of the input with the batch, or those of several. @throws StateError before it is known */
  override get inputShape(): Shapes {
    return single([...this.inputSlots.shapes]) as Shapes;
  }

  override get input(): SymbolicOutput {
    return single([...this.inputs]) as SymbolicOutput;
  }

  override get output(): SymbolicOutput {
    return single([...this.outputs]) as SymbolicOutput;
  }

  /** Only the layers that it is made of, and those that were given to `addLayer`: other properties are free. */
  protected override get kept(): readonly Holder[] {
    return [...this.layers, ...this.added];
  }

  override get listed(): readonly Layer[] {
    return [];
  }

  protected override get isContainer(): boolean {
    return true;
  }

  override get knowsShape(): boolean {
    return true;
  }

  /** Whether all layers are. */
  override get built(): boolean {
    return this.layers.length > 0 && this.layers.every((l) => l.built);
  }

  override set built(value: boolean) {
    if (value !== this.built)
      throw new StateError(`${this.name}: built follows from the layers; call build to build them`);
  }

  override ensureBuilt(inputShape: Shapes, isCall = false): void {
    if (!this.built) this.build(isCall ? withoutBatch(inputShape) : inputShape);
  }

  call(inputs: Tensors, args?: CallArgs | null): Out {
    return this.invoke(inputs, args ?? {}).outputs as Out;
  }

  override invoke(inputs: Tensors, args: CallArgs): { outputs: Tensors; mask: Mask | readonly Mask[] } {
    this.ensureBuilt(shapesOf(inputs), true);
    const { training = context().training } = args;
    const { outputs, masks } = this.run(listOf(inputs), { ...args, training });
    return { outputs: single([...outputs]), mask: single([...masks]) };
  }

  override setWeights(weights: readonly Tensor[]): void {
    this.#ensureReady('setWeights');
    super.setWeights(weights);
  }

  override countParams(): number {
    this.#ensureReady('countParams');
    return super.countParams();
  }

  /** What `summary` shows of each layer. */
  abstract get rows(): readonly SummaryRow[];

  /**
   * A layer by its name or its position; as in TensorFlow.js, a position may come second. @throws ArgumentError
   * @example
   * model.getLayer('dense_1');
   * model.getLayer(null, 0);
   */
  getLayer(nameOrIndex: string | number | null | undefined, index?: number | null): Layer {
    return findLayer(this, index ?? nameOrIndex);
  }

  /**
   * What named layers give for some inputs, outputs or not.
   * @param inputs as for `predict`, but one batch.
   * @param outputs names of layers, or of symbolic tensors, as `layer.output.name`.
   * @returns a tensor, or a list if `outputs` is one
   * @throws ArgumentError for a name that no layer has; ShapeError, ArgumentError for inputs that do not fit
   * @example
   * const features = model.execute(x, 'flatten_1');
   */
  execute(inputs: DataArg, outputs: string): Tensor;
  execute(inputs: DataArg, outputs: readonly string[]): Tensor[];
  execute(inputs: DataArg, outputs: string | readonly string[]): Tensor | Tensor[] {
    this.#ensureReady('execute');
    const list = checkInputs('execute', this.inputSlots, inputs);
    const names = listOf(outputs);
    const found = tidy(() => runPart(this, names, this.#examples(list)));
    return Array.isArray(outputs) ? found : (found[0] as Tensor);
  }

  get optimizer(): Optimizer {
    return this.#settled('optimizer').optimizer;
  }

  get metricsNames(): string[] {
    return [...this.#settled('metricsNames').names];
  }

  /** The metrics, in the order in which `metricsNames` ends. */
  get metrics() {
    return this.#settled('metrics').objectives.flatMap((o) => o.metrics.map(({ metric }) => metric));
  }

  /**
   * Settles how the model is trained. Starts the optimizer's state afresh.
   * @throws ArgumentError for unknown names; StateError while the model is trained or evaluated
   */
  compile(args: CompileArgs): void {
    checkCompileArgs(args);
    this.ensureIdle('compile');
    const make = (): (() => Compiled) => settle(args, this, this.#compiled?.optimizer);
    make();
    this.#ensureReady('compile');
    const begin = make();
    this.#uncompile();
    this.#compiled = begin();
    this.#frozen = freezing.version;
  }

  /**
   * Trains for whole epochs. The last short batch counts as one of its size.
   *
   * @param x examples: [n, ...] as the model's input; a list or an object by name for several inputs.
   * @param y targets: [n, ...] as the loss wants them; a list or an object by name for several outputs.
   * @returns the history: `history.loss`, metrics, and with `val_` those of the validation data, one value an epoch.
   * @throws ShapeError, ArgumentError for data that does not fit; StateError unless compiled, or while it trains
   * @example
   * const { history } = await model.fit(x, y, { epochs: 5, batchSize: 32 });
   * history.loss; // five numbers
   */
  fit(x: DataArg, y: DataArg, args?: FitArgs | null): Promise<History> {
    return this.#train('fit', () => trainOn(this, x, y, checkSettings(args, 'fit', 'args')));
  }

  /**
   * Trains on batches that a data set gives one by one; their tensors are disposed of after their step.
   *
   * @param dataset whose iterator gives batches `{ xs, ys }`, `{ xs, ys, sampleWeights }` or `[xs, ys]`, as `sg.data` does.
   * @returns as `fit`
   * @throws as `fit`, with the number of the batch; ArgumentError if the data ends before `batchesPerEpoch`
   * @example
   * const dataset = sg.data.zip({ xs: sg.data.array(rows), ys: sg.data.array(targets) }).shuffle(1000, 7).batch(32);
   * await model.fitDataset(dataset, { epochs: 5 });
   */
  fitDataset(dataset: BatchDataset, args?: FitDatasetArgs | null): Promise<History> {
    return this.#train('fitDataset', () => fitDataset(this, dataset, checkSettings(args, 'fitDataset', 'args')));
  }

  /**
   * One step on one batch. @throws as `fit`
   * @returns the loss of the batch, followed by the metrics if there are any
   */
  async trainOnBatch(x: DataArg, y: DataArg, args: WeightArgs = {}): Promise<number | number[]> {
    this.#warnOfChanges('trainOnBatch');
    return relieved(single(this.#onBatch('train', 'trainOnBatch', x, y, args)));
  }

  /** Loss and metrics of one batch, as tensors. */
  testOnBatch(x: DataArg, y: DataArg, args: WeightArgs = {}): Tensor | Tensor[] {
    return single(this.#onBatch('test', 'testOnBatch', x, y, args).map((v) => scalar(v)));
  }

  /**
   * Loss and metrics over all examples: the same bits whatever the batch size.
   * @returns a scalar, or a list of them if there are metrics
   * @throws ShapeError, ArgumentError for data that does not fit; StateError unless compiled
   */
  evaluate(x: DataArg, y: DataArg, args?: EvaluateArgs | null): Tensor | Tensor[] {
    const { batchSize, sampleWeight } = checkSettings(args, 'evaluate', 'args');
    const { data } = this.prepare('evaluate', x, y, { ...(sampleWeight && { sampleWeight }) });
    const size = batchSizeOf('evaluate', this.inputSlots, data.count, batchSize);
    const values = evaluateNow(new ArraySource(this, 'test', data, size), this.trackers('test'));
    return single(values.map((v) => scalar(v)));
  }

  /** Loss and metrics over the batches of a data set, whose tensors are disposed of. @throws as `fitDataset` */
  async evaluateDataset(dataset: BatchDataset, args?: EvaluateDatasetArgs | null): Promise<Tensor | Tensor[]> {
    const settings = checkSettings(args, 'evaluateDataset', 'args');
    const values = await this.#busily(() => evaluateDataset(this, dataset, settings));
    return relieved(single(values.map((v) => scalar(v))));
  }

  /**
   * Outputs for all examples, batch by batch. What an example gives does not depend on the others.
   * @returns one tensor, or a list of them if the model has several outputs
   * @throws ShapeError, with the expected shape
   * @example
   * const probabilities = model.predict(sg.zeros([3, 784])); // [3, 10]
   */
  predict(x: DataArg, args?: PredictArgs | null): Out {
    return this.#predict('predict', x, checkSettings(args, 'predict', 'args').batchSize ?? undefined);
  }

  /** Outputs for one batch, in one run. */
  predictOnBatch(x: DataArg): Out {
    return this.#predict('predictOnBatch', x, 'all');
  }

  /** Prints the layers with their shapes and numbers of weights. */
  summary(
    lineLength?: number | null,
    positions?: readonly number[] | null,
    print?: ((line: string) => void) | null,
  ): void {
    this.#ensureReady('summary');
    printSummary(this, lineLength, positions, print);
  }

  /** The program of a training or testing step as text; for looking at plans. */
  describeStep(kind: StepKind, x: DataArg, y: DataArg): string {
    checkChoice(kind, 'describeStep', 'kind', ['train', 'test']);
    const { data } = this.prepare('describeStep', x, y);
    return this.stepFor(kind, 'batch', data, data.count).program.toString();
  }

  /** Gives back the memory of programs, optimizer state, and weights that no other model holds. */
  protected override free(): void {
    this.#uncompile();
    this.#predictor.dispose();
    super.free();
    for (const storage of this.#owned.splice(0)) storage.release();
  }

  /** The step for `rows` examples like those of the data; made when it is first needed. */
  stepFor(kind: StepKind, feed: Feed, data: Data, rows: number): Step {
    const found = this.#steps.find(kind, feed, data, rows);
    if (found) return found;
    batchSizeOf(kind, this.inputSlots, rows, rows, 'the batch');
    const make = (): Step | undefined => makeStep(this, this.#settled(kind), kind, feed, data, rows);
    let step = make();
    if (!step) {
      this.#compiled = takeIn(this.name, this, this.#settled(kind));
      step = make();
    }
    if (!step) throw new StateError(`${this.name}: a layer makes new weights whenever it is called`);
    this.#steps.add(step);
    return step;
  }

  /**
   * A copy of all that training changes, also in the middle of `fit`: weights, optimizer, counters, place in the epoch.
   * @throws StateError unless compiled
   */
  trainingState(): TrainingState {
    return saveTraining(this);
  }

  /**
   * Takes on the state of a model of the same layers and optimizer. A `fit` that has begun (in a callback's
   * `onTrainBegin`) goes on from where the state was taken, with the bits of a training that was never interrupted.
   * @throws ArgumentError, ShapeError for the state of another model; nothing has changed then
   */
  restoreTraining(state: TrainingState): void {
    restoreTraining(this, state);
  }

  /** Totals of training, or of testing. @throws StateError unless compiled */
  trackers(kind: StepKind): Trackers {
    return this.#settled(kind === 'train' ? 'fit' : 'evaluate').trackers[kind];
  }

  /** @throws ShapeError, ArgumentError unless the data fits inputs and trained outputs */
  prepare(where: string, x: DataArg, y: DataArg, args?: WeightArgs | null): Prepared {
    const { sampleWeight, classWeight } = checkSettings(args, where, 'args');
    const { objectives } = this.#settled(where);
    const names = objectives.map((o) => o.name);
    let data = checkData(where, this.inputSlots, names, x, y);
    if (sampleWeight) data = within(where, () => withSampleWeights(where, objectives, data, sampleWeight));
    return classWeight ? this.weigh(where, data, classWeight) : { data, owned: [] };
  }

  /** The data with weights by class. @throws ArgumentError */
  weigh(where: string, data: Data, classWeight: PerTarget<ClassWeight>): Prepared {
    const ranks = shapeList(this.outputShape as Shapes).map((s) => s.length);
    return withClassWeights(where, this.#settled(where).objectives, data, classWeight, ranks);
  }

  /** The loss that training makes smaller, of traced tensors in the place of those of a data set. */
  lossOf({ layout }: Data, tensors: readonly Tensor[], training: boolean): Tensor {
    return measure(this, this.#settled('loss'), batchOf(tensors, layout), training).total;
  }

  #settled(where: string): Compiled {
    if (!this.#compiled)
      throw new StateError(`${where}: the model is not compiled; call model.compile({ optimizer, loss }) first`);
    return this.#compiled;
  }

  #ensureAlive(where: string): void {
    if (this.#owned.length === 0) throw new DisposedError(`${where}: the model was disposed of`);
  }

  #ensureReady(where: string): void {
    this.#ensureAlive(where);
    if (this.built) return;
    if (this.layers.length === 0) throw new StateError(`${where}: the model has no layers`);
    if (!this.layers[0]?.batchInputShape)
      throw new StateError(`${where}: the model is not built; give the first layer an inputShape, or call build`);
    this.build(this.layers[0].batchInputShape);
  }

  #predict(where: string, x: DataArg, size: number | 'all' | undefined): Out {
    this.#ensureAlive(where);
    if (!this.built) {
      const [first] = listOf(x as Tensor);
      if (first?.shape) this.build([null, ...asExamples(first.shape, [null, null]).slice(1)]);
    }
    const slots = this.inputSlots;
    const inputs = checkInputs(where, slots, x);
    // In a gradient, or a function of sg.jit, it is a part of that.
    if (currentGraph()) return single([...this.feed(inputs, { training: false }).outputs]) as Out;
    const count = inputs[0]?.shape[0] as number;
    const batchSize = batchSizeOf(where, slots, count, size === 'all' ? Math.max(1, count) : size);
    return single(this.#predictor.predict(inputs, batchSize)) as Out;
  }

  async #train(where: string, run: () => Promise<History>): Promise<History> {
    this.#warnOfChanges(where);
    if (this.isTraining) throw new StateError(`${where}: this model is being trained already; await the other fit`);
    this.isTraining = true;
    this.stopTraining = false;
    const history = await this.#busily(run).finally(() => {
      this.isTraining = false;
    });
    return relieved(history);
  }

  /** Once for each change. */
  #warnOfChanges(where: string): void {
    const compiled = this.#settled(where);
    if (this.#frozen === freezing.version) return;
    this.#frozen = freezing.version;
    warnOfChanges(where, compiled, this.trainableWeights);
  }

  async #busily<T>(run: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await run();
    } finally {
      this.#busy--;
    }
  }

  protected ensureIdle(where: string): void {
    if (this.#busy > 0)
      throw new StateError(`${where}: the model is being trained or evaluated; await that, or set stopTraining first`);
  }

  #onBatch(kind: StepKind, where: string, x: DataArg, y: DataArg, args: WeightArgs): number[] {
    const { data, owned } = this.prepare(where, x, y, args);
    try {
      return evaluateNow(new ArraySource(this, kind, data, data.count), this.trackers(kind));
    } finally {
      for (const t of owned) t.dispose();
    }
  }

  /** For subclasses whose layers have changed: programs are stale, and the model has to be compiled again. */
  protected layersChanged(): void {
    this.#uncompile();
    this.#predictor.dispose();
  }

  #uncompile(): void {
    this.#steps.clear();
    this.#compiled?.optimizer.detach();
    this.#compiled?.arena.dispose();
    this.#compiled?.trackers.train.dispose();
    this.#compiled?.trackers.test.dispose();
    this.#compiled = undefined;
  }
}

/** The base of all models: layers, weights, predictions. */
import type { CallArgs, Mask } from '../layers/base/call';
import { context } from '../layers/base/context';
import type { Holder } from '../layers/base/holder';
import { ADDED, IS_CONTAINER, KEPT, LISTED } from '../layers/base/keys';
import { Layer, type LayerArgs } from '../layers/base/layer';
import { listOf, type PartialShape, type Shapes, shapesOf, type Tensors, withoutBatch } from '../layers/base/shapes';
import type { SymbolicResult, SymbolicTensor } from '../layers/base/symbolic';
import { reshape } from '../ops/shape/shaping';
import { DisposedError, StateError } from '../support/errors';
import { INSPECT } from '../support/inspect';
import { checked, flag } from '../support/settings';
import { currentGraph } from '../tensor/graph';
import { tidy } from '../tensor/scope';
import { releaseWith, type Storage } from '../tensor/storage';
import type { Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import { asExamples, batchSizeOf, checkInputs, type DataArg, type Ports } from './feed/check';
import { findLayer, runPart } from './functional/graph';
import { ModelDraws } from './step/draws';
import { PREDICT, type PredictArgs, Predictor } from './step/predictor';
import { printSummary, type SummaryRow, summarize } from './view/summary';

/** One tensor as it is, several as a list. */
const single = <T>(list: T[]): T | T[] => (list.length === 1 ? (list[0] as T) : list);

/** A part that depends on the layers of a model, such as its training. */
export interface ModelPart {
  /** @throws StateError while it uses the model */
  ensureIdle(where: string): void;
  /** Called when the layers have changed, or the model was disposed of: frees what was made for them. */
  reset(): void;
}

/**
 * Base class of models: layers that consist of layers. A subclass defines how they are connected. Training is in
 * `trainer.ts`, and its methods are in `methods.ts`, so that programs that only predict do without.
 */
export abstract class Model<Out extends Tensor | Tensor[] = Tensor | Tensor[]> extends Layer {
  readonly #parts: ModelPart[] = [];
  readonly #predictor: Predictor;
  /** State of the random numbers of the model's programs. @internal */
  readonly draws = new ModelDraws();
  readonly #owned: Storage[];

  constructor(args: LayerArgs) {
    super(args);
    this.supportsMasking = true;
    // The creator of a model holds it, in addition to models that contain it.
    this.retain();
    this.#predictor = new Predictor(this);
    this.#owned = [this.draws.storage];
    releaseWith(this, this.#owned);
  }

  /** The layers. */
  abstract readonly layers: readonly Layer[];
  /**
   * Symbolic inputs.
   * @throws StateError before they are known
   */
  abstract get inputs(): readonly SymbolicTensor[];
  /**
   * Symbolic outputs.
   * @throws StateError before they are known
   */
  abstract get outputs(): readonly SymbolicTensor[];
  /**
   * Names and shapes of the inputs.
   * @throws StateError before they are known
   * @internal
   */
  abstract get inputPorts(): Ports;
  /** Names of the outputs, in their order. */
  abstract get outputNames(): readonly string[];
  /** Computes all outputs, with their masks, on real or traced tensors. @internal */
  abstract run(inputs: readonly Tensor[], args: CallArgs): { outputs: readonly Tensor[]; masks: readonly Mask[] };

  /** `run`, where numbers [n] may be given for examples of one feature [n, 1]. @internal */
  feed(inputs: readonly Tensor[], args: CallArgs): { outputs: readonly Tensor[]; masks: readonly Mask[] } {
    return this.run(this.#examples(inputs), args);
  }

  #examples(inputs: readonly Tensor[]): Tensor[] {
    const { shapes } = this.inputPorts;
    return inputs.map((x, i) => {
      const shape = asExamples(x.shape, shapes[i] as PartialShape);
      return shape === x.shape ? x : reshape(x, shape);
    });
  }

  /** @internal Tells the part of all later changes. */
  addPart(part: ModelPart): void {
    this.#parts.push(part);
  }

  /** Shape of the input with the batch, or those of several. @throws StateError before it is known */
  override get inputShape(): Shapes {
    return single([...this.inputPorts.shapes]) as Shapes;
  }

  override get input(): SymbolicResult<Parameters<this['call']>[0]> {
    return single([...this.inputs]) as SymbolicResult<Parameters<this['call']>[0]>;
  }

  override get output(): SymbolicResult<ReturnType<this['call']>> {
    return single([...this.outputs]) as SymbolicResult<ReturnType<this['call']>>;
  }

  /** Only the layers of the graph, and those added by `addLayer`: other properties are not searched for layers. */
  override get [KEPT](): readonly Holder[] {
    return [...this.layers, ...this[ADDED]];
  }

  override get [LISTED](): readonly Layer[] {
    return [];
  }

  override get [IS_CONTAINER](): boolean {
    return true;
  }

  override get knowsShape(): boolean {
    return true;
  }

  /** Whether all layers are built. */
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

  /**
   * Names of the inputs, in their order.
   * @throws StateError before they are known
   */
  get inputNames(): readonly string[] {
    return this.inputPorts.names;
  }

  /**
   * Copies of the weights with their names; `{ trainableOnly: true }` restricts them to those that are trained.
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
   * for (const { name, tensor } of model.getNamedWeights()) console.log(name, tensor.shape);
   */
  getNamedWeights(config?: { trainableOnly?: boolean } | null): { name: string; tensor: Tensor }[] {
    const { trainableOnly } = checked('getNamedWeights', { trainableOnly: flag(false) }, config);
    const weights = trainableOnly ? this.trainableWeights : this.weights;
    return this.getWeights(trainableOnly).map((tensor, i) => ({ name: (weights[i] as Variable).name, tensor }));
  }

  override setWeights(weights: readonly Tensor[]): void {
    this.ensureReady('setWeights');
    super.setWeights(weights);
  }

  override countParams(): number {
    this.ensureReady('countParams');
    return super.countParams();
  }

  /** What `summary` shows of each layer. @internal */
  abstract get rows(): readonly SummaryRow[];

  /**
   * A layer by its name or its position; as in TensorFlow.js, a position may come second. @throws ArgumentError
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2], name: 'score' })] });
   * model.getLayer('score') === model.getLayer(null, 0); // true
   */
  getLayer(nameOrIndex: string | number | null | undefined, index?: number | null): Layer {
    return findLayer(this, index ?? nameOrIndex);
  }

  /**
   * Computes outputs of named layers.
   * @param inputs as for `predict`, but one batch.
   * @param outputs names of layers, or of symbolic tensors, as `layer.output.name`.
   * @returns a tensor, or a list if `outputs` is one
   * @throws ArgumentError for a name that no layer has; ShapeError, ArgumentError for inputs that do not fit
   * @example
   * const x = sg.input({ shape: [2] });
   * const features = sg.layers.dense({ units: 4, name: 'features' }).apply(x);
   * const model = sg.model({ inputs: x, outputs: sg.layers.dense({ units: 1 }).apply(features) });
   * model.execute(sg.ones([3, 2]), 'features').shape; // [3, 4]
   */
  execute(inputs: DataArg, outputs: string): Tensor;
  execute(inputs: DataArg, outputs: readonly string[]): Tensor[];
  execute(inputs: DataArg, outputs: string | readonly string[]): Tensor | Tensor[] {
    this.ensureReady('execute');
    const list = checkInputs('execute', this.inputPorts, inputs);
    const names = listOf(outputs);
    const found = tidy(() => runPart(this, names, this.#examples(list)));
    return Array.isArray(outputs) ? found : (found[0] as Tensor);
  }

  /**
   * Outputs for all examples, computed batch by batch. The output of an example does not depend on the others.
   * @returns one tensor, or a list of them if the model has several outputs
   * @throws ShapeError, with the expected shape
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 10, activation: 'softmax', inputShape: [784] })] });
   * model.predict(sg.zeros([3, 784])).shape; // [3, 10]
   */
  predict(x: DataArg, args?: PredictArgs | null): Out {
    return this.#predict('predict', x, args ? checked('predict', PREDICT, args).batchSize : undefined);
  }

  /**
   * As `predict`, but the event loop runs meanwhile: a page stays responsive, a server answers others. In a page that is
   * cross-origin isolated a worker computes. The bits are those of `predict`.
   * @returns the outputs, which no `tidy` disposes of
   * @throws as `predict`
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [3] })] });
   * const y = await model.predictAsync(sg.zeros([100, 3]), { batchSize: 10 });
   * y.shape; // [100, 2]
   */
  async predictAsync(x: DataArg, args?: PredictArgs | null): Promise<Out> {
    const size = args ? checked('predictAsync', PREDICT, args).batchSize : undefined;
    if (currentGraph())
      throw new StateError('predictAsync: use predict in a function that is differentiated or compiled');
    const inputs = this.#inputs('predictAsync', x);
    const batchSize = this.#batchSize('predictAsync', inputs, size);
    return single(await this.#predictor.predictAside(inputs, batchSize)) as Out;
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
    this.ensureReady('summary');
    printSummary(this, lineLength, positions, print);
  }

  /** Disposes of programs, training, and weights that no other model uses. */
  protected override free(): void {
    this.#reset();
    super.free();
    for (const storage of this.#owned.splice(0)) storage.release();
  }

  /** @internal On the console: what `summary` prints. */
  override [INSPECT](): string {
    return this.isGone || !this.built ? super[INSPECT]() : summarize(this).join('\n');
  }

  #ensureAlive(where: string): void {
    if (this.#owned.length === 0) throw new DisposedError(`${where}: the model was disposed of`);
  }

  /** @internal Builds it if need be. @throws StateError if it cannot be built yet, DisposedError */
  ensureReady(where: string): void {
    this.#ensureAlive(where);
    if (this.built) return;
    if (this.layers.length === 0) throw new StateError(`${where}: the model has no layers`);
    if (!this.layers[0]?.batchInputShape)
      throw new StateError(`${where}: the model is not built; give the first layer an inputShape, or call build`);
    this.build(this.layers[0].batchInputShape);
  }

  #predict(where: string, x: DataArg, size: number | 'all' | undefined): Out {
    const inputs = this.#inputs(where, x);
    // In a gradient, or a function of sg.jit, it is a part of that.
    if (currentGraph()) return single([...this.feed(inputs, { training: false }).outputs]) as Out;
    return single(this.#predictor.predict(inputs, this.#batchSize(where, inputs, size))) as Out;
  }

  /** Checked inputs; builds the model if need be. */
  #inputs(where: string, x: DataArg): Tensor[] {
    this.#ensureAlive(where);
    if (!this.built) {
      const [first] = listOf(x as Tensor);
      if (first?.shape) this.build([null, ...asExamples(first.shape, [null, null]).slice(1)]);
    }
    return checkInputs(where, this.inputPorts, x);
  }

  /** How many examples a run takes. */
  #batchSize(where: string, inputs: readonly Tensor[], size: number | 'all' | undefined): number {
    const count = inputs[0]?.shape[0] as number;
    return batchSizeOf(where, this.inputPorts, count, size === 'all' ? Math.max(1, count) : size);
  }

  /** @throws StateError while a part of the model uses it @internal */
  protected ensureIdle(where: string): void {
    for (const part of this.#parts) part.ensureIdle(where);
  }

  /** Subclasses call it after their layers have changed: the model must be compiled again. @internal */
  protected layersChanged(): void {
    this.#reset();
  }

  #reset(): void {
    for (const part of this.#parts) part.reset();
    this.#predictor.dispose();
  }
}

/** What all layers share: names, weights, building, calls on real and on symbolic tensors, configuration. */
import { variable } from '../ops/variables';
import { ArgumentError, DisposedError, ShapeError, StateError } from '../runtime/errors';
import type { DType } from '../tensor/dtype';
import { withGraph } from '../tensor/graph';
import { tidy, untracked } from '../tensor/scope';
import { type Shape, sameShape, showShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import type { LayerArgs, WeightSpec } from './args';
import type { CallArgs, Mask } from './call';
import { type Constraint, type ConstraintIdentifier, getConstraint } from './constraints';
import { inferShapes } from './infer';
import { getInitializer, type InitializerIdentifier } from './initializers';
import { checkShapes, checkTypes, type InputSpecs } from './inputspec';
import { contribute, isCollecting } from './losses';
import { uniqueName } from './naming';
import { observed } from './observe';
import { getRegularizer, type Regularizer, type RegularizerIdentifier } from './regularizers';
import {
  isShapeList,
  listOf,
  type PartialShape,
  type Shapes,
  shapeList,
  shapesOf,
  type Tensors,
  withoutBatch,
} from './shapes';
import { Connection, onlyEnd, type SymbolicOutput, SymbolicTensor } from './symbolic';
import { assignWeights, copyWeights } from './values';

export type { LayerArgs, WeightSpec } from './args';

/** What is known of a weight besides its value. */
interface Owned {
  readonly variable: Variable;
  readonly regularizer: Regularizer | undefined;
  readonly constraint: Constraint | undefined;
}

/** The shape of the first layer's input, with the batch. */
const batched = ({ inputShape, batchSize }: LayerArgs): PartialShape | undefined =>
  inputShape === undefined || inputShape === null ? undefined : [batchSize ?? null, ...[inputShape].flat()];

/**
 * Base of all layers. A subclass gives `call`, and if it has weights `build`, and if the shape of its result cannot be
 * found by tracing `call`, `computeOutputShape`.
 * @example
 * class Scale extends sg.layers.Layer {
 *   static className = 'Scale';
 *   build(inputShape) {
 *     this.factor = this.addWeight({ name: 'factor', shape: [inputShape.at(-1)], initializer: 'ones' });
 *   }
 *   call(x) {
 *     return x.mul(this.factor);
 *   }
 * }
 */
export abstract class Layer {
  /** Name of the class in saved models. */
  static className = 'Layer';
  /** Whether masks pass through. */
  supportsMasking = false;
  /** What the inputs must be, one for each; subclasses may set it, in `build` too. */
  inputSpec: InputSpecs | null = null;
  /** The dimension of the input that the weights' shapes follow. */
  protected weightAxis = -1;
  readonly dtype: DType;
  readonly batchInputShape: PartialShape | undefined;
  readonly activityRegularizer: Regularizer | undefined;
  /** Calls on symbolic tensors. */
  readonly connections: Connection[] = [];
  #built = false;
  #trainable: boolean;
  readonly #own: Owned[] = [];
  #builtFor: Shapes | undefined;
  #name: string | undefined;
  #holders = 0;
  #isDisposed = false;

  constructor(args: LayerArgs = {}) {
    this.#name = args.name;
    this.#trainable = args.trainable ?? true;
    this.dtype = args.dtype ?? 'float32';
    this.batchInputShape = args.batchInputShape ?? batched(args);
    this.activityRegularizer = getRegularizer(args.activityRegularizer, 'activityRegularizer');
  }

  get className(): string {
    const own = this.constructor as typeof Layer;
    return Object.hasOwn(own, 'className') ? own.className : own.name;
  }

  getClassName(): string {
    return this.className;
  }

  get name(): string {
    this.#name ??= uniqueName(this.className);
    return this.#name;
  }

  /** Whether the weights exist. */
  get built(): boolean {
    return this.#built;
  }

  /** Layers inside this one: their weights are its own. */
  protected get children(): readonly Layer[] {
    return [];
  }

  /** False: optimizers leave the weights alone; counts for all layers inside. Models have to be compiled again. */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(value: boolean) {
    this.#trainable = value;
    for (const child of this.children) child.trainable = value;
  }

  /** Creates the weights. */
  build(_inputShape: Shapes): void {}

  /** The layer's mathematics, on real or traced tensors: one, or a list if it was given a list. */
  abstract call(inputs: Tensors, args: CallArgs): Tensors;

  /** Shape of the result, with the batch; found by tracing `call` unless a subclass knows better. @throws ShapeError */
  computeOutputShape(inputShape: Shapes, _args?: CallArgs): Shapes {
    return inferShapes(this, inputShape);
  }

  /** Masks of the results. @throws StateError if there is a mask and the layer has no use for it */
  computeMask(_inputs: Tensors, mask: Mask | readonly Mask[]): Mask | readonly Mask[] {
    if (listOf(mask).every((m) => m === undefined)) return undefined;
    if (!this.supportsMasking)
      throw new StateError(`${this.name}: ${this.className} does not support masks; remove the masking before it`);
    return mask;
  }

  /**
   * Calls the layer. On symbolic tensors it becomes part of a model to be; on real ones it computes at once, and builds
   * its weights if that has not happened.
   * @returns what the layer gives, symbolic or real as the inputs are.
   */
  apply(inputs: SymbolicTensor | readonly SymbolicTensor[], args?: CallArgs): SymbolicOutput;
  apply(inputs: Tensor, args?: CallArgs): Tensor;
  apply(inputs: Tensors, args?: CallArgs): Tensors;
  apply(
    inputs: Tensors | SymbolicTensor | readonly SymbolicTensor[],
    args: CallArgs = {},
  ): Tensors | SymbolicTensor | SymbolicTensor[] {
    const list = listOf(inputs as Tensor | SymbolicTensor);
    if (list.length > 0 && list.every((x) => x instanceof SymbolicTensor))
      return this.#connect(list as readonly SymbolicTensor[], Array.isArray(inputs), args);
    if (!list.every((x) => x instanceof Tensor))
      throw new ArgumentError(`${this.name}: apply needs tensors, or symbolic tensors as sg.input makes them`);
    return tidy(() => this.invoke(inputs as Tensors, args).outputs);
  }

  /** Builds, calls, and sees to masks and penalties: how layers and models call each other. */
  invoke(inputs: Tensors, args: CallArgs): { outputs: Tensors; mask: Mask | readonly Mask[] } {
    this.ensureBuilt(shapesOf(inputs), true);
    if (this.inputSpec) checkTypes(this.name, this.inputSpec, inputs);
    const outputs = this.call(inputs, args);
    observed(this, outputs);
    if (this.activityRegularizer && isCollecting())
      // Keras: the penalty of a batch is divided by its size.
      for (const y of listOf(outputs)) contribute(this.activityRegularizer.apply(y).div(Math.max(1, y.shape[0] ?? 1)));
    return { outputs, mask: this.computeMask(inputs, args.mask) };
  }

  /** Its symbolic input in the only model that it is part of, or a list of them. @throws StateError */
  get input(): SymbolicOutput {
    return onlyEnd(this, 'inputs');
  }

  /** What it gives there, for `sg.model({ inputs: model.inputs, outputs: layer.output })`. @throws StateError */
  get output(): SymbolicOutput {
    return onlyEnd(this, 'outputs');
  }

  #connect(inputs: readonly SymbolicTensor[], takesList: boolean, args: CallArgs): SymbolicTensor | SymbolicTensor[] {
    const shape = takesList ? inputs.map((x) => x.shape) : (inputs[0] as SymbolicTensor).shape;
    untracked(() => this.ensureBuilt(shape));
    const result = this.computeOutputShape(shape, args);
    const connection = new Connection(this, inputs, takesList, isShapeList(result), args);
    connection.outputs = shapeList(result).map((s, i) => new SymbolicTensor(s, this.outputType(inputs), connection, i));
    this.connections.push(connection);
    return isShapeList(result) ? [...connection.outputs] : (connection.outputs[0] as SymbolicTensor);
  }

  /** Element type of the results. */
  protected outputType(_inputs: readonly SymbolicTensor[]): DType {
    return 'float32';
  }

  /** Settings from which the layer can be made again. */
  getConfig(): Record<string, unknown> {
    const config: Record<string, unknown> = { name: this.name, trainable: this.trainable, dtype: this.dtype };
    if (this.batchInputShape) config.batchInputShape = [...this.batchInputShape];
    return config;
  }

  /** A layer from what `getConfig` gave; weights start afresh. */
  static fromConfig<T>(cls: new (config: never) => T, config: Record<string, unknown>): T {
    return new cls(config as never);
  }

  /** Builds the layer once; a second call checks that the shape fits the weights. @throws ShapeError */
  ensureBuilt(inputShape: Shapes, isCall = false): void {
    if (this.#isDisposed) throw new DisposedError(`${this.name}: the layer was disposed of; make a new one`);
    if (this.inputSpec) checkShapes(this.name, this.inputSpec, inputShape);
    if (this.built) {
      const [now] = shapeList(inputShape);
      const [before] = this.#builtFor ? shapeList(this.#builtFor) : [];
      if (this.#own.length && now && before && before.at(this.weightAxis) !== now.at(this.weightAxis))
        throw new ShapeError(`${this.name}: was built for ${showShape(before)}, got ${showShape(now)}`);
      // Without weights nothing depends on the shape that was first.
      if (!isCall && this.weights.length === 0) this.#builtFor = inputShape;
      return;
    }
    // Weights are real, also when a trace is the first to call the layer.
    this.build(inputShape);
    // A call is on some number of examples; others may follow.
    this.#builtFor = isCall ? withoutBatch(inputShape) : inputShape;
    this.#built = true;
    if (this.inputSpec) checkShapes(this.name, this.inputSpec, inputShape);
  }

  /** Shape it was built for, with the batch; a list for several inputs. */
  get inputShape(): Shapes | undefined {
    return this.#builtFor;
  }

  /** Shape of the result for that input. */
  get outputShape(): Shapes | undefined {
    return this.inputShape && this.computeOutputShape(this.inputShape);
  }

  /**
   * Creates a weight; call it in `build`. Takes one object, or as in TensorFlow.js name, shape, dtype, initializer,
   * regularizer, trainable, constraint.
   */
  protected addWeight(spec: WeightSpec): Variable;
  protected addWeight(
    name: string,
    shape: Shape,
    dtype?: DType,
    initializer?: InitializerIdentifier,
    regularizer?: RegularizerIdentifier | null,
    trainable?: boolean,
    constraint?: ConstraintIdentifier | null,
  ): Variable;
  protected addWeight(first: WeightSpec | string, ...rest: unknown[]): Variable {
    const [shape, dtype, initializer, regularizer, trainable, constraint] = rest;
    const spec =
      typeof first === 'string'
        ? { name: first, shape, dtype, initializer, regularizer, trainable, constraint }
        : first;
    return this.#create(spec as WeightSpec);
  }

  #create(spec: WeightSpec): Variable {
    const { name, shape, dtype = 'float32', trainable = true } = spec;
    const where = `${this.name}: ${name}`;
    const initializer = getInitializer(spec.initializer ?? 'glorotUniform', where);
    const weight = untracked(() =>
      outsideTrace(() => {
        using initial = initializer.apply(shape, dtype);
        if (!sameShape(initial.shape, shape)) {
          throw new ShapeError(
            `${where}: initializer ${initializer.className} gave ${showShape(initial.shape)}, the weight has ${showShape(shape)}`,
          );
        }
        return variable(initial, trainable, `${this.name}/${name}`);
      }),
    );
    const regularizer = getRegularizer(spec.regularizer, where);
    this.#own.push({ variable: weight, regularizer, constraint: getConstraint(spec.constraint, where) });
    return weight;
  }

  /** Weights of this layer alone, those that can be trained first. */
  get #variables(): Variable[] {
    const all = this.#own.map((w) => w.variable);
    return [...all.filter((w) => w.trainable), ...all.filter((w) => !w.trainable)];
  }

  get trainableWeights(): Variable[] {
    const own = this.trainable ? this.#variables.filter((w) => w.trainable) : [];
    return unique([...own, ...this.children.flatMap((c) => (this.trainable ? c.trainableWeights : []))]);
  }

  get nonTrainableWeights(): Variable[] {
    const trained = new Set(this.trainableWeights);
    return this.weights.filter((w) => !trained.has(w));
  }

  /** All weights: those of the layer itself, then those of the layers inside; in each those that can be trained first. */
  get weights(): Variable[] {
    return unique([...this.#variables, ...this.children.flatMap((c) => c.weights)]);
  }

  /** What is kept from batch to batch that is no weight. */
  get states(): readonly Variable[] {
    return this.children.flatMap((c) => c.states);
  }

  /** Sets the states of all layers inside to zeros. */
  resetStates(): void {
    for (const c of this.children) if (c.states.length) c.resetStates();
  }

  /** Weights with what belongs to them, each once, however many layers hold its own. */
  #all(isTrained: boolean): Owned[] {
    const own = isTrained && !this.trainable ? [] : this.#own;
    return unique([...own, ...this.children.flatMap((c) => c.#all(isTrained))]);
  }

  /** Penalties on the weights, as scalars. */
  get losses(): Tensor[] {
    return this.#all(true).flatMap(({ variable: w, regularizer }) => regularizer?.apply(w) ?? []);
  }

  /** Weights that are brought back to what is allowed after each step. */
  get constraints(): (readonly [Variable, Constraint])[] {
    return this.#all(false).flatMap(({ variable: w, constraint }) => (constraint ? [[w, constraint] as const] : []));
  }

  /** Adds scalars to the loss of the model; call it in `call`. */
  addLoss(losses: Tensor | readonly Tensor[]): void {
    for (const loss of listOf(losses)) contribute(loss);
  }

  /** Copies of the present weights, in the order of `weights`; later training does not change them. */
  getWeights(): Tensor[] {
    return copyWeights(this.weights);
  }

  /** @throws ArgumentError, ShapeError; no weight has changed then */
  setWeights(weights: readonly Tensor[]): void {
    assignWeights(this.name, this.weights, weights);
  }

  countParams(): number {
    if (!this.built)
      throw new StateError(`${this.name}: countParams needs a built layer; give inputShape or call the model once`);
    return this.weights.reduce((sum, w) => sum + w.size, 0);
  }

  /** Counts one more model that holds the layer. */
  retain(): void {
    this.#holders++;
  }

  /** Gives the weights' memory back; a layer of several models does so when the last one is disposed of. */
  dispose(): void {
    if (this.release() > 0 || this.#isDisposed) return;
    this.#isDisposed = true;
    this.free();
  }

  /** Counts one model less, and leaves the weights as they are. @returns how many hold the layer */
  release(): number {
    this.#holders = Math.max(0, this.#holders - 1);
    return this.#holders;
  }

  /** Gives back all memory: nobody holds the layer. */
  protected free(): void {
    for (const { variable: w } of this.#own.splice(0)) w.dispose();
    for (const child of this.children) child.dispose();
    this.#built = false;
  }
}

const unique = <T>(list: readonly T[]): T[] => [...new Set(list)];

/** Runs `fn` at once, also while something is traced. */
function outsideTrace<T>(fn: () => T): T {
  return withGraph(undefined, fn);
}

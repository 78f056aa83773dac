/** What all layers share: building, calls on real and on symbolic tensors, masks, configuration. */
import { div } from '../../ops/math/arithmetic';
import { DisposedError, ShapeError } from '../../support/errors';
import { INSPECT } from '../../support/inspect';
import * as is from '../../support/settings';
import type { DType } from '../../tensor/dtype';
import { tidy, untracked } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { getRegularizer, type Regularizer } from '../weights/regularizers';
import { contribute, isCollecting } from './added-losses';
import type { LayerArgs } from './args';
import { type CallArgs, callArgsOf, type Mask } from './call';
import { context, makeCall } from './context';
import { checkCallArgs, checkEntries, checkInputs, theOne } from './entries';
import { Holder } from './holder';
import { inferShapes } from './infer';
import { checkShapes, checkTypes, type InputSpec } from './input-spec';
import { CHILDREN, shadow } from './keys';
import { observed } from './observe';
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
import { Connection, onlyEnd, type SymbolicResult, SymbolicTensor } from './symbolic';

export type { LayerArgs, WeightSpec } from './args';

const DTYPES: readonly unknown[] = ['float32', 'int32', 'bool'];

/** Sees the inputs and arguments of each call of a layer. */
export type CallHook = (inputs: Tensors, args: CallArgs) => void;

/**
 * Base class of all layers. A subclass defines `call`; `build` if it has weights; and `computeOutputShape` if the shape
 * of its output cannot be found by tracing `call`.
 *
 * Layers in properties of a layer, also in arrays, Maps, Sets and plain objects there, are its children: their weights
 * are trained, counted, saved, frozen and disposed of with its own. Private fields (`#inner`) cannot be seen from
 * outside: register such layers with `addLayer`.
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
 * new Scale().apply(sg.tensor([[1, 2]])).arraySync(); // [[1, 2]]
 */
export abstract class Layer extends Holder {
  /** Settings of all layers; those of a class are checked before one is made. @internal */
  static accepts(): is.Table {
    const dtype = is.given("'float32', 'int32' or 'bool'", (v) => DTYPES.includes(v));
    return {
      name: is.text(),
      trainable: is.flag(),
      dtype,
      inputDType: dtype,
      inputShape: is.shape(),
      batchInputShape: is.shape(),
      batchSize: is.count(),
      weights: is.list(),
      activityRegularizer: is.rule(),
    };
  }

  /** Whether masks pass through. */
  supportsMasking = false;
  /** Whether the layer keeps states from batch to batch. */
  stateful = false;
  /** What the inputs must be, one for each; subclasses may set it in the constructor or in `build`. */
  inputSpec: InputSpec | readonly InputSpec[] | null = null;
  /** The dimension of the input that determines the shapes of the weights. @internal */
  protected weightAxis = -1;
  /** Element type of the input. */
  readonly dtype: DType;
  /** Shape of the input with the batch, if the settings have it. */
  readonly batchInputShape: PartialShape | undefined;
  /** Penalty on the output, if there is one. */
  readonly activityRegularizer: Regularizer | undefined;
  /** Calls on placeholders. @internal */
  readonly connections: Connection[] = [];
  #builtFor: Shapes | undefined;
  #initialWeights: readonly Tensor[] | undefined;
  #callHook: CallHook | null = null;
  #isHookDone = false;
  #hasWarned = false;

  constructor(given?: LayerArgs | null) {
    const args = given ?? {};
    super(args);
    checkEntries(new.target.prototype, Layer.prototype);
    this.dtype = args.inputDType ?? args.dtype ?? 'float32';
    this.batchInputShape = batchInputShapeOf(args);
    this.#initialWeights = args.weights ?? undefined;
    this.activityRegularizer = getRegularizer(args.activityRegularizer, 'activityRegularizer');
  }

  /** Creates the weights; called once, with the shape of the first input. */
  build(_inputShape: Shapes): void {}

  /**
   * Computes the output from one tensor, or from a list if the layer was given a list. Overridden by subclasses; users
   * call `apply`.
   */
  abstract call(inputs: Tensors, args: CallArgs): Tensors;

  /**
   * Shape of the output for an input shape, both with the batch; by default found by tracing `call`.
   * @throws ShapeError for a shape that does not fit
   */
  computeOutputShape(inputShape: Shapes, _args?: CallArgs): Shapes {
    return inferShapes(this, inputShape);
  }

  /** Masks of the outputs. A layer that does not support masks drops them and warns once. */
  computeMask(_inputs: Tensors, mask?: Mask | readonly Mask[] | null): Mask | readonly Mask[] {
    if (listOf(mask).every((m) => m === undefined || m === null)) return undefined;
    if (this.supportsMasking) return mask as Mask | readonly Mask[];
    if (!this.#hasWarned)
      console.warn(
        `${this.name}: ${this.className} does not support masks; the mask is dropped, and layers after it see none`,
      );
    this.#hasWarned = true;
    return undefined;
  }

  /**
   * Calls the layer. On symbolic tensors it adds the layer to a model; on tensors it computes immediately, and builds
   * its weights if necessary.
   * @returns the layer's outputs, symbolic or real like the inputs.
   */
  apply(
    inputs: SymbolicTensor | readonly SymbolicTensor[],
    args: CallArgs & { readonly returnAttentionScores: true },
  ): SymbolicTensor[];
  apply(
    inputs: SymbolicTensor | readonly SymbolicTensor[],
    args?: CallArgs | null,
  ): SymbolicResult<ReturnType<this['call']>>;
  apply(inputs: Tensor, args?: CallArgs | null): Tensor;
  apply(inputs: Tensors, args?: CallArgs | null): Tensors;
  apply(
    given: Tensors | SymbolicTensor | readonly SymbolicTensor[],
    settings?: CallArgs | null,
  ): Tensors | SymbolicTensor | SymbolicTensor[] {
    const args = settings ?? {};
    checkCallArgs(settings, this.name);
    const names = this.callArgNames;
    if (settings && names) is.checkNames(this.name, settings, names);
    const inputs = this.takesOne ? theOne(given, this.name) : given;
    const list = listOf(inputs as Tensor | SymbolicTensor);
    if (list.length > 0 && list.every((x) => x instanceof SymbolicTensor))
      return this.#connect(list as readonly SymbolicTensor[], Array.isArray(inputs), args);
    checkInputs(inputs, this.name);
    return tidy(() => this.invoke(inputs as Tensors, args).outputs);
  }

  /** Names of the arguments of a call; undefined where any are allowed. @internal */
  get callArgNames(): readonly string[] | undefined {
    return callArgsOf(this.constructor);
  }

  /** Whether it takes one tensor and not a list; a list of one then means that tensor. @internal */
  get takesOne(): boolean {
    return false;
  }

  /** Whether `build` may be called without a shape. @internal */
  get knowsShape(): boolean {
    return false;
  }

  /**
   * Builds, calls, and handles masks and penalties: how layers and models call each other. If `training` is not given,
   * it is that of the calling layer.
   * @internal
   */
  invoke(inputs: Tensors, given: CallArgs): { outputs: Tensors; mask: Mask | readonly Mask[] } {
    const { caller, training: outer } = context();
    this.noteCaller(caller as Layer | undefined);
    const training = given.training ?? outer;
    const args = training === given.training ? given : { ...given, training };
    this.ensureBuilt(shapesOf(inputs), true);
    if (this.inputSpec) checkTypes(this.name, this.inputSpec, inputs);
    const outputs = this.#hooked(inputs, args);
    observed(this, outputs);
    if (this.activityRegularizer && isCollecting())
      // Keras: the penalty of a batch is divided by its size.
      for (const y of listOf(outputs)) contribute(div(this.activityRegularizer.apply(y), Math.max(1, y.shape[0] ?? 1)));
    return { outputs, mask: this.computeMask(inputs, args.mask) ?? undefined };
  }

  #hooked(inputs: Tensors, args: CallArgs): Tensors {
    if (!this.#callHook) return makeCall(this, inputs, args);
    this.invokeCallHook(inputs, args);
    this.#isHookDone = true;
    try {
      return makeCall(this, inputs, args);
    } finally {
      this.#isHookDone = false;
    }
  }

  /**
   * Sets a function that is called with the inputs and arguments of each call; in compiled models the tensors are
   * traced.
   */
  setCallHook(hook: CallHook): void {
    this.#callHook = hook;
  }

  /** Removes the function that `setCallHook` set. */
  clearCallHook(): void {
    this.#callHook = null;
  }

  /** Calls the hook, unless it was called for this call already. @internal */
  protected invokeCallHook(inputs: Tensors, args: CallArgs): void {
    if (!this.#isHookDone) this.#callHook?.(inputs, args);
  }

  /** Its symbolic input in the only model that it is part of, or a list of them. @throws StateError */
  get input(): SymbolicResult<Parameters<this['call']>[0]> {
    return onlyEnd(this, 'inputs') as SymbolicResult<Parameters<this['call']>[0]>;
  }

  /** Its output there, for `sg.model({ inputs: model.inputs, outputs: layer.output })`. @throws StateError */
  get output(): SymbolicResult<ReturnType<this['call']>> {
    return onlyEnd(this, 'outputs') as SymbolicResult<ReturnType<this['call']>>;
  }

  #connect(inputs: readonly SymbolicTensor[], takesList: boolean, args: CallArgs): SymbolicTensor | SymbolicTensor[] {
    // Copies, because layers written for TensorFlow.js may change their arguments, and return them.
    const shape = (): Shapes => {
      const shapes = inputs.map((x) => [...x.shape]);
      return takesList ? shapes : (shapes[0] as PartialShape);
    };
    untracked(() => this.ensureBuilt(shape()));
    const result = this.computeOutputShape(shape(), args);
    this.#buildInside(shape());
    const connection = new Connection(this, inputs, takesList, isShapeList(result), args);
    connection.outputs = shapeList(result).map((s, i) => new SymbolicTensor(s, this.outputType(inputs), connection, i));
    this.connections.push(connection);
    return isShapeList(result) ? [...connection.outputs] : (connection.outputs[0] as SymbolicTensor);
  }

  /** Builds layers inside that `build` has not built, by tracing `call` on such shapes. */
  #buildInside(shape: Shapes): void {
    if (this[CHILDREN].every((c) => c.built)) return;
    try {
      inferShapes(this, shape);
    } catch {
      // Unknown dimensions got sizes that the layer does not take: it is built when it is called on real ones.
    }
  }

  /** Element type of the output, for placeholders. */
  protected outputType(_inputs: readonly SymbolicTensor[]): DType {
    return 'float32';
  }

  /** Settings from which the layer can be recreated, as plain JSON. */
  getConfig(): Record<string, unknown> {
    const config: Record<string, unknown> = { name: this.name, trainable: this.trainable, dtype: this.dtype };
    if (this.batchInputShape) config.batchInputShape = [...this.batchInputShape];
    return config;
  }

  /** Creates a layer from what `getConfig` returned; weights are initialized again. */
  static fromConfig<T>(cls: new (config: never) => T, config: Record<string, unknown>): T {
    return new cls(config as never);
  }

  /**
   * Builds the layer once; later calls check that the shape fits the weights.
   * @throws ShapeError if it does not; DisposedError after `dispose`
   */
  ensureBuilt(inputShape: Shapes, isCall = false): void {
    if (this.isGone) throw new DisposedError(`${this.name}: the layer was disposed of; make a new one`);
    if (this.inputSpec) checkShapes(this.name, this.inputSpec, inputShape);
    if (this.built) {
      const [now] = shapeList(inputShape);
      const [before] = this.#builtFor ? shapeList(this.#builtFor) : [];
      if (this.hasOwnWeights && now && before && before.at(this.weightAxis) !== now.at(this.weightAxis))
        throw new ShapeError(`${this.name}: was built for ${showShape(before)}, got ${showShape(now)}`);
      // Without weights nothing depends on the shape that was first.
      if (!isCall && this.weights.length === 0) this.#builtFor = inputShape;
      return;
    }
    // Weights are real, also when a trace is the first to call the layer.
    this.build(inputShape);
    // A call is on some number of examples; others may follow.
    this.#builtFor = isCall ? withoutBatch(inputShape) : inputShape;
    this.built = true;
    if (this.#initialWeights) this.setWeights(this.#initialWeights);
    this.#initialWeights = undefined;
    if (this.inputSpec) checkShapes(this.name, this.inputSpec, inputShape);
  }

  /** Shape of the input it was built for, with the batch; a list for several inputs. */
  get inputShape(): Shapes | undefined {
    return this.#builtFor;
  }

  /** Users' classes may have a property of this name. */
  set inputShape(value: unknown) {
    shadow(this, 'inputShape', value);
  }

  /** Shape of the output for that input. */
  get outputShape(): Shapes | undefined {
    return this.#builtFor && this.computeOutputShape(this.#builtFor);
  }

  set outputShape(value: unknown) {
    shadow(this, 'outputShape', value);
  }

  /** Adds scalars to the loss of the model; to be called in `call`. */
  addLoss(losses: Tensor | readonly Tensor[]): void {
    for (const loss of listOf(losses)) contribute(loss);
  }

  /** @internal On the console: class, name, shapes and number of parameters. */
  [INSPECT](): string {
    const head = `${this.className} '${this.name}'`;
    if (this.isGone) return `${head} (disposed of)`;
    if (!this.built) return `${head} (not built)`;
    const shown = (shapes: Shapes | undefined): string => (shapes ? shapeList(shapes).map(showShape).join(', ') : '?');
    const count = this.countParams();
    return `${head} ${shown(this.inputShape)} -> ${shown(this.outputShape)}, ${count} parameter${count === 1 ? '' : 's'}`;
  }
}

/** -1 means an unknown dimension, as null does. */
const unknownAsNull = (shape: PartialShape): PartialShape => shape.map((d) => (d === -1 ? null : d));

function batchInputShapeOf({ batchInputShape, inputShape, batchSize }: LayerArgs): PartialShape | undefined {
  if (batchInputShape) return unknownAsNull(batchInputShape);
  if (inputShape === undefined || inputShape === null) return undefined;
  return unknownAsNull([batchSize ?? null, ...[inputShape].flat()]);
}

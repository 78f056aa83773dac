/** What holds weights, and other such holders inside: names, children, freezing, counting, memory. */
import type { Draws } from '../../ops/core/keys';
import { emptyVariable, variable } from '../../ops/core/variable';
import { checkText } from '../../support/arguments';
import { ArgumentError, ShapeError, StateError } from '../../support/errors';
import { checkDType, type DType } from '../../tensor/dtype';
import { type TensorSpec, withGraph } from '../../tensor/graph';
import { tidy, untracked } from '../../tensor/scope';
import { type Shape, sameShape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { type Constraint, type ConstraintIdentifier, getConstraint } from '../weights/constraints';
import { getInitializer, type Initializer, type InitializerIdentifier } from '../weights/initializers';
import { getRegularizer, type Regularizer, type RegularizerIdentifier } from '../weights/regularizers';
import type { LayerArgs, WeightSpec } from './args';
import { context } from './context';
import { heldIn } from './held';
import { ADDED, CHILDREN, FAMILY, IS_CONTAINER, KEPT, LISTED, RANDOM, STATES, shadow } from './keys';
import { uniqueName } from './naming';
import { assignWeights, copyWeights } from './weight-values';

/** A weight with its rules. */
interface Owned {
  readonly variable: Variable;
  /** Whether it was made to be trained; freezing the layer does not change this. */
  readonly isTrained: boolean;
  readonly regularizer?: Regularizer | undefined;
  readonly constraint?: Constraint | undefined;
  /** Belongs to another layer, which disposes of it. */
  readonly isForeign?: boolean;
}

/** Weights that were made to be trained, whether or not they are frozen now. */
const madeToBeTrained = new WeakMap<Variable, boolean>();
const isMadeToBeTrained = (w: Variable): boolean => madeToBeTrained.get(w) ?? w.trainable;

/** Layers made so far. */
let made = 0;

/** Layers whose children are being visited; a layer that is reached again from inside is skipped. */
const entered = new Set<Holder>();

/** What `dispose` returns. */
export interface DisposeResult {
  /** How many models or layers still use the layer. */
  readonly refCountAfterDispose: number;
  /** How many variables were disposed. */
  readonly numDisposedVariables: number;
}

/** The part of a layer that owns weights and children, whatever it computes. */
export abstract class Holder {
  /** Name of the class in saved models. */
  static className = 'Layer';
  readonly #own: Owned[] = [];
  /** Children that are held, and those added by `addLayer`. */
  readonly #held = new Set<Holder>();
  readonly #added: Holder[] = [];
  readonly #callers = new WeakSet<Holder>();
  readonly #number = made++;
  #built = false;
  #trainable: boolean;
  #name: string | undefined;
  #holders = 0;
  #isDisposed = false;

  constructor({ name, trainable }: Pick<LayerArgs, 'name' | 'trainable'>) {
    this.#name = name ?? undefined;
    this.#trainable = trainable ?? true;
  }

  /** Name of the class in saved models. */
  get className(): string {
    const own = this.constructor as typeof Holder;
    return Object.hasOwn(own, 'className') ? own.className : own.name;
  }

  /** Name of the class in saved models. */
  getClassName(): string {
    return this.className;
  }

  /** Name of the layer. */
  get name(): string {
    this.#name ??= uniqueName(this.className);
    return this.#name;
  }

  /** Existing weights keep their names. @throws ArgumentError unless it is a string */
  set name(value: string) {
    if (checkText(value, 'layer', 'name') === '') throw new ArgumentError('layer: name must not be empty');
    this.#name = value;
  }

  /** Whether the weights exist. `build` may set it, as layers for TensorFlow.js do. */
  get built(): boolean {
    return this.#built;
  }

  set built(value: boolean) {
    this.#built = value;
  }

  /** Whether the layer was disposed. @internal */
  protected get isGone(): boolean {
    return this.#isDisposed;
  }

  /** Whether the layer has weights that are not its children's. @internal */
  protected get hasOwnWeights(): boolean {
    return this.#own.length > 0;
  }

  /** Layers that the layer keeps: those of its properties, and those added by `addLayer`. */
  get [KEPT](): readonly Holder[] {
    return [...heldIn(this, Holder), ...this[ADDED]];
  }

  /** What `addLayer` was given. */
  get [ADDED](): readonly Holder[] {
    return this.#added;
  }

  /** Takes hold of the layers kept now, and releases those no longer kept. @internal */
  protected hold(): void {
    void this[CHILDREN];
  }

  /** The layers inside that users made, and that a summary lists. */
  get [LISTED](): readonly Holder[] {
    return this[CHILDREN];
  }

  /** Whether `kept` is what the layer is made of, as of models. */
  get [IS_CONTAINER](): boolean {
    return false;
  }

  /** Layers inside this one: their weights are its own. */
  get [CHILDREN](): readonly Holder[] {
    const kept = new Set(this[IS_CONTAINER] ? this[KEPT] : this[KEPT].filter((layer) => !layer.#isAround(this)));
    for (const layer of kept) {
      if (this.#held.has(layer)) continue;
      this.#held.add(layer);
      layer.retain();
      if (!this.#trainable) layer.trainable = false;
    }
    for (const layer of this.#held) {
      if (kept.has(layer)) continue;
      this.#held.delete(layer);
      layer.release();
    }
    return [...kept];
  }

  /** Whether another layer is part of this one: it may know this one, and yet does not contain it. */
  #isAround(other: Holder): boolean {
    if (this === other) return true;
    if (!this.#reaches(other, new Set())) return false;
    // Each knows the other: the one that calls is around the one that is called; before that, the one made first.
    if (this[IS_CONTAINER] || other.#callers.has(this)) return true;
    return !this.#callers.has(other) && this.#number < other.#number;
  }

  /** Records which layer calls this one. @internal */
  protected noteCaller(caller: Holder | undefined): void {
    if (caller) this.#callers.add(caller);
  }

  #reaches(other: Holder, seen: Set<Holder>): boolean {
    if (seen.has(this)) return false;
    seen.add(this);
    return this[KEPT].some((layer) => layer === other || layer.#reaches(other, seen));
  }

  /** The results of `of` for each child. */
  #inside<T>(of: (child: Holder) => readonly T[]): T[] {
    if (entered.has(this)) return [];
    entered.add(this);
    try {
      return this[CHILDREN].flatMap(of);
    } finally {
      entered.delete(this);
    }
  }

  /**
   * Registers a layer as a child of this one, and returns it: for layers in private fields or closures, where they
   * cannot be found automatically.
   * @throws ArgumentError if it is not a layer
   * @example
   * class Block extends sg.layers.Layer {
   *   #inner = this.addLayer(sg.layers.dense({ units: 3 }));
   *   call(x) {
   *     return this.#inner.apply(x);
   *   }
   * }
   * new Block().apply(sg.ones([1, 2])).shape; // [1, 3]
   */
  addLayer<L extends Holder>(layer: L): L {
    if (!(layer instanceof Holder)) throw new ArgumentError(`${this.name}: addLayer needs a layer`);
    if (!this.#added.includes(layer)) this.#added.push(layer);
    return layer;
  }

  /**
   * Whether optimizers change the weights; setting it affects all layers inside. Compiled models must be compiled
   * again.
   */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(value: boolean) {
    this.#trainable = value;
    for (const w of this.#own) if (w.isTrained) w.variable.trainable = value;
    this.#inside((child) => {
      child.trainable = value;
      return [];
    });
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
    const { name, shape } = spec;
    const [dtype, trainable] = [spec.dtype ?? 'float32', spec.trainable ?? true];
    const where = `${this.name}: ${name}`;
    const initializer = getInitializer(spec.initializer ?? 'glorotUniform', where);
    const regularizer = getRegularizer(spec.regularizer, where);
    const constraint = getConstraint(spec.constraint, where);
    const [isTrained, title] = [trainable && this.trainable, `${this.name}/${name}`];
    const { budget } = context();
    const weight = outsideTrace(() => {
      if (!budget) return initialized(where, initializer, { shape, dtype }, isTrained, title);
      budget.spend(where, shape);
      return emptyVariable({ shape: [...shape], dtype: checkDType(dtype, where, 'float32') }, isTrained, title);
    });
    this.#adopt({ variable: weight, isTrained: trainable, regularizer, constraint });
    return weight;
  }

  #adopt(weight: Owned): void {
    this.#own.push(weight);
    madeToBeTrained.set(weight.variable, weight.isTrained);
  }

  /** Weights of other layers become this one's too, as layers for TensorFlow.js do it. */
  #adoptAll(weights: readonly Variable[], isTrained: boolean): void {
    const own = new Set(this.weights);
    for (const w of weights) if (!own.has(w)) this.#adopt({ variable: w, isTrained, isForeign: true });
  }

  /** Weights of this layer alone, those that were made to be trained first. */
  get #variables(): Variable[] {
    return trainedFirst(this.#own.map((w) => w.variable));
  }

  /** Weights that optimizers change: none of a frozen layer. */
  get trainableWeights(): Variable[] {
    if (!this.trainable) return [];
    return unique([...this.#variables.filter((w) => w.trainable), ...this.#inside((c) => c.trainableWeights)]);
  }

  /** From now on these weights of the layer are trained, and no others; weights of other layers become its own too. */
  set trainableWeights(weights: readonly Variable[]) {
    this.#adoptAll(weights, true);
    const trained = new Set(weights);
    for (const w of this.weights) w.trainable = trained.has(w);
  }

  /** Weights that optimizers do not change, such as moving statistics and those of frozen layers. */
  get nonTrainableWeights(): Variable[] {
    const trained = new Set(this.trainableWeights);
    return this.weights.filter((w) => !trained.has(w));
  }

  /** From now on these weights of the layer are not trained; weights of other layers become its own too. */
  set nonTrainableWeights(weights: readonly Variable[]) {
    this.#adoptAll(weights, false);
    for (const w of weights) w.trainable = false;
  }

  /**
   * All weights, with those of the layers inside: first those that were made to be trained, then the others, as moving
   * statistics. Freezing a layer does not change the order.
   */
  get weights(): Variable[] {
    return trainedFirst(unique([...this.#variables, ...this.#inside((c) => c.weights)]));
  }

  /** Weights of trainable layers that are kept as int8 and so cannot be trained. @internal */
  get untrainable(): Variable[] {
    const own = this.#trainable ? this.#variables.filter((w) => w.coded) : [];
    return unique([...own, ...this.#inside((c) => c.untrainable)]);
  }

  /** All weights layer by layer, in each the trainable ones first: the order of saved states. @internal */
  get weightsByLayer(): Variable[] {
    return unique([...this.#variables, ...this.#inside((c) => c.weightsByLayer)]);
  }

  /** State kept from batch to batch that is not a weight, as of stateful recurrent layers. */
  get states(): readonly Variable[] {
    return this[STATES];
  }

  set states(value: unknown) {
    shadow(this, 'states', value);
  }

  get [STATES](): readonly Variable[] {
    return unique(this.#inside((c) => c[STATES]));
  }

  /** What the layer itself takes its random numbers from. */
  get [RANDOM](): readonly Draws[] {
    return [];
  }

  /** Sets the states of all layers inside to zeros. */
  resetStates(): void {
    this.#inside((c) => {
      if (c[STATES].length) c.resetStates();
      return [];
    });
  }

  /** The layer and all layers inside, each once. */
  get [FAMILY](): Holder[] {
    return unique([this, ...this.#inside((c) => c[FAMILY])]);
  }

  /** What belongs to some of the weights, each once, however many layers hold its own. */
  #rulesOf(weights: ReadonlySet<Variable>): Owned[] {
    return unique(this[FAMILY].flatMap((layer) => layer.#own.filter((w) => weights.has(w.variable))));
  }

  /** Penalties on the trainable weights, as scalars. */
  get losses(): Tensor[] {
    return this.lossesOf(new Set(this.trainableWeights));
  }

  /** Trainable weights with the constraints applied to them after each step. @internal */
  get constraints(): (readonly [Variable, Constraint])[] {
    return this.constraintsOf(new Set(this.trainableWeights));
  }

  set constraints(value: unknown) {
    shadow(this, 'constraints', value);
  }

  /** Penalties on some of the weights. @internal */
  lossesOf(weights: ReadonlySet<Variable>): Tensor[] {
    return this.#rulesOf(weights).flatMap(({ variable: w, regularizer }) => regularizer?.apply(w) ?? []);
  }

  /** Constraints of some of the weights. @internal */
  constraintsOf(weights: ReadonlySet<Variable>): (readonly [Variable, Constraint])[] {
    return this.#rulesOf(weights).flatMap(({ variable, constraint }) =>
      constraint ? [[variable, constraint] as const] : [],
    );
  }

  /**
   * Copies of the present weights, in the order of `weights`, or of `trainableWeights` alone; later training does not
   * change them. Each has the `name` of its weight and an `assign` that sets the weight, and represents it in the
   * `varList` of `minimize` and `variableGrads`.
   */
  getWeights(trainableOnly = false): Tensor[] {
    return copyWeights(trainableOnly ? this.trainableWeights : this.weights);
  }

  /**
   * Sets the values of all weights, in the order of `weights`.
   * @throws ArgumentError for another number of tensors; ShapeError for another shape. No weight has changed then
   */
  setWeights(weights: readonly Tensor[]): void {
    assignWeights(this.name, this.weights, weights);
  }

  /**
   * Number of elements of all weights.
   * @throws StateError before the layer is built
   */
  countParams(): number {
    if (!this.built)
      throw new StateError(`${this.name}: countParams needs a built layer; give inputShape or call the model once`);
    return this.weights.reduce((sum, w) => sum + w.size, 0);
  }

  /** Records one more user of the layer, a model or another layer. @internal */
  retain(): void {
    this.#holders++;
  }

  /**
   * Disposes of the weights; a layer used by several models is disposed with the last of them. Calling it twice is
   * harmless.
   * @returns how many still use it, and how many variables were disposed
   */
  dispose(): DisposeResult {
    const refCountAfterDispose = this.release();
    if (refCountAfterDispose > 0 || this.#isDisposed) return { refCountAfterDispose, numDisposedVariables: 0 };
    this.#isDisposed = true;
    const variables = unique([...this.weights, ...this[STATES]]).filter((v) => !v.isDisposed);
    this.free();
    return { refCountAfterDispose, numDisposedVariables: variables.filter((v) => v.isDisposed).length };
  }

  /** Records one user less, without disposing of the weights. @internal */
  release(): number {
    this.#holders = Math.max(0, this.#holders - 1);
    return this.#holders;
  }

  /** Disposes of all memory: nothing uses the layer any more. @internal */
  protected free(): void {
    const held = this[CHILDREN];
    for (const { variable: w, isForeign } of this.#own.splice(0)) if (!isForeign) w.dispose();
    for (const layer of held) layer.dispose();
    this.#held.clear();
    this.#built = false;
  }
}

/** A variable with initial values. @throws ShapeError for an initializer that makes another shape */
const initialized = (
  where: string,
  initializer: Initializer,
  { shape, dtype }: TensorSpec,
  isTrained: boolean,
  name: string,
): Variable =>
  untracked(() =>
    // What initializers leave behind is disposed of.
    tidy(() => {
      const initial = initializer.apply(shape, dtype);
      if (!sameShape(initial.shape, shape))
        throw new ShapeError(
          `${where}: initializer ${initializer.className} gave ${showShape(initial.shape)}, the weight has ${showShape(shape)}`,
        );
      return variable(initial, isTrained, name);
    }),
  );

/** Weights that were made to be trained before the others, both in their order. */
const trainedFirst = (weights: readonly Variable[]): Variable[] => [
  ...weights.filter(isMadeToBeTrained),
  ...weights.filter((w) => !isMadeToBeTrained(w)),
];

/** The shape of the input with the batch that settings tell. */
const unique = <T>(list: readonly T[]): T[] => [...new Set(list)];

/** Runs `fn` immediately, even while a function is traced. */
function outsideTrace<T>(fn: () => T): T {
  return withGraph(undefined, fn);
}

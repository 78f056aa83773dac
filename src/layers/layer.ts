/** What all layers share: names, weights, building, configuration. */
import { variable } from '../ops/variables';
import { ArgumentError, ShapeError, StateError } from '../runtime/errors';
import type { DType } from '../tensor/dtype';
import { tidy, untracked } from '../tensor/scope';
import { type Shape, sameShape, showShape } from '../tensor/shape';
import { duplicate, type Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import type { Initializer } from './initializers';

/** A shape whose unknown dimensions (the batch) are null. */
export type PartialShape = readonly (number | null)[];

export interface LayerArgs {
  name?: string;
  /** False: optimizers leave the weights alone. */
  trainable?: boolean;
  /** Shape of one example, for the first layer of a model. */
  inputShape?: PartialShape;
  /** Shape with the batch, for the first layer of a model. */
  batchInputShape?: PartialShape;
  dtype?: DType;
}

export interface CallContext {
  /** True in `fit` and `trainOnBatch`: dropout drops, batch normalization uses the batch. */
  readonly training: boolean;
}

const counters = new Map<string, number>();

/** `maxPooling2d`, then `maxPooling2d_1`, … for class MaxPooling2D. */
function uniqueName(className: string): string {
  const base = className
    .replace(/[A-Z]+(?![a-z])|[A-Z]/g, (s, at: number) => (at ? '_' : '') + s.toLowerCase())
    .replace(/(\d)_d/g, '$1d');
  const count = counters.get(base) ?? 0;
  counters.set(base, count + 1);
  return count ? `${base}_${count}` : base;
}

/** A weight and how it is told apart. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  readonly trainable?: boolean;
}

/**
 * Base of all layers. A subclass gives `call`, and if it has weights `build`, and if it changes the shape
 * `computeOutputShape`.
 */
export abstract class Layer {
  /** Name of the class in saved models. */
  abstract readonly className: string;
  trainable: boolean;
  readonly batchInputShape: PartialShape | undefined;
  built = false;
  /** Shape it was built for, with the batch. */
  inputShape: PartialShape | undefined;
  readonly #weights: Variable[] = [];
  #name: string | undefined;
  #holders = 0;

  constructor(args: LayerArgs = {}) {
    this.#name = args.name;
    this.trainable = args.trainable ?? true;
    this.batchInputShape = args.batchInputShape ?? (args.inputShape && [null, ...args.inputShape]);
  }

  get name(): string {
    this.#name ??= uniqueName(this.className);
    return this.#name;
  }

  /** Creates the weights. */
  build(_inputShape: PartialShape): void {}

  /** The layer's mathematics, on real or traced tensors. */
  abstract call(x: Tensor, context: CallContext): Tensor;

  /** Shape of the result, with the batch. @throws ShapeError */
  computeOutputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }

  /** Settings from which the layer can be made again. */
  getConfig(): Record<string, unknown> {
    const config: Record<string, unknown> = { name: this.name, trainable: this.trainable };
    if (this.batchInputShape) config.batchInputShape = [...this.batchInputShape];
    return config;
  }

  /** Builds the layer once; a second call checks that the shape fits the weights. @throws ShapeError */
  ensureBuilt(inputShape: PartialShape): void {
    if (this.built) {
      const last = inputShape.length - 1;
      if (this.#weights.length && this.inputShape && this.inputShape[last] !== inputShape[last]) {
        throw new ShapeError(`${this.name}: was built for ${showShape(this.inputShape)}, got ${showShape(inputShape)}`);
      }
      return;
    }
    this.build(inputShape);
    this.inputShape = inputShape;
    this.built = true;
  }

  /** Creates a weight; call it in `build`. */
  protected addWeight({ name, shape, initializer, trainable = true }: WeightSpec): Variable {
    const weight = untracked(() => {
      using initial = initializer.apply(shape);
      if (!sameShape(initial.shape, shape)) {
        throw new ShapeError(
          `${this.name}: initializer ${initializer.className} gave ${showShape(initial.shape)} for ${name} of ${showShape(shape)}`,
        );
      }
      return variable(initial, trainable, `${this.name}/${name}`);
    });
    this.#weights.push(weight);
    return weight;
  }

  get trainableWeights(): Variable[] {
    return this.trainable ? this.#weights.filter((w) => w.trainable) : [];
  }

  get nonTrainableWeights(): Variable[] {
    return this.trainable ? this.#weights.filter((w) => !w.trainable) : this.#weights;
  }

  /** All weights: those that can be trained first, each in the order of creation. */
  get weights(): Variable[] {
    return [...this.#weights.filter((w) => w.trainable), ...this.#weights.filter((w) => !w.trainable)];
  }

  /** Handles on the present weights, in the order of `weights`; later training does not change them. */
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
    return this.#weights.reduce((sum, w) => sum + w.size, 0);
  }

  /** Counts one more model that holds the layer. */
  retain(): void {
    this.#holders++;
  }

  /** Gives the weights' memory back; a layer of several models does so when the last one is disposed of. */
  dispose(): void {
    if (--this.#holders > 0) return;
    this.#holders = 0;
    for (const w of this.#weights.splice(0)) w.dispose();
    this.built = false;
  }
}

/** Copies of variables, as tensors. */
export const copyWeights = (variables: readonly Variable[]): Tensor[] => variables.map((v) => duplicate(v));

/** Assigns values one by one, after all have been checked. */
export function assignWeights(where: string, variables: readonly Variable[], values: readonly Tensor[]): void {
  if (values.length !== variables.length) {
    throw new ArgumentError(
      `${where}: setWeights needs ${variables.length} tensors (${variables.map((v) => v.name).join(', ')}), got ${values.length}`,
    );
  }
  variables.forEach((v, i) => {
    const value = values[i] as Tensor;
    const { shape } = value;
    value.location(`${where}: setWeights`);
    if (!sameShape(v.shape, shape))
      throw new ShapeError(`${where}: setWeights: ${v.name} has shape ${showShape(v.shape)}, got ${showShape(shape)}`);
  });
  tidy(() => {
    variables.forEach((v, i) => v.assign((values[i] as Tensor).cast(v.dtype)));
  });
}

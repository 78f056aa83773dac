/** Dense, activations, dropout, and layers that only change the shape. */
import { leakyRelu, mul } from '../ops/arithmetic';
import { ones } from '../ops/creation';
import type { RandomKey } from '../ops/descriptors/randomness';
import { apply } from '../ops/dispatch';
import { matMul } from '../ops/products';
import { nextKey } from '../ops/random';
import { softmax as softmaxOp } from '../ops/reduce';
import { reshape as reshapeOp } from '../ops/shaping';
import { ArgumentError, ShapeError } from '../runtime/errors';
import { type Shape, showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { type Activation, type ActivationIdentifier, getActivation } from './activations';
import type { CallArgs } from './call';
import { type KernelArgs, KernelLayer } from './kernel';
import { Layer, type LayerArgs } from './layer';
import { SameShape } from './same';
import type { PartialShape } from './shapes';

/** @throws ArgumentError unless the value is a whole number >= 1 */
export function positiveInteger(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
    throw new ArgumentError(`${where} must be a whole number >= 1, got ${String(value)}`);
  return value;
}

/** The last dimension, which weights depend on. @throws ShapeError if it is not known */
export function channelsOf(shape: PartialShape, where: string): number {
  const channels = shape[shape.length - 1];
  if (typeof channels !== 'number')
    throw new ShapeError(`${where}: the last dimension of the input must be known, got ${showShape(shape)}`);
  return channels;
}

export interface DenseArgs extends KernelArgs {
  /** Size of the output. */
  units: number;
}

/** y = activation(x · kernel + bias); x: [..., n], kernel: [n, units], y: [..., units]. */
export class Dense extends KernelLayer {
  static override className = 'Dense';
  readonly units: number;

  constructor(args: DenseArgs) {
    super(args, 'dense');
    this.supportsMasking = true;
    this.units = positiveInteger(args.units, 'dense: units');
  }

  override build(inputShape: PartialShape): void {
    this.makeWeights([channelsOf(inputShape, this.name), this.units], this.units);
  }

  call(x: Tensor): Tensor {
    return this.finish(matMul(x, this.kernel));
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    if (inputShape.length < 2)
      throw new ShapeError(`${this.name}: needs an input of rank 2 or more, got ${showShape(inputShape)}`);
    return [...inputShape.slice(0, -1), this.units];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units };
  }
}

export interface ActivationArgs extends LayerArgs {
  /** A name, or a function of a tensor. */
  activation: ActivationIdentifier;
}

/** An activation as a layer of its own. */
export class ActivationLayer extends SameShape {
  static override className = 'Activation';
  readonly #activation: { name: string; fn: Activation };

  constructor(args: ActivationArgs) {
    super(args);
    this.#activation = getActivation(args.activation, 'activation');
  }

  call(x: Tensor): Tensor {
    return this.#activation.fn(x);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), activation: this.#activation.name };
  }
}

export interface ReLUArgs extends LayerArgs {
  maxValue?: number;
}

/** max(x, 0), at most maxValue if given. */
export class ReLU extends SameShape {
  static override className = 'ReLU';
  readonly #maxValue: number | undefined;

  constructor(args: ReLUArgs = {}) {
    super(args);
    this.#maxValue = args.maxValue;
  }

  call(x: Tensor): Tensor {
    return this.#maxValue === undefined ? x.relu() : x.clipByValue(0, this.#maxValue);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), maxValue: this.#maxValue };
  }
}

export interface LeakyReLUArgs extends LayerArgs {
  /** Slope below 0; default 0.3. */
  alpha?: number;
}

/** x where x >= 0, else alpha x (0.3 by default, as in Keras). */
export class LeakyReLU extends SameShape {
  static override className = 'LeakyReLU';
  readonly #alpha: number;

  constructor(args: LeakyReLUArgs = {}) {
    super(args);
    this.#alpha = args.alpha ?? 0.3;
  }

  call(x: Tensor): Tensor {
    return leakyRelu(x, this.#alpha);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), alpha: this.#alpha };
  }
}

export interface SoftmaxArgs extends LayerArgs {
  /** Default -1. */
  axis?: number;
}

/** exp(x) / Σ exp(x) along an axis, the last by default. */
export class Softmax extends SameShape {
  static override className = 'Softmax';
  readonly #axis: number;

  constructor(args: SoftmaxArgs = {}) {
    super(args);
    this.#axis = args.axis ?? -1;
  }

  call(x: Tensor): Tensor {
    return softmaxOp(x, this.#axis);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.#axis };
  }
}

export interface DropoutArgs extends LayerArgs {
  /** Share of elements that become 0, in [0, 1). */
  rate: number;
  /** Where it has 1, elements share their fate; null stands for the input's own size. */
  noiseShape?: PartialShape;
  seed?: number | string;
}

/** While training, elements become 0 with probability `rate` and the others are divided by 1 - rate. */
export class Dropout extends SameShape {
  static override className = 'Dropout';
  readonly #rate: number;
  readonly #noiseShape: PartialShape | undefined;
  /** One stream for the layer: which elements drop depends on the step alone. */
  readonly #key: RandomKey;

  constructor(args: DropoutArgs) {
    super(args);
    if (!(args.rate >= 0 && args.rate < 1))
      throw new ArgumentError(`dropout: rate must be in [0, 1), got ${args.rate}`);
    this.#rate = args.rate;
    this.#noiseShape = args.noiseShape;
    this.#key = nextKey(args.seed);
  }

  call(x: Tensor, { training }: CallArgs): Tensor {
    if (!training || this.#rate === 0) return x;
    if (this.#noiseShape) {
      const shape = this.#noiseShape.map((d, i) => d ?? (x.shape[i] as number));
      return mul(x, apply('dropout', [ones(shape)], { ...this.#key, rate: this.#rate }));
    }
    return apply('dropout', [x], { ...this.#key, rate: this.#rate });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.#rate, noiseShape: this.#noiseShape };
  }
}

const product = (shape: PartialShape): number | null =>
  shape.reduce<number | null>((a, b) => (a === null || b === null ? null : a * b), 1);

/** [batch, ...] -> [batch, product of the rest] */
export class Flatten extends Layer {
  static override className = 'Flatten';

  call(x: Tensor): Tensor {
    return reshapeOp(x, [x.shape[0] as number, x.shape.slice(1).reduce((a, b) => a * b, 1)]);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    return [inputShape[0] ?? null, product(inputShape.slice(1))];
  }
}

export interface ReshapeArgs extends LayerArgs {
  /** Shape of one example. */
  targetShape: Shape;
}

/** [batch, ...] -> [batch, ...targetShape]; one dimension may be -1. */
export class Reshape extends Layer {
  static override className = 'Reshape';
  readonly #targetShape: Shape;

  constructor(args: ReshapeArgs) {
    super(args);
    this.#targetShape = args.targetShape;
  }

  call(x: Tensor): Tensor {
    return reshapeOp(x, [x.shape[0] as number, ...this.#resolve(x.shape.slice(1))]);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    return [inputShape[0] ?? null, ...this.#resolve(inputShape.slice(1))];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), targetShape: [...this.#targetShape] };
  }

  #resolve(example: PartialShape): number[] {
    const size = product(example);
    const known = this.#targetShape.filter((d) => d !== -1).reduce((a, b) => a * b, 1);
    const out = this.#targetShape.map((d) => (d === -1 && size !== null ? size / known : d));
    if (size !== null && out.reduce((a, b) => a * b, 1) !== size) {
      throw new ShapeError(
        `${this.name}: examples of ${showShape(example)} do not fill targetShape ${showShape(this.#targetShape)}`,
      );
    }
    return out;
  }
}

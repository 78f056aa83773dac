/** Batch normalization. */
import { add, mul } from '../ops/arithmetic';
import { batchNorm } from '../ops/normalization';
import { moments } from '../ops/reduce';
import { reshape } from '../ops/shaping';
import { ShapeError } from '../runtime/errors';
import { normalizeAxis, showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import type { CallArgs } from './call';
import type { InitializerIdentifier } from './initializers';
import type { LayerArgs } from './layer';
import { SameShape } from './same';
import type { PartialShape } from './shapes';

export interface BatchNormalizationArgs extends LayerArgs {
  /** The dimension whose entries are normalized each on its own; default -1. */
  axis?: number;
  /** Of the moving statistics; default 0.99. */
  momentum?: number;
  /** Default 0.001. */
  epsilon?: number;
  /** Whether beta is added; default true. */
  center?: boolean;
  /** Whether gamma multiplies; default true. */
  scale?: boolean;
  betaInitializer?: InitializerIdentifier;
  gammaInitializer?: InitializerIdentifier;
  movingMeanInitializer?: InitializerIdentifier;
  movingVarianceInitializer?: InitializerIdentifier;
}

/**
 * y = gamma (x - mean) / √(variance + epsilon) + beta: with the statistics of the batch while training, which the
 * moving ones follow, and with the moving ones at inference (Ioffe and Szegedy, 2015).
 */
export class BatchNormalization extends SameShape {
  static override className = 'BatchNormalization';
  readonly #args: BatchNormalizationArgs;
  readonly #axis: number;
  readonly #momentum: number;
  readonly #epsilon: number;
  #gamma: Variable | undefined;
  #beta: Variable | undefined;
  #movingMean!: Variable;
  #movingVariance!: Variable;

  constructor(args: BatchNormalizationArgs = {}) {
    super(args);
    this.#args = args;
    this.#axis = args.axis ?? -1;
    this.#momentum = args.momentum ?? 0.99;
    this.#epsilon = args.epsilon ?? 1e-3;
  }

  override build(inputShape: PartialShape): void {
    const size = inputShape[normalizeAxis(this.#axis, inputShape.length, this.name)];
    if (typeof size !== 'number')
      throw new ShapeError(`${this.name}: dimension ${this.#axis} of ${showShape(inputShape)} must be known`);
    const { center = true, scale = true, gammaInitializer = 'ones', betaInitializer = 'zeros' } = this.#args;
    const { movingMeanInitializer = 'zeros', movingVarianceInitializer = 'ones' } = this.#args;
    const weight = (name: string, initializer: InitializerIdentifier, trainable = true): Variable =>
      this.addWeight({ name, shape: [size], initializer, trainable });
    if (scale) this.#gamma = weight('gamma', gammaInitializer);
    if (center) this.#beta = weight('beta', betaInitializer);
    this.#movingMean = weight('moving_mean', movingMeanInitializer, false);
    this.#movingVariance = weight('moving_variance', movingVarianceInitializer, false);
  }

  call(x: Tensor, { training }: CallArgs): Tensor {
    const axis = normalizeAxis(this.#axis, x.rank, this.name);
    // Statistics lie along `axis`; reshaped so that they broadcast.
    const wide = (t: Tensor): Tensor =>
      axis === x.rank - 1
        ? t
        : reshape(
            t,
            x.shape.map((d, i) => (i === axis ? d : 1)),
          );
    const normalize = (mean: Tensor, variance: Tensor): Tensor =>
      batchNorm(
        x,
        wide(mean),
        wide(variance),
        this.#beta && wide(this.#beta),
        this.#gamma && wide(this.#gamma),
        this.#epsilon,
      );
    if (!training || !this.trainable) return normalize(this.#movingMean, this.#movingVariance);
    const { mean, variance } = moments(
      x,
      x.shape.flatMap((_, i) => (i === axis ? [] : [i])),
    );
    const follow = (moving: Variable, value: Tensor): void =>
      moving.assign(add(mul(moving, this.#momentum), mul(value, 1 - this.#momentum)));
    follow(this.#movingMean, mean);
    follow(this.#movingVariance, variance);
    return normalize(mean, variance);
  }

  override getConfig(): Record<string, unknown> {
    const { center = true, scale = true } = this.#args;
    return { ...super.getConfig(), axis: this.#axis, momentum: this.#momentum, epsilon: this.#epsilon, center, scale };
  }
}

/** Dropout, noise, and penalties on what passes. */

import { Draws } from '../../ops/core/keys';
import { ones } from '../../ops/create/creation';
import { dropOf, normalOf, uniformOf } from '../../ops/create/random';
import { add, greaterEqual, mul, where } from '../../ops/math/arithmetic';
import { ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { type Shape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs } from '../base/call';
import { RANDOM } from '../base/keys';
import type { LayerArgs } from '../base/layer';
import { make } from '../base/settings';
import { SameShape } from '../base/shape-preserving';
import type { PartialShape } from '../base/shapes';
import { type DataFormat, type DataFormatName, dataFormatOf } from '../conv/space';
import { l1l2 } from '../weights/regularizers';

/** Settings of `gaussianDropout`. */
export interface GaussianDropoutArgs extends LayerArgs {
  /** Probability that an element becomes 0, in [0, 1). By default nothing is dropped, and a warning says so. */
  rate?: number | null;
  /** Seed of the masks; by default drawn from that of the library (`sg.setSeed`). */
  seed?: number | string | null;
}

/** Settings of `dropout`. */
export interface DropoutArgs extends GaussianDropoutArgs {
  /**
   * Shape of the mask, with the batch: along dimensions of 1 elements are dropped together; null is the size of the
   * input. Default: each element is dropped by itself.
   */
  noiseShape?: PartialShape | null;
}

/** Random while training, otherwise the identity. A subclass defines how the input changes. */
abstract class Noise<S extends object> extends SameShape<S> {
  static override accepts(): is.Table {
    return { seed: is.seed(), ...SameShape.accepts() };
  }

  /** One stream for the layer: its random numbers depend only on the step, or on the call. */
  /** @internal */
  protected readonly draws: Draws;

  constructor(
    args: LayerArgs & { seed?: number | string | null },
    settings: S,
    /** 0 for nothing to do. */
    readonly strength: number,
  ) {
    super(args, { ...settings, ...(args.seed != null && { seed: args.seed }) });
    this.draws = new Draws(args.seed);
  }

  override get [RANDOM](): readonly Draws[] {
    return [this.draws];
  }

  call(x: Tensor, args?: CallArgs | null): Tensor {
    return args?.training && this.strength > 0 ? this.disturb(x) : x;
  }

  protected abstract disturb(x: Tensor): Tensor;
}

/** Settings of a dropout with its rate; without a rate 0 and a warning. */
function rated<A extends { rate?: number | null }>(
  args: A | number | null | undefined,
  where: string,
): A & { rate: number } {
  const given = (typeof args === 'number' ? { rate: args } : (args ?? {})) as A;
  if (given.rate === undefined || given.rate === null)
    console.warn(`${where}: no rate was given, so nothing is dropped; write ${where}({ rate: 0.5 })`);
  const rate = given.rate ?? 0;
  return { ...given, rate };
}

/** The size of each dimension that a setting leaves open. */
const fill = (shape: PartialShape | null | undefined, x: Tensor): Shape =>
  shape ? shape.map((d, i) => d ?? (x.shape[i] as number)) : x.shape;

/** While training, elements become 0 with probability `rate` and the others are divided by 1 - rate. */
export class Dropout extends Noise<{ rate: number; noiseShape: DropoutArgs['noiseShape'] }> {
  static override className = 'Dropout';

  static override accepts(): is.Table {
    return { rate: is.share(), noiseShape: is.shape(), ...Noise.accepts() };
  }

  constructor(given?: DropoutArgs | number | null, where = 'dropout') {
    const args = rated<DropoutArgs>(given, where);
    const { rate, noiseShape } = args;
    super(args, { rate, noiseShape }, rate);
  }

  /** Shape of the mask for an input; undefined for the shape of the input. @internal */
  protected noiseShape(x: Tensor): Shape | undefined {
    return this.settings.noiseShape ? fill(this.settings.noiseShape, x) : undefined;
  }

  protected disturb(x: Tensor): Tensor {
    const shape = this.noiseShape(x);
    const drop = (t: Tensor): Tensor => dropOf(this.draws.next(), t, this.settings.rate);
    return shape ? mul(x, drop(ones(shape))) : drop(x);
  }
}

/** Settings of a dropout that may be given as its rate alone. */
const settingsOf = <A extends { rate?: number | null }>(args: A | number | null | undefined): A | null | undefined =>
  typeof args === 'number' ? ({ rate: args } as A) : args;

/**
 * While training, sets elements to 0 with probability `rate`, which may be the only argument, and divides the others by
 * 1 - rate (Srivastava et al., 2014). The shape is kept.
 * @throws ArgumentError unless 0 <= rate < 1
 * @example
 * const drop = sg.layers.dropout({ rate: 0.5, seed: 1 });
 * drop.apply(sg.ones([2, 3]), { training: true }).shape; // [2, 3]
 */
export const dropout = (args?: DropoutArgs | number): Dropout => make(Dropout, settingsOf(args));

/** Settings of `spatialDropout1d` and its siblings. */
export interface SpatialDropoutArgs extends GaussianDropoutArgs {
  /** 'channelsLast' (default) or 'channelsFirst'. */
  dataFormat?: DataFormatName | null;
}

/** Dropout of whole channels, of [batch, ...space, channels] (Tompson et al., 2015). */
export abstract class SpatialDropout extends Dropout {
  static override accepts(): is.Table {
    const { noiseShape: _, ...rest } = Dropout.accepts();
    return { ...rest, dataFormat: is.text() };
  }

  readonly #dataFormat: DataFormat;
  /** Number of dimensions of the space. @internal */
  protected abstract readonly dims: number;

  constructor(args?: SpatialDropoutArgs | number | null) {
    super(args, 'spatialDropout');
    this.#dataFormat = dataFormatOf((args as SpatialDropoutArgs | undefined)?.dataFormat, this.className);
  }

  protected override noiseShape({ shape }: Tensor): Shape {
    const channels = this.#dataFormat === 'channelsFirst' ? 1 : shape.length - 1;
    return shape.map((d, i) => (i === 0 || i === channels ? d : 1));
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    if (inputShape.length !== this.dims + 2)
      throw new ShapeError(`${this.name}: needs an input of rank ${this.dims + 2}, got ${showShape(inputShape)}`);
    return inputShape;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.#dataFormat };
  }
}

/** Dropout of whole channels of [batch, time, channels]. */
export class SpatialDropout1D extends SpatialDropout {
  static override className = 'SpatialDropout1D';
  protected readonly dims = 1;
}

/**
 * While training, drops whole channels of [batch, time, channels] (Tompson et al., 2015). The shape is kept.
 * @throws ArgumentError unless 0 <= rate < 1; ShapeError for another rank
 * @example
 * sg.layers.spatialDropout1d({ rate: 0.5 }).apply(sg.ones([2, 5, 3]), { training: true }).shape; // [2, 5, 3]
 */
export const spatialDropout1d = (args?: SpatialDropoutArgs | number): SpatialDropout =>
  make(SpatialDropout1D, settingsOf(args));

/** Dropout of whole channels of [batch, height, width, channels]. */
export class SpatialDropout2D extends SpatialDropout {
  static override className = 'SpatialDropout2D';
  protected readonly dims = 2;
}

/**
 * While training, drops whole channels of [batch, height, width, channels] (Tompson et al., 2015). The shape is kept.
 * @throws ArgumentError unless 0 <= rate < 1; ShapeError for another rank
 * @example
 * sg.layers.spatialDropout2d({ rate: 0.5 }).apply(sg.ones([2, 4, 4, 3]), { training: true }).shape; // [2, 4, 4, 3]
 */
export const spatialDropout2d = (args?: SpatialDropoutArgs | number): SpatialDropout =>
  make(SpatialDropout2D, settingsOf(args));

/** Dropout of whole channels of [batch, depth, height, width, channels]. */
export class SpatialDropout3D extends SpatialDropout {
  static override className = 'SpatialDropout3D';
  protected readonly dims = 3;
}

/**
 * While training, drops whole channels of [batch, depth, height, width, channels]. The shape is kept.
 * @throws ArgumentError unless 0 <= rate < 1; ShapeError for another rank
 * @example
 * sg.layers.spatialDropout3d({ rate: 0.5 }).apply(sg.ones([1, 2, 2, 2, 3]), { training: true }).shape; // [1, 2, 2, 2, 3]
 */
export const spatialDropout3d = (args?: SpatialDropoutArgs | number): SpatialDropout =>
  make(SpatialDropout3D, settingsOf(args));

/** What selu goes to far below 0: -scale · alpha. */
const SELU_FLOOR = -1.7580993408473766;

/**
 * Dropout that keeps the mean and variance of outputs of selu: dropped elements become its lower bound (Klambauer et
 * al., 2017).
 */
export class AlphaDropout extends Noise<{ rate: number; noiseShape: DropoutArgs['noiseShape'] }> {
  static override className = 'AlphaDropout';

  static override accepts(): is.Table {
    return { rate: is.share(), noiseShape: is.shape(), ...Noise.accepts() };
  }

  constructor(given?: DropoutArgs | number | null) {
    const args = rated<DropoutArgs>(given, 'alphaDropout');
    const { rate, noiseShape } = args;
    super(args, { rate, noiseShape }, rate);
  }

  protected disturb(x: Tensor): Tensor {
    const { rate, noiseShape } = this.settings;
    const isKept = greaterEqual(uniformOf(this.draws.next(), fill(noiseShape, x)), rate);
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * SELU_FLOOR * SELU_FLOOR));
    return add(mul(a, where(isKept, x, SELU_FLOOR)), -a * SELU_FLOOR * rate);
  }
}

/**
 * While training, dropout that keeps the mean and variance of outputs of selu (Klambauer et al., 2017). The shape is
 * kept.
 * @throws ArgumentError unless 0 <= rate < 1
 * @example
 * sg.layers.alphaDropout({ rate: 0.1 }).apply(sg.ones([2, 3]), { training: true }).shape; // [2, 3]
 */
export const alphaDropout = (args?: DropoutArgs | number): AlphaDropout => make(AlphaDropout, settingsOf(args));

/** While training, x times normal numbers of mean 1 and variance rate / (1 - rate) (Srivastava et al., 2014). */
export class GaussianDropout extends Noise<{ rate: number }> {
  static override className = 'GaussianDropout';

  static override accepts(): is.Table {
    return { rate: is.share(), ...Noise.accepts() };
  }

  constructor(given?: GaussianDropoutArgs | number | null) {
    const args = rated<GaussianDropoutArgs>(given, 'gaussianDropout');
    super(args, { rate: args.rate }, args.rate);
  }

  protected disturb(x: Tensor): Tensor {
    const { rate } = this.settings;
    return mul(x, normalOf(this.draws.next(), x.shape, 1, Math.sqrt(rate / (1 - rate))));
  }
}

/**
 * While training, multiplies by normal numbers of mean 1 and variance rate / (1 - rate) (Srivastava et al., 2014). The
 * shape is kept.
 * @throws ArgumentError unless 0 <= rate < 1
 * @example
 * sg.layers.gaussianDropout({ rate: 0.1 }).apply(sg.ones([2, 3]), { training: true }).shape; // [2, 3]
 */
export const gaussianDropout = (args?: GaussianDropoutArgs | number): GaussianDropout =>
  make(GaussianDropout, settingsOf(args));

/** Settings of `gaussianNoise`. */
export interface GaussianNoiseArgs extends LayerArgs {
  /** Standard deviation of the noise. */
  stddev: number;
  /** Seed of the noise; by default drawn from that of the library (`sg.setSeed`). */
  seed?: number | string | null;
}

/** While training, x plus normal numbers of mean 0. */
export class GaussianNoise extends Noise<{ stddev: number }> {
  static override className = 'GaussianNoise';

  static override accepts(): is.Table {
    return { stddev: is.required(is.amount()), ...Noise.accepts() };
  }

  constructor(args: GaussianNoiseArgs) {
    super(args, { stddev: args.stddev }, args.stddev);
  }

  protected disturb(x: Tensor): Tensor {
    return add(x, normalOf(this.draws.next(), x.shape, 0, this.settings.stddev));
  }
}

/**
 * While training, adds normal numbers of mean 0. The shape is kept.
 * @throws ArgumentError for a negative stddev
 * @example
 * sg.layers.gaussianNoise({ stddev: 0.1 }).apply(sg.ones([2, 3]), { training: true }).shape; // [2, 3]
 */
export const gaussianNoise = (args: GaussianNoiseArgs): GaussianNoise => make(GaussianNoise, args);

/** Settings of `activityRegularization`. */
export interface ActivityRegularizationArgs extends LayerArgs {
  /** Factor of Σ|x|; default 0. */
  l1?: number;
  /** Factor of Σx²; default 0. */
  l2?: number;
}

/** Returns its input, and adds l1 Σ|x| + l2 Σx², divided by the number of examples, to the loss. */
export class ActivityRegularization extends SameShape<{ l1: number; l2: number }> {
  static override className = 'ActivityRegularization';

  static override accepts(): is.Table {
    return { l1: is.amount(), l2: is.amount(), ...SameShape.accepts() };
  }

  constructor(args: ActivityRegularizationArgs = {}) {
    const factors = { l1: args.l1 ?? 0, l2: args.l2 ?? 0 };
    super({ ...args, activityRegularizer: l1l2(factors) }, factors);
  }

  call(x: Tensor): Tensor {
    return x;
  }
}

/**
 * Returns its input, and adds l1 Σ|x| + l2 Σx², divided by the number of examples, to the loss. Both factors are 0 by
 * default.
 * @throws ArgumentError for negative factors
 * @example
 * sg.layers.activityRegularization({ l2: 0.01 }).apply(sg.ones([2, 3])).shape; // [2, 3]
 */
export const activityRegularization = (args?: ActivityRegularizationArgs): ActivityRegularization =>
  make(ActivityRegularization, args);

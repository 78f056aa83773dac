/** Images changed at random while training, and unchanged at inference. Random numbers depend only on key and step. */

import { Draws } from '../../ops/core/keys';
import { zeros } from '../../ops/create/creation';
import { uniformOf } from '../../ops/create/random';
import { type FillMode, transform } from '../../ops/image/sample';
import { add, clipByValue, cos, less, mul, sin, sub, where } from '../../ops/math/arithmetic';
import { mean } from '../../ops/math/reduce';
import { concat, reshape, slice } from '../../ops/shape/shaping';
import { reverse } from '../../ops/shape/slicing';
import { show } from '../../support/arguments';
import { ArgumentError, StateError } from '../../support/errors';
import * as is from '../../support/settings';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs } from '../base/call';
import { RANDOM } from '../base/keys';
import * as own from '../base/settings';
import { oneOf, type Size } from '../conv/space';
import type { SpatialArgs } from '../conv/spatial';
import { ImageLayer, type Interpolation, resized } from './image';

/** A number f, short for [-f, f], or the bounds of an interval. */
export type Factor = number | readonly [number, number];
type Interval = readonly [number, number];

/** @throws ArgumentError unless both ends are in [low, 1] */
function intervalOf(factor: Factor, where: string, low = -1): Interval {
  const [a, b] = typeof factor === 'number' ? [-Math.abs(factor), Math.abs(factor)] : (factor ?? []);
  const isWithin = (v: unknown): boolean => typeof v === 'number' && v >= low && v <= 1;
  if (!isWithin(a) || !isWithin(b))
    throw new ArgumentError(`${where} must be a number or two, in [${low}, 1], got ${show(factor)}`);
  return [Math.min(a as number, b as number), Math.max(a as number, b as number)];
}

/** Settings of all random changes of images. */
export interface AugmentationArgs extends SpatialArgs {
  /** Seed of the changes; by default drawn from that of the library (`sg.setSeed`). */
  seed?: number | string | null;
}

/** One draw for each image and kind of change. */
abstract class Augmentation extends ImageLayer {
  static override accepts(): is.Table {
    return { seed: is.seed(), ...ImageLayer.accepts() };
  }

  readonly #draws: Draws;
  readonly #settings: Record<string, unknown>;

  constructor(args: AugmentationArgs, settings: Record<string, unknown>) {
    super(args);
    this.#draws = new Draws(args.seed);
    this.#settings = { ...settings, seed: args.seed ?? null };
  }

  override get [RANDOM](): readonly Draws[] {
    return [this.#draws];
  }

  /** x changed by random numbers, one [batch, 1, 1, 1] for each interval of `ranges`. @internal */
  protected abstract change(x: Tensor, draws: readonly Tensor[]): Tensor;
  /** Intervals of the random numbers. @internal */
  protected abstract readonly ranges: readonly Interval[];

  protected image(x: Tensor, { training }: CallArgs): Tensor {
    if (!training) return x;
    const n = x.shape[0] as number;
    const unit = uniformOf(this.#draws.next(), [n, this.ranges.length]);
    const draws = this.ranges.map(([low, high], k) =>
      add(mul(reshape(slice(unit, [0, k], [n, 1]), [n, 1, 1, 1]), high - low), low),
    );
    return this.change(x, draws);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#settings };
  }
}

/** Settings of `randomFlip`. */
export interface RandomFlipArgs extends AugmentationArgs {
  /** 'horizontalAndVertical' (default), 'horizontal' or 'vertical'. */
  mode?: 'horizontal' | 'vertical' | 'horizontalAndVertical' | 'horizontal_and_vertical';
}

const FLIPS = { horizontalAndVertical: [2, 1], horizontal: [2], vertical: [1] } as const;

/** Each image mirrored or not, along each dimension on its own. */
export class RandomFlip extends Augmentation {
  static override className = 'RandomFlip';

  static override accepts(): is.Table {
    return { mode: is.text(), ...Augmentation.accepts() };
  }

  readonly #axes: readonly number[];
  protected readonly ranges: readonly Interval[];

  constructor(args: RandomFlipArgs = {}) {
    const modes = Object.keys(FLIPS) as (keyof typeof FLIPS)[];
    const mode = oneOf(modes, args.mode ?? 'horizontalAndVertical', 'mode', 'RandomFlip');
    super(args, { mode });
    this.#axes = FLIPS[mode];
    this.ranges = this.#axes.map(() => [0, 1]);
  }

  protected change(x: Tensor, draws: readonly Tensor[]): Tensor {
    return this.#axes.reduce((y, axis, k) => where(less(draws[k] as Tensor, 0.5), reverse(y, axis), y), x);
  }
}

/**
 * While training, mirrors images at random, with probability 1/2 along each dimension of `mode` (by default both).
 * [batch, h, w, channels] -> the same
 * @throws ArgumentError for an unknown mode
 * @example
 * sg.layers.randomFlip({ mode: 'horizontal' }).apply(sg.ones([1, 5, 5, 3]), { training: true }).shape; // [1, 5, 5, 3]
 */
export const randomFlip = (args?: RandomFlipArgs): RandomFlip => own.make(RandomFlip, args);

/** Settings of random rotations, translations and zooms. */
export interface TransformArgs extends AugmentationArgs {
  /** Values outside of the image: 'reflect' (default), 'constant' (`fillValue`), 'wrap' or 'nearest'. */
  fillMode?: 'reflect' | 'constant' | 'wrap' | 'nearest';
  /** 'bilinear' (default) or 'nearest'. */
  interpolation?: 'nearest' | 'bilinear';
  /** Value of fillMode 'constant'; default 0. */
  fillValue?: number;
}

/** Images whose pixel (x, y) is read from another position, by a matrix for each image. */
abstract class Transformed extends Augmentation {
  static override accepts(): is.Table {
    return { fillMode: is.text(), interpolation: is.text(), fillValue: is.real(), ...Augmentation.accepts() };
  }

  readonly #fillMode: FillMode;
  readonly #interpolation: Interpolation;
  readonly #fillValue: number;

  constructor(args: TransformArgs, settings: Record<string, unknown>) {
    const where = new.target.className;
    const modes = ['reflect', 'constant', 'wrap', 'nearest'] as const;
    const fillMode = oneOf(modes, args.fillMode ?? 'reflect', 'fillMode', where);
    const methods = ['bilinear', 'nearest'] as const;
    const interpolation = oneOf(methods, args.interpolation ?? 'bilinear', 'interpolation', where);
    const fillValue = args.fillValue ?? 0;
    super(args, { ...settings, fillMode, interpolation, fillValue });
    this.#fillMode = fillMode;
    this.#interpolation = interpolation;
    this.#fillValue = fillValue;
  }

  /** The six numbers a, b, c, d, e, f that take (x, y) to (a x + b y + c, d x + e y + f). */
  protected abstract matrix(draws: readonly Tensor[], height: number, width: number): readonly (Tensor | number)[];

  protected change(x: Tensor, draws: readonly Tensor[]): Tensor {
    const [n, height, width] = x.shape as [number, number, number];
    const rows = this.matrix(
      draws.map((t) => reshape(t, [n, 1])),
      height,
      width,
    );
    const columns = [...rows, 0, 0].map((v) => add(zeros([n, 1]), v));
    return transform(x, concat(columns, 1), this.#interpolation, this.#fillMode, this.#fillValue);
  }
}

/** Settings of `randomRotation`. */
export interface RandomRotationArgs extends TransformArgs {
  /** Share of a full turn, counterclockwise: f for [-f, f], or [lower, upper]; in [-1, 1]. */
  factor: Factor;
}

/** Each image turned around its center. */
export class RandomRotation extends Transformed {
  static override className = 'RandomRotation';

  static override accepts(): is.Table {
    return { factor: is.required(own.numbers()), ...Transformed.accepts() };
  }

  protected readonly ranges: readonly Interval[];

  constructor(args: RandomRotationArgs) {
    super(args, { factor: args.factor });
    this.ranges = [intervalOf(args.factor, 'RandomRotation: factor')];
  }

  protected matrix([turns]: readonly [Tensor], height: number, width: number): (Tensor | number)[] {
    const angle = mul(turns, 2 * Math.PI);
    const [c, s] = [cos(angle), sin(angle)];
    const [x, y] = [(width - 1) / 2, (height - 1) / 2];
    const [right, down] = [sub(x, sub(mul(c, x), mul(s, y))), sub(y, add(mul(s, x), mul(c, y)))];
    return [c, mul(s, -1), right, s, c, down];
  }
}

/**
 * While training, rotates images around their centers at random. [batch, h, w, channels] -> the same. By default
 * fillMode 'reflect' and bilinear interpolation.
 * @throws ArgumentError for a factor outside [-1, 1], an unknown fillMode or interpolation
 * @example
 * const layer = sg.layers.randomRotation({ factor: 0.1 }); // by up to a tenth of a full turn, either way
 * layer.apply(sg.ones([1, 5, 5, 3]), { training: true }).shape; // [1, 5, 5, 3]
 */
export const randomRotation = (args: RandomRotationArgs): RandomRotation => own.make(RandomRotation, args);

/** Settings shared by `randomTranslation` and `randomZoom`. */
export interface RandomShiftArgs extends TransformArgs {
  /** Change along the height: f for [-f, f], or [lower, upper]; in [-1, 1]. */
  heightFactor: Factor;
}

/** Settings of `randomTranslation`. */
export interface RandomTranslationArgs extends RandomShiftArgs {
  /** Shift along the width: f for [-f, f], or [lower, upper]; in [-1, 1]. */
  widthFactor: Factor;
}

/** Each image shifted down and to the right by shares of its height and width. */
export class RandomTranslation extends Transformed {
  static override className = 'RandomTranslation';

  static override accepts(): is.Table {
    return {
      heightFactor: is.required(own.numbers()),
      widthFactor: is.required(own.numbers()),
      ...Transformed.accepts(),
    };
  }

  protected readonly ranges: readonly Interval[];

  constructor(args: RandomTranslationArgs) {
    const { heightFactor, widthFactor } = args;
    super(args, { heightFactor, widthFactor });
    this.ranges = [
      intervalOf(heightFactor, 'RandomTranslation: heightFactor'),
      intervalOf(widthFactor, 'RandomTranslation: widthFactor'),
    ];
  }

  protected matrix([down, right]: readonly [Tensor, Tensor], height: number, width: number): (Tensor | number)[] {
    return [1, 0, mul(right, -width), 0, 1, mul(down, -height)];
  }
}

/**
 * While training, shifts images at random by fractions of their height and width. [batch, h, w, channels] -> the same
 * @throws ArgumentError as `randomRotation`
 * @example
 * const layer = sg.layers.randomTranslation({ heightFactor: 0.2, widthFactor: 0.2 });
 * layer.apply(sg.ones([1, 5, 5, 3]), { training: true }).shape; // [1, 5, 5, 3]
 */
export const randomTranslation = (args: RandomTranslationArgs): RandomTranslation => own.make(RandomTranslation, args);

/** Settings of `randomZoom`. */
export interface RandomZoomArgs extends RandomShiftArgs {
  /** Change along the width; default that of the height, so that the aspect ratio is kept. */
  widthFactor?: Factor | null;
}

/** Each image zoomed around its center by 1 + factor: above 1 out, below 1 in. */
export class RandomZoom extends Transformed {
  static override className = 'RandomZoom';

  static override accepts(): is.Table {
    return { heightFactor: is.required(own.numbers()), widthFactor: own.numbers(), ...Transformed.accepts() };
  }

  protected readonly ranges: readonly Interval[];

  constructor(args: RandomZoomArgs) {
    const { heightFactor, widthFactor = null } = args;
    super(args, { heightFactor, widthFactor });
    const factors = widthFactor === null ? [heightFactor] : [heightFactor, widthFactor];
    this.ranges = factors.map((f) => intervalOf(f, 'RandomZoom: heightFactor and widthFactor'));
  }

  protected matrix(draws: readonly Tensor[], height: number, width: number): (Tensor | number)[] {
    const [v, h] = [draws[0] as Tensor, draws.at(-1) as Tensor];
    // The center stays: offset = (size - 1) / 2 (1 - zoom), and 1 - zoom = -factor.
    return [add(h, 1), 0, mul(h, (1 - width) / 2), 0, add(v, 1), mul(v, (1 - height) / 2)];
  }
}

/**
 * While training, zooms images at random by 1 + factor: above 1 out, below 1 in. [batch, h, w, channels] -> the same
 * @throws ArgumentError as `randomRotation`
 * @example
 * const layer = sg.layers.randomZoom({ heightFactor: 0.2 });
 * layer.apply(sg.ones([1, 5, 5, 3]), { training: true }).shape; // [1, 5, 5, 3]
 */
export const randomZoom = (args: RandomZoomArgs): RandomZoom => own.make(RandomZoom, args);

/** Settings of `randomContrast` and `randomBrightness`. */
export interface RandomColorArgs extends AugmentationArgs {
  /** Size of the change; for contrast in [0, 1], for brightness f for [-f, f] or [lower, upper] in [-1, 1]. */
  factor: Factor;
  /** Smallest and largest value of a pixel; default [0, 255]. */
  valueRange?: readonly [number, number];
}

/** Pixels changed, and kept within their range. */
abstract class Recolored extends Augmentation {
  static override accepts(): is.Table {
    return { factor: is.required(own.numbers()), valueRange: own.range(), ...Augmentation.accepts() };
  }

  protected readonly valueRange: readonly [number, number];
  protected readonly ranges: readonly Interval[];

  constructor(args: RandomColorArgs, interval: Interval) {
    const valueRange = args.valueRange ?? [0, 255];
    super(args, { factor: args.factor, valueRange: [...valueRange] });
    this.valueRange = valueRange;
    this.ranges = [interval];
  }

  protected abstract recolor(x: Tensor, draw: Tensor): Tensor;

  protected change(x: Tensor, [draw]: readonly [Tensor]): Tensor {
    return clipByValue(this.recolor(x, draw), ...this.valueRange);
  }
}

/** factor: f for [1 - f, 1 + f], or [lower, upper] for [1 - lower, 1 + upper]; y = (x - mean) c + mean, channel by channel. */
export class RandomContrast extends Recolored {
  static override className = 'RandomContrast';

  constructor(args: RandomColorArgs) {
    const [lower, upper] = typeof args.factor === 'number' ? [args.factor, args.factor] : (args.factor ?? []);
    intervalOf([lower, upper] as Interval, 'RandomContrast: factor', 0);
    super(args, [1 - (lower as number), 1 + (upper as number)]);
  }

  protected recolor(x: Tensor, contrast: Tensor): Tensor {
    const center = mean(x, [1, 2], true);
    return add(mul(sub(x, center), contrast), center);
  }
}

/**
 * While training, multiplies the distances from each channel's mean by a random factor of 1 ± factor. [batch, h, w,
 * channels] -> the same
 * @throws ArgumentError for a factor outside [0, 1]
 * @example
 * sg.layers.randomContrast({ factor: 0.2 }).apply(sg.ones([1, 5, 5, 3]), { training: true }).shape; // [1, 5, 5, 3]
 */
export const randomContrast = (args: RandomColorArgs): RandomContrast => own.make(RandomContrast, args);

/** y = x + factor (largest - smallest value); factor: f for [-f, f], or [lower, upper]. */
export class RandomBrightness extends Recolored {
  static override className = 'RandomBrightness';

  constructor(args: RandomColorArgs) {
    super(args, intervalOf(args.factor, 'RandomBrightness: factor'));
  }

  protected recolor(x: Tensor, factor: Tensor): Tensor {
    return add(x, mul(factor, this.valueRange[1] - this.valueRange[0]));
  }
}

/**
 * While training, adds a random fraction of the value range to images. [batch, h, w, channels] -> the same
 * @throws ArgumentError for a factor outside [-1, 1]
 * @example
 * sg.layers.randomBrightness({ factor: 0.2 }).apply(sg.ones([1, 5, 5, 3]), { training: true }).shape; // [1, 5, 5, 3]
 */
export const randomBrightness = (args: RandomColorArgs): RandomBrightness => own.make(RandomBrightness, args);

/** Settings of `randomWidth`. */
export interface RandomWidthArgs extends AugmentationArgs {
  /** f for widths of [1 - f, 1 + f] times the original, or [lower, upper] for [1 + lower, 1 + upper]; above -1. */
  factor: Factor;
  /** 'bilinear' (default) or 'nearest'. */
  interpolation?: 'nearest' | 'bilinear';
}

/**
 * A batch of images resized to a new random width in each call. Compiled models have fixed shapes: this layer is for
 * preparing data; inside of models use RandomZoom.
 */
export class RandomWidth extends ImageLayer {
  static override className = 'RandomWidth';

  static override accepts(): is.Table {
    return { factor: is.required(own.numbers()), interpolation: is.text(), seed: is.seed(), ...ImageLayer.accepts() };
  }

  readonly #factor: Factor;
  readonly #interval: Interval;
  readonly #interpolation: Interpolation;
  readonly #seed: AugmentationArgs['seed'];
  readonly #draws: Draws;

  constructor(args: RandomWidthArgs) {
    super(args);
    this.#factor = args.factor;
    this.#interval = intervalOf(args.factor, 'RandomWidth: factor');
    const methods = ['bilinear', 'nearest'] as const;
    this.#interpolation = oneOf(methods, args.interpolation ?? 'bilinear', 'interpolation', 'RandomWidth');
    this.#seed = args.seed ?? null;
    this.#draws = new Draws(args.seed);
  }

  override get [RANDOM](): readonly Draws[] {
    return [this.#draws];
  }

  protected image(x: Tensor, { training }: CallArgs): Tensor {
    if (!training) return x;
    if (x.graph)
      throw new StateError(
        `${this.name}: a compiled model has fixed shapes; use randomZoom({ heightFactor: 0, widthFactor }) there`,
      );
    const [, height, width] = x.shape as [number, number, number];
    const share = tidy(() => uniformOf(this.#draws.next(), [1]).dataSync()[0] as number);
    const [low, high] = this.#interval;
    const drawn = Math.max(1, Math.round(width * (1 + low + share * (high - low))));
    return resized(x, [height, drawn], this.#interpolation);
  }

  protected override outputSpace([height]: readonly [Size, Size]): Size[] {
    return [height, null];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.#factor, interpolation: this.#interpolation, seed: this.#seed };
  }
}

/**
 * With `training: true`, resizes a batch of images to a random width, which is drawn in each call. [batch, h, w,
 * channels] -> [batch, h, random width, channels]. For preparing data: in compiled models, whose shapes are fixed, it
 * throws.
 * @throws ArgumentError for a factor outside [-1, 1] or an unknown interpolation; StateError when a model trains
 * @example
 * const layer = sg.layers.randomWidth({ factor: [0.2, 0.2] });
 * layer.apply(sg.ones([1, 5, 5, 3]), { training: true }).shape; // [1, 5, 6, 3]
 */
export const randomWidth = (args: RandomWidthArgs): RandomWidth => own.make(RandomWidth, args);

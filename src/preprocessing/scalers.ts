/** Scaling of features. Statistics are computed in f64 on the host, rows in order; ops rescale the values. */

import { type TensorLike, tensor, toTensor } from '../ops/create/creation';
import { add, cast, clipByValue, div, mul, sub } from '../ops/math/arithmetic';
import { ArgumentError, ShapeError, StateError } from '../support/errors';
import * as is from '../support/settings';
import { tidy } from '../tensor/scope';
import { placeIn, showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

/** Settings shared by the scalers. */
export interface ScalerArgs {
  /** NaN in the data: 'error' (default), or 'keep', which ignores it in the statistics and leaves it in place. */
  nan?: 'error' | 'keep';
}

/** Statistics of each feature. */
interface Statistics {
  readonly min: number[];
  readonly max: number[];
  readonly mean: number[];
  readonly variance: number[];
}

/** -0 would not survive JSON. */
const plain = (v: number): number => v + 0;

/** Settings of all scalers. */
const SCALER = { nan: is.choice(['error', 'keep'], 'error') };
/** What a saved scaler learned: one number for each feature. */
const learned = is.given<readonly number[] | undefined>(
  'a list of finite numbers',
  (v) => Array.isArray(v) && v.every(is.real().fits),
);

/** Learns statistics of features, the entries of the last axis, and rescales data with them. */
export abstract class Scaler {
  /** Name in errors. @internal */
  protected abstract readonly label: string;
  /** How NaN is treated. @internal */
  protected readonly nan: 'error' | 'keep';

  constructor({ nan }: is.Values<typeof SCALER>) {
    this.nan = nan;
  }

  /** Stores the statistics that it uses. @internal */
  protected abstract learn(statistics: Statistics): void;
  /** What `learn` kept, one list for each statistic; undefined before `fit`. @internal */
  protected abstract readonly learned: readonly (readonly number[])[] | undefined;
  /** Rescales. @internal */
  protected abstract forward(x: Tensor): Tensor;
  /** Undoes the rescaling. @internal */
  protected abstract backward(y: Tensor): Tensor;

  /**
   * Learns the statistics of data, replacing those learned before.
   * @param x [..., features], or [n]: values of one feature
   * @throws ArgumentError for NaN (unless it is kept) and infinities, for a feature without values; ShapeError
   */
  fit(x: TensorLike): this {
    const where = `${this.label}.fit`;
    tidy(() => {
      const t = this.#read(x, where);
      this.learn(statisticsOf(t, t.rank === 1 ? 1 : (t.shape.at(-1) as number), where));
    });
    return this;
  }

  /**
   * Rescales data.
   * @param x [..., features]; if there is one feature also [n].
   * @returns float32, in the shape of x
   * @throws StateError before `fit`; ShapeError for another number of features; ArgumentError for NaN, unless it is
   * kept, and infinities
   */
  transform(x: TensorLike): Tensor {
    return this.#change(x, 'transform', (t) => this.forward(t));
  }

  /** `fit`, then `transform`. */
  fitTransform(x: TensorLike): Tensor {
    return this.fit(x).transform(x);
  }

  /**
   * Undoes the rescaling of data.
   * @throws as `transform`
   */
  inverseTransform(y: TensorLike): Tensor {
    return this.#change(y, 'inverseTransform', (t) => this.backward(t));
  }

  /** Settings and learned statistics, as plain JSON; `fromConfig`, or the factory, recreates the scaler. */
  getConfig(): Record<string, unknown> {
    return { nan: this.nan };
  }

  /** One number for each feature, in float32. @internal */
  protected row(values: readonly number[]): Tensor {
    return tensor([...values]);
  }

  /** Statistics from settings. @internal */
  protected given(where: string, lists: Readonly<Record<string, readonly number[] | undefined>>): boolean {
    const all = Object.values(lists);
    if (all.every((list) => list === undefined)) return false;
    if (!all.every((list) => list && list.length === all[0]?.length))
      throw new ArgumentError(`${where}: ${Object.keys(lists).join(' and ')} must be lists of as many finite numbers`);
    return true;
  }

  #read(x: TensorLike, where: string): Tensor {
    const t = cast(toTensor(x, where), 'float32');
    if (t.rank === 0) throw new ShapeError(`${where}: x must be [..., features], got a scalar`);
    const data = t.dataSync();
    for (let i = 0; i < data.length; i++) {
      const v = data[i] as number;
      if (Number.isFinite(v) || (this.nan === 'keep' && Number.isNaN(v))) continue;
      const mend = Number.isNaN(v) ? ", or set nan: 'keep'" : '';
      throw new ArgumentError(`${where}: ${placeIn('x', t.shape, i)} is ${v}; fill it in, or leave its row out${mend}`);
    }
    return t;
  }

  #change(x: TensorLike, verb: string, fn: (t: Tensor) => Tensor): Tensor {
    const where = `${this.label}.${verb}`;
    const count = this.learned?.[0]?.length;
    if (count === undefined) throw new StateError(`${where}: call fit first`);
    return tidy(() => {
      const t = this.#read(x, where);
      if (t.shape.at(-1) !== count && !(count === 1 && t.rank === 1))
        throw new ShapeError(`${where}: fit saw ${count} features, x is ${showShape(t.shape)}`);
      return fn(t);
    });
  }
}

function statisticsOf(x: Tensor, features: number, where: string): Statistics {
  const data = x.dataSync();
  const out: Statistics = { min: [], max: [], mean: [], variance: [] };
  for (let f = 0; f < features; f++) {
    let [count, sum, squares, min, max] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const each = (fn: (v: number) => void): void => {
      for (let i = f; i < data.length; i += features) {
        const v = data[i] as number;
        if (!Number.isNaN(v)) fn(v);
      }
    };
    each((v) => {
      count++;
      sum += v;
      if (v < min) min = v;
      if (v > max) max = v;
    });
    if (count === 0) throw new ArgumentError(`${where}: feature ${f} has no values`);
    if (!Number.isFinite(Math.fround(max - min)))
      throw new ArgumentError(`${where}: feature ${f} spans ${min} to ${max}, more than float32 holds`);
    const mean = sum / count;
    each((v) => {
      squares += (v - mean) * (v - mean);
    });
    const values = { min, max, mean, variance: squares / count };
    for (const key of ['min', 'max', 'mean', 'variance'] as const) out[key].push(plain(values[key]));
  }
  return out;
}

/** Settings of `minMaxScaler`. */
export interface MinMaxScalerArgs extends ScalerArgs {
  /** The range that values are mapped to; default [0, 1]. */
  featureRange?: readonly [number, number];
  /** Whether values outside of what `fit` saw are clipped to the range; default false. */
  clip?: boolean;
  /** Smallest values, of a saved scaler; by default `fit` finds them. */
  dataMin?: readonly number[] | null;
  /** Largest values, of a saved scaler; by default `fit` finds them. */
  dataMax?: readonly number[] | null;
}

const isRange = (v: unknown): boolean =>
  Array.isArray(v) && v.length === 2 && v.every(is.real().fits) && v[0] < v[1] && Number.isFinite(v[1] - v[0]);
const MIN_MAX = {
  ...SCALER,
  featureRange: is.given<readonly [number, number]>('[low, high] with low < high', isRange, [0, 1]),
  clip: is.flag(false),
  dataMin: learned,
  dataMax: learned,
} satisfies is.TableOf<MinMaxScalerArgs>;

/** y = (x - min) / (max - min) (high - low) + low */
export class MinMaxScaler extends Scaler {
  protected readonly label = 'minMaxScaler';
  protected learned: readonly [min: readonly number[], max: readonly number[]] | undefined;
  readonly #range: readonly [number, number];
  readonly #clip: boolean;

  constructor(args?: MinMaxScalerArgs | null) {
    const settings = is.checked('minMaxScaler', MIN_MAX, args);
    super(settings);
    const { featureRange, clip, dataMin, dataMax } = settings;
    this.#range = [...featureRange];
    this.#clip = clip;
    if (this.given('minMaxScaler', { dataMin, dataMax }))
      this.learned = [dataMin as readonly number[], dataMax as readonly number[]];
  }

  /** Smallest value of each feature. */
  get dataMin(): readonly number[] | undefined {
    return this.learned?.[0];
  }

  /** Largest value of each feature. */
  get dataMax(): readonly number[] | undefined {
    return this.learned?.[1];
  }

  protected learn({ min, max }: Statistics): void {
    this.learned = [min, max];
  }

  /** The smallest values and the widths; a constant feature counts as one of width 1. */
  #rows(): [Tensor, Tensor] {
    const [min, max] = this.learned as readonly [readonly number[], readonly number[]];
    return [this.row(min), this.row(max.map((v, i) => Math.fround(v - (min[i] as number)) || 1))];
  }

  protected forward(x: Tensor): Tensor {
    const [low, high] = this.#range;
    const [min, width] = this.#rows();
    const y = add(mul(div(sub(x, min), width), high - low), low);
    return this.#clip ? clipByValue(y, low, high) : y;
  }

  protected backward(y: Tensor): Tensor {
    const [low, high] = this.#range;
    const [min, width] = this.#rows();
    return add(mul(div(sub(y, low), high - low), width), min);
  }

  override getConfig(): Record<string, unknown> {
    const [dataMin, dataMax] = this.learned ?? [null, null];
    return { ...super.getConfig(), featureRange: this.#range, clip: this.#clip, dataMin, dataMax };
  }

  /** Creates a scaler from what `getConfig` returned. */
  static fromConfig(config: Readonly<Record<string, unknown>>): MinMaxScaler {
    return new MinMaxScaler(config);
  }
}

/** Settings of `standardScaler`. */
export interface StandardScalerArgs extends ScalerArgs {
  /** Whether the mean is subtracted; default true. */
  withMean?: boolean;
  /** Whether features are divided by their standard deviation; default true. */
  withStd?: boolean;
  /** Means, of a saved scaler; by default `fit` finds them. */
  mean?: readonly number[] | null;
  /** Variances, of a saved scaler; by default `fit` finds them. */
  variance?: readonly number[] | null;
}

const STANDARD = {
  ...SCALER,
  withMean: is.flag(true),
  withStd: is.flag(true),
  mean: learned,
  variance: is.given<readonly number[] | undefined>(
    'a list of finite numbers >= 0',
    (v) => Array.isArray(v) && v.every(is.amount().fits),
  ),
} satisfies is.TableOf<StandardScalerArgs>;

/** y = (x - mean) / √variance, with the variance of the population: Σ (x - mean)² / n */
export class StandardScaler extends Scaler {
  protected readonly label = 'standardScaler';
  protected learned: readonly [mean: readonly number[], variance: readonly number[]] | undefined;
  readonly #withMean: boolean;
  readonly #withStd: boolean;

  constructor(args?: StandardScalerArgs | null) {
    const settings = is.checked('standardScaler', STANDARD, args);
    super(settings);
    this.#withMean = settings.withMean;
    this.#withStd = settings.withStd;
    const { mean, variance } = settings;
    if (!this.given('standardScaler', { mean, variance })) return;
    this.learned = [mean as readonly number[], variance as readonly number[]];
  }

  /** Mean of each feature. */
  get mean(): readonly number[] | undefined {
    return this.learned?.[0];
  }

  /** Variance of each feature. */
  get variance(): readonly number[] | undefined {
    return this.learned?.[1];
  }

  protected learn({ mean, variance }: Statistics): void {
    this.learned = [mean, variance];
  }

  /** The means as two float32 addends, as one would be too coarse for features far from 0; the deviations. */
  #rows(): [Tensor, Tensor, Tensor] {
    const [mean, variance] = this.learned as readonly [readonly number[], readonly number[]];
    const from = mean.map((m) => (this.#withMean ? m : 0));
    const to = variance.map((v) => (this.#withStd && Math.fround(Math.sqrt(v))) || 1);
    return [this.row(from), this.row(from.map((m) => m - Math.fround(m))), this.row(to)];
  }

  protected forward(x: Tensor): Tensor {
    const [mean, rest, deviation] = this.#rows();
    return div(sub(sub(x, mean), rest), deviation);
  }

  protected backward(y: Tensor): Tensor {
    const [mean, rest, deviation] = this.#rows();
    return add(add(mul(y, deviation), rest), mean);
  }

  override getConfig(): Record<string, unknown> {
    const [mean, variance] = this.learned ?? [null, null];
    return { ...super.getConfig(), withMean: this.#withMean, withStd: this.#withStd, mean, variance };
  }

  /** Creates a scaler from what `getConfig` returned. */
  static fromConfig(config: Readonly<Record<string, unknown>>): StandardScaler {
    return new StandardScaler(config);
  }
}

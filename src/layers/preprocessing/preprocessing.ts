/** Layers that prepare data for networks: rescaling, normalization, encoding. */

import { apply } from '../../ops/core/dispatch';
import { type TensorLike, tensor, toTensor } from '../../ops/create/creation';
import * as movement from '../../ops/descriptors/movement';
import { add, cast, div, maximum, mul, sqrt, sub } from '../../ops/math/arithmetic';
import { max, moments, sum } from '../../ops/math/reduce';
import { expandDims, reshape } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { normalizeAxes, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { type CallArgs, callArgsOf } from '../base/call';
import { Layer, type LayerArgs } from '../base/layer';
import * as own from '../base/settings';
import { SameShape } from '../base/shape-preserving';
import type { PartialShape } from '../base/shapes';
import { oneOf } from '../conv/space';

/** Settings of `rescaling`. */
export interface RescalingArgs extends LayerArgs {
  /** Factor: a number, or one for each channel. */
  scale: number | readonly number[];
  /** Added after the multiplication: a number, or one for each channel; default 0. */
  offset?: number | readonly number[];
}

/** y = x scale + offset */
export class Rescaling extends SameShape {
  static override className = 'Rescaling';

  static override accepts(): is.Table {
    return { scale: is.required(own.numbers()), offset: own.numbers(), ...SameShape.accepts() };
  }

  readonly #scale: number | readonly number[];
  readonly #offset: number | readonly number[];

  constructor(args: RescalingArgs) {
    super(args);
    this.#scale = args.scale;
    this.#offset = args.offset ?? 0;
    if (![this.#scale, this.#offset].flat().every(Number.isFinite))
      throw new ArgumentError(
        `Rescaling: scale and offset must be numbers, got ${show(args.scale)} and ${args.offset}`,
      );
  }

  call(x: Tensor): Tensor {
    return add(mul(cast(x, 'float32'), this.#scale), this.#offset);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scale: this.#scale, offset: this.#offset };
  }
}

/**
 * y = x scale + offset; the shape is kept.
 * @throws ArgumentError if scale or offset is not a number
 * @example
 * // [0, 255] -> [-1, 1]
 * sg.layers.rescaling({ scale: 1 / 127.5, offset: -1 }).apply(sg.tensor([[0, 255]])).arraySync(); // [[-1, 1]]
 */
export const rescaling = (args: RescalingArgs): Rescaling => own.make(Rescaling, args);

/** Settings of `normalization`. */
export interface NormalizationArgs extends LayerArgs {
  /** Dimensions whose entries have their own statistics; default -1; null for one mean and variance of all elements. */
  axis?: number | readonly number[] | null;
  /** Mean, given together with `variance`; by default `adapt` measures both. */
  mean?: TensorLike | null;
  /** Variance, given together with `mean`; by default `adapt` measures both. */
  variance?: TensorLike | null;
  /** Whether normalized values are turned back into original ones; default false. */
  invert?: boolean;
}

/** y = (x - mean) / √variance, with the statistics of the data that `adapt` received. */
export class Normalization extends SameShape {
  static override className = 'Normalization';

  static override accepts(): is.Table {
    return {
      axis: is.given('an integer, a list of them, or null', (v) => v === null || is.axes().fits(v)),
      mean: is.anything(),
      variance: is.anything(),
      invert: is.flag(),
      ...SameShape.accepts(),
    };
  }

  readonly #axis: number | readonly number[] | null;
  readonly #given: readonly [number[], number[]] | undefined;
  readonly #invert: boolean;
  #mean: Variable | undefined;
  #variance: Variable | undefined;

  constructor(args: NormalizationArgs = {}) {
    super(args);
    const { axis = -1, mean, variance } = args;
    this.#axis = axis;
    this.#invert = args.invert ?? false;
    this.weightAxis = [axis].flat().at(-1) ?? Number.POSITIVE_INFINITY;
    const numbersOf = (x: TensorLike): number[] => tidy(() => [...toTensor(x, 'Normalization').dataSync()]);
    if (mean != null && variance != null) this.#given = [numbersOf(mean), numbersOf(variance)];
    else if (mean != null || variance != null)
      throw new ArgumentError('Normalization: mean and variance must be given together');
  }

  #kept(shape: PartialShape): number[] {
    return this.#axis === null ? [] : normalizeAxes(this.#axis, shape.length, this.name);
  }

  override build(inputShape: PartialShape): void {
    if (this.#given) return;
    const shape = this.#kept(inputShape).map((d) => inputShape[d] as number);
    if (shape.some((d) => d === null))
      throw new ShapeError(`${this.name}: dimensions ${this.#axis} of ${showShape(inputShape)} must be known`);
    this.#mean = this.addWeight({ name: 'mean', shape, initializer: 'zeros', trainable: false });
    this.#variance = this.addWeight({ name: 'variance', shape, initializer: 'ones', trainable: false });
  }

  /**
   * Computes mean and variance of the data; compiled models use them immediately.
   * @param data of the shape of the inputs, with the batch
   * @throws ArgumentError if mean and variance were given as settings; ShapeError for another shape
   */
  adapt(data: TensorLike): void {
    if (this.#given) throw new ArgumentError(`${this.name}: adapt cannot change the mean and variance of the settings`);
    tidy(() => {
      const x = cast(toTensor(data, `${this.name}: adapt`, 'data'), 'float32');
      this.ensureBuilt(x.shape);
      const kept = this.#kept(x.shape);
      const { mean, variance } = moments(
        x,
        x.shape.flatMap((_, d) => (kept.includes(d) ? [] : [d])),
      );
      this.#mean?.assign(mean);
      this.#variance?.assign(variance);
    });
  }

  call(x: Tensor): Tensor {
    const kept = this.#kept(x.shape);
    // Statistics have the kept dimensions; reshaped so that they broadcast.
    const wide = (t: Tensor): Tensor =>
      reshape(
        t,
        x.shape.map((d, i) => (kept.includes(i) && t.size > 1 ? d : 1)),
      );
    const [mean, variance] = this.#given
      ? [tensor(this.#given[0]), tensor(this.#given[1])]
      : [this.#mean as Tensor, this.#variance as Tensor];
    const deviation = maximum(sqrt(wide(variance)), 1e-7);
    const t = cast(x, 'float32');
    return this.#invert ? add(mul(t, deviation), wide(mean)) : div(sub(t, wide(mean)), deviation);
  }

  override getConfig(): Record<string, unknown> {
    const [mean, variance] = this.#given ?? [null, null];
    return { ...super.getConfig(), axis: this.#axis, mean, variance, invert: this.#invert };
  }
}

/**
 * y = (x - mean) / √variance, with statistics learned from data by `adapt`, for each entry of an axis (the last by
 * default). The shape is kept.
 * @throws ArgumentError for a mean without a variance
 * @example
 * const layer = sg.layers.normalization();
 * layer.adapt([[1, 10], [3, 20]]);
 * layer.apply(sg.tensor([[3, 10]])).arraySync(); // [[1, -1]]
 */
export const normalization = (args?: NormalizationArgs): Normalization => own.make(Normalization, args);

/** Settings of `categoryEncoding`. */
export interface CategoryEncodingArgs extends LayerArgs {
  /** Number of categories; entries of the input are in [0, numTokens). */
  numTokens: number;
  /** 'multiHot' (default), 'oneHot' or 'count'. */
  outputMode?: 'multiHot' | 'oneHot' | 'count' | 'multi_hot' | 'one_hot';
}

/**
 * Categories as vectors. oneHot: [...] -> [..., numTokens], a 1 at each category (a last dimension of 1 is dropped);
 * multiHot: [..., n] -> [..., numTokens], 1 for each category that occurs; count: the number of occurrences, or the sum
 * of `countWeights` (of the input's shape) where it occurs.
 */
export class CategoryEncoding extends Layer {
  static override className = 'CategoryEncoding';

  static override accepts(): is.Table {
    return { numTokens: is.required(is.count()), outputMode: is.text(), ...Layer.accepts() };
  }

  readonly #numTokens: number;
  readonly #mode: 'multiHot' | 'oneHot' | 'count';

  constructor(args: CategoryEncodingArgs) {
    super(args);
    this.#numTokens = args.numTokens;
    const modes = ['multiHot', 'oneHot', 'count'] as const;
    this.#mode = oneOf(modes, args.outputMode ?? 'multiHot', 'outputMode', 'CategoryEncoding');
  }

  override get takesOne(): boolean {
    return true;
  }

  override get callArgNames(): readonly string[] | undefined {
    return callArgsOf(this.constructor, 'countWeights');
  }

  call(x: Tensor, args?: CallArgs | null): Tensor {
    const countWeights = args?.countWeights;
    if (countWeights !== undefined && this.#mode !== 'count')
      throw new ArgumentError(`${this.name}: countWeights needs outputMode 'count', not '${this.#mode}'`);
    const attrs = { depth: this.#numTokens, on: 1, off: 0, dtype: 'float32', strict: true, label: this.name } as const;
    const rows = apply(movement.oneHot, [cast(x, 'int32')], attrs);
    if (this.#mode === 'oneHot') return reshape(rows, this.computeOutputShape(x.shape) as number[]);
    if (this.#mode === 'multiHot') return max(rows, -2);
    return sum(countWeights === undefined ? rows : mul(rows, expandDims(countWeights as Tensor, -1)), -2);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    if (inputShape.length === 0)
      throw new ShapeError(`${this.name}: needs an input of rank 1 or more, got ${showShape(inputShape)}`);
    const isWhole = this.#mode === 'oneHot' && inputShape.at(-1) !== 1;
    return [...(isWhole ? inputShape : inputShape.slice(0, -1)), this.#numTokens];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), numTokens: this.#numTokens, outputMode: this.#mode };
  }
}

/**
 * Categories as vectors: 'multiHot' and 'count' [..., n] -> [..., numTokens], 'oneHot' [...] -> [..., numTokens].
 * @throws ArgumentError for an unknown outputMode; when called, IndexError for entries outside [0, numTokens)
 * @example
 * sg.layers.categoryEncoding({ numTokens: 4 }).apply(sg.tensor2d([[0, 3, 3]], [1, 3], 'int32')); // [[1, 0, 0, 1]]
 */
export const categoryEncoding = (args: CategoryEncodingArgs): CategoryEncoding => own.make(CategoryEncoding, args);

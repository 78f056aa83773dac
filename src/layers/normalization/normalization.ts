/** Normalization: of batches, of layers, of groups of channels, of weights. */
import { stopGradient } from '../../ops/core/custom-gradient';
import { onesLike } from '../../ops/create/creation';
import { withinSquares } from '../../ops/linear/norms';
import { matMul } from '../../ops/linear/products';
import { add, cast, div, maximum, mul, rsqrt, square, sub } from '../../ops/math/arithmetic';
import { mean as meanOf, moments, sum } from '../../ops/math/reduce';
import { batchNorm } from '../../ops/neural/normalization';
import { reshape } from '../../ops/shape/shaping';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { normalizeAxis, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { CallArgs, Mask } from '../base/call';
import { type BatchMoments, context, isTrainable } from '../base/context';
import { LISTED } from '../base/keys';
import { Layer, type LayerArgs } from '../base/layer';
import { innerLayer, type SerializedLayer, serializeLayer } from '../base/registry';
import { serialize } from '../base/serialize';
import * as own from '../base/settings';
import { SameShape } from '../base/shape-preserving';
import { listOf, type PartialShape, type Shapes, type Tensors } from '../base/shapes';
import type { ConstraintIdentifier } from '../weights/constraints';
import type { InitializerIdentifier } from '../weights/initializers';
import { getInitializer } from '../weights/initializers';
import type { RegularizerIdentifier } from '../weights/regularizers';
import { rulesConfig, type WeightArgs, type WeightRules, weightRules } from '../weights/weight-rules';

/** Settings shared by normalizations with a learned scale gamma and offset beta. */
export type ScaledArgs = LayerArgs &
  WeightArgs<'beta'> &
  WeightArgs<'gamma'> & {
    /** Initializer of the offset; default 'zeros'. */
    betaInitializer?: InitializerIdentifier;
    /** Penalty on the offset; none by default. */
    betaRegularizer?: RegularizerIdentifier | null;
    /** Constraint of the offset; none by default. */
    betaConstraint?: ConstraintIdentifier | null;
    /** Initializer of the scale; default 'ones'. */
    gammaInitializer?: InitializerIdentifier;
    /** Penalty on the scale; none by default. */
    gammaRegularizer?: RegularizerIdentifier | null;
    /** Constraint of the scale; none by default. */
    gammaConstraint?: ConstraintIdentifier | null;
    /** Added to the variance; default 0.001. */
    epsilon?: number;
    /** Whether a learned offset beta is added; default true. */
    center?: boolean;
    /** Whether a learned scale gamma multiplies; default true. */
    scale?: boolean;
  };

/** What normalizations with a learned scale gamma and offset beta share. */
abstract class Scaled<S extends object> extends SameShape<S & { epsilon: number; center: boolean; scale: boolean }> {
  static override accepts(): is.Table {
    return {
      ...own.rulesOf('beta', 'gamma'),
      epsilon: is.amount(),
      center: is.flag(),
      scale: is.flag(),
      ...SameShape.accepts(),
    };
  }

  readonly #rules: Record<'beta' | 'gamma', WeightRules>;
  protected gamma: Variable | undefined;
  protected beta: Variable | undefined;

  constructor(args: ScaledArgs, settings: S, where: string) {
    const { epsilon = 1e-3, center = true, scale = true } = args;
    super(args, { ...settings, epsilon, center, scale });
    this.#rules = {
      beta: weightRules(args, 'beta', 'zeros', where),
      gamma: weightRules(args, 'gamma', 'ones', where),
    };
  }

  /** The sizes of dimensions. @throws ShapeError for one that is not known */
  protected sizes(inputShape: PartialShape, axes: readonly number[]): number[] {
    return axes.map((axis) => {
      const size = inputShape[axis];
      if (typeof size !== 'number')
        throw new ShapeError(`${this.name}: dimension ${axis} of ${showShape(inputShape)} must be known`);
      return size;
    });
  }

  protected makeScale(shape: readonly number[]): void {
    const { scale, center } = this.settings;
    if (scale) this.gamma = this.addWeight({ name: 'gamma', shape, ...this.#rules.gamma });
    if (center) this.beta = this.addWeight({ name: 'beta', shape, ...this.#rules.beta });
  }

  /** Statistics, gamma and beta get the shape in which they broadcast. */
  protected normalize(x: Tensor, mean: Tensor, variance: Tensor, shape: readonly number[]): Tensor {
    const wide = (t: Tensor | undefined): Tensor | undefined => t && (t.rank === x.rank ? t : reshape(t, shape));
    const { epsilon } = this.settings;
    return batchNorm(x, wide(mean) as Tensor, wide(variance) as Tensor, wide(this.beta), wide(this.gamma), epsilon);
  }

  override getConfig(): Record<string, unknown> {
    const { beta, gamma } = this.#rules;
    return { ...super.getConfig(), ...rulesConfig('beta', beta), ...rulesConfig('gamma', gamma) };
  }
}

/** The shape whose dimensions off the axes are 1. */
const onlyAlong = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((d, i) => (axes.includes(i) ? d : 1));

/** Axes from the first on. */
const sorted = (axis: number | readonly number[], rank: number, where: string): number[] =>
  listOf(axis)
    .map((a) => normalizeAxis(a, rank, where))
    .sort((a, b) => a - b);

/** Settings of `batchNormalization`. */
export type BatchNormalizationArgs = ScaledArgs & {
  /** Dimension each entry of which has its own statistics; default -1, the channels. */
  axis?: number;
  /** Momentum of the moving statistics; default 0.99. */
  momentum?: number;
  /** Initializer of the moving mean; default 'zeros'. */
  movingMeanInitializer?: InitializerIdentifier;
  /** Initializer of the moving variance; default 'ones'. */
  movingVarianceInitializer?: InitializerIdentifier;
  /** Accepted and ignored: it matters on several devices only. */
  synchronized?: boolean;
};

/**
 * y = gamma (x - mean) / √(variance + epsilon) + beta, while training with the statistics of the batch, which the
 * moving statistics follow, and with the moving ones at inference (Ioffe and Szegedy, 2015). Masked steps are ignored.
 */
export class BatchNormalization extends Scaled<{ axis: number; momentum: number; synchronized?: boolean }> {
  static override className = 'BatchNormalization';

  static override accepts(): is.Table {
    return {
      axis: is.integer(),
      momentum: is.real(),
      movingMeanInitializer: is.rule(),
      movingVarianceInitializer: is.rule(),
      synchronized: is.flag(),
      ...Scaled.accepts(),
    };
  }

  readonly #initial: readonly [InitializerIdentifier, InitializerIdentifier];
  #movingMean!: Variable;
  #movingVariance!: Variable;

  constructor(args: BatchNormalizationArgs = {}) {
    const { axis = -1, momentum = 0.99, synchronized } = args;
    super(args, { axis, momentum, ...(synchronized !== undefined && { synchronized }) }, 'batchNormalization');
    this.#initial = [args.movingMeanInitializer ?? 'zeros', args.movingVarianceInitializer ?? 'ones'];
  }

  override build(inputShape: PartialShape): void {
    const shape = this.sizes(inputShape, [normalizeAxis(this.settings.axis, inputShape.length, this.name)]);
    this.makeScale(shape);
    const [mean, variance] = this.#initial;
    this.#movingMean = this.addWeight({ name: 'moving_mean', shape, initializer: mean, trainable: false });
    this.#movingVariance = this.addWeight({ name: 'moving_variance', shape, initializer: variance, trainable: false });
  }

  call(x: Tensor, args?: CallArgs | null): Tensor {
    const { training, mask } = args ?? {};
    const axis = normalizeAxis(this.settings.axis, x.rank, this.name);
    // Statistics have the dimensions of `axis`; those of the last one broadcast without a reshape.
    const wide = axis === x.rank - 1 ? x.shape.slice(axis) : onlyAlong(x.shape, [axis]);
    if (!training || !isTrainable(this)) return this.normalize(x, this.#movingMean, this.#movingVariance, wide);
    const others = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
    const { mean, variance } = (context().moments ?? batchMoments)(x, others, mask as Mask);
    const { momentum } = this.settings;
    const follow = (moving: Variable, value: Tensor): void =>
      moving.assign(add(mul(moving, momentum), mul(value, 1 - momentum)));
    follow(this.#movingMean, mean);
    follow(this.#movingVariance, variance);
    return this.normalize(x, mean, variance, wide);
  }

  override getConfig(): Record<string, unknown> {
    const [mean, variance] = this.#initial.map((i) => serialize(getInitializer(i, 'batchNormalization')));
    return { ...super.getConfig(), movingMeanInitializer: mean, movingVarianceInitializer: variance };
  }
}

/**
 * Normalizes each entry of an axis (the last by default): while training with the statistics of the batch, at inference
 * with moving ones (Ioffe and Szegedy, 2015). The shape is kept. By default momentum 0.99 and epsilon 0.001.
 * @throws ArgumentError for settings of wrong types; ShapeError if the size of the axis is not known
 * @example
 * sg.layers.batchNormalization().apply(sg.tensor([[1], [3]]), { training: true }).arraySync(); // [[-1.00], [1.00]]
 */
export const batchNormalization = (args?: BatchNormalizationArgs): BatchNormalization =>
  own.make(BatchNormalization, args);

const batchMoments: BatchMoments = (x, axes, mask) => (mask ? seenMoments(x, mask, axes) : moments(x, axes));

/** Mean and variance of what a mask shows, as Keras 3 takes them. */
function seenMoments(x: Tensor, mask: Tensor, axes: readonly number[]): { mean: Tensor; variance: Tensor } {
  const narrow = reshape(cast(mask, 'float32'), [...mask.shape, ...Array(Math.max(0, x.rank - mask.rank)).fill(1)]);
  const seen = mul(narrow, onesLike(x));
  const count = add(sum(seen, axes, true), 1e-7);
  const mean = div(sum(mul(seen, x), axes, true), count);
  const variance = div(sum(mul(seen, square(sub(x, mean))), axes, true), count);
  const flat = (t: Tensor): Tensor => reshape(t, [t.size]);
  return { mean: flat(mean), variance: flat(variance) };
}

/** Settings of `layerNormalization`. */
export type LayerNormalizationArgs = ScaledArgs & {
  /** Dimensions that are normalized together; default -1. */
  axis?: number | readonly number[];
};

/** y = gamma (x - mean) / √(variance + epsilon) + beta, with the statistics of each position (Ba et al., 2016). */
export class LayerNormalization extends Scaled<{ axis: number | readonly number[] }> {
  static override className = 'LayerNormalization';

  static override accepts(): is.Table {
    return { axis: is.axes(), ...Scaled.accepts() };
  }

  constructor(args: LayerNormalizationArgs = {}) {
    super(args, { axis: args.axis ?? -1 }, 'layerNormalization');
  }

  override build(inputShape: PartialShape): void {
    this.makeScale(this.sizes(inputShape, sorted(this.settings.axis, inputShape.length, this.name)));
  }

  call(x: Tensor): Tensor {
    const axes = sorted(this.settings.axis, x.rank, this.name);
    const { mean, variance } = moments(x, axes, true);
    return this.normalize(x, mean, variance, onlyAlong(x.shape, axes));
  }
}

/**
 * Normalizes each position along an axis or several, the last by default (Ba et al., 2016). The shape is kept; epsilon
 * is 0.001 by default.
 * @throws ArgumentError for settings of wrong types; ShapeError if the size of an axis is not known
 * @example
 * sg.layers.layerNormalization().apply(sg.tensor([[1, 3]])).arraySync(); // [[-1.00, 1.00]]
 */
export const layerNormalization = (args?: LayerNormalizationArgs): LayerNormalization =>
  own.make(LayerNormalization, args);

/** Settings of `groupNormalization`. */
export type GroupNormalizationArgs = ScaledArgs & {
  /** Number of groups; -1 for as many as channels. Default 32. */
  groups?: number;
  /** Dimension of the channels; default -1. */
  axis?: number;
};

/** Normalizes groups of channels of each example together (Wu and He, 2018). */
export class GroupNormalization extends Scaled<{ groups: number; axis: number }> {
  static override className = 'GroupNormalization';

  static override accepts(): is.Table {
    return {
      groups: is.given('a positive integer, or -1', (v) => v === -1 || is.count().fits(v)),
      axis: is.integer(),
      ...Scaled.accepts(),
    };
  }

  constructor(args: GroupNormalizationArgs = {}) {
    const groups = args.groups ?? 32;
    super(args, { groups, axis: args.axis ?? -1 }, 'groupNormalization');
  }

  override build(inputShape: PartialShape): void {
    const shape = this.sizes(inputShape, [normalizeAxis(this.settings.axis, inputShape.length, this.name)]);
    const [channels] = shape as [number];
    if (channels % Math.abs(this.settings.groups))
      throw new ShapeError(`${this.name}: ${channels} channels cannot be split into ${this.settings.groups} groups`);
    this.makeScale(shape);
  }

  call(x: Tensor): Tensor {
    const axis = normalizeAxis(this.settings.axis, x.rank, this.name);
    const channels = x.shape[axis] as number;
    const groups = this.settings.groups === -1 ? channels : this.settings.groups;
    const shape = [...x.shape.slice(0, axis), groups, channels / groups, ...x.shape.slice(axis + 1)];
    const grouped = reshape(x, shape);
    const { mean, variance } = moments(
      grouped,
      shape.flatMap((_, i) => (i === 0 || i === axis ? [] : [i])),
      true,
    );
    return reshape(this.normalize(grouped, mean, variance, onlyAlong(shape, [axis, axis + 1])), x.shape);
  }
}

/**
 * Normalizes groups of channels of each example (Wu and He, 2018). The shape is kept; 32 groups by default.
 * @throws ArgumentError if groups is neither a positive integer nor -1; ShapeError if it does not divide the channels
 * @example
 * sg.layers.groupNormalization({ groups: 2 }).apply(sg.ones([2, 5, 5, 4])).shape; // [2, 5, 5, 4]
 */
export const groupNormalization = (args?: GroupNormalizationArgs): GroupNormalization =>
  own.make(GroupNormalization, args);

/** Settings of `rmsNormalization`. */
export interface RMSNormalizationArgs extends LayerArgs {
  /** Dimensions that are normalized together; default -1. */
  axis?: number | readonly number[];
  /** Added to the mean square; default 1e-6. */
  epsilon?: number;
}

/** y = scale x / √(mean of x² + epsilon), with the mean of each position (Zhang and Sennrich, 2019). */
export class RMSNormalization extends SameShape<{ axis: number | readonly number[]; epsilon: number }> {
  static override className = 'RMSNormalization';

  static override accepts(): is.Table {
    return { axis: is.axes(), epsilon: is.amount(), ...SameShape.accepts() };
  }

  #scale!: Variable;

  constructor(args: RMSNormalizationArgs = {}) {
    super(args, { axis: args.axis ?? -1, epsilon: args.epsilon ?? 1e-6 });
  }

  override build(inputShape: PartialShape): void {
    const shape = sorted(this.settings.axis, inputShape.length, this.name).map((a) => inputShape[a] as number);
    if (!shape.every((d) => typeof d === 'number'))
      throw new ShapeError(`${this.name}: normalized dimensions of ${showShape(inputShape)} must be known`);
    this.#scale = this.addWeight({ name: 'scale', shape, initializer: 'ones' });
  }

  call(x: Tensor): Tensor {
    const axes = sorted(this.settings.axis, x.rank, this.name);
    const factor = rsqrt(add(meanOf(square(x), axes, true), this.settings.epsilon));
    return mul(mul(x, factor), reshape(this.#scale, onlyAlong(x.shape, axes)));
  }
}

/**
 * Divides each position by its root mean square along an axis or several, the last by default, and multiplies by a
 * learned scale (Zhang and Sennrich, 2019). The shape is kept.
 * @throws ArgumentError for settings of wrong types; ShapeError if the size of an axis is not known
 * @example
 * sg.layers.rmsNormalization().apply(sg.tensor([[1, 7]])).arraySync(); // [[0.2, 1.4]]
 */
export const rmsNormalization = (args?: RMSNormalizationArgs): RMSNormalization => own.make(RMSNormalization, args);

/** Settings of `unitNormalization`. */
export interface UnitNormalizationArgs extends LayerArgs {
  /** Dimensions along which the length becomes 1; default -1. */
  axis?: number | readonly number[];
}

/** x divided by its length √Σx² along the axes. */
export class UnitNormalization extends SameShape<{ axis: number | readonly number[] }> {
  static override className = 'UnitNormalization';

  static override accepts(): is.Table {
    return { axis: is.axes(), ...SameShape.accepts() };
  }

  constructor(args: UnitNormalizationArgs = {}) {
    super(args, { axis: args.axis ?? -1 });
  }

  call(x: Tensor): Tensor {
    const { axis } = this.settings;
    const t = withinSquares(x, axis);
    return mul(t, rsqrt(maximum(sum(square(t), axis, true), 1e-24)));
  }
}

/**
 * Scales vectors along an axis or several, the last by default, to length 1. The shape is kept.
 * @throws ArgumentError if axis is not an integer or a list of them
 * @example
 * sg.layers.unitNormalization().apply(sg.tensor([[3, 4]])).arraySync(); // [[0.6, 0.8]]
 */
export const unitNormalization = (args?: UnitNormalizationArgs): UnitNormalization => own.make(UnitNormalization, args);

/** Settings of `spectralNormalization`. */
export interface SpectralNormalizationArgs extends LayerArgs {
  /** A layer with a kernel or a table of embeddings. */
  layer: Layer | SerializedLayer;
  /** Power iterations in each step; default 1. */
  powerIterations?: number;
}

/**
 * While training, divides the kernel of a layer by its largest singular value, which power iterations follow from step
 * to step (Miyato et al., 2018). Shapes are those of the layer.
 */
export class SpectralNormalization extends Layer {
  static override className = 'SpectralNormalization';

  static override accepts(): is.Table {
    return { layer: own.layer(), powerIterations: is.count(), ...Layer.accepts() };
  }

  /** The layer whose kernel is normalized. */
  readonly layer: Layer;
  readonly #iterations: number;
  #kernel!: Variable;
  #u!: Variable;

  constructor(args: SpectralNormalizationArgs) {
    super(args);
    this.layer = innerLayer(args.layer, Layer, 'spectralNormalization: layer', 'a layer');
    this.#iterations = args.powerIterations ?? 1;
    this.supportsMasking = true;
  }

  override get [LISTED](): readonly Layer[] {
    return [];
  }

  override build(inputShape: Shapes): void {
    this.layer.ensureBuilt(inputShape);
    const kernel = this.layer.weights.find((w) => /\/(kernel|embeddings)$/.test(w.name));
    if (!kernel) throw new ArgumentError(`${this.name}: ${this.layer.name} has neither a kernel nor embeddings`);
    this.#kernel = kernel;
    this.#u = this.addWeight({
      name: 'vector_u',
      shape: [1, kernel.shape[kernel.rank - 1] as number],
      initializer: { className: 'TruncatedNormal', config: { stddev: 0.02 } },
      trainable: false,
    });
  }

  override get callArgNames(): readonly string[] | undefined {
    return this.layer.callArgNames;
  }

  call(x: Tensors, called?: CallArgs | null): Tensors {
    const args = called ?? {};
    if (args.training) this.#divide();
    return this.layer.call(x, args);
  }

  #divide(): void {
    const w = reshape(this.#kernel, [-1, this.#u.size]);
    const unit = (given: Tensor): Tensor => {
      const t = withinSquares(given);
      return stopGradient(mul(t, rsqrt(maximum(sum(square(t)), 1e-24))));
    };
    let [u, v] = [this.#u as Tensor, w];
    for (let i = 0; i < this.#iterations; i++) {
      v = unit(matMul(u, w, false, true));
      u = unit(matMul(v, w));
    }
    const sigma = sum(mul(matMul(v, w), u));
    this.#u.assign(u);
    this.#kernel.assign(div(this.#kernel, sigma));
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return this.layer.computeOutputShape(inputShape);
  }

  override computeMask(inputs: Tensors, mask: Mask | readonly Mask[]): Mask | readonly Mask[] {
    return this.layer.computeMask(inputs, mask);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), layer: serializeLayer(this.layer), powerIterations: this.#iterations };
  }
}

/**
 * While training, divides the kernel of a layer by its largest singular value (Miyato et al., 2018). Shapes are those
 * of the layer.
 * @throws ArgumentError for a layer without a kernel
 * @example
 * const layer = sg.layers.spectralNormalization({ layer: sg.layers.dense({ units: 8 }) });
 * layer.apply(sg.ones([2, 3])).shape; // [2, 8]
 */
export const spectralNormalization = (args: SpectralNormalizationArgs): SpectralNormalization =>
  own.make(SpectralNormalization, args);

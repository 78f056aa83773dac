/** Convolutions of each channel on its own, and such that mix the channels afterwards. */
import { depthwiseConv2d as depthwiseConv2dOp } from '../../ops/conv/convolution';
import { matMul } from '../../ops/linear/products';
import { expandDims, reshape, squeeze } from '../../ops/shape/shaping';
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { make } from '../base/settings';
import type { PartialShape } from '../base/shapes';
import type { ConstraintIdentifier } from '../weights/constraints';
import type { InitializerIdentifier } from '../weights/initializers';
import type { RegularizerIdentifier } from '../weights/regularizers';
import { type ConvArgs, type WindowedArgs, WindowedLayer } from './convolutional';
import { paddingFor, type Size } from './space';

type NoKernel<T> = Omit<T, 'kernelInitializer' | 'kernelRegularizer' | 'kernelConstraint' | 'groups'>;

/** Settings of `depthwiseConv1d` and `depthwiseConv2d`. */
export interface DepthwiseConvArgs extends NoKernel<WindowedArgs> {
  /** Output channels for each input channel; default 1. */
  depthMultiplier?: number;
  /** Initializer of the depthwise kernel; default 'glorotUniform'. */
  depthwiseInitializer?: InitializerIdentifier;
  /** Penalty on the depthwise kernel; none by default. */
  depthwiseRegularizer?: RegularizerIdentifier | null;
  /** Constraint of the depthwise kernel; none by default. */
  depthwiseConstraint?: ConstraintIdentifier | null;
}

/** Settings of `separableConv1d` and `separableConv2d`. */
export interface SeparableConvArgs extends DepthwiseConvArgs, NoKernel<ConvArgs> {
  /** Initializer of the pointwise kernel; default 'glorotUniform'. */
  pointwiseInitializer?: InitializerIdentifier;
  /** Penalty on the pointwise kernel; none by default. */
  pointwiseRegularizer?: RegularizerIdentifier | null;
  /** Constraint of the pointwise kernel; none by default. */
  pointwiseConstraint?: ConstraintIdentifier | null;
}

/** Several kernels for each channel: [...kernelSize, channels, depthMultiplier]. */
abstract class Depthwise extends WindowedLayer {
  static override accepts(kinds: readonly string[] = ['depthwise']): is.Table {
    return { depthMultiplier: is.count(), ...WindowedLayer.accepts(kinds) };
  }

  readonly #multiplier: number;

  constructor(args: DepthwiseConvArgs, dims: number, kinds = ['depthwise']) {
    super(args, dims, kinds);
    this.#multiplier = args.depthMultiplier ?? 1;
  }

  override build(inputShape: PartialShape): void {
    const channels = this.order.channels(inputShape);
    this.kernel = this.addKernel('depthwise', [...this.window.size, channels, this.#multiplier]);
    this.mix(channels * this.#multiplier);
  }

  /** Creates the weights that are applied to the given number of channels. */
  protected mix(channels: number): void {
    this.bias = this.addBias([channels]);
  }

  protected convolve(x: Tensor): Tensor {
    const { strides, dilations } = this.window;
    const padding = paddingFor(this.window);
    if (this.order.dims === 2) return depthwiseConv2dOp(x, this.kernel, strides, padding, 'NHWC', dilations);
    // An image of height 1.
    const [image, kernel] = [expandDims(x, 1), expandDims(this.kernel, 0)];
    const pad = typeof padding === 'string' ? padding : ([[0, 0], ...(padding as [number, number][])] as const);
    return squeeze(
      depthwiseConv2dOp(image, kernel, [1, strides[0] as number], pad, 'NHWC', [1, dilations[0] as number]),
      [1],
    );
  }

  protected outputChannels(inputShape: PartialShape): Size {
    return this.order.channels(inputShape) * this.#multiplier;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), depthMultiplier: this.#multiplier };
  }
}

/** [batch, height, width, channels] -> [batch, outHeight, outWidth, channels · depthMultiplier] */
export class DepthwiseConv2D extends Depthwise {
  static override className = 'DepthwiseConv2D';

  constructor(args: DepthwiseConvArgs) {
    super(args, 2);
  }
}

/**
 * Convolution of each channel with its own kernels. [batch, height, width, channels] -> [batch, outHeight, outWidth,
 * channels · depthMultiplier]
 * @throws ArgumentError as conv2d
 * @example
 * sg.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }).apply(sg.ones([1, 5, 5, 3])).shape; // [1, 3, 3, 6]
 */
export const depthwiseConv2d = (args: DepthwiseConvArgs): DepthwiseConv2D => make(DepthwiseConv2D, args);

/** [batch, steps, channels] -> [batch, newSteps, channels · depthMultiplier] */
export class DepthwiseConv1D extends Depthwise {
  static override className = 'DepthwiseConv1D';

  constructor(args: DepthwiseConvArgs) {
    super(args, 1);
  }
}

/**
 * Convolution over time of each channel with its own kernels. [batch, steps, channels] -> [batch, newSteps, channels ·
 * depthMultiplier]
 * @throws ArgumentError as conv1d
 * @example
 * sg.layers.depthwiseConv1d({ kernelSize: 3 }).apply(sg.ones([1, 5, 3])).shape; // [1, 3, 3]
 */
export const depthwiseConv1d = (args: DepthwiseConvArgs): DepthwiseConv1D => make(DepthwiseConv1D, args);

/**
 * A depthwise convolution followed by a matrix that mixes the channels: pointwise kernel [1, …, channels ·
 * depthMultiplier, filters].
 */
abstract class Separable extends Depthwise {
  static override accepts(): is.Table {
    return { filters: is.required(is.count()), ...Depthwise.accepts(['depthwise', 'pointwise']) };
  }

  readonly #filters: number;
  #pointwise!: Variable;

  constructor(args: SeparableConvArgs, dims: number) {
    super(args, dims, ['depthwise', 'pointwise']);
    this.#filters = args.filters;
  }

  protected override mix(channels: number): void {
    this.#pointwise = this.addKernel('pointwise', [...this.window.size.map(() => 1), channels, this.#filters]);
    this.bias = this.addBias([this.#filters]);
  }

  protected override convolve(x: Tensor): Tensor {
    return matMul(super.convolve(x), reshape(this.#pointwise, [-1, this.#filters]));
  }

  protected override outputChannels(): number {
    return this.#filters;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), filters: this.#filters };
  }
}

/** [batch, height, width, channels] -> [batch, outHeight, outWidth, filters] (Chollet, 2017) */
export class SeparableConv2D extends Separable {
  static override className = 'SeparableConv2D';

  constructor(args: SeparableConvArgs) {
    super(args, 2);
  }
}

/**
 * A depthwise convolution followed by a 1 x 1 convolution that mixes the channels (Chollet, 2017). [batch, height,
 * width, channels] -> [batch, outHeight, outWidth, filters]
 * @throws ArgumentError as conv2d
 * @example
 * sg.layers.separableConv2d({ filters: 8, kernelSize: 3 }).apply(sg.ones([1, 5, 5, 3])).shape; // [1, 3, 3, 8]
 */
export const separableConv2d = (args: SeparableConvArgs): SeparableConv2D => make(SeparableConv2D, args);

/** [batch, steps, channels] -> [batch, newSteps, filters] */
export class SeparableConv1D extends Separable {
  static override className = 'SeparableConv1D';

  constructor(args: SeparableConvArgs) {
    super(args, 1);
  }
}

/**
 * A depthwise convolution over time followed by one of size 1 that mixes the channels (Chollet, 2017). [batch, steps,
 * channels] -> [batch, newSteps, filters]
 * @throws ArgumentError as conv1d
 * @example
 * sg.layers.separableConv1d({ filters: 8, kernelSize: 3 }).apply(sg.ones([1, 5, 3])).shape; // [1, 3, 8]
 */
export const separableConv1d = (args: SeparableConvArgs): SeparableConv1D => make(SeparableConv1D, args);

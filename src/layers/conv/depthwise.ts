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

export interface DepthwiseConvArgs extends NoKernel<WindowedArgs> {
  /** Channels of the output for each one of the input; default 1. */
  depthMultiplier?: number;
  /** Default 'glorotUniform'. */
  depthwiseInitializer?: InitializerIdentifier;
  depthwiseRegularizer?: RegularizerIdentifier | null;
  depthwiseConstraint?: ConstraintIdentifier | null;
}

export interface SeparableConvArgs extends DepthwiseConvArgs, NoKernel<ConvArgs> {
  /** Default 'glorotUniform'. */
  pointwiseInitializer?: InitializerIdentifier;
  pointwiseRegularizer?: RegularizerIdentifier | null;
  pointwiseConstraint?: ConstraintIdentifier | null;
}

/** Each channel with kernels of its own: [...kernelSize, channels, depthMultiplier]. */
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

  /** Creates the weights that are applied to so many channels. */
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
 * Each channel convolved with kernels of its own. [batch, height, width, channels] ->
 * [batch, outHeight, outWidth, channels · depthMultiplier]
 * @throws ArgumentError as conv2d
 */
export const depthwiseConv2d = (args: DepthwiseConvArgs): DepthwiseConv2D => make(DepthwiseConv2D, args);

/** [batch, steps, channels] -> [batch, newSteps, channels · depthMultiplier] */
export class DepthwiseConv1D extends Depthwise {
  static override className = 'DepthwiseConv1D';

  constructor(args: DepthwiseConvArgs) {
    super(args, 1);
  }
}

/** The same of signals. [batch, steps, channels] -> [batch, newSteps, channels · depthMultiplier] @throws ArgumentError */
export const depthwiseConv1d = (args: DepthwiseConvArgs): DepthwiseConv1D => make(DepthwiseConv1D, args);

/** A depthwise convolution, whose channels a matrix mixes then: pointwise kernel [1, …, channels · depthMultiplier, filters]. */
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
 * A depthwise convolution, then one of 1 x 1 that mixes the channels. [batch, height, width, channels] ->
 * [batch, outHeight, outWidth, filters]
 * @throws ArgumentError as conv2d
 */
export const separableConv2d = (args: SeparableConvArgs): SeparableConv2D => make(SeparableConv2D, args);

/** [batch, steps, channels] -> [batch, newSteps, filters] */
export class SeparableConv1D extends Separable {
  static override className = 'SeparableConv1D';

  constructor(args: SeparableConvArgs) {
    super(args, 1);
  }
}

/** The same of signals. [batch, steps, channels] -> [batch, newSteps, filters] @throws ArgumentError */
export const separableConv1d = (args: SeparableConvArgs): SeparableConv1D => make(SeparableConv1D, args);

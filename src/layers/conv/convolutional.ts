/** Convolutions of signals, images and volumes. */
import { conv1d as conv1dOp, conv2d as conv2dOp } from '../../ops/conv/convolution';
import { conv3d as conv3dOp } from '../../ops/conv/convolution-3d';
import type { PerDimension } from '../../ops/conv/window';
import { concat } from '../../ops/shape/shaping';
import { split } from '../../ops/shape/slicing';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import { make } from '../base/settings';
import type { PartialShape } from '../base/shapes';
import { type KernelArgs, KernelLayer } from '../weights/kernel';
import {
  ChannelOrder,
  type DataFormatName,
  paddingFor,
  positions,
  type Size,
  type Window,
  type WindowArgs,
  windowOf,
} from './space';

/** Settings of all convolutions. */
export interface WindowedArgs extends KernelArgs, WindowArgs {
  /** Size of the kernel: one number for all dimensions, or one for each. */
  kernelSize: PerDimension;
  /** 'channelsLast' (default) or 'channelsFirst'. */
  dataFormat?: DataFormatName | null;
}

/** Settings of `conv1d`, `conv2d` and `conv3d`. */
export interface ConvArgs extends WindowedArgs {
  /** Channels of the output. */
  filters: number;
  /** Number of groups that the channels are divided into, each convolved with its share of the filters; default 1. */
  groups?: number;
}

/** activation(windows of x combined by kernels + bias): what all convolutions have in common. */
export abstract class WindowedLayer extends KernelLayer {
  static override accepts(kinds?: readonly string[]): is.Table {
    return {
      kernelSize: is.required(is.sizes()),
      strides: is.sizes(),
      padding: is.text(),
      dilationRate: is.sizes(),
      dataFormat: is.text(),
      ...KernelLayer.accepts(kinds),
    };
  }

  /** Size and movement of the window. @internal */
  protected readonly window: Window;
  /** Position of the channels. @internal */
  protected readonly order: ChannelOrder;

  constructor(args: WindowedArgs, dims: number, kinds?: readonly string[]) {
    const where = new.target.className;
    super(args, where, kinds);
    this.order = new ChannelOrder(dims, args.dataFormat, where);
    this.window = windowOf(dims, args.kernelSize, args, where, 'kernelSize');
    this.weightAxis = this.order.axis;
  }

  /** The mathematics, on x with its channels last and without the bias. @internal */
  protected abstract convolve(x: Tensor): Tensor;
  /** Channels of the output. @internal */
  protected abstract outputChannels(inputShape: PartialShape): Size;

  call(x: Tensor): Tensor {
    return this.activate(this.order.last(x, (t) => this.biased(this.convolve(t))));
  }

  /** Sizes of the output. @internal */
  protected outputSpace(space: readonly Size[]): Size[] {
    return positions(this.name, space, this.window);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    const space = this.outputSpace(this.order.space(inputShape));
    return this.order.replace(inputShape, space, this.outputChannels(inputShape));
  }

  override getConfig(): Record<string, unknown> {
    const { size, strides, dilations, padding } = this.window;
    return {
      ...super.getConfig(),
      kernelSize: [...size],
      strides: [...strides],
      padding,
      dilationRate: [...dilations],
      dataFormat: this.order.format,
    };
  }
}

/** y = activation(conv(x, kernel) + bias); kernel: [...kernelSize, channels / groups, filters]. */
abstract class Convolution extends WindowedLayer {
  static override accepts(): is.Table {
    return { filters: is.required(is.count()), groups: is.count(), ...WindowedLayer.accepts() };
  }

  readonly #filters: number;
  readonly #groups: number;

  constructor(args: ConvArgs, dims: number) {
    super(args, dims);
    const where = this.className;
    this.#filters = args.filters;
    this.#groups = args.groups ?? 1;
    if (this.#filters % this.#groups)
      throw new ArgumentError(`${where}: ${this.#filters} filters cannot be shared by ${this.#groups} groups`);
  }

  protected abstract one(x: Tensor, kernel: Tensor): Tensor;

  override build(inputShape: PartialShape): void {
    const channels = this.order.channels(inputShape) / this.#groups;
    if (!Number.isInteger(channels))
      throw new ShapeError(`${this.name}: ${channels * this.#groups} channels do not make ${this.#groups} groups`);
    this.makeWeights([...this.window.size, channels, this.#filters], this.#filters);
  }

  protected convolve(x: Tensor): Tensor {
    if (this.#groups === 1) return this.one(x, this.kernel);
    const kernels = split(this.kernel, this.#groups, -1);
    const parts = split(x, this.#groups, -1).map((part, i) => this.one(part, kernels[i] as Tensor));
    return concat(parts, -1);
  }

  protected outputChannels(): number {
    return this.#filters;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), filters: this.#filters, groups: this.#groups };
  }
}

/** [batch, steps, channels] -> [batch, newSteps, filters]; 'causal' padding: no result sees later steps. */
export class Conv1D extends Convolution {
  static override className = 'Conv1D';

  constructor(args: ConvArgs) {
    super(args, 1);
  }

  protected one(x: Tensor, kernel: Tensor): Tensor {
    const { strides, dilations } = this.window;
    return conv1dOp(x, kernel, strides, paddingFor(this.window), 'NWC', dilations);
  }
}

/**
 * Convolution over time. [batch, steps, channels] -> [batch, newSteps, filters]. Strides are 1 and padding 'valid' by
 * default; with padding 'causal' no output depends on later steps.
 * @throws ArgumentError for a size that is not a positive integer, an unknown padding, activation or initializer
 * @example
 * sg.layers.conv1d({ filters: 16, kernelSize: 3, padding: 'causal' }).apply(sg.ones([2, 100, 8])).shape; // [2, 100, 16]
 */
export const conv1d = (args: ConvArgs): Conv1D => make(Conv1D, args);

/** [batch, height, width, channels] -> [batch, outHeight, outWidth, filters] */
export class Conv2D extends Convolution {
  static override className = 'Conv2D';

  constructor(args: ConvArgs) {
    super(args, 2);
  }

  protected one(x: Tensor, kernel: Tensor): Tensor {
    const { strides, dilations } = this.window;
    return conv2dOp(x, kernel, strides, paddingFor(this.window), 'NHWC', dilations);
  }
}

/**
 * Convolution of images. [batch, height, width, channels] -> [batch, outHeight, outWidth, filters]. Strides are 1 and
 * padding 'valid' by default; the kernel is [...kernelSize, channels / groups, filters].
 * @throws ArgumentError for a size that is not a positive integer, an unknown padding, activation or initializer
 * @example
 * sg.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }).apply(sg.ones([2, 28, 28, 1])).shape; // [2, 26, 26, 32]
 */
export const conv2d = (args: ConvArgs): Conv2D => make(Conv2D, args);

/** [batch, depth, height, width, channels] -> [batch, outDepth, outHeight, outWidth, filters] */
export class Conv3D extends Convolution {
  static override className = 'Conv3D';

  constructor(args: ConvArgs) {
    super(args, 3);
  }

  protected one(x: Tensor, kernel: Tensor): Tensor {
    const { strides, dilations } = this.window;
    return conv3dOp(x, kernel, strides, paddingFor(this.window), 'NDHWC', dilations);
  }
}

/**
 * Convolution of volumes. [batch, depth, height, width, channels] -> [batch, outDepth, outHeight, outWidth, filters].
 * Strides are 1 and padding 'valid' by default.
 * @throws ArgumentError for a size that is not a positive integer, an unknown padding, activation or initializer
 * @example
 * sg.layers.conv3d({ filters: 2, kernelSize: 3 }).apply(sg.ones([1, 4, 4, 4, 1])).shape; // [1, 2, 2, 2, 2]
 */
export const conv3d = (args: ConvArgs): Conv3D => make(Conv3D, args);

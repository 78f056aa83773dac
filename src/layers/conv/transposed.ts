/** Transposed convolutions: what convolutions send back to their inputs, as layers that enlarge. */
import { conv2dTranspose as conv2dTransposeOp } from '../../ops/conv/convolution';
import { conv3dTranspose as conv3dTransposeOp } from '../../ops/conv/convolution-3d';
import type { Padding, PerDimension } from '../../ops/conv/window';
import { expandDims, squeeze } from '../../ops/shape/shaping';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import { make } from '../base/settings';
import type { PartialShape } from '../base/shapes';
import { type ConvArgs, WindowedLayer } from './convolutional';
import { reach, type Size } from './space';

/** Settings of `conv1dTranspose`, `conv2dTranspose` and `conv3dTranspose`. */
export interface ConvTransposeArgs extends Omit<ConvArgs, 'groups'> {
  /**
   * Elements that the output is longer by, where several sizes are possible; below the stride; chosen by `padding` by
   * default.
   */
  outputPadding?: PerDimension | null;
}

/**
 * y = activation(the transpose of conv(·, kernel), of x, + bias); kernel: [...kernelSize, filters, channels]. The space
 * n becomes n stride with padding 'same' and n stride + max(kernel - stride, 0) with 'valid'; with outputPadding p,
 * (n - 1) stride + p + kernel, and less 2 ⌊kernel / 2⌋ with 'same' (Dumoulin and Visin, 2016).
 */
abstract class Transposed extends WindowedLayer {
  static override accepts(): is.Table {
    return { filters: is.required(is.count()), outputPadding: is.shape(), ...WindowedLayer.accepts() };
  }

  readonly #filters: number;
  readonly #outputPadding: readonly number[] | null;

  constructor(args: ConvTransposeArgs, dims: number) {
    super(args, dims);
    const where = this.className;
    this.#filters = args.filters;
    const { strides, dilations, padding } = this.window;
    const given = args.outputPadding ?? null;
    this.#outputPadding = typeof given === 'number' ? strides.map(() => given) : given;
    if (padding === 'causal' || dilations.some((r) => r !== 1))
      throw new ArgumentError(`${where}: takes neither padding 'causal' nor a dilationRate other than 1`);
    const extra = this.#outputPadding;
    if (
      extra &&
      !strides.every((s, d) => Number.isInteger(extra[d]) && (extra[d] as number) >= 0 && (extra[d] as number) < s)
    )
      throw new ArgumentError(
        `${where}: outputPadding must be non-negative integers and below the strides ${strides}, got ${extra}`,
      );
  }

  protected abstract grow(x: Tensor, outputShape: number[], strides: number[]): Tensor;

  override build(inputShape: PartialShape): void {
    this.makeWeights([...this.window.size, this.#filters, this.order.channels(inputShape)], this.#filters);
  }

  protected override outputSpace(space: readonly Size[]): Size[] {
    const { strides, padding } = this.window;
    return space.map((n, d) => {
      if (n === null) return null;
      const [stride, size] = [strides[d] as number, reach(this.window, d)];
      const isSame = padding === 'same';
      if (!this.#outputPadding) return n * stride + (isSame ? 0 : Math.max(size - stride, 0));
      return (n - 1) * stride + size + (this.#outputPadding[d] as number) - (isSame ? 2 * Math.floor(size / 2) : 0);
    });
  }

  protected convolve(x: Tensor): Tensor {
    const space = this.outputSpace(x.shape.slice(1, -1)) as number[];
    return this.grow(x, [x.shape[0] as number, ...space, this.#filters], [...this.window.strides]);
  }

  protected outputChannels(): number {
    return this.#filters;
  }

  /** Padding of the convolution that is transposed. */
  protected get pad(): Padding {
    const { size, padding } = this.window;
    const extra = this.#outputPadding;
    if (padding !== 'same' || !extra) return padding as 'same' | 'valid';
    return size.map((k, d) => {
      const total = Math.max(0, k - (k % 2) - (extra[d] as number));
      return [Math.floor(total / 2), total - Math.floor(total / 2)] as const;
    });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), filters: this.#filters, outputPadding: this.#outputPadding };
  }
}

/** [batch, steps, channels] -> [batch, newSteps, filters] */
export class Conv1DTranspose extends Transposed {
  static override className = 'Conv1DTranspose';

  constructor(args: ConvTransposeArgs) {
    super(args, 1);
  }

  protected grow(x: Tensor, [batch, width, filters]: [number, number, number], [stride]: [number]): Tensor {
    // An image of height 1.
    const [image, kernel] = [expandDims(x, 1), expandDims(this.kernel, 0)];
    const pad = typeof this.pad === 'string' ? this.pad : ([[0, 0], ...(this.pad as [number, number][])] as const);
    return squeeze(conv2dTransposeOp(image, kernel, [batch, 1, width, filters], [1, stride], pad), [1]);
  }
}

/**
 * Transposed convolution over time, which lengthens by the stride. [batch, steps, channels] -> [batch, newSteps,
 * filters]
 * @throws ArgumentError as conv1d, and for 'causal' padding or dilation
 * @example
 * sg.layers.conv1dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: 'same' }).apply(sg.ones([1, 5, 3])).shape; // [1, 10, 8]
 */
export const conv1dTranspose = (args: ConvTransposeArgs): Conv1DTranspose => make(Conv1DTranspose, args);

/** [batch, height, width, channels] -> [batch, outHeight, outWidth, filters] */
export class Conv2DTranspose extends Transposed {
  static override className = 'Conv2DTranspose';

  constructor(args: ConvTransposeArgs) {
    super(args, 2);
  }

  protected grow(x: Tensor, outputShape: number[], strides: number[]): Tensor {
    return conv2dTransposeOp(x, this.kernel, outputShape, strides, this.pad);
  }
}

/**
 * Transposed convolution of images, which enlarges by the strides (Dumoulin and Visin, 2016). [batch, height, width,
 * channels] -> [batch, outHeight, outWidth, filters]
 * @throws ArgumentError as conv2d, and for dilation
 * @example
 * sg.layers.conv2dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: 'same' }).apply(sg.ones([1, 5, 5, 3])).shape; // [1, 10, 10, 8]
 */
export const conv2dTranspose = (args: ConvTransposeArgs): Conv2DTranspose => make(Conv2DTranspose, args);

/** [batch, depth, height, width, channels] -> [batch, outDepth, outHeight, outWidth, filters] */
export class Conv3DTranspose extends Transposed {
  static override className = 'Conv3DTranspose';

  constructor(args: ConvTransposeArgs) {
    super(args, 3);
  }

  protected grow(x: Tensor, outputShape: number[], strides: number[]): Tensor {
    return conv3dTransposeOp(x, this.kernel, outputShape, strides, this.pad);
  }
}

/**
 * Transposed convolution of volumes, which enlarges by the strides. [batch, depth, height, width, channels] -> [batch,
 * outDepth, outHeight, outWidth, filters]
 * @throws ArgumentError as conv3d, and for dilation
 * @example
 * sg.layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 }).apply(sg.ones([1, 2, 2, 2, 1])).shape; // [1, 4, 4, 4, 2]
 */
export const conv3dTranspose = (args: ConvTransposeArgs): Conv3DTranspose => make(Conv3DTranspose, args);

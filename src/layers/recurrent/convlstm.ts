/** LSTM whose products are convolutions, for sequences of images and of rows. */
import { add } from '../../ops/arithmetic';
import { conv2d } from '../../ops/convolution';
import { positions } from '../../ops/descriptors/window';
import { reshape } from '../../ops/shaping';
import { windowAttrs } from '../../ops/window';
import { ArgumentError, ShapeError } from '../../runtime/errors';
import { type Shape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { type Activation, getActivation } from '../activations';
import type { CallArgs } from '../call';
import { positiveInteger } from '../core';
import type { Initializer } from '../initializers';
import type { PartialShape } from '../shapes';
import { GateCell, type Step } from './cell';
import { forgetBias, type LSTMCellArgs, lstmGates, masked } from './cells';
import { cellArgs } from './layers';
import { RNN, type SequenceArgs } from './rnn';

export interface ConvLSTMCellArgs extends Omit<LSTMCellArgs, 'units'> {
  /** Channels of the output. */
  filters: number;
  kernelSize: number | readonly number[];
  /** Default 1. */
  strides?: number | readonly number[];
  /** Default 'valid'. */
  padding?: string;
  dilationRate?: number | readonly number[];
  dataFormat?: string;
}

/** Sizes along the spatial dimensions. */
function sizesOf(value: number | readonly number[], rank: number, where: string): number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : value;
  if (list.length !== rank) throw new ArgumentError(`${where} must be ${rank} numbers, got ${JSON.stringify(value)}`);
  return list.map((v) => positiveInteger(v, where));
}

/** For convolutions of images: rows are images of height 1. */
const asImage = <T>(list: readonly T[], one: T): [T, T] => (list.length === 1 ? [one, ...list] : [...list]) as [T, T];

/**
 * An LSTM's step with convolutions for products: that of the input as `strides` and `padding` say, that of the state
 * with the same padding and strides of 1 (Shi et al., 2015). x: [batch, (height,) width, channels].
 */
abstract class ConvLSTMCell extends GateCell {
  protected override readonly exampleRank: number;
  readonly #kernelSize: number[];
  readonly #strides: number[];
  readonly #dilations: number[];
  readonly #padding: 'valid' | 'same';
  readonly #recurrent: { name: string; fn: Activation };
  readonly #unitForgetBias: boolean;
  #kernel!: Variable;
  #recurrentKernel!: Variable;
  #bias: Variable | undefined;

  constructor(args: ConvLSTMCellArgs, rank: 1 | 2, where: string) {
    super({ ...args, units: args.filters }, where);
    const { padding = 'valid', dataFormat = 'channelsLast' } = args;
    if (padding !== 'valid' && padding !== 'same')
      throw new ArgumentError(`${where}: padding must be 'valid' or 'same', got '${padding}'`);
    if (dataFormat !== 'channelsLast')
      throw new ArgumentError(`${where}: dataFormat must be 'channelsLast', got '${dataFormat}'`);
    this.exampleRank = rank + 1;
    this.#kernelSize = sizesOf(args.kernelSize, rank, `${where}: kernelSize`);
    this.#strides = sizesOf(args.strides ?? 1, rank, `${where}: strides`);
    this.#dilations = sizesOf(args.dilationRate ?? 1, rank, `${where}: dilationRate`);
    this.#padding = padding;
    this.#recurrent = getActivation(args.recurrentActivation ?? 'hardSigmoid', where);
    this.#unitForgetBias = args.unitForgetBias ?? true;
  }

  get stateSize(): readonly number[] {
    return [this.units, this.units];
  }

  override build(inputShape: PartialShape): void {
    const width = 4 * this.units;
    this.#kernel = this.weight('kernel', [...this.#kernelSize, this.inputSize(inputShape), width]);
    this.#recurrentKernel = this.weight('recurrent', [...this.#kernelSize, this.units, width]);
    const base = this.biasInitializer as Initializer;
    if (this.useBias)
      this.#bias = this.weight('bias', [width], this.#unitForgetBias ? forgetBias(base, this.units) : undefined);
  }

  override stateShapes(inputShape: PartialShape): Shape[] {
    const space = inputShape.slice(1, this.exampleRank).map((size, d) => {
      if (typeof size !== 'number')
        throw new ShapeError(`${this.name}: the size of the images must be known, got ${showShape(inputShape)}`);
      const [window, stride, dilation] = [this.#kernelSize[d], this.#strides[d], this.#dilations[d]] as [
        number,
        number,
        number,
      ];
      const { padWidth } = windowAttrs(this.name, [1, size], [1, window], [1, stride], this.#padding, [1, dilation]);
      return positions(size, window, stride, dilation, padWidth);
    });
    return [0, 1].map(() => [...space, this.units]);
  }

  /** The convolution of examples behind any leading dimensions. */
  #convolve(
    x: Tensor,
    kernel: Tensor,
    strides: readonly number[],
    padding: 'valid' | 'same',
    dilations: readonly number[],
  ): Tensor {
    const example = x.shape.slice(-this.exampleRank);
    const lead = x.shape.slice(0, -this.exampleRank);
    const channels = example[example.length - 1] as number;
    const images = reshape(x, [-1, ...asImage(example.slice(0, -1), 1), channels]);
    const window = asImage(kernel.shape.slice(0, -2), 1);
    const filter = reshape(kernel, [...window, ...kernel.shape.slice(-2)]);
    const y = conv2d(images, filter, asImage(strides, 1), padding, 'NHWC', asImage(dilations, 1));
    return reshape(y, [...lead, ...y.shape.slice(-this.exampleRank)]);
  }

  override project(x: Tensor, args: CallArgs): Tensor {
    const z = this.#convolve(this.dropInputs(x, args), this.#kernel, this.#strides, this.#padding, this.#dilations);
    return this.#bias ? add(z, this.#bias) : z;
  }

  override begin(_batch: number, args: CallArgs): Step {
    const finish = lstmGates(this.units, this.activation.fn, this.#recurrent.fn);
    const ones = this.#strides.map(() => 1);
    return (x, [h, c]) => {
      const state = masked(h as Tensor, this.stateMask((h as Tensor).shape, args));
      return finish(add(this.#convolve(state, this.#recurrentKernel, ones, 'same', ones), x), c as Tensor);
    };
  }

  override getConfig(): Record<string, unknown> {
    const { units: filters, ...rest } = super.getConfig();
    return {
      ...rest,
      filters,
      kernelSize: [...this.#kernelSize],
      strides: [...this.#strides],
      padding: this.#padding,
      dilationRate: [...this.#dilations],
      recurrentActivation: this.#recurrent.name,
      unitForgetBias: this.#unitForgetBias,
    };
  }
}

/** One step over images. */
export class ConvLSTM2DCell extends ConvLSTMCell {
  static override className = 'ConvLSTM2DCell';

  constructor(args: ConvLSTMCellArgs) {
    super(args, 2, 'convLstm2d');
  }
}

/** One step over rows. */
export class ConvLSTM1DCell extends ConvLSTMCell {
  static override className = 'ConvLSTM1DCell';

  constructor(args: ConvLSTMCellArgs) {
    super(args, 1, 'convLstm1d');
  }
}

export type ConvLSTMArgs = ConvLSTMCellArgs & SequenceArgs;

abstract class ConvLSTM extends RNN {
  override getConfig(): Record<string, unknown> {
    return { ...this.cell.getConfig(), ...this.sequenceConfig() };
  }
}

/** [batch, time, height, width, channels] -> [batch, (time,) height', width', filters] */
export class ConvLSTM2D extends ConvLSTM {
  static override className = 'ConvLSTM2D';

  constructor(args: ConvLSTMArgs) {
    super({ ...args, cell: new ConvLSTM2DCell(cellArgs(args)) });
  }
}

/** [batch, time, width, channels] -> [batch, (time,) width', filters] */
export class ConvLSTM1D extends ConvLSTM {
  static override className = 'ConvLSTM1D';

  constructor(args: ConvLSTMArgs) {
    super({ ...args, cell: new ConvLSTM1DCell(cellArgs(args)) });
  }
}

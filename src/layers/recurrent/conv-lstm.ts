/** LSTM with convolutions in the place of matrix products, for sequences of images and of rows. */

import { conv2d } from '../../ops/conv/convolution';
import { type Steps, steps } from '../../ops/conv/window';
import { add } from '../../ops/math/arithmetic';
import { reshape, transpose } from '../../ops/shape/shaping';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { type Shape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { CallArgs } from '../base/call';
import { make } from '../base/settings';
import type { PartialShape } from '../base/shapes';
import { ChannelOrder, type DataFormatName, oneOf } from '../conv/space';
import { type Activation, getActivation } from '../core/activation-lookup';
import type { Initializer } from '../weights/initializers';
import { GateCell, type Step } from './cell';
import { forgetBias, type LSTMCellArgs, lstmGates, masked } from './cells';
import { around, cellArgs } from './layers';
import { type RecurrentOutput, type ReturnStateArgs, RNN, type SequenceArgs } from './rnn';

/** Settings of `convLstm2dCell`. */
export interface ConvLSTMCellArgs extends Omit<LSTMCellArgs, 'units'> {
  /** Channels of the output. */
  filters: number;
  /** Size of the kernels: one number for all dimensions, or one for each. */
  kernelSize: number | readonly number[];
  /** Step of the convolution of the input; default 1. */
  strides?: number | readonly number[] | null;
  /** 'valid' (default) or 'same'. */
  padding?: 'valid' | 'same' | null;
  /** Distance between the elements of the window; default 1. */
  dilationRate?: number | readonly number[] | null;
  /** 'channelsLast' (default) or 'channelsFirst'. */
  dataFormat?: DataFormatName | null;
}

/** Sizes along the spatial dimensions. */
function sizesOf(value: number | readonly number[], rank: number, where: string): number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : value;
  if (list.length !== rank) throw new ArgumentError(`${where} must be ${rank} numbers, got ${JSON.stringify(value)}`);
  return [...list];
}

/** x with one dimension moved to another place, both counted from the end. */
function moved(x: Tensor, from: number, to: number): Tensor {
  const order = x.shape.map((_, i) => i);
  const [axis] = order.splice(x.rank + from, 1);
  order.splice(x.rank + to, 0, axis as number);
  return transpose(x, order);
}

/** For convolutions of images: rows are images of height 1. */
const asImage = <T>(list: readonly T[], one: T): [T, T] => (list.length === 1 ? [one, ...list] : [...list]) as [T, T];

/**
 * An LSTM's step with convolutions: that of the input uses `strides` and `padding`, that of the state
 * with 'same' padding and strides of 1 (Shi et al., 2015). x: [batch, (height,) width, channels], or with `dataFormat`
 * 'channelsFirst' [batch, channels, (height,) width], as the states then.
 */
abstract class ConvLSTMCell extends GateCell {
  static override accepts(): is.Table {
    const { units, ...rest } = GateCell.accepts();
    return {
      ...rest,
      filters: units as is.Table[string],
      kernelSize: is.required(is.sizes()),
      strides: is.sizes(),
      padding: is.text(),
      dilationRate: is.sizes(),
      dataFormat: is.text(),
      recurrentActivation: is.rule(),
      unitForgetBias: is.flag(),
    };
  }

  protected override readonly exampleRank: number;
  readonly #kernelSize: number[];
  readonly #strides: number[];
  readonly #dilations: number[];
  readonly #padding: 'valid' | 'same';
  readonly #order: ChannelOrder;
  readonly #recurrent: { name: string; fn: Activation };
  readonly #unitForgetBias: boolean;
  #kernel!: Variable;
  #recurrentKernel!: Variable;
  #bias: Variable | undefined;

  constructor(args: ConvLSTMCellArgs, rank: 1 | 2, where: string) {
    super({ ...args, units: args.filters }, where);
    this.exampleRank = rank + 1;
    this.#order = new ChannelOrder(rank, args.dataFormat, where);
    this.#kernelSize = sizesOf(args.kernelSize, rank, `${where}: kernelSize`);
    this.#strides = sizesOf(args.strides ?? 1, rank, `${where}: strides`);
    this.#dilations = sizesOf(args.dilationRate ?? 1, rank, `${where}: dilationRate`);
    this.#padding = oneOf(['valid', 'same'], args.padding ?? 'valid', 'padding', where);
    this.#recurrent = getActivation(args.recurrentActivation ?? 'hardSigmoid', where);
    this.#unitForgetBias = args.unitForgetBias ?? true;
  }

  get stateSize(): readonly number[] {
    return [this.units, this.units];
  }

  override build(inputShape: PartialShape): void {
    const width = 4 * this.units;
    this.#kernel = this.weight('kernel', [...this.#kernelSize, this.#order.channels(inputShape), width]);
    this.#recurrentKernel = this.weight('recurrent', [...this.#kernelSize, this.units, width]);
    const base = this.biasInitializer as Initializer;
    if (this.useBias)
      this.#bias = this.weight('bias', [width], this.#unitForgetBias ? forgetBias(base, this.units) : undefined);
  }

  override stateShapes(inputShape: PartialShape): Shape[] {
    const space = this.#order.space(inputShape).map((size, d) => {
      if (typeof size !== 'number')
        throw new ShapeError(`${this.name}: the size of the images must be known, got ${showShape(inputShape)}`);
      const [window, stride, dilation] = [this.#kernelSize[d], this.#strides[d], this.#dilations[d]] as [
        number,
        number,
        number,
      ];
      const [along] = steps(this.name, [size], [window], stride, this.#padding, dilation) as [Steps];
      return along.count;
    });
    const shape = this.#order.replace([1], space as number[], this.units).slice(1) as number[];
    return [shape, shape];
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

  /** With the channels last, of a step or of all: as the gates have them. */
  override project(x: Tensor, args: CallArgs): Tensor {
    const input = this.#channelsLast(this.dropInputs(x, args));
    const z = this.#convolve(input, this.#kernel, this.#strides, this.#padding, this.#dilations);
    return this.#bias ? add(z, this.#bias) : z;
  }

  override begin(_batch: number, args: CallArgs): Step {
    const finish = lstmGates(this.units, this.activation.fn, this.#recurrent.fn);
    const ones = this.#strides.map(() => 1);
    return (x, [h, c]) => {
      const state = this.#channelsLast(masked(h as Tensor, this.stateMask((h as Tensor).shape, args)));
      const z = add(this.#convolve(state, this.#recurrentKernel, ones, 'same', ones), x);
      const [output, cell] = finish(z, this.#channelsLast(c as Tensor)).states.map((t) => this.#asGiven(t));
      return { output: output as Tensor, states: [output as Tensor, cell as Tensor] };
    };
  }

  /** Examples, behind any leading dimensions, with their channels last. */
  #channelsLast(x: Tensor): Tensor {
    return this.#order.format === 'channelsLast' ? x : moved(x, -this.exampleRank, -1);
  }

  /** Examples with their channels where `dataFormat` has them. */
  #asGiven(x: Tensor): Tensor {
    return this.#order.format === 'channelsLast' ? x : moved(x, -1, -this.exampleRank);
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
      dataFormat: this.#order.format,
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

/**
 * One step of `convLstm2d`: [x, h, c] -> [output, h', c'], x being [batch, height, width, channels].
 * @throws ArgumentError for sizes that are not positive integers
 * @example
 * const cell = sg.layers.convLstm2dCell({ filters: 2, kernelSize: 3, padding: 'same' });
 * sg.layers.rnn({ cell }).apply(sg.ones([1, 4, 5, 5, 1])).shape; // [1, 5, 5, 2]
 */
export const convLstm2dCell = (args: ConvLSTMCellArgs): ConvLSTM2DCell => make(ConvLSTM2DCell, args);

/** One step over rows. */
export class ConvLSTM1DCell extends ConvLSTMCell {
  static override className = 'ConvLSTM1DCell';

  constructor(args: ConvLSTMCellArgs) {
    super(args, 1, 'convLstm1d');
  }
}

/** Settings of `convLstm1d` and `convLstm2d`: those of the cell and of the sequence. */
export type ConvLSTMArgs = ConvLSTMCellArgs & SequenceArgs;

abstract class ConvLSTM<Out extends Tensor | Tensor[]> extends RNN<Out> {
  override getConfig(): Record<string, unknown> {
    return { ...this.cell.getConfig(), ...this.sequenceConfig() };
  }
}

/** [batch, time, height, width, channels] -> [batch, (time,) height', width', filters] */
export class ConvLSTM2D<Out extends Tensor | Tensor[] = Tensor | Tensor[]> extends ConvLSTM<Out> {
  static override className = 'ConvLSTM2D';

  static override accepts(): is.Table {
    return around(ConvLSTM2DCell, ConvLSTM.accepts());
  }

  constructor(args: ConvLSTMArgs) {
    super({ ...args, cell: new ConvLSTM2DCell(cellArgs(args)) });
  }
}

/**
 * An LSTM with convolutions in place of products, for sequences of images (Shi et al., 2015). [batch, time, height,
 * width, channels] -> [batch, height', width', filters], or with `returnSequences` [batch, time, height', width',
 * filters].
 * @throws ArgumentError for sizes that are not positive integers; ShapeError for an input of another rank
 * @example
 * sg.layers.convLstm2d({ filters: 2, kernelSize: 3 }).apply(sg.ones([1, 4, 5, 5, 1])).shape; // [1, 3, 3, 2]
 */
export const convLstm2d = <S extends boolean | undefined = undefined>(
  args: ConvLSTMArgs & ReturnStateArgs<S>,
): ConvLSTM2D<RecurrentOutput<S>> => make(ConvLSTM2D<RecurrentOutput<S>>, args);

/** [batch, time, width, channels] -> [batch, (time,) width', filters] */
export class ConvLSTM1D<Out extends Tensor | Tensor[] = Tensor | Tensor[]> extends ConvLSTM<Out> {
  static override className = 'ConvLSTM1D';

  static override accepts(): is.Table {
    return around(ConvLSTM1DCell, ConvLSTM.accepts());
  }

  constructor(args: ConvLSTMArgs) {
    super({ ...args, cell: new ConvLSTM1DCell(cellArgs(args)) });
  }
}

/**
 * An LSTM with convolutions in place of products, for sequences of rows. [batch, time, width, channels] -> [batch,
 * width', filters], or with `returnSequences` [batch, time, width', filters].
 * @throws ArgumentError for sizes that are not positive integers; ShapeError for an input of another rank
 * @example
 * sg.layers.convLstm1d({ filters: 2, kernelSize: 3 }).apply(sg.ones([1, 4, 5, 1])).shape; // [1, 3, 2]
 */
export const convLstm1d = <S extends boolean | undefined = undefined>(
  args: ConvLSTMArgs & ReturnStateArgs<S>,
): ConvLSTM1D<RecurrentOutput<S>> => make(ConvLSTM1D<RecurrentOutput<S>>, args);

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

type Pair = [number, number];

function pairOf(value: number | readonly number[], where: string): Pair {
  const [a, b = a] = typeof value === 'number' ? [value] : value;
  return [positiveInteger(a, where), positiveInteger(b, where)];
}

/**
 * An LSTM's step with convolutions for products: that of the input as `strides` and `padding` say, that of the state
 * with the same padding and strides of 1 (Shi et al., 2015). x: [batch, height, width, channels].
 */
export class ConvLSTM2DCell extends GateCell {
  static override className: string = 'ConvLSTM2DCell';
  protected override readonly exampleRank = 3;
  readonly #kernelSize: Pair;
  readonly #strides: Pair;
  readonly #dilations: Pair;
  readonly #padding: 'valid' | 'same';
  readonly #recurrent: { name: string; fn: Activation };
  readonly #unitForgetBias: boolean;
  #kernel!: Variable;
  #recurrentKernel!: Variable;
  #bias: Variable | undefined;

  constructor(args: ConvLSTMCellArgs) {
    super({ ...args, units: args.filters }, 'convLstm2d');
    const { padding = 'valid', dataFormat = 'channelsLast' } = args;
    if (padding !== 'valid' && padding !== 'same')
      throw new ArgumentError(`convLstm2d: padding must be 'valid' or 'same', got '${padding}'`);
    if (dataFormat !== 'channelsLast')
      throw new ArgumentError(`convLstm2d: dataFormat must be 'channelsLast', got '${dataFormat}'`);
    this.#kernelSize = pairOf(args.kernelSize, 'convLstm2d: kernelSize');
    this.#strides = pairOf(args.strides ?? 1, 'convLstm2d: strides');
    this.#dilations = pairOf(args.dilationRate ?? 1, 'convLstm2d: dilationRate');
    this.#padding = padding;
    this.#recurrent = getActivation(args.recurrentActivation ?? 'hardSigmoid', 'convLstm2d');
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
    const image = inputShape.slice(1, 3).map((size, d) => {
      if (typeof size !== 'number')
        throw new ShapeError(`${this.name}: the size of the images must be known, got ${showShape(inputShape)}`);
      const window = this.#kernelSize[d] as number;
      const attrs = windowAttrs(
        this.name,
        [size, size],
        [window, window],
        this.#strides[d] as number,
        this.#padding,
        this.#dilations[d] as number,
      );
      return positions(size, window, this.#strides[d] as number, this.#dilations[d] as number, attrs.padHeight);
    });
    return [0, 1].map(() => [...image, this.units]);
  }

  override project(x: Tensor, args: CallArgs): Tensor {
    const dropped = this.dropInputs(x, args);
    const lead = x.shape.slice(0, -3);
    const images = reshape(dropped, [-1, ...x.shape.slice(-3)]);
    const z = conv2d(images, this.#kernel, this.#strides, this.#padding, 'NHWC', this.#dilations);
    return reshape(this.#bias ? add(z, this.#bias) : z, [...lead, ...z.shape.slice(1)]);
  }

  override begin(_batch: number, args: CallArgs): Step {
    const finish = lstmGates(this.units, this.activation.fn, this.#recurrent.fn);
    return (x, [h, c]) => {
      const state = masked(h as Tensor, this.stateMask((h as Tensor).shape, args));
      return finish(add(conv2d(state, this.#recurrentKernel, 1, 'same'), x), c as Tensor);
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

export type ConvLSTMArgs = ConvLSTMCellArgs & SequenceArgs;

/** [batch, time, height, width, channels] -> [batch, (time,) height', width', filters] */
export class ConvLSTM2D extends RNN {
  static override className = 'ConvLSTM2D';

  constructor(args: ConvLSTMArgs) {
    super({ ...args, cell: new ConvLSTM2DCell(cellArgs(args)) });
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.cell.getConfig(), ...this.sequenceConfig() };
  }
}

/** Dense, activations, dropout, and layers that only change the shape. */

import { matMul } from '../../ops/linear/products';
import { notEqual, where } from '../../ops/math/arithmetic';
import { any } from '../../ops/math/reduce';
import { tile } from '../../ops/shape/joining';
import { expandDims, reshape as reshapeOp, transpose } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import type { DType } from '../../tensor/dtype';
import { type Shape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs, Mask } from '../base/call';
import { Layer, type LayerArgs } from '../base/layer';
import { nameOf, registered } from '../base/names';
import { make } from '../base/settings';
import { SameShape } from '../base/shape-preserving';
import { type PartialShape, type Shapes, shapeList, type Tensors } from '../base/shapes';
import type { SymbolicTensor } from '../base/symbolic';
import { type DataFormat, type DataFormatName, dataFormatOf } from '../conv/space';
import { type KernelArgs, KernelLayer } from '../weights/kernel';

/**
 * Size of the last dimension, which weights depend on.
 * @throws ShapeError if it is not known
 */
export function channelsOf(shape: PartialShape, where: string): number {
  const channels = shape[shape.length - 1];
  if (typeof channels !== 'number')
    throw new ShapeError(`${where}: the last dimension of the input must be known, got ${showShape(shape)}`);
  return channels;
}

/** Settings of `dense`. */
export interface DenseArgs extends KernelArgs {
  /** Size of the output; a positive integer. */
  units: number;
  /** Size of the input, for the first layer of a model: same as `inputShape: [inputDim]`. */
  inputDim?: number | null;
}

/** y = activation(x · kernel + bias); x: [..., n], kernel: [n, units], y: [..., units]. */
export class Dense extends KernelLayer {
  static override className = 'Dense';

  static override accepts(): is.Table {
    return { units: is.required(is.count()), inputDim: is.count(), ...KernelLayer.accepts() };
  }

  /** Size of the output. */
  readonly units: number;

  constructor(args: DenseArgs) {
    const { inputDim } = args;
    const isShaped = inputDim == null || args.inputShape != null || args.batchInputShape != null;
    super(isShaped ? args : { ...args, inputShape: [inputDim] }, 'dense');
    this.supportsMasking = true;
    this.units = args.units;
  }

  override build(inputShape: PartialShape): void {
    this.computeOutputShape(inputShape);
    this.makeWeights([channelsOf(inputShape, this.name), this.units], this.units);
  }

  call(x: Tensor): Tensor {
    return this.finish(matMul(x, this.kernel));
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    if (inputShape.length < 2)
      throw new ShapeError(`${this.name}: needs an input of rank 2 or more, got ${showShape(inputShape)}`);
    return [...inputShape.slice(0, -1), this.units];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units };
  }
}

/**
 * Fully connected layer: y = activation(x · kernel + bias). [..., n] -> [..., units]. By default without activation,
 * with a bias, kernel initializer 'glorotUniform'.
 * @throws ArgumentError if units is not a positive integer, or for an unknown activation or initializer
 * @example
 * sg.layers.dense({ units: 10, activation: 'softmax' }).apply(sg.ones([2, 784])).shape; // [2, 10]
 */
export const dense = (args: DenseArgs): Dense => make(Dense, args);

const product = (shape: PartialShape): number | null =>
  shape.reduce<number | null>((a, b) => (a === null || b === null ? null : a * b), 1);

/** Layers that only move elements: their type is kept. */
abstract class Rearranging extends Layer {
  override get takesOne(): boolean {
    return true;
  }

  protected override outputType([x]: readonly SymbolicTensor[]): DType {
    return (x as SymbolicTensor).dtype;
  }
}

/** Settings of `flatten`. */
export interface FlattenArgs extends LayerArgs {
  /** 'channelsLast' (default), or 'channelsFirst': the channels are moved to the end before. */
  dataFormat?: DataFormatName | null;
}

/** [batch, ...] -> [batch, product of the rest] */
export class Flatten extends Rearranging {
  static override className = 'Flatten';

  static override accepts(): is.Table {
    return { dataFormat: is.text(), ...Rearranging.accepts() };
  }

  readonly #dataFormat: DataFormat;

  constructor(args: FlattenArgs = {}) {
    super(args);
    this.#dataFormat = dataFormatOf(args.dataFormat, 'flatten');
  }

  call(x: Tensor): Tensor {
    const axes = x.shape.map((_, i) => i);
    const isFirst = this.#dataFormat === 'channelsFirst' && x.rank > 2;
    const t = isFirst ? transpose(x, [0, ...axes.slice(2), 1]) : x;
    return reshapeOp(t, [x.shape[0] as number, x.shape.slice(1).reduce((a, b) => a * b, 1)]);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    return [inputShape[0] ?? null, product(inputShape.slice(1))];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.#dataFormat };
  }
}

/**
 * Flattens each example. [batch, ...] -> [batch, product of the other dimensions]
 * @throws ArgumentError for an unknown dataFormat
 * @example
 * sg.layers.flatten().apply(sg.ones([2, 3, 4])).shape; // [2, 12]
 */
export const flatten = (args?: FlattenArgs): Flatten => make(Flatten, args);

/** Settings of `reshape`. */
export interface ReshapeArgs extends LayerArgs {
  /** Shape of one example; one dimension may be -1 or null, and is then inferred; a number is one dimension. */
  targetShape: PartialShape | number;
}

/** [batch, ...] -> [batch, ...targetShape]; one dimension may be -1. */
export class Reshape extends Rearranging {
  static override className = 'Reshape';

  static override accepts(): is.Table {
    return { targetShape: is.required(is.shape()), ...Rearranging.accepts() };
  }

  readonly #targetShape: Shape;

  constructor(args: ReshapeArgs) {
    super(args);
    this.#targetShape = [args.targetShape].flat().map((d) => d ?? -1);
  }

  call(x: Tensor): Tensor {
    return reshapeOp(x, [x.shape[0] as number, ...this.#resolve(x.shape.slice(1))]);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    return [inputShape[0] ?? null, ...this.#resolve(inputShape.slice(1))];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), targetShape: [...this.#targetShape] };
  }

  #resolve(example: PartialShape): number[] {
    const size = product(example);
    const known = this.#targetShape.filter((d) => d !== -1).reduce((a, b) => a * b, 1);
    const out = this.#targetShape.map((d) => (d === -1 && size !== null ? size / known : d));
    const isWhole = out.every((d) => Number.isInteger(d));
    if (size !== null && (!isWhole || out.reduce((a, b) => a * b, 1) !== size)) {
      throw new ShapeError(
        `${this.name}: examples of ${showShape(example)} do not fill targetShape ${showShape(this.#targetShape)}`,
      );
    }
    return out;
  }
}

/**
 * Reshapes each example. [batch, ...] -> [batch, ...targetShape]; one dimension may be -1.
 * @throws ShapeError if the number of elements differs
 * @example
 * sg.layers.reshape({ targetShape: [3, -1] }).apply(sg.ones([2, 12])).shape; // [2, 3, 4]
 */
export const reshape = (args: ReshapeArgs): Reshape => make(Reshape, args);

/** Settings of `permute`. */
export interface PermuteArgs extends LayerArgs {
  /** Order of the dimensions of an example, counted from 1; the batch stays first. */
  dims: readonly number[];
}

/** Reorders the dimensions of the examples. [batch, ...] -> [batch, ...in the order of dims] */
export class Permute extends Rearranging {
  static override className = 'Permute';

  static override accepts(): is.Table {
    const isOrder = (v: unknown): boolean =>
      Array.isArray(v) && v.every((_, i) => v.includes(i + 1)) && is.axes().fits(v);
    return { dims: is.required(is.given('an order of 1, 2, …', isOrder)), ...Rearranging.accepts() };
  }

  readonly #dims: readonly number[];

  constructor(args: PermuteArgs) {
    super(args);
    this.#dims = args.dims;
  }

  call(x: Tensor): Tensor {
    return transpose(x, [0, ...this.#dims]);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    if (inputShape.length !== this.#dims.length + 1)
      throw new ShapeError(`${this.name}: dims [${this.#dims}] do not fit an input of ${showShape(inputShape)}`);
    return [0, ...this.#dims].map((d) => inputShape[d] as number | null);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dims: [...this.#dims] };
  }
}

/**
 * Reorders the dimensions of each example, counted from 1; the batch stays first.
 * @throws ArgumentError unless dims is a permutation of 1, 2, …
 * @example
 * sg.layers.permute({ dims: [2, 1] }).apply(sg.ones([2, 3, 4])).shape; // [2, 4, 3]
 */
export const permute = (args: PermuteArgs): Permute => make(Permute, args);

/** Settings of `repeatVector`. */
export interface RepeatVectorArgs extends LayerArgs {
  /** Number of repetitions; a positive integer. */
  n: number;
}

/** [batch, features] -> [batch, n, features] */
export class RepeatVector extends Rearranging {
  static override className = 'RepeatVector';

  static override accepts(): is.Table {
    return { n: is.required(is.count()), ...Rearranging.accepts() };
  }

  readonly #n: number;

  constructor(args: RepeatVectorArgs) {
    super(args);
    this.#n = args.n;
  }

  call(x: Tensor): Tensor {
    return tile(expandDims(x, 1), [1, this.#n, 1]);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    if (inputShape.length !== 2)
      throw new ShapeError(`${this.name}: needs an input [batch, features], got ${showShape(inputShape)}`);
    return [inputShape[0] as number | null, this.#n, inputShape[1] as number | null];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), n: this.#n };
  }
}

/**
 * Repeats a vector. [batch, features] -> [batch, n, features]
 * @throws ArgumentError if n is not a positive integer; ShapeError for an input of another rank
 * @example
 * sg.layers.repeatVector({ n: 3 }).apply(sg.ones([2, 4])).shape; // [2, 3, 4]
 */
export const repeatVector = (args: RepeatVectorArgs): RepeatVector => make(RepeatVector, args);

/** Settings of `masking`. */
export interface MaskingArgs extends LayerArgs {
  /** Value of the features of steps that are masked; default 0. */
  maskValue?: number;
}

/** Masks steps all of whose features equal `maskValue`, and sets them to 0. [batch, time, features] -> the same */
export class Masking extends SameShape<{ maskValue: number }> {
  static override className = 'Masking';

  static override accepts(): is.Table {
    return { maskValue: is.real(), ...SameShape.accepts() };
  }

  constructor(args: MaskingArgs = {}) {
    super(args, { maskValue: args.maskValue ?? 0 });
  }

  #seen(x: Tensor, keepDims: boolean): Tensor {
    return any(notEqual(x, this.settings.maskValue), -1, keepDims);
  }

  call(x: Tensor): Tensor {
    return where(this.#seen(x, true), x, 0);
  }

  override computeMask(x: Tensors): Mask {
    return this.#seen(x as Tensor, false);
  }
}

/**
 * Masks steps all of whose features equal `maskValue` (default 0), so that later layers skip them. [batch, time,
 * features] -> the same
 * @throws ArgumentError if maskValue is not a number
 * @example
 * const lstm = sg.layers.lstm({ units: 4 });
 * sg.sequential({ layers: [sg.layers.masking({ inputShape: [5, 2] }), lstm] }).outputShape; // [null, 4]
 */
export const masking = (args?: MaskingArgs): Masking => make(Masking, args);

/** The function of a lambda layer: of one tensor or a list of them, and the arguments of the call. */
export type LambdaFunction = (x: never, args: CallArgs) => Tensors;

/** Settings of `lambda`. */
export interface LambdaArgs extends LayerArgs {
  /** A function, or the name that it was registered by with `sg.serialization.registerClass`. */
  function: LambdaFunction | string;
  /** Shape of one example of the output; by default found by tracing. */
  outputShape?: PartialShape;
}

/** A function as a layer, without weights. */
export class Lambda<Out extends Tensors = Tensors> extends Layer {
  static override className = 'Lambda';

  static override accepts(): is.Table {
    return { function: is.required(is.rule()), outputShape: is.shape(), ...Layer.accepts() };
  }

  readonly #fn: LambdaFunction;
  readonly #outputShape: PartialShape | undefined;

  constructor(args: LambdaArgs) {
    super(args);
    const { function: given, outputShape } = args;
    const fn = typeof given === 'string' ? registered(given) : given;
    if (typeof fn !== 'function')
      throw new ArgumentError(
        `lambda: needs a function; one that settings name (${show(given)}) must be known by sg.serialization.registerClass`,
      );
    this.#fn = fn as LambdaFunction;
    this.#outputShape = outputShape;
    this.supportsMasking = true;
  }

  override get callArgNames(): undefined {
    return undefined;
  }

  call(x: Tensors, args?: CallArgs | null): Out {
    return this.#fn(x as never, args ?? {}) as Out;
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return this.#outputShape
      ? [shapeList(inputShape)[0]?.[0] ?? null, ...this.#outputShape]
      : super.computeOutputShape(inputShape);
  }

  override getConfig(): Record<string, unknown> {
    const name = nameOf(this.#fn) ?? this.#fn.name;
    return { ...super.getConfig(), function: name, outputShape: this.#outputShape };
  }
}

/**
 * A function as a layer without weights. It is called with a tensor, or a list of them, and the arguments of the call.
 * To load a saved model, register it with `sg.serialization.registerClass`.
 * @throws ArgumentError without a function
 * @example
 * sg.layers.lambda((x) => x.square().sum(-1)).apply(sg.tensor([[1, 2]])).arraySync(); // [5]
 */
export function lambda<Out extends Tensors>(
  fn: (x: Tensor, args: CallArgs) => Out,
  args?: Omit<LambdaArgs, 'function'>,
): Lambda<Out>;
export function lambda(fn: LambdaFunction | LambdaArgs, args?: Omit<LambdaArgs, 'function'>): Lambda;
export function lambda(fn: LambdaFunction | LambdaArgs, args?: Omit<LambdaArgs, 'function'>): Lambda {
  return make(Lambda, typeof fn === 'function' ? { ...args, function: fn } : fn);
}

/** Returns its input. */
export class Identity extends Rearranging {
  static override className = 'Identity';
  override supportsMasking = true;

  override get takesOne(): boolean {
    return false;
  }

  call(x: Tensors): Tensors {
    return x;
  }
}

/**
 * Returns its input: a named place in a model.
 * @throws ArgumentError for unknown settings
 * @example
 * sg.layers.identity().apply(sg.tensor([[1, 2]])).arraySync(); // [[1, 2]]
 */
export const identity = (args?: LayerArgs): Identity => make(Identity, args);

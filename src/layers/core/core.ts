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

/** The last dimension, which weights depend on. @throws ShapeError if it is not known */
export function channelsOf(shape: PartialShape, where: string): number {
  const channels = shape[shape.length - 1];
  if (typeof channels !== 'number')
    throw new ShapeError(`${where}: the last dimension of the input must be known, got ${showShape(shape)}`);
  return channels;
}

export interface DenseArgs extends KernelArgs {
  /** Size of the output. */
  units: number;
  /** Size of the input, for the first layer of a model: the same as `inputShape: [inputDim]`. */
  inputDim?: number | null;
}

/** y = activation(x · kernel + bias); x: [..., n], kernel: [n, units], y: [..., units]. */
export class Dense extends KernelLayer {
  static override className = 'Dense';

  static override accepts(): is.Table {
    return { units: is.required(is.count()), inputDim: is.count(), ...KernelLayer.accepts() };
  }

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
 * Fully connected: y = activation(x · kernel + bias). [..., n] -> [..., units]
 * @throws ArgumentError for units that are no whole number >= 1, or an unknown activation or initializer
 * @example
 * sg.layers.dense({ units: 10, activation: 'softmax' }).apply(sg.ones([32, 784])).shape; // [32, 10]
 */
export const dense = (args: DenseArgs): Dense => make(Dense, args);

const product = (shape: PartialShape): number | null =>
  shape.reduce<number | null>((a, b) => (a === null || b === null ? null : a * b), 1);

/** Layers that only move elements: their type stays. */
abstract class Rearranging extends Layer {
  override get takesOne(): boolean {
    return true;
  }

  protected override outputType([x]: readonly SymbolicTensor[]): DType {
    return (x as SymbolicTensor).dtype;
  }
}

export interface FlattenArgs extends LayerArgs {
  /** 'channelsFirst': the channels become the last dimension before. */
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

/** [batch, ...] -> [batch, product of the rest] */
export const flatten = (args?: FlattenArgs): Flatten => make(Flatten, args);

export interface ReshapeArgs extends LayerArgs {
  /** Shape of one example; one dimension may be -1 or null; a number stands for one dimension. */
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

/** [batch, ...] -> [batch, ...targetShape]; one dimension may be -1. @throws ShapeError if the elements do not fit */
export const reshape = (args: ReshapeArgs): Reshape => make(Reshape, args);

export interface PermuteArgs extends LayerArgs {
  /** Which dimensions of the input stand where, counted from 1: the batch stays. */
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
 * Reorders the dimensions of examples, which are counted from 1. @throws ArgumentError unless dims is an order of them
 * @example
 * sg.layers.permute({ dims: [2, 1] }); // [batch, a, b] -> [batch, b, a]
 */
export const permute = (args: PermuteArgs): Permute => make(Permute, args);

export interface RepeatVectorArgs extends LayerArgs {
  /** How often. */
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

/** [batch, features] -> [batch, n, features] @throws ArgumentError unless n is a whole number >= 1 */
export const repeatVector = (args: RepeatVectorArgs): RepeatVector => make(RepeatVector, args);

export interface MaskingArgs extends LayerArgs {
  /** Default 0. */
  maskValue?: number;
}

/** Masks steps whose features all are maskValue, and makes them 0. [batch, time, features], which stays */
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

/** Masks steps whose features all are `maskValue` (0 by default); the shape, [batch, time, features], stays. */
export const masking = (args?: MaskingArgs): Masking => make(Masking, args);

/** What a lambda layer computes: of one tensor or a list of them. */
export type LambdaFunction = (x: never, args: CallArgs) => Tensors;

export interface LambdaArgs extends LayerArgs {
  /** A function, or the name that `sg.serialization.registerClass` knows it by. */
  function: LambdaFunction | string;
  /** Shape of one example of the result; found by tracing by default. */
  outputShape?: PartialShape;
}

/** A function as a layer, without weights. */
export class Lambda extends Layer {
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

  call(x: Tensors, args?: CallArgs | null): Tensors {
    return this.#fn(x as never, args ?? {});
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
 * A function as a layer. What `fn` gets are tensors, or a list of them, and what else the layer is called with. For
 * models that are saved it has to be known by `sg.serialization.registerClass`.
 * @throws ArgumentError without a function
 * @example
 * sg.layers.lambda((x) => x.square().sum(-1)).apply(sg.tensor([[1, 2]])).arraySync(); // [5]
 */
export function lambda(fn: (x: Tensor, args: CallArgs) => Tensors, args?: Omit<LambdaArgs, 'function'>): Lambda;
export function lambda(fn: LambdaFunction | LambdaArgs, args?: Omit<LambdaArgs, 'function'>): Lambda;
export function lambda(fn: LambdaFunction | LambdaArgs, args?: Omit<LambdaArgs, 'function'>): Lambda {
  return make(Lambda, typeof fn === 'function' ? { ...args, function: fn } : fn);
}

/** Passes its input on. */
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

/** Passes its input on. */
export const identity = (args?: LayerArgs): Identity => make(Identity, args);

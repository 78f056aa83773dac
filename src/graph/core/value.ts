/** What flows along the edges of a graph: tensors, and what is known before any program runs. */
import { fill, tensor } from '../../ops/create/creation';
import { ArgumentError, DTypeError, FormatError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import { type Shape, showShape, sizeOf } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';

/** Numbers known on the host: shapes, axes, indices, and what is computed of them. Operators on them need no tensor. */
export class HostArray {
  constructor(
    readonly data: ArrayLike<number>,
    readonly shape: Shape,
    readonly dtype: DType,
    /** The integers themselves, if one of them is beyond what a number holds exactly; `data` has the nearest numbers. */
    readonly exact?: readonly bigint[],
  ) {}

  /** A tensor of the numbers. @throws ArgumentError for integers beyond int32 */
  tensor(): Tensor {
    const { data, shape, dtype } = this;
    if (dtype === 'int32' && !(data instanceof Int32Array)) checkInt32(this);
    // A number alone becomes part of the command that takes it.
    if (shape.length === 0) return fill([], data[0] as number, dtype);
    return tensor(data instanceof Int32Array ? data : Float64Array.from(data), [...shape], dtype);
  }
}

function checkInt32({ data, exact }: HostArray): void {
  for (let i = 0; i < data.length; i++)
    if (data[i] !== ((data[i] as number) | 0))
      throw new ArgumentError(`${exact?.[i] ?? data[i]} does not fit int32, in which tensors hold integers`);
}

/** Strings, which are on the host only. */
export class Texts {
  readonly dtype = 'string';
  constructor(
    readonly data: readonly string[],
    readonly shape: Shape,
  ) {}
}

/** Tensors in a list, as loops fill it; each change makes another list. T: tensors, or what stands for them. */
export class ValueList<T = Tensor> {
  constructor(
    readonly items: readonly (Value<T> | undefined)[],
    /** Of the items; null is unknown. */
    readonly shape: readonly (number | null)[] | null,
    readonly dtype: DType,
  ) {}
}

/** Numbers with an imaginary part. */
export class Complex<T = Tensor> {
  constructor(
    readonly real: T,
    readonly imag: T,
  ) {}
}

/** What stands for something that the model keeps from node to node: a hash table. */
export class Resource {
  constructor(readonly name: string) {}
}

/** What a branch that is not taken computes. */
export class Dead {
  static readonly value = new Dead();
  readonly isDead = true;
}

export type Value<T = Tensor> = T | HostArray | Texts | ValueList<T> | Complex<T> | Resource | Dead;

export const host = (data: ArrayLike<number>, shape: Shape, dtype: DType = 'int32'): HostArray =>
  new HostArray(data, shape, dtype);

/** One number. */
export const hostScalar = (value: number, dtype: DType = 'int32'): HostArray => new HostArray([value], [], dtype);

/** Integers in a list. */
export const hostList = (values: readonly number[]): HostArray => new HostArray(values, [values.length], 'int32');

/** Elements that are computed on the host at most. */
export const HOST_ELEMENTS = 4096;

/** The value with other tensors, or with something in their place. */
export function mapTensors<A extends object, B>(value: Value<A>, f: (tensor: A) => B): Value<B> {
  if (value instanceof ValueList)
    return new ValueList<B>(
      value.items.map((item) => (item === undefined ? undefined : mapTensors(item as Value<A>, f))),
      value.shape,
      value.dtype,
    );
  if (value instanceof Complex) return new Complex<B>(f(value.real as A), f(value.imag as A));
  const isKnown =
    value instanceof HostArray || value instanceof Texts || value instanceof Resource || value instanceof Dead;
  return isKnown ? value : f(value as A);
}

/** Calls `f` with each tensor in a value. */
export function eachTensor(value: Value | undefined, f: (tensor: Tensor) => void): void {
  if (value instanceof Tensor) f(value);
  else if (value instanceof ValueList) for (const item of value.items) eachTensor(item as Value | undefined, f);
  else if (value instanceof Complex) {
    f(value.real as Tensor);
    f(value.imag as Tensor);
  }
}

/** A value in words, for errors. */
export function showValue(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  if (value instanceof ValueList) return `a list of ${value.items.length} values`;
  if (value instanceof Resource) return `the table ${value.name}`;
  if (value instanceof Dead) return 'the result of a branch that is not taken';
  if (value instanceof Complex) return `complex numbers ${showShape((value.real as Tensor).shape)}`;
  return `${value.dtype} ${showShape(value.shape)}`;
}

/** Shape of a tensor, known or not. @throws FormatError for values that have none */
export function shapeOf(value: Value | undefined, where: string): Shape {
  if (value instanceof Tensor || value instanceof HostArray || value instanceof Texts) return value.shape;
  if (value instanceof Complex) return (value.real as Tensor).shape;
  throw new FormatError(`${where}: needs a tensor, got ${showValue(value)}`);
}

/** @throws FormatError unless the elements fill the shape */
export function checkFilled(data: ArrayLike<unknown>, shape: Shape, where: string): void {
  if (data.length !== sizeOf(shape))
    throw new FormatError(`${where}: ${data.length} elements do not fill ${showShape(shape)}`);
}

const DTYPES: Readonly<Record<string, DType>> = { float32: 'float32', int32: 'int32', bool: 'bool' };

/** An element type of tensors. @throws DTypeError for what tensors do not have */
export function tensorType(name: string, where: string): DType {
  const dtype = Object.hasOwn(DTYPES, name) ? DTYPES[name] : undefined;
  if (dtype) return dtype;
  throw new DTypeError(`${where}: has elements of type ${name}, which tensors do not hold`);
}

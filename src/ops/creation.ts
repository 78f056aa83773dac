/** Tensors from numbers. */
import { engine } from '../runtime/engine';
import { ArgumentError, DTypeError, ShapeError } from '../runtime/errors';
import { checkDType, type DType } from '../tensor/dtype';
import { tidy } from '../tensor/scope';
import { checkShape, inferShape, type Shape, showShape, sizeOf } from '../tensor/shape';
import { allocate, Tensor } from '../tensor/tensor';
import { apply } from './dispatch';

export type TypedArray = Float32Array | Int32Array | Uint8Array | Float64Array | Uint8ClampedArray;
/** A number or boolean, nested arrays of them, or a typed array. */
export type NestedArray = number | boolean | readonly NestedArray[];
export type ArrayLike2 = NestedArray | TypedArray;
/** What ops accept as an operand: a tensor, or anything that becomes one. */
export type TensorLike = Tensor | ArrayLike2 | readonly TypedArray[];

const isTyped = (v: unknown): v is TypedArray => ArrayBuffer.isView(v) && !(v instanceof DataView);

/** Lengths along the first element of each level. */
function nestedShape(values: TensorLike): number[] {
  const shape: number[] = [];
  let at: unknown = values;
  while (Array.isArray(at) || isTyped(at)) {
    shape.push(at.length);
    at = at[0];
  }
  return shape;
}

/** Writes the leaves row-major. @throws ShapeError where a level is longer or shorter than its neighbours, DTypeError */
function flatten(
  values: unknown,
  shape: Shape,
  depth: number,
  out: { [i: number]: number },
  at: number,
  where: string,
): number {
  if (depth === shape.length) {
    if (typeof values === 'string')
      throw new DTypeError(`${where}: texts are no numbers; sg.preprocessing has encoders and a vectorizer for them`);
    if (typeof values !== 'number' && typeof values !== 'boolean') {
      throw new ShapeError(
        `${where}: the nested arrays are ragged: expected a number at depth ${depth} of shape ${showShape(shape)}`,
      );
    }
    out[at] = Number(values);
    return at + 1;
  }
  const length = (values as { length?: number }).length ?? -1;
  if (length !== shape[depth] || !(Array.isArray(values) || isTyped(values))) {
    throw new ShapeError(
      `${where}: the nested arrays are ragged: expected ${shape[depth]} elements at depth ${depth}, got ${length < 0 ? typeof values : length}`,
    );
  }
  for (let i = 0; i < length; i++) at = flatten((values as unknown[])[i], shape, depth + 1, out, at, where);
  return at;
}

const firstLeaf = (values: unknown): unknown => {
  let at = values;
  while (Array.isArray(at)) at = at[0];
  return at;
};

function inferDType(values: TensorLike): DType {
  const leaf = firstLeaf(values);
  if (leaf instanceof Int32Array || leaf instanceof Uint8Array || leaf instanceof Uint8ClampedArray) return 'int32';
  return typeof leaf === 'boolean' ? 'bool' : 'float32';
}

/** Elements of linear memory, as the type stores them. */
function elements(tensor: Tensor): Float32Array<ArrayBufferLike> | Int32Array<ArrayBufferLike> {
  const start = tensor.address() >>> 2;
  const { memory } = engine;
  return (tensor.dtype === 'float32' ? memory.f32 : memory.i32).subarray(start, start + tensor.size);
}

/**
 * A tensor of the given values. Numbers become float32 unless `dtype` says otherwise, booleans bool, integer typed
 * arrays int32.
 *
 * @param values a number, nested arrays of numbers, or a typed array (its elements are copied).
 * @param shape of the result; by default the nesting of `values`. One dimension may be -1.
 * @throws ShapeError for ragged arrays, or if `shape` does not hold as many elements; DTypeError
 * @example
 * sg.tensor([[1, 2], [3, 4]]).shape; // [2, 2]
 * sg.tensor(new Float32Array(6), [2, 3]);
 */
export function tensor(values: TensorLike, shape?: Shape, dtype?: DType): Tensor {
  if (values instanceof Tensor) return values.alias();
  const type = checkDType(dtype ?? inferDType(values), 'tensor');
  const nested = nestedShape(values);
  const given = shape ? inferShape(shape, sizeOf(nested), 'tensor') : nested;
  checkShape(given, 'tensor');
  const out = allocate(given, type);
  try {
    const target = elements(out);
    if (isTyped(values) && type !== 'bool') target.set(values);
    else flatten(values, nested, 0, target, 0, 'tensor');
    if (type === 'bool') for (let i = 0; i < target.length; i++) target[i] = target[i] ? 1 : 0;
  } catch (error) {
    out.dispose();
    throw error;
  }
  return out;
}

function ranked(rank: number, values: TensorLike, shape: Shape | undefined, dtype: DType | undefined): Tensor {
  const nested = values instanceof Tensor ? values.shape : nestedShape(values);
  if ((shape ?? nested).length !== rank || (nested.length !== rank && nested.length !== 1)) {
    throw new ShapeError(
      `tensor${rank}d: needs values of rank ${rank}, got ${showShape(shape ?? nested)}${shape ? '' : '; give the shape of flat values'}`,
    );
  }
  return tensor(values, shape, dtype);
}

/** A tensor of rank 0. @throws ShapeError for anything but one number or boolean */
export function scalar(value: number | boolean, dtype?: DType): Tensor {
  if (typeof value !== 'number' && typeof value !== 'boolean')
    throw new ShapeError('scalar: needs one number or boolean');
  return tensor(value, [], dtype);
}

/** `tensor` of rank 1. */
export const tensor1d = (values: TensorLike, dtype?: DType): Tensor => ranked(1, values, undefined, dtype);
/** `tensor` of rank 2; flat values need a shape. */
export const tensor2d = (values: TensorLike, shape?: Shape, dtype?: DType): Tensor => ranked(2, values, shape, dtype);
/** `tensor` of rank 3; flat values need a shape. */
export const tensor3d = (values: TensorLike, shape?: Shape, dtype?: DType): Tensor => ranked(3, values, shape, dtype);
/** `tensor` of rank 4; flat values need a shape. */
export const tensor4d = (values: TensorLike, shape?: Shape, dtype?: DType): Tensor => ranked(4, values, shape, dtype);
/** `tensor` of rank 5; flat values need a shape. */
export const tensor5d = (values: TensorLike, shape?: Shape, dtype?: DType): Tensor => ranked(5, values, shape, dtype);
/** `tensor` of rank 6; flat values need a shape. */
export const tensor6d = (values: TensorLike, shape?: Shape, dtype?: DType): Tensor => ranked(6, values, shape, dtype);

/** A tensor filled with one value; a boolean makes it bool, a number float32, unless `dtype` says otherwise. */
export function fill(shape: Shape, value: number | boolean, dtype?: DType): Tensor {
  checkShape(shape, 'fill');
  const type = checkDType(dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32'), 'fill');
  const element = type === 'bool' ? (value ? 1 : 0) : Number(value);
  return apply('fill', [], { shape: [...shape], value: element, dtype: type });
}

/** A tensor of zeros. */
export const zeros = (shape: Shape, dtype: DType = 'float32'): Tensor => fill(shape, 0, dtype);
/** A tensor of ones. */
export const ones = (shape: Shape, dtype: DType = 'float32'): Tensor => fill(shape, 1, dtype);
/** Zeros in the shape and type of another tensor. */
export const zerosLike = (x: TensorLike): Tensor => like(x, 0, 'zerosLike');
/** Ones in the shape and type of another tensor. */
export const onesLike = (x: TensorLike): Tensor => like(x, 1, 'onesLike');

function like(x: TensorLike, value: number, where: string): Tensor {
  const t = toTensor(x, where);
  const out = fill(t.shape, value, t.dtype);
  if (t !== x) t.dispose();
  return out;
}

/** An operand as a tensor: numbers and arrays become constants. @throws ArgumentError for anything else */
export function toTensor(x: TensorLike, where: string, argument = 'x'): Tensor {
  if (x instanceof Tensor) return x;
  if (typeof x === 'number') return fill([], x);
  if (typeof x === 'boolean' || Array.isArray(x) || isTyped(x)) return tensor(x);
  throw new ArgumentError(
    `${where}: ${argument} must be a tensor, a number or an array, got ${x === null ? 'null' : typeof x}`,
  );
}

/** Runs `fn` on an operand as a tensor; what had to be made for it goes again. */
export function withOperand<T>(x: TensorLike, where: string, fn: (t: Tensor) => T): T {
  return x instanceof Tensor ? fn(x) : tidy(() => fn(toTensor(x, where)));
}

/** `withOperand` for a list of operands. */
export function withOperands<T>(xs: readonly TensorLike[], where: string, fn: (ts: readonly Tensor[]) => T): T {
  const make = (): T => fn(xs.map((x, i) => toTensor(x, where, `tensors[${i}]`)));
  return xs.every((x) => x instanceof Tensor) ? make() : tidy(make);
}

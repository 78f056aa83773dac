/** Tensors from numbers. */

import { engine } from '../../runtime/engine';
import { checkList, checkNumber, show } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { checkDType, type DType, truthOf } from '../../tensor/dtype';
import { currentGraph } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { checkShape, inferShape, type Shape, sameShape, showShape, sizeOf } from '../../tensor/shape';
import { alive, allocate, Tensor, tensorOf } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { isTyped, nestedDType, nestedShape, type Origin, type TypedArray, writeNested } from '../core/nested';
import * as elementwise from '../descriptors/elementwise';
import * as movement from '../descriptors/movement';

export type { TypedArray };
/** A number or boolean, nested arrays of them, or a typed array. */
export type NestedArray = number | boolean | readonly NestedArray[];
/** What ops accept as an operand: a tensor, or anything that becomes one. */
export type TensorLike = Tensor | NestedArray | TypedArray | readonly TypedArray[];

/** Elements of linear memory, as the type stores them. */
function elements(tensor: Tensor): Float32Array<ArrayBufferLike> | Int32Array<ArrayBufferLike> {
  const start = tensor.address() >>> 2;
  const { memory } = engine;
  return (tensor.dtype === 'float32' ? memory.f32 : memory.i32).subarray(start, start + tensor.size);
}

/**
 * A tensor of the given values. Numbers become float32, booleans bool and integer typed arrays int32, unless `dtype`
 * is set.
 * @param values a number, nested arrays of numbers, or a typed array (its elements are copied).
 * @param shape of the result; by default the nesting of `values`. One dimension may be -1. Nested values have to agree
 * with it, flat ones only have to fill it.
 * @throws ShapeError for ragged arrays, or if `shape` does not fit the values; DTypeError; ArgumentError for an element
 * that is not a number, with its position
 * @example
 * sg.tensor([[1, 2], [3, 4]]).shape; // [2, 2]
 * sg.tensor(new Float32Array(6), [2, 3]).shape; // [2, 3]
 */
export function tensor(values: TensorLike, shape?: Shape | null, dtype?: DType | null): Tensor {
  return tensorFrom(values, shape, dtype, VALUES);
}

const VALUES: Origin = { where: 'tensor', argument: 'values' };

/** `tensor`, with names for its errors. */
function tensorFrom(
  values: unknown,
  shape: Shape | null | undefined,
  dtype: DType | null | undefined,
  origin: Origin,
): Tensor {
  const { where, argument } = origin;
  if (values instanceof Tensor) return recast(alive(values, where), shape, dtype, where);
  checkValues(values, where, argument);
  const nested = nestedShape(values, origin);
  const type = checkDType(dtype, where, nestedDType(values));
  const given = shape ? fitting(shape, nested, where) : nested;
  const out = allocate(given, type);
  try {
    const target = elements(out);
    if (type === 'bool') {
      const numbers = new Float64Array(out.size);
      writeNested(values, nested, numbers, origin);
      for (let i = 0; i < target.length; i++) target[i] = truthOf(numbers[i] as number);
    } else if (isTyped(values)) target.set(values);
    else writeNested(values, nested, target, origin);
  } catch (error) {
    out.dispose();
    throw error;
  }
  return out;
}

/** Another handle to a tensor, in another shape and type if they are given. */
function recast(x: Tensor, shape: Shape | null | undefined, dtype: DType | null | undefined, where: string): Tensor {
  const type = checkDType(dtype, where, x.dtype);
  const to = shape ? fitting(shape, x.shape, where) : x.shape;
  return tidy(() => {
    const y = type === x.dtype ? x : apply(elementwise.cast, [x], { dtype: type });
    return sameShape(to, x.shape) ? y.alias() : apply(movement.reshape, [y], { shape: to });
  });
}

/** The shape that was given for values. @throws ShapeError unless they fill it and agree with it as far as they are nested */
function fitting(shape: Shape, nested: Shape, where: string): Shape {
  const given = inferShape(shape, sizeOf(nested), where);
  const last = nested.length - 1;
  const fits = nested.every((d, i) => d === (i < last ? given[i] : sizeOf(given.slice(i))));
  if (!fits && last > 0)
    throw new ShapeError(
      `${where}: values of shape ${showShape(nested)} do not fit the shape ${showShape(given)}; give them flat, or reshape the tensor`,
    );
  return given;
}

/** @throws ArgumentError unless a value can become a tensor */
function checkValues(values: unknown, where: string, argument: string): asserts values is NestedArray | TypedArray {
  if (typeof values === 'number' || typeof values === 'boolean' || Array.isArray(values)) return;
  if (isTyped(values)) {
    if (typeof values[0] === 'bigint' || /^Big/.test(values[Symbol.toStringTag]))
      throw new DTypeError(`${where}: ${argument} holds BigInts; Float64Array.from(x, Number) makes them numbers`);
    return;
  }
  throw new ArgumentError(`${where}: ${argument} must be a tensor, a number or an array, got ${show(values)}`);
}

function ranked(
  rank: number,
  values: TensorLike,
  shape: Shape | null | undefined,
  dtype: DType | null | undefined,
): Tensor {
  const origin: Origin = { where: `tensor${rank}d`, argument: 'values' };
  const { where } = origin;
  if (!(values instanceof Tensor)) checkValues(values, where, 'values');
  const nested = values instanceof Tensor ? values.shape : nestedShape(values, origin);
  if (shape !== undefined && shape !== null) checkShape(shape, where, 'shape', -1);
  if ((shape ?? nested).length !== rank || (nested.length !== rank && nested.length !== 1)) {
    throw new ShapeError(
      `${where}: needs values of rank ${rank}, got ${showShape(shape ?? nested)}${shape ? '' : '; give the shape of flat values'}`,
    );
  }
  return tensorFrom(values, shape, dtype, origin);
}

/**
 * A tensor of rank 0, shape [].
 * @param dtype default 'float32' for a number, 'bool' for a boolean.
 * @throws ShapeError for anything but one number or boolean; DTypeError
 * @example
 * sg.scalar(3).arraySync(); // 3
 */
export function scalar(value: number | boolean, dtype?: DType | null): Tensor {
  if (typeof value !== 'number' && typeof value !== 'boolean')
    throw new ShapeError(`scalar: needs one number or boolean, got ${show(value)}`);
  return tensorFrom(value, [], dtype, { where: 'scalar', argument: 'value' });
}

/**
 * `tensor` of rank 1.
 * @param dtype default: as for `tensor`.
 * @throws ShapeError for values of another rank; DTypeError, ArgumentError
 * @example
 * sg.tensor1d([1, 2, 3]).shape; // [3]
 */
export const tensor1d = (values: TensorLike, dtype?: DType | null): Tensor => ranked(1, values, undefined, dtype);

/**
 * `tensor` of rank 2; flat values need a shape.
 * @param dtype default: as for `tensor`.
 * @throws ShapeError for values of another rank, or if `shape` does not fit them; DTypeError, ArgumentError
 * @example
 * sg.tensor2d([1, 2, 3, 4], [2, 2]).arraySync(); // [[1, 2], [3, 4]]
 */
export const tensor2d = (values: TensorLike, shape?: Shape | null, dtype?: DType | null): Tensor =>
  ranked(2, values, shape, dtype);

/**
 * `tensor` of rank 3; flat values need a shape.
 * @param dtype default: as for `tensor`.
 * @throws ShapeError for values of another rank, or if `shape` does not fit them; DTypeError, ArgumentError
 * @example
 * sg.tensor3d([1, 2, 3, 4], [1, 2, 2]).arraySync(); // [[[1, 2], [3, 4]]]
 */
export const tensor3d = (values: TensorLike, shape?: Shape | null, dtype?: DType | null): Tensor =>
  ranked(3, values, shape, dtype);

/**
 * `tensor` of rank 4; flat values need a shape.
 * @param dtype default: as for `tensor`.
 * @throws ShapeError for values of another rank, or if `shape` does not fit them; DTypeError, ArgumentError
 * @example
 * sg.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]).shape; // [1, 2, 2, 1]
 */
export const tensor4d = (values: TensorLike, shape?: Shape | null, dtype?: DType | null): Tensor =>
  ranked(4, values, shape, dtype);

/**
 * `tensor` of rank 5; flat values need a shape.
 * @param dtype default: as for `tensor`.
 * @throws ShapeError for values of another rank, or if `shape` does not fit them; DTypeError, ArgumentError
 * @example
 * sg.tensor5d([1, 2, 3, 4], [1, 1, 2, 2, 1]).shape; // [1, 1, 2, 2, 1]
 */
export const tensor5d = (values: TensorLike, shape?: Shape | null, dtype?: DType | null): Tensor =>
  ranked(5, values, shape, dtype);

/**
 * `tensor` of rank 6; flat values need a shape.
 * @param dtype default: as for `tensor`.
 * @throws ShapeError for values of another rank, or if `shape` does not fit them; DTypeError, ArgumentError
 * @example
 * sg.tensor6d([1, 2, 3, 4], [1, 1, 1, 2, 2, 1]).shape; // [1, 1, 1, 2, 2, 1]
 */
export const tensor6d = (values: TensorLike, shape?: Shape | null, dtype?: DType | null): Tensor =>
  ranked(6, values, shape, dtype);

/**
 * A tensor of the given shape, filled with one value.
 * @param dtype default 'bool' for a boolean, 'float32' for a number.
 * @throws ShapeError, DTypeError
 * @example
 * sg.fill([2], 7).dataSync(); // [7, 7]
 */
export function fill(shape: Shape, value: number | boolean, dtype?: DType | null): Tensor {
  return filled(shape, value, dtype, 'fill');
}

function filled(shape: Shape, value: number | boolean, dtype: DType | null | undefined, where: string): Tensor {
  checkShape(shape, where);
  const type = checkDType(dtype, where, typeof value === 'boolean' ? 'bool' : 'float32');
  const number = typeof value === 'boolean' ? Number(value) : checkNumber(value, where, 'value');
  const element = type === 'bool' ? truthOf(number) : number;
  const graph = shape.length === 0 ? currentGraph() : undefined;
  // Numbers differ from call to call: in a trace that runs immediately they are data, not part of its form.
  if (graph?.present) {
    const node = graph.constant(graph.present.scalar(element, type), { shape: [], dtype: type });
    return tensorOf(node);
  }
  return apply(movement.fill, [], { shape: [...shape], value: element, dtype: type });
}

/**
 * A tensor of zeros of the given shape.
 * @param dtype default 'float32'.
 * @throws ShapeError, DTypeError
 * @example
 * sg.zeros([2]).dataSync(); // [0, 0]
 */
export const zeros = (shape: Shape, dtype?: DType | null): Tensor => filled(shape, 0, dtype, 'zeros');

/**
 * A tensor of ones of the given shape.
 * @param dtype default 'float32'.
 * @throws ShapeError, DTypeError
 * @example
 * sg.ones([2]).dataSync(); // [1, 1]
 */
export const ones = (shape: Shape, dtype?: DType | null): Tensor => filled(shape, 1, dtype, 'ones');

/**
 * Zeros in the shape and type of another tensor.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.zerosLike([[1, 2]]).arraySync(); // [[0, 0]]
 */
export const zerosLike = (x: TensorLike): Tensor => like(x, 0, 'zerosLike');

/**
 * Ones in the shape and type of another tensor.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.onesLike([[1, 2]]).arraySync(); // [[1, 1]]
 */
export const onesLike = (x: TensorLike): Tensor => like(x, 1, 'onesLike');

function like(x: TensorLike, value: number, where: string): Tensor {
  const t = toTensor(x, where);
  const out = fill(t.shape, value, t.dtype);
  if (t !== x) t.dispose();
  return out;
}

/** An operand as a tensor: numbers and arrays become constants. @throws ArgumentError for anything else, DisposedError */
export function toTensor(x: TensorLike, where: string, argument = 'x'): Tensor {
  if (x instanceof Tensor) return alive(x, where);
  if (typeof x === 'number') return fill([], x);
  return tensorFrom(x, undefined, undefined, { where, argument });
}

/** Runs `fn` on an operand as a tensor; a tensor that is made for it is disposed of afterwards. */
export function withOperand<T>(x: TensorLike, where: string, fn: (t: Tensor) => T, argument = 'x'): T {
  return x instanceof Tensor ? fn(alive(x, where)) : tidy(() => fn(toTensor(x, where, argument)));
}

/** `withOperand` for a list of operands. */
export function withOperands<T>(
  xs: readonly TensorLike[],
  where: string,
  fn: (ts: readonly Tensor[]) => T,
  argument = 'tensors',
): T {
  const list = checkList(xs, where, argument, 'tensors') as readonly TensorLike[];
  const make = (): T => fn(Array.from(list, (x, i) => toTensor(x, where, `${argument}[${i}]`)));
  return list.every((x) => x instanceof Tensor) ? make() : tidy(make);
}

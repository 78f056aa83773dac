/** Nested and typed arrays. */
import { DTypeError, ShapeError } from '../../support/errors';
import { checkDType, type DType, type TypedArrayOf, truthOf } from '../../tensor/dtype';
import { showShape, sizeOf } from '../../tensor/shape';
import { isPromise, isTypedArray } from './checks';

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** A value, or arrays of them to any depth; typed arrays count as arrays of numbers. */
export type RecursiveArray<T> = T | readonly RecursiveArray<T>[] | ArrayBufferView | { readonly [index: number]: T };

/**
 * All leaves of nested arrays in one array.
 * @param result array to which they are appended; a new one by default.
 * @param skipTypedArray whether typed arrays count as leaves; default false.
 * @example
 * sg.util.flatten([[1, 2], [[3]]]); // [1, 2, 3]
 */
export function flatten<T>(arr: RecursiveArray<T>, result: T[] = [], skipTypedArray = false): T[] {
  const out = result ?? [];
  const isLeaf = typeof arr !== 'object' || arr === null || isPromise(arr) || (isTypedArray(arr) && skipTypedArray);
  if (isLeaf) {
    out.push(arr as T);
    return out;
  }
  // An object with integers as keys is read like an array.
  const list = arr as { readonly [index: number]: RecursiveArray<T>; length?: number };
  const keys = Object.keys(list).filter((key) => /^(0|[1-9]\d*)$/.test(key));
  const length = list.length ?? keys.reduce((most, key) => Math.max(most, Number(key) + 1), 0);
  for (let i = 0; i < length; i++) flatten(list[i] as RecursiveArray<T>, out, skipTypedArray);
  return out;
}

/** Nested arrays of a shape. */
export type NestedNumbers = number | NestedNumbers[];

/**
 * Nested arrays of the given shape, from elements in row-major order.
 * @throws ShapeError if they do not fill the shape
 * @example
 * sg.util.toNestedArray([2, 2], [1, 2, 3, 4]); // [[1, 2], [3, 4]]
 */
export function toNestedArray(shape: readonly number[], a: ArrayLike<number>): NestedNumbers {
  if (shape.length === 0) return a[0] as number;
  const size = sizeOf(shape);
  if (size === 0) return [];
  if (size !== a.length)
    throw new ShapeError(`toNestedArray: ${a.length} elements do not fill the shape ${showShape(shape)}`);
  const nest = (depth: number, start: number, step: number): NestedNumbers => {
    if (depth === shape.length) return a[start] as number;
    const length = shape[depth] as number;
    return Array.from({ length }, (_, i) => nest(depth + 1, start + i * (step / length), step / length));
  };
  return nest(0, 0, size);
}

/**
 * A typed array of zeros for an element type.
 * @param dtype default 'float32'.
 * @throws DTypeError for an unknown type
 * @example
 * sg.util.makeZerosTypedArray(2, 'int32'); // [0, 0]
 */
export function makeZerosTypedArray<D extends DType = 'float32'>(size: number, dtype?: D | null): TypedArrayOf[D] {
  return new ARRAYS[checkDType(dtype ?? 'float32', 'makeZerosTypedArray')](size) as TypedArrayOf[D];
}

/**
 * A typed array of ones for an element type.
 * @param dtype default 'float32'.
 * @throws DTypeError for an unknown type
 * @example
 * sg.util.makeOnesTypedArray(2); // [1, 1]
 */
export const makeOnesTypedArray = <D extends DType = 'float32'>(size: number, dtype?: D | null): TypedArrayOf[D] =>
  makeZerosTypedArray(size, dtype).fill(1) as TypedArrayOf[D];

/**
 * Nested arrays of zeros.
 * @param dtype default 'float32'.
 * @throws DTypeError for an unknown type
 * @example
 * sg.util.makeZerosNestedTypedArray([1, 2], 'int32'); // [[0, 0]]
 */
export const makeZerosNestedTypedArray = (shape: readonly number[], dtype?: DType | null): NestedNumbers =>
  toNestedArray(shape, makeZerosTypedArray(sizeOf(shape), dtype));

/**
 * A typed array of zeros for an element type.
 * @throws DTypeError for an unknown type
 * @example
 * sg.util.getTypedArrayFromDType('bool', 2); // [0, 0]
 */
export const getTypedArrayFromDType = <D extends DType>(dtype: D, size: number): TypedArrayOf[D] =>
  makeZerosTypedArray(size, dtype);

/**
 * The same as `getTypedArrayFromDType`.
 * @throws DTypeError for an unknown type
 * @example
 * sg.util.getArrayFromDType('int32', 2); // [0, 0]
 */
export const getArrayFromDType = getTypedArrayFromDType;

/**
 * Numbers or booleans, nested or not, as the typed array of an element type.
 * @throws DTypeError for an unknown type
 * @example
 * sg.util.toTypedArray([[1, 2], [3, 4]], 'float32'); // [1, 2, 3, 4]
 */
export function toTypedArray<D extends DType>(a: RecursiveArray<number | boolean>, dtype: D): TypedArrayOf[D] {
  const type = ARRAYS[checkDType(dtype, 'toTypedArray')];
  if (a instanceof type) return a as TypedArrayOf[D];
  const values = flatten<unknown>(a);
  const text = values.find((value) => typeof value === 'string');
  if (text !== undefined) throw new DTypeError(`toTypedArray: strings are not numbers, got '${text}'`);
  return type.from(
    values.map((value) => (dtype === 'bool' ? truthOf(Number(value)) : Number(value))),
  ) as TypedArrayOf[D];
}

/**
 * Bytes of one element in a typed array, and in a tensor of TensorFlow.js; samegrad itself stores a bool in four.
 * @throws DTypeError for an unknown type
 * @example
 * sg.util.bytesPerElement('int32'); // 4
 */
export const bytesPerElement = (dtype: DType): number => (checkDType(dtype, 'bytesPerElement') === 'bool' ? 1 : 4);

/**
 * Whether a name is that of an element type.
 * @example
 * sg.util.isValidDtype('float64'); // false
 */
export const isValidDtype = (dtype: string): dtype is DType => Object.hasOwn(ARRAYS, dtype);

/**
 * Whether values may change when they are converted from one element type to another.
 * @example
 * sg.util.hasEncodingLoss('float32', 'int32'); // true
 */
export function hasEncodingLoss(oldType: DType, newType: DType): boolean {
  const range = { bool: 0, int32: 1, float32: 2 };
  return range[newType] < range[oldType];
}

/**
 * The element type of values for which none is set.
 * @example
 * sg.util.inferDtype([true]); // 'bool'
 */
export function inferDtype(values: unknown): DType | 'string' {
  let leaf = values;
  while (Array.isArray(leaf)) leaf = leaf[0];
  if (leaf instanceof Float32Array) return 'float32';
  if (leaf instanceof Int32Array || leaf instanceof Uint8Array || leaf instanceof Uint8ClampedArray) return 'int32';
  if (typeof leaf === 'string') return 'string';
  return typeof leaf === 'boolean' ? 'bool' : 'float32';
}

/**
 * A string as bytes in UTF-8.
 * @example
 * sg.util.encodeString('é'); // [195, 169]
 */
export const encodeString = (s: string): Uint8Array => new TextEncoder().encode(s);

/**
 * A string from bytes.
 * @param encoding one that `TextDecoder` knows; default 'utf-8'.
 * @throws RangeError for an unknown encoding
 * @example
 * sg.util.decodeString(new Uint8Array([195, 169])); // 'é'
 */
export const decodeString = (bytes: Uint8Array, encoding = 'utf-8'): string => new TextDecoder(encoding).decode(bytes);

/**
 * Number of bytes in a list of encoded strings.
 * @example
 * sg.util.bytesFromStringArray([new Uint8Array(3), new Uint8Array(2)]); // 5
 */
export const bytesFromStringArray = (arr: readonly Uint8Array[] | null | undefined): number =>
  (arr ?? []).reduce((sum, bytes) => sum + bytes.length, 0);

/** Nested and typed arrays. */
import { DTypeError, ShapeError } from '../../support/errors';
import { checkDType, type DType, type TypedArrayOf, truthOf } from '../../tensor/dtype';
import { showShape, sizeOf } from '../../tensor/shape';
import { isPromise, isTypedArray } from './checks';

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** A value, or arrays of them to any depth; typed arrays count as arrays of numbers. */
export type RecursiveArray<T> = T | readonly RecursiveArray<T>[] | ArrayBufferView | { readonly [index: number]: T };

/**
 * The leaves of nested arrays in one array.
 * @param result what they are appended to; a new array by default.
 * @param skipTypedArray whether typed arrays count as leaves.
 */
export function flatten<T>(arr: RecursiveArray<T>, result: T[] = [], skipTypedArray = false): T[] {
  const out = result ?? [];
  const isLeaf = typeof arr !== 'object' || arr === null || isPromise(arr) || (isTypedArray(arr) && skipTypedArray);
  if (isLeaf) {
    out.push(arr as T);
    return out;
  }
  // An object with whole numbers as keys is read like an array.
  const list = arr as { readonly [index: number]: RecursiveArray<T>; length?: number };
  const keys = Object.keys(list).filter((key) => /^(0|[1-9]\d*)$/.test(key));
  const length = list.length ?? keys.reduce((most, key) => Math.max(most, Number(key) + 1), 0);
  for (let i = 0; i < length; i++) flatten(list[i] as RecursiveArray<T>, out, skipTypedArray);
  return out;
}

/** Nested arrays of a shape. */
export type NestedNumbers = number | NestedNumbers[];

/** Elements in row-major order as nested arrays. @throws ShapeError if they do not fill the shape */
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

/** A typed array of zeros for an element type; float32 by default. @throws DTypeError */
export function makeZerosTypedArray<D extends DType = 'float32'>(size: number, dtype?: D | null): TypedArrayOf[D] {
  return new ARRAYS[checkDType(dtype ?? 'float32', 'makeZerosTypedArray')](size) as TypedArrayOf[D];
}

/** A typed array of ones for an element type; float32 by default. @throws DTypeError */
export const makeOnesTypedArray = <D extends DType = 'float32'>(size: number, dtype?: D | null): TypedArrayOf[D] =>
  makeZerosTypedArray(size, dtype).fill(1) as TypedArrayOf[D];

/** Nested arrays of zeros. @throws DTypeError */
export const makeZerosNestedTypedArray = (shape: readonly number[], dtype?: DType | null): NestedNumbers =>
  toNestedArray(shape, makeZerosTypedArray(sizeOf(shape), dtype));

/** A typed array for an element type, filled with zeros. @throws DTypeError */
export const getTypedArrayFromDType = <D extends DType>(dtype: D, size: number): TypedArrayOf[D] =>
  makeZerosTypedArray(size, dtype);

/** `getTypedArrayFromDType`. */
export const getArrayFromDType = getTypedArrayFromDType;

/** Numbers or booleans, nested or not, as the typed array of an element type. @throws DTypeError */
export function toTypedArray<D extends DType>(a: RecursiveArray<number | boolean>, dtype: D): TypedArrayOf[D] {
  const type = ARRAYS[checkDType(dtype, 'toTypedArray')];
  if (a instanceof type) return a as TypedArrayOf[D];
  const values = flatten<unknown>(a);
  const text = values.find((value) => typeof value === 'string');
  if (text !== undefined) throw new DTypeError(`toTypedArray: texts are no numbers, got '${text}'`);
  return type.from(
    values.map((value) => (dtype === 'bool' ? truthOf(Number(value)) : Number(value))),
  ) as TypedArrayOf[D];
}

/** Bytes of one element in a typed array, and in a tensor of TensorFlow.js; samegrad itself keeps a bool in four. */
export const bytesPerElement = (dtype: DType): number => (checkDType(dtype, 'bytesPerElement') === 'bool' ? 1 : 4);

/** Whether a name is that of an element type. */
export const isValidDtype = (dtype: string): dtype is DType => Object.hasOwn(ARRAYS, dtype);

/** Whether values of one type may change when they are put into another. */
export function hasEncodingLoss(oldType: DType, newType: DType): boolean {
  const range = { bool: 0, int32: 1, float32: 2 };
  return range[newType] < range[oldType];
}

/** The element type that values get when none is given. */
export function inferDtype(values: unknown): DType | 'string' {
  let leaf = values;
  while (Array.isArray(leaf)) leaf = leaf[0];
  if (leaf instanceof Float32Array) return 'float32';
  if (leaf instanceof Int32Array || leaf instanceof Uint8Array || leaf instanceof Uint8ClampedArray) return 'int32';
  if (typeof leaf === 'string') return 'string';
  return typeof leaf === 'boolean' ? 'bool' : 'float32';
}

/** A text in UTF-8. */
export const encodeString = (s: string): Uint8Array => new TextEncoder().encode(s);

/** Text of bytes in an encoding that `TextDecoder` knows; UTF-8 by default. */
export const decodeString = (bytes: Uint8Array, encoding = 'utf-8'): string => new TextDecoder(encoding).decode(bytes);

/** Bytes of a list of encoded texts. */
export const bytesFromStringArray = (arr: readonly Uint8Array[] | null | undefined): number =>
  (arr ?? []).reduce((sum, bytes) => sum + bytes.length, 0);

/** Assertions and questions about values. */
import { ArgumentError, ShapeError } from '../../support/errors';
import { sameShape, showShape } from '../../tensor/shape';

/**
 * Does nothing if `expr` is true.
 * @param msg text of the error, or a function that returns it, called only if needed.
 * @throws ArgumentError if `expr` is false
 * @example
 * const x = sg.ones([2, 3]);
 * sg.util.assert(x.rank === 2, () => `x must have rank 2, got ${x.rank}`);
 */
export function assert(expr: boolean, msg: (() => string) | string = 'assertion failed'): asserts expr {
  if (!expr) throw new ArgumentError(typeof msg === 'function' ? msg() : msg);
}

/**
 * Does nothing if both shapes are equal.
 * @param errorMessagePrefix default ''.
 * @throws ShapeError if they differ
 * @example
 * sg.util.assertShapesMatch([2, 3], [2, 3]);
 */
export function assertShapesMatch(shapeA: readonly number[], shapeB: readonly number[], errorMessagePrefix = ''): void {
  if (!sameShape(shapeA, shapeB))
    throw new ShapeError(
      `${errorMessagePrefix} shapes ${showShape(shapeA)} and ${showShape(shapeB)} must match`.trimStart(),
    );
}

/**
 * Does nothing unless the value is null or undefined.
 * @throws ArgumentError for null and undefined
 * @example
 * sg.util.assertNonNull(0);
 */
export function assertNonNull<T>(a: T): asserts a is NonNullable<T> {
  if (a === null || a === undefined) throw new ArgumentError(`the value must be neither null nor undefined, got ${a}`);
}

/**
 * Does nothing if all dimensions are non-negative integers.
 * @throws ShapeError if one is not
 * @example
 * sg.util.assertNonNegativeIntegerDimensions([2, 0]);
 */
export function assertNonNegativeIntegerDimensions(shape: readonly number[]): void {
  if (!shape.every((d) => isInt(d) && d >= 0))
    throw new ShapeError(`the dimensions of a shape must be non-negative integers, got [${String(shape)}]`);
}

/**
 * Whether a shape is that of a scalar: [].
 * @example
 * sg.util.isScalarShape([]); // true
 */
export const isScalarShape = (shape: readonly number[]): boolean => shape.length === 0;

/**
 * Whether a number is an integer.
 * @example
 * sg.util.isInt(1.5); // false
 */
export const isInt = (a: number): boolean => Number.isInteger(a);

/** Typed arrays that tensors can be made from. */
export type Typed =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/**
 * Whether a value is a typed array that tensors can be made from: not a DataView, and not of BigInts.
 * @example
 * sg.util.isTypedArray(new Float32Array(2)); // true
 */
export const isTypedArray = (a: unknown): a is Typed =>
  ArrayBuffer.isView(a) && !(a instanceof DataView) && !(a instanceof BigInt64Array) && !(a instanceof BigUint64Array);

/**
 * Whether a value is a string.
 * @example
 * sg.util.isString('a'); // true
 */
export const isString = (value: unknown): value is string => typeof value === 'string';

/**
 * Whether a value is true or false.
 * @example
 * sg.util.isBoolean(0); // false
 */
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

/**
 * Whether a value is a number.
 * @example
 * sg.util.isNumber(NaN); // true
 */
export const isNumber = (value: unknown): value is number => typeof value === 'number';

/**
 * Whether a value is a function.
 * @example
 * sg.util.isFunction(Math.abs); // true
 */
export const isFunction = (f: unknown): f is (...args: never[]) => unknown => typeof f === 'function';

/**
 * Whether a value can be awaited.
 * @example
 * sg.util.isPromise(Promise.resolve()); // true
 */
export const isPromise = (object: unknown): object is PromiseLike<unknown> =>
  isFunction((object as { then?: unknown } | null | undefined)?.then);

/**
 * Whether both arrays have the same elements in the same order.
 * @example
 * sg.util.arraysEqual([1, 2], [1, 2]); // true
 */
export function arraysEqual(n1: ArrayLike<unknown>, n2: ArrayLike<unknown>): boolean {
  if (n1 === n2) return true;
  if (!n1 || !n2 || n1.length !== n2.length) return false;
  for (let i = 0; i < n1.length; i++) if (n1[i] !== n2[i]) return false;
  return true;
}

/** The namespace `sg.test_util`: comparisons for tests. */
import { ArgumentError } from '../support/errors';
import { inferredShape } from './shapes';
import { arraysEqual, flatten, isTypedArray, type RecursiveArray } from './util/index';

/**
 * Greatest difference between two numbers that are close: 1e-3.
 * @example
 * sg.test_util.testEpsilon(); // 0.001
 */
export const testEpsilon = (): number => 1e-3;

const isClose = (a: unknown, b: unknown, epsilon: number): boolean => {
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isFinite(x) && !Number.isFinite(y)) return true;
  return Math.abs(x - y) <= epsilon;
};

const kindOf = (values: unknown): string =>
  (values as { constructor?: { name: string } })?.constructor?.name ?? 'nothing';

function compare(
  actual: RecursiveArray<number | boolean>,
  expected: RecursiveArray<number | boolean>,
  isSame: (a: unknown, b: unknown) => boolean,
): void {
  if (isTypedArray(actual) === isTypedArray(expected) && kindOf(actual) !== kindOf(expected))
    throw new ArgumentError(`Arrays are of different type: ${kindOf(actual)}, expected ${kindOf(expected)}`);
  if (Array.isArray(actual) && Array.isArray(expected)) {
    const [a, b] = [inferredShape(actual), inferredShape(expected)];
    if (!arraysEqual(a, b)) throw new ArgumentError(`Arrays have different shapes: [${a}], expected [${b}]`);
  }
  const [a, b] = [flatten<unknown>(actual), flatten<unknown>(expected)];
  if (a.length !== b.length)
    throw new ArgumentError(`Arrays have different lengths: ${a.length}, expected ${b.length}`);
  const at = a.findIndex((value, i) => !isSame(value, b[i]));
  if (at >= 0) throw new ArgumentError(`Arrays differ: actual[${at}] = ${a[at]}, expected[${at}] = ${b[at]}`);
}

/**
 * Passes if all elements differ by at most `epsilon`.
 * @param epsilon default 1e-3.
 * @throws ArgumentError for other elements, shapes or types of arrays
 * @example
 * sg.test_util.expectArraysClose([1, 2], [1.0001, 2]);
 */
export const expectArraysClose = (
  actual: RecursiveArray<number | boolean>,
  expected: RecursiveArray<number | boolean>,
  epsilon?: number | null,
): void => compare(actual, expected, (a, b) => isClose(a, b, epsilon ?? testEpsilon()));

/**
 * Passes if all elements are equal.
 * @throws ArgumentError for other elements, shapes or types of arrays
 * @example
 * sg.test_util.expectArraysEqual([1, 2], [1, 2]);
 */
export function expectArraysEqual(
  actual: RecursiveArray<number | boolean>,
  expected: RecursiveArray<number | boolean> | string,
): void {
  const list = (typeof expected === 'object' ? expected : [expected]) as RecursiveArray<number | boolean>;
  compare(actual, list, (a, b) => a === b || isClose(a, b, 0));
}

/**
 * Passes if two numbers differ by at most `epsilon`.
 * @param epsilon default 1e-3.
 * @throws ArgumentError if they differ by more
 * @example
 * sg.test_util.expectNumbersClose(1, 1.0001);
 */
export function expectNumbersClose(a: number, e: number, epsilon?: number | null): void {
  if (!isClose(a, e, epsilon ?? testEpsilon())) throw new ArgumentError(`Numbers differ: ${a}, expected ${e}`);
}

/**
 * Passes if every element is in [low, high].
 * @throws ArgumentError for an element out of range
 * @example
 * sg.test_util.expectValuesInRange([0.2, 0.9], 0, 1);
 */
export function expectValuesInRange(actual: ArrayLike<number>, low: number, high: number): void {
  const bad = Array.from(actual).find((value) => value < low || value > high);
  if (bad !== undefined) throw new ArgumentError(`Value out of range: ${bad}, low ${low}, high ${high}`);
}

/**
 * Calls `done` if the promise is rejected, else `done.fail`.
 * @throws TypeError unless `fn` returns a promise
 * @example
 * const done = Object.assign(() => console.log('rejected'), { fail: () => console.log('resolved') });
 * sg.test_util.expectPromiseToFail(() => Promise.reject(new Error('no')), done);
 */
export function expectPromiseToFail(
  fn: () => Promise<unknown>,
  done: { (): void; fail(message?: string): void },
): void {
  fn().then(
    () => done.fail(),
    () => done(),
  );
}

/**
 * Passes if two buffers hold the same float32 numbers.
 * @throws ArgumentError if they do not
 * @example
 * sg.test_util.expectArrayBuffersEqual(new Float32Array([1]).buffer, new Float32Array([1]).buffer);
 */
export function expectArrayBuffersEqual(actual: ArrayBuffer, expected: ArrayBuffer): void {
  expectArraysEqual(new Float32Array(actual), new Float32Array(expected));
}

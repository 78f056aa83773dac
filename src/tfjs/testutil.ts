/** The namespace `sg.test_util`: comparisons for tests. */
import { ArgumentError } from '../support/errors';
import { inferredShape } from './shapes';
import { arraysEqual, flatten, isTypedArray, type RecursiveArray } from './util/index';

type Values = RecursiveArray<number | boolean>;

/** Greatest difference that counts as close. */
export const testEpsilon = (): number => 1e-3;

const isClose = (a: unknown, b: unknown, epsilon: number): boolean => {
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isFinite(x) && !Number.isFinite(y)) return true;
  return Math.abs(x - y) <= epsilon;
};

const kindOf = (values: unknown): string =>
  (values as { constructor?: { name: string } })?.constructor?.name ?? 'nothing';

function compare(actual: Values, expected: Values, isSame: (a: unknown, b: unknown) => boolean): void {
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

/** @throws ArgumentError unless all elements differ by no more than `epsilon`, 1e-3 by default */
export const expectArraysClose = (actual: Values, expected: Values, epsilon?: number | null): void =>
  compare(actual, expected, (a, b) => isClose(a, b, epsilon ?? testEpsilon()));

/** @throws ArgumentError unless all elements are equal */
export function expectArraysEqual(actual: Values, expected: Values | string): void {
  const list = (typeof expected === 'object' ? expected : [expected]) as Values;
  compare(actual, list, (a, b) => a === b || isClose(a, b, 0));
}

/** @throws ArgumentError unless two numbers differ by no more than `epsilon`, 1e-3 by default */
export function expectNumbersClose(a: number, e: number, epsilon?: number | null): void {
  if (!isClose(a, e, epsilon ?? testEpsilon())) throw new ArgumentError(`Numbers differ: ${a}, expected ${e}`);
}

/** @throws ArgumentError unless every element is in [low, high] */
export function expectValuesInRange(actual: ArrayLike<number>, low: number, high: number): void {
  const bad = Array.from(actual).find((value) => value < low || value > high);
  if (bad !== undefined) throw new ArgumentError(`Value out of range: ${bad}, low ${low}, high ${high}`);
}

/** Calls `done` if the promise is rejected, else `done.fail`. */
export function expectPromiseToFail(
  fn: () => Promise<unknown>,
  done: { (): void; fail(message?: string): void },
): void {
  fn().then(
    () => done.fail(),
    () => done(),
  );
}

/** @throws ArgumentError unless two buffers hold the same floats */
export function expectArrayBuffersEqual(actual: ArrayBuffer, expected: ArrayBuffer): void {
  expectArraysEqual(new Float32Array(actual), new Float32Array(expected));
}

/** Numbers, random ones among them, and time. */
import { nextKey } from '../../ops/core/keys';
import { permutationOf, uniformOf } from '../../ops/create/random';
import { engine } from '../../runtime/engine';
import { ArgumentError } from '../../support/errors';
import { withGraph } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import { consume } from '../../tensor/tensor';

/**
 * x limited to [min, max].
 * @example
 * sg.util.clamp(0, 5, 3); // 3
 */
export const clamp = (min: number, x: number, max: number): number => Math.max(min, Math.min(x, max));

/**
 * Sum of a list of numbers.
 * @example
 * sg.util.sum([1, 2, 3]); // 6
 */
export const sum = (arr: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < arr.length; i++) total += arr[i] as number;
  return total;
};

/**
 * The smallest even number that is not below the given integer.
 * @example
 * sg.util.nearestLargerEven(3); // 4
 */
export const nearestLargerEven = (val: number): number => (val % 2 === 0 ? val : val + 1);

/**
 * Exchanges two elements of an array or two members of an object.
 * @example
 * const list = ['a', 'b'];
 * sg.util.swap(list, 0, 1); // list is ['b', 'a']
 */
export function swap<T>(object: { [index: number]: T }, left: number, right: number): void {
  [object[left], object[right]] = [object[right] as T, object[left] as T];
}

/**
 * A string followed by spaces up to a length.
 * @example
 * sg.util.rightPad('ab', 4); // 'ab  '
 */
export const rightPad = (a: string, size: number): string => a.padEnd(size);

/**
 * Hyperbolic tangent of a number, with the same bits in every runtime.
 * @example
 * sg.util.tanh(1); // 0.762
 */
export function tanh(x: number): number {
  const e = engine.scalars.exp(-2 * Math.abs(x));
  const y = (1 - e) / (1 + e);
  return x < 0 ? -y : y;
}

/**
 * Squared distance between two points.
 * @throws ArgumentError if they differ in length
 * @example
 * sg.util.distSquared([0, 0], [3, 4]); // 25
 */
export function distSquared(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new ArgumentError(`distSquared: both points must have the same length, got ${a.length} and ${b.length}`);
  let total = 0;
  for (let i = 0; i < a.length; i++) {
    const d = (a[i] as number) - (b[i] as number);
    total += d * d;
  }
  return total;
}

/** Tensors drawn here belong to no trace and no scope. */
const atOnce = <T>(fn: () => T): T => withGraph(undefined, () => untracked(fn));

const order = (count: number): Int32Array => atOnce(() => permutationOf(nextKey(), count));

/** Puts the elements of arrays into one new order. */
function arrange(from: ReadonlyArray<{ [index: number]: unknown }>, places: Int32Array): void {
  for (const array of from) {
    const before = Array.from(places, (place) => array[place]);
    for (let i = 0; i < before.length; i++) array[i] = before[i];
  }
}

/** Arrays that can be shuffled in place. */
export type Shufflable = unknown[] | Float32Array | Int32Array | Uint8Array | Uint32Array | Float64Array;

/**
 * Shuffles an array in place. `sg.setSeed` makes the order repeatable.
 * @example
 * sg.util.shuffle([1, 2, 3]);
 */
export function shuffle(array: Shufflable): void {
  arrange([array as { [index: number]: unknown }], order(array.length));
}

/**
 * Shuffles two arrays in place, in the same order.
 * @throws ArgumentError if they differ in length
 * @example
 * sg.util.shuffleCombo([1, 2], ['a', 'b']);
 */
export function shuffleCombo(array: Shufflable, array2: Shufflable): void {
  if (array.length !== array2.length)
    throw new ArgumentError(
      `shuffleCombo: both arrays must have the same length, got ${array.length} and ${array2.length}`,
    );
  arrange([array, array2] as { [index: number]: unknown }[], order(array.length));
}

/**
 * The integers from 0 to n - 1 in a random order.
 * @example
 * sg.util.createShuffledIndices(3).length; // 3
 */
export const createShuffledIndices = (n: number): Uint32Array => Uint32Array.from(order(n));

/**
 * A random number, uniform in [a, b). `sg.setSeed` makes it repeatable.
 * @example
 * const u = sg.util.randUniform(-1, 1);
 */
export function randUniform(a: number, b: number): number {
  const r = atOnce(() => consume(uniformOf(nextKey(), [1]), (u) => u.dataSync()[0] as number));
  return b * r + (1 - r) * a;
}

/**
 * Milliseconds since a fixed moment.
 * @example
 * const start = sg.util.now();
 */
export const now = (): number => performance.now();

/**
 * Calls `checkFn` repeatedly until it returns true.
 * @param delayFn milliseconds before the n-th try; default 0.
 * @param maxCounter tries before the promise is rejected; default: no limit.
 * @param scheduleFn runs a function after a delay; default `setTimeout`.
 * @throws ArgumentError after `maxCounter` tries; the promise is rejected
 * @example
 * let tries = 0;
 * await sg.util.repeatedTry(() => ++tries === 3);
 */
export function repeatedTry(
  checkFn: () => boolean,
  delayFn: (counter: number) => number = () => 0,
  maxCounter?: number,
  scheduleFn: (run: () => void, delay: number) => void = setTimeout,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let tries = 0;
    const attempt = (): void => {
      if (checkFn()) {
        resolve();
        return;
      }
      tries++;
      if (maxCounter !== undefined && maxCounter !== null && tries >= maxCounter)
        reject(new ArgumentError(`repeatedTry: the condition was still false after ${tries} tries`));
      else scheduleFn(attempt, delayFn(tries));
    };
    attempt();
  });
}

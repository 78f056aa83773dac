/** Where datasets come from: arrays, functions, generators, other datasets. */
import { ArgumentError } from '../support/errors';
import { isPlainObject } from '../support/plain-object';
import { Dataset, derived, open } from './dataset';
import { copyOf, failure, release } from './element';
import { type AnyIterator, follow, type Stream } from './streams';

async function* copies<T>(items: readonly T[]): Stream<T> {
  for (const item of items) yield copyOf(item);
}

/**
 * The elements of an array. Each pass returns copies (of tensors: new handles), so the array and its tensors
 * stay the caller's.
 * @throws ArgumentError
 * @example
 * await sg.data.array([{ x: 1 }, { x: 2 }]).forEachAsync((e) => console.log(e));
 */
export function array<T>(items: readonly T[]): Dataset<T> {
  if (!Array.isArray(items)) throw new ArgumentError(`data.array: items must be an array, got ${typeof items}`);
  return derived(() => copies(items), items.length);
}

/**
 * What a function returns, call by call, until it returns {done: true}. Each pass continues to call it.
 * @param f returns {value, done}, or a promise of it
 * @throws ArgumentError unless f is a function
 * @example
 * let i = 0;
 * const count = sg.data.func(() => (i < 5 ? { value: i++, done: false } : { value: null, done: true }));
 * console.log(await count.toArray()); // [0, 1, 2, 3, 4]
 */
export function func<T>(f: () => IteratorResult<T, unknown> | Promise<IteratorResult<T, unknown>>): Dataset<T> {
  if (typeof f !== 'function') throw new ArgumentError(`data.func: a function is needed, got ${typeof f}`);
  return derived(() => follow(() => ({ next: f }), 'func'), null);
}

/**
 * What a generator yields; each pass calls the function again. Leaving a pass early closes the generator (`finally`
 * runs).
 * @param generator a generator function, synchronous or not, or one that returns an iterator or a promise of one
 * @throws ArgumentError unless generator is a function
 * @example
 * const even = sg.data.generator(function* () {
 *   for (let i = 0; ; i += 2) yield i;
 * });
 * console.log(await even.take(3).toArray()); // [0, 2, 4]
 */
export function generator<T>(generator: () => AnyIterator<T> | Promise<AnyIterator<T>>): Dataset<T> {
  if (typeof generator !== 'function')
    throw new ArgumentError(`data.generator: a function is needed, got ${typeof generator}`);
  return derived(() => follow(generator, 'generator'), null);
}

/** Datasets, or arrays and plain objects of them. */
export type DatasetContainer = Dataset | readonly DatasetContainer[] | { readonly [key: string]: DatasetContainer };

/** The elements of a container of datasets. */
export type Zipped<C> = C extends Dataset<infer T> ? T : { -readonly [K in keyof C]: Zipped<C[K]> };

/** Levels of containers that are looked through. */
const DEEPEST = 64;

/** The container with `leaf` of each dataset at its position. @throws ArgumentError for other leaves */
function replace(container: unknown, leaf: (d: Dataset) => unknown, depth = 0): unknown {
  if (depth > DEEPEST)
    throw new ArgumentError(`data.zip: datasets is nested more than ${DEEPEST} deep, or contains itself`);
  if (container instanceof Dataset) return leaf(container);
  if (Array.isArray(container)) return container.map((c) => replace(c, leaf, depth + 1));
  if (isPlainObject(container))
    return Object.fromEntries(Object.entries(container).map(([k, c]) => [k, replace(c, leaf, depth + 1)]));
  throw new ArgumentError(
    `zip: datasets, and arrays and plain objects of them, are needed; got ${container === null ? 'null' : typeof container}`,
  );
}

async function* zipped(container: unknown, streams: readonly Stream<unknown>[]): Stream<unknown> {
  const isOver = streams.map(() => false);
  try {
    for (let count = 0; ; count++) {
      const results = await Promise.allSettled(streams.map((s) => s.next()));
      results.forEach((r, i) => {
        isOver[i] = r.status === 'rejected' || r.value.done === true;
      });
      const values = results.map((r) => (r.status === 'fulfilled' ? r.value.value : undefined));
      if (isOver.includes(true)) {
        release(values);
        const failed = results.find((r) => r.status === 'rejected');
        if (failed) throw failure('zip', count, failed.reason);
        return;
      }
      let at = 0;
      yield replace(container, () => values[at++]);
    }
  } finally {
    await Promise.all(streams.map((s, i) => (isOver[i] ? undefined : s.return?.())));
  }
}

/**
 * Datasets side by side: each element has the container's structure with one element of each dataset. It ends with the
 * shortest.
 *
 * @param datasets an array or object of datasets, also nested.
 * @throws ArgumentError
 * @example
 * const xs = sg.data.array([[1, 2], [3, 4]]);
 * const ys = sg.data.array([0, 1]);
 * await sg.data.zip({ xs, ys }).batch(2).forEachAsync(({ xs, ys }) => console.log(xs.shape, ys.shape)); // [2, 2], [2]
 */
export function zip<const C extends DatasetContainer>(datasets: C): Dataset<Zipped<C>> {
  const leaves: Dataset[] = [];
  replace(datasets, (d) => leaves.push(d));
  if (leaves.length === 0) throw new ArgumentError('zip: at least one dataset is needed');
  const sizes = leaves.map((d) => d.size);
  const size = sizes.includes(null) ? null : Math.min(...(sizes as number[]));
  return derived(() => zipped(datasets, leaves.map(open)) as Stream<Zipped<C>>, size);
}

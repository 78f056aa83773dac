/** What happens to a stream of elements on its way. A stream that is left early closes those before it. */

import { isPressed, relieved } from '../runtime/pressure';
import { ArgumentError } from '../support/errors';
import { tidy } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { collate } from './collate';
import { failure, release, tensorsIn } from './element';

export type Stream<T> = AsyncIterableIterator<T>;

/**
 * A stream for users, who may forget tensors between two elements. Not a generator: calls made ahead keep their
 * order.
 */
export const handedOut = <T>(stream: Stream<T>): Stream<T> => ({
  next: () => (isPressed() ? stream.next().then(relieved) : stream.next()),
  return: async (value) => (await stream.return?.(value)) ?? { done: true, value },
  [Symbol.asyncIterator]() {
    return this;
  },
});

/** The iterator protocol, synchronous or not, with or without `return`. */
export interface AnyIterator<T> {
  /** The next element. */
  next(): IteratorResult<T, unknown> | Promise<IteratorResult<T, unknown>>;
  /** Ends the iteration early. */
  return?(...values: never[]): unknown;
}

/** Elements of an iterator that is opened by the first call and closed by leaving early; `where` names it in errors. */
export async function* follow<T>(open: () => AnyIterator<T> | Promise<AnyIterator<T>>, where?: string): Stream<T> {
  const iterator = await open();
  if (typeof iterator?.next !== 'function')
    throw new ArgumentError(`${where ?? 'iterator'}: the function must return an iterator, with next()`);
  let isOpen = false;
  try {
    for (let count = 0; ; count++) {
      isOpen = false;
      let result: IteratorResult<T, unknown>;
      try {
        result = await iterator.next();
        if (typeof result !== 'object' || result === null)
          throw new ArgumentError('next() must return {value, done}, or a promise of it');
      } catch (error) {
        throw where ? failure(where, count, error) : error;
      }
      if (result.done) return;
      isOpen = true;
      yield result.value;
    }
  } finally {
    if (isOpen) await iterator.return?.();
  }
}

/** The result of a function; those tensors of its element go that are not in it. */
function settle<U>(inputs: ReadonlySet<Tensor>, result: U): U {
  const kept = tensorsIn(result);
  for (const t of inputs) if (!kept.has(t)) t.dispose();
  return result;
}

/** `fn(x)` in its own scope. @throws DatasetError */
function call<T, U>(where: string, element: number, x: T, fn: (x: T) => U): U {
  const inputs = tensorsIn(x);
  try {
    return tidy(() => {
      const result = fn(x);
      if (result instanceof Promise) throw new ArgumentError('the function returned a promise; use mapAsync for it');
      return result;
    });
  } catch (error) {
    for (const t of inputs) t.dispose();
    throw failure(where, element, error);
  }
}

export async function* mapped<T, U>(source: Stream<T>, fn: (x: T) => U): Stream<U> {
  let count = 0;
  for await (const x of source) {
    const inputs = tensorsIn(x);
    yield settle(inputs, call('map', count++, x, fn));
  }
}

export async function* filtered<T>(source: Stream<T>, predicate: (x: T) => boolean): Stream<T> {
  let count = 0;
  for await (const x of source) {
    if (call('filter', count++, x, predicate)) yield x;
    else release(x);
  }
}

/** Not a generator, whose calls wait for each other: each call of `next` made ahead starts another element. */
export function mappedAsync<T, U>(source: Stream<T>, fn: (x: T) => Promise<U> | U): Stream<U> {
  let count = 0;
  let isOver = false;
  const stop = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    await source.return?.();
  };
  return {
    async next() {
      const result = isOver ? { done: true as const, value: undefined } : await source.next();
      if (result.done) return result;
      const element = count++;
      const inputs = tensorsIn(result.value);
      try {
        return { done: false, value: settle(inputs, await fn(result.value)) };
      } catch (error) {
        for (const t of inputs) t.dispose();
        await stop();
        throw failure('mapAsync', element, error);
      }
    },
    async return() {
      await stop();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export async function* batched(source: Stream<unknown>, size: number, smallLast: boolean): Stream<unknown> {
  let rows: unknown[] = [];
  let start = 0;
  const join = (): unknown => {
    const out = collate(rows, start);
    start += rows.length;
    release(rows);
    rows = [];
    return out;
  };
  try {
    for await (const x of source) {
      rows.push(x);
      if (rows.length === size) yield join();
    }
    if (rows.length && smallLast) yield join();
  } finally {
    release(rows);
  }
}

export async function* taken<T>(source: Stream<T>, count: number): Stream<T> {
  let left = count;
  if (left === 0) return;
  for await (const x of source) {
    yield x;
    if (--left === 0) return;
  }
}

export async function* skipped<T>(source: Stream<T>, count: number): Stream<T> {
  let left = count;
  for await (const x of source) {
    if (left-- > 0) release(x);
    else yield x;
  }
}

export async function* repeated<T>(first: Stream<T>, again: () => Stream<T>, count: number): Stream<T> {
  for (let i = 0; i < count; i++) {
    let isEmpty = true;
    for await (const x of i ? again() : first) {
      isEmpty = false;
      yield x;
    }
    // Without end, nothing would come for ever.
    if (isEmpty) return;
  }
}

export async function* joined<T, U>(first: Stream<T>, second: Stream<U>): Stream<T | U> {
  yield* first;
  yield* second;
}

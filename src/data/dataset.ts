/** Datasets: streams of elements that can be read again and again, and what may be done to them. */
import { checkSeed, nextKey } from '../ops/core/keys';
import { checkFlag, checkFunction, checkWhole } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import type { Batched } from './collate';
import { release } from './element';
import { Prefetch } from './prefetch';
import { shuffled } from './shuffle';
import {
  batched,
  filtered,
  follow,
  handedOut,
  joined,
  mapped,
  mappedAsync,
  repeated,
  type Stream,
  skipped,
  taken,
} from './streams';

/** A number of elements; undefined or a negative number means all. */
const countOf = (where: string, count: number | undefined): number =>
  count === undefined || count === null || (typeof count === 'number' && count < 0)
    ? Number.POSITIVE_INFINITY
    : checkWhole(count, where, 'count', 0);

/**
 * The stream of a dataset. Opening one opens all its sources, though nothing is read: opening and closing a stream
 * counts as a pass, and shuffles continue with the next order.
 */
export const open = <T>(dataset: Dataset<T>): Stream<T> =>
  dataset instanceof Derived ? dataset.open() : dataset[Symbol.asyncIterator]();

/**
 * A sequence of elements, perhaps longer than memory, perhaps without end. Elements are numbers, booleans, texts, typed
 * arrays, tensors, and arrays and plain objects of them. Each method gives another dataset; nothing is read before
 * somebody asks for an element, and each iteration starts again.
 *
 * Tensors: an element belongs to its receiver. Each stage disposes of what it does not pass on: `map`,
 * `filter`, `batch`, `skip` and `forEachAsync` leave nothing behind. Elements of `for await`, `iterator` and `toArray`
 * are the caller's, to be disposed of (`sg.dispose`) or left to the collector.
 *
 * Errors of user functions arrive as `DatasetError` with the number of the element.
 *
 * Subclasses define `iterator`, and `size` if it is known. As `tf.data.Dataset` of TensorFlow.js.
 *
 * @example
 * const squares = sg.data.array([1, 2, 3, 4, 5]).map((x) => x * x).batch(2);
 * for await (const batch of squares) batch.print(); // [1, 4], [9, 16], [25]
 */
export abstract class Dataset<T = unknown> implements AsyncIterable<T> {
  /** How many elements there are; Infinity for a stream without end, null if nobody knows. */
  readonly size: number | null = null;

  /** A new pass over the elements; `return()` of the iterator ends it early. */
  abstract iterator(): Promise<AsyncIterator<T>>;

  /** For `for await`: leaving the loop closes generators, files and connections. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return handedOut(follow(() => this.iterator()));
  }

  /**
   * `batchSize` elements as one: numbers, booleans, arrays of them, typed arrays and tensors become tensors with the
   * elements along a new first axis; objects, and arrays that hold tensors or objects, keep their structure; texts
   * become an array of texts (there are no text tensors).
   *
   * @param smallLastBatch whether the last elements, if fewer than `batchSize`, make a batch too.
   * @throws ArgumentError; when iterated, DatasetError for elements that differ in structure, shape or type
   */
  batch(batchSize: number, smallLastBatch = true): Dataset<Batched<T>> {
    checkWhole(batchSize, 'batch', 'batchSize', 1);
    const size = this.size === null ? null : Math[smallLastBatch ? 'ceil' : 'floor'](this.size / batchSize);
    return derived(() => batched(open(this), batchSize, smallLastBatch) as Stream<Batched<T>>, size);
  }

  /** These elements, then those of another dataset. */
  concatenate<U>(dataset: Dataset<U>): Dataset<T | U> {
    if (!(dataset instanceof Dataset)) throw new ArgumentError('concatenate: a Dataset is needed');
    const sizes = [this.size, dataset.size];
    const isEndless = sizes.includes(Number.POSITIVE_INFINITY);
    const size = isEndless ? Number.POSITIVE_INFINITY : add(this.size, dataset.size);
    return derived(() => joined(open(this), open(dataset)), size);
  }

  /** The elements for which `predicate` is true; it runs in a `tidy` scope and the others are disposed of. */
  filter(predicate: (value: T) => boolean): Dataset<T> {
    return derived(() => filtered(open(this), predicate), this.size === Number.POSITIVE_INFINITY ? this.size : null);
  }

  /**
   * Calls a function on each element, awaits it if it returns a promise, and disposes of the element. Tensors that the
   * function makes are its own care. @throws what the function throws
   */
  async forEachAsync(f: (value: T) => unknown): Promise<void> {
    checkFunction(f, 'forEachAsync', 'f');
    for await (const x of this) {
      try {
        await f(x);
      } finally {
        release(x);
      }
    }
  }

  /** `transform` of each element, in a `tidy` scope; tensors of the element that are not in the result go too. */
  map<U>(transform: (value: T) => U): Dataset<U> {
    return derived(() => mapped(open(this), transform), this.size);
  }

  /**
   * `transform` of each element, where it returns a promise. Tensors of the element that are not in the result are
   * disposed of; the function itself disposes of others that it makes. After `prefetch(n)`, n calls run at the same time.
   */
  mapAsync<U>(transform: (value: T) => Promise<U>): Dataset<U> {
    return derived(() => mappedAsync(open(this), transform), this.size);
  }

  /** The same elements, `bufferSize` of which are asked for ahead while the consumer is busy. @throws ArgumentError */
  prefetch(bufferSize: number): Dataset<T> {
    checkWhole(bufferSize, 'prefetch', 'bufferSize', 1);
    return derived(() => new Prefetch(open(this), bufferSize), this.size);
  }

  /** The elements `count` times over; without end if `count` is left out or negative. @throws ArgumentError */
  repeat(count?: number): Dataset<T> {
    const times = countOf('repeat', count);
    const size = times === 0 || this.size === 0 ? 0 : this.size === null ? null : this.size * times;
    return derived(() => repeated(open(this), () => open(this), times), size);
  }

  /**
   * The elements in a random order: each is drawn from a buffer, and the next of the source takes its place. Only a
   * buffer as long as the dataset gives all orders alike.
   *
   * @param bufferSize elements in the buffer, at least 1.
   * @param seed makes the order the same in every run and runtime; by default it follows from `sg.setSeed`.
   * @param reshuffleEachIteration whether each pass takes a new order; default true.
   * @throws ArgumentError
   */
  shuffle(bufferSize: number, seed?: number | string, reshuffleEachIteration = true): Dataset<T> {
    checkWhole(bufferSize, 'shuffle', 'bufferSize', 1);
    checkSeed(seed, 'shuffle');
    checkFlag(reshuffleEachIteration, 'shuffle', 'reshuffleEachIteration', true);
    const seeded = seed === undefined || seed === null ? undefined : nextKey(seed);
    let fixed = seeded;
    let pass = 0;
    const key = () => {
      if (reshuffleEachIteration) return seeded ? { ...seeded, stream: pass++ } : nextKey();
      fixed ??= nextKey();
      return fixed;
    };
    return derived(() => shuffled(open(this), bufferSize, key()), this.size);
  }

  /** All but the first `count` elements; none at all if `count` is left out or negative. @throws ArgumentError */
  skip(count?: number): Dataset<T> {
    const skips = countOf('skip', count);
    if (skips === Number.POSITIVE_INFINITY) return this.take(0);
    return derived(() => skipped(open(this), skips), this.size === null ? null : Math.max(0, this.size - skips));
  }

  /** The first `count` elements; all if `count` is left out or negative. @throws ArgumentError */
  take(count?: number): Dataset<T> {
    const most = countOf('take', count);
    const size = most === 0 ? 0 : this.size === null ? null : Math.min(this.size, most);
    return derived(() => taken(open(this), most), size);
  }

  /** All elements. @throws ArgumentError for a stream without end */
  async toArray(): Promise<T[]> {
    if (this.size === Number.POSITIVE_INFINITY)
      throw new ArgumentError('toArray: the dataset has no end; take(count) some of it');
    const out: T[] = [];
    try {
      for await (const x of this) out.push(x);
    } catch (error) {
      release(out);
      throw error;
    }
    return out;
  }
}

const add = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

class Derived<T> extends Dataset<T> {
  constructor(
    readonly open: () => Stream<T>,
    override readonly size: number | null,
  ) {
    super();
  }

  override async iterator(): Promise<Stream<T>> {
    return handedOut(this.open());
  }

  override [Symbol.asyncIterator](): Stream<T> {
    return handedOut(this.open());
  }
}

/** A dataset of what `open` streams. */
export const derived = <T>(open: () => Stream<T>, size: number | null): Dataset<T> => new Derived(open, size);

/** Elements that are made before they are asked for. */
import { release } from './element';
import type { Stream } from './streams';

/** Keeps `size` elements of a stream under way while the consumer is busy. */
export class Prefetch<T> implements AsyncIterableIterator<T> {
  readonly #queue: Promise<IteratorResult<T>>[] = [];
  #isOver = false;

  constructor(
    readonly source: Stream<T>,
    readonly size: number,
  ) {}

  async next(): Promise<IteratorResult<T>> {
    this.#fill();
    const first = this.#queue.shift();
    try {
      const result = first ? await first : ({ done: true, value: undefined } as const);
      // Only now: while the consumer waits, `size` are under way, this one among them.
      this.#fill();
      return result;
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<T>> {
    this.#isOver = true;
    try {
      await this.source.return?.();
    } finally {
      for (const pending of this.#queue.splice(0)) await pending.then((r) => release(r.value), ignore);
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #fill(): void {
    while (!this.#isOver && this.#queue.length < this.size) {
      const pending = this.source.next();
      // An error is the consumer's when its turn comes; it ends the stream.
      pending.then(
        (r) => {
          if (r.done) this.#isOver = true;
        },
        () => {
          this.#isOver = true;
        },
      );
      this.#queue.push(pending);
    }
  }
}

const ignore = (): void => {};

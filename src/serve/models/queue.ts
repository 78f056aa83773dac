/** Requests that wait for a model, and the batches that they are joined to. */
import { Refusal } from '../protocol/refusal';
import { countRows, fullSize, join, keyOf, rowsOf } from './batch';
import { checkResults, failureOf } from './failure';
import type { Feeds, Servable } from './servable';

/** How requests wait. */
export interface QueueLimits {
  /** Rows in a batch at most; a request of more runs alone. 1: nothing is joined. */
  readonly maxBatchSize: number;
  /** Milliseconds that a request waits for others; 0: only for those that have already come. */
  readonly maxDelay: number;
  /** Requests that wait at most. */
  readonly maxQueue: number;
}

/** Told of what happens in a queue. */
export interface QueueObserver {
  /** A batch was computed, in so many seconds. */
  batch(rows: number, seconds: number): void;
}

interface Waiting {
  readonly feeds: Feeds;
  readonly rows: number;
  readonly key: string;
  readonly isGone: () => boolean;
  readonly resolve: (results: Feeds) => void;
  readonly reject: (error: unknown) => void;
}

const SOON: (run: () => void) => void =
  (globalThis as { setImmediate?: (run: () => void) => void }).setImmediate ?? ((run) => setTimeout(run, 0));

/** Whether each request has timers of its own, which end with it: nothing can wait for another request then. */
const IS_APART = globalThis.navigator?.userAgent === 'Cloudflare-Workers';

/** Seconds to wait until another try may succeed. */
const RETRY = { 'Retry-After': '1' };

/**
 * The queue of one model. The first request and those after it that have rows of the same shape make a batch. What comes
 * in while a batch is computed waits for the next one, so that batches grow with the load.
 */
export class Queue {
  readonly #servable: Servable;
  readonly #limits: QueueLimits;
  readonly #observer: QueueObserver;
  readonly #waiting: Waiting[] = [];
  /** Whether a batch is computed or about to be. */
  #isBusy = false;

  constructor(servable: Servable, limits: QueueLimits, observer: QueueObserver) {
    this.#servable = servable;
    this.#limits = limits;
    this.#observer = observer;
  }

  /** Requests that wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** @throws Refusal if no further request may wait */
  ensureSpace(): void {
    const { maxQueue } = this.#limits;
    if (this.#waiting.length >= maxQueue)
      throw new Refusal(503, `${maxQueue} requests wait for this model already; try again later`, RETRY);
  }

  /**
   * Outputs for inputs.
   * @param isGone whether the result is needed no more; it is then not computed.
   * @throws Refusal
   */
  infer(feeds: Feeds, isGone: () => boolean): Promise<Feeds> {
    const rows = this.#servable.isBatched ? countRows(feeds) : 1;
    if (rows === undefined) throw new Refusal(400, 'the inputs must have the same number of rows');
    this.ensureSpace();
    const key = this.#servable.isBatched ? keyOf(feeds) : '';
    return new Promise((resolve, reject) => {
      const one = { feeds, rows, key, isGone, resolve, reject };
      if (IS_APART) return void this.#compute([one]);
      this.#waiting.push(one);
      this.#start();
    });
  }

  #start(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const { maxDelay, maxBatchSize } = this.#limits;
    if (maxDelay > 0 && maxBatchSize > 1 && this.#servable.isBatched) setTimeout(() => void this.#next(), maxDelay);
    else SOON(() => void this.#next());
  }

  async #next(): Promise<void> {
    const batch = this.#take();
    if (batch.length > 0) await this.#compute(batch);
    if (this.#waiting.length > 0) SOON(() => void this.#next());
    else this.#isBusy = false;
  }

  /** The requests of the next batch. */
  #take(): Waiting[] {
    const here = this.#waiting.splice(0).filter((one) => {
      if (!one.isGone()) return true;
      one.reject(new Refusal(499, 'the client has gone'));
      return false;
    });
    const [first] = here;
    if (!first) return [];
    const { maxBatchSize } = this.#limits;
    let rows = 0;
    const batch = here.filter((one) => {
      const joins = one === first || (first.key !== '' && one.key === first.key && rows + one.rows <= maxBatchSize);
      if (joins) rows += one.rows;
      return joins;
    });
    this.#waiting.push(...here.filter((one) => !batch.includes(one)));
    return batch;
  }

  async #compute(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#run(batch);
    } catch (error) {
      if (batch.length === 1) (batch[0] as Waiting).reject(failureOf(error));
      // Only those fail that fail alone.
      else for (const one of batch) await this.#compute([one]);
    }
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    const { isBatched } = this.#servable;
    const rows = batch.reduce((sum, one) => sum + one.rows, 0);
    const size = isBatched ? fullSize(rows) : rows;
    const isWhole = batch.length === 1 && size === rows;
    const start = performance.now();
    const feeds = isWhole
      ? (batch[0] as Waiting).feeds
      : join(
          batch.map((one) => one.feeds),
          size,
        );
    const running = this.#servable.run(feeds);
    const results = running instanceof Promise ? await running : running;
    checkResults(this.#servable, results, isBatched ? size : undefined);
    this.#observer.batch(rows, (performance.now() - start) / 1000);
    let at = 0;
    for (const one of batch) {
      one.resolve(isWhole ? results : rowsOf(results, at, at + one.rows));
      at += one.rows;
    }
  }
}

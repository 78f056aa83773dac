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
  /** Whether at most one request came in the turn of the event loop before: then none has to wait for others. */
  #isCalm = true;

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
   * Outputs for inputs; at once if nothing else is there and the model does not wait.
   * @param isGone whether the result is needed no more; it is then not computed.
   * @throws Refusal
   */
  infer(feeds: Feeds, isGone: () => boolean): Feeds | Promise<Feeds> {
    const { isBatched } = this.#servable;
    const rows = isBatched ? countRows(feeds) : 1;
    if (rows === undefined) throw new Refusal(400, 'the inputs must have the same number of rows');
    this.ensureSpace();
    if (IS_APART) return this.#alone(feeds, rows);
    if (!this.#isBusy && this.#isCalm && !this.#isDelayed) return this.#atOnce(feeds, rows);
    const key = isBatched ? keyOf(feeds) : '';
    return new Promise((resolve, reject) => {
      this.#waiting.push({ feeds, rows, key, isGone, resolve, reject });
      this.#start();
    });
  }

  /** Whether requests wait for others that may come. */
  get #isDelayed(): boolean {
    const { maxDelay, maxBatchSize } = this.#limits;
    return maxDelay > 0 && maxBatchSize > 1 && this.#servable.isBatched === true;
  }

  #start(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    if (this.#isDelayed) setTimeout(() => void this.#next(), this.#limits.maxDelay);
    else SOON(() => void this.#next());
  }

  /** Computes a request now; those that come in the same turn of the event loop are joined after it. */
  #atOnce(feeds: Feeds, rows: number): Feeds | Promise<Feeds> {
    this.#isBusy = true;
    const goOn = (): void => SOON(() => void this.#next());
    let results: Feeds | Promise<Feeds>;
    try {
      results = this.#alone(feeds, rows);
    } catch (error) {
      goOn();
      throw error;
    }
    if (results instanceof Promise) return results.finally(goOn);
    goOn();
    return results;
  }

  async #next(): Promise<void> {
    // Where several came in one turn, more will: the next ones wait for its end, and are joined.
    this.#isCalm = this.#waiting.length <= 1;
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
    const batch: Waiting[] = [];
    for (const one of here) {
      const joins = one === first || (first.key !== '' && one.key === first.key && rows + one.rows <= maxBatchSize);
      (joins ? batch : this.#waiting).push(one);
      if (joins) rows += one.rows;
    }
    return batch;
  }

  async #compute(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch as readonly [Waiting];
    try {
      if (batch.length === 1) return first.resolve(await this.#alone(first.feeds, first.rows));
      const rows = batch.reduce((sum, one) => sum + one.rows, 0);
      const results = await this.#outputs(
        batch.map(({ feeds }) => feeds),
        rows,
      );
      let at = 0;
      for (const one of batch) {
        one.resolve(rowsOf(results, at, at + one.rows));
        at += one.rows;
      }
    } catch (error) {
      if (batch.length === 1) first.reject(error);
      // Only those fail that fail alone.
      else for (const one of batch) await this.#compute([one]);
    }
  }

  /** Outputs for the inputs of one request. @throws Refusal, or the promise is rejected */
  #alone(feeds: Feeds, rows: number): Feeds | Promise<Feeds> {
    const isFull = !this.#servable.isBatched || fullSize(rows) === rows;
    const own = (results: Feeds): Feeds => (isFull ? results : rowsOf(results, 0, rows));
    const fail = (error: unknown): never => {
      throw failureOf(error);
    };
    try {
      const results = this.#outputs([feeds], rows);
      return results instanceof Promise ? results.then(own).catch(fail) : own(results);
    } catch (error) {
      return fail(error);
    }
  }

  /** Outputs for the inputs of several requests as one batch, which is filled up. */
  #outputs(list: readonly Feeds[], rows: number): Feeds | Promise<Feeds> {
    const { isBatched } = this.#servable;
    const size = isBatched ? fullSize(rows) : rows;
    const start = performance.now();
    const checked = (results: Feeds): Feeds => {
      checkResults(this.#servable, results, isBatched ? size : undefined);
      this.#observer.batch(rows, (performance.now() - start) / 1000);
      return results;
    };
    const running = this.#servable.run(list.length === 1 && size === rows ? (list[0] as Feeds) : join(list, size));
    return running instanceof Promise ? running.then(checked) : checked(running);
  }
}

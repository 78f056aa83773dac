/** In the page: calls of functions that a worker exposes. */
import { type Endpoint, proxy, type Remote as RemoteService, wrap } from 'comlink';
import nodeEndpoint, { type NodeEndpoint } from 'comlink/dist/esm/node-adapter.mjs';
import { ArgumentError, StateError } from '../support/errors';
import type { Exposable, Outcome, Service } from './expose';
import { errorOf } from './failure';
import { packed, type Travelling } from './values';

/** A `Worker` of the web, Deno or Bun, or of `node:worker_threads`. */
export interface WorkerLike {
  /** Sends a message. */
  postMessage(message: unknown, transfer?: never[]): void;
  /** Ends it. */
  terminate(): unknown;
}

/** The functions of a worker as the page calls them: each returns a promise. */
export type Remote<F extends Exposable> = {
  readonly [K in keyof F]: (...args: Parameters<F[K]>) => Promise<Travelling<Awaited<ReturnType<F[K]>>>>;
};

/** A worker that is connected. */
export interface Connection<F extends Exposable> {
  /** Its functions. */
  readonly remote: Remote<F>;
  /** Ends the worker, in the middle of what it does; calls that are not answered reject. */
  close(): void;
}

type Listen = (event: string, listener: (report: unknown) => void) => void;

/** Tells of the end of a worker: an error that nobody caught, or its exit. @param tell returns whether somebody waits to hear it */
function onEnd(worker: WorkerLike, tell: (reason: string) => boolean): void {
  const { addEventListener, on } = worker as { addEventListener?: Listen; on?: Listen };
  const listen = (addEventListener ?? on)?.bind(worker) as Listen;
  // An event without a message: its file was not found, or is no script.
  listen('error', (report) => {
    const { message, preventDefault } = report as { message?: string; preventDefault?: () => void };
    // Deno would end the process too.
    if (tell(message || 'its file cannot be loaded')) preventDefault?.call(report);
  });
  listen('exit', (code) => tell(`it has ended with code ${code}`));
}

const untransferable = (name: string, cause: Error): ArgumentError =>
  new ArgumentError(
    `connect: an argument or the result of ${name} is neither a function nor something that can be copied: ${cause.message}`,
    { cause },
  );

/** An argument as it travels. */
const sent = (arg: unknown): unknown => (typeof arg === 'function' ? proxy(arg as () => unknown) : packed(arg, []));

/**
 * Connects a page with a worker whose file calls `expose`. The worker holds the library and computes while the page stays
 * free: for pages that are not isolated, where `fit` cannot hand its steps to a worker by itself.
 * @param worker from `new Worker(url, { type: 'module' })`
 * @returns the worker's functions, and how to end it. A call rejects with what its function throws (errors of samegrad keep
 * their class), with ArgumentError for a function that is not exposed and for values that cannot be copied, and with
 * StateError once the worker has ended: by `close`, by an error that nobody caught, or as its file cannot be loaded.
 * @throws ArgumentError for what is no worker
 * @example
 * // In a page: import { connect } from 'samegrad/worker'
 * const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
 * const { remote, close } = connect(worker);
 * const weights = await remote.train(images, labels, (epoch, logs) => console.log(epoch, logs.loss));
 * console.log(weights[0].shape);
 * close();
 */
export function connect<F extends Exposable>(worker: WorkerLike): Connection<F> {
  if (typeof worker?.postMessage !== 'function' || typeof worker.terminate !== 'function')
    throw new ArgumentError('connect: worker must be a Worker, as from new Worker(url)');
  const endpoint =
    'addEventListener' in worker ? (worker as unknown as Endpoint) : nodeEndpoint(worker as unknown as NodeEndpoint);
  const service: RemoteService<Service> = wrap<Service>(endpoint);
  let reason: string | undefined;
  const waiting = new Set<(error: Error) => void>();
  const failure = (): StateError => new StateError(`connect: the worker is not there any more: ${reason}`);
  const end = (why: string): boolean => {
    if (reason !== undefined) return false;
    reason = why;
    worker.terminate();
    const isAwaited = waiting.size > 0;
    for (const reject of waiting) reject(failure());
    waiting.clear();
    return isAwaited;
  };
  onEnd(worker, end);

  const call = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    if (reason !== undefined) throw failure();
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      waiting.add(reject);
      service
        .call(name, ...args.map(sent))
        .then(resolve, (cause) => reject(untransferable(name, cause)))
        .finally(() => waiting.delete(reject));
    });
    if ('failure' in outcome) throw errorOf(outcome.failure);
    return outcome.value;
  };
  const remote = new Proxy(Object.create(null) as Remote<F>, {
    // Without `then`, so that it can be awaited itself.
    get: (_, name) =>
      typeof name === 'string' && name !== 'then' ? (...args: unknown[]) => call(name, args) : undefined,
  });
  return { remote, close: () => void end('it was closed') };
}

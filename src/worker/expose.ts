/** In the worker: functions that its page may call. */
import { type Endpoint, expose as exposeByMessages, transfer } from 'comlink';
import { ArgumentError, RuntimeSupportError } from '../support/errors';
import { type Failure, failureOf } from './failure';
import { packed } from './values';

/** Functions by name; they may be asynchronous. */
export type Exposable = Readonly<Record<string, (...args: never[]) => unknown>>;

/** What a call ends with. */
export type Outcome = { readonly value: unknown } | { readonly failure: Failure };

/** The one function behind all of a connection. */
export interface Service {
  call(name: string, ...args: unknown[]): Promise<Outcome>;
}

/** The page's end of the channel. */
function pageOf(): Endpoint {
  const scope = globalThis as {
    addEventListener?: unknown;
    document?: unknown;
    process?: { getBuiltinModule?: (name: string) => { parentPort: Endpoint | null } };
  };
  const port = scope.process?.getBuiltinModule?.('node:worker_threads')?.parentPort;
  if (port) return port;
  if (typeof scope.addEventListener !== 'function' || scope.document)
    throw new RuntimeSupportError('expose: this is no worker; call it in the file that `new Worker(…)` names');
  return globalThis as unknown as Endpoint;
}

/** A function of the page's, to be called with values as they travel. */
const callable = (arg: unknown): unknown =>
  typeof arg === 'function' ? (...values: unknown[]) => arg(...values.map((value) => packed(value, []))) : arg;

/**
 * Lets the page that has started this worker call functions by `connect`. Call it once, in the worker's file.
 *
 * Arguments and results are copied as `structuredClone` does; tensors travel as `{ data, shape, dtype }`, in arrays and plain
 * objects too. Arguments that are functions may be called here, and are run in the page. Errors keep their class.
 * @param functions by their names; each may be asynchronous
 * @throws RuntimeSupportError outside of a worker
 * @example
 * // In a page's worker, worker.js: import { expose } from 'samegrad/worker'
 * expose({
 *   async train(images, labels, onEpoch) {
 *     const model = sg.sequential({ layers: [sg.layers.dense({ units: 10, inputShape: [784] })] });
 *     model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 *     await model.fit(sg.tensor(images, [images.length / 784, 784]), sg.tensor(labels, [labels.length / 10, 10]), {
 *       epochs: 3,
 *       callbacks: { onEpochEnd: (epoch, logs) => onEpoch(epoch, logs) },
 *     });
 *     return model.getWeights();
 *   },
 * });
 */
export function expose(functions: Exposable): void {
  const service: Service = {
    async call(name, ...args) {
      try {
        const run = Object.hasOwn(functions, name) ? functions[name] : undefined;
        if (typeof run !== 'function')
          throw new ArgumentError(
            `connect: the worker exposes no function ${name}, only ${Object.keys(functions).join(', ')}`,
          );
        const buffers: ArrayBuffer[] = [];
        const value = packed(await run(...(args.map(callable) as never[])), buffers);
        return transfer({ value }, buffers);
      } catch (error) {
        return { failure: failureOf(error) };
      }
    },
  };
  exposeByMessages(service, pageOf());
}

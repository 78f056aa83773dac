/** A server: models, limits, and how hosts call it. */
import { ArgumentError } from '../support/errors';
import { checked } from '../support/settings';
import type { WebRequest, WebResponse } from '../support/web';
import { Handler } from './handler';
import { callOf, responseOf } from './hosts/fetch';
import { Metrics } from './metrics';
import { type ModelSettings, Pool } from './models/pool';
import type { Served } from './models/servable';
import { OPTIONS, type ServeOptions } from './options';

/** A server, as `serve` returns it. */
export interface Server {
  /**
   * Answers a request: what `Deno.serve`, `Bun.serve`, Workers and service workers call. It needs no `this`.
   */
  readonly fetch: (request: WebRequest) => Promise<WebResponse>;
  /** Milliseconds that a request may take to come, and then to be answered. */
  readonly timeout: number;
  /**
   * Serves a model, or another one by the name of one before: requests that have come are answered by that.
   * @throws ArgumentError for what is no model
   */
  add(name: string, model: Served | ModelSettings): void;
  /** Loads a model of the repository, again if it is there. @throws Refusal; the promise is rejected */
  load(name: string): Promise<void>;
  /** Serves a model no more; resolves when what has come is answered. @throws Refusal; the promise is rejected */
  unload(name: string): Promise<void>;
  /** Refuses what comes from now on (503), answers what has come, and disposes of models that it has loaded itself. */
  close(): Promise<void>;
}

const handlers = new WeakMap<object, Handler>();

/** What answers the calls of a server. @throws ArgumentError */
export function handlerOf(server: Server, where: string): Handler {
  const handler = typeof server === 'object' && server !== null ? handlers.get(server) : undefined;
  if (handler) return handler;
  throw new ArgumentError(`${where}: needs a server, as serve returns it`);
}

/**
 * Serves models over HTTP by the Open Inference Protocol (version 2, as KServe and Triton speak it): health, metadata,
 * inference with JSON or binary tensors, a repository of models, generated text, and metrics for Prometheus. Requests that
 * wait are computed as one batch, if the rows have the same shape; as a row has the same bits in every batch, nobody's
 * answer depends on who else came along.
 * @param options settings; models or a repository at least
 * @returns a server, whose `fetch` is what hosts call; in Node see `listen`
 * @throws ArgumentError for wrong settings; StateError for a model that is not built
 * @example
 * import { serve } from 'samegrad/serve';
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * const server = serve({ models: { model } });
 * // Deno.serve(server.fetch), Bun.serve(server), export default server
 * const response = await server.fetch(new Request('http://localhost/v2/models/model'));
 * (await response.json()).inputs[0].shape; // [-1, 2]
 */
export function serve(options: ServeOptions): Server {
  const where = 'serve';
  const settings = checked(where, OPTIONS, options);
  const { models, repository } = settings as ServeOptions;
  if (!models && !repository) throw new ArgumentError(`${where}: needs models or a repository`);
  const { maxBatchSize, maxDelay, maxQueue, name, maxBodySize, timeout } = settings;
  const { bearer, log } = settings as ServeOptions;
  const metrics = new Metrics();
  const pool = new Pool(repository ?? undefined, { maxBatchSize, maxDelay, maxQueue }, timeout, (model) => ({
    batch(rows, seconds) {
      metrics.batches.observe(model, rows);
      metrics.computing.observe(model, seconds);
    },
  }));
  for (const [model, given] of Object.entries(models ?? {})) pool.add(model, given, false);
  const limits = { name, maxBodySize, timeout, bearer: bearer ?? undefined, log: log ?? undefined };
  const handler = new Handler(pool, limits, metrics);
  const server: Server = {
    fetch: async (request) => responseOf(await handler.handle(callOf(request))),
    timeout,
    add: (model, given) => pool.add(model, given, false),
    load: (model) => pool.load(model),
    unload: (model) => pool.unload(model),
    async close() {
      await handler.close();
      await pool.close();
    },
  };
  handlers.set(server, handler);
  return server;
}

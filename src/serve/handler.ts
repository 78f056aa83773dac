/** A call in, an answer out: limits, the bearer's check, routes, what is counted and logged. */
import { version as library } from '../support/version';
import type { Metrics } from './metrics';
import { failureOf } from './models/failure';
import { readGenerateRequest } from './models/generation';
import type { Pool } from './models/pool';
import type { Feeds } from './models/servable';
import type { ServedModel } from './models/served-model';
import type { LogEntry } from './options';
import { type Answer, type Call, empty, json } from './protocol/answer';
import { inferAnswer } from './protocol/infer-answer';
import { readInferRequest } from './protocol/infer-request';
import { parseObject } from './protocol/json';
import { Refusal } from './protocol/refusal';
import { type Found, findRoute, type Route } from './protocol/routes';
import { streamAnswer, textAnswer } from './streaming';

/** What the handler needs to know. */
export interface HandlerSettings {
  readonly name: string;
  readonly bearer: ((token: string) => boolean | Promise<boolean>) | undefined;
  readonly log: ((entry: LogEntry) => void) | undefined;
  readonly maxBodySize: number;
  readonly timeout: number;
}

/** Requests to load or unload models are small. */
const SMALL_BODY = 64 * 1024;

const EXTENSIONS = ['model_repository', 'binary_tensor_data', 'generate', 'metrics'];

/** Rejects after some time what has not come by then. */
function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Refusal(504, `the model did not answer within ${milliseconds} ms`)),
      milliseconds,
    );
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

const tokenOf = (call: Call): string => /^Bearer +(\S+)\s*$/i.exec(call.header('authorization') ?? '')?.[1] ?? '';

const refused = ({ status, message, headers }: Refusal): Answer => json(status, { error: message }, headers);

export class Handler {
  readonly #pool: Pool;
  readonly #settings: HandlerSettings;
  readonly #metrics: Metrics;
  #isClosing = false;
  #open = 0;
  readonly #whenDone: (() => void)[] = [];

  constructor(pool: Pool, settings: HandlerSettings, metrics: Metrics) {
    this.#pool = pool;
    this.#settings = settings;
    this.#metrics = metrics;
  }

  /** Answers; it never throws. */
  async handle(call: Call): Promise<Answer> {
    const start = performance.now();
    this.#open++;
    let route: Route | 'other' = 'other';
    let answer: Answer;
    let refusal: Refusal | undefined;
    try {
      const found = findRoute(call.method, call.path);
      route = found.route;
      const answering = this.#answer(call, found);
      answer = answering instanceof Promise ? await answering : answering;
    } catch (error) {
      refusal = failureOf(error);
      answer = refused(refusal);
    }
    this.#finished(call, route, answer.status, (performance.now() - start) / 1000, refusal);
    return answer;
  }

  #finished(call: Call, route: string, status: number, seconds: number, refusal: Refusal | undefined): void {
    this.#metrics.requests.add([route, String(status)]);
    this.#metrics.latency.observe(route, seconds);
    this.#settings.log?.({
      time: new Date().toISOString(),
      method: call.method,
      path: call.path,
      status,
      milliseconds: seconds * 1000,
      ...(refusal && { error: refusal.message }),
      ...(refusal && status >= 500 && refusal.cause !== undefined && { cause: refusal.cause }),
    });
    if (--this.#open === 0) for (const resolve of this.#whenDone.splice(0)) resolve();
  }

  /** From now on nothing is accepted. Resolves when all that has come is answered. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#open > 0) await new Promise<void>((resolve) => this.#whenDone.push(resolve));
  }

  #answer(call: Call, found: Found): Answer | Promise<Answer> {
    const { route } = found;
    if (route === 'live') return empty(200);
    if (route === 'ready') return empty(!this.#isClosing && this.#pool.isSettled ? 200 : 503);
    if (this.#isClosing) throw new Refusal(503, 'the server is closing', { 'Retry-After': '5', Connection: 'close' });
    const { bearer } = this.#settings;
    return bearer ? this.#permitted(bearer, call, found) : this.#routed(call, found);
  }

  async #permitted(bearer: (token: string) => boolean | Promise<boolean>, call: Call, found: Found): Promise<Answer> {
    if ((await bearer(tokenOf(call))) !== true)
      throw new Refusal(401, 'the request needs a valid bearer token', { 'WWW-Authenticate': 'Bearer' });
    return this.#routed(call, found);
  }

  #routed(call: Call, { route, model, version }: Found): Answer | Promise<Answer> {
    const pool = this.#pool;
    const encoding = call.header('content-encoding');
    if (encoding !== null && encoding !== 'identity')
      throw new Refusal(415, `the content encoding '${encoding.slice(0, 40)}' is not supported; send it as it is`);
    switch (route) {
      case 'infer':
        return this.#infer(call, pool.find(model, version));
      case 'generate':
      case 'generateStream': {
        const found = pool.find(model, version);
        return found.use(() => this.#generate(call, found, route === 'generateStream'));
      }
      case 'model':
        return json(200, metadataOf(pool.find(model, version)));
      case 'modelReady':
        pool.find(model, version);
        return empty(200);
      case 'index':
        return this.#index(call);
      case 'load':
      case 'unload':
        return this.#control(call, model, route);
      case 'metrics': {
        const waiting = pool.models.map(({ name, parts }) => [{ model: name }, parts.queue.length] as const);
        const headers = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' };
        return { status: 200, headers, body: this.#metrics.text(waiting) };
      }
      default:
        return json(200, { name: this.#settings.name, version: library, extensions: EXTENSIONS });
    }
  }

  #body(call: Call, most = this.#settings.maxBodySize): Promise<Uint8Array> {
    return call.body(most, this.#settings.timeout);
  }

  async #infer(call: Call, model: ServedModel): Promise<Answer> {
    const { servable, queue } = model.parts;
    model.enter();
    try {
      // What cannot be queued need not be read.
      queue.ensureSpace();
      const body = await this.#body(call);
      const header = call.header('inference-header-content-length');
      const request = readInferRequest(body, header, servable.inputs, servable.outputs);
      let isLate = false;
      const computing = queue.infer(request.feeds, () => isLate || call.isGone());
      const results: Feeds =
        computing instanceof Promise
          ? await within(this.#settings.timeout, computing).finally(() => {
              isLate = true;
            })
          : computing;
      return inferAnswer(model.name, model.version, request, results);
    } finally {
      model.leave();
    }
  }

  async #generate(call: Call, model: ServedModel, isStream: boolean): Promise<Answer> {
    if (!model.parts.generate)
      throw new Refusal(400, `model '${model.name}' does not generate; send requests to infer`);
    const request = readGenerateRequest(await this.#body(call));
    return isStream
      ? streamAnswer(model, request, call)
      : within(this.#settings.timeout, textAnswer(model, request, call));
  }

  async #index(call: Call): Promise<Answer> {
    const { ready = false } = parseObject(await this.#body(call, SMALL_BODY));
    const all = await this.#pool.index();
    return json(200, ready === true ? all.filter(({ state }) => state === 'READY') : all);
  }

  async #control(call: Call, name: string, what: 'load' | 'unload'): Promise<Answer> {
    const { parameters } = parseObject(await this.#body(call, SMALL_BODY));
    if (what === 'load' && parameters !== undefined && Object.keys(Object(parameters)).length > 0)
      throw new Refusal(400, 'load takes no parameters: models and their settings are those of the repository');
    await this.#pool[what](name);
    return json(200, {});
  }
}

const metadataOf = ({ name, version, parts: { servable } }: ServedModel): object => ({
  name,
  versions: [version],
  platform: servable.platform ?? 'custom',
  inputs: servable.inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape ?? [-1] })),
  outputs: servable.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape ?? [-1] })),
});

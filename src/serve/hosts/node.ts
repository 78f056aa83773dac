/** The server of `node:http`, which Node, Deno and Bun have: without requests and responses of the web in between. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ArgumentError, RuntimeSupportError } from '../../support/errors';
import { loadBuiltin } from '../../support/optional-modules';
import * as is from '../../support/settings';
import { milliseconds } from '../options';
import type { Answer, Call } from '../protocol/answer';
import { joined } from '../protocol/binary';
import { Refusal } from '../protocol/refusal';
import { handlerOf, type Server } from '../server';
import { tooLarge, tooSlow } from './fetch';

/** Settings of `listen`. */
export interface ListenOptions {
  /** Where it listens; by default 8000. With 0 the system chooses one. */
  port?: number | null;
  /** The address it listens on; by default '127.0.0.1', which only this machine reaches. '0.0.0.0': all. */
  host?: string | null;
}

/** A server that listens. */
export interface Listening {
  /** Its address, such as 'http://127.0.0.1:8000'. */
  readonly url: string;
  /** Its port, also if it was chosen by the system. */
  readonly port: number;
  /**
   * Stops listening, answers what has come, and closes the server.
   * @param options `grace`, by default 0: milliseconds for which requests that come on open connections are still answered.
   * Each answer then ends its connection, so that clients that keep connections lose no request.
   * @throws ArgumentError for a wrong grace; the promise is rejected
   */
  close(options?: CloseOptions | null): Promise<void>;
}

/** Settings of the end of a server that listens. */
export interface CloseOptions {
  /** Milliseconds for which requests that come on open connections are still answered; by default 0. */
  grace?: number | null;
}

const OPTIONS = {
  port: is.given(
    'an integer from 0 to 65535',
    (v) => Number.isInteger(v) && (v as number) >= 0 && (v as number) < 65536,
    8000,
  ),
  host: is.text('127.0.0.1'),
};

const CLOSE_OPTIONS = { grace: milliseconds(0) };

/** As plain bytes: a Buffer has methods of its own by the same names. */
const plain = ({ buffer, byteOffset, length }: Uint8Array): Uint8Array => new Uint8Array(buffer, byteOffset, length);

async function readBody(request: IncomingMessage, most: number, milliseconds: number): Promise<Uint8Array> {
  const { 'content-length': length } = request.headers;
  if (Number(length ?? 0) > most) throw tooLarge(most);
  // What has come with the headers is there once the parser has returned: it needs no events and no timer.
  await undefined;
  const first: Uint8Array | null = request.complete ? request.read() : null;
  if (first && first.length === Number(length)) return plain(first);
  return readParts(request, first ? [plain(first)] : [], most, milliseconds);
}

/** @param parts what has been read already. */
function readParts(
  request: IncomingMessage,
  parts: Uint8Array[],
  most: number,
  milliseconds: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let size = parts.reduce((sum, part) => sum + part.length, 0);
    if (size > most) return reject(tooLarge(most));
    const timer = setTimeout(() => end(tooSlow(milliseconds)), milliseconds);
    const end = (error?: Refusal): void => {
      clearTimeout(timer);
      // Errors that come later still need a listener.
      request.off('data', take).off('end', whole).off('close', early);
      if (error) reject(error);
      else resolve(parts.length === 1 ? (parts[0] as Uint8Array) : joined(parts));
    };
    const take = (part: Uint8Array): void => {
      size += part.length;
      if (size > most) end(tooLarge(most));
      else parts.push(plain(part));
    };
    const whole = (): void => end();
    const early = (): void => end(new Refusal(400, 'the request ended early'));
    // What is wrong with a connection once the body has come shows when the answer is sent.
    request.on('data', take).on('end', whole).on('error', early).on('close', early);
  });
}

/** A request of `node:http`. */
class NodeCall implements Call {
  readonly method: string;
  readonly path: string;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    const { method = 'GET', url = '/' } = request;
    const end = url.search(/[?#]/);
    this.method = method;
    this.path = end < 0 ? url : url.slice(0, end);
    this.#request = request;
    this.#response = response;
  }

  header(name: string): string | null {
    const value = this.#request.headers[name];
    return typeof value === 'string' ? value : null;
  }

  body(most: number, milliseconds: number): Promise<Uint8Array> {
    return readBody(this.#request, most, milliseconds);
  }

  isGone(): boolean {
    return this.#response.destroyed || this.#response.socket?.destroyed === true;
  }
}

/**
 * @param isLast whether no other request is answered on this connection.
 * @returns a promise for answers that are sent as they come
 */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  isLast: boolean,
): Promise<void> | undefined {
  const { status, headers, body } = answer;
  // A body that was not read would stand before the next request.
  const isOver = request.complete || request.method === 'GET';
  const all: Record<string, string | number> = { ...headers };
  if (isLast || !isOver) all.Connection = 'close';
  if (!isOver) response.once('finish', () => request.destroy());
  if (typeof body === 'string' || body instanceof Uint8Array) {
    all['Content-Length'] = Buffer.byteLength(body);
    response.writeHead(status, all).end(body);
    return undefined;
  }
  response.writeHead(status, all);
  return sendTexts(response, body);
}

/** A client that does not read is waited for; one that leaves ends what is sent. */
async function sendTexts(response: ServerResponse, texts: AsyncIterable<string>): Promise<void> {
  for await (const text of texts) {
    if (response.destroyed) break;
    if (!response.write(text))
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
  }
  response.end();
}

/** Waits for something, but no longer than some time. */
async function within(milliseconds: number, done: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([done, late]);
  clearTimeout(timer);
}

/**
 * Serves over HTTP, in Node, Deno and Bun.
 * @param server as `serve` returns it.
 * @param options port 8000, host '127.0.0.1' by default
 * @returns its address, and how to close it
 * @throws ArgumentError for an address that cannot be listened on; RuntimeSupportError in runtimes without `node:http`
 * @example
 * import { listen, serve } from 'samegrad/serve';
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * const listening = await listen(serve({ models: { model } }), { port: 0 });
 * await fetch(`${listening.url}/v2/health/ready`); // status 200
 * await listening.close();
 */
export async function listen(server: Server, options?: ListenOptions | null): Promise<Listening> {
  const where = 'listen';
  const { port, host } = is.checked(where, OPTIONS, options);
  const handler = handlerOf(server, where);
  const http = await loadBuiltin<typeof import('node:http')>('node:http').catch((cause: unknown) => {
    throw new RuntimeSupportError(`${where}: this runtime has no node:http; use server.fetch`, { cause });
  });
  const { Server: Sockets } = await loadBuiltin<typeof import('node:net')>('node:net');
  const { timeout } = server;
  let isLeaving = false;
  /** Responses that are not all sent. */
  let open = 0;
  let whenSent: (() => void) | undefined;
  const sent = (): void => {
    if (--open === 0) whenSent?.();
  };
  const made = http.createServer(
    { requestTimeout: Math.ceil(timeout), headersTimeout: Math.ceil(timeout) },
    (request, response) => {
      open++;
      response.once('close', sent);
      handler
        .handle(new NodeCall(request, response))
        .then((answer) => send(request, response, answer, isLeaving))
        .catch(() => response.destroy());
    },
  );
  await new Promise<void>((resolve, reject) => {
    made.once('error', (cause) => reject(new ArgumentError(`${where}: ${cause.message}`, { cause })));
    made.listen(port, host, resolve);
  });
  const { port: own } = made.address() as { port: number };
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${own}`,
    port: own,
    async close(options) {
      const { grace } = is.checked(`${where}.close`, CLOSE_OPTIONS, options);
      isLeaving = true;
      // In Node the method of http.Server ends idle connections too, on which a request may be under way.
      const { close } = made instanceof Sockets ? Sockets.prototype : made;
      const closed = new Promise<void>((resolve) => close.call(made, () => resolve()));
      if (grace > 0) await within(grace, closed);
      made.close();
      await server.close();
      if (open > 0)
        await within(
          timeout,
          new Promise((resolve) => {
            whenSent = resolve;
          }),
        );
      made.closeAllConnections();
      await closed;
    },
  };
}

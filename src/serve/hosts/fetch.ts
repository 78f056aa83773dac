/** Requests and responses of the web platform: Deno, Bun, Workers, service workers. */
import type { WebRequest, WebResponse } from '../../support/web';
import type { Answer, Call } from '../protocol/answer';
import { joined } from '../protocol/binary';
import { Refusal } from '../protocol/refusal';

/** What is read of a body. */
interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array }>;
  cancel(): Promise<void>;
}

export const tooLarge = (most: number): Refusal =>
  new Refusal(413, `the request has more than ${most} bytes`, { Connection: 'close' });
export const tooSlow = (milliseconds: number): Refusal =>
  new Refusal(408, `the request did not come within ${milliseconds} ms`, { Connection: 'close' });

async function readAll(reader: Reader, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return parts.length === 1 ? (parts[0] as Uint8Array) : joined(parts);
    size += value.length;
    if (size > most) throw tooLarge(most);
    parts.push(value);
  }
}

/** Of requests that cannot be read in parts, as in Firefox. */
const wholeOf = (request: Request): Reader => {
  let isRead = false;
  return {
    async read() {
      if (isRead) return { done: true };
      isRead = true;
      return { done: false, value: new Uint8Array(await request.arrayBuffer()) };
    },
    cancel: () => Promise.resolve(),
  };
};

async function readBody(request: Request, most: number, milliseconds: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge(most);
  const { body } = request as { readonly body?: Request['body'] };
  if (body === null) return new Uint8Array();
  const reader = body === undefined ? wholeOf(request) : (body.getReader() as Reader);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow(milliseconds)), milliseconds);
  });
  try {
    return await Promise.race([readAll(reader, most), late]);
  } catch (error) {
    reader.cancel().catch(() => {});
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, 'the request ended early');
  } finally {
    clearTimeout(timer);
  }
}

/** A request as the server knows it. */
export function callOf(given: WebRequest): Call {
  const request = given as unknown as Request;
  const { url } = request;
  const from = url.indexOf('/', url.indexOf('//') + 2);
  const end = url.slice(from).search(/[?#]/);
  return {
    method: request.method,
    path: from < 0 ? '/' : end < 0 ? url.slice(from) : url.slice(from, from + end),
    header: (name) => request.headers.get(name),
    body: (most, milliseconds) => readBody(request, most, milliseconds),
    isGone: () => request.signal?.aborted ?? false,
  };
}

const encoder = new TextEncoder();

function streamOf(texts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = texts[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

/** An answer as a response. */
export function responseOf({ status, headers, body }: Answer): WebResponse {
  const isStream = typeof body === 'object' && Symbol.asyncIterator in body;
  // Hosts know by themselves when a connection ends.
  const { Connection: _, ...own } = headers as Record<string, string>;
  const content = isStream ? streamOf(body) : body === '' ? null : body;
  return new Response(content as BodyInit | null, { status, headers: own }) as unknown as WebResponse;
}

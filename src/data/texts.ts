/** Texts to read, wherever they are: URLs, files, blobs, streams. They come piece by piece. */

import { type FileSystem, loadFileSystem } from '../runtime/files';
import { ArgumentError, StateError } from '../support/errors';
import type { WebBlob, WebRequest, WebStream, WebURL } from '../support/web';

/**
 * A URL (http, https, file, blob, data), the path of a file (in Node, Deno and Bun; in pages a URL relative to the
 * page), a request, a Blob or File, a web stream of bytes or texts (for one pass), or the text itself.
 */
export type CSVSource = string | WebURL | WebRequest | WebBlob | WebStream | { readonly text: string };

type Piece = Uint8Array | string;

/** Bytes, or characters, per read. */
const PIECE = 1 << 16;

/** Whether a value is of a class that the runtime may not have. */
const isA = (value: unknown, name: 'Request' | 'Blob' | 'ReadableStream'): boolean => {
  const found = (globalThis as Record<string, unknown>)[name];
  return typeof found === 'function' && value instanceof found;
};

/** Whether this is Node, Deno or Bun; in pages a path is a relative URL. */
const hasFiles = (): boolean =>
  (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;

async function* ofFile({ open }: FileSystem, path: string | URL): AsyncGenerator<Piece> {
  const file = await open(path);
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE), 0, PIECE);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** A reader, not `for await`: not all browsers can iterate streams. */
async function* ofStream(stream: ReadableStream<Piece>): AsyncGenerator<Piece> {
  const reader = stream.getReader();
  let isOver = false;
  try {
    for (;;) {
      const result = await reader.read();
      isOver = result.done;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    if (!isOver) await reader.cancel().catch(() => {});
  }
}

async function* ofAddress(address: string | Request): AsyncGenerator<Piece> {
  const answer = await fetch(typeof address === 'string' ? address : address.clone());
  if (!answer.ok) throw new Error(`the server answered ${answer.status} ${answer.statusText}`.trimEnd());
  if (answer.body) yield* ofStream(answer.body);
}

/** Two letters at least: `C:` is a drive. */
const SCHEME = /^[a-z][a-z\d+.-]+:/i;

async function* ofText(text: string): AsyncGenerator<Piece> {
  for (let i = 0; i < text.length; i += PIECE) yield text.slice(i, i + PIECE);
}

/** The address of a string or URL, or the path of a file. */
async function* ofLocation(location: string): AsyncGenerator<Piece> {
  const isFile = /^file:/i.test(location);
  if (SCHEME.test(location) && !isFile) return yield* ofAddress(location);
  if (!hasFiles()) return yield* ofAddress(location);
  // TensorFlow.js writes file://data.csv for a path in the working directory.
  const path = !isFile ? location : /^file:(\/(?!\/)|\/\/\/)/i.test(location) ? new URL(location) : location.slice(7);
  yield* ofFile(await loadFileSystem('data.csv', 'give a URL, a Blob or { text }'), path);
}

/** @throws ArgumentError unless it is a source */
export function checkSource(where: string, source: CSVSource): void {
  if (typeof source === 'string' || source instanceof URL) return;
  if (isA(source, 'Request') || isA(source, 'Blob') || isA(source, 'ReadableStream')) return;
  if (typeof (source as { text?: unknown } | null)?.text === 'string') return;
  throw new ArgumentError(
    `${where}: source must be a URL, a path, a Request, a Blob, a ReadableStream or { text }, got ${source === null ? 'null' : typeof source}`,
  );
}

export const isOnce = (source: CSVSource): boolean => isA(source, 'ReadableStream');

function pieces(source: CSVSource): AsyncGenerator<Piece> {
  if (typeof source === 'string' || source instanceof URL) return ofLocation(String(source));
  if (isA(source, 'Request')) return ofAddress(source as Request);
  if (isA(source, 'Blob')) return ofStream((source as Blob).stream());
  if (isA(source, 'ReadableStream')) return ofStream(source as ReadableStream<Piece>);
  return ofText((source as { text: string }).text);
}

const nameOf = (source: CSVSource): string =>
  typeof source === 'string' || source instanceof URL
    ? `'${source}'`
    : isA(source, 'Request')
      ? `'${(source as Request).url}'`
      : 'the source';

/**
 * The pieces of a source as texts, without byte order mark.
 * @throws ArgumentError with the cause for what cannot be read or is not UTF-8; StateError for a stream that was read
 */
export async function* textsOf(where: string, source: CSVSource): AsyncGenerator<string> {
  if (isOnce(source) && (source as ReadableStream).locked)
    throw new StateError(`${where}: the stream was read already; for more than one pass give a Blob or a URL`);
  let isFirst = true;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (piece?: Piece): string => {
    let text: string;
    try {
      text = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: piece !== undefined });
    } catch (cause) {
      throw new Error('it is not UTF-8; decode it with pipeThrough(new TextDecoderStream(encoding))', { cause });
    }
    if (!isFirst || text === '') return text;
    isFirst = false;
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  };
  try {
    for await (const piece of pieces(source)) yield decode(piece);
    yield decode();
  } catch (cause) {
    throw new ArgumentError(`${where}: cannot read ${nameOf(source)}: ${(cause as Error).message}`, { cause });
  }
}

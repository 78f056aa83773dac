/** Files as bytes that need not all be read, wherever they are. */
import { show } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import type { WebBlob } from '../../support/web';
import type { Source } from '../formats/format';
import { sourceOfMemory } from '../formats/in-memory';
import type { LoadOptions } from '../model/options';
import { bytesOf } from '../weights/pieces';
import { hasFiles } from './environment';
import { isHTTP, schemeOf } from './router';

/** Where a file can be: a path (Node, Deno, Bun) or address, its bytes, or a file that a user chose. */
export type FileSource = string | Uint8Array | ArrayBuffer | WebBlob;

export const isBytes = (value: unknown): value is Uint8Array | ArrayBuffer =>
  value instanceof Uint8Array || value instanceof ArrayBuffer;

/** Bytes that are there already. */
export function sourceOfBytes(given: Uint8Array | ArrayBuffer): Source {
  return sourceOfMemory('the file', bytesOf(given));
}

interface BlobLike {
  readonly name?: unknown;
  readonly size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

const isBlob = (value: unknown): value is BlobLike =>
  typeof Blob === 'function' && (value as unknown) instanceof (Blob as unknown as new () => object);

/** A file that a user chose, or other bytes that the runtime keeps outside of the program's memory. */
function sourceOfBlob(blob: BlobLike): Source {
  const name = typeof blob.name === 'string' ? `'${blob.name}'` : 'the blob';
  return {
    name,
    size: blob.size,
    async read(from, to) {
      const end = Math.min(to, blob.size);
      const bytes = new Uint8Array(await blob.slice(from, end).arrayBuffer());
      if (bytes.length !== end - from) throw new FormatError(`${name} became shorter while it was read`);
      return bytes;
    },
  };
}

/** @throws ArgumentError if it is not a file, and for files that cannot be opened */
export async function openSource(where: string, source: FileSource, options: LoadOptions): Promise<Source> {
  const given: unknown = source;
  if (isBytes(given)) return sourceOfBytes(given);
  if (isBlob(given)) return sourceOfBlob(given);
  if (typeof given !== 'string' || given === '')
    throw new ArgumentError(`${where}: needs a path or address, bytes, or a Blob, got ${show(given)}`);
  const scheme = schemeOf(given);
  if (scheme === 'file' || (scheme === undefined && hasFiles()))
    return (await import('./places')).openWhole(given, where);
  if (scheme === undefined || isHTTP(given)) return (await import('./places')).openRanges(where, given, options);
  throw new ArgumentError(`${where}: files are at paths, file://, http:// and https://, got ${show(given)}`);
}

/** Zip archives, as .keras and .npz files are: read with everything checked before it is inflated, and written. */

import { inflateSync, zipSync } from 'fflate/browser';
import { crc32 } from '../../support/crc32';
import { FormatError } from '../../support/errors';

const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END = 0x06054b50;
const END_SIZE = 22;
/** Sizes and places of this value are elsewhere: the archive is larger than 4 GB. */
const ELSEWHERE = 0xffffffff;
/** Deflate cannot make more of a byte than this. */
const MOST_OF_A_BYTE = 1032;
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly from: number;
  readonly to: number;
  readonly size: number;
}

function refuse(why: string): never {
  throw new FormatError(`zip: ${why}`);
}

/** Whether bytes begin as an archive does. */
export const isArchive = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === LOCAL;

/** Files by name; each is inflated when it is asked for. */
export class Archive {
  readonly #bytes: Uint8Array;
  readonly #entries: ReadonlyMap<string, Entry>;

  /** @throws FormatError for a damaged directory, entries that overlap, and names that lead out of the archive */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#entries = readDirectory(bytes);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** The bytes of a file, where they lie if they are not compressed. @throws FormatError if they are damaged */
  get(name: string): Uint8Array | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const raw = this.#bytes.subarray(entry.from, entry.to);
    const data = entry.method === STORED ? raw : inflated(raw, entry);
    if (data.length !== entry.size || crc32(data) !== entry.crc)
      refuse(`'${name}' is damaged: its checksum is that of other bytes`);
    return data;
  }
}

function inflated(raw: Uint8Array, { name, size }: Entry): Uint8Array {
  try {
    // One more than there may be: what is longer is told from what fits.
    return inflateSync(raw, { out: new Uint8Array(size + 1) });
  } catch (cause) {
    throw new FormatError(`zip: '${name}' cannot be decompressed`, { cause });
  }
}

function readDirectory(bytes: Uint8Array): ReadonlyMap<string, Entry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - END_SIZE;
  const first = Math.max(0, end - 0xffff);
  while (end >= first && view.getUint32(end, true) !== END) end--;
  if (end < first) return refuse('the file has no end: it was cut off, or is no archive');
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  const entries = new Map<string, Entry>();
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== ENTRY) refuse('the directory is damaged');
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [number, number, number];
    const next = at + 46 + lengths[0] + lengths[1] + lengths[2];
    if (next > end) refuse('the directory is damaged');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + lengths[0]));
    if (entries.has(name)) refuse(`there are two files '${name}'`);
    entries.set(name, readEntry(view, at, name, start));
    at = next;
  }
  const ordered = [...entries.values()].sort((a, b) => a.from - b.from);
  ordered.forEach((entry, i) => {
    const before = ordered[i - 1];
    if (before && entry.from < before.to) refuse(`'${before.name}' and '${entry.name}' share bytes`);
  });
  return entries;
}

function readEntry(view: DataView, at: number, name: string, directory: number): Entry {
  const at32 = (field: number): number => view.getUint32(at + field, true);
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [crc, packed, size, local] = [at32(16), at32(20), at32(24), at32(42)];
  if (/^[/\\]|^[a-z]:|\\|(^|\/)\.\.(\/|$)|\0/i.test(name))
    refuse(`'${name}' is no name of a file inside of the archive`);
  if (flags & 1) refuse(`'${name}' is encrypted`);
  if (method !== STORED && method !== DEFLATED) refuse(`'${name}' is compressed in way ${method}; 0 and 8 can be read`);
  if (packed === ELSEWHERE || size === ELSEWHERE || local === ELSEWHERE) refuse(`'${name}' is larger than 4 GB`);
  if (local + 30 > directory || view.getUint32(local, true) !== LOCAL)
    refuse(`'${name}' is not where the directory says`);
  const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (from + packed > directory) refuse(`'${name}' is not all there`);
  if (method === STORED ? size !== packed : size > packed * MOST_OF_A_BYTE + 64)
    refuse(`'${name}' cannot have ${size} bytes: only ${packed} are there`);
  return { name, method, crc, from, to: from + packed, size };
}

/**
 * An archive of files. The same files always become the same bytes.
 * @param compress whether the files are made smaller; as they are by default, as Keras and numpy write them.
 */
export const archive = (files: Readonly<Record<string, Uint8Array>>, compress = false): Uint8Array =>
  zipSync(
    Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, [bytes, { level: compress ? 6 : 0 }] as const]),
    ),
    // Read as a time of day wherever it runs.
    { mtime: new Date(1980, 0, 1) },
  );

/** Zip archives, as .keras and .npz files are: read with everything checked before it is inflated, and written. */

import { inflateSync, zipSync } from 'fflate/browser';
import { crc32 } from '../../support/crc32';
import { FormatError } from '../../support/errors';
import type { Seal, Source } from './format';
import { sourceOfMemory } from './in-memory';
import { partOf } from './part';

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

/** Files by name; each is read when it is asked for. */
export class Archive {
  readonly #source: Source;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(source: Source, entries: ReadonlyMap<string, Entry>) {
    this.#source = source;
    this.#entries = entries;
  }

  /** @throws FormatError for a damaged directory, entries that overlap, and names that lead out of the archive */
  static async open(source: Source): Promise<Archive> {
    return new Archive(source, await readDirectory(source));
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** The bytes of a file. @throws FormatError if they are damaged */
  async get(name: string): Promise<Uint8Array | undefined> {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const raw = await this.#source.read(entry.from, entry.to);
    const data = entry.method === STORED ? raw : inflated(raw, entry);
    if (data.length !== entry.size) refuseDamaged(name);
    const check = sealOf(entry).begin();
    check.add(data);
    check.end();
    return data;
  }

  /** A file to be read in pieces where it is, if it is not compressed: damage is found when all was read. */
  async open(name: string): Promise<Source | undefined> {
    const entry = this.#entries.get(name);
    if (entry?.method === STORED) return partOf(this.#source, `'${name}'`, entry.from, entry.to, sealOf(entry));
    const data = await this.get(name);
    return data && sourceOfMemory(`'${name}'`, data);
  }
}

const refuseDamaged = (name: string): never => refuse(`'${name}' is damaged: its checksum is that of other bytes`);

const sealOf = ({ name, crc }: Entry): Seal => ({
  from: 0,
  begin() {
    let found = 0;
    return {
      add(bytes) {
        found = crc32(bytes, found);
      },
      end() {
        if (found !== crc) refuseDamaged(name);
      },
    };
  },
});

function inflated(raw: Uint8Array, { name, size }: Entry): Uint8Array {
  try {
    // One more than there may be: what is longer is told from what fits.
    return inflateSync(raw, { out: new Uint8Array(size + 1) });
  } catch (cause) {
    throw new FormatError(`zip: '${name}' cannot be decompressed`, { cause });
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where the directory is, and how many entries it has. */
async function findDirectory(source: Source): Promise<{ count: number; start: number; end: number }> {
  const { size } = source;
  const from = Math.max(0, size - END_SIZE - 0xffff);
  const tail = viewOf(await source.read(from, size));
  let end = tail.byteLength - END_SIZE;
  while (end >= 0 && tail.getUint32(end, true) !== END) end--;
  if (end < 0) return refuse('the file has no end: it was cut off, or is no archive');
  const start = tail.getUint32(end + 16, true);
  if (start > from + end) refuse('the directory is damaged');
  return { count: tail.getUint16(end + 10, true), start, end: from + end };
}

async function readDirectory(source: Source): Promise<ReadonlyMap<string, Entry>> {
  const { count, start, end } = await findDirectory(source);
  const bytes = await source.read(start, end);
  const view = viewOf(bytes);
  const entries = new Map<string, Entry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== ENTRY) refuse('the directory is damaged');
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [number, number, number];
    const next = at + 46 + lengths[0] + lengths[1] + lengths[2];
    if (next > bytes.length) refuse('the directory is damaged');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + lengths[0]));
    if (entries.has(name)) refuse(`there are two files '${name}'`);
    entries.set(name, await readEntry(source, new DataView(view.buffer, view.byteOffset + at, 46), name, start));
    at = next;
  }
  const ordered = [...entries.values()].sort((a, b) => a.from - b.from);
  ordered.forEach((entry, i) => {
    const before = ordered[i - 1];
    if (before && entry.from < before.to) refuse(`'${before.name}' and '${entry.name}' share bytes`);
  });
  return entries;
}

/** @param directory where it begins: no file reaches into it */
async function readEntry(source: Source, view: DataView, name: string, directory: number): Promise<Entry> {
  const at32 = (field: number): number => view.getUint32(field, true);
  const [flags, method] = [view.getUint16(8, true), view.getUint16(10, true)];
  const [crc, packed, size, local] = [at32(16), at32(20), at32(24), at32(42)];
  if (/^[/\\]|^[a-z]:|\\|(^|\/)\.\.(\/|$)|\0/i.test(name))
    refuse(`'${name}' is no name of a file inside of the archive`);
  if (flags & 1) refuse(`'${name}' is encrypted`);
  if (method !== STORED && method !== DEFLATED) refuse(`'${name}' is compressed in way ${method}; 0 and 8 can be read`);
  if (packed === ELSEWHERE || size === ELSEWHERE || local === ELSEWHERE) refuse(`'${name}' is larger than 4 GB`);
  const head = local + 30 > directory ? undefined : viewOf(await source.read(local, local + 30));
  if (head?.getUint32(0, true) !== LOCAL) return refuse(`'${name}' is not where the directory says`);
  const from = local + 30 + head.getUint16(26, true) + head.getUint16(28, true);
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

/** All formats of one file: how they are told from each other, and where they are read and written. */
import { show } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import type { Format, Source } from './format';

interface Entry {
  readonly name: string;
  /** How names of such files end. */
  readonly extensions: readonly string[];
  /** Whether a file of `size` bytes may be one, by its first bytes. */
  matches(head: Uint8Array, size: number): boolean;
  load(): Promise<Format>;
}

/** First bytes that are looked at. */
export const HEAD = 16;

const begins = (head: Uint8Array, ...bytes: number[]): boolean => bytes.every((b, i) => head[i] === b);

function isHDF5(head: Uint8Array): boolean {
  return begins(head, 0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);
}

const FORMATS: readonly Entry[] = [
  {
    name: 'safetensors',
    extensions: ['.safetensors'],
    // The length of a header, and the brace that it begins with.
    matches: (head, size) =>
      head.length > 8 &&
      head[8] === 0x7b &&
      Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true)) <= size - 8,
    load: async () => (await import('../own/model')).ownFormat,
  },
  {
    name: 'keras',
    extensions: ['.keras'],
    matches: (head) => begins(head, 0x50, 0x4b, 3, 4),
    load: async () => (await import('../keras/index')).keras,
  },
  {
    name: 'keras-weights',
    extensions: ['.weights.h5'],
    // Both kinds of HDF5 files are read alike.
    matches: () => false,
    load: async () => (await import('../keras/index')).kerasWeights,
  },
  {
    name: 'h5',
    extensions: ['.h5', '.hdf5'],
    matches: isHDF5,
    load: async () => (await import('../keras/index')).kerasH5,
  },
];

/** What else is asked for by a name: a folder with a `model.json`. */
export const TFJS = 'tfjs';

export const FORMAT_NAMES: readonly string[] = [...FORMATS.map(({ name }) => name), TFJS];

/** Whether bytes begin like the text of a `model.json`. */
export function isJSON(head: Uint8Array): boolean {
  // Before the brace there may be a mark of UTF-8, and spaces.
  const from = begins(head, 0xef, 0xbb, 0xbf) ? 3 : 0;
  const first = head.subarray(from).find((byte) => ![0x20, 0x09, 0x0a, 0x0d].includes(byte));
  return first === 0x7b;
}

/** Whether an HDF5 file begins behind what a user put in front: 512 bytes, or 1024, 2048, … */
async function isBehind(source: Source): Promise<boolean> {
  for (let at = 512; at + HEAD <= source.size; at *= 2) if (isHDF5(await source.read(at, at + HEAD))) return true;
  return false;
}

/** The format of a file. @throws FormatError for one that is not known */
export async function formatOf(source: Source): Promise<Format> {
  const head = await source.read(0, Math.min(HEAD, source.size));
  const entry = FORMATS.find(({ matches }) => matches(head, source.size));
  if (!entry && (await isBehind(source))) return formatNamed('h5', 'open');
  if (!entry)
    throw new FormatError(
      `${source.name} is no model of a known format (${FORMAT_NAMES.join(', ')}); its ${source.size} bytes begin with ${show(Array.from(head))}`,
    );
  return entry.load();
}

/** The format that a path ends with; undefined for folders. */
export const nameOfPath = (path: string): string | undefined =>
  FORMATS.find(({ extensions }) => extensions.some((end) => path.toLowerCase().endsWith(end)))?.name;

/** A format by its name. @throws ArgumentError */
export function formatNamed(name: string, where: string): Promise<Format> {
  const entry = FORMATS.find((f) => f.name === name);
  if (!entry) throw new ArgumentError(`${where}: format must be one of ${FORMAT_NAMES.join(', ')}, got ${show(name)}`);
  return entry.load();
}

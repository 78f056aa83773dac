/** The header of a safetensors file: what arrays it has and where they are, checked before anything is read. */
import { show } from '../../support/arguments';
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { countOfShape, type NumberType, SIZES } from '../weights/elements';

/** An array of the file. */
export interface Entry {
  readonly name: string;
  readonly type: NumberType;
  readonly shape: readonly number[];
  /** Where its bytes begin and end in the file. */
  readonly from: number;
  readonly to: number;
}

export interface Header {
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the data begins. */
  readonly start: number;
}

/** As the format's own library has it. */
const LONGEST = 100_000_000;
/** Before the header stands its length. */
export const LENGTH_BYTES = 8;

const refuse = (why: string, cause?: unknown): never => {
  throw new FormatError(`safetensors: ${why}`, { cause });
};

const isTexts = (value: unknown): value is Record<string, string> =>
  isPlainObject(value) && Object.values(value).every((v) => typeof v === 'string');

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0);

/** Where the data begins, by the first bytes of a file. @throws FormatError if the file is shorter */
export function startOfData(head: Uint8Array, size: number): number {
  if (head.length < LENGTH_BYTES) refuse(`${size} bytes are no file`);
  const length = Number(new DataView(head.buffer, head.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  if (length > LONGEST) refuse(`a header of ${length} bytes is too long; ${LONGEST} are the most`);
  const start = LENGTH_BYTES + length;
  if (start > size) refuse(`the header ends at byte ${start}, the file at ${size}`);
  return start;
}

function parse(text: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (cause) {
    refuse('the header is no JSON', cause);
  }
  return isPlainObject(header) ? header : refuse('the header is no object');
}

function entryOf(name: string, value: unknown, start: number, size: number): Entry {
  const { dtype, shape, data_offsets: offsets } = (isPlainObject(value) ? value : {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(SIZES, dtype))
    return refuse(`'${name}' is ${show(dtype)}; only ${Object.keys(SIZES).join(', ')} can be read`);
  const type = dtype as NumberType;
  if (!isCounts(shape)) return refuse(`the shape of '${name}' is no list of integers`);
  const [from, to] = isCounts(offsets) && offsets.length === 2 ? (offsets as [number, number]) : [0, -1];
  if (from > to || start + to > size) refuse(`'${name}' is not all there`);
  if (countOfShape(name, shape) * SIZES[type] !== to - from) refuse(`'${name}' does not fill its shape`);
  return { name, type, shape: [...shape], from: start + from, to: start + to };
}

/** @throws FormatError if arrays share bytes: no header can ask for more memory than the file has */
function checkApart(entries: readonly Entry[]): void {
  const sorted = [...entries].sort((a, b) => a.from - b.from || a.to - b.to);
  sorted.forEach((entry, i) => {
    const before = sorted[i - 1];
    if (before && before.to > entry.from) refuse(`'${entry.name}' overlaps other arrays, such as '${before.name}'`);
  });
}

/**
 * @param text the header itself
 * @throws FormatError if it is not a header, for arrays that are not all there, and for types that are not known
 */
export function parseHeader(text: Uint8Array, start: number, size: number): Header {
  const { __metadata__: metadata = {}, ...arrays } = parse(text);
  if (!isTexts(metadata)) return refuse('the metadata are no texts by name');
  const entries = Object.entries(arrays).map(([name, value]) => entryOf(name, value, start, size));
  checkApart(entries);
  return { entries, metadata, start };
}

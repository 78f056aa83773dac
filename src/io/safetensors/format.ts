/**
 * Arrays with names in one block of bytes, in the safetensors format (https://github.com/huggingface/safetensors): the
 * length of a JSON header, the header, the data. Other tools read it, Python's among them.
 */
import { FormatError } from '../../support/errors';
import { ARRAYS, type Numbers, type NumberType } from '../weights/elements';
import { bytesOf } from '../weights/pieces';
import { LENGTH_BYTES, parseHeader, startOfData } from './header';

export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Numbers;
  /** What the elements are, where arrays of theirs may hold others too. */
  readonly type?: NumberType;
}

export interface Tensorfile {
  readonly arrays: Readonly<Record<string, NamedArray>>;
  /** Texts beside them. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The first type that has such an array. */
const typeOf = (data: Numbers): NumberType =>
  (Object.keys(ARRAYS) as NumberType[]).find((name) => data instanceof ARRAYS[name]) as NumberType;

const countOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** @throws FormatError for a name that the format keeps for itself, and for arrays that do not fill their shape */
export function encodeSafetensors({ arrays, metadata }: Tensorfile): Uint8Array {
  // Without a prototype: a name may be that of something that objects have.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length) header.__metadata__ = metadata;
  let end = 0;
  for (const [name, { shape, data, type = typeOf(data) }] of Object.entries(arrays)) {
    if (name === '__metadata__' || countOf(shape) !== data.length)
      throw new FormatError(`safetensors: '${name}' has ${data.length} elements for the shape [${shape.join(', ')}]`);
    header[name] = { dtype: type, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  bytes.set(text, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  let at = start;
  for (const { data } of Object.values(arrays)) {
    bytes.set(bytesOf(data), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * The arrays are copies.
 * @throws FormatError if it is not such a file, for one that was cut off, and for types that are not known
 */
export function decodeSafetensors(file: Uint8Array): Tensorfile {
  // A slice of Node's Buffer would be no copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.length);
  const start = startOfData(bytes, bytes.length);
  const { entries, metadata } = parseHeader(bytes.subarray(LENGTH_BYTES, start), start, bytes.length);
  const arrays = entries.map(({ name, type, shape, from, to }): [string, NamedArray] => [
    name,
    { shape, data: new ARRAYS[type](bytes.slice(from, to).buffer) },
  ]);
  return { arrays: Object.fromEntries(arrays), metadata };
}

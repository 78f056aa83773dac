/**
 * Arrays with names in one block of bytes, in the safetensors format (https://github.com/huggingface/safetensors): the
 * length of a JSON header, the header, the data. Other tools read it, Python's among them.
 */
import { FormatError } from '../../support/errors';
import { LENGTH_BYTES, parseHeader, startOfData } from './header';

/** Elements as they lie in memory; Uint8Array: bool or bytes; Uint16Array: floats of 16 bits. */
export type Elements = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array | Uint16Array;

export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Elements;
  /** What the elements are, where arrays of theirs may hold others too. */
  readonly type?: TypeName;
}

export interface Tensorfile {
  readonly arrays: Readonly<Record<string, NamedArray>>;
  /** Texts beside them. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Types by their arrays; the first that fits is written. */
const TYPES = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  I8: Int8Array,
  F16: Uint16Array,
  BF16: Uint16Array,
} as const;
type TypeName = keyof typeof TYPES;

const typeOf = (data: Elements): TypeName =>
  (Object.keys(TYPES) as TypeName[]).find((name) => data instanceof TYPES[name]) as TypeName;

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
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * The arrays are copies.
 * @throws FormatError for what is no such file, for one that was cut off, and for types that there are no arrays of
 */
export function decodeSafetensors(file: Uint8Array): Tensorfile {
  // A slice of Node's Buffer would be no copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.length);
  const start = startOfData(bytes, bytes.length);
  const { entries, metadata } = parseHeader(bytes.subarray(LENGTH_BYTES, start), start, bytes.length);
  const arrays = entries.map(({ name, type, shape, from, to }): [string, NamedArray] => {
    if (!Object.hasOwn(TYPES, type))
      throw new FormatError(`safetensors: '${name}' is ${type}; only ${Object.keys(TYPES).join(', ')} can be read`);
    const Type = TYPES[type as keyof typeof TYPES];
    return [name, { shape, data: new Type(bytes.slice(from, to).buffer) }];
  });
  return { arrays: Object.fromEntries(arrays), metadata };
}

/**
 * Arrays with names in one block of bytes, in the safetensors format (https://github.com/huggingface/safetensors): the
 * length of a JSON header, the header, the data. Other tools read it, Python's among them.
 */
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';

/** Elements as they lie in memory; Uint8Array: bool or bytes. */
export type Elements = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Elements;
}

export interface Tensorfile {
  readonly arrays: Readonly<Record<string, NamedArray>>;
  /** Texts beside them. */
  readonly metadata: Readonly<Record<string, string>>;
}

const TYPES = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array, BOOL: Uint8Array } as const;
type TypeName = keyof typeof TYPES;

interface Entry {
  readonly dtype: TypeName;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const typeOf = (data: Elements): TypeName =>
  (Object.keys(TYPES) as TypeName[]).find((name) => data instanceof TYPES[name]) as TypeName;

const isTexts = (value: unknown): value is Record<string, string> =>
  isPlainObject(value) && Object.values(value).every((v) => typeof v === 'string');

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0);

const countOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** @throws FormatError for a name that the format keeps for itself, and for arrays that do not fill their shape */
export function encodeSafetensors({ arrays, metadata }: Tensorfile): Uint8Array {
  // Without a prototype: a name may be that of something that objects have.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length) header.__metadata__ = metadata;
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    if (name === '__metadata__' || countOf(shape) !== data.length)
      throw new FormatError(`safetensors: '${name}' has ${data.length} elements for the shape [${shape.join(', ')}]`);
    header[name] = { dtype: typeOf(data), shape, data_offsets: [end, end + data.byteLength] };
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
  const refuse = (why: string): never => {
    throw new FormatError(`safetensors: ${why}`);
  };
  if (bytes.length < 8) refuse(`${bytes.length} bytes are no file`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = Number(view.getBigUint64(0, true)) + 8;
  if (!(start <= bytes.length)) refuse(`the header ends at byte ${start}, the file at ${bytes.length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (cause) {
    throw new FormatError('safetensors: the header is no JSON', { cause });
  }
  if (!isPlainObject(header)) return refuse('the header is no object');
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isTexts(metadata)) return refuse('the metadata are no texts by name');
  // Arrays do not share bytes: no header can ask for more memory than the file has.
  let left = bytes.length - start;
  const arrays = Object.entries(entries).map(([name, entry]): [string, NamedArray] => {
    const { dtype, shape, data_offsets: offsets } = (isPlainObject(entry) ? entry : {}) as Partial<Entry>;
    if (typeof dtype !== 'string' || !Object.hasOwn(TYPES, dtype))
      return refuse(`'${name}' is ${dtype}; only ${Object.keys(TYPES).join(', ')} can be read`);
    if (!isCounts(shape)) return refuse(`the shape of '${name}' is no list of integers`);
    const [from, to] = isCounts(offsets) && offsets.length === 2 ? offsets : [0, -1];
    if (from > to || start + to > bytes.length) refuse(`'${name}' is not all there`);
    left -= to - from;
    if (left < 0) refuse(`'${name}' overlaps other arrays`);
    const Type = TYPES[dtype];
    if (countOf(shape) * Type.BYTES_PER_ELEMENT !== to - from) refuse(`'${name}' does not fill its shape`);
    return [name, { shape: [...shape], data: new Type(bytes.slice(start + from, start + to).buffer) }];
  });
  return { arrays: Object.fromEntries(arrays), metadata };
}

/** Arrays of safetensors files as weights: numbers of any type become those that variables have. */
import { FormatError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import type { Elements, StoredWeight } from '../formats/format';
import type { Entry, TypeName } from '../safetensors/header';
import { widenBrains, widenHalves } from '../weights/halves';

type Reader = (bytes: Uint8Array, target: Elements) => void;

/** Elements of a type, wherever they begin. */
const elements = <T>(
  Type: { new (buffer: ArrayBufferLike, offset: number, length: number): T; readonly BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
): T => {
  const size = Type.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size ? bytes.slice() : bytes;
  return new Type(aligned.buffer, aligned.byteOffset, bytes.length / size);
};

const copied: Reader = (bytes, target) =>
  new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);

const bitsOf = (target: Elements): Uint32Array => new Uint32Array(target.buffer, target.byteOffset, target.length);

const converted =
  (Type: Parameters<typeof elements<ArrayLike<number>>>[0]): Reader =>
  (bytes, target) =>
    target.set(elements<ArrayLike<number>>(Type, bytes));

/** Integers of 64 bits, of which variables hold 32. */
const long =
  (Type: typeof BigInt64Array | typeof BigUint64Array): Reader =>
  (bytes, target) => {
    const values = elements<BigInt64Array | BigUint64Array>(Type as typeof BigInt64Array, bytes);
    for (let i = 0; i < target.length; i++) target[i] = Number(values[i]);
  };

const READERS: Readonly<Record<TypeName, { readonly dtype: DType; readonly read: Reader }>> = {
  F64: { dtype: 'float32', read: converted(Float64Array) },
  F32: { dtype: 'float32', read: copied },
  F16: { dtype: 'float32', read: (bytes, target) => widenHalves(elements(Uint16Array, bytes), bitsOf(target)) },
  BF16: { dtype: 'float32', read: (bytes, target) => widenBrains(elements(Uint16Array, bytes), bitsOf(target)) },
  I64: { dtype: 'int32', read: long(BigInt64Array) },
  I32: { dtype: 'int32', read: copied },
  I16: { dtype: 'int32', read: converted(Int16Array) },
  I8: { dtype: 'int32', read: converted(Int8Array) },
  U64: { dtype: 'int32', read: long(BigUint64Array) },
  U32: { dtype: 'int32', read: converted(Uint32Array) },
  U16: { dtype: 'int32', read: converted(Uint16Array) },
  U8: { dtype: 'int32', read: converted(Uint8Array) },
  BOOL: {
    dtype: 'bool',
    read(bytes, target) {
      for (let i = 0; i < target.length; i++) target[i] = bytes[i] ? 1 : 0;
    },
  },
};

/** @param bytes of the array alone */
export function storedArray({ name, type, shape }: Entry, bytes: Uint8Array): StoredWeight {
  const { dtype, read } = READERS[type];
  return { name, shape, dtype, copyTo: (target) => read(bytes, target) };
}

/** int8 with one scale for each output channel, the last dimension. @throws FormatError if they do not fit */
export function scaledArray(entry: Entry, bytes: Uint8Array, scale: Entry, scaleBytes: Uint8Array): StoredWeight {
  const { name, type, shape } = entry;
  const channels = shape[shape.length - 1] ?? 0;
  if (type !== 'I8' || scale.type !== 'F32' || scale.shape.length !== 1 || scale.shape[0] !== channels)
    throw new FormatError(
      `'${name}' is ${type} [${shape}] with scales ${scale.type} [${scale.shape}]; I8 and F32 [${channels}] are needed`,
    );
  const scales = elements<Float32Array>(Float32Array, scaleBytes);
  const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    name,
    shape,
    dtype: 'float32',
    copyTo(target) {
      for (let i = 0; i < values.length; i += channels)
        for (let c = 0; c < channels; c++) target[i + c] = (values[i + c] as number) * (scales[c] as number);
    },
  };
}

/** Values as int8, and the scale of each output channel. @throws FormatError for numbers that are not finite */
export function toChannels(
  name: string,
  values: Float32Array,
  channels: number,
): { data: Int8Array; scales: Float32Array } {
  const scales = new Float32Array(channels);
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] as number);
    if (!(size < Infinity))
      throw new FormatError(`'${name}' holds NaN or an infinity, which int8 cannot; save it as float16`);
    if (size > (scales[i % channels] as number)) scales[i % channels] = size;
  }
  for (let c = 0; c < channels; c++) scales[c] = (scales[c] as number) / 127;
  const data = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const scale = scales[i % channels] as number;
    data[i] = scale ? Math.max(-127, Math.min(127, Math.round((values[i] as number) / scale))) : 0;
  }
  return { data, scales };
}

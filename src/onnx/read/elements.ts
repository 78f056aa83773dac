/** The elements of stored tensors: decoded only where they are needed, straight from the bytes of the file. */
import { HostArray, Texts } from '../../graph/core/value';
import type { Elements } from '../../io/formats/format';
import { widenBrains, widenHalves } from '../../io/weights/halves';
import { ArgumentError, DTypeError, FormatError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import type { StringEntry, TensorProto } from '../proto/schema';
import { type OnnxType, typeOfNumber } from '../proto/types';
import { narrowFloat } from './narrow';

/** A tensor of a file. */
export interface StoredTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  readonly size: number;
  /**
   * The message that it is stored in, or the node that computes it of others; without one it cannot be stored again, and so
   * is not trained.
   */
  readonly origin?: object;
  /** All elements as numbers or strings that are known. */
  known(): HostArray | Texts;
  /** Writes all elements, converted, to the memory of a variable. @throws ArgumentError for integers beyond int32 */
  copyTo(target: Elements): void;
}

/** Reads bytes of a file beside the model. */
export type External = (entries: readonly StringEntry[], name: string) => Uint8Array;

type Numbers = ArrayLike<number> | BigInt64Array | BigUint64Array;

interface Storage {
  /** Bits of one element in `rawData`. */
  readonly bits: number;
  /** Elements of `rawData`, which begins at a multiple of their size. */
  read(bytes: Uint8Array, count: number): Numbers;
  /** The list that has the elements if `rawData` has not. */
  readonly list?: (t: TensorProto) => ArrayLike<number | bigint> | undefined;
}

type ViewOf<T> = new (buffer: ArrayBuffer, offset: number, count: number) => T;

const viewed =
  <T extends Numbers>(View: ViewOf<T>) =>
  ({ buffer, byteOffset }: Uint8Array, count: number): T =>
    new View(buffer as ArrayBuffer, byteOffset, count);

/** Several elements in a byte, the lowest bits first. */
const packed =
  (bits: number, isSigned: boolean) =>
  (bytes: Uint8Array, count: number): Numbers => {
    const mask = (1 << bits) - 1;
    const shift = 32 - bits;
    return Int8Array.from({ length: count }, (_, i) => {
      const value = ((bytes[(i * bits) >>> 3] as number) >>> ((i * bits) & 7)) & mask;
      return isSigned ? (value << shift) >> shift : value;
    });
  };

const halves = (bytes: Uint8Array, count: number): Numbers =>
  widened(viewed(Uint16Array)(bytes, count) as Uint16Array, widenHalves);
const brains = (bytes: Uint8Array, count: number): Numbers =>
  widened(viewed(Uint16Array)(bytes, count) as Uint16Array, widenBrains);

function widened(words: Uint16Array, widen: (from: Uint16Array, to: Uint32Array) => void): Float32Array {
  const out = new Float32Array(words.length);
  widen(words, new Uint32Array(out.buffer));
  return out;
}

const int32s = (t: TensorProto): ArrayLike<number> | undefined => t.int32Data;
const uint64s = (t: TensorProto): ArrayLike<number | bigint> | undefined => t.uint64Data;

const small = (type: OnnxType): Storage => ({
  bits: 8,
  read: (bytes, count) => Float32Array.from({ length: count }, (_, i) => narrowFloat(type, bytes[i] as number)),
});

const STORAGE: Partial<Record<OnnxType, Storage>> = {
  float32: { bits: 32, read: viewed(Float32Array), list: (t) => t.floatData },
  float64: { bits: 64, read: viewed(Float64Array), list: (t) => t.doubleData },
  float16: { bits: 16, read: halves },
  bfloat16: { bits: 16, read: brains },
  int8: { bits: 8, read: viewed(Int8Array), list: int32s },
  uint8: { bits: 8, read: viewed(Uint8Array), list: int32s },
  int16: { bits: 16, read: viewed(Int16Array), list: int32s },
  uint16: { bits: 16, read: viewed(Uint16Array), list: int32s },
  int32: { bits: 32, read: viewed(Int32Array), list: int32s },
  uint32: { bits: 32, read: viewed(Uint32Array), list: uint64s },
  int64: { bits: 64, read: viewed(BigInt64Array), list: (t) => t.int64Data },
  uint64: { bits: 64, read: viewed(BigUint64Array), list: uint64s },
  bool: {
    bits: 8,
    read: (bytes, count) => Uint8Array.from(bytes.subarray(0, count), (b) => (b ? 1 : 0)),
    list: int32s,
  },
  int4: { bits: 4, read: packed(4, true) },
  uint4: { bits: 4, read: packed(4, false) },
  int2: { bits: 2, read: packed(2, true) },
  uint2: { bits: 2, read: packed(2, false) },
  float8e4m3fn: small('float8e4m3fn'),
  float8e4m3fnuz: small('float8e4m3fnuz'),
  float8e5m2: small('float8e5m2'),
  float8e5m2fnuz: small('float8e5m2fnuz'),
  float8e8m0: small('float8e8m0'),
};

const FLOATS: readonly string[] = ['float32', 'float64', 'float16', 'bfloat16'];

/** Element type of the tensors that hold such elements. */
export function dtypeOf(type: OnnxType): DType {
  if (type === 'bool') return 'bool';
  return FLOATS.includes(type) || type.startsWith('float') ? 'float32' : 'int32';
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Numbers that are known; integers that numbers do not hold exactly are kept beside. */
export function knownNumbers(values: ArrayLike<number | bigint>, shape: readonly number[], type: OnnxType): HostArray {
  const dtype = dtypeOf(type);
  if (values.length === 0 || typeof values[0] !== 'bigint') {
    const hasBig = Array.prototype.some.call(values, (v) => typeof v === 'bigint');
    if (!hasBig) return new HostArray(values as ArrayLike<number>, shape, dtype);
  }
  const numbers = Array.from(values, Number);
  const isExact = Array.prototype.every.call(values, (v) => BigInt(v) <= SAFE && BigInt(v) >= -SAFE);
  return new HostArray(numbers, shape, dtype, isExact ? undefined : Array.from(values, BigInt));
}

/** Bytes that begin at a multiple of an element's size. */
function aligned(bytes: Uint8Array, bits: number): Uint8Array {
  return bytes.byteOffset % Math.max(1, bits / 8) === 0 ? bytes : bytes.slice();
}

function checkedShape(t: TensorProto, where: string): { shape: number[]; size: number } {
  const shape = [...(t.dims ?? [])];
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0))
    throw new FormatError(`${where}: has the shape [${String(shape)}]`);
  const size = shape.reduce((n, d) => n * d, 1);
  if (!Number.isSafeInteger(size)) throw new FormatError(`${where}: has more elements than there are bytes`);
  return { shape, size };
}

function elements(t: TensorProto, storage: Storage, size: number, external: External, where: string): Numbers {
  const raw = t.dataLocation === 1 ? external(t.externalData ?? [], where) : t.rawData;
  if (raw !== undefined) {
    if (raw.length !== Math.ceil((size * storage.bits) / 8))
      throw new FormatError(`${where}: ${raw.length} bytes do not fill [${String(t.dims ?? [])}]`);
    return storage.read(aligned(raw, storage.bits), size);
  }
  const list = storage.list ? storage.list(t) : t.int32Data;
  if ((list?.length ?? 0) !== size && !(storage.bits < 8 && list))
    throw new FormatError(`${where}: ${list?.length ?? 0} elements do not fill [${String(t.dims ?? [])}]`);
  if (storage.list) return (list ?? []) as Numbers;
  // What has no list of its own is stored as bits in 32-bit integers.
  const Words = storage.bits === 16 ? Uint16Array : Uint8Array;
  const words = Words.from((list ?? []) as ArrayLike<number>);
  return storage.read(new Uint8Array(words.buffer), size);
}

/** Arrays of numbers that all fit int32. */
const isNarrow = (values: Numbers): values is Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array =>
  [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array].some((View) => values instanceof View);

function copyNumbers(values: Numbers, target: Elements, where: string): void {
  if (isNarrow(values)) return target.set(values);
  if (target instanceof Float32Array) {
    for (let i = 0; i < target.length; i++) target[i] = Number(values[i]);
    return;
  }
  for (let i = 0; i < target.length; i++) {
    const value = Number(values[i]);
    if (value !== (value | 0))
      throw new ArgumentError(`${where}: ${values[i]} does not fit int32, in which tensors hold integers`);
    target[i] = value;
  }
}

const decoder = new TextDecoder();

/**
 * A tensor of a file, not decoded yet.
 * @throws FormatError for data that does not fill the shape; DTypeError for elements that cannot be read
 */
export function storedTensor(t: TensorProto, name: string, external: External): StoredTensor {
  const where = `tensor '${name}'`;
  const type = typeOfNumber(t.dataType ?? 0);
  if (!type) throw new FormatError(`${where}: has elements of the unknown type ${t.dataType ?? 0}`);
  if (t.segment) throw new FormatError(`${where}: is stored in segments, which nothing writes`);
  const { shape, size } = checkedShape(t, where);
  if (type === 'string') return storedTexts(t, name, shape, size);
  const storage = STORAGE[type];
  if (!storage) throw new DTypeError(`${where}: has elements of type ${type}, which tensors do not hold`);
  const values = (): Numbers => elements(t, storage, size, external, where);
  // What is damaged is found before anything is made of it.
  if (t.dataLocation !== 1) checkFilled(t, storage, size, where);
  return {
    name,
    type,
    shape,
    size,
    origin: t,
    known: () => knownNumbers(values(), shape, type),
    copyTo(target) {
      const raw = t.dataLocation === 1 ? external(t.externalData ?? [], where) : t.rawData;
      if (type === 'float32' && raw?.length === target.byteLength)
        new Uint8Array(target.buffer as ArrayBuffer, target.byteOffset, target.byteLength).set(raw);
      else copyNumbers(values(), target, where);
    },
  };
}

function checkFilled(t: TensorProto, storage: Storage, size: number, where: string): void {
  const list = storage.list ? storage.list(t) : t.int32Data;
  const [have, need] = t.rawData
    ? [t.rawData.length, Math.ceil((size * storage.bits) / 8)]
    : [list?.length ?? 0, storage.bits < 8 ? Math.ceil((size * storage.bits) / 8) : size];
  if (have !== need)
    throw new FormatError(
      `${where}: ${have} ${t.rawData ? 'bytes' : 'elements'} do not fill [${String(t.dims ?? [])}]`,
    );
}

function storedTexts(t: TensorProto, name: string, shape: readonly number[], size: number): StoredTensor {
  const list = t.stringData ?? [];
  if (list.length !== size)
    throw new FormatError(`tensor '${name}': ${list.length} strings do not fill [${String(shape)}]`);
  return {
    name,
    type: 'string',
    shape,
    size,
    known: () =>
      new Texts(
        list.map((bytes) => decoder.decode(bytes)),
        shape,
      ),
    copyTo() {
      throw new DTypeError(`tensor '${name}': is made of strings`);
    },
  };
}

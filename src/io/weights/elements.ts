/** Numbers of files as those of tensors, and back: each type of a file becomes the one type of tensors that holds it. */
import { show } from '../../support/arguments';
import { DTypeError, FormatError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import type { Elements } from '../formats/format';
import { narrowToBrains, narrowToHalves, widenBrains, widenHalves } from './halves';
import { bytesOf } from './pieces';

/** Types of numbers in files, as safetensors names them, and the bytes of an element. */
export const SIZES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;
export type NumberType = keyof typeof SIZES;

/** Numbers as JavaScript has them. */
export type Numbers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** What numbers of each type are as JavaScript has them; floats of 16 bits are their bits. */
export const ARRAYS = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  I8: Int8Array,
  I16: Int16Array,
  U16: Uint16Array,
  U32: Uint32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F16: Uint16Array,
  BF16: Uint16Array,
} as const satisfies Record<NumberType, unknown>;

interface Arrays<T> {
  new (buffer: ArrayBufferLike, offset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** Elements of a type, wherever they begin. */
export function elementsIn<T>(Type: Arrays<T>, bytes: Uint8Array): T {
  const size = Type.BYTES_PER_ELEMENT;
  // Not `slice` of what may be a Buffer of Node, which is no copy.
  const aligned = bytes.byteOffset % size ? new Uint8Array(bytes) : bytes;
  return new Type(aligned.buffer, aligned.byteOffset, bytes.length / size);
}

type Reader = (bytes: Uint8Array, target: Elements) => void;

const copied: Reader = (bytes, target) => bytesOf(target).set(bytes);

const bitsOf = (target: Elements): Uint32Array => new Uint32Array(target.buffer, target.byteOffset, target.length);

const converted =
  (Type: Arrays<ArrayLike<number>>): Reader =>
  (bytes, target) =>
    target.set(elementsIn(Type, bytes));

/** Integers of 64 bits, of which tensors hold 32. */
const long =
  (Type: Arrays<BigInt64Array | BigUint64Array>): Reader =>
  (bytes, target) => {
    const values = elementsIn(Type, bytes);
    for (let i = 0; i < target.length; i++) target[i] = Number(values[i]);
  };

interface Known {
  /** Of the elements that are written. */
  readonly dtype: DType;
  readonly read: Reader;
  /** Whether there are integers of this type that int32 does not hold. */
  readonly isWide?: boolean;
}

const KNOWN: Readonly<Record<NumberType, Known>> = {
  F64: { dtype: 'float32', read: converted(Float64Array) },
  F32: { dtype: 'float32', read: copied },
  F16: { dtype: 'float32', read: (bytes, target) => widenHalves(elementsIn(Uint16Array, bytes), bitsOf(target)) },
  BF16: { dtype: 'float32', read: (bytes, target) => widenBrains(elementsIn(Uint16Array, bytes), bitsOf(target)) },
  I64: { dtype: 'int32', read: long(BigInt64Array), isWide: true },
  I32: { dtype: 'int32', read: copied },
  I16: { dtype: 'int32', read: converted(Int16Array) },
  I8: { dtype: 'int32', read: converted(Int8Array) },
  U64: { dtype: 'int32', read: long(BigUint64Array), isWide: true },
  U32: { dtype: 'int32', read: converted(Uint32Array), isWide: true },
  U16: { dtype: 'int32', read: converted(Uint16Array) },
  U8: { dtype: 'int32', read: converted(Uint8Array) },
  BOOL: {
    dtype: 'bool',
    read(bytes, target) {
      for (let i = 0; i < target.length; i++) target[i] = bytes[i] ? 1 : 0;
    },
  },
};

const wide = { I64: BigInt64Array, U64: BigUint64Array, U32: Uint32Array } as const;

/** @throws DTypeError for an integer that int32 does not hold */
function checkWide(name: string, type: keyof typeof wide, bytes: Uint8Array): void {
  const values = elementsIn<ArrayLike<number | bigint>>(wide[type], bytes);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | bigint;
    if (value > 0x7fffffff || value < -0x80000000)
      throw new DTypeError(
        `'${name}' holds ${value} (${type}), which int32 does not; convert it to a float type where it is written`,
      );
  }
}

/**
 * How numbers of a file become those of a tensor: float64 is rounded to float32, the floats of 16 bits are expanded, all
 * integers become int32.
 * @returns a function that writes all of them, and does not fail
 * @throws DTypeError for integers that int32 does not hold
 */
export function readerOf(
  name: string,
  type: NumberType,
  bytes: Uint8Array,
): { readonly dtype: DType; copyTo(target: Elements): void } {
  const { dtype, read, isWide } = KNOWN[type];
  if (isWide) checkWide(name, type as keyof typeof wide, bytes);
  return { dtype, copyTo: (target) => read(bytes, target) };
}

/** The same for numbers that come some at a time. */
export function numbersOf(name: string, type: NumberType) {
  const { dtype, isWide } = KNOWN[type];
  const unit = SIZES[type];
  return {
    dtype,
    /** Bytes of a number. */
    unit,
    mayFail: isWide === true,
    /** @param at bytes before these; @throws DTypeError for integers that int32 does not hold, if it may fail */
    read(bytes: Uint8Array, at: number, target: Elements): void {
      const from = at / unit;
      readerOf(name, type, bytes).copyTo(target.subarray(from, from + bytes.length / unit));
    },
  };
}

/** Types that the values of a tensor can be written as; the first is the usual one. */
const WRITABLE: Readonly<Record<DType, readonly NumberType[]>> = {
  float32: ['F32', 'F64', 'F16', 'BF16'],
  int32: ['I32', 'I64', 'I16', 'I8', 'U64', 'U32', 'U16', 'U8'],
  bool: ['BOOL', 'U8', 'I8'],
};

type IntegerType = Exclude<NumberType, 'F64' | 'F32' | 'F16' | 'BF16' | 'BOOL'>;

/** Least and most; of 64 bits what int32 may hold is in between. */
const RANGES: Readonly<Record<IntegerType, readonly [number, number]>> = {
  I64: [-Infinity, Infinity],
  I32: [-0x80000000, 0x7fffffff],
  I16: [-0x8000, 0x7fff],
  I8: [-0x80, 0x7f],
  U64: [0, Infinity],
  U32: [0, 0xffffffff],
  U16: [0, 0xffff],
  U8: [0, 0xff],
};

function integersAs(name: string, type: IntegerType, values: Int32Array | Uint8Array): Numbers {
  const [least, most] = RANGES[type];
  const bad = values.find((v) => v < least || v > most);
  if (bad !== undefined) throw new DTypeError(`'${name}' holds ${bad}, which ${type} does not (${least} to ${most})`);
  if (type === 'I64') return BigInt64Array.from(values, BigInt);
  if (type === 'U64') return BigUint64Array.from(values, BigInt);
  return (ARRAYS[type] as typeof Int32Array).from(values) as Numbers;
}

/**
 * Values of a tensor as numbers of a file.
 * @param given the type; by default that of the tensor itself
 * @throws DTypeError for a type that does not fit, and for integers that are out of its range
 */
export function numbersAs(
  name: string,
  dtype: DType,
  values: Float32Array | Int32Array | Uint8Array,
  given?: NumberType,
): { readonly type: NumberType; readonly data: Numbers } {
  const types = WRITABLE[dtype];
  const type = given ?? (types[0] as NumberType);
  if (!types.includes(type))
    throw new DTypeError(
      `'${name}' is ${dtype}, which can be written as ${types.join(', ')}, not as ${show(type)}; cast it first`,
    );
  if (type === 'F32' || type === 'BOOL') return { type, data: values };
  if (type === 'F64') return { type, data: Float64Array.from(values) };
  if (type === 'F16') return { type, data: narrowToHalves(values as Float32Array) };
  if (type === 'BF16') return { type, data: narrowToBrains(values as Float32Array) };
  return { type, data: integersAs(name, type, values as Int32Array | Uint8Array) };
}

/** Types by the names that users know: those of numpy, and bfloat16. */
export const TYPE_NAMES = {
  float16: 'F16',
  bfloat16: 'BF16',
  float32: 'F32',
  float64: 'F64',
  int8: 'I8',
  uint8: 'U8',
  int16: 'I16',
  uint16: 'U16',
  int32: 'I32',
  uint32: 'U32',
  int64: 'I64',
  uint64: 'U64',
  bool: 'BOOL',
} as const satisfies Record<string, NumberType>;
/** Types of numbers in files. */
export type NumberTypeName = keyof typeof TYPE_NAMES;

export const nameOfType = (type: NumberType): NumberTypeName =>
  (Object.keys(TYPE_NAMES) as NumberTypeName[]).find((name) => TYPE_NAMES[name] === type) as NumberTypeName;

/** Number of elements. @throws FormatError if it is not a shape, or too large for any memory, an empty one too */
export function countOfShape(name: string, shape: readonly number[]): number {
  const isShape = shape.length <= 32 && shape.every((d) => Number.isSafeInteger(d) && d >= 0);
  // As numpy counts: dimensions beside a 0 must be possible ones too.
  if (!isShape || shape.reduce((a, b) => a * (b || 1), 1) > 0xffffffff)
    throw new FormatError(`'${name}' has the shape ${show(shape)}, more than any memory holds`);
  return shape.reduce((a, b) => a * b, 1);
}

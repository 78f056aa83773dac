/** Element types of the protocol, and how their elements are stored and converted. */

/** Arrays of numbers that elements are kept in. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;
/** Elements of a tensor, row by row; strings have the type BYTES. */
export type Elements = NumberArray | BigInt64Array | BigUint64Array | readonly string[];

/** Element types that are numbers. */
export type NumericType = 'BOOL' | `UINT${8 | 16 | 32 | 64}` | `INT${8 | 16 | 32 | 64}` | `FP${16 | 32 | 64}`;

interface NumericKind {
  /** Bytes of an element in binary data. */
  readonly size: number;
  readonly array: new (size: number) => NumberArray | BigInt64Array | BigUint64Array;
  /** Least and greatest integer; floats have none. */
  readonly range?: readonly [number, number];
  readonly isBig?: boolean;
}

/** How elements of numeric types are stored here. Elements of FP16 are kept widened. */
const NUMERIC: Readonly<Record<NumericType, NumericKind>> = {
  BOOL: { size: 1, array: Uint8Array, range: [0, 1] },
  UINT8: { size: 1, array: Uint8Array, range: [0, 255] },
  UINT16: { size: 2, array: Uint16Array, range: [0, 65535] },
  UINT32: { size: 4, array: Uint32Array, range: [0, 4294967295] },
  UINT64: { size: 8, array: BigUint64Array, isBig: true },
  INT8: { size: 1, array: Int8Array, range: [-128, 127] },
  INT16: { size: 2, array: Int16Array, range: [-32768, 32767] },
  INT32: { size: 4, array: Int32Array, range: [-2147483648, 2147483647] },
  INT64: { size: 8, array: BigInt64Array, isBig: true },
  FP16: { size: 2, array: Float32Array },
  FP32: { size: 4, array: Float32Array },
  FP64: { size: 8, array: Float64Array },
};

/** Element types of the Open Inference Protocol. */
export type Datatype = NumericType | 'BYTES';

export const kindOf = (datatype: NumericType): NumericKind => NUMERIC[datatype];

/** Whether elements of a type are bigints here. */
export const isBig = (datatype: NumericType): boolean => kindOf(datatype).isBig === true;

/** Whether a value names an element type. */
export const isDatatype = (value: unknown): value is Datatype =>
  value === 'BYTES' || (typeof value === 'string' && Object.hasOwn(NUMERIC, value));

/** An array for elements, of zeros. */
export const arrayOf = (datatype: NumericType, size: number): NumberArray | BigInt64Array | BigUint64Array =>
  new (kindOf(datatype).array)(size);

const isFloat = (datatype: NumericType): boolean => datatype.startsWith('FP');

/** Integers that a type has: of floats those that it has without a gap. */
function integersOf(datatype: NumericType): readonly [bigint, bigint] {
  const { range } = kindOf(datatype);
  if (range) return [BigInt(range[0]), BigInt(range[1])];
  const exact = { FP16: 1n << 11n, FP32: 1n << 24n, FP64: 1n << 53n, INT64: 1n << 63n, UINT64: 1n << 64n }[
    datatype as 'FP16' | 'FP32' | 'FP64' | 'INT64' | 'UINT64'
  ];
  return [datatype === 'UINT64' ? 0n : -exact, isFloat(datatype) ? exact : exact - 1n];
}

/** Whether elements of one type may be given for another: what is lost would be found. */
export function goesAs(from: NumericType, to: NumericType): boolean {
  if (from === to) return true;
  if (from === 'BOOL' || to === 'BOOL') return false;
  return !isFloat(from) || (isFloat(to) && kindOf(from).size <= kindOf(to).size);
}

/**
 * Elements as another type that they may be given for, with the same values.
 * @returns the position of the first element that the other type does not have, if there is one
 */
export function converted(
  data: Exclude<Elements, readonly string[]>,
  from: NumericType,
  to: NumericType,
): Exclude<Elements, readonly string[]> | number {
  if (from === to) return data;
  const out = arrayOf(to, data.length);
  const [least, most] = integersOf(to);
  const toBig = isBig(to);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number | bigint;
    if (!isFloat(from) && (value < least || value > most)) return i;
    out[i] = (toBig ? BigInt(value) : Number(value)) as never;
  }
  return out;
}

/** Whether a value of JSON is an element of a type; of 64 bits as far as float64 tells. */
export function isElement(value: unknown, datatype: NumericType): boolean {
  if (typeof value !== 'number') return datatype === 'BOOL' && typeof value === 'boolean';
  if (isFloat(datatype)) return true;
  const { range } = kindOf(datatype);
  if (range) return Number.isInteger(value) && value >= range[0] && value <= range[1];
  const [least, most] = datatype === 'INT64' ? [-0x8000000000000000, 0x8000000000000000] : [0, 0x10000000000000000];
  return Number.isInteger(value) && value >= least && value < most;
}

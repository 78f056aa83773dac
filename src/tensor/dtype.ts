import { show } from '../support/arguments';
import { DTypeError } from '../support/errors';

/** Element types. Every element takes four bytes in linear memory; a bool is an int32 of 0 or 1. */
export type DType = 'float32' | 'int32' | 'bool';

/** What `dataSync` and `data` return for an element type. */
export interface TypedArrayOf {
  /** Of 'float32'. */
  float32: Float32Array<ArrayBuffer>;
  /** Of 'int32'. */
  int32: Int32Array<ArrayBuffer>;
  /** Of 'bool': 0 or 1. */
  bool: Uint8Array<ArrayBuffer>;
}

const RANK: Record<DType, number> = { bool: 0, int32: 1, float32: 2 };

/** The type that holds values of both: bool < int32 < float32. */
export const upcast = (a: DType, b: DType): DType => (RANK[a] >= RANK[b] ? a : b);

/** An element type; null and undefined are the initial one. @throws DTypeError unless `dtype` is one of the element types. */
export function checkDType(dtype: unknown, where: string, initial?: DType): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  if (initial !== undefined && (dtype === undefined || dtype === null)) return initial;
  throw new DTypeError(`${where}: dtype must be 'float32', 'int32' or 'bool', got ${show(dtype)}`);
}

/** What a number is as a bool: 0 is false; all else, fractions and NaN too, is true. */
export const truthOf = (value: number | boolean): 0 | 1 => (Number(value) === 0 ? 0 : 1);

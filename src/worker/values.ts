/** Values on their way between threads. */
import { isPlainObject } from '../support/plain-object';

/** Elements of a tensor. */
export type Data = Float32Array | Int32Array | Uint8Array;

/** What arrives of a value: tensors as `{ data, shape, dtype }`, in arrays and plain objects too. */
export type Travelling<T> = T extends { readonly shape: readonly number[]; dataSync(): infer D }
  ? { readonly data: D; readonly shape: number[]; readonly dtype: string }
  : T extends (...args: infer A) => infer R
    ? (...args: A) => R
    : T extends Data | string | number | boolean | bigint | null | undefined
      ? T
      : T extends readonly unknown[] | Readonly<Record<string, unknown>>
        ? { [K in keyof T]: Travelling<T[K]> }
        : T;

interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  dataSync(): Data;
}

/** By its form: the thread of a page need not hold the library, and the copy that made the tensor may be another one. */
const isTensor = (value: object): value is TensorLike =>
  'shape' in value && 'dtype' in value && typeof (value as Partial<TensorLike>).dataSync === 'function';

/**
 * A value as it travels.
 * @param owned takes the buffers that were made for it, which may be transferred
 */
export function packed(value: unknown, owned: ArrayBufferLike[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isTensor(value)) {
    const data = value.dataSync();
    owned.push(data.buffer);
    return { data, shape: [...value.shape], dtype: value.dtype };
  }
  if (Array.isArray(value)) return value.map((item) => packed(item, owned));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, packed(item, owned)]));
}

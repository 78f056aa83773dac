/** Many elements as one: each leaf becomes a tensor with the elements along a new first axis. */
import { type NestedArray, type TypedArray, tensor } from '../ops/create/creation';
import { stack } from '../ops/shape/joining';
import { DatasetError } from '../support/errors';
import { isPlainObject } from '../support/plain-object';
import { showShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { release } from './element';

/** The type of elements after `batch`: tensors of numbers and booleans, arrays of texts. */
export type Batched<T> = unknown extends T
  ? unknown
  : T extends string
    ? string[]
    : T extends Tensor | NestedArray | TypedArray | readonly TypedArray[]
      ? Tensor
      : T extends readonly string[]
        ? T[]
        : { [K in keyof T]: Batched<T[K]> };

/** Whether an array contains leaves, and is not one itself. */
const isTuple = (v: readonly unknown[]): boolean =>
  v.some((x) => x instanceof Tensor || isPlainObject(x) || (Array.isArray(x) && isTuple(x)));

const holdsText = (v: unknown): boolean => (Array.isArray(v) ? holdsText(v[0]) : typeof v === 'string');

/** What must be alike in all elements of a batch. */
function kindOf(v: unknown): string {
  if (v instanceof Tensor) return `${v.dtype} tensor ${showShape(v.shape)}`;
  if (ArrayBuffer.isView(v)) return `${v.constructor.name} of ${(v as TypedArray).length}`;
  if (Array.isArray(v)) return `array of ${v.length}${holdsText(v) ? ' texts' : ''}`;
  if (isPlainObject(v)) return `object {${Object.keys(v).sort().join(', ')}}`;
  return v === null ? 'null' : typeof v;
}

/**
 * @param start number of the first row in the stream
 * @param path of the leaf inside the element
 * @throws DatasetError for elements that differ, or contain anything but numbers, booleans, texts and tensors
 */
export function collate(rows: readonly unknown[], start: number, path = ''): unknown {
  const first = rows[0];
  const kind = kindOf(first);
  const place = path && `, ${path}`;
  rows.forEach((row, i) => {
    const other = kindOf(row);
    if (other !== kind)
      throw new DatasetError(
        `batch: element ${start + i}${place}: ${other}, but element ${start} has ${kind}; the elements of a batch must be alike`,
        start + i,
      );
  });
  const column = (key: string | number): unknown =>
    collate(
      rows.map((row) => (row as Record<string | number, unknown>)[key]),
      start,
      path ? `${path}.${key}` : String(key),
    );
  if (first instanceof Tensor) return stack(rows as Tensor[]);
  if (isPlainObject(first)) return columns(Object.keys(first), column, Object.fromEntries);
  if (Array.isArray(first) && isTuple(first))
    return columns([...first.keys()], column, (entries) => entries.map(([, value]) => value));
  if (holdsText(first)) return rows.slice();
  if (typeof first !== 'number' && typeof first !== 'boolean' && !Array.isArray(first) && !ArrayBuffer.isView(first))
    throw new DatasetError(
      `batch: element ${start}${place}: ${kind} cannot become part of a tensor; map it to numbers`,
      start,
    );
  try {
    return ArrayBuffer.isView(first) ? joined(rows as readonly TypedArray[]) : tensor(rows as readonly TypedArray[]);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new DatasetError(`batch: elements ${start} to ${start + rows.length - 1}${place}: ${reason}`, start, {
      cause,
    });
  }
}

/** The same as `tensor`, quicker: whole arrays are copied. */
function joined(rows: readonly TypedArray[]): Tensor {
  const [first] = rows as [Float32Array];
  const all = new (first.constructor as Float32ArrayConstructor)(rows.length * first.length);
  for (const [i, row] of rows.entries()) all.set(row, i * first.length);
  return tensor(all, [rows.length, first.length]);
}

/** All columns, or none if one fails. */
function columns<K, R>(keys: readonly K[], column: (key: K) => unknown, join: (entries: [K, unknown][]) => R): R {
  const entries: [K, unknown][] = [];
  try {
    for (const key of keys) entries.push([key, column(key)]);
  } catch (error) {
    release(entries.map(([, value]) => value));
    throw error;
  }
  return join(entries);
}

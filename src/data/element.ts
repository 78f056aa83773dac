/** Elements of datasets: numbers, text, typed arrays, tensors, and arrays and plain objects of them. */
import { DatasetError } from '../support/errors';
import { isPlainObject } from '../support/plain-object';
import { Tensor } from '../tensor/tensor';

/** Calls `visit` on the tensors inside an element. */
function eachTensor(value: unknown, visit: (t: Tensor) => void): void {
  if (value instanceof Tensor) visit(value);
  else if (Array.isArray(value)) {
    // Most arrays are long and of numbers.
    for (const v of value) if (typeof v === 'object') eachTensor(v, visit);
  } else if (isPlainObject(value)) for (const v of Object.values(value)) eachTensor(v, visit);
}

export function tensorsIn(value: unknown): Set<Tensor> {
  const found = new Set<Tensor>();
  eachTensor(value, (t) => found.add(t));
  return found;
}

/** Disposes of an element's tensors. */
export const release = (value: unknown): void => eachTensor(value, (t) => t.dispose());

/** Copies arrays and objects, and makes new handles of tensors: changes by the consumer do not reach the source. */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (value instanceof Tensor) return value.alias();
  if (Array.isArray(value)) return value.map((v) => (typeof v === 'object' ? copyOf(v) : v));
  if (isPlainObject(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, copyOf(v)]));
  return value;
}

/** The error of a user's function, with the number of the element; one that has a number keeps it. */
export function failure(where: string, element: number, cause: unknown): DatasetError {
  if (cause instanceof DatasetError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DatasetError(`${where}: element ${element}: ${reason}`, element, { cause });
}

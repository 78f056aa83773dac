/** Rows of several requests as one batch, and back. */
import type { Feeds, ServedTensor } from './servable';

/**
 * Sizes of batches that models run with, each at most half as large again as the one before: rows of zeros fill a batch up,
 * so that few programs are compiled however many requests come along.
 */
const SIZES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];

/** The size that a batch is filled up to. */
export const fullSize = (rows: number): number => SIZES.find((size) => size >= rows) ?? rows;

type Data = ServedTensor['data'];
type Numbers = Exclude<Data, readonly string[]>;

function concatenated(parts: readonly Data[], size: number): Data {
  const [first] = parts;
  if (Array.isArray(first)) {
    const texts = (parts as readonly (readonly string[])[]).flat();
    return [...texts, ...new Array<string>(size - texts.length).fill('')];
  }
  const Numbers = (first as Float32Array).constructor as new (size: number) => Float32Array;
  const out = new Numbers(size);
  let at = 0;
  for (const part of parts as readonly Float32Array[]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Inputs of several requests as those of one of `rows` rows; what is left over is zero. */
export function join(list: readonly Feeds[], rows: number): Feeds {
  const [first] = list as readonly [Feeds];
  return Object.fromEntries(
    Object.entries(first).map(([name, { datatype, shape }]): [string, ServedTensor] => {
      const size = shape.slice(1).reduce((product, d) => product * d, rows);
      const parts = list.map((feeds) => (feeds[name] as ServedTensor).data);
      return [name, { datatype, shape: [rows, ...shape.slice(1)], data: concatenated(parts, size) }];
    }),
  );
}

/** The rows [from, to) of all tensors. */
export function rowsOf(results: Feeds, from: number, to: number): Feeds {
  return Object.fromEntries(
    Object.entries(results).map(([name, { datatype, shape, data }]): [string, ServedTensor] => {
      const row = shape.slice(1).reduce((product, d) => product * d, 1);
      const own = Array.isArray(data)
        ? data.slice(from * row, to * row)
        : (data as Float32Array).subarray(from * row, to * row);
      return [name, { datatype, shape: [to - from, ...shape.slice(1)], data: own as Numbers }];
    }),
  );
}

/** Requests with equal keys can be joined: all but the number of rows is the same. */
export const keyOf = (feeds: Feeds): string =>
  Object.entries(feeds)
    .map(([name, { shape }]) => `${name}:${shape.slice(1).join(',')}`)
    .sort()
    .join(';');

/** The number of rows; undefined if the inputs do not agree on it. */
export function countRows(feeds: Feeds): number | undefined {
  const counts = Object.values(feeds).map(({ shape }) => shape[0]);
  return counts.every((n) => n === counts[0]) ? counts[0] : undefined;
}

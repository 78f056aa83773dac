/** Expectations on the elements of results: the same bits, or the same up to a tolerance. */
import { expect } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor';

type Elements = Float32Array | Int32Array | Uint8Array;

/** The elements as 32-bit words; every NaN is the same word, as its payload is unspecified. */
function wordsOf(values: Elements): Uint32Array {
  if (!(values instanceof Float32Array)) return Uint32Array.from(values, (v) => v >>> 0);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return words.map((w, i) => (Number.isNaN(values[i]) ? 0x7fc00000 : w));
}

const elementsOf = (x: Tensor | Elements): Elements => ('dataSync' in x ? x.dataSync() : x);

/** Fails with the first element that differs in a bit. */
export function expectSameBits(actual: Tensor | Elements, expected: Tensor | Elements, where = 'bits'): void {
  if ('dataSync' in actual && 'dataSync' in expected) expect(actual.shape, `${where}: shape`).toEqual(expected.shape);
  const got = elementsOf(actual);
  const want = elementsOf(expected);
  expect(got.length, `${where}: length`).toBe(want.length);
  const words = wordsOf(want);
  const at = wordsOf(got).findIndex((word, i) => word !== words[i]);
  if (at >= 0) expect.fail(`${where}: element ${at} is ${got[at]}, expected ${want[at]}`);
}

/** Fails unless |actual - expected| <= tolerance max(1, largest |expected|), element by element. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  where = 'values',
): void {
  expect(actual.length, `${where}: length`).toBe(expected.length);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i] as number));
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i] as number, expected[i] as number];
    // Written so that NaN fails.
    if (!(Math.abs(a - b) <= tolerance * scale))
      expect.fail(`${where}: element ${i} is ${a}, expected ${b} (tolerance ${tolerance * scale})`);
  }
}

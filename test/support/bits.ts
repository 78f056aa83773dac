/** Comparison of results bit by bit: NaN equals NaN, -0 differs from +0. */
import { engine } from '../../src/runtime/engine';
import { type DType, type Shape, sizeOf } from '../reference/array';

/** Elements with their type, as bit patterns. */
export interface Bits {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly words: Uint32Array;
}

const QUIET_NAN = 0x7fc00000;

/** Every NaN as the same pattern: its payload is unspecified. */
export function canonical(words: Uint32Array, dtype: DType): Uint32Array {
  if (dtype !== 'float32') return words;
  return words.map((w) => ((w & 0x7fffffff) > 0x7f800000 ? QUIET_NAN : w));
}

/** The elements at an address of linear memory, as they are there: a bool that is neither 0 nor 1 shows. */
export function bitsAt(address: number, shape: Shape, dtype: DType): Bits {
  const start = address >>> 2;
  return { shape, dtype, words: canonical(engine.memory.u32.slice(start, start + sizeOf(shape)), dtype) };
}

/** The elements of an array. */
export function bitsOf(x: { shape: Shape; dtype: DType; data: Float32Array | Int32Array }): Bits {
  return {
    shape: x.shape,
    dtype: x.dtype,
    words: canonical(new Uint32Array(x.data.buffer, x.data.byteOffset, x.data.length), x.dtype),
  };
}

const view = new DataView(new ArrayBuffer(4));

function show(word: number, dtype: DType): string {
  view.setUint32(0, word);
  const value = dtype === 'float32' ? view.getFloat32(0) : view.getInt32(0);
  return `${Object.is(value, -0) ? '-0' : value} (${word.toString(16).padStart(8, '0')})`;
}

/** What differs, in words; undefined if nothing does. */
export function difference(actual: Bits, expected: Bits): string | undefined {
  if (actual.dtype !== expected.dtype) return `dtype ${actual.dtype} instead of ${expected.dtype}`;
  if (actual.shape.join() !== expected.shape.join()) return `shape [${actual.shape}] instead of [${expected.shape}]`;
  if (actual.words.length !== expected.words.length)
    return `${actual.words.length} elements instead of ${expected.words.length}`;
  let count = 0;
  let first = -1;
  for (let i = 0; i < expected.words.length; i++) {
    if (actual.words[i] === expected.words[i]) continue;
    if (first < 0) first = i;
    count++;
  }
  if (count === 0) return undefined;
  const [got, want] = [actual, expected].map((b) => show(b.words[first] as number, b.dtype));
  return `${count} of ${expected.words.length} elements differ, the first at ${first}: ${got} instead of ${want}`;
}

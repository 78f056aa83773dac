/** Counter-based random numbers: assembly/random/random.ts. */
import { array, type NdArray, type Shape, sizeOf } from './array';
import { normalQuantile } from './math';

const f = Math.fround;

type Words = [number, number, number, number];

const high = (x: bigint): number => Number(x >> 32n);
const low = (x: bigint): number => Number(x & 0xffffffffn);

/** Philox-4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). */
export function philox(counter: Readonly<Words>, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const a = 0xd2511f53n * BigInt(c0);
    const b = 0xcd9e8d57n * BigInt(c2);
    [c0, c1, c2, c3] = [(high(b) ^ c1 ^ k0) >>> 0, low(b), (high(a) ^ c3 ^ k1) >>> 0, low(a)];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

export interface RandomKey {
  readonly seed: readonly [number, number];
  readonly stream: number;
  readonly step?: number;
  /** Elements before the first one: of the rows before the batch. */
  readonly before?: number;
  /** Iteration of the loop around. */
  readonly iteration?: number;
}

/** The word of element i: block i / 4 of the stream. */
export function wordAt(i: number, { seed, stream, step = 0, before = 0, iteration = 0 }: RandomKey): number {
  const block = Math.floor((before + i) / 4);
  const high = (Math.floor(block / 2 ** 32) + 256 * iteration) >>> 0;
  return philox([block >>> 0, high, stream, step], seed)[(before + i) % 4] as number;
}

/** [0, 1) in steps of 2^-24, exact. */
export const unit = (word: number): number => (word >>> 8) / 2 ** 24;

/** The middles of steps of 2^-23, exact: neither 0 nor 1. */
export const middle = (word: number): number => (2 * (word >>> 9) + 1) / 2 ** 24;

/** [p, q); a draw that rounds to q becomes p. */
export function uniform(word: number, p: number, q: number): number {
  const v = f(p + f(unit(word) * f(q - p)));
  return v >= q ? p : v;
}

/** Mean p, standard deviation q. */
export const normal = (word: number, p: number, q: number): number => f(p + f(q * normalQuantile(middle(word))));

const BELOW = f(0.02275013194817921);
const BETWEEN = f(0.9544997361036416);

/** The same, within two standard deviations: the quantiles between those of -2 and 2. */
export const truncatedNormal = (word: number, p: number, q: number): number =>
  f(p + f(q * normalQuantile(f(BELOW + f(middle(word) * BETWEEN)))));

/** Integers of [p, q): the high word of word * (q - p), where q - p is a word or 2^32. */
export const uniformInt = (word: number, p: number, q: number): number =>
  (p + high(BigInt(word) * BigInt(q - p === 2 ** 32 ? q - p : (q - p) >>> 0))) | 0;

/** An array of draws. */
export function random(
  shape: Shape,
  key: RandomKey,
  draw: (word: number) => number,
  dtype: 'float32' | 'int32' = 'float32',
): NdArray {
  return array(
    shape,
    dtype,
    Array.from({ length: sizeOf(shape) }, (_, i) => draw(wordAt(i, key))),
  );
}

/** u < rate ? 0 : x / (1 - rate), as a product with the float32 of 1 / (1 - rate). */
export function dropout(x: NdArray, key: RandomKey, rate: number): NdArray {
  const scale = f(1 / f(1 - f(rate)));
  const kept = Array.from(x.data, (v, i) => (unit(wordAt(i, key)) < f(rate) ? 0 : f(v * scale)));
  return array(x.shape, 'float32', kept);
}

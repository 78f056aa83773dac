/** Seeded numbers for test data. */

/** Numbers of [0, 1), always the same for a seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` float32 numbers of [low, high). */
export function uniform(seed: number, count: number, low = -1, high = 1): Float32Array<ArrayBuffer> {
  const next = generator(seed);
  return Float32Array.from({ length: count }, () => low + (high - low) * next());
}

/** `count` float32 numbers, all at least `gap` apart, in random order, symmetric about 0. */
export function distinct(seed: number, count: number, gap = 0.1): Float32Array<ArrayBuffer> {
  const values = Float32Array.from({ length: count }, (_, i) => (i - (count - 1) / 2 + 0.25) * gap);
  const next = generator(seed);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [values[i], values[j]] = [values[j] as number, values[i] as number];
  }
  return values;
}

/** Choices that come from one stream of numbers. */
export class Chooser {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = generator(seed);
  }

  below(n: number): number {
    return Math.floor(this.#next() * n);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }
}

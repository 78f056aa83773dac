/** Operands of tests: arrays of every type from a small seeded generator, with the floats that kernels trip over. */
import { array, type NdArray, type Shape, sizeOf } from '../reference/array';

/** Numbers of [0, 1) from a seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed from a name (FNV-1a). */
export function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}

const TINY = 2 ** -149;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Ends of the range, signed zeros, denormals, halves, integers around 2^24 and 2^31, infinities, NaN. */
export const SPECIALS: readonly number[] = [
  0,
  1,
  2,
  3,
  0.5,
  1.5,
  2.5,
  0.49999997,
  0.75,
  TINY,
  3 * TINY,
  2 ** -126,
  2 ** -127,
  1e-20,
  1e20,
  2 ** 23 + 1,
  2 ** 24,
  2 ** 31,
  2 ** 32,
  88.7,
  104,
  LARGEST,
  Number.POSITIVE_INFINITY,
  Number.NaN,
].flatMap((x) => [x, -x]);

type Draw = (next: () => number) => number;

/** Of [-1, 1), some of them ±0 and denormals. */
const float: Draw = (next) => {
  const kind = next();
  const x = next() * 2 - 1;
  if (kind > 0.15) return x;
  if (kind > 0.1) return -0;
  return kind > 0.05 ? 0 : x * 2 ** -130;
};

/** As `float`, over the whole range and with infinities and NaN. */
const wild: Draw = (next) => {
  if (next() < 0.1) return SPECIALS[Math.floor(next() * SPECIALS.length)] as number;
  return (next() * 2 - 1) * 2 ** Math.floor(next() * 60 - 30);
};

/** As `float`, with one infinity or NaN in a hundred. */
const rare: Draw = (next) => {
  if (next() > 0.01) return float(next);
  return [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][Math.floor(next() * 3)] as number;
};

const draws = {
  float,
  wild,
  rare,
  /** Few values, so that many are equal. */
  ties: (next) => Math.floor(next() * 5) - 2,
  /** Around 1, so that long products stay finite. */
  factor: (next) => 0.5 + next(),
  /** Logits from far below to far above. */
  logit: (next) => (next() * 2 - 1) * 60,
  /** int32 of the whole range, many of them equal. */
  int: (next) => (next() < 0.3 ? Math.floor(next() * 4) : next() * 2 ** 32) | 0,
  bool: (next) => (next() < 0.5 ? 0 : 1),
} as const satisfies Record<string, Draw>;

/** What an operand is made of: one of the generators, float32 but for `int` and `bool`, or indices below a limit. */
export type Kind = keyof typeof draws | number;

export interface Spec {
  readonly shape: Shape;
  readonly kind: Kind;
  /** These elements instead of random ones. */
  readonly values?: readonly number[];
}

/** An array as described. */
export function generate({ shape, kind, values }: Spec, seed: number): NdArray {
  const next = generator(seed);
  const dtype = kind === 'bool' ? 'bool' : kind === 'int' || typeof kind === 'number' ? 'int32' : 'float32';
  if (values) return array(shape, dtype, values);
  const draw = typeof kind === 'number' ? (): number => Math.floor(next() * kind) : (): number => draws[kind](next);
  const data = dtype === 'float32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = draw();
  return { shape, dtype, data };
}

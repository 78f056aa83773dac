/** Where functions are compared with float64: all magnitudes, both signs, the ends, and most of all around 0. */
import { generator } from '../support/random';

export const COUNT = 10_000;

export const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  3,
  -3,
  6,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  -(2 ** -126),
  3.4028234663852886e38,
  -3.4028234663852886e38,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];

/** Float32 numbers: a third of all bit patterns alike, a third within 25, a third within 1.5. */
export function pointsOf(seed: number, count = COUNT): Float32Array<ArrayBuffer> {
  const next = generator(seed);
  const bits = Uint32Array.from({ length: count }, () => next() * 2 ** 32);
  const points = new Float32Array(bits.buffer);
  for (let i = 0; i < count; i++) {
    if (i % 3 === 1) points[i] = 50 * next() - 25;
    if (i % 3 === 2) points[i] = 3 * next() - 1.5;
  }
  points.set(SPECIAL);
  return points;
}

/** The distance of a float32 to the next one at x; that of denormals below the normal numbers. */
export function ulpAt(x: number): number {
  const size = Math.abs(x);
  if (!(size > 2 ** -126)) return 2 ** -149;
  return 2 ** (Math.min(127, Math.floor(Math.log2(size))) - 23);
}

const LARGEST = 3.4028234663852886e38;

/**
 * By how many ulps of the exact value, beyond an absolute error that is allowed, a result is wrong. NaN has to be NaN;
 * what exceeds the largest float may be that or infinite.
 */
export function errorOf(got: number, exact: number, allowed = 0): number {
  if (Number.isNaN(exact) || Number.isNaN(got)) return Number.isNaN(exact) === Number.isNaN(got) ? 0 : Infinity;
  if (got === exact) return 0;
  if (Math.abs(exact) > LARGEST) {
    const isNear = Math.sign(got) === Math.sign(exact) && Math.abs(got) > LARGEST * (1 - 2 ** -20);
    return isNear ? 0 : Infinity;
  }
  if (!Number.isFinite(got)) return Math.abs(exact) > LARGEST * (1 - 2 ** -20) ? 0 : Infinity;
  return Math.max(0, Math.abs(got - exact) - allowed) / ulpAt(exact);
}

/** Scalar functions of the host: the specification bit for bit, and their error against integers of 260 bits. */
import { expect, it } from 'vitest';
import { engine } from '../../src/runtime/engine';
import * as reference from '../reference/scalars';
import { uniform } from '../support/random';

const BITS = 260n;
const ONE = 1n << BITS;
const times = (a: bigint, b: bigint): bigint => (a * b) / ONE;

/** A finite f64 as a fixed-point number, exact if it is no smaller than 2^-208. */
function fixed(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const mantissa = (bits & ((1n << 52n) - 1n)) | (exponent ? 1n << 52n : 0n);
  const shift = BITS + BigInt(Math.max(exponent, 1)) - 1075n;
  const value = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return x < 0 ? -value : value;
}

const LN2 = 2n * atanhSeries(ONE / 3n);
const PI = 16n * atanSeries(5n) - 4n * atanSeries(239n);

function atanhSeries(s: bigint): bigint {
  const z = times(s, s);
  let [sum, power] = [0n, s];
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = times(power, z);
  }
  return sum;
}

function atanSeries(inverse: bigint): bigint {
  let [sum, power] = [0n, ONE / inverse];
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -power / k;
    power /= inverse * inverse;
  }
  return sum;
}

/** e^x as a fixed-point mantissa and a power of two. */
function exactExp(x: bigint): { m: bigint; n: bigint } {
  const n = x / LN2;
  const r = x - n * LN2;
  let [sum, term] = [0n, ONE];
  for (let k = 1n; term !== 0n; k++) {
    sum += term;
    term = times(term, r) / k;
  }
  return { m: sum, n };
}

function exactLog(x: number): bigint {
  let [m, n] = [x, 0n];
  for (; m >= 1.5; n++) m /= 2;
  for (; m < 0.75; n--) m *= 2;
  const f = fixed(m);
  return n * LN2 + 2n * atanhSeries(((f - ONE) << BITS) / (f + ONE));
}

function exactCosPi(x: number): bigint {
  const turn = ((fixed(x) % (2n * ONE)) + 2n * ONE) % (2n * ONE);
  const r = times(PI, turn > ONE ? 2n * ONE - turn : turn);
  let [sum, term] = [0n, ONE];
  for (let k = 2n; term !== 0n; k += 2n) {
    sum += term;
    term = -times(times(term, r), r) / (k * (k - 1n));
  }
  return sum;
}

/** How far x is from m 2^n, in units of x' last place. */
function ulps(x: number, m: bigint, n = 0n): number {
  const scale = 2 ** Math.max(-1022, Math.floor(Math.log2(Math.abs(x)))) * 2 ** -52;
  const [a, unit] =
    n >= 0n ? [fixed(x) - (m << n), fixed(scale)] : [fixed(x / 2 ** Number(n)) - m, fixed(scale / 2 ** Number(n))];
  return Number(((a < 0n ? -a : a) * 1000n) / unit) / 1000;
}

const { exp, pow, cosPi } = engine.scalars;
const random = (seed: number, n: number, low: number, high: number): number[] =>
  [...uniform(seed, n)]
    .map((u, i) => low + ((u + 1 + i * 0.6180339887498949) % 1) * (high - low))
    .filter((x) => x !== 0);

it('exp', () => {
  const points = [
    ...random(1, 2000, -700, 700),
    ...random(2, 2000, -2, 2),
    ...random(3, 200, -1e-9, 1e-9),
    709.78,
    -708.3,
  ];
  let worst = 0;
  for (const x of points) {
    expect(exp(x)).toBe(reference.exp(x));
    const { m, n } = exactExp(fixed(x));
    worst = Math.max(worst, ulps(exp(x), m, n));
  }
  expect(worst).toBeLessThan(1);
  expect([0, -0, 709.79, 1e300, Infinity, -745.14, -746.1, -Infinity, Number.NaN].map(exp)).toEqual([
    1,
    1,
    Infinity,
    Infinity,
    Infinity,
    0,
    0,
    0,
    Number.NaN,
  ]);
  for (const x of [-745, -744.4, -720]) expect(exp(x)).toBe(reference.exp(x));
});

it('pow', () => {
  const bases = [...random(4, 1500, 0, 2), ...random(5, 500, 0, 1e6), ...random(6, 300, 0.999999, 1.000001), 0.96, 0.9];
  let worst = 0;
  bases.forEach((x, i) => {
    const limit = Math.min(2000, 600 / Math.abs(Math.log(x)));
    for (const y of [0.5, 1, 2, -1, random(i + 9, 1, -limit, limit)[0] ?? 3]) {
      expect(pow(x, y)).toBe(reference.pow(x, y));
      const { m, n } = exactExp(times(exactLog(x), fixed(y)));
      worst = Math.max(worst, ulps(pow(x, y), m, n));
    }
  });
  expect(worst).toBeLessThan(1);
  const ends: [number, number, number][] = [
    [0, 0, 1],
    [0, 2, 0],
    [0, -2, Infinity],
    [Infinity, -1, 0],
    [Infinity, 0.5, Infinity],
    [0.5, Infinity, 0],
    [2, Infinity, Infinity],
    [2, -Infinity, 0],
    [1, Number.NaN, 1],
    [Number.NaN, 0, 1],
    [Number.NaN, 1, Number.NaN],
    [2, Number.NaN, Number.NaN],
    [-1, 2, Number.NaN],
    [2, 5000, Infinity],
    [2, -5000, 0],
    [2, 1023, 2 ** 1023],
    [2, -1074, 2 ** -1074],
    [2 ** -1074, 1, 2 ** -1074],
    [2 ** -1060, 0.5, 2 ** -530],
  ];
  for (const [x, y, want] of ends) {
    expect(pow(x, y), `${x}^${y}`).toBe(want);
    expect(reference.pow(x, y), `${x}^${y}`).toBe(want);
  }
});

it('cosPi', () => {
  const points = [
    ...random(7, 2000, -1, 1),
    ...random(8, 500, -1000, 1000),
    ...random(9, 300, 0.4999999, 0.5000001),
    1e-9,
    0.25,
    0.75,
  ];
  let worst = 0;
  for (const x of points) {
    expect(cosPi(x)).toBe(reference.cosPi(x));
    worst = Math.max(worst, ulps(cosPi(x), exactCosPi(x)));
  }
  expect(worst).toBeLessThan(1.2);
  expect([0, 1, 2, -1, 1.5 + 0.5, 2 ** 52, 2 ** 52 + 1, 2 ** 60].map(cosPi)).toEqual([1, -1, 1, -1, 1, 1, -1, 1]);
  expect([0.5, 1.5, -0.5].map((x) => Math.abs(cosPi(x)))).toEqual([0, 0, 0]);
  expect([Infinity, Number.NaN].map(cosPi)).toEqual([Number.NaN, Number.NaN]);
});

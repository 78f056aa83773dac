/** Scalar functions in f64: assembly/math/scalars.ts, operation by operation. */

const SPLIT = 134217729;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

function lost(a: number, b: number, p: number): number {
  const ah = SPLIT * a - (SPLIT * a - a);
  const bh = SPLIT * b - (SPLIT * b - b);
  const [al, bl] = [a - ah, b - bh];
  return ah * bh - p + ah * bl + al * bh + al * bl;
}

/** To the even one of two that are as near. */
function nearest(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}

function expOf(x: number, low: number): number {
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  const n = nearest(x * 1.4426950408889634);
  const high = x - n * LN2_HIGH;
  const rest = n * LN2_LOW - low;
  const r = high - rest;
  let q = 0;
  for (let k = 14; k > 2; k--) q = ((1 + q) * r) / k;
  const y = 1 + (r + (0.5 * r * r * (1 + q) + (high - r - rest)));
  const half = Math.floor(n / 2);
  return y * 2 ** half * 2 ** (n - half);
}

export const exp = (x: number): number => expOf(x, 0);

export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (!(x >= 0) || Number.isNaN(y)) return Number.NaN;
  if (x === 0 || x === Infinity || Math.abs(y) === Infinity) return x < 1 === y > 0 ? 0 : Infinity;
  // x = m 2^n exactly, m in [sqrt(1/2), sqrt 2)
  let [m, n] = [x, 0];
  for (; m >= Math.SQRT2; n++) m /= 2;
  for (; m < Math.SQRT1_2; n--) m *= 2;
  const f = m - 1;
  const d = m + 1;
  const dLow = m - (d - 1);
  const s = f / d;
  const sd = s * d;
  const sLow = (f - sd - lost(s, d, sd) - s * dLow) / d;
  const z = s * s;
  const zLow = lost(s, s, z) + 2 * s * sLow;
  let q = 0;
  for (let k = 25; k > 3; k -= 2) q = q * z + 2 / k;
  q *= z;
  const c = 0.6666666666666666 + q;
  const cLow = q - (c - 0.6666666666666666) + 3.700743415417188e-17;
  const t = z * c;
  const tLow = lost(z, c, t) + z * cLow + zLow * c;
  const u = 2 + t;
  const uLow = t - (u - 2) + tLow;
  const v = s * u;
  const vLow = lost(s, u, v) + s * uLow + sLow * u;
  const high = n * LN2_HIGH;
  const h = high + v;
  const hLow = v - (h - high) + (vLow + n * LN2_LOW);
  const l = h + hLow;
  const lLow = hLow - (l - h);
  const e = y * l;
  if (!(Math.abs(e) < 1000)) return e > 0 ? Infinity : 0;
  return expOf(e, lost(y, l, e) + y * lLow);
}

export function cosPi(x: number): number {
  const a = Math.abs(x);
  if (!(a < 2 ** 52)) return a < Infinity ? (a % 2 === 1 ? -1 : 1) : Number.NaN;
  const n = nearest(2 * a);
  const y = a - 0.5 * n;
  const r = y * Math.PI;
  const low = lost(y, Math.PI, r) + y * 1.2246467991473532e-16;
  const z = r * r;
  const odd = n % 2;
  let p = 0;
  for (let k = odd ? 17 : 16; k > 1; k -= 2) p = ((1 - p) * z) / (k * (k - 1));
  const value = odd ? r - (r * p - low) : 1 - (p + r * low);
  return n % 4 === 1 || n % 4 === 2 ? -value : value;
}

/**
 * e^x, x^y and cos(pi x) on one f64, for what the host computes between steps: learning rates, corrections. Engines
 * round their own Math differently. Error < 1 ulp (cos: 1.2) where the result is a normal number; the same operations in the same
 * order: `test/reference/scalars.ts`.
 */

const LOG2E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.6931471803691238; // 32 bits: n LN2_HIGH is exact
const LN2_LOW: f64 = 1.9082149292705877e-10;
const SPLIT: f64 = 134217729; // 2^27 + 1
const TWO_THIRDS: f64 = 0.6666666666666666;
const TWO_THIRDS_LOW: f64 = 3.700743415417188e-17;
const PI: f64 = 3.141592653589793;
const PI_LOW: f64 = 1.2246467991473532e-16;

/** What rounding a b to p has lost (Dekker). */
function lost(a: f64, b: f64, p: f64): f64 {
  const at = SPLIT * a,
    bt = SPLIT * b;
  const ah = at - (at - a),
    bh = bt - (bt - b);
  const al = a - ah,
    bl = b - bh;
  return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
}

/** 2^n for n from -1022 to 1023. */
function power2(n: i64): f64 {
  return reinterpret<f64>((n + 1023) << 52);
}

/** e^(x + low), low below half an ulp of x. */
function expOf(x: f64, low: f64): f64 {
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  const n = nearest(x * LOG2E);
  const high = x - n * LN2_HIGH,
    rest = n * LN2_LOW - low;
  const r = high - rest;
  let q: f64 = 0;
  for (let k = 14; k > 2; k--) q = ((1 + q) * r) / <f64>k;
  // 1 + r + r^2 / 2 (1 + q), corrected by the rounding error of r.
  const y = 1 + (r + (0.5 * r * r * (1 + q) + (high - r - rest)));
  const half = <i64>n >> 1;
  return y * power2(half) * power2(<i64>n - half);
}

/** e^x. */
export function expF64(x: f64): f64 {
  return expOf(x, 0);
}

/**
 * x^y for x >= 0; NaN for negative x. The logarithm has twice the precision of f64: with m = x 2^-n in [sqrt(1/2),
 * sqrt 2) and s = (m - 1) / (m + 1), log m = s (2 + s^2 (2/3 + s^2 (2/5 + ...))).
 */
export function powF64(x: f64, y: f64): f64 {
  if (y == 0 || x == 1) return 1;
  if (!(x > 0 && x < Infinity && abs(y) < Infinity)) {
    if (!(x >= 0) || y != y) return NaN;
    return x < 1 == y > 0 ? 0 : Infinity;
  }
  const tiny = x < 2.2250738585072014e-308;
  const bits = reinterpret<i64>(tiny ? x * 18014398509481984 : x);
  const shift = (bits - 0x3fe6a09e667f3bcd) >> 52;
  const m = reinterpret<f64>(bits - (shift << 52));
  const n = <f64>(tiny ? shift - 54 : shift);

  const f = m - 1;
  const d = m + 1,
    dLow = m - (d - 1);
  const s = f / d;
  const sd = s * d;
  const sLow = (f - sd - lost(s, d, sd) - s * dLow) / d;
  const z = s * s;
  const zLow = lost(s, s, z) + 2 * s * sLow;
  let q: f64 = 0;
  for (let k = 25; k > 3; k -= 2) q = q * z + 2 / <f64>k;
  q *= z;
  const c = TWO_THIRDS + q,
    cLow = q - (c - TWO_THIRDS) + TWO_THIRDS_LOW;
  const t = z * c;
  const tLow = lost(z, c, t) + z * cLow + zLow * c;
  const u = 2 + t,
    uLow = t - (u - 2) + tLow;
  const v = s * u;
  const vLow = lost(s, u, v) + s * uLow + sLow * u;
  const high = n * LN2_HIGH;
  const h = high + v;
  const hLow = v - (h - high) + (vLow + n * LN2_LOW);
  // As h + hLow with both parts as far apart as they can be.
  const l = h + hLow,
    lLow = hLow - (l - h);
  const e = y * l;
  if (!(abs(e) < 1000)) return e > 0 ? Infinity : 0;
  return expOf(e, lost(y, l, e) + y * lLow);
}

/** cos(pi x). */
export function cosPiF64(x: f64): f64 {
  const a = abs(x);
  if (!(a < 4503599627370496)) return a < Infinity ? (a < 9007199254740992 && <i64>a & 1 ? -1 : 1) : NaN;
  const n = nearest(2 * a);
  const y = a - 0.5 * n;
  const r = y * PI;
  const low = lost(y, PI, r) + y * PI_LOW;
  const quarter = <i32>(<i64>n & 3);
  const z = r * r;
  const odd = quarter & 1;
  let p: f64 = 0;
  for (let k = odd ? 17 : 16; k > 1; k -= 2) p = ((1 - p) * z) / <f64>(k * (k - 1));
  const y0 = odd ? r - (r * p - low) : 1 - (p + r * low);
  return quarter == 1 || quarter == 2 ? -y0 : y0;
}

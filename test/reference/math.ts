/**
 * What assembly/math/functions.ts, trigonometry.ts and power.ts compute, on scalars: the same operations in the same order. f rounds to f32
 * after each operation; where it is absent, the arithmetic is f64 or exact. The kernels' comments say why it works.
 */
const f = Math.fround;
const view = new DataView(new ArrayBuffer(8));

function bitsOf(x: number): number {
  view.setFloat32(0, x);
  return view.getInt32(0);
}

function fromBits(bits: number): number {
  view.setInt32(0, bits);
  return view.getFloat32(0);
}

/** 2^n for -1022 <= n <= 1023. */
function pow2(n: number): number {
  view.setInt32(0, (n + 1023) << 20);
  view.setInt32(4, 0);
  return view.getFloat64(0);
}

const mulAdd = (a: number, b: number, c: number) => f(f(a * b) + c);
/** c[0] + x (c[1] + x (c[2] + ...)). */
const poly = (x: number, c: number[]) => c.reduceRight((sum, next) => mulAdd(x, sum, next));
const poly64 = (x: number, c: number[]) => c.reduceRight((sum, next) => x * sum + next);
/** Like Math.min and max, but x where x is NaN. */
const pmin = (x: number, limit: number) => (limit < x ? limit : x);
const pmax = (x: number, limit: number) => (x < limit ? limit : x);
const isNegative = (x: number) => x < 0 || Object.is(x, -0);
const withSignOf = (x: number, y: number) => (isNegative(x) ? -Math.abs(y) : y);

const LOG2E = f(1.442695);
const LN2_HI = f(0.69314575);
const LN2_LO = f(1.4286068e-6);
const remainderLn2 = (x: number, n: number) => f(f(x - f(n * LN2_HI)) - f(n * LN2_LO));

const E3 = f(0.16666532);
const E4 = f(4.166617e-2);
const E5 = f(8.368003e-3);
const E6 = f(1.3971995e-3);

function expm1Near0(r: number): number {
  const z = f(r * r);
  const high = mulAdd(z, E6, mulAdd(r, E5, E4));
  return mulAdd(z, mulAdd(z, high, mulAdd(r, E3, 0.5)), r);
}

function expClamped(x: number): number {
  const round = 12583166;
  const n = f(mulAdd(x, LOG2E, round) - round);
  const p = f(expm1Near0(remainderLn2(x, n)) + 1);
  const half = (n + 254) >> 1;
  return f(f(p * pow2(half - 127)) * pow2(n + 127 - half));
}

export function exp(x: number): number {
  return expClamped(pmax(pmin(x, 89), -104));
}

export function sigmoid(x: number): number {
  const e = expClamped(pmax(-Math.abs(x), -104));
  return f((x < 0 ? e : 1) / f(e + 1));
}

export function tanh(x: number): number {
  const round = 12583039;
  const a = f(pmin(Math.abs(x), f(9.1)) * -2);
  const n = f(mulAdd(a, f(1.46), round) - round);
  const s = pow2(n);
  const sp = f(s * expm1Near0(f(a - f(n * f(0.6931472)))));
  return withSignOf(x, f(f(f(1 - s) - sp) / f(f(1 + s) + sp)));
}

export function expm1(x: number): number {
  const round = 12583038;
  const c = pmax(pmin(x, 89), -25);
  const n = f(mulAdd(c, LOG2E, round) - round);
  const h = pow2(n - 1);
  const p = expm1Near0(remainderLn2(c, n));
  const y = mulAdd(h, p, f(h - 0.5));
  return withSignOf(x, n === 0 ? p : f(y + y));
}

const SQRT_HALF_BITS = 0x3f3504f3;
const L = [0.66666776, 0.39977568, 0.2987146].map(f);

function logOf(bits: number, n: number, c: number): number {
  const g = f(fromBits((bits & 0x7fffff) + SQRT_HALF_BITS) - 1);
  const s = f(g / f(g + 2));
  const z = f(s * s);
  const r = f(z * poly(z, L));
  const low = f(f(s * f(g - r)) - mulAdd(n, LN2_LO, c));
  return mulAdd(n, LN2_HI, f(g - low));
}

export function log(x: number): number {
  if (x < 0) return NaN;
  if (x === 0) return -Infinity;
  if (!(x < Infinity)) return x;
  const tiny = x < f(1.17549435e-38) ? 25 : 0;
  const bits = bitsOf(f(x * pow2(tiny))) - SQRT_HALF_BITS;
  return logOf(bits, (bits >> 23) - tiny, 0);
}

export function log1p(x: number): number {
  if (x < -1) return NaN;
  if (x === -1) return -Infinity;
  if (!(x < Infinity)) return x;
  const u = f(x + 1);
  const x1 = f(u - 1);
  const lost = f(f(x - x1) + f(1 - f(u - x1)));
  const bits = bitsOf(u) - SQRT_HALF_BITS;
  return withSignOf(x, logOf(bits, bits >> 23, f(lost / u)));
}

const SOFTPLUS = [0.6666641, 0.4002175, 0.2799821, 0.28029475].map(f);

export function softplus(x: number): number {
  const e = expClamped(pmax(-Math.abs(x), -104));
  const s = f(e / f(e + 2));
  const z = f(s * s);
  const r = f(z * poly(z, SOFTPLUS));
  return f(pmax(x, 0) + f(e - f(s * f(e - r))));
}

const ERF_LOW = [0.12837917, -0.3761261, 0.11283364, -2.6843518e-2, 5.167731e-3, -7.8247394e-4, 7.236069e-5].map(f);
const ERF_HIGH = [
  0.99364424, 0.17173654, 2.6125904e-2, 9.741217e-2, -4.7232144e-2, 2.2774165e-2, -4.9720113e-3, 6.224725e-4,
].map(f);

export function erf(x: number): number {
  const t = Math.abs(x);
  if (t < f(1.1)) return withSignOf(x, mulAdd(t, poly(f(t * t), ERF_LOW), t));
  let b = poly(t, ERF_HIGH);
  b = f(b * b);
  b = f(b * b);
  return withSignOf(x, f(1 - f(1 / f(b * b))));
}

const CENTRE = [2.5066283, 2.6249225, 5.775664, 15.400268, 57.953213, -92.03751, 3512.7166, -18676.105, 67551.336].map(
  f,
);
const TAIL_OVER = [-2.9478424, -6.639673, 0.51432735, 1.7108747, 0.20964499].map(f);
const TAIL_UNDER = [1, 5.1249743, 4.165626, 0.5057115].map(f);

export function normalQuantile(u: number): number {
  const d = f(u - 0.5);
  const v = pmin(u, f(1 - u));
  if (v >= f(0.15)) return f(d * poly(f(d * d), CENTRE));
  const r = f(Math.sqrt(-log(v)));
  return withSignOf(d, v === 0 ? Infinity : f(r + f(poly(r, TAIL_OVER) / poly(r, TAIL_UNDER))));
}

const TWO_OVER_PI = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abn; // 224 bits

/** x = n pi / 2 + r for x >= 0, n modulo 4. */
function quadrant(x: number): { n: number; r: number } {
  if (x >= 2 ** 25 && x < Infinity) {
    const bits = bitsOf(x);
    const mantissa = BigInt((bits & 0x7fffff) | 0x800000);
    const window = BigInt.asUintN(96, TWO_OVER_PI >> BigInt(280 - (bits >> 23)));
    const phase = BigInt.asUintN(64, (mantissa * window) >> 32n);
    const n = BigInt.asUintN(64, phase + (1n << 61n)) >> 62n;
    return { n: Number(n), r: f(Number(BigInt.asIntN(64, phase - (n << 62n))) * 3.4061215800304396e-19) };
  }
  const round = 6755399441055744;
  const n = x * 0.6366197723675814 + round - round;
  return { n: n & 3, r: f(x - n * 1.5707963109016418 - n * 1.5893254773528196e-8) };
}

const SIN = [-0.16666655, 8.332189e-3, -1.9518293e-4].map(f);
const COS = [4.1666646e-2, -1.388731e-3, 2.4432327e-5].map(f);

function sinNear0(r: number): number {
  const z = f(r * r);
  return mulAdd(f(r * z), poly(z, SIN), r);
}

function cosNear0(r: number): number {
  const z = f(r * r);
  return f(1 - f(f(z * 0.5) - f(f(z * z) * poly(z, COS))));
}

function sinOf(n: number, r: number): number {
  const y = n & 1 ? cosNear0(r) : sinNear0(r);
  return n & 2 ? -y : y;
}

export function sin(x: number): number {
  const { n, r } = quadrant(Math.abs(x));
  return isNegative(x) ? -sinOf(n, r) : sinOf(n, r);
}

export function cos(x: number): number {
  const { n, r } = quadrant(Math.abs(x));
  return sinOf(n + 1, r);
}

export function tan(x: number): number {
  const { n, r } = quadrant(Math.abs(x));
  const y = n & 1 ? -f(cosNear0(r) / sinNear0(r)) : f(sinNear0(r) / cosNear0(r));
  return isNegative(x) ? -y : y;
}

const HALF_PI = f(1.5707964);
const HALF_PI_LOW = f(-4.371139e-8);
const PI = f(3.1415927);
const PI_LOW = f(-8.742278e-8);
const ATAN = [
  -0.333333, 0.1999853, -0.14264014, 0.10950861, -8.399208e-2, 5.787887e-2, -3.1093534e-2, 1.0866271e-2, -1.7821442e-3,
].map(f);

function atanTo1(q: number): number {
  const z = f(q * q);
  return mulAdd(f(q * z), poly(z, ATAN), q);
}

export function atan(x: number): number {
  const a = Math.abs(x);
  return withSignOf(x, a > 1 ? f(HALF_PI - f(atanTo1(f(1 / a)) - HALF_PI_LOW)) : atanTo1(a));
}

export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  const steep = ay > ax;
  const left = isNegative(x);
  const low = steep ? ax : ay;
  const high = steep ? ay : ax;
  const t = atanTo1(high === 0 ? 0 : low === Infinity ? 1 : f(low / high));
  const base = steep ? HALF_PI : left ? PI : 0;
  const baseLow = steep ? HALF_PI_LOW : left ? PI_LOW : 0;
  return withSignOf(y, f(base + f(baseLow + (steep === left ? t : -t))));
}

const ASIN = [0.16666752, 7.4953094e-2, 4.546915e-2, 2.4184782e-2, 4.215829e-2].map(f);
const asinOf = (s: number, z: number) => mulAdd(f(s * z), poly(z, ASIN), s);

/** asin a for a <= 1/2, else asin(sqrt((1 - a) / 2)). */
function asinPart(a: number): number {
  const z = a > 0.5 ? f(f(1 - a) * 0.5) : f(a * a);
  return asinOf(a > 0.5 ? f(Math.sqrt(z)) : a, z);
}

export function asin(x: number): number {
  const a = Math.abs(x);
  const t = asinPart(a);
  return withSignOf(x, a > 0.5 ? f(HALF_PI - f(f(t + t) - HALF_PI_LOW)) : t);
}

export function acos(x: number): number {
  const a = Math.abs(x);
  const t = asinPart(a);
  if (a <= 0.5) return f(HALF_PI + f(HALF_PI_LOW + (isNegative(x) ? t : -t)));
  return isNegative(x) ? f(PI + f(PI_LOW - f(t + t))) : f(t + t);
}

const LOG2 = [
  2.8853900817778495, 0.9617966941142218, 0.577077942121775, 0.41220927607746566, 0.31990475047227374,
  0.2829133947398516,
];

/** log2 in f64 of a positive finite x. */
function log2Of(x: number): number {
  view.setFloat64(0, x);
  const high = view.getInt32(0) + 0x95f62;
  view.setInt32(0, (high & 0xfffff) + 0x3fe6a09e);
  const m = view.getFloat64(0);
  const s = (m - 1) / (m + 1);
  return s * poly64(s * s, LOG2) + ((high >>> 20) - 1023);
}

const EXP2 = [
  1, 0.6931471807043157, 0.2402265106669209, 0.05550410367020769, 0.009618038111461249, 0.0013333933960394955,
  0.0001546676345496365, 1.5196467003389352e-5,
];

function exp2Of(t: number): number {
  const round = 6755399441056767;
  const c = pmax(pmin(t, 200), -200);
  const n = c + round - round;
  return poly64(c - n, EXP2) * pow2(n);
}

export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const a = Math.abs(x);
  const half = f(y * 0.5);
  const sign = isNegative(x) && Math.trunc(y) === y && Math.trunc(half) !== half ? -1 : 1;
  if (a === 0 || a === Infinity) return sign * (y < 0 ? f(1 / a) : a);
  if (x < 0 && Math.trunc(y) !== y) return NaN;
  const finite = pmax(pmin(y, f(3.4028234663852886e38)), f(-3.4028234663852886e38));
  return sign * f(exp2Of(log2Of(a) * finite));
}

const SMALL = f(1.2207031e-4);

export function asinh(x: number): number {
  const a = Math.abs(x);
  if (!(a >= SMALL && a < Infinity)) return x;
  return withSignOf(x, f(log2Of(a + Math.sqrt(a * a + 1)) * 0.6931471805599453));
}

export function acosh(x: number): number {
  if (x < 1) return NaN;
  if (!(x < Infinity)) return x;
  return f(log2Of(x + Math.sqrt(x * x - 1)) * 0.6931471805599453);
}

export function atanh(x: number): number {
  const a = Math.abs(x);
  if (a > 1) return NaN;
  if (a === 1) return withSignOf(x, Infinity);
  if (!(a >= SMALL)) return x;
  return withSignOf(x, f(log2Of((1 + a) / (1 - a)) * 0.34657359027997264));
}

const SINH = [0.16666667, 8.333175e-3, 1.9974088e-4].map(f);
const COSH = [0.5, 4.166646e-2, 1.3935429e-3].map(f);

function hyperbolic(x: number, odd: boolean): number {
  const round = 12583038;
  const a = pmin(Math.abs(x), 91);
  const n = f(mulAdd(a, LOG2E, round) - round);
  const r = remainderLn2(a, n);
  const z = f(r * r);
  const sinhR = mulAdd(f(r * z), poly(z, SINH), r);
  const cosh1 = f(z * poly(z, COSH));
  const scale = n > 64 ? 64 : 0;
  const s = pow2(n - 1 - scale);
  const i = n > 64 ? 0 : pow2(-n - 1);
  const forCosh = odd ? f(s - i) : f(s + i);
  const forSinh = odd ? f(s + i) : f(s - i);
  return f(f(forCosh + mulAdd(forCosh, cosh1, f(forSinh * sinhR))) * pow2(scale));
}

export function sinh(x: number): number {
  return withSignOf(x, hyperbolic(x, true));
}

export function cosh(x: number): number {
  return hyperbolic(x, false);
}

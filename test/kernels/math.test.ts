import asc from 'assemblyscript/asc';
import { beforeAll, describe, expect, it } from 'vitest';
import * as reference from '../reference/math';

type Unary = (x: number) => number;
type Binary = (x: number, y: number) => number;
type Pass = (f: number, out: number, x: number, y: number, n: number) => void;

interface Case {
  name: string;
  spec: Unary | Binary;
  /** The same in f64, good to 1e-14 or so; a third argument is the answer under test, for a reference that refines. */
  exact: (x: number, y: number, answer: number) => number;
  /** The bound that the kernel's comment states. */
  ulp: number;
  /** Bit patterns from one point to the next in the walk through all of them. */
  stride: number;
  /** |x| where errors are largest, walked with a smaller stride. */
  dense: [number, number];
  thresholds: number[];
}

const LN2 = Math.LN2;
const fractions = (...limits: number[]) => limits.map((n) => n * LN2);
const exponential = [
  ...fractions(0.5, 1.5, 2.5, 63.5, 64.5, 126.5, 127.5, 128),
  89,
  104,
  103.972,
  87.3366,
  88.7228,
  88.3763,
];
const circle = [0.25, 0.5, 0.75, 1, 1.25, 2, 5, 100]
  .map((n) => n * Math.PI)
  .concat(2 ** 25, 2 ** 26, 2 ** 57, 2 ** 89, 2 ** 121);

/** In the order of test/assembly/math.ts. */
const cases: Case[] = [
  {
    name: 'exp',
    spec: reference.exp,
    exact: Math.exp,
    ulp: 1.1,
    stride: 1511,
    dense: [1e-3, 110],
    thresholds: exponential,
  },
  {
    name: 'log',
    spec: reference.log,
    exact: Math.log,
    ulp: 1,
    stride: 1511,
    dense: [0.5, 2],
    thresholds: [2 ** -126, 2 ** -127, Math.SQRT1_2, Math.SQRT2, 1, 2, 2 ** -126.5],
  },
  {
    name: 'tanh',
    spec: reference.tanh,
    exact: Math.tanh,
    ulp: 2,
    stride: 1511,
    dense: [0.02, 9.2],
    thresholds: [0.5, 1.5, 2.5, 23.5, 24.5, 25.5].map((n) => n / 2.92).concat(9.1, 9.02),
  },
  {
    name: 'sigmoid',
    spec: reference.sigmoid,
    exact: sigmoid,
    ulp: 2.5,
    stride: 7919,
    dense: [0.01, 110],
    thresholds: exponential,
  },
  {
    name: 'erf',
    spec: reference.erf,
    exact: erf,
    ulp: 2.5,
    stride: 24989,
    dense: [0.05, 4],
    thresholds: [1.1, 3.92, 4],
  },
  {
    name: 'expm1',
    spec: reference.expm1,
    exact: Math.expm1,
    ulp: 2,
    stride: 7919,
    dense: [0.01, 90],
    thresholds: [...exponential, 25, 17.33],
  },
  {
    name: 'log1p',
    spec: reference.log1p,
    exact: Math.log1p,
    ulp: 1,
    stride: 7919,
    dense: [1e-3, 8],
    thresholds: [1, Math.SQRT2 - 1, 1 - Math.SQRT1_2, 2 ** -24, 2 ** -25, 2 ** 24],
  },
  {
    name: 'softplus',
    spec: reference.softplus,
    exact: softplus,
    ulp: 2.5,
    stride: 7919,
    dense: [1e-3, 20],
    thresholds: exponential,
  },
  {
    name: 'normalQuantile',
    spec: reference.normalQuantile,
    exact: (u, _, answer) => normalQuantile(u, answer),
    ulp: 4,
    stride: 49999,
    dense: [1e-9, 1],
    thresholds: [0.15, 0.85, 0.5, 1],
  },
  { name: 'sin', spec: reference.sin, exact: Math.sin, ulp: 2, stride: 7919, dense: [0.1, 100], thresholds: circle },
  { name: 'cos', spec: reference.cos, exact: Math.cos, ulp: 2, stride: 7919, dense: [0.1, 100], thresholds: circle },
  { name: 'tan', spec: reference.tan, exact: Math.tan, ulp: 4, stride: 7919, dense: [0.1, 100], thresholds: circle },
  {
    name: 'asin',
    spec: reference.asin,
    exact: Math.asin,
    ulp: 2.5,
    stride: 7919,
    dense: [0.1, 1],
    thresholds: [0.5, 1],
  },
  { name: 'acos', spec: reference.acos, exact: Math.acos, ulp: 2, stride: 7919, dense: [0.1, 1], thresholds: [0.5, 1] },
  { name: 'atan', spec: reference.atan, exact: Math.atan, ulp: 2, stride: 7919, dense: [0.1, 10], thresholds: [1] },
  {
    name: 'sinh',
    spec: reference.sinh,
    exact: Math.sinh,
    ulp: 2,
    stride: 7919,
    dense: [0.1, 90],
    thresholds: [...exponential, 89.416, 91],
  },
  {
    name: 'cosh',
    spec: reference.cosh,
    exact: Math.cosh,
    ulp: 2,
    stride: 7919,
    dense: [0.1, 90],
    thresholds: [...exponential, 89.416, 91],
  },
  {
    name: 'asinh',
    spec: reference.asinh,
    exact: Math.asinh,
    ulp: 1,
    stride: 7919,
    dense: [1e-4, 1],
    thresholds: [2 ** -13],
  },
  { name: 'acosh', spec: reference.acosh, exact: Math.acosh, ulp: 1, stride: 7919, dense: [1, 2], thresholds: [1] },
  {
    name: 'atanh',
    spec: reference.atanh,
    exact: Math.atanh,
    ulp: 1,
    stride: 7919,
    dense: [1e-4, 1],
    thresholds: [2 ** -13, 1],
  },
  { name: 'atan2', spec: reference.atan2, exact: Math.atan2, ulp: 3, stride: 7919, dense: [0.1, 10], thresholds: [1] },
  {
    name: 'pow',
    spec: reference.pow,
    exact: pow,
    ulp: 1,
    stride: 7919,
    dense: [0.1, 10],
    thresholds: [1, Math.SQRT1_2, Math.SQRT2],
  },
];
const binary = new Set(['atan2', 'pow']);

function sigmoid(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Series for 0 <= x < 3, all of whose terms are positive. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) sum += term *= (2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 - erf x for x >= 0, good to 1e-14 of itself: from 1 on, Laplace's continued fraction. */
function erfc(x: number): number {
  if (x < 1) return 1 - erfSeries(x);
  let fraction = 0;
  for (let k = Math.ceil(20 + 400 / (x * x)); k > 0; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

function erf(x: number): number {
  const a = Math.abs(x);
  return Math.sign(x) * (a < 2 ? erfSeries(a) : 1 - erfc(a));
}

/** Newton's method from the answer under test. */
function normalQuantile(u: number, answer: number): number {
  if (!(u > 0 && u < 1)) return u === 0 ? -Infinity : u === 1 ? Infinity : Number.NaN;
  const share = Math.min(u, 1 - u);
  let z = Math.abs(answer);
  for (let i = 0; i < 2; i++) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    // Near the middle the difference from 1/2 is the more exact.
    z += z < 1 ? (0.5 - share - erfSeries(z / Math.SQRT2) / 2) / density : (erfc(z / Math.SQRT2) / 2 - share) / density;
  }
  return u < 0.5 ? -z : z;
}

/** C99's power: JavaScript's differs where the base is 1 or -1. */
function pow(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
}

const CHUNK = 65536;
const X = 65536;
const Y = X + 4 * CHUNK;
const OUT = Y + 4 * CHUNK;
let vectors: Pass;
let scalars: Pass;
let x: Float32Array;
let y: Float32Array;
let out: Float32Array;
let xBits: Uint32Array;
let yBits: Uint32Array;
let outBits: Uint32Array;

beforeAll(async () => {
  const files = new Map<string, string | Uint8Array>();
  const { error, stderr } = await asc.main(
    ['test/assembly/math.ts', '-o', 'math.wasm', '--config', 'none', '-O3', '--noAssert', '--runtime', 'stub'].concat(
      '--enable',
      'simd',
      '--initialMemory',
      '16',
      '--disableWarning',
    ),
    { writeFile: (name, contents) => void files.set(name, contents) },
  );
  if (error) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(files.get('math.wasm') as Uint8Array<ArrayBuffer>, {
    env: { abort: () => expect.unreachable() },
  });
  const { memory } = instance.exports as { memory: WebAssembly.Memory };
  ({ vectors, scalars } = instance.exports as { vectors: Pass; scalars: Pass });
  const at = <T>(View: new (buffer: ArrayBuffer, offset: number, length: number) => T, offset: number) =>
    new View(memory.buffer, offset, CHUNK);
  [x, y, out] = [at(Float32Array, X), at(Float32Array, Y), at(Float32Array, OUT)];
  [xBits, yBits, outBits] = [at(Uint32Array, X), at(Uint32Array, Y), at(Uint32Array, OUT)];
}, 60000);

/** Runs f over the first n of x and y, and says for which operands it differs from the specification. */
function differences(f: number, n: number): string[] {
  const { spec } = cases[f] as Case;
  const found: string[] = [];
  vectors(f, OUT, X, Y, (n + 3) & ~3);
  for (let i = 0; i < n && found.length < 5; i++) {
    const want = spec(x[i] as number, y[i] as number);
    if (!Object.is(out[i], want)) found.push(`${x[i]} ${y[i]}: ${out[i]}, not ${want}`);
  }
  return found;
}

let seed = 1;
/** Marsaglia's xorshift, 32 bits. */
function random(): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
}

const specials = [
  0,
  1,
  2,
  3,
  0.5,
  1.5,
  1 - 2 ** -24,
  1 + 2 ** -23,
  7,
  10,
  100,
  2 ** 24,
  2 ** 24 + 2,
  8388607.5,
  2 ** 127,
  Infinity,
]
  .concat(
    2 ** -126,
    2 ** -126 - 2 ** -149,
    2 ** -149,
    2 ** -148,
    3 * 2 ** -149,
    2 ** -130,
    1e-40,
    3.4028234663852886e38,
  )
  .flatMap((v) => [v, -v])
  .concat(Number.NaN);

describe.each(cases.map((c, f) => ({ ...c, f })))('$name', ({ name, exact, ulp, stride, dense, thresholds, f }) => {
  it('is the specification, bit for bit', () => {
    let n = 0;
    for (const a of specials) for (const b of binary.has(name) ? specials : [0]) [x[n], y[n++]] = [a, b];
    for (const t of thresholds) {
      for (let d = -40; d <= 40; d++) {
        x[n] = t;
        xBits[n] = (xBits[n] as number) + d;
        x[n + 1] = -(x[n] as number);
        y[n] = y[n + 1] = 1 + (random() % 64) / 16;
        n += 2;
      }
    }
    expect(differences(f, n)).toEqual([]);
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < CHUNK; i++) {
        xBits[i] = random();
        yBits[i] = random();
        // Half of the patterns are of a size that most functions don't answer with a constant.
        if (round & 1) {
          x[i] = ((random() - 2 ** 31) / 2 ** 31) * 2 ** ((random() % 20) - 12);
          y[i] = ((random() - 2 ** 31) / 2 ** 31) * 2 ** ((random() % 20) - 12);
        }
      }
      expect(differences(f, CHUNK)).toEqual([]);
    }
  });

  it(`errs by at most ${ulp} ulp`, () => {
    let worst = { error: 0, at: '' };
    const measure = (n: number) => {
      vectors(f, OUT, X, Y, (n + 3) & ~3);
      for (let i = 0; i < n; i++) {
        const a = x[i] as number;
        const b = y[i] as number;
        const error = ulps(out[i] as number, exact(a, b, out[i] as number));
        if (!(error <= worst.error)) worst = { error, at: `${a} ${b}: ${out[i]}` };
      }
    };
    const walk = (from: number, to: number, step: number) => {
      for (let n = 0, bits = from; ; bits += step) {
        xBits[n] = bits;
        // For functions of two operands, of any size or near the first.
        yBits[n] = random();
        if (bits & 2) y[n] = (x[n] as number) * (((random() % 1024) - 512) / 256);
        if (++n === CHUNK || bits + step > to) {
          measure(n);
          n = 0;
        }
        if (bits + step > to) return;
      }
    };
    walk(0, 2 ** 32 - 1, stride);
    new Float32Array(xBits.buffer, X, 2).set(dense);
    const [low, high] = [xBits[0] as number, xBits[1] as number];
    const step = Math.max(1, Math.floor((high - low) / 150000));
    walk(low, high, step);
    walk(low + 2 ** 31, high + 2 ** 31, step);
    expect(worst.error, worst.at).toBeLessThanOrEqual(ulp);
  });

  it('depends on no other lane, and is the same as a scalar', () => {
    const n = 4096;
    for (let i = 0; i < n; i++) [xBits[i], yBits[i]] = [random(), random()];
    vectors(f, OUT, X, Y, n);
    const straight = outBits.slice(0, n);
    const straightValues = out.slice(0, n);
    scalars(f, OUT, X, Y, n);
    const same = (i: number, j: number) =>
      straight[i] === outBits[j] || (Number.isNaN(straightValues[i]) && Number.isNaN(out[j]));
    for (let i = 0; i < n; i++) if (!same(i, i)) expect.unreachable(`scalar of ${x[i]} ${y[i]}`);
    x.subarray(0, n).reverse();
    y.subarray(0, n).reverse();
    vectors(f, OUT, X, Y, n);
    for (let i = 0; i < n; i++) if (!same(i, n - 1 - i)) expect.unreachable(`lane ${i & 3}, ${x[n - 1 - i]}`);
  });
});

/** |got - want| in units of the last f32 place of want; zeros, infinities and NaN must be right. */
function ulps(got: number, want: number): number {
  if (Object.is(want, got)) return 0;
  if (Object.is(Math.fround(want), got)) return Math.abs(got) === Infinity ? 0 : Math.abs(got - want) / unit(want);
  if (Number.isNaN(want) || Number.isNaN(got) || Math.abs(want) === Infinity || want === 0) return Infinity;
  // An overflow that came too early counts from 2^128.
  const finite = Math.abs(got) === Infinity ? Math.sign(got) * 2 ** 128 : got;
  return Math.abs(finite - want) / unit(want);
}

const f64 = new DataView(new ArrayBuffer(8));

function unit(v: number): number {
  f64.setFloat64(0, v);
  const exponent = ((f64.getInt32(0) >>> 20) & 2047) - 1023;
  return 2 ** (Math.max(exponent, -126) - 23);
}

function apply(name: string, a: number, b = 0): number {
  x[0] = a;
  y[0] = b;
  vectors(
    cases.findIndex((c) => c.name === name),
    OUT,
    X,
    Y,
    4,
  );
  return out[0] as number;
}

it('has the right ends', () => {
  const max = 3.4028234663852886e38;
  const unary: [number, Record<string, number>][] = [
    [-0, { exp: 1, expm1: -0, log: -Infinity, log1p: -0, tanh: -0, sigmoid: 0.5, erf: -0, sin: -0, cos: 1, tan: -0 }],
    [-0, { asin: -0, atan: -0, sinh: -0, cosh: 1, asinh: -0, atanh: -0, normalQuantile: -Infinity }],
    [
      0,
      { exp: 1, expm1: 0, log: -Infinity, log1p: 0, tanh: 0, sigmoid: 0.5, erf: 0, sin: 0, normalQuantile: -Infinity },
    ],
    [1, { log: 0, acos: 0, acosh: 0, atanh: Infinity, normalQuantile: Infinity }],
    [-1, { log: Number.NaN, log1p: -Infinity, atanh: -Infinity, acosh: Number.NaN, normalQuantile: Number.NaN }],
    [2, { asin: Number.NaN, acos: Number.NaN, atanh: Number.NaN, normalQuantile: Number.NaN }],
    [
      Infinity,
      { exp: Infinity, expm1: Infinity, log: Infinity, log1p: Infinity, tanh: 1, sigmoid: 1, erf: 1, sin: Number.NaN },
    ],
    [
      Infinity,
      { softplus: Infinity, cos: Number.NaN, sinh: Infinity, cosh: Infinity, asinh: Infinity, acosh: Infinity },
    ],
    [-Infinity, { exp: 0, expm1: -1, log: Number.NaN, log1p: Number.NaN, tanh: -1, sigmoid: 0, erf: -1, softplus: 0 }],
    [-Infinity, { sinh: -Infinity, cosh: Infinity, asinh: -Infinity, acosh: Number.NaN }],
    [
      2 ** -149,
      { expm1: 2 ** -149, log1p: 2 ** -149, tanh: 2 ** -149, sin: 2 ** -149, sinh: 2 ** -149, atan: 2 ** -149 },
    ],
    [max, { exp: Infinity, tanh: 1, sigmoid: 1, softplus: max, erf: 1 }],
    [-103.97, { exp: 2 ** -149, sigmoid: 2 ** -149, softplus: 2 ** -149, expm1: -1 }],
    [-103.98, { exp: 0, sigmoid: 0, softplus: 0 }],
  ];
  for (const [a, wants] of unary) for (const name in wants) expect(apply(name, a), `${name} ${a}`).toBe(wants[name]);
  expect(apply('exp', 88.72283)).toBeLessThan(Infinity);
  expect(apply('exp', 88.72284)).toBe(Infinity);
});

it('stays at 1 once there', () => {
  for (const [name, from] of [
    ['tanh', 7],
    ['sigmoid', 14],
    ['erf', 3.5],
  ] as const) {
    let last = 0;
    for (let a = from; a < 2 * from; a += 1 / 512) {
      const now = apply(name, a);
      expect(now, `${name} ${a}`).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(last).toBe(1);
  }
});

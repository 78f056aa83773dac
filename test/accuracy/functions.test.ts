/** Elementwise functions and activations, and their slopes, against float64 at 10,000 points of the whole range. */
import { describe, expect, it } from 'vitest';
import { elementwiseRules } from '../../src/autodiff/rules/elementwise';
import * as sg from '../../src/index';
import { erfc } from '../support/erf';
import { type Bound, unaryRows } from '../tables/elementwise';
import { COUNT, errorOf, pointsOf, SPECIAL } from './points';

type Tensor = sg.Tensor;

interface Row {
  readonly f: (x: Tensor) => Tensor;
  readonly exact: (x: number) => number;
  readonly value: Bound;
  /** Undefined where no gradient flows. */
  readonly slope?: (x: number) => number;
  readonly slopes?: Bound;
  /** Points at which there is something to compare; all by default. */
  readonly at?: (x: number) => boolean;
}

const { activations } = sg;
const f32 = Math.fround;
const EPS = 2 ** -24;
const isNaN = Number.isNaN;
const EXACT: Bound = { ulps: 0.5 };
const bound = (ulps: number, absolute?: Bound['absolute']): Bound => ({
  ulps,
  ...(absolute !== undefined && { absolute }),
});
/** Errors in proportion to x: what sums of x and a function of it have. */
const ofX = (factor: number) => (x: number) => factor * EPS * Math.abs(x);

const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));
const step = (x: number, at0 = 0): number => (isNaN(x) ? x : x > 0 ? 1 : x < 0 ? 0 : at0);
const clip = (x: number, low: number, high: number): number => (isNaN(x) ? x : Math.min(Math.max(x, low), high));
/** 1 inside, both ends included, 0 outside and at NaN. */
const inside = (x: number, low: number, high: number): number => (x >= low && x <= high ? 1 : 0);
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const bell = (x: number): number => erfc(-x * Math.SQRT1_2) / 2;
/** The slope of tanh. */
const sech2 = (x: number): number => {
  const e = Math.exp(-2 * Math.abs(x));
  return isNaN(x) ? x : (4 * e) / (1 + e) ** 2;
};
const tanhInner = (x: number): number => 0.7978845608028654 * (x + 0.044715 * x ** 3);
const roundEven = (x: number): number => {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : r;
};
const isFinite = Number.isFinite;

const plain: Record<string, Row> = Object.fromEntries(
  Object.entries(unaryRows).map(([name, row]) => [
    name,
    { ...row, f: (x: Tensor) => (sg[name as keyof typeof sg] as unknown as Row['f'])(x) },
  ]),
);

const rows: Record<string, Row> = {
  ...plain,
  abs: { f: sg.abs, exact: Math.abs, value: EXACT, slope: Math.sign, slopes: EXACT },
  neg: { f: sg.neg, exact: (x) => -x, value: EXACT, slope: () => -1, slopes: EXACT },
  sign: { f: sg.sign, exact: Math.sign, value: EXACT },
  square: { f: sg.square, exact: (x) => x * x, value: EXACT, slope: (x) => 2 * x, slopes: EXACT },
  floor: { f: sg.floor, exact: Math.floor, value: EXACT },
  ceil: { f: sg.ceil, exact: Math.ceil, value: EXACT },
  round: { f: sg.round, exact: roundEven, value: EXACT },
  step: { f: sg.step, exact: (x) => step(x), value: EXACT },
  isNaN: { f: sg.isNaN, exact: (x) => Number(isNaN(x)), value: EXACT },
  isInf: { f: sg.isInf, exact: (x) => Number(Math.abs(x) === Infinity), value: EXACT },
  isFinite: { f: sg.isFinite, exact: (x) => Number(isFinite(x)), value: EXACT },
  clipByValue: {
    f: (x) => sg.clipByValue(x, -2, 3),
    exact: (x) => clip(x, -2, 3),
    value: EXACT,
    slope: (x) => inside(x, -2, 3),
    slopes: EXACT,
  },
  relu: { f: sg.relu, exact: (x) => clip(x, 0, Infinity), value: EXACT, slope: (x) => Number(x > 0), slopes: EXACT },
  relu6: {
    f: sg.relu6,
    exact: (x) => clip(x, 0, 6),
    value: EXACT,
    slope: (x) => Number(x > 0 && x <= 6),
    slopes: EXACT,
  },
  leakyRelu: {
    f: sg.leakyRelu,
    exact: (x) => (x < 0 ? f32(0.2) * x : x),
    value: EXACT,
    slope: (x) => (x > 0 ? 1 : f32(0.2)),
    slopes: EXACT,
  },
  prelu: {
    f: (x) => sg.prelu(x, 0.25),
    exact: (x) => (x < 0 ? x / 4 : x),
    value: EXACT,
    slope: (x) => (x > 0 ? 1 : 0.25),
    slopes: EXACT,
  },
  elu: {
    f: (x) => sg.elu(x),
    exact: (x) => (x > 0 ? x : Math.expm1(x)),
    value: bound(2),
    slope: (x) => (x > 0 ? 1 : Math.exp(x)),
    slopes: bound(3, EPS),
  },
  'elu of alpha 2': {
    f: (x) => sg.elu(x, 2),
    exact: (x) => (x > 0 ? x : 2 * Math.expm1(x)),
    value: bound(2),
    slope: (x) => (x > 0 ? 1 : 2 * Math.exp(x)),
    slopes: bound(3, 2 * EPS),
  },
  selu: {
    f: sg.selu,
    exact: (x) => (x > 0 ? 1.0507009873554805 * x : 1.7580993408473768 * Math.expm1(x)),
    value: bound(3),
    slope: (x) => (x > 0 ? 1.0507009873554805 : 1.7580993408473768 * Math.exp(x)),
    slopes: bound(3, 2 * EPS),
  },
  gelu: {
    f: (x) => sg.gelu(x),
    exact: (x) => x * bell(x),
    value: bound(4, ofX(2)),
    slope: (x) => bell(x) + x * density(x),
    slopes: bound(4, 8 * EPS),
    at: (x) => x !== -Infinity && x !== Infinity,
  },
  'gelu by tanh': {
    f: (x) => sg.gelu(x, true),
    exact: (x) => x * sigmoid(2 * tanhInner(x)),
    value: bound(5, ofX(4)),
    slope: (x) => {
      const u = tanhInner(x);
      const inner = 0.7978845608028654 * (1 + 3 * 0.044715 * x * x);
      return Math.abs(x) > 30 ? step(x) : sigmoid(2 * u) + 0.5 * x * sech2(u) * inner;
    },
    slopes: bound(5, (x) => 40 * EPS * Math.min(10, 1 + Math.abs(x))),
    at: (x) => x !== -Infinity && x !== Infinity,
  },
  mish: {
    f: sg.mish,
    exact: (x) => x * Math.tanh(softplus(x)),
    value: bound(6, (x) => Math.abs(x) * 2 ** -148),
    slope: (x) => Math.tanh(softplus(x)) + x * sech2(softplus(x)) * sigmoid(x),
    slopes: bound(6, (x) => 4 * EPS * Math.min(20, 1 + Math.abs(x))),
    at: (x) => Math.abs(x) !== Infinity,
  },
  swish: {
    f: sg.swish,
    exact: (x) => x * sigmoid(x),
    value: bound(4, (x) => Math.abs(x) * 2 ** -148),
    slope: (x) => sigmoid(x) + x * sigmoid(x) * sigmoid(-x),
    slopes: bound(5, (x) => 2 * EPS * Math.min(20, 1 + Math.abs(x))),
    at: (x) => Math.abs(x) !== Infinity,
  },
  hardSigmoid: {
    f: sg.hardSigmoid,
    exact: (x) => clip(x / 6 + 0.5, 0, 1),
    value: bound(1, EPS),
    slope: (x) => inside(x, -3, 3) / 6,
    slopes: EXACT,
    at: (x) => Math.abs(Math.abs(x) - 3) > 1e-6,
  },
  logSigmoid: {
    f: sg.logSigmoid,
    exact: (x) => -softplus(-x),
    value: bound(2.5),
    slope: (x) => sigmoid(-x),
    slopes: bound(3),
  },
  'activations.hardSigmoid': {
    f: activations.hardSigmoid,
    exact: (x) => clip(x / 5 + 0.5, 0, 1),
    value: bound(2, EPS),
    slope: (x) => inside(x, -2.5, 2.5) * f32(0.2),
    slopes: EXACT,
    at: (x) => Math.abs(Math.abs(x) - 2.5) > 1e-6,
  },
  celu: {
    f: (x) => activations.celu(x, 2),
    exact: (x) => (x > 0 ? x : 2 * Math.expm1(x / 2)),
    value: bound(2),
    slope: (x) => (x > 0 ? 1 : Math.exp(x / 2)),
    slopes: bound(3, EPS),
    at: (x) => x !== 0,
  },
  hardSilu: {
    f: activations.hardSilu,
    exact: (x) => (x <= -3 ? -0 : x * clip(x / 6 + 0.5, 0, 1)),
    value: bound(2, ofX(2)),
    slope: (x) => (x > 3 ? 1 : x < -3 ? 0 : x / 3 + 0.5),
    slopes: bound(2, 3 * EPS),
    at: (x) => isFinite(x) && Math.abs(Math.abs(x) - 3) > 1e-6,
  },
  hardTanh: {
    f: activations.hardTanh,
    exact: (x) => clip(x, -1, 1),
    value: EXACT,
    slope: (x) => inside(x, -1, 1),
    slopes: EXACT,
  },
  softsign: {
    f: activations.softsign,
    exact: (x) => x / (1 + Math.abs(x)),
    value: bound(1.5),
    slope: (x) => 1 / (1 + Math.abs(x)) ** 2,
    slopes: bound(3, (x) => (3 * EPS) / (1 + Math.abs(x))),
    at: (x) => Math.abs(x) !== Infinity,
  },
  softShrink: {
    f: (x) => activations.softShrink(x),
    exact: (x) => (isNaN(x) ? x : Math.sign(x) * Math.max(0, Math.abs(x) - 0.5)),
    value: EXACT,
    slope: (x) => 1 - inside(x, -0.5, 0.5),
    slopes: EXACT,
  },
  hardShrink: {
    f: (x) => activations.hardShrink(x),
    exact: (x) => (Math.abs(x) > 0.5 ? x : 0),
    value: EXACT,
    slope: (x) => Number(Math.abs(x) > 0.5),
    slopes: EXACT,
  },
  tanhShrink: {
    f: activations.tanhShrink,
    exact: (x) => (Math.abs(x) < 1e-4 ? x ** 3 / 3 : x - Math.tanh(x)),
    value: bound(1, ofX(6)),
    slope: (x) => Math.tanh(x) ** 2,
    slopes: bound(1, 6 * EPS),
    at: (x) => Math.abs(x) !== Infinity,
  },
  squareplus: {
    f: (x) => activations.squareplus(x),
    exact: (x) => (isNaN(x) ? x : x > 0 ? (x + Math.hypot(x, 2)) / 2 : 2 / (Math.hypot(x, 2) - x)),
    value: bound(3),
    slope: (x) =>
      isNaN(x)
        ? x
        : x > 0
          ? (1 + (x === Infinity ? 1 : x / Math.hypot(x, 2))) / 2
          : x === -Infinity
            ? 0
            : 2 / ((Math.hypot(x, 2) - x) * Math.hypot(x, 2)),
    slopes: bound(6),
  },
  threshold: {
    f: (x) => activations.threshold(x, 1, -2),
    exact: (x) => (x > 1 ? x : -2),
    value: EXACT,
    slope: (x) => Number(x > 1),
    slopes: EXACT,
  },
  sparsePlus: {
    f: activations.sparsePlus,
    exact: (x) => (isNaN(x) ? x : x >= 1 ? x : x <= -1 ? 0 : (x + 1) ** 2 / 4),
    value: bound(2, EPS),
    slope: (x) => clip((x + 1) / 2, 0, 1),
    slopes: bound(1, EPS),
    at: (x) => !isNaN(x) && Math.abs(x) !== 1,
  },
  sparseSigmoid: {
    f: activations.sparseSigmoid,
    exact: (x) => clip((x + 1) / 2, 0, 1),
    value: bound(1, EPS / 2),
    slope: (x) => inside(x, -1, 1) / 2,
    slopes: EXACT,
    at: (x) => Math.abs(Math.abs(x) - 1) > 1e-6,
  },
  exponential: { f: activations.exponential, exact: Math.exp, value: bound(2), slope: Math.exp, slopes: bound(2) },
  linear: { f: (x) => sg.add(activations.linear(x), 0), exact: (x) => x, value: EXACT, slope: () => 1, slopes: EXACT },
  'activations.step': { f: activations.step, exact: (x) => step(x), value: EXACT },
};

/** Ops of one operand. */
const ONE = new Set([
  ...Object.keys(unaryRows),
  ...'neg abs sign square relu leakyRelu clipByValue floor ceil round step isNaN isInf isFinite'.split(' '),
]);

const REPORT = process.env.ACCURACY !== undefined;

/** The largest error beyond the absolute one that is allowed, and where. */
function worst(
  got: ArrayLike<number>,
  exact: (x: number) => number,
  points: Float32Array,
  { absolute = 0 }: Bound,
  at: Row['at'],
) {
  let [ulps, place, wanted, found] = [0, 0, 0, 0];
  points.forEach((x, i) => {
    if (at && !at(x)) return;
    const value = exact(x);
    const error = errorOf(got[i] as number, value, typeof absolute === 'number' ? absolute : absolute(x));
    if (error > ulps) [ulps, place, wanted, found] = [error, x, value, got[i] as number];
  });
  return { ulps, place, wanted, found };
}

describe.each(Object.entries(rows))('%s', (name, { f, exact, value, slope, slopes, at }) => {
  const points = pointsOf(1);
  const x = sg.tensor1d(points);

  it('values', () => {
    const found = worst(
      sg.tidy(() => sg.cast(f(x), 'float32').dataSync()),
      exact,
      points,
      value,
      at,
    );
    if (REPORT) console.log(name, 'values', found);
    expect(found.ulps <= value.ulps, `${JSON.stringify(found)} ${found.place}`).toBe(true);
  });

  if (slope && slopes)
    it('slopes', () => {
      const found = worst(
        sg
          .grad(f)(x, sg.ones([COUNT]))
          .dataSync(),
        slope,
        points,
        slopes,
        at,
      );
      if (REPORT) console.log(name, 'slopes', found);
      expect(found.ulps <= slopes.ulps, `${JSON.stringify(found)} ${found.place}`).toBe(true);
    });
});

it('every activation, and every elementwise op of one operand, has a row', () => {
  const elsewhere = ['glu', 'sparsemax', 'softmax', 'logSoftmax'];
  const same: Record<string, string> = {
    silu: 'swish',
    hardSwish: 'hardSilu',
    geluNew: 'gelu by tanh',
    hardSigmoid6: 'hardSigmoid',
  };
  const names = new Set(Object.keys(rows).map((name) => name.replace('activations.', '')));
  const all = [...Object.keys(activations), ...Object.keys(elementwiseRules).filter((op) => op in sg && ONE.has(op))];
  const missing = all.filter((name) => !elsewhere.includes(name) && !names.has(same[name] ?? name));
  expect(missing).toEqual([]);
});

it('the points hold all special ones', () => {
  expect([...pointsOf(1).subarray(0, SPECIAL.length)]).toEqual(SPECIAL.map(f32));
});

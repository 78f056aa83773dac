/**
 * One row for each elementwise op that only computes in float32: all of its tests are made of it. Bits at special
 * values, shapes and in compiled programs; gradients; accuracy over the whole range; the public function and the method.
 */
import type { PlainBinary, PlainUnary } from '../../src/ops/descriptors/elementwise';
import * as math from '../reference/math';
import { erf } from '../support/erf';

const f = Math.fround;

/** How wrong a result may be: ulps of the exact value, beside an absolute error that may depend on x. */
export interface Bound {
  readonly ulps: number;
  readonly absolute?: number | ((x: number) => number);
}

export interface UnaryRow {
  /** What the kernel computes, bit for bit: the same operations in the same order, each rounded by Math.fround. */
  readonly spec: (x: number) => number;
  /** The function in float64. */
  readonly exact: (x: number) => number;
  /** Its slope in float64. */
  readonly slope: (x: number) => number;
  /** Where function and slope are smooth and of moderate size. */
  readonly range: readonly [low: number, high: number];
  /** Largest errors of the function and of its slope, over all of float32. */
  readonly value: Bound;
  readonly slopes: Bound;
  /** Points at which there is something to compare; all by default. */
  readonly at?: (x: number) => boolean;
}

export interface BinaryRow {
  readonly spec: (a: number, b: number) => number;
  readonly exact: (a: number, b: number) => number;
  /** Of either operand. */
  readonly ranges: readonly [readonly [low: number, high: number], readonly [low: number, high: number]];
}

const EPS = 2 ** -24;
const ulps = (most: number, absolute?: Bound['absolute']): Bound =>
  absolute === undefined ? { ulps: most } : { ulps: most, absolute };
/** The nearest float32. */
const EXACT = ulps(0.5);

const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
/** The slope of tanh. */
const sech2 = (x: number): number => {
  const e = Math.exp(-2 * Math.abs(x));
  return Number.isNaN(x) ? x : (4 * e) / (1 + e) ** 2;
};
/** Where the operand is reduced by multiples of π, Math.sin and its kin are exact enough below this. */
const moderate = (x: number): boolean => !Number.isFinite(x) || Math.abs(x) < 2 ** 40;
const finite = (x: number): boolean => Math.abs(x) !== Infinity;

/** Typed so that an op without a row does not compile. */
export const unaryRows: Readonly<Record<PlainUnary, UnaryRow>> = {
  sqrt: {
    spec: (x) => f(Math.sqrt(x)),
    exact: Math.sqrt,
    slope: (x) => 0.5 / Math.sqrt(x),
    range: [0.4, 4],
    value: EXACT,
    slopes: ulps(1.5),
    at: (x) => x !== 0,
  },
  rsqrt: {
    spec: (x) => f(1 / f(Math.sqrt(x))),
    exact: (x) => 1 / Math.sqrt(x),
    slope: (x) => -0.5 / Math.sqrt(x) / x,
    range: [0.4, 4],
    value: ulps(1.5),
    slopes: ulps(2.5),
    at: (x) => x !== 0 && x !== Infinity,
  },
  reciprocal: {
    spec: (x) => f(1 / x),
    exact: (x) => 1 / x,
    slope: (x) => -1 / x / x,
    range: [0.4, 2],
    value: EXACT,
    slopes: ulps(2.5),
  },
  exp: { spec: math.exp, exact: Math.exp, slope: Math.exp, range: [-3, 2], value: ulps(2), slopes: ulps(2) },
  log: { spec: math.log, exact: Math.log, slope: (x) => 1 / x, range: [0.4, 4], value: ulps(1), slopes: EXACT },
  log1p: {
    spec: math.log1p,
    exact: Math.log1p,
    slope: (x) => 1 / (1 + x),
    range: [-0.5, 4],
    value: ulps(1),
    slopes: ulps(1.5, (x) => EPS / (1 + x) ** 2),
  },
  expm1: {
    spec: math.expm1,
    exact: Math.expm1,
    slope: Math.exp,
    range: [-3, 2],
    value: ulps(2),
    slopes: ulps(3, EPS * 2),
  },
  tanh: {
    spec: math.tanh,
    exact: Math.tanh,
    slope: sech2,
    range: [-3, 3],
    value: ulps(2),
    slopes: ulps(2, EPS * 5),
  },
  sigmoid: {
    spec: math.sigmoid,
    exact: sigmoid,
    slope: (x) => sigmoid(x) * sigmoid(-x),
    range: [-6, 6],
    value: ulps(3),
    slopes: ulps(4, 2 * EPS),
  },
  softplus: {
    spec: math.softplus,
    exact: (x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))),
    slope: sigmoid,
    range: [-6, 6],
    value: ulps(2.5),
    slopes: ulps(3),
  },
  erf: {
    spec: math.erf,
    exact: erf,
    slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
    range: [-2.5, 2.5],
    value: ulps(2),
    slopes: ulps(3, (x) => 1e-6 * Math.min(1, Math.exp(-x * x) * x * x)),
  },
  sin: {
    spec: math.sin,
    exact: Math.sin,
    slope: Math.cos,
    range: [-9, 9],
    value: ulps(2),
    slopes: ulps(2),
    at: moderate,
  },
  cos: {
    spec: math.cos,
    exact: Math.cos,
    slope: (x) => -Math.sin(x),
    range: [-9, 9],
    value: ulps(2),
    slopes: ulps(2),
    at: moderate,
  },
  tan: {
    spec: math.tan,
    exact: Math.tan,
    slope: (x) => 1 + Math.tan(x) ** 2,
    range: [-1.1, 1.1],
    value: ulps(4),
    slopes: ulps(9),
    at: moderate,
  },
  asin: {
    spec: math.asin,
    exact: Math.asin,
    slope: (x) => 1 / Math.sqrt((1 - x) * (1 + x)),
    range: [-0.8, 0.8],
    value: ulps(3),
    slopes: ulps(4),
    at: finite,
  },
  acos: {
    spec: math.acos,
    exact: Math.acos,
    slope: (x) => -1 / Math.sqrt((1 - x) * (1 + x)),
    range: [-0.8, 0.8],
    value: ulps(3),
    slopes: ulps(4),
    at: finite,
  },
  atan: {
    spec: math.atan,
    exact: Math.atan,
    slope: (x) => 1 / (1 + x * x),
    range: [-4, 4],
    value: ulps(3),
    slopes: ulps(3, 2 ** -126),
  },
  sinh: {
    spec: math.sinh,
    exact: Math.sinh,
    slope: Math.cosh,
    range: [-2, 2],
    value: ulps(2.5),
    slopes: ulps(2.5),
  },
  cosh: {
    spec: math.cosh,
    exact: Math.cosh,
    slope: Math.sinh,
    range: [-2, 2],
    value: ulps(2.5),
    slopes: ulps(2.5),
  },
  asinh: {
    spec: math.asinh,
    exact: Math.asinh,
    slope: (x) => 1 / Math.hypot(1, x),
    range: [-4, 4],
    value: ulps(3.5),
    slopes: ulps(4),
  },
  acosh: {
    spec: math.acosh,
    exact: Math.acosh,
    slope: (x) => (x < 1 ? Number.NaN : 1 / (Math.sqrt(x - 1) * Math.sqrt(x + 1))),
    range: [1.6, 4],
    value: ulps(3.5),
    slopes: ulps(4),
    at: (x) => !(x < 1),
  },
  atanh: {
    spec: math.atanh,
    exact: Math.atanh,
    slope: (x) => 1 / ((1 - x) * (1 + x)),
    range: [-0.8, 0.8],
    value: ulps(3.5),
    slopes: ulps(3),
    at: (x) => !(Math.abs(x) > 1),
  },
};

/** Ops that know int32 too; their rows are in the tables of kernels, functions and gradients. */
type Integral = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'mod' | 'pow';

export const binaryRows: Readonly<Record<Exclude<PlainBinary, Integral>, BinaryRow>> = {
  atan2: {
    spec: math.atan2,
    exact: Math.atan2,
    ranges: [
      [-1, 1],
      [0.5, 1.5],
    ],
  },
};

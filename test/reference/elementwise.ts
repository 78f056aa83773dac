/** Elementwise functions: assembly/map/unary.ts and assembly/map/binary.ts. Operands are float32 unless said otherwise. */
import { broadcast, type DType, get, make, type NdArray } from './array';
import * as math from './math';

const f = Math.fround;

/** p and q are the function's parameters, float32. */
export type Unary = (x: number, p: number, q: number) => number;
export type Binary = (a: number, b: number, p: number) => number;

/** Halves go to the even neighbour; -0.4 gives -0. */
function round(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return up ? Math.ceil(x) : below;
}

/** Toward zero; beyond the range the nearest end, NaN gives 0. */
function toInt(x: number): number {
  return Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1));
}

const bool = (x: boolean): number => (x ? 1 : 0);

/** What test/tables/elementwise.ts has no row for. A function that has no say about NaN (relu, clip, step, leakyRelu, sign) gives NaN for NaN. */
export const unary = {
  neg: (x) => -x,
  abs: (x) => Math.abs(x),
  sign: (x) => (x < 0 ? -1 : x > 0 ? 1 : x),
  square: (x) => f(x * x),
  relu: (x) => (x < 0 ? 0 : x),
  leakyRelu: (x, p) => (x < 0 ? f(p * x) : x),
  clipByValue: (x, p, q) => {
    const raised = x < p ? p : x;
    return raised > q ? q : raised;
  },
  floor: (x) => Math.floor(x),
  ceil: (x) => Math.ceil(x),
  round,
  step: (x, p) => (Number.isNaN(x) ? x : x > 0 ? 1 : p),
  isNaN: (x) => bool(Number.isNaN(x)),
  isInf: (x) => bool(Math.abs(x) === Number.POSITIVE_INFINITY),
  isFinite: (x) => bool(Number.isFinite(x)),
  /** Of a bool. */
  logicalNot: (x) => 1 - x,
} as const satisfies Record<string, Unary>;

/** What becomes of an element in another type. */
export const casts: Readonly<Record<DType, (x: number) => number>> = {
  float32: f,
  int32: toInt,
  bool: (x) => bool(x !== 0),
};

export const binary = {
  add: (a, b) => f(a + b),
  sub: (a, b) => f(a - b),
  mul: (a, b) => f(a * b),
  div: (a, b) => f(a / b),
  /** NaN if either is; +0 is larger than -0. */
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  squaredDifference: (a, b) => {
    const d = f(a - b);
    return f(d * d);
  },
  /** The remainder toward zero is exact; where its sign is not that of b, b is added. */
  mod: (a, b) => {
    const r = a % b;
    return r !== 0 && r < 0 !== b < 0 ? f(r + b) : r;
  },
  pow: math.pow,
  /** In float64, to int32. */
  floorDiv: (a, b) => toInt(Math.floor(a / b)),
  reluGrad: (a, b) => (b > 0 ? a : 0),
  leakyReluGrad: (a, b, p) => (b > 0 ? a : f(p * a)),
  equal: (a, b) => bool(a === b),
  notEqual: (a, b) => bool(a !== b),
  less: (a, b) => bool(a < b),
  lessEqual: (a, b) => bool(a <= b),
  greater: (a, b) => bool(a > b),
  greaterEqual: (a, b) => bool(a >= b),
  /** Of bools. */
  logicalAnd: (a, b) => a & b,
  logicalOr: (a, b) => a | b,
} as const satisfies Record<string, Binary>;

/** The same of two int32, modulo 2^32; comparisons need no form of their own. */
export const integer = {
  add: (a, b) => (a + b) | 0,
  sub: (a, b) => (a - b) | 0,
  mul: (a, b) => Math.imul(a, b),
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  squaredDifference: (a, b) => Math.imul((a - b) | 0, (a - b) | 0),
  /** 0 where b is 0. */
  mod: (a, b) => (b === 0 ? 0 : (((a % b) + b) % b) | 0),
  floorDiv: (a, b) => (b === 0 ? 0 : Math.floor(a / b) | 0),
  /** Of a negative power what is left of 1 / a^-b toward zero. */
  pow: (a, b) => {
    if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 ? -1 : 1) : 0;
    let [power, square] = [1, a];
    for (let left = b; left > 0; left = Math.floor(left / 2)) {
      if (left % 2) power = Math.imul(power, square);
      square = Math.imul(square, square);
    }
    return power;
  },
} as const satisfies Record<string, Binary>;

/** Of one int32, modulo 2^32. */
export const integerUnary = {
  neg: (x) => -x | 0,
  abs: (x) => Math.abs(x) | 0,
  sign: (x) => Math.sign(x),
  square: (x) => Math.imul(x, x),
  relu: (x) => Math.max(x, 0),
} as const satisfies Record<string, Unary>;

/** Applies a function to every element of its operands, which broadcast. */
export function map(inputs: readonly NdArray[], dtype: DType, fn: (...values: number[]) => number): NdArray {
  const shape = broadcast(...inputs.map((x) => x.shape));
  return make(shape, dtype, (index) => fn(...inputs.map((x) => get(x, index))));
}

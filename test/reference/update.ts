/** Optimizers: assembly/train/update.ts, one element at a time. All numbers are float32. */
import { pow } from './math';

const f = Math.fround;

/** Numbers of a step as `StepCells` holds them; what a rule does not use is left out. */
export interface Numbers {
  readonly rate?: number;
  readonly p?: number;
  readonly q?: number;
  readonly r?: number;
  readonly s?: number;
  readonly e?: number;
  readonly fix?: number;
  readonly flag?: boolean;
  /** Undefined: weights do not decay. */
  readonly decay?: number;
}

/** Parameters and slots. */
export interface State {
  readonly w: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
}

/** Slots below 2^-126 become +0: denormal numbers are slow. */
const flush = (x: number): number => (Math.abs(x) < 2 ** -126 ? 0 : x);
/** 0 below 2^-60. */
const square = (g: number): number => (Math.abs(g) < 2 ** -60 ? 0 : f(g * g));
const blend = (share: number, a: number, rest: number, b: number): number => flush(f(f(share * a) + f(rest * b)));
const root = (x: number): number => f(Math.sqrt(x));

interface Element {
  readonly g: number;
  /** After decay. */
  readonly w: number;
  a: number;
  b: number;
  c: number;
}

/** Gives the new weight and changes the slots. */
type Rule = (x: Element, n: Required<Numbers>) => number;

const adam =
  (isNadam: boolean): Rule =>
  (x, { rate, p, q, r, s, e, fix, flag }) => {
    x.a = blend(p, x.a, f(1 - p), x.g);
    x.b = blend(q, x.b, s, square(x.g));
    if (flag) x.c = Math.max(x.c, x.b);
    const move = isNadam ? f(f(rate * x.a) + f(e * x.g)) : f(rate * x.a);
    return f(x.w - f(move / f(root(f((flag ? x.c : x.b) * fix)) + r)));
  };

const rules = {
  sgd: (x, { rate }) => f(x.w - f(rate * x.g)),
  momentum: (x, { rate, p, s, flag }) => {
    x.a = blend(p, x.a, s, x.g);
    return f(x.w - f(rate * (flag ? f(x.g + f(p * x.a)) : x.a)));
  },
  rmsProp: (x, { rate, p, q, r, s, e, flag }) => {
    x.a = blend(p, x.a, s, square(x.g));
    let under = x.a;
    if (flag) {
      x.c = blend(p, x.c, s, x.g);
      const variance = f(x.a - f(x.c * x.c));
      under = variance < 0 ? 0 : variance;
    }
    x.b = flush(f(f(q * x.b) + f(f(rate * x.g) / f(root(f(under + r)) + e))));
    return f(x.w - x.b);
  },
  adam: adam(false),
  nadam: adam(true),
  adagrad: (x, { rate, r, e }) => {
    x.a = f(x.a + square(x.g));
    return f(x.w - f(f(rate * x.g) / f(root(f(x.a + r)) + e)));
  },
  adadelta: (x, { rate, p, r, s }) => {
    x.a = blend(p, x.a, s, square(x.g));
    const u = f(f(root(f(x.b + r)) * x.g) / root(f(x.a + r)));
    x.b = blend(p, x.b, s, square(u));
    return f(x.w - f(rate * u));
  },
  adamax: (x, { rate, p, q, r }) => {
    x.a = blend(p, x.a, f(1 - p), x.g);
    x.b = flush(Math.max(f(q * x.b), Math.abs(x.g)));
    return f(x.w - f(f(rate * x.a) / f(x.b + r)));
  },
  lion: (x, { rate, p, q }) => {
    const c = f(f(p * x.a) + f(f(1 - p) * x.g));
    x.a = blend(q, x.a, f(1 - q), x.g);
    return f(x.w - f(rate * Math.sign(c)));
  },
  ftrl: (x, { rate, p, q, r, s, flag }) => {
    const power = (a: number): number => (flag ? root(a) : pow(a, r));
    const before = power(x.a);
    x.a = f(x.a + square(x.g));
    const sigma = f(f(power(x.a) - before) / rate);
    x.b = flush(f(x.b + f(f(x.g + f(s * x.w)) - f(sigma * x.w))));
    const over = f(Math.max(Math.min(x.b, p), -p) - x.b);
    return over === 0 ? 0 : f(over / f(f(power(x.a) / rate) + q));
  },
  average: (x, { p, flag }) => {
    x.a = blend(p, x.a, f(1 - p), x.w);
    return flag ? x.a : x.w;
  },
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

const NONE: Required<Numbers> = { rate: 0, p: 0, q: 0, r: 0, s: 0, e: 0, fix: 0, flag: false, decay: 0 };

/** One step, in place. */
export function update(rule: RuleName, { w, a, b, c }: State, g: Float32Array, numbers: Numbers): void {
  const n = { ...NONE, ...numbers };
  for (let i = 0; i < w.length; i++) {
    const before = w[i] as number;
    const decayed = numbers.decay === undefined ? before : f(before - f(numbers.decay * before));
    const x: Element = { g: g[i] as number, w: decayed, a: a[i] as number, b: b[i] as number, c: c[i] as number };
    w[i] = (rules[rule] as Rule)(x, n);
    [a[i], b[i], c[i]] = [x.a, x.b, x.c];
  }
}

/** Optimizers in float64, each from its paper (named in the docstring of the class), a whole variable at a time. */

type Numbers = readonly number[];
/** Changes `w` in place; `state` belongs to the variable and starts empty; t counts from 1. */
export type Rule = (w: number[], g: Numbers, state: Record<string, number[]>, t: number, shape: Numbers) => void;

const slot = (state: Record<string, number[]>, name: string, n: number, initial = 0): number[] => {
  state[name] ??= new Array<number>(n).fill(initial);
  return state[name] as number[];
};
const each = (w: number[], fn: (i: number) => number): void => {
  for (let i = 0; i < w.length; i++) w[i] = (w[i] as number) - fn(i);
};
const at = (a: Numbers, i: number): number => a[i] as number;
/** a[i] = fn(i), and gives it. */
const set = (a: number[], i: number, value: number): number => {
  a[i] = value;
  return value;
};
const norm = (a: Numbers): number => Math.sqrt(a.reduce((s, x) => s + x * x, 0));

export const sgd =
  (lr: number, mu = 0, nesterov = false, damp = 0): Rule =>
  (w, g, s) => {
    const v = slot(s, 'v', w.length);
    each(w, (i) => {
      const vi = set(v, i, mu * at(v, i) + (1 - damp) * at(g, i));
      return lr * (nesterov ? at(g, i) + mu * vi : vi);
    });
  };

export const adagrad =
  (lr: number, initial: number, inside: number, outside: number): Rule =>
  (w, g, s) => {
    const a = slot(s, 'a', w.length, initial);
    each(w, (i) => {
      const ai = set(a, i, at(a, i) + at(g, i) ** 2);
      return (lr * at(g, i)) / (Math.sqrt(ai + inside) + outside);
    });
  };

export const rmsprop =
  (lr: number, rho: number, mu: number, inside: number, outside: number, centered: boolean): Rule =>
  (w, g, s) => {
    const [a, m, c] = ['a', 'm', 'c'].map((n) => slot(s, n, w.length)) as [number[], number[], number[]];
    each(w, (i) => {
      const ai = set(a, i, rho * at(a, i) + (1 - rho) * at(g, i) ** 2);
      const ci = centered ? set(c, i, rho * at(c, i) + (1 - rho) * at(g, i)) : 0;
      return set(m, i, mu * at(m, i) + (lr * at(g, i)) / (Math.sqrt(ai - ci * ci + inside) + outside));
    });
  };

export const adadelta =
  (lr: number, rho: number, eps: number): Rule =>
  (w, g, s) => {
    const [a, b] = [slot(s, 'a', w.length), slot(s, 'b', w.length)];
    each(w, (i) => {
      const ai = set(a, i, rho * at(a, i) + (1 - rho) * at(g, i) ** 2);
      const u = (Math.sqrt(at(b, i) + eps) / Math.sqrt(ai + eps)) * at(g, i);
      set(b, i, rho * at(b, i) + (1 - rho) * u * u);
      return lr * u;
    });
  };

/** The first and second moment, not corrected. */
function moments(g: Numbers, s: Record<string, number[]>, b1: number, b2: number): [number[], number[]] {
  const [m, v] = [slot(s, 'm', g.length), slot(s, 'v', g.length)];
  g.forEach((gi, i) => {
    set(m, i, b1 * at(m, i) + (1 - b1) * gi);
    set(v, i, b2 * at(v, i) + (1 - b2) * gi * gi);
  });
  return [m, v];
}

export const adam =
  (lr: number, b1: number, b2: number, eps: number, amsgrad = false): Rule =>
  (w, g, s, t) => {
    const [m, v] = moments(g, s, b1, b2);
    const top = slot(s, 'top', w.length);
    each(w, (i) => {
      const vi = amsgrad ? set(top, i, Math.max(at(top, i), at(v, i))) : at(v, i);
      return (lr * at(m, i)) / (1 - b1 ** t) / (Math.sqrt(vi / (1 - b2 ** t)) + eps);
    });
  };

export const adamax =
  (lr: number, b1: number, b2: number, eps: number, decay: number): Rule =>
  (w, g, s, t) => {
    const [m] = moments(g, s, b1, b2);
    const u = slot(s, 'u', w.length);
    each(w, (i) => {
      const ui = set(u, i, Math.max(b2 * at(u, i), Math.abs(at(g, i))));
      return ((lr / (1 + decay * (t - 1))) * at(m, i)) / ((1 - b1 ** t) * (ui + eps));
    });
  };

export const nadam =
  (lr: number, b1: number, b2: number, eps: number): Rule =>
  (w, g, s, t) => {
    const [m, v] = moments(g, s, b1, b2);
    const mu = (k: number): number => b1 * (1 - 0.5 * 0.96 ** k);
    const product = Array.from({ length: t }, (_, k) => mu(k + 1)).reduce((a, b) => a * b, 1);
    each(w, (i) => {
      const mHat = (mu(t + 1) * at(m, i)) / (1 - product * mu(t + 1)) + ((1 - mu(t)) * at(g, i)) / (1 - product);
      return (lr * mHat) / (Math.sqrt(at(v, i) / (1 - b2 ** t)) + eps);
    });
  };

export const radam =
  (lr: number, b1: number, b2: number, eps: number): Rule =>
  (w, g, s, t) => {
    const [m, v] = moments(g, s, b1, b2);
    const longest = 2 / (1 - b2) - 1;
    const length = longest - (2 * t * b2 ** t) / (1 - b2 ** t);
    each(w, (i) => {
      const mHat = at(m, i) / (1 - b1 ** t);
      if (length <= 5) return lr * mHat;
      const r = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
      return (lr * r * mHat) / (Math.sqrt(at(v, i) / (1 - b2 ** t)) + eps);
    });
  };

export const lion =
  (lr: number, b1: number, b2: number): Rule =>
  (w, g, s) => {
    const m = slot(s, 'm', w.length);
    each(w, (i) => {
      const c = b1 * at(m, i) + (1 - b1) * at(g, i);
      set(m, i, b2 * at(m, i) + (1 - b2) * at(g, i));
      return lr * Math.sign(c);
    });
  };

export const ftrl =
  (lr: number, power: number, initial: number, l1: number, l2: number, shrink: number, beta: number): Rule =>
  (w, g, s) => {
    const [n, z] = [slot(s, 'n', w.length, initial), slot(s, 'z', w.length)];
    for (let i = 0; i < w.length; i++) {
      const before = at(n, i) ** -power;
      const after = set(n, i, at(n, i) + at(g, i) ** 2) ** -power;
      const zi = set(z, i, at(z, i) + at(g, i) + 2 * shrink * at(w, i) - ((after - before) / lr) * at(w, i));
      const quadratic = after / lr + 2 * l2 + beta / lr;
      w[i] = Math.abs(zi) <= l1 ? 0 : (Math.sign(zi) * l1 - zi) / quadratic;
    }
  };

export const lamb =
  (lr: number, b1: number, b2: number, eps: number): Rule =>
  (w, g, s, t) => {
    const [m, v] = moments(g, s, b1, b2);
    const u = m.map((mi, i) => mi / (1 - b1 ** t) / (Math.sqrt(at(v, i) / (1 - b2 ** t)) + eps));
    const [long, short] = [norm(w), norm(u)];
    const ratio = long > 0 && short > 0 ? long / short : 1;
    each(w, (i) => lr * ratio * at(u, i));
  };

export const adafactor =
  (lr: number, decay: number, eps1: number, eps2: number, threshold: number, relative: boolean): Rule =>
  (w, g, s, t, shape) => {
    const beta = 1 - t ** decay;
    const rms = (a: Numbers): number => norm(a) / Math.sqrt(a.length);
    const q = g.map((x) => x * x + eps1);
    let v: number[];
    if (shape.length < 2) {
      v = slot(s, 'v', w.length);
      q.forEach((x, i) => set(v, i, beta * at(v, i) + (1 - beta) * x));
    } else {
      const [rows, columns] = shape as [number, number];
      const [r, c] = [slot(s, 'r', rows), slot(s, 'c', columns)];
      r.forEach((x, i) => {
        const mean = q.slice(i * columns, (i + 1) * columns).reduce((a, b) => a + b, 0) / columns;
        set(r, i, beta * x + (1 - beta) * mean);
      });
      c.forEach((x, j) => {
        const mean = q.filter((_, i) => i % columns === j).reduce((a, b) => a + b, 0) / rows;
        set(c, j, beta * x + (1 - beta) * mean);
      });
      const average = r.reduce((a, b) => a + b, 0) / rows;
      v = q.map((_, i) => (at(r, Math.floor(i / columns)) / average) * at(c, i % columns));
    }
    const u = g.map((x, i) => x / Math.sqrt(at(v, i)));
    const step = Math.max(eps2, rms(w)) * (relative ? Math.min(lr, 1 / Math.sqrt(t)) : lr);
    const size = Math.max(1, rms(u) / threshold);
    each(w, (i) => (step * at(u, i)) / size);
  };

/** a b, or a times the transpose of b, of row-major matrices. */
function product(a: Numbers, b: Numbers, rows: number, inner: number, columns: number, transposed = false): number[] {
  return Array.from({ length: rows * columns }, (_, i) => {
    const [r, c] = [Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += at(a, r * inner + k) * at(b, transposed ? c * inner + k : k * columns + c);
    return sum;
  });
}

const transposed = (a: Numbers, rows: number, columns: number): number[] =>
  Array.from({ length: a.length }, (_, i) => at(a, (i % rows) * columns + Math.floor(i / rows)));

export const muon =
  (
    lr: number,
    mu: number,
    steps: number,
    rate: number,
    [decay, adamDecay]: readonly [number, number],
    other: Rule,
  ): Rule =>
  (w, g, s, t, shape) => {
    const isMatrix = shape.length === 2;
    const lost = lr * (isMatrix ? decay : adamDecay);
    each(w, (i) => lost * at(w, i));
    if (!isMatrix) return other(w, g, s, t, shape);
    const m = slot(s, 'm', w.length);
    g.forEach((x, i) => set(m, i, mu * at(m, i) + x));
    const [rows, columns] = shape as [number, number];
    let x = g.map((gi, i) => gi + mu * at(m, i));
    const isTall = rows > columns;
    if (isTall) x = transposed(x, rows, columns);
    const [n, k] = isTall ? [columns, rows] : [rows, columns];
    const length = norm(x) + 1e-7;
    x = x.map((v) => v / length);
    for (let i = 0; i < steps; i++) {
      const a = product(x, x, n, k, n, true);
      const b = product(a, a, n, n, n).map((v, j) => 2.0315 * v - 4.775 * at(a, j));
      const bx = product(b, x, n, n, k);
      x = x.map((v, j) => 3.4445 * v + at(bx, j));
    }
    if (isTall) x = transposed(x, n, k);
    each(w, (i) => lr * rate * Math.sqrt(Math.max(rows, columns)) * at(x, i));
  };

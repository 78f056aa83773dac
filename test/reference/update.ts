/** Optimizers: assembly/update.ts. Each changes the arrays in place; all settings are float32 but the powers. */

const f = Math.fround;

/** Slots below 2^-126 become +0: denormal numbers are slow. */
const flush = (x: number): number => (Math.abs(x) < 2 ** -126 ? 0 : x);
/** The square of a gradient; 0 below 2^-60. */
const squared = (g: number): number => (Math.abs(g) < 2 ** -60 ? 0 : f(g * g));

/** w -= rate g */
export function sgd(w: Float32Array, g: Float32Array, rate: number): void {
  g.forEach((gi, i) => {
    w[i] = f((w[i] as number) - f(rate * gi));
  });
}

/** v = p v + g; w -= rate v, or with Nesterov w -= rate (g + p v). */
export function momentum(
  w: Float32Array,
  g: Float32Array,
  v: Float32Array,
  rate: number,
  p: number,
  nesterov: boolean,
): void {
  g.forEach((gi, i) => {
    const vi = flush(f(f(p * (v[i] as number)) + gi));
    v[i] = vi;
    w[i] = f((w[i] as number) - f(rate * (nesterov ? f(gi + f(p * vi)) : vi)));
  });
}

export interface RmsPropSettings {
  readonly rate: number;
  readonly decay: number;
  /** 1 - decay, rounded from f64. */
  readonly rest: number;
  readonly momentum: number;
  readonly epsilon: number;
}

/**
 * a = decay a + rest g²; m = momentum m + rate g / √(a + epsilon); w -= m. Centered (with `mean`): mean = decay mean +
 * rest g, and the root is of max(a - mean², 0) + epsilon.
 */
export function rmsProp(
  w: Float32Array,
  g: Float32Array,
  a: Float32Array,
  m: Float32Array,
  mean: Float32Array | undefined,
  s: RmsPropSettings,
): void {
  g.forEach((gi, i) => {
    const ai = flush(f(f(s.decay * (a[i] as number)) + f(s.rest * squared(gi))));
    a[i] = ai;
    let under = ai;
    if (mean) {
      const centre = flush(f(f(s.decay * (mean[i] as number)) + f(s.rest * gi)));
      mean[i] = centre;
      const variance = f(ai - f(centre * centre));
      under = variance < 0 ? 0 : variance;
    }
    const mi = flush(f(f(s.momentum * (m[i] as number)) + f(f(s.rate * gi) / f(Math.sqrt(f(under + s.epsilon))))));
    m[i] = mi;
    w[i] = f((w[i] as number) - mi);
  });
}

export interface AdamSettings {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** 1 - beta2, rounded from f64. */
  readonly rest2: number;
  readonly epsilon: number;
  /** beta1 and beta2 to the power of the step, f64. */
  readonly power1: number;
  readonly power2: number;
}

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + rest2 g²; w -= step m / (√(v fix) + epsilon), where step = rate / (1 -
 * power1) and fix = 1 / (1 - power2) are computed in f64 and rounded once.
 */
export function adam(w: Float32Array, g: Float32Array, m: Float32Array, v: Float32Array, s: AdamSettings): void {
  const step = f(s.rate / (1 - s.power1));
  const fix = f(1 / (1 - s.power2));
  const rest1 = f(1 - s.beta1);
  g.forEach((gi, i) => {
    const mi = flush(f(f(s.beta1 * (m[i] as number)) + f(rest1 * gi)));
    const vi = flush(f(f(s.beta2 * (v[i] as number)) + f(s.rest2 * squared(gi))));
    m[i] = mi;
    v[i] = vi;
    w[i] = f((w[i] as number) - f(f(step * mi) / f(f(Math.sqrt(f(vi * fix))) + s.epsilon)));
  });
}

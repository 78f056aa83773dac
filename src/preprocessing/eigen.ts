/** Eigenvalues and eigenvectors of symmetric matrices, in f64, with exact operations and square roots only. */

/** Largest first. */
export interface Eigen {
  readonly values: Float64Array;
  /** Row i belongs to value i; rows have length 1. */
  readonly vectors: readonly Float64Array[];
}

/** More steps than any matrix takes: about two for each eigenvalue. */
const MOST_STEPS = 60;

/** The matrix as Qᵀ T Q with tridiagonal T: its diagonal, what is beside it, and the rows of Q. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
  readonly rows: Float64Array[];
}

const dot = (a: Float64Array, b: Float64Array, from: number): number => {
  let sum = 0;
  for (let i = from; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};

/** The reflection that leaves of column k only what is beside the diagonal (Householder, 1958); undefined if it already is so. */
function reflection(a: readonly Float64Array[], k: number): { v: Float64Array; size: number } | undefined {
  const v = Float64Array.from(a, (row, i) => (i > k ? (row[k] as number) : 0));
  const length = Math.sqrt(dot(v, v, k + 1));
  const first = v[k + 1] as number;
  if (length === 0 || Math.abs(first) === length) return undefined;
  v[k + 1] = first + (first < 0 ? -length : length);
  return { v, size: dot(v, v, k + 1) };
}

/** @param a is overwritten */
function tridiagonal(a: readonly Float64Array[]): Tridiagonal {
  const n = a.length;
  const rows = a.map((_, i) => Float64Array.from({ length: n }, (__, j) => Number(i === j)));
  for (let k = 0; k < n - 2; k++) {
    const found = reflection(a, k);
    if (!found) continue;
    const { v, size } = found;
    // A - v wᵀ - w vᵀ, with w = p - v (vᵀp) / |v|² and p = 2 A v / |v|².
    const p = Float64Array.from(a, (row) => (2 * dot(row, v, k + 1)) / size);
    const part = dot(v, p, k + 1) / size;
    const w = p.map((x, i) => x - part * (v[i] as number));
    for (let i = k; i < n; i++) {
      const row = a[i] as Float64Array;
      const [vi, wi] = [v[i] as number, w[i] as number];
      for (let j = k; j < n; j++) row[j] = (row[j] as number) - vi * (w[j] as number) - wi * (v[j] as number);
    }
    // Rows of Q: Q - 2 v (vᵀ Q) / |v|².
    const sums = new Float64Array(n);
    for (let i = k + 1; i < n; i++)
      for (let j = 0; j < n; j++) sums[j] = (sums[j] as number) + (v[i] as number) * (rows[i]?.[j] as number);
    for (let i = k + 1; i < n; i++) {
      const row = rows[i] as Float64Array;
      const factor = (2 * (v[i] as number)) / size;
      for (let j = 0; j < n; j++) row[j] = (row[j] as number) - factor * (sums[j] as number);
    }
  }
  return {
    diagonal: Float64Array.from(a, (row, i) => row[i] as number),
    beside: Float64Array.from({ length: Math.max(0, n - 1) }, (_, i) => a[i]?.[i + 1] as number),
    rows,
  };
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let j = 0; j < a.length; j++) {
    const [x, y] = [a[j] as number, b[j] as number];
    a[j] = c * x + s * y;
    b[j] = c * y - s * x;
  }
}

/** One sweep of rotations from `low` to `high`, with Wilkinson's shift (Francis, 1961; Wilkinson, 1965). */
function sweep({ diagonal: d, beside: e, rows }: Tridiagonal, low: number, high: number): void {
  const last = e[high - 1] as number;
  const half = ((d[high - 1] as number) - (d[high] as number)) / 2;
  const root = Math.sqrt(half * half + last * last);
  let x = (d[low] as number) - ((d[high] as number) - (last * last) / (half + (half < 0 ? -root : root)));
  let z = e[low] as number;
  for (let k = low; k < high; k++) {
    const r = Math.sqrt(x * x + z * z);
    const [c, s] = r === 0 ? [1, 0] : [x / r, z / r];
    if (k > low) e[k - 1] = r;
    const [d1, d2, between] = [d[k] as number, d[k + 1] as number, e[k] as number];
    d[k] = c * c * d1 + 2 * c * s * between + s * s * d2;
    d[k + 1] = s * s * d1 - 2 * c * s * between + c * c * d2;
    x = e[k] = c * s * (d2 - d1) + (c * c - s * s) * between;
    if (k + 1 < high) {
      z = s * (e[k + 1] as number);
      e[k + 1] = c * (e[k + 1] as number);
    }
    rotate(rows[k] as Float64Array, rows[k + 1] as Float64Array, c, s);
  }
}

/** All eigenvalues of a symmetric matrix, largest first, with vectors. */
export function eigenOf(matrix: readonly Float64Array[]): Eigen {
  const t = tridiagonal(matrix.map((row) => row.slice()));
  const { diagonal: d, beside: e, rows } = t;
  const isSmall = (i: number): boolean =>
    Math.abs(e[i] as number) <= 2.3e-16 * (Math.abs(d[i] as number) + Math.abs(d[i + 1] as number));
  let high = d.length - 1;
  for (let steps = 0; high > 0 && steps < MOST_STEPS * d.length; steps++) {
    if (isSmall(high - 1)) {
      high--;
      continue;
    }
    let low = high - 1;
    while (low > 0 && !isSmall(low - 1)) low--;
    sweep(t, low, high);
  }
  const order = Array.from(d, (_, i) => i).sort((i, j) => (d[j] as number) - (d[i] as number) || i - j);
  return {
    values: Float64Array.from(order, (i) => d[i] as number),
    vectors: order.map((i) => rows[i] as Float64Array),
  };
}

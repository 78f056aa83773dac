/** Histograms as event files hold them. */

/** `counts[i]` is the number of values below `limits[i]` that are not below the limit before. */
export interface Histogram {
  /** The smallest finite value. */
  readonly min: number;
  /** The largest finite value. */
  readonly max: number;
  /** Number of finite values. */
  readonly count: number;
  /** Their sum. */
  readonly sum: number;
  /** The sum of their squares. */
  readonly sumOfSquares: number;
  /** Upper limits of the ranges, ascending. */
  readonly limits: readonly number[];
  /** Numbers of values in the ranges. */
  readonly counts: readonly number[];
}

let table: readonly number[] | undefined;

/** TensorFlow's limits: 0, ±1e-12, and on by factors of 1.1 to ±1e20. */
function limitsOf(): readonly number[] {
  if (table) return table;
  const positive: number[] = [];
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) positive.push(limit);
  positive.push(Number.MAX_VALUE);
  table = [...positive.map((v) => -v).reverse(), 0, ...positive];
  return table;
}

/** Index of the first limit above a value. */
function bucketOf(limits: readonly number[], value: number): number {
  let [low, high] = [0, limits.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((limits[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The distribution of the finite values; undefined without any. */
export function histogramOf(values: ArrayLike<number>): Histogram | undefined {
  const limits = limitsOf();
  const counts = new Float64Array(limits.length);
  let [min, max, count, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (!Number.isFinite(v)) continue;
    const bucket = bucketOf(limits, v);
    counts[bucket] = (counts[bucket] as number) + 1;
    min = Math.min(min, v);
    max = Math.max(max, v);
    count++;
    sum += v;
    sumOfSquares += v * v;
  }
  if (count === 0) return undefined;
  const [first, last] = [bucketOf(limits, min), bucketOf(limits, max) + 1];
  return {
    min,
    max,
    count,
    sum,
    sumOfSquares,
    limits: limits.slice(first, last),
    counts: [...counts.slice(first, last)],
  };
}

/** Curves over all thresholds, of labels and scores, and areas below them; in f64 on the host, exact arithmetic only. */
import { share } from './counts';

/** Sums of weights above falling thresholds; both begin with 0. */
export interface Curve {
  readonly tp: readonly number[];
  readonly fp: readonly number[];
  /** Of all positives. */
  readonly positives: number;
  readonly negatives: number;
}

/** A curve whose points belong to scores. */
export interface ScoredCurve extends Curve {
  /** The lowest score above which each point counts; the first is infinite. */
  readonly thresholds: readonly number[];
}

/** A curve of rates: ROC, precision and recall, or their gains. */
export type CurveKind = 'ROC' | 'PR' | 'PRGAIN';
/** How an area is added up. */
export type SummationMethod = 'interpolation' | 'majoring' | 'minoring' | 'step' | 'trapezoid';

/** Adds up the weights of cases one by one, and notes the sums wherever the threshold moves. */
class Walk {
  readonly tp = [0];
  readonly fp = [0];
  readonly thresholds = [Number.POSITIVE_INFINITY];
  positives = 0;
  negatives = 0;

  note(threshold: number): void {
    this.thresholds.push(threshold);
    this.tp.push(this.positives);
    this.fp.push(this.negatives);
  }
}

/**
 * The curve of all distinct scores. A positive case has its weight, a negative one minus its weight.
 * @param rows scores of `labels` labels, then their weights.
 */
export function curveOf(rows: ArrayLike<number>, labels: number, label: number): ScoredCurve {
  const width = 2 * labels;
  const score = (i: number): number => rows[i * width + label] as number;
  // In the order of the cases where scores are equal: sums of weights then are the same everywhere.
  const order = Array.from({ length: rows.length / width }, (_, i) => i).sort((a, b) => {
    const [x, y] = [score(a), score(b)];
    return x === y ? a - b : y > x ? 1 : -1;
  });
  const walk = new Walk();
  order.forEach((i, k) => {
    const weight = rows[i * width + labels + label] as number;
    // NaN, as a weight or a score, is not lost.
    if (!(weight < 0)) walk.positives += weight;
    if (!(weight > 0)) walk.negatives -= weight;
    const next = order[k + 1];
    if (next === undefined || score(next) !== score(i)) walk.note(score(i));
  });
  return walk;
}

/** The curve of fixed thresholds. @param cells weights below, between and above them: of negatives, then of positives */
export function bucketCurve(cells: ArrayLike<number>): Curve {
  const walk = new Walk();
  const buckets = cells.length / 2;
  walk.tp.pop();
  walk.fp.pop();
  walk.thresholds.pop();
  for (let i = buckets - 1; i >= 0; i--) {
    walk.negatives += cells[i] as number;
    walk.positives += cells[buckets + i] as number;
    if (i > 0) walk.note(i);
  }
  return walk;
}

/** log(x), x >= 1: roots until x is near 1, then 2 artanh((x - 1) / (x + 1)). Relative error below 1e-13. */
function logOf(x: number): number {
  let [root, factor] = [x, 2];
  for (; root > 1.1; factor *= 2) root = Math.sqrt(root);
  const z = (root - 1) / (root + 1);
  let sum = 0;
  for (let k = 19; k > 0; k -= 2) sum = sum * z * z + 1 / k;
  return factor * z * sum;
}

/** Precision between two points as Davis and Goadrich (2006) interpolate it, integrated over true positives. */
function between(tp0: number, p0: number, tp1: number, p1: number): number {
  const slope = share(tp1 - tp0, p1 - p0);
  const rest = tp0 - slope * p0;
  return slope * (tp1 - tp0 + (p0 > 0 && p1 > p0 ? rest * logOf(p1 / p0) : 0));
}

/** Abscissa and ordinate of a point. */
function pointOf(
  kind: CurveKind,
  { positives, negatives }: Curve,
  tp: number,
  fp: number,
  undefinedAs: number,
): [number, number] {
  if (kind === 'ROC') return [share(fp, negatives), share(tp, positives)];
  if (kind === 'PR') return [share(tp, positives), tp + fp === 0 ? undefinedAs : tp / (tp + fp)];
  if (tp === 0) return [0, 1];
  const scale = share(positives, negatives);
  return [Math.max(0, 1 - (scale * (positives - tp)) / tp), 1 - (scale * fp) / tp];
}

/**
 * The area below a curve; NaN if there are no cases, and below ROC if they are all of one class.
 * @param undefinedAs precision where nothing is predicted.
 */
export function areaBelow(kind: CurveKind, method: SummationMethod, curve: Curve, undefinedAs: number): number {
  const { tp, fp, positives, negatives } = curve;
  if (kind === 'ROC' ? !(positives && negatives) : positives + negatives === 0) return Number.NaN;
  if (Number.isNaN(positives + negatives)) return Number.NaN;
  let area = 0;
  for (let i = 1; i < tp.length; i++) {
    const [a, b, c, d] = [tp[i - 1], fp[i - 1], tp[i], fp[i]] as [number, number, number, number];
    if (kind === 'PR' && method === 'interpolation') {
      area += share(between(a, a + b, c, c + d), positives);
      continue;
    }
    const [x0, y0] = pointOf(kind, curve, a, b, undefinedAs);
    const [x1, y1] = pointOf(kind, curve, c, d, undefinedAs);
    const heights = { majoring: Math.max(y0, y1), minoring: Math.min(y0, y1), step: y1 };
    area += (x1 - x0) * (heights[method as keyof typeof heights] ?? (y0 + y1) / 2);
  }
  return area;
}

/** The largest `wanted` of the points whose `bound` is at least `least`; 0 without such points, NaN for NaN. */
export function bestOf(
  curve: Curve,
  wanted: (tp: number, fp: number) => number,
  bound: (tp: number, fp: number) => number,
  least: number,
): number {
  if (Number.isNaN(curve.positives + curve.negatives)) return Number.NaN;
  return curve.tp.reduce((best, tp, i) => {
    const fp = curve.fp[i] as number;
    return bound(tp, fp) >= least ? Math.max(best, wanted(tp, fp)) : best;
  }, 0);
}

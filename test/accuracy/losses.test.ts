/** Losses and their slopes against float64 at 10,000 pairs of targets and predictions, ends included. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { generator } from '../support/random';
import { COUNT, errorOf, pointsOf } from './points';

type Tensor = sg.Tensor;
type Loss = (y: Tensor, p: Tensor) => Tensor;
/** Of targets and predictions of one example. */
type Exact = (y: readonly number[], p: readonly number[]) => number;

interface Row {
  readonly loss: Loss;
  readonly exact: Exact;
  /** Slope of an example's loss along its prediction i. */
  readonly slope: (y: readonly number[], p: readonly number[], i: number) => number;
  /** What predictions are. */
  readonly of: keyof typeof kinds;
  /** Errors of values and slopes: ulps of the exact value, and an absolute part. */
  readonly value: readonly [ulps: number, absolute: number | Exact];
  readonly slopes: readonly [ulps: number, absolute: number | Exact];
  readonly at?: (y: readonly number[], p: readonly number[]) => boolean;
}

const EPS = 2 ** -24;
const E7 = Math.fround(1e-7);
const f32 = Math.fround;
const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));
const clip = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
const INSIDE = [E7, f32(1 - E7)] as const;
const isFinite = (_: readonly number[], p: readonly number[]): boolean => p.every(Number.isFinite);
/** Losses of one number. */
const single =
  (f: (y: number, p: number) => number): Exact =>
  ([y], [p]) =>
    f(y as number, p as number);

/** y (softplus of -x) and (1 - y) (softplus of x). */
const onLogits = (y: number, x: number): number => (y ? y * softplus(-x) : 0) + (y !== 1 ? (1 - y) * softplus(x) : 0);
const logitSlope = (y: number, x: number): number => (1 - y) * sigmoid(x) - y * sigmoid(-x);
const smooth = (y: number): number => y * 0.9 + 0.05;

function logSoftmax(x: readonly number[]): number[] {
  const highest = Math.max(...x);
  const rest = Math.log(x.reduce((sum, v) => sum + Math.exp(v - highest), 0));
  return x.map((v) => v - highest - rest);
}
/** 1 - p of class i, from the others. */
const others = (logs: readonly number[], i: number): number =>
  logs.reduce((sum, l, k) => (k === i ? sum : sum + Math.exp(l)), 0);
const weighed = (y: readonly number[], logs: readonly number[]): number =>
  -y.reduce((sum, v, i) => (v === 0 ? sum : sum + v * (logs[i] as number)), 0);
const softmaxSlope = (y: readonly number[], x: readonly number[], i: number): number => {
  const logs = logSoftmax(x);
  const total = y.reduce((a, b) => a + b, 0);
  // (Σ y) p - y, without cancellation for one-hot targets.
  return y[i] === total ? -total * others(logs, i) : total * Math.exp(logs[i] as number) - (y[i] as number);
};

/** Σ y p and Σ x. */
const right = (y: readonly number[], p: readonly number[]): number =>
  y.reduce((sum, v, i) => sum + v * (p[i] as number), 0);
const total = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);

const random = generator(5);
const points = pointsOf(3, COUNT);
const one = (k: number): number => points[k] as number;
const target = (k: number): number => [0, 1, 0.25, 1 - 2 ** -20, 2 ** -20][k % 5] as number;
const oneHot = (k: number): number[] => [0, 1, 2].map((i) => Number(i === k % 3));

/** Targets and predictions of example k. */
const kinds = {
  /** Numbers of all sizes, and of one size. */
  number: (k: number) => ({ y: [k % 2 ? one((k * 7 + 1) % COUNT) : one(k) * 0.75], p: [one(k)] }),
  moderate: (k: number) => ({ y: [4 * random() - 2], p: [k % 4 ? 4 * random() - 2 : 1e-3 * random()] }),
  logit: (k: number) => ({ y: [target(k)], p: [one(k)] }),
  probability: (k: number) => ({
    y: [target(k)],
    p: [[0, 1, random(), 1e-6 * random(), 1 - 1e-5 * random()][k % 5 ? 2 + (k % 3) : k % 2] as number],
  }),
  margin: (k: number) => ({ y: [k % 2 ? 1 : -1], p: [one(k)] }),
  positive: (k: number) => ({ y: [10 * random()], p: [k % 3 ? 10 * random() : 1e-6 * random()] }),
  logits: (k: number) => {
    const size = [1, 10, 100, 1e30][k % 4] as number;
    const p = [0, 1, 2].map(() => size * (2 * random() - 1));
    if (k % 7 === 0) p[(k + 1) % 3] = Number.NEGATIVE_INFINITY;
    return { y: oneHot(k), p };
  },
  distribution: (k: number) => {
    const p = [0, 1, 2].map(() => random() ** 3);
    return { y: oneHot(k), p: p.map((v) => v / ((p[0] as number) + (p[1] as number) + (p[2] as number))) };
  },
} as const;

const { losses } = sg;
/** Losses of `compile`: the value of each example. */
const settled = (loss: unknown): Loss => loss as Loss;
const indices =
  (loss: unknown): Loss =>
  (y, p) =>
    settled(loss)(sg.cast(sg.argMax(y, -1), 'float32'), p);

const rows: Record<string, Row> = {
  sigmoidCrossEntropy: {
    loss: settled(losses.sigmoidCrossEntropy({})),
    exact: single(onLogits),
    slope: ([y], [x]) => logitSlope(y as number, x as number),
    of: 'logit',
    value: [4, 0],
    slopes: [5, EPS],
    at: isFinite,
  },
  'binaryCrossentropy on logits': {
    loss: settled(losses.binaryCrossentropy({ fromLogits: true })),
    exact: single(onLogits),
    slope: ([y], [x]) => logitSlope(y as number, x as number),
    of: 'logit',
    value: [4, 0],
    slopes: [5, EPS],
    at: isFinite,
  },
  'binaryCrossentropy on logits, smoothed': {
    loss: settled(losses.binaryCrossentropy({ fromLogits: true, labelSmoothing: 0.1 })),
    exact: single((y, x) => onLogits(smooth(y), x)),
    slope: ([y], [x]) => logitSlope(smooth(y as number), x as number),
    of: 'logit',
    // The smoothed target itself is rounded: that counts as many times as the logit is large.
    value: [6, (_, [x]) => 2 * EPS * Math.abs(x as number)],
    slopes: [5, 2 * EPS],
    at: isFinite,
  },
  binaryCrossentropy: {
    loss: settled(losses.binaryCrossentropy({})),
    exact: single((y, p) => {
      const q = clip(p, ...INSIDE);
      return -y * Math.log(q) - (1 - y) * Math.log1p(-q);
    }),
    slope: ([y], [p]) => {
      const v = p as number;
      return v < INSIDE[0] || v > INSIDE[1] ? 0 : -(y as number) / v + (1 - (y as number)) / (1 - v);
    },
    of: 'probability',
    // 1 less the smallest probability is a rounded number.
    value: [4, 2 * EPS],
    slopes: [
      6,
      ([y], [p]) =>
        4 * EPS * ((y as number) / Math.max(E7, p as number) + (1 - (y as number)) / Math.max(E7, 1 - (p as number))),
    ],
  },
  binaryFocalCrossentropy: {
    loss: settled(losses.binaryFocalCrossentropy({ fromLogits: true, gamma: 2 })),
    exact: single((y, x) => Math.max(y * sigmoid(-x) + (1 - y) * sigmoid(x), E7) ** 2 * onLogits(y, x)),
    slope: ([y], [x]) => {
      const [t, v] = [y as number, x as number];
      const missed = t * sigmoid(-v) + (1 - t) * sigmoid(v);
      const steep = missed < E7 ? 0 : 2 * missed * (1 - 2 * t) * sigmoid(v) * sigmoid(-v) * onLogits(t, v);
      return steep + Math.max(missed, E7) ** 2 * logitSlope(t, v);
    },
    of: 'logit',
    value: [16, 0],
    slopes: [40, 4 * EPS],
    at: (_, [x]) => Math.abs(x as number) < 1e38,
  },
  categoricalCrossentropy: {
    loss: settled(losses.categoricalCrossentropy({ fromLogits: true })),
    exact: (y, x) => weighed(y, logSoftmax(x)),
    slope: softmaxSlope,
    of: 'logits',
    value: [3, (_, x) => 2 * EPS * Math.max(1, ...x.filter(Number.isFinite).map(Math.abs))],
    slopes: [5, (_, x) => 2 * EPS * Math.min(110, Math.max(1, ...x.filter(Number.isFinite).map(Math.abs)))],
  },
  softmaxCrossEntropy: {
    loss: settled(losses.softmaxCrossEntropy({})),
    exact: (y, x) => weighed(y, logSoftmax(x)),
    slope: softmaxSlope,
    of: 'logits',
    value: [3, (_, x) => 2 * EPS * Math.max(1, ...x.filter(Number.isFinite).map(Math.abs))],
    slopes: [5, (_, x) => 2 * EPS * Math.min(110, Math.max(1, ...x.filter(Number.isFinite).map(Math.abs)))],
  },
  sparseCategoricalCrossentropy: {
    loss: indices(losses.sparseCategoricalCrossentropy({ fromLogits: true })),
    exact: (y, x) => weighed(y, logSoftmax(x)),
    slope: softmaxSlope,
    of: 'logits',
    value: [3, (_, x) => 2 * EPS * Math.max(1, ...x.filter(Number.isFinite).map(Math.abs))],
    slopes: [5, (_, x) => 2 * EPS * Math.min(110, Math.max(1, ...x.filter(Number.isFinite).map(Math.abs)))],
  },
  'categoricalCrossentropy of probabilities': {
    loss: settled(losses.categoricalCrossentropy({})),
    exact: (y, p) =>
      weighed(
        y,
        p.map((v) => Math.log(clip(v / p.reduce((a, b) => a + b), ...INSIDE))),
      ),
    slope: (y, p, i) => {
      const total = p.reduce((a, b) => a + b);
      return y.reduce((sum, v, k) => sum + (v ? v * ((i === k ? -1 / (p[k] as number) : 0) + 1 / total) : 0), 0);
    },
    of: 'distribution',
    value: [4, 4 * EPS],
    slopes: [6, 8 * EPS],
    at: (_, p) => p.every((v) => v > 1e-6 && v < 1 - 1e-6),
  },
  meanSquaredError: {
    loss: settled(losses.meanSquaredError({})),
    exact: single((y, p) => f32(p - y) ** 2),
    slope: ([y], [p]) => 2 * f32((p as number) - (y as number)),
    of: 'number',
    value: [1, 0],
    slopes: [1, 0],
  },
  meanAbsoluteError: {
    loss: settled(losses.meanAbsoluteError({})),
    exact: single((y, p) => Math.abs(p - y)),
    slope: ([y], [p]) => Math.sign(f32((p as number) - (y as number))),
    of: 'number',
    value: [1, 0],
    slopes: [0, 0],
  },
  meanAbsolutePercentageError: {
    loss: settled(losses.meanAbsolutePercentageError({})),
    exact: single((y, p) => (100 * Math.abs(y - p)) / Math.max(Math.abs(y), E7)),
    slope: ([y], [p]) => (100 * Math.sign((p as number) - (y as number))) / Math.max(Math.abs(y as number), E7),
    of: 'moderate',
    value: [4, 0],
    slopes: [4, 0],
  },
  meanSquaredLogarithmicError: {
    loss: settled(losses.meanSquaredLogarithmicError({})),
    exact: single((y, p) => (Math.log1p(Math.max(p, E7)) - Math.log1p(Math.max(y, E7))) ** 2),
    slope: ([y], [p]) =>
      (2 * (Math.log1p(Math.max(p as number, E7)) - Math.log1p(Math.max(y as number, E7)))) / (1 + (p as number)),
    of: 'positive',
    value: [4, 16 * EPS],
    slopes: [4, 16 * EPS],
    at: (_, p) => p.every((v) => v > E7),
  },
  logCosh: {
    loss: settled(losses.logCosh({})),
    exact: single((y, p) => {
      const e = Math.abs(f32(p - y));
      return e < 1 ? Math.log1p(2 * Math.sinh(e / 2) ** 2) : e + Math.log1p(Math.exp(-2 * e)) - Math.LN2;
    }),
    slope: ([y], [p]) => Math.tanh(f32((p as number) - (y as number))),
    of: 'number',
    value: [8, 0],
    slopes: [8, 2 * EPS],
  },
  huber: {
    loss: settled(losses.huber({ delta: 2 })),
    exact: single((y, p) => {
      const e = Math.abs(f32(p - y));
      return e <= 2 ? (e * e) / 2 : 2 * (e - 1);
    }),
    slope: ([y], [p]) => clip(f32((p as number) - (y as number)), -2, 2),
    of: 'number',
    value: [2, 0],
    slopes: [2, 0],
  },
  poisson: {
    loss: settled(losses.poisson({})),
    exact: single((y, p) => p - y * Math.log(p + E7)),
    slope: ([y], [p]) => 1 - (y as number) / ((p as number) + E7),
    of: 'positive',
    value: [4, (y, p) => 4 * EPS * ((p[0] as number) + (y[0] as number) * Math.abs(Math.log((p[0] as number) + E7)))],
    slopes: [4, 4 * EPS],
  },
  hinge: {
    loss: settled(losses.hinge({})),
    exact: single((y, p) => Math.max(0, 1 - y * p)),
    slope: ([y], [p]) => (f32(1 - (y as number) * (p as number)) > 0 ? -(y as number) : 0),
    of: 'margin',
    value: [1, 0],
    slopes: [0, 0],
  },
  squaredHinge: {
    loss: settled(losses.squaredHinge({})),
    exact: single((y, p) => f32(Math.max(0, 1 - y * p)) ** 2),
    slope: ([y], [p]) => -2 * (y as number) * f32(Math.max(0, 1 - (y as number) * (p as number))),
    of: 'margin',
    value: [1, 0],
    slopes: [1, 0],
    // There the slope of relu is 0.
    at: (_, [p]) => !Number.isNaN(p),
  },
  absoluteDifference: {
    loss: settled(losses.absoluteDifference({})),
    exact: single((y, p) => Math.abs(p - y)),
    slope: ([y], [p]) => Math.sign(f32((p as number) - (y as number))),
    of: 'number',
    value: [1, 0],
    slopes: [0, 0],
  },
  huberLoss: {
    loss: settled(losses.huberLoss({ delta: 1 })),
    exact: single((y, p) => {
      const e = Math.abs(f32(p - y));
      return e <= 1 ? (e * e) / 2 : e - 0.5;
    }),
    slope: ([y], [p]) => clip(f32((p as number) - (y as number)), -1, 1),
    of: 'number',
    value: [2, 0],
    slopes: [2, 0],
  },
  hingeLoss: {
    loss: settled(losses.hingeLoss({})),
    exact: single((y, p) => Math.max(0, 1 - (2 * y - 1) * p)),
    slope: ([y], [p]) => (f32(1 - (2 * (y as number) - 1) * (p as number)) > 0 ? -(2 * (y as number) - 1) : 0),
    of: 'probability',
    value: [1, 2 * EPS],
    slopes: [0, 0],
    at: ([y]) => y === 0 || y === 1,
  },
  categoricalHinge: {
    loss: settled(losses.categoricalHinge({})),
    exact: (y, p) => Math.max(0, 1 + Math.max(...p.map((v, i) => (1 - (y[i] as number)) * v)) - right(y, p)),
    slope: (y, p, i) => {
      const wrong = p.map((v, k) => (1 - (y[k] as number)) * v);
      if (1 + Math.max(...wrong) - right(y, p) <= 0) return 0;
      return (wrong[i] === Math.max(...wrong) ? 1 - (y[i] as number) : 0) - (y[i] as number);
    },
    of: 'distribution',
    value: [2, 2 * EPS],
    slopes: [0, 0],
  },
  kullbackLeiblerDivergence: {
    loss: settled(losses.kullbackLeiblerDivergence({})),
    exact: (y, p) =>
      y.reduce((sum, v, i) => {
        const [a, b] = [clip(v, E7, 1), clip(p[i] as number, E7, 1)];
        return sum + a * Math.log(a / b);
      }, 0),
    slope: (y, p, i) => -clip(y[i] as number, E7, 1) / (p[i] as number),
    of: 'distribution',
    value: [4, 4 * EPS],
    slopes: [4, 0],
    at: (_, p) => p.every((v) => v > 1e-6),
  },
  cosineSimilarity: {
    loss: settled(losses.cosineSimilarity({})),
    exact: (y, p) => -right(y, p) / Math.hypot(...p) / Math.hypot(...y),
    slope: (y, p, i) => {
      const [long, short] = [Math.hypot(...p), Math.hypot(...y)];
      return -((y[i] as number) / long - (right(y, p) * (p[i] as number)) / long ** 3) / short;
    },
    of: 'distribution',
    value: [4, EPS],
    slopes: [4, 8 * EPS],
  },
  cosineDistance: {
    loss: settled(losses.cosineDistance({})),
    exact: (y, p) => 1 - right(y, p),
    slope: (y, _, i) => -(y[i] as number),
    of: 'distribution',
    value: [1, EPS],
    slopes: [0, 0],
  },
  categoricalFocalCrossentropy: {
    loss: settled(losses.categoricalFocalCrossentropy({ fromLogits: true })),
    exact: (y, x) => {
      const logs = logSoftmax(x);
      return (
        -0.25 *
        y.reduce((sum, v, i) => (v ? sum + v * clip(others(logs, i), ...INSIDE) ** 2 * (logs[i] as number) : sum), 0)
      );
    },
    slope: (y, x, i) => {
      // One target is 1: with l its logarithm and r = 1 - p, the loss is -r² l / 4.
      const logs = logSoftmax(x);
      const k = y.indexOf(1);
      const [l, r] = [logs[k] as number, others(logs, k)];
      const p = Math.exp(l);
      const isInside = r > INSIDE[0] && r < INSIDE[1];
      const c = clip(r, ...INSIDE);
      const along = -0.25 * (c * c + (isInside ? -2 * c * p * l : 0));
      return along * (i === k ? r : -Math.exp(logs[i] as number));
    },
    of: 'logits',
    value: [24, (_, x) => 8 * EPS * Math.max(1, ...x.filter(Number.isFinite).map(Math.abs))],
    slopes: [24, (_, x) => 16 * EPS * Math.min(110, Math.max(1, ...x.filter(Number.isFinite).map(Math.abs)))],
  },
  categoricalGeneralizedCrossEntropy: {
    loss: indices(losses.categoricalGeneralizedCrossEntropy({ q: 0.5 })),
    exact: (y, p) => (1 - Math.sqrt(right(y, p))) / 0.5,
    slope: (y, p, i) => ((y[i] as number) ? -1 / Math.sqrt(right(y, p)) : 0),
    of: 'distribution',
    value: [4, 4 * EPS],
    slopes: [4, 0],
    at: (y, p) => right(y, p) > 1e-30,
  },
  dice: {
    loss: settled(losses.dice({ axis: -1 })),
    exact: (y, p) => 1 - (2 * right(y, p)) / (total(y) + total(p) + E7),
    slope: (y, p, i) => {
      const all = total(y) + total(p) + E7;
      return (-2 * (y[i] as number)) / all + (2 * right(y, p)) / all ** 2;
    },
    of: 'distribution',
    value: [4, 2 * EPS],
    slopes: [4, 4 * EPS],
  },
  tversky: {
    loss: settled(losses.tversky({ axis: -1, alpha: 0.5, beta: 0.5 })),
    exact: (y, p) => 1 - right(y, p) / (0.5 * (total(y) + total(p)) + E7),
    slope: (y, p, i) => {
      const all = 0.5 * (total(y) + total(p)) + E7;
      return -(y[i] as number) / all + (0.5 * right(y, p)) / all ** 2;
    },
    of: 'distribution',
    value: [4, 4 * EPS],
    slopes: [4, 4 * EPS],
  },
  logLoss: {
    loss: settled(losses.logLoss({})),
    exact: single((y, p) => -y * Math.log(p + E7) - (1 - y) * Math.log(1 - p + E7)),
    slope: ([y], [p]) => -(y as number) / ((p as number) + E7) + (1 - (y as number)) / (1 - (p as number) + E7),
    of: 'probability',
    value: [4, (_, [p]) => (2 * EPS) / Math.max(1e-7, Math.min(p as number, 1 - (p as number)) + 1e-7)],
    slopes: [4, (_, [p]) => (4 * EPS) / Math.max(1e-7, Math.min(p as number, 1 - (p as number)) + 1e-7) ** 2],
  },
};

const REPORT = process.env.ACCURACY !== undefined;

describe.each(Object.entries(rows))('%s', (name, { loss, exact, slope, of, value, slopes, at = () => true }) => {
  const examples = Array.from({ length: COUNT }, (_, k) => {
    const { y, p } = kinds[of](k);
    return { y: y.map(f32), p: p.map(f32) };
  });
  const width = examples[0]?.y.length as number;
  const tensorOf = (key: 'y' | 'p'): Tensor =>
    sg.tensor2d(
      examples.flatMap((e) => e[key]),
      [COUNT, width],
    );
  const [y, p] = [tensorOf('y'), tensorOf('p')];
  const allowed = (part: Row['value'], k: number): number => {
    const e = examples[k] as (typeof examples)[number];
    return typeof part[1] === 'number' ? part[1] : part[1](e.y, e.p);
  };
  const worst = (got: ArrayLike<number>, per: number, part: Row['value'], want: (k: number, i: number) => number) => {
    let found: Record<string, unknown> & { ulps: number } = { ulps: 0 };
    for (let k = 0; k < COUNT; k++) {
      const e = examples[k] as (typeof examples)[number];
      if (!at(e.y, e.p)) continue;
      for (let i = 0; i < per; i++) {
        const [wanted, value] = [want(k, i), got[k * per + i] as number];
        const ulps = errorOf(value, wanted, allowed(part, k));
        if (ulps > found.ulps)
          found = { ulps, y: e.y.join(' '), p: e.p.join(' '), i, wanted: `${wanted}`, value: `${value}` };
      }
    }
    if (REPORT) console.log(name, found);
    return found;
  };

  it('values', () => {
    const got = sg.tidy(() => loss(y, p).dataSync());
    const found = worst(got, 1, value, (k) => exact(examples[k]?.y as number[], examples[k]?.p as number[]));
    expect(found.ulps <= value[0], JSON.stringify(found)).toBe(true);
  });

  it('slopes', () => {
    const g = sg.grad((t: Tensor) => loss(y, t))(p, sg.ones(loss(y, p).shape));
    const found = worst(g.dataSync(), width, slopes, (k, i) =>
      slope(examples[k]?.y as number[], examples[k]?.p as number[], i),
    );
    expect(found.ulps <= slopes[0], JSON.stringify(found)).toBe(true);
  });
});

it('every loss has a row', () => {
  // What has tables of its own: a sum of losses, embeddings of a whole batch, and a loss of the last layer's operand.
  const elsewhere = ['computeWeightedLoss', 'Reduction', 'circle', 'perceptron'];
  const same: Record<string, string> = { logcosh: 'logCosh' };
  const missing = Object.keys(losses).filter((name) => !elsewhere.includes(name) && !((same[name] ?? name) in rows));
  expect(missing).toEqual([]);
});

it('softmax has slopes of 0 for logits that count nothing', () => {
  const x = sg.tensor2d([[Number.NEGATIVE_INFINITY, 1, 2]]);
  expect([...sg.softmax(x).dataSync()][0]).toBe(0);
  const slopes = [
    ...sg
      .grad((t: Tensor) => losses.sparseCategoricalCrossentropy({ fromLogits: true })(sg.tensor1d([1]), t) as Tensor)(
        x,
        sg.ones([1]),
      )
      .dataSync(),
  ];
  expect(slopes[0]).toBe(0);
  expect(slopes.every(Number.isFinite)).toBe(true);
});

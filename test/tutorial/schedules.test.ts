/** "Deep Learning Basics", 3.3: learning rates that change, by their formulas and in trainings beside float64. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import { accuracyOf, loadIris, mean, regression, rowsOf, START, softmaxRegression, weightsOf } from './data';

const S = sg.schedules;
beforeEach(() => sg.setSeed(1));
const iris = await loadIris();
const [xs, held, labels, heldLabels] = sg.preprocessing.trainTestSplit(
  sg.preprocessing.standardScaler().fitTransform(iris.x),
  iris.labels,
  { testSize: 0.2, randomState: 42, stratify: iris.labels },
);
const rows = rowsOf(xs);
const y = sg.tensor1d(labels, 'int32');

type Rate = (t: number) => number;
const half = (part: number): number => (1 + Math.cos(Math.PI * part)) / 2;
const EPOCHS = 40;
/** 120 flowers in batches of 24. */
const BATCH = 24;

const table: [name: string, schedule: sg.Schedule, formula: Rate][] = [
  ['constant', S.constant(0.5), () => 0.5],
  ['time-based: lr0 / (1 + kt)', S.timeBased(0.8, 0.1), (t) => 0.8 / (1 + 0.1 * t)],
  [
    'step-based: lr0 drop^floor((1 + epoch) / epochsDrop)',
    S.stepBased({ initialLearningRate: 0.8, drop: 0.5, epochsDrop: 10 }),
    (t) => 0.8 * 0.5 ** Math.floor((1 + t) / 10),
  ],
  ['exponential: lr0 e^(-kt)', S.exponential(0.8, 0.05), (t) => 0.8 * Math.exp(-0.05 * t)],
  ['exponentialDecay', S.exponentialDecay(0.8, 10, 0.7), (t) => 0.8 * 0.7 ** (t / 10)],
  ['inverseTimeDecay', S.inverseTimeDecay(0.8, 10, 0.5), (t) => 0.8 / (1 + (0.5 * t) / 10)],
  [
    'piecewiseConstantDecay',
    S.piecewiseConstantDecay([8, 25], [0.8, 0.3, 0.1]),
    (t) => (t <= 8 ? 0.8 : t <= 25 ? 0.3 : 0.1),
  ],
  ['polynomialDecay', S.polynomialDecay(0.8, 30, 0.1, 2), (t) => 0.7 * (1 - Math.min(t, 30) / 30) ** 2 + 0.1],
  ['cosineDecay', S.cosineDecay(0.8, 40, 0.1), (t) => 0.8 * (0.9 * half(Math.min(t, 40) / 40) + 0.1)],
  [
    'cosineDecayRestarts, of 10, 20, 40 …',
    S.cosineDecayRestarts(0.8, 10),
    (t) => {
      // Cosine number n begins at 10 (2^n - 1).
      const n = Math.floor(Math.log2(t / 10 + 1));
      return 0.8 * half((t - 10 * (2 ** n - 1)) / (10 * 2 ** n));
    },
  ],
  [
    'warmup, then time-based',
    S.warmup(S.timeBased(0.8, 0.1), 5),
    (t) => (t < 5 ? 0.16 * t : 0.8 / (1 + 0.1 * (t - 5))),
  ],
  [
    'oneCycle',
    S.oneCycle({ maxLearningRate: 0.8, totalSteps: 200, pctStart: 0.25 }),
    (t) => {
      const [low, end, peak] = [0.8 / 25, 0.8 / 25 / 1e4, 49];
      const part = Math.min(1, (t - peak) / (199 - peak));
      return t < peak ? 0.8 + (low - 0.8) * half(t / peak) : end + (0.8 - end) * half(part);
    },
  ],
];

/** Gradient descent in float64 with a rate for each step; a step is a batch of consecutive rows. */
function descend(rates: readonly number[], batchSize: number): number[] {
  let weights: number[] = [...START];
  rates.forEach((rate, step) => {
    const from = (step * batchSize) % labels.length;
    const { gradient } = softmaxRegression(
      weights,
      rows.slice(from, from + batchSize),
      labels.slice(from, from + batchSize),
    );
    weights = weights.map((w, i) => w - rate * (gradient[i] as number));
  });
  return weights;
}

describe.each(table)('%s', (_, schedule, formula) => {
  const lossOf = (weights: readonly number[]): number => softmaxRegression(weights, rows, labels).loss;

  it('by epochs, as the callback sets them', async () => {
    const model = regression(sg.train.sgd(0.1), {}, START);
    const { history } = await model.fit(xs, y, {
      epochs: EPOCHS,
      batchSize: labels.length,
      shuffle: false,
      verbose: 0,
      callbacks: sg.callbacks.learningRateScheduler(schedule),
    });
    const rates = Array.from({ length: EPOCHS }, (__, t) => formula(t));
    expectClose(history.learningRate as number[], rates, 1e-12);
    const expected = descend(rates, labels.length);
    expectClose(weightsOf(model), expected, 1e-5);
    expect(lossOf(expected)).toBeLessThan(0.8 * lossOf(START));
  });

  it('by steps, as the optimizer takes them', async () => {
    const optimizer = sg.train.sgd(schedule);
    const model = regression(optimizer, {}, START);
    const seen: number[] = [];
    const onBatchBegin = (): void => {
      seen.push(optimizer.learningRate);
    };
    const args = { epochs: EPOCHS, batchSize: BATCH, shuffle: false, verbose: 0, callbacks: { onBatchBegin } };
    await model.fit(xs, y, args);
    const rates = Array.from({ length: (EPOCHS * labels.length) / BATCH }, (__, t) => formula(t));
    expectClose(seen, rates, 1e-12);
    expectClose(weightsOf(model), descend(rates, BATCH), 2e-5);
    expect(accuracyOf(model, held, heldLabels)).toBeGreaterThan(0.8);
  });

  it('is saved with its optimizer', () => {
    const again = S.deserialize(JSON.parse(JSON.stringify(S.serialize(schedule))));
    for (const t of [0, 1, 9, 10, 37, 150, 500]) expect(again(t)).toBe(schedule(t));
  });
});

describe('the lessons of the text', () => {
  it('a rate too low takes long, and one that decays calms what a constant one makes dance', async () => {
    /** Costs over all flowers after each epoch of stochastic descent. */
    const costs = async (rate: number | sg.Schedule): Promise<number[]> => {
      sg.setSeed(3);
      const model = regression(sg.train.sgd(0.1), {}, START);
      const found: number[] = [];
      const onEpochEnd = (): void => {
        found.push(softmaxRegression(weightsOf(model), rows, labels).loss);
      };
      const schedule = sg.callbacks.learningRateScheduler(typeof rate === 'number' ? () => rate : rate);
      await model.fit(xs, y, { epochs: 30, batchSize: 1, verbose: 0, callbacks: [schedule, { onEpochEnd }] });
      return found;
    };
    const jumps = (v: number[]): number => mean(v.slice(1).map((c, i) => Math.abs(c - (v[i] as number))));
    const [slow, constant, decaying] = [await costs(1e-4), await costs(0.5), await costs(S.exponential(0.5, 0.15))];
    expect(slow.at(-1)).toBeGreaterThan(4 * (decaying.at(-1) as number));
    expect(jumps(constant.slice(-10))).toBeGreaterThan(5 * jumps(decaying.slice(-10)));
  });

  it('stuck on a plateau: the rate is reduced', async () => {
    const model = regression(sg.train.sgd(0.5), {}, START);
    // No change of the loss is large enough, but the first one.
    const reduce = sg.callbacks.reduceLROnPlateau({ monitor: 'loss', minDelta: 100, factor: 0.5, patience: 4 });
    const { history } = await model.fit(xs, y, { epochs: 13, batchSize: 120, verbose: 0, callbacks: reduce });
    const expected = Array.from({ length: 13 }, (_, epoch) => 0.5 * 0.5 ** Math.floor(Math.max(0, epoch - 1) / 4));
    expect(history.learningRate).toEqual(expected);
  });
});

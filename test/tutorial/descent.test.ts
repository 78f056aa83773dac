/** "Deep Learning Basics", 3.2: gradient descent in its three forms, beside float64. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import { loadIris, mean, norm, numbers, regression, rowsOf, START, softmaxRegression, weightsOf } from './data';

beforeEach(() => sg.setSeed(1));
const iris = await loadIris();
const scaled = sg.preprocessing.standardScaler().fitTransform(iris.x);
// Species in turn: descent by examples in the order of the file would see one of them at a time.
const order = iris.labels.map((_, i) => (i % 3) * 50 + Math.floor(i / 3));
const x = sg.gather(scaled, order);
const rows = rowsOf(x);
const labels = order.map((i) => iris.labels[i] as number);
const y = sg.tensor1d(labels, 'int32');
const COUNT = labels.length;

/** Batch by batch w -= α dw with the mean gradient of the batch; the loss of each batch, before its step. */
function descend(rate: number, batchSize: number, epochs: number): { weights: number[]; losses: number[] } {
  let weights: number[] = [...START];
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++)
    for (let at = 0; at < COUNT; at += batchSize) {
      const batch = softmaxRegression(weights, rows.slice(at, at + batchSize), labels.slice(at, at + batchSize));
      losses.push(batch.loss);
      weights = weights.map((w, i) => w - rate * (batch.gradient[i] as number));
    }
  return { weights, losses };
}

/** The same by the library. */
async function train(rate: number, batchSize: number, epochs: number, shuffle = false) {
  const model = regression(sg.train.sgd(rate), {}, START);
  const losses: number[] = [];
  const onBatchEnd = (_batch: number, logs: sg.Logs = {}): void => {
    losses.push(logs.loss as number);
  };
  const { history } = await model.fit(x, y, { batchSize, epochs, shuffle, verbose: 0, callbacks: { onBatchEnd } });
  return { model, losses, history };
}

const rises = (v: readonly number[]): number => v.filter((a, i) => i > 0 && a > (v[i - 1] as number)).length;

describe('w = w - α dw', () => {
  it('the gradient of a batch is the mean of those of its examples', () => {
    const of = (from: number, count: number): number[] => {
      const model = regression(sg.train.sgd(0.1), {}, START);
      const [bx, by] = [x.slice(from, count), y.slice(from, count)];
      const { grads } = sg.variableGrads(() =>
        sg.losses.sparseCategoricalCrossentropy(by, model.apply(bx) as sg.Tensor),
      );
      return model.trainableWeights.flatMap((w) => numbers(grads[w.name] as sg.Tensor));
    };
    const each = Array.from({ length: 20 }, (_, i) => of(30 + i, 1));
    const batch = of(30, 20);
    expectClose(
      batch,
      batch.map((_, k) => mean(each.map((g) => g[k] as number))),
      1e-6,
    );
    expectClose(batch, softmaxRegression(START, rows.slice(30, 50), labels.slice(30, 50)).gradient, 1e-6);
  });

  it.each([
    ['batch: all examples, one step an epoch', COUNT, 60, 60],
    ['stochastic: one example at a time', 1, 3, 3 * COUNT],
    ['mini-batch: 32 of them, and a last short one', 32, 12, 12 * 5],
  ])('%s', async (_, batchSize, epochs, steps) => {
    const { model, losses, history } = await train(0.1, batchSize, epochs);
    const expected = descend(0.1, batchSize, epochs);
    expect(model.optimizer.iterations).toBe(steps);
    expect(losses).toHaveLength(steps);
    expectClose(losses, expected.losses, 1e-5);
    expectClose(weightsOf(model), expected.weights, 2e-5);
    // An epoch's loss is the mean over its examples, not over its batches.
    const sizes = Array.from({ length: Math.ceil(COUNT / batchSize) }, (__, b) =>
      Math.min(batchSize, COUNT - b * batchSize),
    );
    const first = sizes.reduce((sum, size, b) => sum + size * (expected.losses[b] as number), 0) / COUNT;
    expect(history.loss?.[0]).toBeCloseTo(first, 5);
  });

  it('a rate beyond 2 / the largest curvature diverges', async () => {
    // The petal's width by the other three: a cost that is a parabola.
    const [inputs, targets] = sg.split(x, [3, 1], 1) as [sg.Tensor, sg.Tensor];
    const costs = async (rate: number): Promise<number[]> => {
      const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [3] })] });
      model.compile({ optimizer: sg.train.sgd(rate), loss: 'meanSquaredError' });
      return (await model.fit(inputs, targets, { batchSize: COUNT, epochs: 60, verbose: 0 })).history.loss as number[];
    };
    // By power iteration on the matrix 2 Xᵀ X / n.
    let v = [1, 1, 1];
    let curvature = 0;
    for (let i = 0; i < 50; i++) {
      const xv = rows.map((r) => v.reduce((s, a, k) => s + a * (r[k] as number), 0));
      const next = v.map((_, k) => (2 * xv.reduce((s, a, r) => s + a * (rows[r]?.[k] as number), 0)) / COUNT);
      curvature = norm(next);
      v = next.map((a) => a / curvature);
    }
    const [below, above] = [await costs(1.9 / curvature), await costs(2.1 / curvature)];
    expect(rises(below)).toBe(0);
    expect(below.at(-1)).toBeLessThan(0.1);
    expect(above.at(-1)).toBeGreaterThan(10 * (above[20] as number));
  });
});

describe('how the cost goes', () => {
  it('batch descent: smoothly down, in every epoch', async () => {
    const { losses } = await train(0.1, COUNT, 100);
    expect(rises(losses)).toBe(0);
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 3);
  });

  it('stochastic descent: with fluctuations, but down in the long run', async () => {
    const { losses, history } = await train(0.1, 1, 10, true);
    expect(rises(losses) / losses.length).toBeGreaterThan(0.3);
    const tenths = Array.from({ length: 10 }, (_, i) => mean(losses.slice(i * COUNT, (i + 1) * COUNT)));
    expectClose(history.loss as number[], tenths, 1e-5);
    expect(tenths[9]).toBeLessThan((tenths[0] as number) / 2);
  });

  it('mini-batches fluctuate less than single examples, and more than all', async () => {
    /** How much the cost rises in a step, on average. */
    const swing = async (batchSize: number): Promise<number> => {
      const { losses } = await train(0.05, batchSize, 10, true);
      return mean(losses.slice(1).map((v, i) => Math.max(0, v - (losses[i] as number))));
    };
    const [all, some, one] = [await swing(COUNT), await swing(32), await swing(1)];
    expect(all).toBe(0);
    expect(some).toBeGreaterThan(0.001);
    expect(one).toBeGreaterThan(2 * some);
  });

  it('a constant rate dances around the minimum, which batch descent approaches', async () => {
    const cost = (model: sg.LayersModel): number => softmaxRegression(weightsOf(model), rows, labels).loss;
    // Weights without bound would fit separable species ever better: a penalty gives the cost a minimum.
    const costsOf = async (batchSize: number, epochs: number) => {
      const model = regression(sg.train.sgd(0.2), { kernelRegularizer: sg.regularizers.l2({ l2: 0.02 }) });
      const costs: number[] = [];
      const penalized = (): number =>
        cost(model) +
        0.02 *
          weightsOf(model)
            .slice(0, 12)
            .reduce((s, w) => s + w * w, 0);
      const onEpochEnd = (): void => {
        costs.push(penalized());
      };
      await model.fit(x, y, { batchSize, epochs, verbose: 0, callbacks: { onEpochEnd } });
      return costs;
    };
    const smooth = await costsOf(COUNT, 600);
    const minimum = smooth.at(-1) as number;
    expect(rises(smooth.slice(0, 100))).toBe(0);
    expect((smooth[500] as number) - minimum).toBeLessThan(1e-4);
    const late = (await costsOf(1, 40)).slice(20);
    expect(rises(late)).toBeGreaterThan(4);
    expect(Math.min(...late)).toBeGreaterThan(minimum);
    expect(mean(late)).toBeGreaterThan(minimum + 5e-3);
  });

  it('each form learns the species', async () => {
    for (const [batchSize, epochs] of [
      [COUNT, 150],
      [32, 30],
      [1, 5],
    ] as const) {
      const { history } = await train(0.1, batchSize, epochs, true);
      expect(history.acc?.at(-1), `batches of ${batchSize}`).toBeGreaterThan(0.9);
    }
  });
});

describe('a ravine', () => {
  /** Points on the way down (x² + 25 y²) / 2 from (10, 1). */
  function walk(optimizer: sg.Optimizer, steps: number): [x: number, y: number][] {
    const w = sg.variable(sg.tensor1d([10, 1]));
    const step = sg.jit(() => optimizer.minimize(() => w.square().mul([0.5, 12.5]).sum()));
    return Array.from({ length: steps }, () => {
      step();
      return numbers(w) as [number, number];
    });
  }
  const flips = (path: readonly [number, number][]): number =>
    path.filter(([, b], i) => b * (path[i - 1]?.[1] ?? 1) < 0).length;

  it('descent bounces from side to side, by its formula', () => {
    const path = walk(sg.train.sgd(0.07), 25);
    expect(flips(path)).toBe(25);
    path.forEach(([a, b], i) => {
      expect(a).toBeCloseTo(10 * 0.93 ** (i + 1), 4);
      expect(b).toBeCloseTo((1 - 0.07 * 25) ** (i + 1), 4);
    });
  });

  it('with a large rate it leaves the ravine', () => {
    const path = walk(sg.train.sgd(0.09), 25);
    expect(Math.abs(path.at(-1)?.[1] as number)).toBeGreaterThan(100);
  });

  it('momentum dampens the bounces and stands the rate', () => {
    const expected: [number, number][] = [];
    let [a, b, va, vb] = [10, 1, 0, 0];
    for (let i = 0; i < 25; i++) {
      [va, vb] = [0.9 * va + 0.1 * a, 0.9 * vb + 0.1 * 25 * b];
      [a, b] = [a - 0.09 * va, b - 0.09 * vb];
      expected.push([a, b]);
    }
    const path = walk(sg.train.momentum({ learningRate: 0.09, momentum: 0.9, dampening: true }), 25);
    expectClose(path.flat(), expected.flat(), 1e-5);
    expect(flips(path)).toBeLessThan(6);
    expect(Math.abs(path.at(-1)?.[1] as number)).toBeLessThan(1);
  });
});

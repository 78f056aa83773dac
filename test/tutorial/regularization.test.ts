/** "Deep Learning Basics", 3.4: penalties on weights and biases, limits on them, dropout, early stopping. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import {
  accuracyOf,
  loadDigits,
  loadIris,
  mean,
  norm,
  numbers,
  regression,
  rowsOf,
  START,
  softmaxRegression,
  sum,
  weightsOf,
} from './data';

const R = sg.regularizers;
beforeEach(() => sg.setSeed(1));
const iris = await loadIris();
const x = sg.preprocessing.standardScaler().fitTransform(iris.x);
const rows = rowsOf(x);
const y = sg.tensor1d(iris.labels, 'int32');
const { train, test } = loadDigits(1000, 500);
const { loss, gradient } = softmaxRegression(START, rows, iris.labels);

/** Iris in one step of gradient descent on the sum of the losses, as the text has it: L = Σ L⁽ⁱ⁾ + penalty. */
async function step(args: Parameters<typeof regression>[1], rate = 0.001) {
  const total = sg.losses.sparseCategoricalCrossentropy({ reduction: 'sum' });
  const model = regression(sg.train.sgd(rate), args, START, total);
  const [tested] = model.evaluate(x, y, { batchSize: 150 }) as sg.Tensor[];
  const [trained] = (await model.trainOnBatch(x, y)) as number[];
  return { losses: [tested?.dataSync()[0], trained], weights: weightsOf(model) };
}

interface Penalty {
  readonly regularizer: sg.regularizers.Regularizer;
  /** What all weights together cost. */
  readonly cost: (w: readonly number[]) => number;
  /** Its derivative by a weight. */
  readonly slope: (w: number) => number;
}
const squares = (w: readonly number[]): number => sum(w.map((v) => v * v));
const sizes = (w: readonly number[]): number => sum(w.map(Math.abs));

const penalties: Record<string, Penalty> = {
  'L2: λ (‖w‖² + ‖b‖²)': {
    regularizer: R.l2({ l2: 0.7 }),
    cost: (w) => 0.7 * squares(w),
    slope: (w) => 1.4 * w,
  },
  'L1: λ (|w| + |b|)': {
    regularizer: R.l1({ l1: 0.7 }),
    cost: (w) => 0.7 * sizes(w),
    slope: (w) => 0.7 * Math.sign(w),
  },
  'both: λ₁ (|w| + |b|) + λ₂ (‖w‖² + ‖b‖²)': {
    regularizer: R.l1l2({ l1: 0.3, l2: 0.4 }),
    cost: (w) => 0.3 * sizes(w) + 0.4 * squares(w),
    slope: (w) => 0.3 * Math.sign(w) + 0.8 * w,
  },
};

describe.each(Object.entries(penalties))('%s', (_, { regularizer, cost, slope }) => {
  const moved = (isPenalized: (i: number) => boolean): number[] =>
    START.map((w, i) => w - 0.001 * (150 * (gradient[i] as number) + (isPenalized(i) ? slope(w) : 0)));

  it('with the bias, as the formula has it: loss, and a step', async () => {
    const found = await step({ kernelRegularizer: regularizer, biasRegularizer: regularizer });
    for (const value of found.losses) expect(value).toBeCloseTo(150 * loss + cost(START), 3);
    expectClose(
      found.weights,
      moved(() => true),
      1e-6,
    );
  });

  it('without the bias, as is common', async () => {
    const found = await step({ kernelRegularizer: regularizer });
    for (const value of found.losses) expect(value).toBeCloseTo(150 * loss + cost(START.slice(0, 12)), 3);
    expectClose(
      found.weights,
      moved((i) => i < 12),
      1e-6,
    );
  });
});

describe('a penalty α Ω of your own', () => {
  it('is added to the mean loss J, over all batches of an epoch', async () => {
    const cube = {
      className: 'Cube',
      apply: (w: sg.Tensor) => sg.abs(w).pow(3).sum().mul(0.2),
      getConfig: () => ({}),
    };
    const model = regression(sg.train.sgd(0.1), { kernelRegularizer: cube }, START);
    const expected = loss + 0.2 * sum(START.slice(0, 12).map((w) => Math.abs(w) ** 3));
    for (const batchSize of [150, 32, 1]) {
      const [value] = model.evaluate(x, y, { batchSize }) as sg.Tensor[];
      expect(value?.dataSync()[0]).toBeCloseTo(expected, 5);
    }
  });
});

/** Digits by a softmax alone. */
async function reader(regularizer?: sg.regularizers.Regularizer): Promise<{ weights: number[]; accuracy: number }> {
  sg.setSeed(8);
  const model = sg.sequential({
    layers: [
      sg.layers.dense({
        units: 10,
        activation: 'softmax',
        inputShape: [784],
        ...(regularizer && { kernelRegularizer: regularizer }),
      }),
    ],
  });
  model.compile({ optimizer: sg.train.sgd(0.1), loss: 'sparseCategoricalCrossentropy' });
  await model.fit(train.x, train.y, { epochs: 25, batchSize: 50, verbose: 0 });
  return { weights: weightsOf(model).slice(0, 7840), accuracy: accuracyOf(model, test.x, test.labels) };
}

describe('on digits', () => {
  const zeros = (w: readonly number[]): number => mean(w.map((v) => Number(Math.abs(v) < 1e-3)));

  it('L2 makes weights smaller, large ones most; L1 makes many of them zero', async () => {
    const [none, weak, l2, l1] = [
      await reader(),
      await reader(R.l2({ l2: 0.003 })),
      await reader(R.l2({ l2: 0.03 })),
      await reader(R.l1({ l1: 0.003 })),
    ];
    expect(norm(weak.weights)).toBeLessThan(norm(none.weights));
    expect(norm(l2.weights)).toBeLessThan(norm(weak.weights) / 2);
    expect(zeros(l1.weights)).toBeGreaterThan(0.6);
    expect(zeros(l2.weights)).toBeLessThan(0.4);
    for (const { accuracy } of [none, weak, l2, l1]) expect(accuracy).toBeGreaterThan(0.75);
  });

  it('follow the regularized leader, whose L1 gives zeros that are exact', async () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 10, activation: 'softmax', inputShape: [784] })] });
    const optimizer = sg.train.ftrl({ learningRate: 0.1, l1RegularizationStrength: 0.05 });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    await model.fit(train.x, train.y, { epochs: 10, batchSize: 50, verbose: 0 });
    expect(mean(weightsOf(model).map((w) => Number(w === 0)))).toBeGreaterThan(0.3);
    expect(accuracyOf(model, test.x, test.labels)).toBeGreaterThan(0.75);
  });
});

describe('orthogonal weights', () => {
  /** Mean |cosine| of two different columns. */
  const overlap = (kernel: readonly number[], width: number): number => {
    const columns = Array.from({ length: width }, (_, k) => kernel.filter((__, i) => i % width === k));
    const pairs = columns.flatMap((a, i) => columns.slice(i + 1).map((b) => [a, b] as const));
    const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((v, i) => v * (b[i] as number)));
    return mean(pairs.map(([a, b]) => Math.abs(dot(a, b)) / (norm(a) * norm(b))));
  };

  it('cost the mean cosine between units, times a factor, which training drives down', async () => {
    const regularizer = R.orthogonal({ factor: 0.5, mode: 'columns' });
    const { losses } = await step({ kernelRegularizer: regularizer });
    const expected = 150 * loss + 0.5 * overlap(START.slice(0, 12), 3);
    for (const value of losses) expect(value).toBeCloseTo(expected, 3);

    const train = async (factor: number): Promise<number> => {
      sg.setSeed(4);
      const hidden = { units: 4, activation: 'tanh', kernelRegularizer: R.orthogonal({ factor, mode: 'columns' }) };
      const model = sg.sequential({
        layers: [sg.layers.dense({ ...hidden, inputShape: [4] }), sg.layers.dense({ units: 3, activation: 'softmax' })],
      });
      model.compile({ optimizer: sg.train.adam(0.01), loss: 'sparseCategoricalCrossentropy' });
      await model.fit(x, y, { epochs: 40, batchSize: 25, verbose: 0 });
      expect(accuracyOf(model, x, iris.labels)).toBeGreaterThan(0.9);
      return overlap(weightsOf(model).slice(0, 16), 4);
    };
    expect(await train(1)).toBeLessThan(0.05);
    expect(await train(0)).toBeGreaterThan(0.2);
  });
});

describe('limits on weights', () => {
  const unitNorms = (w: readonly number[]): number[] =>
    [0, 1, 2].map((k) => norm(w.slice(0, 12).filter((_, i) => i % 3 === k)));

  it('maxNorm: after a step a unit that is too long is shortened, others stay', async () => {
    const free = (await step({}, 0.01)).weights;
    const limit = unitNorms(free).sort((a, b) => a - b)[1] as number;
    const { weights } = await step({ kernelConstraint: sg.constraints.maxNorm({ maxValue: limit }) }, 0.01);
    const before = unitNorms(free);
    const expected = free.map((w, i) => (i < 12 ? w * Math.min(1, limit / (before[i % 3] as number)) : w));
    expectClose(weights, expected, 2e-6);
    expect(Math.max(...before)).toBeGreaterThan(1.02 * limit);
  });

  it('maxNorm and nonNeg hold after every step of a training', async () => {
    const run = async (constraint?: sg.constraints.Constraint) => {
      const model = regression(sg.train.sgd(0.3), constraint ? { kernelConstraint: constraint } : {}, START);
      const seen: number[][] = [];
      const onBatchEnd = (): void => {
        seen.push(weightsOf(model).slice(0, 12));
      };
      await model.fit(x, y, { epochs: 15, batchSize: 32, verbose: 0, callbacks: { onBatchEnd } });
      return { seen, accuracy: accuracyOf(model, x, iris.labels) };
    };
    const [free, short, positive] = [
      await run(),
      await run(sg.constraints.maxNorm({ maxValue: 1 })),
      await run(sg.constraints.nonNeg()),
    ];
    const longest = ({ seen }: typeof free): number => Math.max(...seen.flatMap(unitNorms));
    expect(longest(free)).toBeGreaterThan(1.5);
    expect(longest(short)).toBeLessThanOrEqual(1 + 1e-6);
    expect(Math.min(...free.seen.flat())).toBeLessThan(-0.5);
    expect(Math.min(...positive.seen.flat())).toBeGreaterThanOrEqual(0);
    for (const { accuracy } of [free, short, positive]) expect(accuracy).toBeGreaterThan(0.8);
  });
});

describe('dropout', () => {
  it('sets units to zero at random while training, scales the others, and rests afterwards', () => {
    sg.setSeed(1);
    const layer = sg.layers.dropout({ rate: 0.3 });
    const input = sg.ones([100, 100]);
    const call = (training: boolean): number[] => numbers(layer.apply(input, { training }) as sg.Tensor);
    const [first, second, resting] = [call(true), call(true), call(false)];
    const dropped = mean(first.map((v) => Number(v === 0)));
    // Four standard deviations of ten thousand draws.
    expect(Math.abs(dropped - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 1e4));
    for (const v of first) if (v !== 0) expect(v).toBeCloseTo(1 / 0.7, 6);
    expect(mean(first.map((v, i) => Number(v === second[i])))).toBeLessThan(0.7);
    expect(resting).toEqual(numbers(input));
  });
});

/** A network with room for more than the digits have to say. */
function network(rate: number, l2 = 0): sg.Sequential {
  sg.setSeed(6);
  const hidden = { units: 128, activation: 'relu', kernelRegularizer: R.l2({ l2 }) };
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ ...hidden, inputShape: [784] }),
      sg.layers.dropout({ rate }),
      sg.layers.dense(hidden),
      sg.layers.dropout({ rate }),
      sg.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: sg.train.adam(0.001), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}
const few = [train.x.slice(0, 200), train.y.slice(0, 200)] as const;
const validationData = [test.x, test.y] as const;
const args = { batchSize: 25, validationData, verbose: 0 };

describe('against overfitting', () => {
  it('dropout and L2 keep a network from learning the noise in its data', async () => {
    // Three labels of ten are wrong.
    const noisy = train.labels.map((k, i) => (i % 10 < 3 ? (k + 1 + (i % 9)) % 10 : k));
    const wrong = noisy.flatMap((_, i) => (i % 10 < 3 ? [i] : []));
    const learn = async (model: sg.Sequential): Promise<{ memorized: number; accuracy: number }> => {
      await model.fit(train.x, sg.tensor1d(noisy, 'int32'), { batchSize: 50, epochs: 40, verbose: 0 });
      const memorized = accuracyOf(
        model,
        sg.gather(train.x, wrong),
        wrong.map((i) => noisy[i] as number),
      );
      return { memorized, accuracy: accuracyOf(model, test.x, test.labels) };
    };
    const [none, dropout, l2, both] = [
      await learn(network(0)),
      await learn(network(0.5)),
      await learn(network(0, 0.01)),
      await learn(network(0.5, 0.003)),
    ];
    expect(none.memorized).toBeGreaterThan(0.95);
    for (const { memorized } of [dropout, l2]) expect(memorized).toBeLessThan(0.85);
    expect(both.memorized).toBeLessThan(0.7);
    for (const { accuracy } of [dropout, both]) expect(accuracy).toBeGreaterThan(none.accuracy + 0.05);
  });

  it('early stopping ends when the validation loss no longer falls, with the weights of its best epoch', async () => {
    const model = network(0);
    const weights: number[][] = [];
    const onEpochEnd = (): void => {
      weights.push(weightsOf(model));
    };
    const stop = sg.callbacks.earlyStopping({ patience: 4, restoreBestWeights: true });
    const { history } = await model.fit(...few, { ...args, epochs: 200, callbacks: [{ onEpochEnd }, stop] });
    const losses = history.val_loss as number[];
    const best = losses.indexOf(Math.min(...losses));
    expect(losses).toHaveLength(best + 5);
    expect([stop.bestEpoch, stop.stoppedEpoch, stop.best]).toEqual([best, best + 4, losses[best]]);
    // The training loss would have gone on.
    expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[best] as number);
    expect(weightsOf(model)).toEqual(weights[best]);
    expect(weights.at(-1)).not.toEqual(weights[best]);
    const [loss] = model.evaluate(...validationData) as sg.Tensor[];
    expect(loss?.dataSync()[0]).toBe(Math.fround(losses[best] as number));
  });

  it('without restoring, the weights of the last epoch stay', async () => {
    const model = network(0);
    const stop = sg.callbacks.earlyStopping({ patience: 4 });
    const { history } = await model.fit(...few, { ...args, epochs: 200, callbacks: stop });
    const [loss] = model.evaluate(...validationData) as sg.Tensor[];
    expect(loss?.dataSync()[0]).toBe(Math.fround(history.val_loss?.at(-1) as number));
    expect(stop.bestEpoch).toBe((history.val_loss?.length as number) - 5);
  });
});

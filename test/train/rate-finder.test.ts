/** The learning-rate finder: what it tries, what it suggests, and that everything is as before. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random, weightsOf } from '../models/helpers';

const x = random(1, [90, 8]);
const y = sg.oneHot(sg.argMax(x.matMul(random(2, [8, 3])), -1), 3);

function build(optimizer: () => sg.Optimizer = () => sg.train.adam(0.01)): sg.Sequential {
  sg.setSeed(5);
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 16, inputShape: [8] }),
      sg.layers.batchNormalization(),
      sg.layers.activation({ activation: 'relu' }),
      sg.layers.dropout({ rate: 0.3 }),
      sg.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: optimizer(), loss: 'categoricalCrossentropy' });
  return model;
}

const sha = (model: sg.Sequential): string =>
  createHash('sha256')
    .update(new Uint8Array(new Float32Array(weightsOf(model).flat()).buffer))
    .update(`${model.optimizer.iterations} ${model.optimizer.learningRate}`)
    .update(new Uint8Array(sg.randomUniform([5]).dataSync<'float32'>().buffer))
    .digest('hex');

const fitArgs = { epochs: 2, batchSize: 16, verbose: 0 };

describe('findLearningRate', () => {
  it.each([
    ['adam', () => sg.train.adam(0.01)],
    ['momentum', () => sg.train.momentum(0.01, 0.9)],
    ['rmsprop', () => sg.train.rmsprop(0.01)],
    ['sgd', () => sg.train.sgd(0.01)],
  ] as const)('%s: the training before and after goes on as if it had not been', async (_, optimizer) => {
    const plain = build(optimizer);
    await plain.fit(x, y, fitArgs);
    await plain.fit(x, y, fitArgs);
    const expected = sha(plain);
    const model = build(optimizer);
    await model.fit(x, y, fitArgs);
    const between = weightsOf(model);
    const { losses } = await sg.train.findLearningRate(model, x, y, { batchSize: 16, minRate: 1e-4 });
    expect(losses.length).toBeGreaterThan(10);
    expect(weightsOf(model)).toEqual(between);
    expect(model.isTraining).toBe(false);
    await model.fit(x, y, fitArgs);
    expect(sha(model)).toBe(expected);
  });

  it('rates grow by one factor from the first to the last', async () => {
    const { rates, losses, smoothed } = await sg.train.findLearningRate(build(), x, y, {
      minRate: 1e-6,
      maxRate: 1e-2,
      steps: 41,
    });
    expect([rates.length, losses.length, smoothed.length]).toEqual([41, 41, 41]);
    expect(rates[0]).toBe(1e-6);
    rates.forEach((r, i) => {
      expect(r / 10 ** (-6 + i / 10)).toBeCloseTo(1, 12);
    });
  });

  it('losses are those of the batches: running means with the bias of the start taken out', async () => {
    const args = { steps: 9, smoothing: 0.75, stopFactor: Infinity };
    const { losses, smoothed } = await sg.train.findLearningRate(build(), x, y, args);
    losses.forEach((_, i) => {
      const parts = losses.slice(0, i + 1).map((l, k) => l * 0.75 ** (i - k));
      const weights = parts.map((__, k) => 0.75 ** (i - k));
      const sum = (v: number[]): number => v.reduce((a, b) => a + b, 0);
      expect(smoothed[i]).toBeCloseTo(sum(parts) / sum(weights), 10);
    });
  });

  it('the same every time; another seed takes other batches', async () => {
    const find = (seed: number) => sg.train.findLearningRate(build(), x, y, { seed, steps: 20 });
    const [a, b, c] = [await find(1), await find(1), await find(2)];
    expect(a).toEqual(b);
    expect(a.losses).not.toEqual(c.losses);
  });

  it('the suggestion trains better than a rate 1000 times smaller, and the search ends when the loss grows', async () => {
    const model = build(() => sg.train.sgd(1));
    const { suggestion, rates, smoothed } = await sg.train.findLearningRate(model, x, y, {
      minRate: 1e-5,
      maxRate: 1e6,
    });
    expect(rates.length).toBeLessThan(100);
    expect(smoothed.at(-1)).toBeGreaterThan(4 * Math.min(...smoothed));
    const lossWith = async (rate: number): Promise<number> => {
      const fresh = build(() => sg.train.sgd(rate));
      const { history } = await fresh.fit(x, y, { epochs: 10, verbose: 0 });
      return history.loss?.at(-1) as number;
    };
    expect(suggestion).toBeGreaterThan(1e-3);
    const found = suggestion as number;
    expect(await lossWith(found)).toBeLessThan((await lossWith(found / 1000)) - 0.1);
  });

  it('a loss that is no number ends it; none that falls, no suggestion', async () => {
    const model = build();
    const loss = (t: sg.Tensor, p: sg.Tensor): sg.Tensor => sg.sub(p, t).div(0).abs();
    model.compile({ optimizer: 'sgd', loss });
    const before = weightsOf(model);
    const { losses, suggestion } = await sg.train.findLearningRate(model, x, y);
    expect(losses).toHaveLength(1);
    expect(suggestion).toBeUndefined();
    expect(weightsOf(model)).toEqual(before);
  });

  it('fewer examples than a batch, several inputs by name', async () => {
    const [a, b] = [sg.input({ shape: [4], name: 'a' }), sg.input({ shape: [4], name: 'b' })];
    const joined = sg.layers.concatenate().apply([a, b]) as sg.SymbolicTensor;
    const model = sg.model({
      inputs: [a, b],
      outputs: sg.layers.dense({ units: 1 }).apply(joined) as sg.SymbolicTensor,
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mse'] });
    const data = { a: random(1, [1, 4]), b: random(2, [1, 4]) };
    const { rates } = await sg.train.findLearningRate(model, data, random(3, [1, 1]), { steps: 5, maxRate: 1e-3 });
    expect(rates).toHaveLength(5);
  });

  it.each([
    [{ minRate: 0 }, /minRate/],
    [{ minRate: 2, maxRate: 1 }, /minRate/],
    [{ maxRate: Infinity }, /maxRate/],
    [{ steps: 1 }, /steps/],
    [{ batchSize: 0 }, /batchSize/],
    [{ smoothing: 1 }, /smoothing/],
    [{ stopFactor: NaN }, /stopFactor/],
  ])('%j is refused', async (args, message) => {
    const found = sg.train.findLearningRate(build(), x, y, args);
    await expect(found).rejects.toThrow(sg.ArgumentError);
    await expect(found).rejects.toThrow(message);
  });

  it('so are data that does not fit, stateful layers, and a model that is being trained', async () => {
    await expect(sg.train.findLearningRate(build(), x, y.slice(0, 3))).rejects.toThrow(sg.ArgumentError);
    const lstm = sg.layers.lstm({ units: 2, stateful: true, batchInputShape: [4, 3, 2] });
    const stateful = sg.sequential({ layers: [lstm] });
    stateful.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await expect(sg.train.findLearningRate(stateful, random(1, [4, 3, 2]), random(1, [4, 2]))).rejects.toThrow(
      /stateful/,
    );
    const model = build();
    const fit = model.fit(x, y, { ...fitArgs, yieldEvery: 0 });
    await expect(sg.train.findLearningRate(model, x, y)).rejects.toThrow(sg.StateError);
    await fit;
  });
});

/** Optimizers against float64: twenty steps on a problem that can be followed by hand. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import { linear, random, values, weightsOf } from './helpers';

type Update = (w: number, g: number, state: number[], step: number) => number;

const STEPS = 20;

/** One step of one parameter; `state` starts as zeros. */
const rules: Record<string, { make: () => sg.Optimizer; update: Update }> = {
  sgd: { make: () => sg.train.sgd(0.1), update: (w, g) => w - 0.1 * g },
  momentum: {
    make: () => sg.train.momentum(0.05, 0.8),
    update: (w, g, s) => {
      s[0] = 0.8 * (s[0] as number) + g;
      return w - 0.05 * (s[0] as number);
    },
  },
  nesterov: {
    make: () => sg.train.momentum(0.05, 0.8, true),
    update: (w, g, s) => {
      s[0] = 0.8 * (s[0] as number) + g;
      return w - 0.05 * (g + 0.8 * (s[0] as number));
    },
  },
  rmsprop: {
    make: () => sg.train.rmsprop(0.02, 0.7, 0.3, 1e-5),
    update: (w, g, s) => {
      s[0] = 0.7 * (s[0] as number) + 0.3 * g * g;
      s[1] = 0.3 * (s[1] as number) + (0.02 * g) / Math.sqrt((s[0] as number) + 1e-5);
      return w - (s[1] as number);
    },
  },
  'rmsprop, centered': {
    make: () => sg.train.rmsprop(0.02, 0.7, 0.3, 1e-3, true),
    update: (w, g, s) => {
      s[0] = 0.7 * (s[0] as number) + 0.3 * g * g;
      s[2] = 0.7 * (s[2] as number) + 0.3 * g;
      const variance = Math.max((s[0] as number) - (s[2] as number) ** 2, 0);
      s[1] = 0.3 * (s[1] as number) + (0.02 * g) / Math.sqrt(variance + 1e-3);
      return w - (s[1] as number);
    },
  },
  adam: {
    make: () => sg.train.adam(0.03, 0.8, 0.95, 1e-6),
    update: (w, g, s, step) => {
      s[0] = 0.8 * (s[0] as number) + 0.2 * g;
      s[1] = 0.95 * (s[1] as number) + 0.05 * g * g;
      const [m, v] = [(s[0] as number) / (1 - 0.8 ** step), (s[1] as number) / (1 - 0.95 ** step)];
      return w - (0.03 * m) / (Math.sqrt(v) + 1e-6);
    },
  },
};

const x = random(1, [7, 3]);
const y = random(2, [7, 2]);

/** Weights after each step of y = x w + b with the mean squared error, in float64. */
function reference(start: number[][], update: Update): number[][][] {
  const [xs, ys] = [values(x), values(y)];
  const weights = start.map((w) => [...w]) as [number[], number[]];
  const states = weights.map((w) => w.map(() => [0, 0, 0]));
  return Array.from({ length: STEPS }, (_, step) => {
    const slopes = [new Array<number>(6).fill(0), new Array<number>(2).fill(0)] as [number[], number[]];
    for (let n = 0; n < 7; n++) {
      for (let u = 0; u < 2; u++) {
        let out = weights[1][u] as number;
        for (let k = 0; k < 3; k++) out += (xs[3 * n + k] as number) * (weights[0][2 * k + u] as number);
        const slope = (2 * (out - (ys[2 * n + u] as number))) / 14;
        for (let k = 0; k < 3; k++)
          slopes[0][2 * k + u] = (slopes[0][2 * k + u] as number) + slope * (xs[3 * n + k] as number);
        slopes[1][u] = (slopes[1][u] as number) + slope;
      }
    }
    weights.forEach((w, p) => {
      w.forEach((v, i) => {
        w[i] = update(v, slopes[p]?.[i] as number, states[p]?.[i] as number[], step + 1);
      });
    });
    return weights.map((w) => [...w]);
  });
}

function prepared(optimizer: sg.Optimizer | string): sg.Sequential {
  const model = linear(3, 2);
  model.setWeights([random(3, [3, 2]), random(4, [2])]);
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}

describe.each(Object.entries(rules))('%s', (_, { make, update }) => {
  it('twenty steps', async () => {
    const model = prepared(make());
    const expected = reference(weightsOf(model), update);
    for (const weights of expected) {
      await model.trainOnBatch(x, y);
      weightsOf(model).forEach((w, i) => {
        expectClose(w, weights[i] as number[], 4e-6, `weight ${i}`);
      });
    }
    expect(model.optimizer.iterations).toBe(STEPS);
  });

  it('a gradient of zero moves nothing, and all stays finite', async () => {
    const model = linear(3, 2);
    const start = [random(3, [3, 2]), random(4, [2])];
    model.setWeights(start);
    model.compile({ optimizer: make(), loss: (t, p) => t.mul(p).mul(0) });
    for (let i = 0; i < 3; i++) await model.trainOnBatch(x, y);
    expect(weightsOf(model)).toEqual(start.map(values));
  });

  it('keeps state of its own for each parameter, and none across compile', async () => {
    const [once, again] = [prepared(make()), prepared(make())];
    await again.trainOnBatch(x, y);
    again.setWeights([random(3, [3, 2]), random(4, [2])]);
    again.compile({ optimizer: make(), loss: 'meanSquaredError' });
    for (const m of [once, again]) await m.trainOnBatch(x, y);
    expect(weightsOf(again)).toEqual(weightsOf(once));
  });
});

describe('settings', () => {
  it.each([
    ['sgd', { learningRate: 0.01 }],
    ['rmsprop', { learningRate: 0.001, decay: 0.9, momentum: 0, epsilon: 1e-7, centered: false }],
    ['adam', { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
  ])('%s by name has the defaults of TensorFlow.js', (name, config) => {
    const model = prepared(name);
    expect(model.optimizer.getConfig()).toEqual(config);
    expect((sg.train as unknown as Record<string, () => sg.Optimizer>)[name]?.().getConfig()).toEqual(config);
  });

  it('a new learning rate takes effect with the next step', async () => {
    const model = prepared(sg.train.sgd(0));
    const before = weightsOf(model);
    await model.trainOnBatch(x, y);
    expect(weightsOf(model)).toEqual(before);
    model.optimizer.learningRate = 0.1;
    await model.trainOnBatch(x, y);
    const expected = reference(before, rules.sgd?.update as Update)[0] as number[][];
    weightsOf(model).forEach((w, i) => {
      expectClose(w, expected[i] as number[], 1e-6);
    });
  });

  it('bias correction lasts: ten thousand steps of Adam on a constant slope', async () => {
    const model = linear(1, 1, { useBias: false, kernelInitializer: 'zeros' });
    model.compile({ optimizer: sg.train.adam(0.001), loss: (_, p) => p });
    const one = sg.ones([1, 1]);
    for (let i = 0; i < 10_000; i++) await model.trainOnBatch(one, one);
    // Every step is rate * 1 / (1 + epsilon).
    expectClose(weightsOf(model)[0] as number[], [-10], 2e-4);
  });
});

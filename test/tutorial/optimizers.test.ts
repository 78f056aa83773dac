/** "Deep Learning Basics", 3.3: every optimizer that the text names, by its formula and on handwritten digits. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import { accuracyOf, loadDigits, loadIris, regression, rowsOf, START, softmaxRegression, weightsOf } from './data';

const T = sg.train;
const iris = await loadIris();
const x = sg.preprocessing.standardScaler().fitTransform(iris.x);
const rows = rowsOf(x);
const y = sg.tensor1d(iris.labels, 'int32');
const { train, test } = loadDigits(4000, 1000);

/** What is taken off a weight with gradient g in step t (from 1); `s` is the weight's own and starts with zeros. */
type Rule = (g: number, t: number, s: { v: number; s: number; top: number }) => number;
const [B1, B2] = [0.9, 0.999];

/** The moments of Adam, their bias corrected. */
function moments(g: number, t: number, s: Parameters<Rule>[2]): [first: number, second: number] {
  s.v = B1 * s.v + (1 - B1) * g;
  s.s = B2 * s.s + (1 - B2) * g * g;
  return [s.v / (1 - B1 ** t), s.s / (1 - B2 ** t)];
}

/** Name, optimizer and rule for a rate; rates for iris and for digits. */
type Row = [name: string, make: (rate: number) => sg.Optimizer, rule: (rate: number) => Rule, rates: [number, number]];
const table: Row[] = [
  ['gradient descent: w -= α dw', (a) => T.sgd(a), (a) => (g) => a * g, [0.02, 0.2]],
  [
    'momentum: v = βv + (1-β) dw, w -= α v',
    (a) => T.momentum({ learningRate: a, momentum: 0.9, dampening: true }),
    (a) => (g, _, s) => {
      s.v = 0.9 * s.v + 0.1 * g;
      return a * s.v;
    },
    [0.02, 0.2],
  ],
  [
    'Adagrad: v += dw², w -= α / √(v + ε) dw',
    (a) => T.adagrad({ learningRate: a, initialAccumulatorValue: 0, epsilon: 1e-6 }),
    (a) => (g, _, s) => {
      s.v += g * g;
      return (a / Math.sqrt(s.v + 1e-6)) * g;
    },
    [0.02, 0.02],
  ],
  [
    'RMSprop: v = βv + (1-β) dw², w -= α / (√v + ε) dw',
    (a) => T.rmsprop({ learningRate: a, rho: 0.9, epsilon: 1e-6, epsilonInRoot: false }),
    (a) => (g, _, s) => {
      s.v = 0.9 * s.v + 0.1 * g * g;
      return (a / (Math.sqrt(s.v) + 1e-6)) * g;
    },
    [0.02, 0.002],
  ],
  [
    // The text's last line multiplies by dw once more, which the paper it quotes does not.
    'Adam: w -= α v̂ / (√ŝ + ε), β 0.9 and 0.999, ε 1e-8',
    (a) => T.adam({ learningRate: a, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
    (a) => (g, t, s) => {
      const [v, second] = moments(g, t, s);
      return (a * v) / (Math.sqrt(second) + 1e-8);
    },
    [0.02, 0.002],
  ],
  [
    'AdaDelta (Zeiler, 2012)',
    (a) => T.adadelta({ learningRate: a, rho: 0.95, epsilon: 1e-6 }),
    (a) => (g, _, s) => {
      s.v = 0.95 * s.v + 0.05 * g * g;
      const step = (Math.sqrt(s.s + 1e-6) / Math.sqrt(s.v + 1e-6)) * g;
      s.s = 0.95 * s.s + 0.05 * step * step;
      return a * step;
    },
    [1, 1],
  ],
  [
    'AdaMax (Kingma and Ba, 2015, 7.1)',
    (a) => T.adamax(a),
    (a) => (g, t, s) => {
      s.v = B1 * s.v + (1 - B1) * g;
      s.s = Math.max(B2 * s.s, Math.abs(g));
      return (a / (1 - B1 ** t)) * (s.v / (s.s + 1e-7));
    },
    [0.02, 0.002],
  ],
  [
    'Nadam (Dozat, 2016)',
    (a) => T.nadam(a),
    (a) => (g, t, s) => {
      const share = (k: number): number => B1 * (1 - 0.5 * 0.96 ** k);
      const product = (k: number): number =>
        Array.from({ length: k }, (_, i) => share(i + 1)).reduce((p, m) => p * m, 1);
      const [, second] = moments(g, t, s);
      const first = (share(t + 1) * s.v) / (1 - product(t + 1)) + ((1 - share(t)) * g) / (1 - product(t));
      return (a * first) / (Math.sqrt(second) + 1e-7);
    },
    [0.02, 0.002],
  ],
  [
    'AMSGrad (Reddi, Kale and Kumar, 2018)',
    (a) => T.amsgrad(a),
    (a) => (g, t, s) => {
      const [v] = moments(g, t, s);
      s.top = Math.max(s.top, s.s);
      return (a * v) / (Math.sqrt(s.top / (1 - B2 ** t)) + 1e-7);
    },
    [0.02, 0.002],
  ],
  [
    'RAdam (Liu et al., 2020)',
    (a) => T.radam(a),
    (a) => (g, t, s) => {
      const [v, second] = moments(g, t, s);
      const longest = 2 / (1 - B2) - 1;
      const length = longest - (2 * t * B2 ** t) / (1 - B2 ** t);
      // Not before the variance can be told: until then momentum alone.
      if (length <= 5) return a * v;
      const rectified = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
      return (a * rectified * v) / (Math.sqrt(second) + 1e-7);
    },
    [0.02, 0.002],
  ],
];

describe.each(table)('%s', (_, make, rule, [forIris, forDigits]) => {
  it('is the formula, in twelve steps on iris', async () => {
    const model = regression(make(forIris), {}, START);
    let weights: number[] = [...START];
    const states = weights.map(() => ({ v: 0, s: 0, top: 0 }));
    for (let t = 1; t <= 12; t++) {
      const { loss, gradient } = softmaxRegression(weights, rows, iris.labels);
      const [found] = (await model.trainOnBatch(x, y)) as number[];
      expect(found).toBeCloseTo(loss, 5);
      const off = weights.map((__, i) => rule(forIris)(gradient[i] as number, t, states[i] as (typeof states)[0]));
      weights = weights.map((w, i) => w - (off[i] as number));
      expectClose(weightsOf(model), weights, 1e-5, `step ${t}`);
    }
    // Far enough from where it began for the comparison to tell.
    expect(Math.max(...weights.map((w, i) => Math.abs(w - (START[i] as number))))).toBeGreaterThan(0.005);
  });

  it('reads nine of ten digits that it has not seen', async () => {
    sg.setSeed(5);
    const model = sg.sequential();
    model.add(sg.layers.dense({ units: 64, activation: 'relu', inputShape: [784] }));
    model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
    model.compile({ optimizer: make(forDigits), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const { history } = await model.fit(train.x, train.y, { epochs: 10, batchSize: 32, verbose: 0 });
    expect(history.loss?.at(-1)).toBeLessThan((history.loss?.[0] as number) / 2);
    const accuracy = accuracyOf(model, test.x, test.labels);
    expect(accuracy).toBeGreaterThan(0.9);
    const [, reported] = model.evaluate(test.x, test.y) as [sg.Tensor, sg.Tensor];
    expect(reported.dataSync()[0]).toBeCloseTo(accuracy, 6);
  });
});

describe('the lessons of the text', () => {
  it('Adagrad: its rate decays with every step; RMSprop: it does not always', () => {
    /** Size of the steps for a gradient that is 1 and later 0.1. */
    const steps = (optimizer: sg.Optimizer): number[] => {
      const w = sg.variable(sg.tensor1d([0]));
      return Array.from({ length: 60 }, (_, i) => {
        const before = w.dataSync()[0] as number;
        optimizer.minimize(() => w.mul(i < 20 ? 1 : 0.1).sum());
        return before - (w.dataSync()[0] as number);
      });
    };
    const rates = (v: number[]): number[] => v.map((step, i) => step / (i < 20 ? 1 : 0.1));
    const adagrad = rates(steps(T.adagrad({ learningRate: 0.1, initialAccumulatorValue: 0 })));
    adagrad.slice(1).forEach((r, i) => expect(r).toBeLessThan(adagrad[i] as number));
    const rmsprop = rates(steps(T.rmsprop({ learningRate: 0.1, rho: 0.9 })));
    expect(rmsprop[59]).toBeGreaterThan(5 * (rmsprop[19] as number));
  });

  it('AMSGrad keeps in mind the largest second moment, which Adam forgets', () => {
    /** The step of gradient 0.01 long after one of 10. */
    const step = (optimizer: sg.Optimizer): number => {
      const w = sg.variable(sg.tensor1d([0]));
      const move = sg.jit((g: sg.Tensor) => optimizer.minimize(() => w.mul(g).sum()));
      move(sg.tensor1d([10]));
      for (let i = 0; i < 300; i++) move(sg.tensor1d([0.01]));
      const before = w.dataSync()[0] as number;
      move(sg.tensor1d([0.01]));
      return before - (w.dataSync()[0] as number);
    };
    const settings = { learningRate: 0.1, beta2: 0.9 };
    expect(step(T.adam(settings))).toBeCloseTo(0.1, 3);
    expect(step(T.amsgrad(settings))).toBeCloseTo((0.1 * 0.01) / Math.sqrt(10), 5);
  });
});

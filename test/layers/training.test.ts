/** Layers that do something else while training: noise, penalties, spectral normalization, the perceptron. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose, expectSameBits } from '../support/compare';
import { uniform } from '../support/random';

type Tensor = sg.Tensor;
const values = (t: Tensor): number[] => [...t.dataSync()];
const train = (layer: sg.Layer, x: Tensor): Tensor => layer.apply(x, { training: true });
const moments = (v: readonly number[]): [number, number] => {
  const mean = v.reduce((a, b) => a + b, 0) / v.length;
  return [mean, v.reduce((a, b) => a + (b - mean) ** 2, 0) / v.length];
};

describe('noise', () => {
  const makers: Record<string, (seed?: number) => sg.Layer> = {
    dropout: (seed) => sg.layers.dropout({ rate: 0.4, ...(seed !== undefined && { seed }) }),
    spatialDropout1d: (seed) => sg.layers.spatialDropout1d({ rate: 0.4, ...(seed !== undefined && { seed }) }),
    alphaDropout: (seed) => sg.layers.alphaDropout({ rate: 0.4, ...(seed !== undefined && { seed }) }),
    gaussianDropout: (seed) => sg.layers.gaussianDropout({ rate: 0.4, ...(seed !== undefined && { seed }) }),
    gaussianNoise: (seed) => sg.layers.gaussianNoise({ stddev: 0.4, ...(seed !== undefined && { seed }) }),
  };

  it.each(Object.keys(makers))('%s: nothing at inference, by its seed in training, anew in each step', async (name) => {
    const make = makers[name] as (seed?: number) => sg.Layer;
    const x = sg.tensor(uniform(1, 240), [4, 6, 10]);
    expectSameBits(make(1).apply(x), x);
    expectSameBits(train(make(5), x), train(make(5), x));
    expect(values(train(make(5), x))).not.toEqual(values(train(make(6), x)));
    const again = make(5);
    const copy = sg.serialization.deserializeLayer(JSON.parse(JSON.stringify(sg.serialization.serializeLayer(again))));
    expectSameBits(train(copy, x), train(again, x));
    const model = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape: [6, 10] }), make(7)] });
    model.compile({ optimizer: 'sgd', loss: (_: Tensor, p: Tensor) => p.square() });
    const losses = [await model.trainOnBatch(x, x), await model.trainOnBatch(x, x), await model.trainOnBatch(x, x)];
    expect(new Set(losses).size).toBe(3);
  });

  it.each(Object.keys(makers))('%s: anew in each of several calls of one step', (name) => {
    const make = makers[name] as (seed?: number) => sg.Layer;
    const x = sg.tensor(uniform(1, 240), [4, 6, 10]);
    const [layer, twin] = [make(5), make(5)];
    const pair = (own: sg.Layer) => sg.jit((t: Tensor) => [train(own, t), train(own, t)] as [Tensor, Tensor]);
    const [program, other] = [pair(layer), pair(twin)];
    const [a, b] = program(x);
    expect(values(a)).not.toEqual(values(b));
    const [c, d] = other(x);
    expectSameBits(c, a);
    expectSameBits(d, b);
  });

  it('a loop in a step draws other numbers than what stands before it', async () => {
    const x = sg.tensor(uniform(1, 240), [4, 6, 10]);
    const input = sg.input({ shape: [6, 10] });
    const shared = sg.layers.dropout({ rate: 0.4, seed: 9 });
    const views = [shared.apply(input), sg.layers.timeDistributed({ layer: shared }).apply(input)];
    const model = sg.model({ inputs: input, outputs: sg.layers.subtract().apply(views) });
    model.compile({ optimizer: 'sgd', loss: (_: Tensor, p: Tensor) => p.square() });
    expect(await model.trainOnBatch(x, x)).toBeGreaterThan(0);
  });

  it.each([...Object.keys(makers), 'lstm', 'randomFlip'])(
    '%s: anew in each call, the bits of as many calls of one program',
    (name) => {
      const others: Record<string, () => sg.Layer> = {
        lstm: () =>
          sg.layers.lstm({ units: 3, dropout: 0.5, recurrentDropout: 0.5, seed: 5, kernelInitializer: 'ones' }),
        randomFlip: () => sg.layers.randomFlip({ seed: 5 }),
      };
      const make = (): sg.Layer => (others[name] ?? (() => makers[name]?.(5)))() as sg.Layer;
      const [one, other, third] = [make(), make(), make()];
      const x = sg.tensor(uniform(1, 240), name === 'randomFlip' ? [4, 6, 5, 2] : [4, 6, 10]);
      for (const layer of [one, other, third]) layer.apply(x);
      other.setWeights(one.getWeights());
      third.setWeights(one.getWeights());
      const program = sg.jit((t: Tensor) => train(other, t));
      const value = sg.valueAndGrad((t) => train(third, t).square().sum());
      const seen = new Set<string>();
      for (let call = 0; call < 3; call++) {
        const y = train(one, x);
        expectSameBits(y, program(x));
        expectSameBits(y.square().sum(), value(x).value);
        seen.add(values(y).join());
      }
      expect(seen.size).toBe(3);
    },
  );

  it('drops whole channels', () => {
    for (const [layer, shape, channels] of [
      [sg.layers.spatialDropout1d({ rate: 0.5, seed: 1 }), [5, 7, 8], 2],
      [sg.layers.spatialDropout2d({ rate: 0.5, seed: 1 }), [5, 3, 2, 8], 3],
      [sg.layers.spatialDropout2d({ rate: 0.5, seed: 1, dataFormat: 'channelsFirst' }), [5, 8, 3, 2], 1],
      [sg.layers.spatialDropout3d({ rate: 0.5, seed: 1 }), [5, 3, 2, 2, 8], 4],
    ] as const) {
      const y = train(layer, sg.ones(shape));
      const space = shape.map((_, i) => i).filter((i) => i !== 0 && i !== channels);
      const kept = y.mean(space);
      // All of a channel of an example, or nothing of it.
      expect(new Set(values(kept))).toEqual(new Set([0, 2]));
      expect(kept.shape).toEqual([5, 8]);
    }
  });

  it('alphaDropout keeps mean and variance of what selu gives', () => {
    const x = sg.randomNormal([200, 500], 0, 1, 'float32', 3);
    const before = moments(values(x.selu()));
    const after = moments(values(train(sg.layers.alphaDropout({ rate: 0.3, seed: 2 }), x.selu())));
    expect(Math.abs(before[0] - after[0])).toBeLessThan(0.02);
    expect(Math.abs(before[1] - after[1])).toBeLessThan(0.03);
  });

  it('gaussian noise has the deviation that is asked for', () => {
    const [mean, variance] = moments(
      values(train(sg.layers.gaussianNoise({ stddev: 0.5, seed: 1 }), sg.zeros([300, 300]))),
    );
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(variance - 0.25)).toBeLessThan(0.005);
    const [one, spread] = moments(
      values(train(sg.layers.gaussianDropout({ rate: 0.2, seed: 1 }), sg.ones([300, 300]))),
    );
    expect(Math.abs(one - 1)).toBeLessThan(0.01);
    expect(Math.abs(spread - 0.25)).toBeLessThan(0.005);
  });

  it('refuses rates outside [0, 1) and negative deviations', () => {
    for (const rate of [-0.1, 1, Number.NaN]) {
      expect(() => sg.layers.alphaDropout({ rate })).toThrow(sg.ArgumentError);
      expect(() => sg.layers.gaussianDropout({ rate })).toThrow(sg.ArgumentError);
      expect(() => sg.layers.spatialDropout1d({ rate })).toThrow(sg.ArgumentError);
    }
    expect(() => sg.layers.gaussianNoise({ stddev: -1 })).toThrow(sg.ArgumentError);
    expect(() => sg.layers.spatialDropout2d({ rate: 0.5 }).apply(sg.input({ shape: [3] }))).toThrow(sg.ShapeError);
  });
});

it('activityRegularization adds its penalty, divided by the batch', async () => {
  const model = sg.sequential({ layers: [sg.layers.activityRegularization({ l1: 0.5, l2: 0.25, inputShape: [2] })] });
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  const x = sg.tensor2d([
    [1, -2],
    [3, 0],
  ]);
  // 0.5 · 6 + 0.25 · 14, over two examples.
  expect(await model.trainOnBatch(x, x)).toBeCloseTo(3.25, 6);
});

describe('spectralNormalization', () => {
  /** Largest singular value, by many power iterations in float64. */
  function norm(w: readonly number[], rows: number, columns: number): number {
    let u = Array.from({ length: columns }, (_, i) => 1 + i / 7);
    let size = 0;
    for (let k = 0; k < 200; k++) {
      const v = Array.from({ length: rows }, (_, i) =>
        u.reduce((s, x, j) => s + x * (w[i * columns + j] as number), 0),
      );
      u = u.map((_, j) => v.reduce((s, x, i) => s + x * (w[i * columns + j] as number), 0));
      size = Math.hypot(...u);
      u = u.map((x) => x / size);
    }
    return Math.sqrt(size);
  }

  it('brings the largest singular value to 1, in training only', async () => {
    const inner = sg.layers.dense({ units: 3, useBias: false, inputShape: [5] });
    const model = sg.sequential({
      layers: [sg.layers.spectralNormalization({ layer: inner, inputShape: [5], powerIterations: 30 })],
    });
    const x = sg.tensor(uniform(2, 20), [4, 5]);
    const kernel = sg.tensor(uniform(3, 15), [5, 3]);
    inner.setWeights([kernel]);
    const before = norm(values(kernel), 5, 3);
    expectSameBits(model.predict(x), x.matMul(kernel));
    expectSameBits(inner.getWeights()[0] as Tensor, kernel);
    model.compile({ optimizer: sg.train.sgd(0), loss: 'mse' });
    const loss = (await model.trainOnBatch(x, sg.zeros([4, 3]))) as number;
    const after = values(inner.getWeights()[0] as Tensor);
    expect(norm(after, 5, 3)).toBeCloseTo(1, 4);
    expectClose(
      after,
      values(kernel).map((v) => v / before),
      1e-4,
      'kernel',
    );
    expectClose([loss], [moments(values(x.matMul(sg.tensor(after, [5, 3])).square()))[0]], 1e-5, 'loss');
  });

  it('steps from the divided kernel, as Keras does', async () => {
    const inner = sg.layers.dense({ units: 1, useBias: false });
    const model = sg.sequential({ layers: [sg.layers.spectralNormalization({ layer: inner, inputShape: [1] })] });
    inner.setWeights([sg.tensor2d([[4]])]);
    model.compile({ optimizer: sg.train.sgd(0.5), loss: (_: Tensor, p: Tensor) => p });
    const x = sg.tensor2d([[2]]);
    // The kernel becomes 1; d(kernel · x) / d kernel is 2.
    expect(await model.trainOnBatch(x, x)).toBeCloseTo(2, 6);
    expectClose(inner.getWeights().flatMap(values), [0], 1e-6, 'kernel');
  });

  it('needs a kernel', () => {
    const layer = sg.layers.spectralNormalization({ layer: sg.layers.reLU() });
    expect(() => layer.apply(sg.zeros([1, 2]))).toThrow(sg.ArgumentError);
    expect(() => sg.layers.spectralNormalization({ layer: sg.layers.dense({ units: 1 }), powerIterations: 0 })).toThrow(
      sg.ArgumentError,
    );
  });
});

describe('perceptron', () => {
  const make = (rate: number): sg.Sequential => {
    const model = sg.sequential({
      layers: [sg.layers.dense({ units: 1, activation: 'step', kernelInitializer: 'zeros', inputShape: [2] })],
    });
    model.compile({ optimizer: sg.train.sgd(rate), loss: 'perceptron', metrics: ['accuracy'] });
    return model;
  };

  it("learns by Rosenblatt's rule, example by example", async () => {
    const model = make(0.25);
    const [xs, ys] = [
      Array.from({ length: 40 }, (_, i) => [...uniform(i, 2)] as [number, number]),
      Array.from({ length: 40 }, (_, i) =>
        (uniform(i, 2)[0] as number) * 2 + (uniform(i, 2)[1] as number) > 0.2 ? 1 : 0,
      ),
    ];
    const [w, b] = [[0, 0], [0]] as [number[], number[]];
    for (let epoch = 0; epoch < 2; epoch++) {
      await model.fit(sg.tensor2d(xs), sg.tensor2d(ys, [40, 1]), { batchSize: 1, shuffle: false });
      xs.forEach((x, i) => {
        const output = x[0] * (w[0] as number) + x[1] * (w[1] as number) + (b[0] as number) > 0 ? 1 : 0;
        const step = 0.25 * ((ys[i] as number) - output);
        x.forEach((v, k) => {
          w[k] = (w[k] as number) + step * v;
        });
        b[0] = (b[0] as number) + step;
      });
      expectClose(model.getWeights().flatMap(values), [...w, ...b], 1e-6, 'weights');
    }
  });

  it('learns AND, OR and NOT, but never XOR', async () => {
    const x = sg.tensor2d([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    const learn = async (y: number[]): Promise<number[]> => {
      const model = make(1);
      await model.fit(x, sg.tensor2d(y, [4, 1]), { batchSize: 1, epochs: 25 });
      return values(model.predict(x));
    };
    for (const y of [
      [0, 0, 0, 1],
      [0, 1, 1, 1],
      [1, 1, 0, 0],
    ])
      expect(await learn(y)).toEqual(y);
    expect(await learn([0, 1, 1, 0])).not.toEqual([0, 1, 1, 0]);
  });

  it('needs a step', () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: 'sgd', loss: 'perceptron' });
    expect(() => model.evaluate(sg.zeros([1, 2]), sg.zeros([1, 1]))).toThrow(/activation 'step'/);
  });
});

/** Training in chunks, in one process: against plain references, and against training on whole batches. */
import { describe, expect, test, vi } from 'vitest';
import * as sg from '../../src';
import { training } from '../../src/distributed/distribute';
import { alone } from '../../src/distributed/world';
import { engine } from '../../src/runtime/engine';
import type { Optimizer } from '../../src/train/optimizers/optimizer';

const world = training({ ...alone });
const { layers } = sg;

/** Features, classes, and sequences of whole numbers, always the same. */
const examples = (count: number, shape: readonly number[]) => {
  const x = sg.randomNormal([count, ...shape], 0, 1, 'float32', 5);
  return { x, y: sg.oneHot(sg.randomUniform([count], 0, 3, 'int32', 6), 3) };
};

const dense = (units: number, more: object = {}) => layers.dense({ units, activation: 'relu', ...more });
const softmax = () => layers.dense({ units: 3, activation: 'softmax' });

/** Models by name: the shape of an example, and layers. */
const MODELS: Record<string, readonly [readonly number[], () => sg.layers.Layer[]]> = {
  'an MLP': [[5], () => [dense(8), softmax()]],
  'a CNN with batch normalization and dropout': [
    [6, 6, 2],
    () => [
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }),
      layers.batchNormalization({ momentum: 0.5 }),
      layers.activation({ activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      softmax(),
    ],
  ],
  'an LSTM': [[4, 3], () => [layers.lstm({ units: 6, dropout: 0.2 }), softmax()]],
  'a Transformer block': [
    [4, 6],
    () => [
      layers.layerNormalization(),
      layers.dense({ units: 6, activation: 'gelu' }),
      layers.globalAveragePooling1d({}),
      softmax(),
    ],
  ],
  'penalties and constraints': [
    [5],
    () => [
      dense(8, {
        kernelRegularizer: sg.regularizers.l2({ l2: 0.1 }),
        activityRegularizer: sg.regularizers.l1({ l1: 0.1 }),
      }),
      layers.dense({ units: 3, activation: 'softmax', kernelConstraint: sg.constraints.maxNorm({ maxValue: 0.5 }) }),
    ],
  ],
  'noise and batch normalization over another axis': [
    [4, 3],
    () => [
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.batchNormalization({ axis: 1 }),
      layers.flatten({}),
      softmax(),
    ],
  ],
  'masked steps': [
    [4, 3],
    () => [layers.masking({}), layers.batchNormalization(), layers.gru({ units: 5 }), softmax()],
  ],
};

const OPTIMIZERS: Record<string, () => Optimizer> = {
  sgd: () => sg.train.sgd({ learningRate: 0.1 }),
  adam: () => sg.train.adam({ learningRate: 0.003, epsilon: 1e-3 }),
  'clipped by the global norm': () => sg.train.momentum({ learningRate: 0.05, momentum: 0.9, globalClipNorm: 0.5 }),
  'clipped one by one, gathered': () =>
    sg.train.sgd({ learningRate: 0.1, clipNorm: 0.1, gradientAccumulationSteps: 2 }),
  lamb: () => sg.train.lamb({ learningRate: 0.01, epsilon: 1e-3 }),
};

const build = (name: string, optimizer: () => Optimizer, loss: unknown = 'categoricalCrossentropy') => {
  sg.setSeed(3);
  const [shape, make] = MODELS[name] as (typeof MODELS)[string];
  const model = sg.sequential();
  model.add(layers.inputLayer({ inputShape: [...shape] }));
  for (const layer of make()) model.add(layer);
  model.compile({ optimizer: optimizer(), loss: loss as string, metrics: ['accuracy', 'meanSquaredError', 'auc'] });
  return model;
};

const valuesOf = (model: sg.LayersModel): Float32Array[] =>
  sg.tidy(() => model.getWeights().map((w) => w.dataSync<'float32'>()));

function expectClose(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[], tolerance = 2e-5): void {
  for (const [i, list] of a.entries())
    for (const [k, value] of Array.from(list).entries()) {
      const other = b[i]?.[k] as number;
      expect(Math.abs(value - other), `${i}[${k}]: ${value} and ${other}`).toBeLessThanOrEqual(
        tolerance * Math.max(1, Math.abs(value)),
      );
    }
}

describe('as training on whole batches, but for rounding', () => {
  for (const name of Object.keys(MODELS))
    test.each(Object.entries(OPTIMIZERS))(`${name}, %s`, async (_, optimizer) => {
      const run = async (args: sg.FitArgs) => {
        const model = build(name, optimizer);
        const { x, y } = examples(45, (MODELS[name] as (typeof MODELS)[string])[0]);
        const { history } = await model.fit(x, y, {
          epochs: 2,
          batchSize: 20,
          validationSplit: 0.2,
          verbose: 0,
          ...args,
        });
        return { weights: valuesOf(model), history: Object.values(history) as number[][] };
      };
      const whole = await run({});
      const chunked = await run({ distribute: world, chunk: 8 });
      expectClose(chunked.weights, whole.weights);
      expectClose(chunked.history, whole.history);
    });

  test.each([
    ['a sum', { reduction: 'sum' }],
    ['weighted means', { reduction: 'meanWithSampleWeight' }],
  ])('losses that are %s, with weights of the examples', async (_, settings) => {
    const run = async (args: sg.FitArgs) => {
      const loss = sg.losses.meanSquaredError(settings as object);
      const model = build('an MLP', () => sg.train.sgd(0.05), loss);
      const { x, y } = examples(30, [5]);
      const sampleWeight = sg.linspace(0, 2, 30);
      const { history } = await model.fit(x, y, { epochs: 2, batchSize: 20, sampleWeight, verbose: 0, ...args });
      return { weights: valuesOf(model), history: Object.values(history) as number[][] };
    };
    const whole = await run({});
    const chunked = await run({ distribute: world, chunk: 8 });
    expectClose(chunked.weights, whole.weights);
    expectClose(chunked.history, whole.history);
  });

  test('a loss that is one number for a batch counts by the examples of its chunks', async () => {
    const run = async (args: sg.FitArgs) => {
      const loss = (y: sg.Tensor, p: sg.Tensor) => sg.mean(sg.square(sg.sub(y, p)));
      const model = build('an MLP', () => sg.train.sgd(0.1), loss);
      const { x, y } = examples(30, [5]);
      const { history } = await model.fit(x, y, { epochs: 2, batchSize: 20, verbose: 0, ...args });
      return { weights: valuesOf(model), history: Object.values(history) as number[][] };
    };
    const chunked = await run({ distribute: world, chunk: 8 });
    const whole = await run({});
    expectClose(chunked.weights, whole.weights);
    expectClose(chunked.history, whole.history);
  });
});

test('the bits are those of the tree of gradients that the chunks have by themselves', async () => {
  const { x, y } = examples(52, [5]);
  const model = build('an MLP', () => sg.train.adam({ learningRate: 0.01 }));
  const variables = model.weights as unknown as sg.Variable[];
  const copies = variables.map((v) => sg.variable(sg.clone(v)));
  const [w1, b1, w2, b2] = copies as [sg.Variable, sg.Variable, sg.Variable, sg.Variable];
  const optimizer = sg.train.adam({ learningRate: 0.01 });
  const predict = (t: sg.Tensor) => t.matMul(w1).add(b1).relu().matMul(w2).add(b2).softmax();
  for (let step = 0; step < 3; step++) {
    const starts = [0, 16, 32, 48];
    const all = starts.map((from) => {
      const [a, t] = [x, y].map((v) => sg.slice(v, from, Math.min(16, 52 - from))) as [sg.Tensor, sg.Tensor];
      return sg.variableGrads(() => sg.metrics.categoricalCrossentropy(t, predict(a)).sum().div(52), copies).grads;
    });
    const grads: Record<string, sg.Tensor> = {};
    for (const { name } of copies) {
      const [a, b, c, d] = all.map((g) => g[name]) as [sg.Tensor, sg.Tensor, sg.Tensor, sg.Tensor];
      grads[name] = a.add(b).add(c.add(d));
    }
    optimizer.applyGradients(grads);
  }
  await model.fit(x, y, { epochs: 3, batchSize: 52, shuffle: false, verbose: 0, distribute: world, chunk: 16 });
  expect(variables.map((v) => v.dataSync())).toEqual(copies.map((v) => v.dataSync()));
});

test('gradients of batch normalization in chunks are the central differences of the whole batch, in float64', async () => {
  const [rows, features, rate] = [22, 3, 1];
  const x = sg.randomNormal([rows, features], 0.5, 1, 'float32', 5);
  const y = sg.randomNormal([rows, features], 0, 1, 'float32', 6);
  const [xs, ys] = [x, y].map((t) => t.dataSync<'float32'>()) as [Float32Array, Float32Array];
  const initial = [
    [1.2, 0.7, -0.4],
    [0.1, -0.3, 0.5],
    [0.9, 0.2, -0.5, 0.3, 1.1, 0.4, -0.2, 0.6, 0.8],
  ];
  /** The loss of a product with a kernel, then batch normalization with gamma and beta. */
  const lossOf = ([gamma, beta, kernel]: readonly (readonly number[])[]): number => {
    const column = (k: number): number[] =>
      Array.from({ length: rows }, (_, r) =>
        Array.from({ length: features }, (_, j) => j).reduce(
          (sum, j) => sum + (xs[r * features + j] as number) * (kernel?.[j * features + k] as number),
          0,
        ),
      );
    let loss = 0;
    for (let k = 0; k < features; k++) {
      const z = column(k);
      const mean = z.reduce((a, b) => a + b) / rows;
      const variance = z.reduce((sum, v) => sum + (v - mean) ** 2, 0) / rows;
      z.forEach((v, r) => {
        const out = ((v - mean) / Math.sqrt(variance + 0.001)) * (gamma?.[k] as number) + (beta?.[k] as number);
        loss += (out - (ys[r * features + k] as number)) ** 2 / (rows * features);
      });
    }
    return loss;
  };
  const model = sg.sequential({
    layers: [
      layers.dense({ units: features, useBias: false, inputShape: [features] }),
      layers.batchNormalization({ epsilon: 0.001 }),
    ],
  });
  model.compile({ optimizer: sg.train.sgd(rate), loss: 'meanSquaredError' });
  const [gamma, beta, kernel] = initial.map((v) => sg.tensor(v)) as [sg.Tensor, sg.Tensor, sg.Tensor];
  model.setWeights([sg.reshape(kernel, [3, 3]), gamma, beta, sg.zeros([3]), sg.ones([3])]);
  const before = valuesOf(model);
  await model.fit(x, y, { batchSize: rows, shuffle: false, verbose: 0, distribute: world, chunk: 5 });
  const after = valuesOf(model);
  // Order of the weights: kernel, gamma, beta.
  for (const [i, of] of [2, 0, 1].entries())
    initial[of]?.forEach((value, j) => {
      const at = (step: number): number =>
        lossOf(initial.map((list, l) => (l === of ? list.map((v, n) => (n === j ? value + step : v)) : list)));
      const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
      const found = ((before[i]?.[j] as number) - (after[i]?.[j] as number)) / rate;
      expect(Math.abs(found - slope), `${of}[${j}]: ${found} and ${slope}`).toBeLessThan(2e-6);
    });
});

test('a loss that compares examples compares those of a chunk', async () => {
  /** Distances of all pairs of predictions. */
  const pairs = (_: sg.Tensor, p: sg.Tensor) => sg.sub(sg.expandDims(p, 0), sg.expandDims(p, 1)).square().mean([1, 2]);
  const { x, y } = examples(24, [5]);
  const run = async (args: sg.FitArgs) => {
    const model = build('an MLP', () => sg.train.sgd(0.1), pairs);
    await model.fit(x, y, { shuffle: false, verbose: 0, ...args });
    return valuesOf(model);
  };
  expectClose(await run({ batchSize: 8, distribute: world, chunk: 8 }), await run({ batchSize: 8 }));
  // The batch is three groups of eight, not one of 24.
  const [grouped, whole] = [await run({ batchSize: 24, distribute: world, chunk: 8 }), await run({ batchSize: 24 })];
  expect(() => expectClose(grouped, whole)).toThrow();
});

test('a batch of one chunk that is larger changes nothing but how its sums are rounded, and evaluation not even that', async () => {
  const model = build('a CNN with batch normalization and dropout', () => sg.train.sgd(0.1));
  const { x, y } = examples(45, [6, 6, 2]);
  await model.fit(x, y, { epochs: 1, verbose: 0 });
  const read = (t: sg.Tensor | sg.Tensor[]) => [t].flat().map((v) => v.dataSync()[0]);
  const whole = read(model.evaluate(x, y, { batchSize: 20 }));
  expect(read(model.evaluate(x, y, { batchSize: 20, distribute: world, chunk: 8 }))).toEqual(whole);
  expect(read(await model.evaluateAsync(x, y, { batchSize: 45, distribute: world, chunk: 7 }))).toEqual(whole);
});

test('memory that runs out, wherever: nothing has changed, nothing is lost, and the next training has its bits', async () => {
  const name = 'a CNN with batch normalization and dropout';
  const { x, y } = examples(20, [6, 6, 2]);
  const learn = (model: sg.LayersModel) =>
    model.fit(x, y, { batchSize: 20, shuffle: false, verbose: 0, distribute: world, chunk: 8 });
  /** The blocks that are left, and the weights, of a training that is tried until it succeeds. */
  const run = async (first: number) => {
    const before = engine.memory.usage.blocks;
    const model = build(name, () => sg.train.adam({ learningRate: 0.01 }));
    const initial = valuesOf(model);
    let tries = 0;
    for (let isOver = false; !isOver; tries++) {
      const allocate = engine.memory.allocate.bind(engine.memory);
      let left = first + tries;
      const spy = vi.spyOn(engine.memory, 'allocate').mockImplementation((bytes) => {
        if (left-- === 0) throw new sg.OutOfMemoryError('exhausted, for a test');
        return allocate(bytes);
      });
      try {
        await learn(model);
        isOver = true;
      } catch (error) {
        expect(error).toBeInstanceOf(sg.OutOfMemoryError);
      } finally {
        spy.mockRestore();
      }
      if (!isOver) expect(valuesOf(model)).toEqual(initial);
    }
    const weights = valuesOf(model);
    model.dispose();
    return { tries, weights, blocks: engine.memory.usage.blocks - before };
  };
  await run(1e9);
  const clean = await run(1e9);
  const found = await run(0);
  expect(found.tries).toBeGreaterThan(15);
  expect(found.weights).toEqual(clean.weights);
  expect(found.blocks).toBe(clean.blocks);
});

describe('what cannot be right is refused, and nothing has changed', () => {
  const refused = async (model: sg.LayersModel, shape: number[], message: RegExp, args: sg.FitArgs = {}) => {
    const before = valuesOf(model);
    const { x, y } = examples(16, shape);
    const run = model.fit(x, y, { batchSize: 16, verbose: 0, distribute: world, chunk: 8, ...args });
    await expect(run).rejects.toThrow(message);
    expect(valuesOf(model)).toEqual(before);
    const { history } = await model.fit(x, y, { batchSize: 16, verbose: 0 });
    expect(history.loss).toHaveLength(1);
  };

  test('states that layers keep from batch to batch', async () => {
    const model = sg.sequential({
      layers: [layers.lstm({ units: 2, stateful: true, batchInputShape: [8, 4, 3] }), softmax()],
    });
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const { x, y } = examples(16, [4, 3]);
    await expect(model.fit(x, y, { batchSize: 8, verbose: 0, distribute: world, chunk: 8 })).rejects.toThrow(
      /lstm.* is kept from batch to batch.*stateful: false/,
    );
  });

  test('weights that layers assign by single examples', async () => {
    class Remembers extends layers.Layer {
      static override className = 'Remembers';
      #last!: sg.Variable;
      override build(): void {
        this.#last = this.addWeight({ name: 'last', shape: [5], initializer: 'zeros', trainable: false });
      }
      call(x: sg.Tensor): sg.Tensor {
        this.#last.assign(sg.mean(x, 0));
        return x;
      }
    }
    const model = sg.sequential({
      layers: [layers.inputLayer({ inputShape: [5] }), new Remembers({ name: 'memory' }), softmax()],
    });
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    await refused(model, [5], /memory\/last is assigned a value of single examples/);
  });

  test('metrics that are not made of examples', async () => {
    class Whole extends sg.metrics.Metric {
      addition(_: sg.Tensor, p: sg.Tensor) {
        return { kind: 'log' as const, values: sg.reshape(sg.max(p), [1, 1]) };
      }
      value(total: ArrayLike<number>): number {
        return total.length;
      }
    }
    sg.setSeed(3);
    const model = sg.sequential({ layers: [layers.dense({ units: 3, activation: 'softmax', inputShape: [5] })] });
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: [new Whole('whole')] });
    await refused(model, [5], /metric whole has 1 values for a chunk of 8 examples/);
  });

  test('a chunk without a world, and worlds that are none', async () => {
    const model = build('an MLP', () => sg.train.sgd(0.1));
    const { x, y } = examples(16, [5]);
    await expect(model.fit(x, y, { chunk: 8 })).rejects.toThrow(/fit: chunk 8 needs distribute/);
    await expect(model.fit(x, y, { distribute: {} as never })).rejects.toThrow(
      /distribute must be a world of samegrad\/mpi/,
    );
    await expect(model.fit(x, y, { distribute: world, chunk: 0 })).rejects.toThrow(/chunk must be a positive integer/);
  });

  test('an index outside its table: no weight has changed', async () => {
    const model = sg.sequential({
      layers: [layers.embedding({ inputDim: 4, outputDim: 5, inputLength: 2 }), layers.flatten({}), softmax()],
    });
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const y = examples(16, [1]).y;
    const x = sg.tensor(
      Array.from({ length: 16 }, (_, i) => [i === 15 ? 9 : 1, 2]),
      [16, 2],
      'int32',
    );
    const before = valuesOf(model);
    const run = model.fit(x, y, { batchSize: 16, shuffle: false, verbose: 0, distribute: world, chunk: 8 });
    await expect(run).rejects.toThrow(/index 9 is outside \[0, 4\)/);
    expect(valuesOf(model)).toEqual(before);
  });
});

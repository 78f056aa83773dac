/** compile, and what training refuses. */
import { describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { classes, classifier, linear, random, settle, values, weightsOf } from './helpers';

type Tensor = sg.Tensor;
const x = random(1, [6, 4]);
const y = classes(6);

const compiled = (
  loss: string | ((a: Tensor, b: Tensor) => Tensor) = 'sparseCategoricalCrossentropy',
): sg.Sequential => {
  const model = settle(classifier());
  model.compile({ optimizer: 'adam', loss });
  return model;
};

describe('compile', () => {
  it.each([
    [
      'loss',
      { optimizer: 'sgd', loss: 'crossentropie' },
      /'crossentropie'; known.*meanSquaredError.*binaryCrossentropy/,
    ],
    ['loss', { optimizer: 'sgd', loss: 'binarycrosentropy' }, /did you mean 'binaryCrossentropy'\? known are/],
    [
      'loss that several names share',
      { optimizer: 'sgd', loss: 'cross_entropy' },
      /did you mean 'binaryCrossentropy', 'categoricalCrossentropy' or 'sparseCategoricalCrossentropy'\? known are/,
    ],
    [
      'metric that several names share',
      { optimizer: 'sgd', loss: 'mse', metrics: ['crossentropy'] },
      /did you mean 'binaryCrossentropy', 'categoricalCrossentropy' or 'sparseCategoricalCrossentropy'\? known are/,
    ],
    ['optimizer', { optimizer: 'adamm', loss: 'mse' }, /'adamm'; did you mean 'adam'\? known are .*sgd/],
    ['metric', { optimizer: 'sgd', loss: 'mse', metrics: ['acuracy'] }, /'acuracy'.*categoricalAccuracy/],
    ['loss of no kind', { optimizer: 'sgd', loss: 3 }, /loss/],
    ['missing loss', { optimizer: 'sgd' }, /loss is missing/],
    ['loss that is null', { optimizer: 'sgd', loss: null }, /loss is missing/],
    ['missing optimizer', { loss: 'mse' }, /optimizer/],
    ['optimizer of no kind', { optimizer: {}, loss: 'mse' }, /optimizer/],
    ['metric of no kind', { optimizer: 'sgd', loss: 'mse', metrics: [null] }, /metric/],
    ['loss weight that is NaN', { optimizer: 'sgd', loss: 'mse', lossWeights: [Number.NaN] }, /lossWeights.*NaN/],
    ['loss weight of no kind', { optimizer: 'sgd', loss: 'mse', lossWeights: ['x'] }, /lossWeights.*x/],
    [
      'loss weight that is one number',
      { optimizer: 'sgd', loss: 'mse', lossWeights: 5 },
      /lossWeights must be a list.*5/,
    ],
    [
      'misspelled argument',
      { optimizer: 'sgd', loss: 'mse', metric: ['mae'] },
      /'metric'; did you mean 'metrics'\? known are optimizer, loss/,
    ],
  ])('%s: an error that lists what is known; the model stays as it was', async (_, args, message) => {
    const model = compiled();
    const loss = await model.trainOnBatch(x, y);
    expect(() => model.compile(args as unknown as sg.CompileArgs)).toThrow(sg.ArgumentError);
    expect(() => model.compile(args as unknown as sg.CompileArgs)).toThrow(message);
    expect(model.optimizer.iterations).toBe(1);
    expect(await model.trainOnBatch(x, y)).toBeLessThan(loss as number);
  });

  it('names take both spellings', async () => {
    for (const loss of ['sparseCategoricalCrossentropy', 'sparse_categorical_crossentropy']) {
      const model = settle(classifier());
      model.compile({ optimizer: 'RMSProp', loss, metrics: ['sparse_categorical_accuracy'] });
      expect(model.metricsNames).toEqual(['loss', 'sparse_categorical_accuracy']);
      expect(await model.trainOnBatch(x, y)).toHaveLength(2);
    }
  });

  it('functions serve as losses and metrics', async () => {
    const model = settle(linear(4, 2));
    const absolute = (t: Tensor, p: Tensor): Tensor => t.sub(p).abs();
    const bias = (t: Tensor, p: Tensor): Tensor => p.sub(t).mean(-1);
    model.compile({ optimizer: 'sgd', loss: absolute, metrics: [bias, 'mse'] });
    expect(model.metricsNames).toEqual(['loss', 'bias', 'mse']);
    const target = random(2, [6, 2]);
    const difference = values(model.predict(x).sub(target));
    const mean = (f: (v: number) => number): number => difference.reduce((sum, v) => sum + f(v), 0) / 12;
    const [loss, signed, squared] = (await model.trainOnBatch(x, target)) as number[];
    expect(loss).toBeCloseTo(mean(Math.abs), 6);
    expect(signed).toBeCloseTo(
      mean((v) => v),
      6,
    );
    expect(squared).toBeCloseTo(
      mean((v) => v * v),
      6,
    );
  });

  it.each([
    ['sparseCategoricalCrossentropy', [6], 3, 'softmax'],
    ['sparseCategoricalCrossentropy', [6, 1], 3, 'softmax'],
    ['categoricalCrossentropy', [6, 3], 3, 'softmax'],
    ['binaryCrossentropy', [6, 3], 3, 'sigmoid'],
    ['binaryCrossentropy', [6, 1], 1, 'sigmoid'],
    ['meanSquaredError', [6, 1], 1, 'linear'],
  ])('accuracy fits the loss %s with targets %j', async (loss, shape, units, activation) => {
    const model = settle(linear(4, units, { activation }));
    model.compile({ optimizer: sg.train.sgd(0), loss, metrics: ['accuracy'] });
    expect(model.metricsNames).toEqual(['loss', 'acc']);
    const isSparse = loss.startsWith('sparse');
    const target = isSparse ? y.reshape(shape) : random(3, shape).greater(0).cast('float32');
    const p = values(model.predict(x));
    const t = values(target);
    const best = (v: number[]): number => v.indexOf(Math.max(...v));
    const rows = (v: number[]): number[][] => Array.from({ length: 6 }, (_, i) => v.slice(i * units, (i + 1) * units));
    const byClass = (i: number): boolean =>
      best(rows(p)[i] as number[]) === (isSparse ? t[i] : best(rows(t)[i] as number[]));
    const isBinary = loss === 'binaryCrossentropy' || units === 1;
    const hits = isBinary ? p.map((v, i) => Number(v > 0.5) === t[i]) : Array.from({ length: 6 }, (_, i) => byClass(i));
    const [, accuracy] = (await model.trainOnBatch(x, target)) as number[];
    expect(accuracy).toBeCloseTo(hits.filter(Boolean).length / hits.length, 6);
  });

  it('again: the weights stay, the optimizer starts afresh', async () => {
    const model = compiled();
    await model.trainOnBatch(x, y);
    const weights = weightsOf(model);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    expect(weightsOf(model)).toEqual(weights);
    expect(model.optimizer.iterations).toBe(0);
    const fresh = classifier();
    fresh.setWeights(model.getWeights());
    fresh.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    await model.trainOnBatch(x, y);
    await fresh.trainOnBatch(x, y);
    expect(weightsOf(model)).toEqual(weightsOf(fresh));
  });

  it('one optimizer in two models: both train right, or it is refused', async () => {
    const optimizer = sg.train.adam(0.05);
    const [a, b, alone] = [classifier(), classifier(), classifier()].map((m) => settle(m)) as [
      sg.Sequential,
      sg.Sequential,
      sg.Sequential,
    ];
    a.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    alone.compile({ optimizer: sg.train.adam(0.05), loss: 'sparseCategoricalCrossentropy' });
    await a.trainOnBatch(x, y);
    try {
      b.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    } catch (error) {
      expect(error).toBeInstanceOf(sg.SamegradError);
      return;
    }
    // What lies where the first state was must not be written to.
    const guards = Array.from({ length: 40 }, () => sg.fill([8], 7));
    for (let i = 0; i < 5; i++) await Promise.all([a.trainOnBatch(x, y), b.trainOnBatch(x, y)]);
    expect(guards.every((g) => values(g).every((v) => v === 7))).toBe(true);
    for (let i = 0; i < 6; i++) await alone.trainOnBatch(x, y);
    expect(weightsOf(a)).toEqual(weightsOf(alone));
  });

  it('trainable: false keeps a layer from changing', async () => {
    const model = settle(classifier());
    (model.layers[0] as sg.Layer).trainable = false;
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const before = weightsOf(model);
    await model.trainOnBatch(x, y);
    expect(weightsOf(model).slice(0, 2)).toEqual(before.slice(0, 2));
    expect(weightsOf(model)[2]).not.toEqual(before[2]);
  });
});

describe('before compile', () => {
  it.each([
    ['fit', (m: sg.Sequential) => m.fit(x, y)],
    ['trainOnBatch', (m: sg.Sequential) => m.trainOnBatch(x, y)],
    ['evaluate', async (m: sg.Sequential) => m.evaluate(x, y)],
    ['testOnBatch', async (m: sg.Sequential) => m.testOnBatch(x, y)],
    ['optimizer', async (m: sg.Sequential) => m.optimizer],
  ])('%s says what is missing', async (name, call) => {
    await expect(call(classifier())).rejects.toThrow(sg.StateError);
    await expect(call(classifier())).rejects.toThrow(new RegExp(`${name}.*compile`));
  });
});

const wrong: readonly (readonly [string, () => Tensor, () => Tensor, new (m: string) => Error, RegExp])[] = [
  ['inputs of another shape', () => sg.ones([6, 5]), () => y, sg.ShapeError, /\[null, 4\].*\[6, 5\]/],
  ['inputs without a batch', () => sg.ones([4]), () => y, sg.ShapeError, /\[null, 4\]/],
  ['lengths that differ', () => x, () => classes(5), sg.ArgumentError, /6 examples.*5/],
  ['a scalar target', () => x, () => sg.scalar(1), sg.ArgumentError, /y has none/],
  ['targets of another shape', () => x, () => sg.zeros([6, 2]), sg.ShapeError, /\[6, 3\].*\[6, 2\]/],
  ['one-hot targets', () => x, () => sg.zeros([6, 3]), sg.ShapeError, /categoricalCrossentropy/],
  ['no examples', () => sg.zeros([0, 4]), () => sg.zeros([0], 'int32'), sg.ArgumentError, /no examples/],
  [
    'a label as large as the number of classes',
    () => x,
    () => sg.tensor1d([0, 1, 2, 3, 0, 1], 'int32'),
    sg.IndexError,
    /3.*\[0, 3\)/,
  ],
  ['a label below 0', () => x, () => sg.tensor1d([0, 1, 2, -1, 0, 1]), sg.IndexError, /-1.*\[0, 3\)/],
  ['a label that is NaN', () => x, () => sg.tensor1d([0, 1, 2, Number.NaN, 0, 1]), sg.IndexError, /\[0, 3\)/],
  ['an infinite label', () => x, () => sg.tensor1d([0, 1, 2, Infinity, 0, 1]), sg.IndexError, /\[0, 3\)/],
];

describe('wrong data: an error of the right kind, and no weight has changed', () => {
  it.each(wrong)('%s', async (_, inputs, targets, kind, message) => {
    const model = compiled();
    await model.trainOnBatch(x, y);
    const before = weightsOf(model);
    const calls: Record<string, () => unknown> = {
      fit: () => model.fit(inputs(), targets(), { shuffle: false }),
      trainOnBatch: () => model.trainOnBatch(inputs(), targets()),
      evaluate: async () => model.evaluate(inputs(), targets()),
      testOnBatch: async () => model.testOnBatch(inputs(), targets()),
    };
    for (const [name, call] of Object.entries(calls)) {
      await expect(call(), name).rejects.toThrow(kind);
      await expect(call(), name).rejects.toThrow(message);
    }
    expect(weightsOf(model)).toEqual(before);
    expect(model.optimizer.iterations).toBe(1);
    expect(await model.trainOnBatch(x, y)).toBeTypeOf('number');
  });

  it.each([
    ['categoricalCrossentropy', [6, 2]],
    ['categoricalCrossentropy', [6]],
    ['meanSquaredError', [6, 2]],
    ['binaryCrossentropy', [6, 1]],
  ])('%s with targets of shape %j', async (loss, shape) => {
    const model = compiled(loss);
    const before = weightsOf(model);
    await expect(model.trainOnBatch(x, sg.zeros(shape))).rejects.toThrow(sg.ShapeError);
    await expect(model.trainOnBatch(x, sg.zeros(shape))).rejects.toThrow(
      new RegExp(`${loss}.*\\[${shape.join(', ')}\\]`),
    );
    expect(weightsOf(model)).toEqual(before);
  });

  it('a batch in the middle of a data set: the weights are those of the batches before', async () => {
    const [a, b] = [compiled(), compiled()];
    const bad = sg.tensor1d([0, 1, 2, 3, 0, 1], 'int32');
    const batches = sg.data.zip({ xs: sg.data.array(x.unstack()), ys: sg.data.array(bad.unstack()) }).batch(2);
    await expect(a.fitDataset(batches)).rejects.toThrow(
      new sg.IndexError(
        'fitDataset: batch 1: y[1] is 3; sparseCategoricalCrossentropy takes class indices: integers in [0, 3)',
      ),
    );
    await b.trainOnBatch(x.slice(0, 2), y.slice(0, 2));
    expect(weightsOf(a)).toEqual(weightsOf(b));
  });

  it('no tensors', async () => {
    const model = compiled();
    for (const bad of [undefined, null, 3, [[1, 2, 3, 4]], []]) {
      await expect(model.fit(bad as unknown as Tensor, y)).rejects.toThrow(sg.ArgumentError);
      await expect(model.trainOnBatch(x, bad as unknown as Tensor)).rejects.toThrow(sg.ArgumentError);
    }
  });

  it('NaN in the inputs shows in the loss', async () => {
    const model = compiled();
    const dirty = sg.tensor2d(
      values(x).map((v, i) => (i === 5 ? Number.NaN : v)),
      [6, 4],
    );
    expect(await model.trainOnBatch(dirty, y)).toBeNaN();
  });

  it.each([-0.1, Number.NaN, Infinity])('a learning rate of %f', (rate) => {
    for (const make of [sg.train.sgd, sg.train.adam, sg.train.rmsprop, (r: number) => sg.train.momentum(r, 0.9)]) {
      expect(() => make(rate)).toThrow(sg.ArgumentError);
    }
    const optimizer = sg.train.sgd(0.1);
    expect(() => {
      optimizer.learningRate = rate;
    }).toThrow(sg.ArgumentError);
    expect(optimizer.learningRate).toBe(0.1);
  });

  it.each([
    ['momentum', () => sg.train.momentum(0.1, 1)],
    ['decay', () => sg.train.rmsprop(0.1, 1.5)],
    ['beta1', () => sg.train.adam(0.1, -0.1)],
    ['beta2', () => sg.train.adam(0.1, 0.9, Number.NaN)],
  ])('%s outside [0, 1)', (name, make) => {
    expect(make).toThrow(sg.ArgumentError);
    expect(make).toThrow(new RegExp(name));
  });
});

describe('several outputs', () => {
  /** Two outputs, a and b, of one input. */
  function forked(): sg.LayersModel<Tensor[]> {
    const input = sg.input({ shape: [4] });
    const outputs = ['a', 'b'].map((name) => sg.layers.dense({ units: 1, name }).apply(input) as sg.SymbolicTensor);
    return sg.model({ inputs: input, outputs });
  }

  it.each<[string, object]>([
    ['by name', { loss: { a: 'mse' }, metrics: { b: ['mae'] } }],
    ['by position', { loss: ['mse', null], metrics: [[], ['mae']] }],
    ['that count weights', { loss: { a: 'mse' }, weightedMetrics: { b: 'mae' } }],
  ])('metrics %s of an output without a loss have no targets', (_, args) => {
    expect(() => forked().compile({ optimizer: 'sgd', ...args } as sg.CompileArgs)).toThrow(
      /output 'b' has metrics, but no loss and so no targets.*lossWeights 0/,
    );
  });

  it('metrics for all are for those that are trained', () => {
    const model = forked();
    model.compile({ optimizer: 'sgd', loss: { a: 'mse' }, metrics: ['mae'] });
    expect(model.metricsNames).toEqual(['loss', 'a_loss', 'a_mae']);
  });

  it('no value hides another', async () => {
    const model = classifier();
    const loss = (_: Tensor, p: Tensor): Tensor => p.sum(-1);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: [loss] });
    expect(model.metricsNames).toEqual(['loss', 'loss_1']);
    const { history } = await model.fit(x, y);
    expect(history.loss_1?.[0]).toBeCloseTo(1, 5);
  });
});

describe('a loss of your own', () => {
  it.each<[string, (y: Tensor, p: Tensor) => unknown, RegExp]>([
    ['three values', () => sg.ones([3]), /loss wrong: gave \[3\] for 6 examples/],
    ['no tensor', () => 3, /loss wrong: must give a tensor, got 3/],
  ])('that gives %s is refused, and nothing has changed', async (_, fn, message) => {
    const model = settle(classifier());
    const before = values(model.predict(x));
    const wrong = (t: Tensor, p: Tensor): Tensor => fn(t, p) as Tensor;
    model.compile({ optimizer: 'sgd', loss: wrong });
    await expect(model.trainOnBatch(x, y)).rejects.toThrow(message);
    expect(values(model.predict(x))).toEqual(before);
  });
});

it.each<[string, (model: sg.Sequential) => unknown, RegExp]>([
  ['arrays', (m) => m.predict([[1, 2, 3, 4]] as never), /predict: x must be one tensor, got an array; make a tensor/],
  ['texts', () => sg.tensor(['a', 'b'] as never), /strings are not numbers; sg.preprocessing has encoders/],
  [
    'class indices',
    (m) => m.evaluate(x, y),
    /targets \[6\] and predictions \[6, 3\].*class indices need sparseCategoricalCrossentropy/,
  ],
])('what cannot be: %s', (_, run, message) => {
  const model = classifier();
  model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
  expect(() => run(model)).toThrow(message);
});

it('an optimizer with the state of another model is refused, and the model stays as it was', async () => {
  const other = linear(4, 2);
  other.compile({ optimizer: 'adam', loss: 'mse' });
  const model = settle(classifier());
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  const optimizer = sg.train.adam();
  optimizer.restore(other.optimizer.state());
  const args = { optimizer, loss: 'sparseCategoricalCrossentropy' };
  for (let i = 0; i < 2; i++) expect(() => model.compile(args)).toThrow(/keeps 8 arrays, got 4/);
  await model.trainOnBatch(x, y);
  expect(model.optimizer.className).toBe('SGD');
});

it('warns of layers that were frozen after it', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  try {
    const model = settle(classifier());
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    await model.fit(x, y);
    expect(warn).not.toHaveBeenCalled();
    model.getLayer('hidden').trainable = false;
    await model.fit(x, y);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^fit: 'trainable' .* call compile again/)]]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    await model.fit(x, y);
    expect(warn).toHaveBeenCalledTimes(1);
  } finally {
    warn.mockRestore();
  }
});

it('an optimizer that was disposed of says so', async () => {
  const model = settle(classifier());
  const optimizer = sg.train.adam();
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
  await model.trainOnBatch(x, y);
  optimizer.dispose();
  await expect(model.trainOnBatch(x, y)).rejects.toThrow(/Adam: was disposed of; compile the model/);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  await model.trainOnBatch(x, y);
});

/** Settings that are not known, targets that a loss cannot take, and NaN: named in every form of training. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';

const compiled = (loss: string | sg.LossFunction, units = 3, activation = 'softmax'): sg.Sequential => {
  const model = sg.sequential({ layers: [sg.layers.dense({ units, activation, inputShape: [2], name: 'out' })] });
  model.compile({ optimizer: 'sgd', loss });
  return model;
};
const x = sg.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]);

type Run = (model: sg.Sequential, y: sg.Tensor, args?: object) => unknown;
/** A data set of batches of two. */
const dataset = (xs: sg.Tensor, ys: sg.Tensor) =>
  sg.data.generator(function* () {
    for (const at of [0, 2]) yield { xs: xs.slice(at, 2), ys: ys.slice(at, 2) };
  }) as unknown as Parameters<sg.Sequential['fitDataset']>[0];

/** Each way to train or test, and where its errors place an example that is the third. */
const forms: [string, Run, string][] = [
  ['fit', (m, y, args) => m.fit(x, y, args), 'fit: y[2]'],
  [
    'fit validationData',
    (m, y) => m.fit(x, sg.zeros(y.shape), { validationData: [x, y] }),
    'fit: validationData: y[2]',
  ],
  ['fitDataset', (m, y, args) => m.fitDataset(dataset(x, y), args), 'fitDataset: batch 1: y[0]'],
  ['trainOnBatch', (m, y, args) => m.trainOnBatch(x, y, args), 'trainOnBatch: y[2]'],
  ['testOnBatch', async (m, y, args) => m.testOnBatch(x, y, args), 'testOnBatch: y[2]'],
  ['evaluate', async (m, y, args) => m.evaluate(x, y, args), 'evaluate: y[2]'],
  ['evaluateDataset', (m, y, args) => m.evaluateDataset(dataset(x, y), args), 'evaluateDataset: batch 1: y[0]'],
];

describe.each(forms)('%s', (name, run, place) => {
  it.each([
    ['sparseCategoricalCrossentropy', 3],
    ['sparseCategoricalCrossentropy', -1],
    ['sparseCategoricalCrossentropy', 0.5],
    ['sparseCategoricalCrossentropy', Number.NaN],
    ['categoricalGeneralizedCrossEntropy', 7],
  ])('%s of the class %d', async (loss, label) => {
    const model = compiled(loss);
    const before = model.getWeights().map((w) => w.dataSync());
    const y = sg.tensor1d([0, 1, label, 2]);
    const text = `${place} is ${label}; ${loss} takes class indices: integers in [0, 3)`;
    await expect(run(model, y)).rejects.toThrow(new sg.IndexError(text));
    if (name !== 'fitDataset') expect(model.getWeights().map((w) => w.dataSync())).toEqual(before);
  });

  it.each([
    ['binaryCrossentropy', 2],
    ['binaryCrossentropy', -1],
    ['binaryFocalCrossentropy', Number.NaN],
  ])('%s of %d', async (loss, label) => {
    // Of data sets the first batch is looked at.
    const isBatched = place.includes('batch 1');
    const y = sg.tensor2d(isBatched ? [label, 1, 0, 1] : [0, 1, label, 1], [4, 1]);
    const text = `${place.replace('batch 1', 'batch 0')}[0] is ${label}; ${loss} takes numbers from 0 to 1`;
    await expect(run(compiled(loss, 1, 'sigmoid'), y)).rejects.toThrow(new sg.ArgumentError(text));
  });

  it('a setting that is not known', async () => {
    if (name.includes(' ')) return;
    const [typo, meant] = name.endsWith('Dataset')
      ? name === 'fitDataset'
        ? ['batchPerEpoch', 'batchesPerEpoch']
        : ['batch', 'batches']
      : ['sample_weight', 'sampleWeight'];
    const model = compiled('sparseCategoricalCrossentropy');
    await expect(run(model, sg.tensor1d([0, 1, 0, 2]), { [typo as string]: 1 })).rejects.toThrow(
      `${name}: unknown setting '${typo}'; did you mean '${meant}'?`,
    );
    await expect(run(model, sg.tensor1d([0, 1, 0, 2]), [1])).rejects.toThrow(
      `${name}: args must be an object of settings, got [1]`,
    );
  });

  it('null settings, and those that are undefined, count as left out', async () => {
    const model = compiled('sparseCategoricalCrossentropy');
    const y = sg.tensor1d([0, 1, 0, 2]);
    await run(model, y, { callbakcs: undefined });
    await (name.includes(' ') ? run(model, y) : run(model, y, null as unknown as object));
  });
});

it('predict names settings that are not known', () => {
  const model = compiled('sparseCategoricalCrossentropy');
  expect(() => model.predict(x, { batchsize: 2 } as never)).toThrow(
    "predict: unknown setting 'batchsize'; did you mean 'batchSize'?",
  );
  expect(() => model.predict(x, { batchSize: 0 })).toThrow('predict: batchSize must be a positive integer, got 0');
  expect((model.predict(x, { batchSize: null, verbose: 0 } as never) as sg.Tensor).shape).toEqual([4, 3]);
});

describe('targets that are right', () => {
  it('ignoreClass stands for none', async () => {
    const model = compiled(sg.losses.sparseCategoricalCrossentropy({ ignoreClass: -1 }));
    const { history } = await model.fit(x, sg.tensor1d([0, -1, 1, 2]));
    expect(history.loss?.[0]).toBeGreaterThan(0);
    await expect(model.fit(x, sg.tensor1d([0, -2, 1, 2]))).rejects.toThrow('y[1] is -2');
  });

  it('classes of positions, as columns too', async () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 3, activation: 'softmax', inputShape: [2, 2] })] });
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const xs = x.reshape([2, 2, 2]);
    await model.fit(xs, sg.tensor3d([0, 1, 2, 0], [2, 2, 1]));
    await expect(model.fit(xs, sg.tensor2d([0, 1, 2, 3], [2, 2]))).rejects.toThrow('fit: y[1][1] is 3');
  });

  it('soft targets, and those whose weight is 0', async () => {
    const model = compiled('binaryCrossentropy', 2, 'sigmoid');
    const y = sg.tensor2d([0, 1, 0.25, 0.5, 1, 1, -1, 1], [4, 2]);
    await model.fit(x, y, { sampleWeight: sg.tensor1d([1, 1, 1, 0]) });
    await expect(model.fit(x, y, { sampleWeight: sg.tensor1d([1, 0, 1, 1]) })).rejects.toThrow('fit: y[3][0] is -1');
  });

  it.each([2, -1, Number.NaN])('one wrong target among many: %d', async (label) => {
    const y = sg.buffer([100, 50]);
    y.set(label, 73, 21);
    const model = compiled('binaryCrossentropy', 50, 'sigmoid');
    await expect(model.fit(sg.ones([100, 2]), y.toTensor())).rejects.toThrow(`fit: y[73][21] is ${label};`);
    await model.fit(sg.ones([100, 2]), sg.randomUniform([100, 50]));
  });

  it('an output is named where there are several', async () => {
    const input = sg.input({ shape: [2] });
    const outputs = ['a', 'b'].map((name) => sg.layers.dense({ units: 2, activation: 'softmax', name }).apply(input));
    const model = sg.model({ inputs: input, outputs });
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    await expect(model.fit(x, { a: sg.zeros([4]), b: sg.fill([4], 2) })).rejects.toThrow('fit: y.b[0] is 2;');
  });
});

describe('NaN in the data', () => {
  const spoiled = (value: number): sg.Tensor => sg.tensor2d([1, 2, 3, value, 5, 6, 7, 8], [4, 2]);
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockReturnValue(undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const warned = (): unknown[] => vi.mocked(console.warn).mock.calls.map(([text]) => text);

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    '%d in x is named once, and the training continues',
    async (value) => {
      const model = compiled('meanSquaredError', 1, 'linear');
      const { history } = await model.fit(spoiled(value), sg.zeros([4, 1]), {
        epochs: 3,
        batchSize: 1,
        shuffle: false,
      });
      expect(history.loss).toHaveLength(3);
      expect(history.loss?.every((v) => !Number.isFinite(v))).toBe(true);
      expect(warned()).toEqual([
        `fit: the loss is NaN or infinite from batch 1 of epoch 0 on: x[1][1] is ${value}; fill in such values, or leave their examples out`,
      ]);
    },
  );

  it('in y, and in the weights', async () => {
    const y = sg.tensor2d([0, 0, Number.NaN, 0], [4, 1]);
    await compiled('meanSquaredError', 1, 'linear').fit(x, y);
    const sampleWeight = sg.tensor1d([1, 1, 1, Number.NaN]);
    await compiled('meanSquaredError', 1, 'linear').fit(x, sg.zeros([4, 1]), { sampleWeight });
    expect(warned().map((text) => String(text).split(' on: ')[1]?.split(';')[0])).toEqual([
      'y[2][0] is NaN',
      'sampleWeight[3] is NaN',
    ]);
  });

  it('in a batch of a data set', async () => {
    const batches = dataset(sg.tensor2d([1, 2, 3, 4, Number.NaN, 6, 7, 8], [4, 2]), sg.zeros([4, 1]));
    await compiled('meanSquaredError', 1, 'linear').fitDataset(batches, { epochs: 2 });
    expect(warned()).toEqual([expect.stringMatching(/^fitDataset: batch 1: .* on: x\[0\]\[0\] is NaN/)]);
  });

  it('terminateOnNaN ends the training', async () => {
    const model = compiled('meanSquaredError', 1, 'linear');
    const settings = { epochs: 3, callbacks: sg.callbacks.terminateOnNaN() };
    const { history } = await model.fit(spoiled(Number.NaN), sg.zeros([4, 1]), settings);
    expect(history.loss).toEqual([Number.NaN]);
  });

  it('a training that diverges on clean data says nothing', async () => {
    const model = compiled('meanSquaredError', 1, 'linear');
    model.compile({ optimizer: sg.train.sgd(1e30), loss: 'meanSquaredError' });
    const { history } = await model.fit(x, sg.ones([4, 1]), { epochs: 4 });
    expect(Number.isFinite(history.loss?.at(-1))).toBe(false);
    expect(warned()).toEqual([]);
  });
});

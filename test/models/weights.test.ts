/** Weights of examples, of their positions, and of classes. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import { classes, classifier, random, read, settle, weightsOf } from './helpers';

type Tensor = sg.Tensor;

const N = 12;
const x = random(1, [N, 4]);
const labels = classes(N);
const whole = sg.tensor1d(Array.from({ length: N }, (_, i) => i % 4));

/** A classifier with given weights, compiled. */
function compiled(args: Partial<Parameters<sg.Sequential['compile']>[0]> = {}): sg.Sequential {
  const model = settle(classifier());
  model.compile({ optimizer: sg.train.sgd(0.5), loss: 'sparseCategoricalCrossentropy', ...args });
  return model;
}

/** Losses of the examples, one by one. */
const single = (): number[] =>
  Array.from({ length: N }, (_, i) => read(compiled().evaluate(x.slice(i, 1), labels.slice(i, 1)))[0] as number);

const numbers = (t: Tensor): number[] => [...t.dataSync()];
const flat = (model: sg.Sequential): number[] => weightsOf(model).flat();

it('a batch in which nothing counts has the loss 0', async () => {
  const model = compiled({ loss: sg.losses.sparseCategoricalCrossentropy({ ignoreClass: 0 }) });
  const before = weightsOf(model);
  expect(await model.trainOnBatch(x.slice(0, 2), sg.zeros([2]))).toBe(0);
  expect(weightsOf(model)).toEqual(before);
});

describe('weights of examples', () => {
  it('are factors of their losses; the mean is by the number of examples', () => {
    const [loss] = read(compiled().evaluate(x, labels, { sampleWeight: whole })) as [number];
    const expected = single().reduce((sum, l, i) => sum + l * (i % 4), 0) / N;
    expect(loss).toBeCloseTo(expected, 6);
  });

  it('count in training as if the examples were there so many times', async () => {
    // Sums of examples, so that both sets have the same gradient.
    const loss = (y: Tensor, p: Tensor): Tensor => sg.oneHot(y.toInt(), 3).sub(p).square().sum(-1);
    const reduced = Object.assign(loss.bind(undefined), { reduction: 'sum' as const });
    const weighted = compiled({ loss: reduced, optimizer: sg.train.sgd(0.05) });
    await weighted.fit(x, labels, { epochs: 5, batchSize: N, sampleWeight: whole });
    const indices = Array.from({ length: N }, (_, i) => new Array<number>(i % 4).fill(i)).flat();
    const rows = sg.tensor1d(indices, 'int32');
    const repeated = compiled({ loss: reduced, optimizer: sg.train.sgd(0.05) });
    await repeated.fit(x.gather(rows), labels.gather(rows), { epochs: 5, batchSize: indices.length });
    expectClose(flat(weighted), flat(repeated), 1e-5);
  });

  it('weight 0 takes an example out of the gradient', async () => {
    const odd = sg.tensor1d(Array.from({ length: N }, (_, i) => i % 2));
    const [a, b] = [compiled(), compiled()];
    await a.trainOnBatch(x, labels, { sampleWeight: odd });
    const other = sg.where(odd.reshape([N, 1]).equal(0), x.mul(-3), x);
    await b.trainOnBatch(other, labels, { sampleWeight: odd });
    expect(flat(a)).toEqual(flat(b));
  });

  it('do not touch metrics, but weightedMetrics', () => {
    const model = compiled({ metrics: ['accuracy'], weightedMetrics: ['accuracy'] });
    expect(model.metricsNames).toEqual(['loss', 'acc', 'weighted_acc']);
    const hits = Array.from(
      { length: N },
      (_, i) => read(compiled({ metrics: ['accuracy'] }).evaluate(x.slice(i, 1), labels.slice(i, 1)))[1] as number,
    );
    const [, acc, weighted] = read(model.evaluate(x, labels, { sampleWeight: whole })) as [number, number, number];
    expect(acc).toBeCloseTo(hits.reduce((a, b) => a + b, 0) / N, 6);
    const total = numbers(whole).reduce((a, b) => a + b, 0);
    expect(weighted).toBeCloseTo(hits.reduce((sum, h, i) => sum + h * (i % 4), 0) / total, 6);
  });

  it('validate with weights of their own, and split with the data', async () => {
    const first = await compiled().fit(x, labels, {
      shuffle: false,
      validationData: [x, labels, whole],
    });
    const model = compiled();
    await model.fit(x, labels, { shuffle: false });
    expect(first.history.val_loss?.map(Math.fround)).toEqual(read(model.evaluate(x, labels, { sampleWeight: whole })));
    const split = await compiled().fit(x, labels, { shuffle: false, validationSplit: 0.5, sampleWeight: whole });
    const half = compiled();
    await half.fit(x.slice(0, 6), labels.slice(0, 6), { shuffle: false, sampleWeight: whole.slice(0, 6) });
    expect(split.history.val_loss?.map(Math.fround)).toEqual(
      read(half.evaluate(x.slice(6), labels.slice(6), { sampleWeight: whole.slice(6) })),
    );
  });

  it('of positions: [n, time]', async () => {
    const series = random(3, [5, 4, 2]);
    const y = random(4, [5, 4, 1]);
    const times = random(5, [5, 4], 0, 1);
    const model = settle(sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [4, 2] })] }));
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const predicted = model.predict(series) as Tensor;
    const expected = sg.tidy(() => predicted.sub(y).square().reshape([5, 4]).mul(times).mean().dataSync()[0]) as number;
    expect(read(model.evaluate(series, y, { sampleWeight: times }))[0]).toBeCloseTo(expected, 6);
    expect(read(model.evaluate(series, y, { sampleWeight: times.reshape([5, 4, 1]) }))[0]).toBeCloseTo(expected, 6);
    await model.fit(series, y, { sampleWeight: times });
  });

  it.each([
    ['another number', () => sg.ones([N - 1]), sg.ArgumentError],
    ['too many dimensions', () => sg.ones([N, 2]), sg.ShapeError],
    ['a scalar', () => sg.scalar(1), sg.ArgumentError],
    ['no tensor', () => [1, 2, 3] as never, sg.ArgumentError],
  ])('%s: an error, and nothing has changed', async (_, weights, kind) => {
    const model = compiled();
    const before = flat(model);
    await expect(model.fit(x, labels, { sampleWeight: weights() })).rejects.toBeInstanceOf(kind);
    await expect(model.fit(x, labels, { sampleWeight: weights() })).rejects.toThrow(/weight/i);
    expect(flat(model)).toEqual(before);
  });
});

describe('weights of classes', () => {
  const table = { 0: 0.5, 2: 3 };
  const wanted = sg.tensor1d(Array.from({ length: N }, (_, i) => [0.5, 1, 3][numbers(labels)[i] as number] as number));

  it.each([
    ['numbers, float32', labels.toFloat(), 'sparseCategoricalCrossentropy'],
    ['numbers, int32', labels.toInt(), 'sparseCategoricalCrossentropy'],
    ['numbers in a column', labels.reshape([N, 1]), 'sparseCategoricalCrossentropy'],
    ['one-hot', sg.oneHot(labels.toInt(), 3).toFloat(), 'categoricalCrossentropy'],
  ])('are weights of the examples: %s', async (_, y, loss) => {
    const [a, b] = [compiled({ loss }), compiled({ loss })];
    sg.setSeed(3);
    const found = await a.fit(x, y, { epochs: 3, batchSize: 5, classWeight: table });
    sg.setSeed(3);
    const expected = await b.fit(x, y, { epochs: 3, batchSize: 5, sampleWeight: wanted });
    expect(found.history).toEqual(expected.history);
    expect(flat(a)).toEqual(flat(b));
  });

  it('times those of the examples', async () => {
    const [a, b] = [compiled(), compiled()];
    await a.trainOnBatch(x, labels, { classWeight: table, sampleWeight: whole });
    await b.trainOnBatch(x, labels, { sampleWeight: wanted.mul(whole) });
    expect(flat(a)).toEqual(flat(b));
  });

  it('by position', async () => {
    const series = random(3, [5, 4, 2]);
    const y = classes(20).reshape([5, 4]);
    const make = (): sg.Sequential => {
      const model = settle(
        sg.sequential({ layers: [sg.layers.dense({ units: 3, activation: 'softmax', inputShape: [4, 2] })] }),
      );
      model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
      return model;
    };
    const [a, b] = [make(), make()];
    await a.trainOnBatch(series, y, { classWeight: table });
    const weights = sg.gather(sg.tensor1d([0.5, 1, 3]), y.toInt());
    await b.trainOnBatch(series, y, { sampleWeight: weights });
    expect(flat(a)).toEqual(flat(b));
  });

  it('by output', async () => {
    const input = sg.input({ shape: [4] });
    const one = sg.layers.dense({ units: 3, activation: 'softmax', name: 'one' }).apply(input) as sg.SymbolicTensor;
    const two = sg.layers.dense({ units: 3, activation: 'softmax', name: 'two' }).apply(input) as sg.SymbolicTensor;
    const model = settle(sg.model({ inputs: input, outputs: [one, two] }));
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const losses = async (args: Parameters<typeof model.testOnBatch>[2]): Promise<number[]> =>
      read(model.testOnBatch(x, [labels, labels], args));
    const [plain, list, named] = [
      await losses({}),
      await losses({ classWeight: [null, table] }),
      await losses({ classWeight: { two: table } }),
    ] as [number[], number[], number[]];
    expect(list).toEqual(named);
    expect(list[1]).toBe(plain[1]);
    expect(list[2]).not.toBe(plain[2]);
    await expect(losses({ classWeight: table })).rejects.toThrow(/2 outputs/);
    await expect(losses({ classWeight: { three: table } as never })).rejects.toThrow(/one, two/);
    expect(await losses({ sampleWeight: { one: whole } })).toEqual(await losses({ sampleWeight: [whole, null] }));
  });

  it.each([[{ '-1': 2 }], [{ 0.5: 1 }], [{ 0: -1 }], [{ 1: Number.NaN }], [{ 0: Number.POSITIVE_INFINITY }]])(
    'that make no sense are an error: %j',
    async (wrong) => {
      await expect(compiled().fit(x, labels, { classWeight: wrong })).rejects.toThrow(/classWeight/);
    },
  );
});

describe('values over a data set', () => {
  it('have the same bits whatever the batch size, with weights, masks and penalties', () => {
    const tokens = sg.tensor2d(
      [3, 1, 2, 0, 0, 1, 2, 3, 1, 0, 2, 0, 0, 0, 0, 1, 1, 1, 1, 1, 3, 2, 1, 2, 3, 3, 3, 0, 0, 0, 2, 1, 0, 0, 0],
      [7, 5],
      'int32',
    );
    const model = settle(
      sg.sequential({
        layers: [
          sg.layers.embedding({ inputDim: 4, outputDim: 3, maskZero: true, inputLength: 5 }),
          sg.layers.simpleRNN({ units: 4, returnSequences: true, kernelRegularizer: sg.regularizers.l2({ l2: 0.1 }) }),
          sg.layers.dense({ units: 2, activation: 'softmax' }),
        ],
      }),
    );
    model.compile({
      optimizer: 'sgd',
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy', 'mse'],
      weightedMetrics: ['accuracy'],
    });
    const y = sg.oneHot(tokens.mod(sg.scalar(2, 'int32')), 2).toFloat();
    const sampleWeight = random(9, [7, 5], 0, 2);
    const all = read(model.evaluate(tokens, y, { batchSize: 7, sampleWeight }));
    for (const batchSize of [1, 2, 3, 5, 100])
      expect(read(model.evaluate(tokens, y, { batchSize, sampleWeight }))).toEqual(all);
  });

  it('one batch on its own in a callback leaves the values of the epoch', async () => {
    const train = async (disturbed: boolean): Promise<unknown> => {
      const model = compiled({ metrics: ['accuracy'] });
      const onBatchEnd = async (): Promise<void> => {
        if (disturbed) read(model.testOnBatch(x.slice(0, 2), labels.slice(0, 2)));
      };
      return (await model.fit(x, labels, { shuffle: false, batchSize: 5, epochs: 2, callbacks: { onBatchEnd } }))
        .history;
    };
    expect(await train(true)).toEqual(await train(false));
  });

  it('are those of the batches while it trains', async () => {
    const model = compiled({ metrics: ['accuracy'] });
    const seen: sg.Logs[] = [];
    const twin = compiled({ metrics: ['accuracy'] });
    const { history } = await model.fit(x, labels, {
      shuffle: false,
      batchSize: 5,
      callbacks: { onBatchEnd: (_batch, logs) => void seen.push(logs as sg.Logs) },
    });
    let sum = 0;
    for (const [i, logs] of seen.entries()) {
      const size = Math.min(5, N - 5 * i);
      const [loss, acc] = (await twin.trainOnBatch(x.slice(5 * i, size), labels.slice(5 * i, size))) as number[];
      expect(logs.loss).toBeCloseTo(loss as number, 12);
      expect(logs.acc).toBeCloseTo(acc as number, 12);
      sum += (loss as number) * size;
    }
    expect(history.loss?.[0]).toBeCloseTo(sum / N, 12);
  });
});

describe('weights of classes go by shapes', () => {
  const [n, time] = [3, 2];
  const series = random(4, [n, time, 4]);
  const marks = sg.tensor2d([
    [0, 1],
    [1, 1],
    [2, 0],
  ]);
  const loss = async (
    units: number,
    name: string,
    y: Tensor,
    classWeight: Record<number, number>,
    sampleWeight?: Tensor,
  ): Promise<number> => {
    const activation = units === 1 ? 'sigmoid' : 'softmax';
    const model = settle(sg.sequential({ layers: [sg.layers.dense({ units, activation, inputShape: [time, 4] })] }));
    model.compile({ optimizer: sg.train.sgd(0), loss: name });
    return (await model.trainOnBatch(series, y, { classWeight, ...(sampleWeight && { sampleWeight }) })) as number;
  };

  it("targets without the output's last dimension are numbers of classes", async () => {
    const name = 'categoricalGeneralizedCrossEntropy';
    expect(await loss(3, name, marks, { 1: 5 })).toBeGreaterThan(await loss(3, name, marks, {}));
  });

  it('bits without the last dimension, whose losses are means over positions, cannot be weighted', async () => {
    const bits = marks.greater(0).toFloat();
    expect(await loss(1, 'binaryCrossentropy', bits.expandDims(-1), { 1: 100 })).toBeGreaterThan(1);
    // The two positions are no scores of two classes.
    await expect(loss(1, 'binaryCrossentropy', bits, { 1: 100 })).rejects.toThrow(/\[3, 2\] do not fit values \[3\]/);
  });

  it('with weights of examples in all their forms', async () => {
    const name = 'sparseCategoricalCrossentropy';
    const weights = sg.tensor1d([0.5, 2, 1]);
    const all = await Promise.all(
      [weights, weights.reshape([3, 1]), weights.reshape([3, 1, 1]), weights.reshape([3, 1]).tile([1, 2])].map((w) =>
        loss(3, name, marks, { 0: 3, 2: 2 }, w),
      ),
    );
    expect(new Set(all).size).toBe(1);
    await expect(loss(3, name, marks, { 0: 3 }, sg.ones([3, 3]))).rejects.toThrow(
      /sampleWeight: sample weights \[3, 3\] do not fit values \[3, 2\]/,
    );
  });

  it('weighted metrics take the same forms as losses', () => {
    const model = settle(sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [time, 4] })] }));
    model.compile({ optimizer: 'sgd', loss: 'mse', weightedMetrics: ['mse'] });
    const y = random(5, [n, time, 2]);
    const weights = sg.tensor1d([0.5, 2, 1]);
    const results = [weights, weights.reshape([3, 1]), weights.reshape([3, 1, 1])].map((sampleWeight) =>
      read(model.evaluate(series, y, { sampleWeight })),
    );
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

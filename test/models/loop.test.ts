/** What fit computes: which examples in which order, the numbers it reports, and how it can be repeated. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { trainerOf } from '../../src/models/trainer';
import { expectClose } from '../support/compare';
import { classes, classifier, linear, random, read, settle, weightsOf } from './helpers';

type Tensor = sg.Tensor;

/** y = w x with a loss of (w x - y)², in float64, batch by batch. */
function reference(
  x: number[],
  y: number[],
  batchSize: number,
  epochs: number,
  rate: number,
): { w: number; losses: number[] } {
  let w = 0.5;
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for (let at = 0; at < x.length; at += batchSize) {
      const rows = Math.min(batchSize, x.length - at);
      let slope = 0;
      for (let i = at; i < at + rows; i++) {
        const error = w * (x[i] as number) - (y[i] as number);
        sum += error * error;
        slope += (2 * error * (x[i] as number)) / rows;
      }
      w -= rate * slope;
    }
    losses.push(sum / x.length);
  }
  return { w, losses };
}

/** A model of one weight, 0.5. */
function line(rate: number): sg.Sequential {
  const model = linear(1, 1, { useBias: false });
  model.setWeights([sg.tensor2d([[0.5]])]);
  model.compile({ optimizer: sg.train.sgd(rate), loss: 'meanSquaredError' });
  return model;
}

const column = (v: number[]): Tensor => sg.tensor(v, [v.length, 1]);
const xs = [1, -2, 0.5, 3, -1, 2, 0.25, -0.5, 1.5, -3];
const ys = [2, -1, 1, 2, 0, 3, -1, 0.5, 1, -2];

/** Which examples each batch held, found by their loss: the weight stays 0 and the targets are their own numbers. */
async function orderOf(count: number, args: sg.FitArgs): Promise<number[][]> {
  const model = linear(1, 1, { useBias: false, kernelInitializer: 'zeros' });
  model.compile({ optimizer: sg.train.sgd(0), loss: 'meanSquaredError' });
  const epochs: number[][] = [];
  await model.fit(sg.ones([count, 1]), column(Array.from({ length: count }, (_, i) => i)), {
    batchSize: 1,
    verbose: 0,
    ...args,
    callbacks: {
      onEpochBegin: () => void epochs.push([]),
      onBatchEnd: (_, logs) => void epochs.at(-1)?.push(Math.round(Math.sqrt(logs?.loss as number))),
    },
  });
  return epochs;
}

describe('steps and history', () => {
  it.each([1, 3, 4, 5, 10, 64])('batches of %i: the weight and the losses of float64', async (batchSize) => {
    const model = line(0.05);
    const { history, epoch } = await model.fit(column(xs), column(ys), {
      batchSize,
      epochs: 4,
      shuffle: false,
      verbose: 0,
    });
    const { w, losses } = reference(xs, ys, batchSize, 4, 0.05);
    expectClose(weightsOf(model)[0] as number[], [w], 1e-6, 'weight');
    expectClose(history.loss as number[], losses, 1e-6, 'losses');
    expect(epoch).toEqual([0, 1, 2, 3]);
  });

  it('batches of 32 unless told otherwise', async () => {
    const [a, b] = [line(0.01), line(0.01)];
    const [x, y] = [random(1, [70, 1]), random(2, [70, 1])];
    await a.fit(x, y, { shuffle: false });
    await b.fit(x, y, { shuffle: false, batchSize: 32 });
    expect(weightsOf(a)).toEqual(weightsOf(b));
    const steps: number[] = [];
    await a.fit(x, y, { callbacks: { onBatchEnd: (_, logs) => void steps.push(logs?.size as number) } });
    expect(steps).toEqual([32, 32, 6]);
  });

  it('epochs counts from initialEpoch', async () => {
    const model = line(0.05);
    const { epoch, history } = await model.fit(column(xs), column(ys), { epochs: 5, initialEpoch: 3, batchSize: 10 });
    expect(epoch).toEqual([3, 4]);
    expect(history.loss).toHaveLength(2);
    expect((await model.fit(column(xs), column(ys), { epochs: 3, initialEpoch: 3 })).epoch).toEqual([]);
    const none: { loss: number[]; val_loss?: number[] } = (await model.fit(column(xs), column(ys), { epochs: 0 }))
      .history;
    expect(none).toEqual({ loss: [] });
  });

  it('one epoch unless told otherwise; x and y may come in arrays', async () => {
    expect((await line(0.1).fit([column(xs)], [column(ys)])).epoch).toEqual([0]);
  });

  it('does what trainOnBatch does, bit for bit', async () => {
    const [a, b] = [classifier(), classifier()].map((m) => settle(m)) as [sg.Sequential, sg.Sequential];
    for (const m of [a, b])
      m.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const [x, y] = [random(3, [22, 4]), classes(22)];
    const { history } = await a.fit(x, y, { batchSize: 8, shuffle: false });
    const seen: number[][] = [];
    for (let at = 0; at < 22; at += 8) {
      const rows = Math.min(8, 22 - at);
      seen.push((await b.trainOnBatch(x.slice(at, rows), y.slice(at, rows))) as number[]);
    }
    expect(weightsOf(a)).toEqual(weightsOf(b));
    const mean = (i: number): number => seen.reduce((sum, v, k) => sum + (v[i] as number) * (k < 2 ? 8 : 6), 0) / 22;
    expectClose([history.loss?.[0], history.acc?.[0]] as number[], [mean(0), mean(1)], 1e-6);
  });

  it('two calls go on where one would', async () => {
    const [once, twice] = [classifier(), classifier()].map((m) => settle(m)) as [sg.Sequential, sg.Sequential];
    for (const m of [once, twice]) m.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const [x, y] = [random(4, [10, 4]), classes(10)];
    await once.fit(x, y, { epochs: 4, shuffle: false, batchSize: 4 });
    await twice.fit(x, y, { epochs: 2, shuffle: false, batchSize: 4 });
    await twice.fit(x, y, { epochs: 4, initialEpoch: 2, shuffle: false, batchSize: 4 });
    expect(weightsOf(twice)).toEqual(weightsOf(once));
    expect(twice.optimizer.iterations).toBe(12);
  });

  it('data sets of other sizes may follow each other', async () => {
    const model = line(0);
    for (const count of [8, 40, 9, 200]) {
      const data = column(Array.from({ length: count }, (_, i) => i));
      const { history } = await model.fit(data, data, { batchSize: 4 });
      const expected = Array.from({ length: count }, (_, i) => (0.5 * i) ** 2).reduce((a, b) => a + b, 0) / count;
      expect((history.loss?.[0] as number) / expected).toBeCloseTo(1, 5);
    }
  });

  it('integers are taken as numbers, whatever came before', async () => {
    const model = line(0.1);
    const run = async (dtype: sg.DType): Promise<number> => {
      model.setWeights([sg.tensor2d([[0.5]])]);
      const { history } = await model.fit(sg.tensor([1, 2, 3, 4], [4, 1], dtype), column([1, 2, 3, 4]), {
        batchSize: 4,
      });
      return history.loss?.[0] as number;
    };
    expect(await run('float32')).toBeCloseTo(1.875, 6);
    expect(await run('int32')).toBeCloseTo(1.875, 6);
    expect(await run('float32')).toBeCloseTo(1.875, 6);
  });
});

describe('shuffling', () => {
  it('every epoch holds each example once, in another order', async () => {
    const epochs = await orderOf(20, { epochs: 4 });
    for (const order of epochs)
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(new Set(epochs.map(String)).size).toBe(4);
  });

  it('the orders follow the seed', async () => {
    const run = async (seed: number | string): Promise<number[][]> => {
      sg.setSeed(seed);
      return orderOf(12, { epochs: 3 });
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run('a')).toEqual(await run('a'));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it('all orders occur about as often', async () => {
    sg.setSeed(11);
    const counts = new Map<string, number>();
    for (const order of await orderOf(3, { epochs: 600 }))
      counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
    expect(counts.size).toBe(6);
    // 100 expected, standard deviation 9.
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(45);
  });

  it('shuffle: false keeps the order', async () => {
    expect(await orderOf(5, { epochs: 2, shuffle: false })).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });

  it('inputs and targets stay together', async () => {
    const model = line(0);
    model.setWeights([sg.tensor2d([[2]])]);
    const data = Array.from({ length: 50 }, (_, i) => i - 20);
    const { history } = await model.fit(column(data), column(data.map((v) => 2 * v)), { batchSize: 7, epochs: 5 });
    expect(history.loss).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('validation', () => {
  it('validationSplit takes the last examples, before shuffling', async () => {
    expect((await orderOf(10, { validationSplit: 0.3, epochs: 2 })).map((e) => [...e].sort())).toEqual([
      [0, 1, 2, 3, 4, 5, 6],
      [0, 1, 2, 3, 4, 5, 6],
    ]);
    const model = line(0);
    const { history } = await model.fit(column(xs), column(ys), { validationSplit: 0.3 });
    const error = (i: number): number => (0.5 * (xs[i] as number) - (ys[i] as number)) ** 2;
    expect(history.val_loss?.[0]).toBeCloseTo((error(7) + error(8) + error(9)) / 3, 6);
    expect(history.loss?.[0]).toBeCloseTo([0, 1, 2, 3, 4, 5, 6].reduce((s, i) => s + error(i), 0) / 7, 6);
  });

  it.each([
    [0.5, 7, 4],
    [0.1, 10, 1],
    [0.7, 10, 7],
    [0.99, 3, 3],
    [0.01, 10, 1],
    [0, 10, 0],
  ])('a share of %f of %i examples is %i', async (validationSplit, count, held) => {
    const model = line(0);
    const run = model.fit(sg.ones([count, 1]), sg.ones([count, 1]), { validationSplit });
    // As in Keras, floor(n (1 - share)) are trained on.
    if (held === count) return expect(run).rejects.toThrow(sg.ArgumentError);
    const sizes: number[] = [];
    const callbacks = { onBatchEnd: (_: number, logs?: sg.Logs) => void sizes.push(logs?.size as number) };
    const { history } = await run.then(() =>
      model.fit(sg.ones([count, 1]), sg.ones([count, 1]), { validationSplit, callbacks }),
    );
    expect(sizes).toEqual([count - held]);
    expect('val_loss' in history).toBe(held > 0);
    return undefined;
  });

  it('validationData is measured after each epoch, in batches of any size, and not trained on', async () => {
    const [x, y] = [random(5, [13, 4]), classes(13)];
    const runs: number[][] = [];
    for (const validationBatchSize of [undefined, 1, 5, 13, 100]) {
      const model = settle(classifier());
      model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      const data = { validationData: [x, y] as const, validationBatchSize, validationSplit: 0.9 };
      const { history } = await model.fit(random(6, [20, 4]), classes(20), { ...data, shuffle: false });
      const measured = [history.val_loss?.[0], history.val_acc?.[0]] as number[];
      expectClose(read(model.evaluate(x, y)), measured, 1e-6);
      runs.push(measured);
      expect(model.optimizer.iterations).toBe(1);
    }
    for (const run of runs) expectClose(run, runs[0] as number[], 1e-6);
  });

  it.each([
    ['a share of 1', { validationSplit: 1 }, sg.ArgumentError],
    ['a share below 0', { validationSplit: -0.1 }, sg.ArgumentError],
    ['a share of NaN', { validationSplit: Number.NaN }, sg.ArgumentError],
    ['no targets', { validationData: [sg.ones([4, 1])] }, sg.ArgumentError],
    ['lengths that differ', { validationData: [sg.ones([4, 1]), sg.ones([3, 1])] }, sg.ArgumentError],
    ['another shape', { validationData: [sg.ones([4, 2]), sg.ones([4, 1])] }, sg.ShapeError],
    ['no examples', { validationData: [sg.ones([0, 1]), sg.ones([0, 1])] }, sg.ArgumentError],
    ['batches of 0', { validationSplit: 0.5, validationBatchSize: 0 }, sg.ArgumentError],
    ['batches of 1.5', { validationSplit: 0.5, validationBatchSize: 1.5 }, sg.ArgumentError],
  ])('%s: an error, before anything is trained', async (_, args, kind) => {
    const model = line(0.1);
    // A loop that does not end shows as an error of another kind.
    const trainer = trainerOf(model);
    const test = trainer.stepFor.bind(trainer);
    let calls = 0;
    trainer.stepFor = (...given) => {
      if (++calls > 50) throw new Error('endless');
      return test(...given);
    };
    await expect(model.fit(column(xs), column(ys), args as unknown as sg.FitArgs)).rejects.toThrow(kind);
    expect(weightsOf(model)).toEqual([[0.5]]);
    expect((await model.fit(column(xs), column(ys))).epoch).toEqual([0]);
  });
});

describe('arguments out of range', () => {
  it.each([
    [{ batchSize: 0 }],
    [{ batchSize: -4 }],
    [{ batchSize: 2.5 }],
    [{ batchSize: Number.NaN }],
    [{ batchSize: '8' }],
    [{ epochs: -1 }],
    [{ epochs: 1.5 }],
    [{ initialEpoch: -1 }],
  ])('%j', async (args) => {
    const model = line(0.1);
    const run = model.fit(column(xs), column(ys), args as sg.FitArgs);
    await expect(run).rejects.toThrow(sg.ArgumentError);
    await expect(run).rejects.toThrow(new RegExp(Object.keys(args)[0] as string));
    expect(weightsOf(model)).toEqual([[0.5]]);
  });
});

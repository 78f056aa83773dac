/** Training and testing on data sets that give batches one by one. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { collect } from '../support/collect';
import { classes, classifier, random, read, settle, weightsOf } from './helpers';

type Tensor = sg.Tensor;

const N = 13;
const x = random(1, [N, 4]);
const y = classes(N);
const weights = random(2, [N], 0, 2);

function compiled(): sg.Sequential {
  const model = settle(classifier());
  model.compile({ optimizer: sg.train.adam(0.05), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

type Element = Parameters<sg.Sequential['fitDataset']>[0];

interface Options {
  readonly size?: number;
  readonly weighted?: boolean;
  readonly asList?: boolean;
  readonly passes?: number;
}

/** Batches of the examples in order, once for each iterator or several times over. */
function batches({ size = 5, weighted = false, asList = false, passes = 1 }: Options = {}) {
  const state = { opened: 0, closed: 0, given: 0 };
  const dataset: Element = {
    async iterator() {
      state.opened++;
      let at = 0;
      let pass = 0;
      return {
        async next() {
          if (at >= N) {
            at = 0;
            pass++;
          }
          if (pass === passes) return { done: true, value: undefined };
          const rows = Math.min(size, N - at);
          const part = (t: Tensor): Tensor => t.slice(at, rows);
          const [xs, ys, sampleWeights] = [part(x), part(y), weighted ? part(weights) : undefined];
          at += rows;
          state.given++;
          const named = sampleWeights ? { xs, ys, sampleWeights } : { xs, ys };
          return { done: false, value: asList ? Object.values(named) : named };
        },
        async return() {
          state.closed++;
          return undefined;
        },
      };
    },
  };
  return { dataset, state };
}

describe('fitDataset', () => {
  it.each<[string, Options]>([
    ['objects', {}],
    ['lists', { asList: true }],
    ['with weights', { weighted: true }],
    ['lists with weights', { weighted: true, asList: true }],
    ['one batch', { size: N }],
    ['one by one', { size: 1 }],
  ])('trains as fit does, bit for bit: %s', async (_, options) => {
    const [a, b] = [compiled(), compiled()];
    const { history } = await a.fitDataset(batches(options).dataset, { epochs: 3 });
    const args = options.weighted ? { sampleWeight: weights } : {};
    const expected = await b.fit(x, y, { epochs: 3, batchSize: options.size ?? 5, shuffle: false, ...args });
    expect(history).toEqual(expected.history);
    expect(weightsOf(a)).toEqual(weightsOf(b));
    const whole = read(a.evaluate(x, y, args));
    expect(read(await a.evaluateDataset(batches(options).dataset))).toEqual(whole);
  });

  it('with class weights, and validation on tensors or on a data set', async () => {
    const classWeight = { 0: 0.2, 1: 4 };
    const [a, b, c] = [compiled(), compiled(), compiled()];
    const first = await a.fitDataset(batches().dataset, { epochs: 2, classWeight, validationData: [x, y] });
    const expected = await b.fit(x, y, {
      epochs: 2,
      batchSize: 5,
      shuffle: false,
      classWeight,
      validationData: [x, y],
    });
    expect(first.history).toEqual(expected.history);
    const { dataset, state } = batches({ size: 4 });
    const second = await c.fitDataset(batches().dataset, { epochs: 2, classWeight, validationData: dataset });
    expect(second.history).toEqual(expected.history);
    expect(state.opened).toBe(2);
  });

  it('with batchesPerEpoch the data set goes on from epoch to epoch', async () => {
    const { dataset, state } = batches({ passes: 2 });
    const a = compiled();
    const { epoch } = await a.fitDataset(dataset, { epochs: 3, batchesPerEpoch: 2 });
    expect(epoch).toEqual([0, 1, 2]);
    expect(state).toEqual({ opened: 1, closed: 1, given: 6 });
    const b = compiled();
    for (const at of [0, 5, 10, 0, 5, 10])
      await b.trainOnBatch(x.slice(at, Math.min(5, N - at)), y.slice(at, Math.min(5, N - at)));
    expect(weightsOf(a)).toEqual(weightsOf(b));
  });

  it('without it, each epoch is all of it', async () => {
    const { dataset, state } = batches();
    await compiled().fitDataset(dataset, { epochs: 3 });
    expect(state).toEqual({ opened: 3, closed: 3, given: 9 });
  });

  it('holds one batch at a time', async () => {
    const model = compiled();
    await model.fitDataset(batches().dataset);
    await collect();
    const before = sg.memory();
    let most = 0;
    const onBatchEnd = (): void => {
      most = Math.max(most, sg.memory().numTensors - before.numTensors);
    };
    await model.fitDataset(batches().dataset, { epochs: 5, classWeight: { 0: 2 }, callbacks: { onBatchEnd } });
    expect(most).toBeLessThanOrEqual(3);
    expect(sg.memory().numTensors).toBe(before.numTensors);
  });

  it('keeps a bounded number of programs, whatever shapes come', async () => {
    const model = settle(sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [null, 2] })] }));
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const sizes: number[] = [];
    for (let length = 1; length <= 100; length++) {
      const series = sg.ones([1, length, 2]);
      const target = sg.ones([1, length, 1]);
      await model.trainOnBatch(series, target);
      sg.dispose([series, target]);
      sizes.push(sg.memory().numBytes);
    }
    expect(sizes[99] as number).toBeLessThan((sizes[31] as number) * 2);
  });

  it.each<[string, unknown, RegExp]>([
    ['an object without targets', { xs: sg.ones([2, 4]) }, /batch 0.*xs, ys/],
    ['numbers', [1, 2], /batch 0.*batch the data set/],
    [
      'columns of a table',
      { xs: { a: sg.ones([2]), b: sg.ones([2]) }, ys: sg.ones([2]) },
      /batch 0: x needs (\w+); missing: \1; got a, b: if these are columns .*Object\.values\(xs\).* before batch$/,
    ],
    ['nothing', undefined, /batch 0/],
    ['another shape', { xs: sg.ones([2, 5]), ys: sg.ones([2]) }, /batch 0.*\[null, 4\]/],
    ['other lengths', { xs: sg.ones([2, 4]), ys: sg.ones([3]) }, /batch 0.*2 examples.*3/],
    ['an unknown key', { xs: sg.ones([2, 4]), ys: sg.ones([2]), weights: sg.ones([2]) }, /batch 0.*holds weights/],
    ['a fourth entry', [sg.ones([2, 4]), sg.ones([2]), sg.ones([2]), 1], /batch 0.*holds 3 besides/],
  ])('%s: an error with the number of the batch', async (_, element, message) => {
    let closed = 0;
    const dataset: Element = {
      iterator: async () => ({
        next: async () => ({ done: false, value: element }),
        return: async () => void closed++,
      }),
    };
    const model = compiled();
    await expect(model.fitDataset(dataset)).rejects.toThrow(message);
    expect(closed).toBe(1);
    await model.fit(x, y);
  });

  it('data that ends too early is an error', async () => {
    await expect(compiled().fitDataset(batches().dataset, { epochs: 2, batchesPerEpoch: 2 })).rejects.toThrow(
      /after 1 of 2 batches of epoch 1/,
    );
    await expect(compiled().fitDataset(batches({ passes: 0 }).dataset)).rejects.toThrow(/after 0 of its batches/);
    await expect(compiled().evaluateDataset(batches({ passes: 0 }).dataset)).rejects.toThrow(sg.ArgumentError);
    await expect(compiled().fitDataset([] as never)).rejects.toThrow(/iterator/);
  });

  it('data without an end needs a number of batches', async () => {
    const endless = sg.data
      .array([{ xs: [0, 0, 0, 0], ys: 0 }])
      .repeat()
      .batch(2);
    const model = compiled();
    await expect(model.fitDataset(endless)).rejects.toThrow(/has no end; give batchesPerEpoch/);
    await expect(model.evaluateDataset(endless)).rejects.toThrow(/has no end; give batches,/);
    const run = (args: object) => model.fitDataset(endless, { batchesPerEpoch: 2, validationData: endless, ...args });
    await expect(run({})).rejects.toThrow(/has no end; give validationBatches/);
    expect((await run({ validationBatches: 1 })).history.val_loss).toHaveLength(1);
    expect(model.optimizer.iterations).toBe(2);
  });

  it('weights of examples by either name', async () => {
    const losses = ['sampleWeights', 'sampleWeight'].map(async (key) => {
      const rows = [0, 1].map((i) => ({ xs: [i, 1, 2, 3], ys: i, [key]: 2 * i }));
      return read(await compiled().evaluateDataset(sg.data.array(rows).batch(2)))[0] as number;
    });
    const twice = compiled().evaluate(sg.tensor2d([[1, 1, 2, 3]]), sg.tensor1d([1]));
    expect(await Promise.all(losses)).toEqual(new Array(2).fill(read(twice)[0]));
  });

  it('an error of the data set arrives, and the model can be used', async () => {
    const dataset: Element = {
      iterator: async () => ({
        next: async () => {
          throw new RangeError('mine');
        },
      }),
    };
    const model = compiled();
    await expect(model.fitDataset(dataset)).rejects.toThrow('mine');
    await model.fit(x, y);
  });
});

describe('evaluateDataset', () => {
  it('of so many batches', async () => {
    const model = compiled();
    const some = read(await model.evaluateDataset(batches().dataset, { batches: 2 }));
    expect(some).toEqual(read(model.evaluate(x.slice(0, 10), y.slice(0, 10))));
    await expect(model.evaluateDataset(batches().dataset, { batches: 4 })).rejects.toThrow(/3 of 4/);
  });
});

describe('callbacks of testing', () => {
  const log: string[] = [];
  const listener = {
    onTestBegin: () => void log.push('begin'),
    onTestBatchBegin: (batch: number, logs?: sg.Logs) => void log.push(`batch ${batch} of ${logs?.size}`),
    onTestBatchEnd: (batch: number, logs?: sg.Logs) => void log.push(`end ${batch}: ${Object.keys(logs ?? {}).sort()}`),
    onTestEnd: (logs?: sg.Logs) => void log.push(`end: ${Object.keys(logs ?? {})}`),
  };
  const expected = [
    'begin',
    ...[5, 5, 3].flatMap((size, i) => [`batch ${i} of ${size}`, `end ${i}: acc,batch,loss,size`]),
    'end: loss,acc',
  ];

  it('are called by evaluateDataset, and by the validations of fit', async () => {
    await compiled().evaluateDataset(batches().dataset, { callbacks: listener });
    expect(log.splice(0)).toEqual(expected);
    await compiled().fit(x, y, { validationData: [x, y], validationBatchSize: 5, callbacks: [listener] });
    expect(log.splice(0)).toEqual(expected);
    await compiled().fit(x, y, { epochs: 5, validationFreq: [2, 3], validationSplit: 0.5, callbacks: [listener] });
    expect(log.splice(0).filter((l) => l === 'begin')).toHaveLength(2);
  });
});

/** Whoever uses a model in between, from a callback or beside an evaluation, changes nothing for the others. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { linear, read, weightsOf } from './helpers';

const x = sg.ones([4, 2]);
const y = sg.zeros([4, 1]);
const other = sg.fill([2, 2], 10);
const none = sg.zeros([2, 1]);

/** The sum of two inputs; the rate is 0. */
function summing(metrics: string[] = []): sg.Sequential {
  const model = linear(2, 1, { kernelInitializer: 'ones' });
  model.compile({ optimizer: sg.train.sgd(0), loss: 'meanSquaredError', metrics });
  return model;
}

const rows = (value: number, count = 4) =>
  sg.data.array(Array.from({ length: count }, () => ({ xs: [value, value], ys: [0] }))).batch(2);

type Run = (model: sg.Sequential, callbacks: sg.CallbackArgs) => Promise<sg.History>;
const fits: Record<string, Run> = {
  fit: (model, callbacks) => model.fit(x, y, { batchSize: 2, epochs: 2, shuffle: false, callbacks }),
  'fit, shuffled': (model, callbacks) => model.fit(x, y, { batchSize: 2, epochs: 2, callbacks }),
  fitDataset: (model, callbacks) => model.fitDataset(rows(1), { epochs: 2, callbacks }),
};

describe.each(Object.entries(fits))('%s', (_, run) => {
  it.each(['onBatchBegin', 'onBatchEnd', 'onEpochBegin', 'onEpochEnd'] as const)(
    'is the same with other batches in %s',
    async (event) => {
      const model = summing(['meanAbsoluteError']);
      const seen: number[] = [];
      const uses = async (): Promise<void> => {
        seen.push(((await model.trainOnBatch(other, none)) as number[])[0] as number);
        seen.push(read(model.evaluate(other, none))[0] as number, read(model.testOnBatch(other, none))[0] as number);
        model.predict(other).dispose();
        seen.push(read(await model.evaluateDataset(rows(10)))[0] as number);
      };
      const { history } = await run(model, { [event]: uses });
      expect(history).toEqual({ loss: [4, 4], meanAbsoluteError: [2, 2] });
      expect(new Set(seen)).toEqual(new Set([400]));
    },
  );

  it('compile, add and pop wait for its end', async () => {
    const model = summing();
    const errors: unknown[] = [];
    const attempt = (fn: () => void): void => {
      try {
        fn();
      } catch (error) {
        errors.push(error);
      }
    };
    const { history } = await run(model, {
      onEpochEnd: () => {
        attempt(() => model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' }));
        attempt(() => model.pop());
        attempt(() => model.add(sg.layers.dense({ units: 1 })));
      },
    });
    expect(history.loss).toEqual([4, 4]);
    expect(model.layers).toHaveLength(1);
    expect(errors).toHaveLength(6);
    for (const error of errors) expect(error).toBeInstanceOf(sg.StateError);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  });
});

it('tensors that a callback has disposed of are an error, not the memory of others', async () => {
  const model = summing();
  const own = sg.ones([4, 2]);
  const callbacks = { onBatchBegin: () => own.dispose() };
  await expect(model.fit(own, y, { batchSize: 2, callbacks })).rejects.toThrow(sg.DisposedError);
});

describe('evaluations', () => {
  it('side by side', async () => {
    const model = summing(['meanAbsoluteError']);
    const all = await Promise.all([1, 2, 3].map((v) => model.evaluateDataset(rows(v, 6))));
    expect(all.map((values) => read(values))).toEqual([
      [4, 2],
      [16, 4],
      [36, 6],
    ]);
  });

  it('beside a training, and in its validation', async () => {
    const model = summing(['auc']);
    const seen: number[] = [];
    const evaluate = (): void => void seen.push(read(model.evaluate(other, none))[0] as number);
    const training = model.fitDataset(rows(1, 20), {
      epochs: 3,
      validationData: rows(2, 20),
      yieldEvery: 'batch',
      callbacks: { onTestBatchBegin: evaluate, onTestBatchEnd: evaluate, onTestEnd: evaluate },
    });
    const beside: number[][] = [];
    for (let i = 0; i < 6; i++) beside.push(read(await model.evaluateDataset(rows(3, 20))));
    const { history } = await training;
    expect(history.loss).toEqual([4, 4, 4]);
    expect(history.val_loss).toEqual([16, 16, 16]);
    expect(beside.map(([loss]) => loss)).toEqual(new Array(6).fill(36));
    expect(new Set(seen)).toEqual(new Set([400]));
  });
});

it('stopped before its first batch, an epoch did not happen', async () => {
  const model = summing();
  const stop = {
    onEpochBegin: (epoch: number) => {
      model.stopTraining = epoch === 1;
    },
  };
  const { history, epoch } = await model.fit(x, y, { epochs: 3, validationData: [x, y], callbacks: stop });
  expect(history).toEqual({ loss: [4], val_loss: [4] });
  expect(epoch).toEqual([0]);
  expect(model.position.epoch).toBe(1);
});

it('averages of the weights are the weights in the end, as in Keras', async () => {
  const train = async (args: object): Promise<number[][]> => {
    const model = linear(2, 1, { kernelInitializer: 'ones' });
    model.compile({ optimizer: sg.train.sgd({ learningRate: 0.1, ...args }), loss: 'meanSquaredError' });
    await model.fit(x, y, { epochs: 3, callbacks: { onTrainEnd: () => void ends.push(weightsOf(model)) } });
    return weightsOf(model);
  };
  const ends: number[][][] = [];
  const [plain, averaged] = [await train({}), await train({ useEma: true, emaMomentum: 0.5 })];
  expect(averaged).not.toEqual(plain);
  expect(ends).toEqual([plain, averaged]);
  // w by 0.1 * 2 * (w + w + b) in each step, and the mean of the last and the new average, the first being w itself.
  let [w, b] = [1, 0];
  let mean: number | undefined;
  for (let i = 0; i < 3; i++) {
    const slope = 0.2 * (2 * w + b);
    [w, b] = [w - slope, b - slope];
    mean = mean === undefined ? w : (mean + w) / 2;
  }
  expect((plain[0] as number[])[0]).toBeCloseTo(w, 6);
  expect((averaged[0] as number[])[0]).toBeCloseTo(mean as number, 6);
});

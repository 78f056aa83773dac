/** The training loop: batches, order, validation, callbacks, odd sizes. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';

const network = (): sg.Sequential => {
  sg.setSeed(3);
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 6, activation: 'relu', inputShape: [3] }),
      sg.layers.dropout({ rate: 0.2 }),
      sg.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: sg.train.sgd(0.1), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
};

const examples = (count: number) => ({
  x: sg.randomNormal([count, 3], 0, 1, 'float32', 1),
  y: sg.oneHot(sg.randomUniformInt([count], 0, 2, 2), 2),
});

const weightsOf = (model: sg.Sequential): Float32Array[] => model.getWeights().map((w) => w.dataSync<'float32'>());

const line = (): sg.Sequential => sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1] })] });

test.each<[string, object, RegExp]>([
  [
    'misspelled',
    { batch_size: 8 },
    /fit: unknown setting 'batch_size'; did you mean 'batchSize'\? known are epochs, .*batchSize/,
  ],
  [
    'validationFreq',
    { validationFreq: [0] },
    /validationFreq must be a positive integer, or a list of them, got \[0\]/,
  ],
  ['yieldEvery', { yieldEvery: 'often' }, /yieldEvery must be milliseconds >= 0 or auto, batch, epoch, never/],
  ['validationData', { validationData: { xs: 1, ys: 1 } }, /validationData must be \[x, y\]/],
])('arguments: %s', async (_, args, message) => {
  const model = line();
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  const run = () => model.fit(sg.ones([2, 1]), sg.ones([2, 1]), args as sg.FitArgs);
  await expect(run()).rejects.toThrow(sg.ArgumentError);
  await expect(run()).rejects.toThrow(message);
});

test.each(['auto', 'batch', 'epoch', 'never', 0, 5] as const)('yields: %s', async (yieldEvery) => {
  const model = line();
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  let [isFree, seen] = [false, 0];
  const timer = setTimeout(() => {
    isFree = true;
  });
  const onEpochEnd = (): void => {
    if (isFree) seen++;
  };
  await model.fit(sg.ones([8, 1]), sg.ones([8, 1]), { batchSize: 1, epochs: 5, yieldEvery, callbacks: { onEpochEnd } });
  clearTimeout(timer);
  if (yieldEvery === 'never') expect(seen).toBe(0);
  if (yieldEvery === 'batch' || yieldEvery === 0) expect(seen).toBeGreaterThan(0);
});

describe('fit', () => {
  test('a last short batch: all examples are seen once', async () => {
    const { x, y } = examples(11);
    const sizes: number[] = [];
    const callbacks = { onBatchEnd: (_: number, logs?: sg.Logs) => void sizes.push(logs?.size as number) };
    const { history, epoch } = await network().fit(x, y, { batchSize: 4, epochs: 2, callbacks, verbose: 0 });
    expect(sizes).toEqual([4, 4, 3, 4, 4, 3]);
    expect(epoch).toEqual([0, 1]);
    expect(Object.keys(history)).toEqual(['loss', 'acc']);
  });

  test('the same seed gives the same weights, another seed others', async () => {
    const { x, y } = examples(20);
    const run = async (seed: number): Promise<Float32Array[]> => {
      const model = network();
      sg.setSeed(seed);
      await model.fit(x, y, { batchSize: 8, epochs: 3, verbose: 0 });
      return weightsOf(model);
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
  });

  test('validation: by share, taken from the end, or given; the logs carry val_', async () => {
    const { x, y } = examples(20);
    const shared = await network().fit(x, y, { validationSplit: 0.25, shuffle: false, verbose: 0 });
    const model = network();
    const given = await model.fit(x.slice(0, 15), y.slice(0, 15), {
      validationData: [x.slice(15), y.slice(15)],
      shuffle: false,
      verbose: 0,
    });
    expect(shared.history).toEqual(given.history);
    expect(Object.keys(given.history)).toEqual(['loss', 'acc', 'val_loss', 'val_acc']);
    const [loss] = model.evaluate(x.slice(15), y.slice(15)) as sg.Tensor[];
    expect(given.history.val_loss?.[0]).toBeCloseTo(loss?.dataSync()[0] as number, 6);
  });

  test('callbacks come in order, and stopTraining stops', async () => {
    const { x, y } = examples(4);
    const seen: string[] = [];
    const model = network();
    await model.fit(x, y, {
      batchSize: 4,
      epochs: 3,
      verbose: 0,
      callbacks: {
        onTrainBegin: () => void seen.push('train'),
        onEpochBegin: (e) => void seen.push(`epoch ${e}`),
        onBatchBegin: (b) => void seen.push(`batch ${b}`),
        onBatchEnd: (b) => void seen.push(`batch ${b} end`),
        onEpochEnd: async (e) => {
          seen.push(`epoch ${e} end`);
          model.stopTraining = e === 1;
        },
        onTrainEnd: () => void seen.push('train end'),
      },
    });
    const epoch = (e: number): string[] => [`epoch ${e}`, 'batch 0', 'batch 0 end', `epoch ${e} end`];
    expect(seen).toEqual(['train', ...epoch(0), ...epoch(1), 'train end']);
  });

  test('the event loop runs meanwhile', async () => {
    const { x, y } = examples(64);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await network().fit(x, y, { batchSize: 1, epochs: 400, verbose: 0, yieldEvery: 2 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  test('a second fit at the same time is refused', async () => {
    const { x, y } = examples(64);
    const model = network();
    const first = model.fit(x, y, { epochs: 50, yieldEvery: 0, verbose: 0 });
    await expect(model.fit(x, y)).rejects.toThrow(sg.StateError);
    await first;
  });

  test('no examples, no compile, settings out of range', async () => {
    const { x, y } = examples(8);
    await expect(network().fit(sg.zeros([0, 3]), sg.zeros([0, 2]))).rejects.toThrow(/no examples/);
    await expect(network().fit(x, y, { batchSize: 0 })).rejects.toThrow(sg.ArgumentError);
    await expect(network().fit(x, y, { validationSplit: 1 })).rejects.toThrow(sg.ArgumentError);
    const bare = sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [3] })] });
    await expect(bare.fit(x, y)).rejects.toThrow(sg.StateError);
  });

  test('NaN in the data shows in the loss', async () => {
    const { y } = examples(4);
    const x = sg.fill([4, 3], Number.NaN);
    const { history } = await network().fit(x, y, { verbose: 0 });
    expect(history.loss?.[0]).toBeNaN();
  });
});

describe('predict and evaluate', () => {
  test('zero rows give zero rows', () => expect(network().predict(sg.zeros([0, 3])).shape).toEqual([0, 2]));

  test('integers are taken as numbers', () => {
    const model = network();
    const whole = model.predict(sg.tensor2d([[1, 2, 3]], undefined, 'int32')).dataSync();
    expect(whole).toEqual(model.predict(sg.tensor2d([[1, 2, 3]])).dataSync());
  });

  test('evaluate does not depend on the batch size, but for rounding', () => {
    const { x, y } = examples(13);
    const model = network();
    const values = [1, 4, 13].map((batchSize) =>
      (model.evaluate(x, y, { batchSize }) as sg.Tensor[]).map((t) => t.dataSync()[0] as number),
    );
    for (const v of values) {
      expect(v[0]).toBeCloseTo(values[0]?.[0] as number, 6);
      expect(v[1]).toBe(values[0]?.[1]);
    }
  });
});

describe('weights', () => {
  test('a round trip, and errors that change nothing', () => {
    const model = network();
    const before = weightsOf(model);
    const other = sg.sequential({
      layers: [sg.layers.dense({ units: 6, inputShape: [3] }), sg.layers.dense({ units: 2 })],
    });
    other.setWeights(model.getWeights());
    expect(weightsOf(other)).toEqual(before);
    expect(() => model.setWeights([])).toThrow(sg.ArgumentError);
    expect(() => model.setWeights([...model.getWeights().slice(0, 3), sg.zeros([3])])).toThrow(sg.ShapeError);
    expect(weightsOf(model)).toEqual(before);
  });

  test('batch normalization: moving statistics follow while training and serve at inference', async () => {
    const model = sg.sequential({
      layers: [sg.layers.batchNormalization({ inputShape: [1], momentum: 0.9, epsilon: 0 })],
    });
    model.compile({ optimizer: sg.train.sgd(0), loss: 'meanSquaredError' });
    const x = sg.tensor2d([[1], [3], [5], [7]]);
    await model.trainOnBatch(x, x);
    const [, , mean, variance] = weightsOf(model) as [Float32Array, Float32Array, Float32Array, Float32Array];
    expect(mean[0]).toBeCloseTo(0.1 * 4, 6);
    expect(variance[0]).toBeCloseTo(0.9 + 0.1 * 5, 6);
    const y = model.predict(sg.tensor2d([[2]])).dataSync()[0] as number;
    expect(y).toBeCloseTo((2 - 0.4) / Math.sqrt(1.4), 5);
  });

  test('summary', () => {
    const lines: string[] = [];
    network().summary(undefined, undefined, (line) => void lines.push(line));
    expect(lines.join('\n')).toMatch(/dense\w* \(Dense\) +\[null, 6\] +24/);
    expect(lines.join('\n')).toContain('Total params: 38 (0.15 KB)');
  });
});

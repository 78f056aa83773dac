/** Training by several processes, replayed in one: the bits of one process, whatever their number. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src';
import { training } from '../../src/distributed/distribute';
import { alone, type World } from '../../src/distributed/world';
import { inRanksLater } from './replayed-world';

const { layers } = sg;

const MODELS: Record<string, readonly [readonly number[], () => sg.layers.Layer[], object]> = {
  'an MLP with dropout, clipped by the global norm': [
    [5],
    () => [layers.dense({ units: 8, activation: 'relu' }), layers.dropout({ rate: 0.4 })],
    { learningRate: 0.01, globalClipNorm: 0.2 },
  ],
  'batch normalization': [
    [3, 2],
    () => [layers.dense({ units: 4 }), layers.batchNormalization({ momentum: 0.5 }), layers.flatten({})],
    { learningRate: 0.01 },
  ],
};

/** What a process of a world has trained: bits of all weights, and logs. */
async function train(name: string, world: World, args: sg.FitArgs = {}): Promise<unknown> {
  const [shape, make, settings] = MODELS[name] as (typeof MODELS)[string];
  // Only the first process has the right weights, and the right seed.
  sg.setSeed(3 + world.rank);
  const model = sg.sequential({ layers: [layers.inputLayer({ inputShape: [...shape] }), ...make()] });
  model.add(layers.dense({ units: 3, activation: 'softmax' }));
  model.compile({ optimizer: sg.train.adam(settings), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const x = sg.randomNormal([34, ...shape], 0, 1, 'float32', 5);
  const y = sg.oneHot(sg.randomUniform([34], 0, 3, 'int32', 6), 3);
  const distribute = training(world);
  const { history } = await model.fit(x, y, { batchSize: 22, verbose: 0, distribute, chunk: 4, ...args });
  const found = { weights: model.getWeights().map((w) => w.dataSync()), history };
  model.dispose();
  return found;
}

describe.each(Object.keys(MODELS))('%s', (name) => {
  test.each([2, 3])('%i processes', async (size) => {
    const one = await train(name, { ...alone });
    for (const found of await inRanksLater(size, (world) => train(name, world))) expect(found).toEqual(one);
  });
});

test('more processes than chunks, and a validation', async () => {
  const name = 'an MLP with dropout, clipped by the global norm';
  const args = { validationSplit: 0.2, batchSize: 13 };
  const one = await train(name, { ...alone }, args);
  for (const found of await inRanksLater(5, (world) => train(name, world, args))) expect(found).toEqual(one);
});

test('callbacks are those of the first process: all stop when it does, with its learning rate', async () => {
  const name = 'an MLP with dropout, clipped by the global norm';
  const heard: number[] = [];
  const run = (world: World): Promise<unknown> => {
    let model: sg.LayersModel | undefined;
    const callbacks = {
      setModel: (m: sg.LayersModel) => {
        model = m;
      },
      onEpochEnd: (epoch: number) => {
        heard.push(world.rank);
        if (model) (model.optimizer as { learningRate: number }).learningRate = 0.5;
        if (epoch === 1 && model) model.stopTraining = true;
      },
    };
    return train(name, world, { epochs: 4, batchSize: 34, callbacks });
  };
  const one = await run({ ...alone });
  for (const found of await inRanksLater(2, run)) expect(found).toEqual(one);
  expect(new Set(heard)).toEqual(new Set([0]));
});

describe('data sets of which each process makes its rows alone', () => {
  const COUNT = 45;
  const features = sg.randomNormal([COUNT, 5], 0, 1, 'float32', 5).arraySync() as number[][];

  /** Weights and logs, and the examples that the process has made. */
  async function learn(world: World, isSharded: boolean): Promise<{ found: unknown; made: readonly number[] }> {
    sg.setSeed(3);
    const distribute = training(world);
    const model = sg.sequential({ layers: [layers.dense({ units: 6, activation: 'relu', inputShape: [5] })] });
    model.add(layers.dropout({ rate: 0.2 }));
    model.add(layers.dense({ units: 1 }));
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
    const made: number[] = [];
    const load = async (i: number) => {
      made.push(i);
      return { xs: features[i] as number[], ys: [i / COUNT] };
    };
    const indices = sg.data.array(Array.from({ length: COUNT }, (_, i) => i)).shuffle(COUNT, 'seed');
    const batches = isSharded
      ? distribute.shard(indices, { batchSize: 20, chunk: 4, load })
      : indices.mapAsync(load).batch(20);
    const { history } = await model.fitDataset(batches, { epochs: 2, verbose: 0, distribute, chunk: 4 });
    const found = { weights: model.getWeights().map((w) => w.dataSync()), history };
    model.dispose();
    return { found, made };
  }

  test.each([1, 2, 3, 6])('%i processes have the bits of one that makes everything', async (size) => {
    const { found: one } = await learn({ ...alone }, false);
    const all =
      size === 1 ? [await learn({ ...alone }, true)] : await inRanksLater(size, (world) => learn(world, true));
    for (const { found } of all) expect(found).toEqual(one);
    const made = all.flatMap((each) => each.made);
    expect(new Set(made).size).toBe(COUNT);
    // Two epochs; a process without rows in a batch, of five chunks or of two, makes one example of it.
    expect(made).toHaveLength(2 * (COUNT + 2 * Math.max(0, size - 5) + Math.max(0, size - 2)));
  });

  test('batches of other processes or chunks are refused', async () => {
    const model = sg.sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const world = training({ ...alone });
    const examples = sg.data.array([1, 2, 3]).map((i) => ({ xs: [i], ys: [i] }));
    const batches = world.shard(examples, { batchSize: 3, chunk: 2 });
    const args = { verbose: 0, epochs: 1 };
    await expect(model.fitDataset(batches, args)).rejects.toThrow(
      /batch 0: holds the rows of process 0 of 1 in chunks of 2/,
    );
    await expect(model.fitDataset(batches, { ...args, distribute: world, chunk: 3 })).rejects.toThrow(
      /the training is that of process 0 of 1 in chunks of 3; give shard, distribute and chunk alike/,
    );
    await model.fitDataset(batches, { ...args, distribute: world, chunk: 2 });
    expect(() => world.shard([1, 2] as never)).toThrow(/shard: needs a data set/);
    expect(() => world.shard(examples, { chunk: 0 })).toThrow(/chunk must be a positive integer/);
    expect(() => world.shard(examples, { load: 3 as never })).toThrow(/load must be a function/);
  });
});

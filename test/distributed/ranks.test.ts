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

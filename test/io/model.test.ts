/** Models saved and loaded in every form: the same predictions, and the same steps after them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random } from '../models/helpers';

const folder = mkdtempSync(join(tmpdir(), 'models-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { layers } = sg;
const x = random(1, [12, 6]);
const y = random(2, [12, 3]);

function make(): sg.LayersModel {
  const input = sg.input({ shape: [6], name: 'data' });
  const hidden = layers.dense({ units: 8, activation: 'relu', kernelRegularizer: 'l2', name: 'hidden' }).apply(input);
  const dropped = layers.dropout({ rate: 0.3 }).apply(layers.batchNormalization().apply(hidden));
  const outputs = layers.dense({ units: 3, name: 'out' }).apply(dropped);
  const model = sg.model({ inputs: input, outputs });
  model.compile({
    optimizer: sg.train.adamW({ learningRate: sg.schedules.exponentialDecay(0.01, 5, 0.9), clipNorm: 1 }),
    loss: sg.losses.huber({ delta: 0.7 }),
    metrics: ['mae', sg.metrics.rootMeanSquaredError()],
  });
  model.optimizer.excludeFromWeightDecay(['bias', 'gamma', 'beta']);
  return model;
}

/** Losses and metrics of steps, then all weights. */
async function continueTraining(model: sg.LayersModel): Promise<unknown[]> {
  const steps: unknown[] = [];
  for (let i = 0; i < 10; i++) steps.push(await model.trainOnBatch(x, y));
  return [steps, ...model.getWeights().map((w) => [...w.dataSync()])];
}

const values = (t: sg.Tensor | sg.Tensor[]) => [...(t as sg.Tensor).dataSync()];

async function trained(): Promise<sg.LayersModel> {
  const model = make();
  for (let i = 0; i < 3; i++) await model.trainOnBatch(x, y);
  return model;
}

/** By way of a handler. */
async function inMemory(model: sg.LayersModel, options: sg.io.SaveOptions): Promise<sg.LayersModel> {
  let kept: sg.io.ModelArtifacts | undefined;
  const handler = sg.io.withSaveHandler(async (artifacts) => {
    kept = artifacts;
    return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await model.save(handler, options);
  return sg.loadLayersModel(sg.io.fromMemory(kept as sg.io.ModelArtifacts));
}

const ways: Record<string, (model: sg.LayersModel, options: sg.io.SaveOptions) => Promise<sg.LayersModel>> = {
  'a folder': async (model, options) => {
    await model.save(join(folder, 'one'), options);
    expect(readdirSync(join(folder, 'one')).length).toBe(2);
    return sg.loadModel(join(folder, 'one'));
  },
  'file://': async (model, options) => {
    await model.save(`file://${join(folder, 'two')}`, options);
    return sg.loadLayersModel(`file://${join(folder, 'two', 'model.json')}`);
  },
  'a JSON path': async (model, options) => {
    await model.save(join(folder, 'three.json'), options);
    return sg.loadLayersModel(join(folder, 'three.json'));
  },
  'one file': async (model, options) => {
    await model.save(join(folder, 'four.safetensors'), options);
    return sg.loadModel(join(folder, 'four.safetensors'));
  },
  bytes: async (model, options) => sg.loadModel(await sg.io.toBytes(model, options)),
  memory: inMemory,
};

describe.each(Object.entries(ways))('%s', (_, way) => {
  it('gives the same predictions', async () => {
    const model = await trained();
    const copy = await way(model, {});
    expect(values(copy.predict(x))).toEqual(values(model.predict(x)));
    expect(copy).toBeInstanceOf(sg.LayersModel);
    expect(copy.name).toBe(model.name);
    expect(() => copy.optimizer).toThrow(sg.StateError);
  });

  it('continues with the same bits', async () => {
    const model = await trained();
    model.setUserDefinedMetadata({ labels: ['a', 'b', 'c'] });
    const copy = await way(model, { includeOptimizer: true });
    expect(copy.getUserDefinedMetadata()).toEqual({ labels: ['a', 'b', 'c'] });
    expect(copy.optimizer.iterations).toBe(3);
    expect(await continueTraining(copy)).toEqual(await continueTraining(model));
  });

  it('leaves no memory behind when it is disposed of', async () => {
    const model = await trained();
    const before = sg.memory().numBytes;
    (await way(model, { includeOptimizer: true })).dispose();
    // Less, if what others left was collected meanwhile.
    expect(sg.memory().numBytes).toBeLessThanOrEqual(before);
  });
});

/** Trainings go both ways too: what TensorFlow.js began continues here, and what was begun here continues there. */
import '@tensorflow/tfjs-backend-cpu';
import * as tfc from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../../src/index';

beforeAll(async () => {
  await tfc.setBackend('cpu');
});

const N = 8;
const values = Float32Array.from({ length: N * 4 }, (_, i) => ((i * 7919) % 23) / 11 - 1);
const targets = Float32Array.from({ length: N * 2 }, (_, i) => ((i * 104729) % 19) / 9 - 1);

const optimizers: Record<string, () => tfc.Optimizer> = {
  sgd: () => tfc.train.sgd(0.1),
  momentum: () => tfc.train.momentum(0.05, 0.9),
  nesterov: () => tfc.train.momentum(0.05, 0.9, true),
  adagrad: () => tfc.train.adagrad(0.1, 0.2),
  rmsprop: () => tfc.train.rmsprop(0.01, 0.8, 0.5, 1e-7),
  adam: () => tfc.train.adam(0.02, 0.8, 0.99),
};

function make(): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 5, activation: 'tanh', inputShape: [4] }),
      tfl.layers.batchNormalization(),
      tfl.layers.dense({ units: 2 }),
    ],
  });
}

async function steps(
  model: { trainOnBatch(x: never, y: never): Promise<unknown> },
  x: unknown,
  y: unknown,
  count: number,
) {
  const losses: number[] = [];
  for (let i = 0; i < count; i++) losses.push(...[await model.trainOnBatch(x as never, y as never)].flat().map(Number));
  return losses;
}

const here = () => [sg.tensor(values, [N, 4]), sg.tensor(targets, [N, 2])] as const;
const there = () => [tfc.tensor(values, [N, 4]), tfc.tensor(targets, [N, 2])] as const;

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, a] of actual.entries()) expect(Math.abs(a - (expected[i] as number))).toBeLessThan(2e-5);
}

describe.each(Object.entries(optimizers))('%s', (_, optimizer) => {
  it('continues on the other side', async () => {
    const model = make();
    model.compile({ optimizer: optimizer(), loss: 'meanSquaredError', metrics: ['mae'] });
    await steps(model, ...there(), 3);
    let parts: tfc.io.ModelArtifacts | undefined;
    const keep = tfc.io.withSaveHandler(async (artifacts) => {
      parts = { ...artifacts };
      return { modelArtifactsInfo: tfc.io.getModelArtifactsInfoForJSON(artifacts) };
    });
    await model.save(keep, { includeOptimizer: true });
    const copy = await sg.loadLayersModel(sg.io.fromMemory(parts as unknown as sg.io.ModelArtifacts));
    expect(copy.optimizer.iterations).toBe(3);
    expect(copy.metricsNames.length).toBe(2);

    let own: sg.io.ModelArtifacts | undefined;
    const handler = sg.io.withSaveHandler(async (artifacts) => {
      own = artifacts;
      return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
    });
    await copy.save(handler, { includeOptimizer: true });
    const back = await tfl.loadLayersModel(tfc.io.fromMemory(own as unknown as tfc.io.ModelArtifacts));

    const expected = await steps(model, ...there(), 4);
    expectClose(await steps(copy, ...here(), 4), expected);
    expectClose(await steps(back, ...there(), 4), expected);
  });
});

/**
 * Files that are damaged, or made to do harm: a typed error each, at once, and memory as it was. Seeded; `npm run soak`
 * runs many more of the mutations.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { generator } from '../support/random';
import { mutate } from './mutate';

const { layers } = sg;

function make(): sg.Sequential {
  const model = sg.sequential({
    layers: [
      layers.dense({ units: 4, activation: 'relu', inputShape: [3] }),
      layers.dropout({ rate: 0.2 }),
      layers.batchNormalization(),
      layers.dense({ units: 2 }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
}

async function partsOf(model: sg.LayersModel): Promise<sg.io.ModelArtifacts> {
  let parts: sg.io.ModelArtifacts | undefined;
  const handler = sg.io.withSaveHandler(async (artifacts) => {
    parts = artifacts;
    return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await model.save(handler, { includeOptimizer: true });
  return parts as sg.io.ModelArtifacts;
}

/** What loading ends with; a model is disposed of. */
async function attempt(source: Parameters<typeof sg.loadModel>[0]): Promise<unknown> {
  try {
    (await sg.loadModel(source)).dispose();
    return undefined;
  } catch (error) {
    return error;
  }
}

async function expectSafe(source: () => Parameters<typeof sg.loadModel>[0], what: string): Promise<unknown> {
  const before = sg.memory().numBytes;
  const start = performance.now();
  const error = await attempt(source());
  if (error !== undefined) expect(error, `${what}: ${(error as Error).stack}`).toBeInstanceOf(sg.SamegradError);
  expect(sg.memory().numBytes, what).toBe(before);
  // No measure of speed: a file that hangs takes minutes.
  expect(performance.now() - start, what).toBeLessThan(10_000);
  return error;
}

// What is made once, by the first model of its kind, is not what a file leaves behind.
beforeAll(async () => {
  const model = make();
  (await sg.loadModel(await sg.io.toBytes(model, { includeOptimizer: true }))).dispose();
  (await sg.loadModel(sg.io.fromMemory(await partsOf(model)))).dispose();
});

describe('mutated files', () => {
  it('of this library', async () => {
    const file = await sg.io.toBytes(make(), { includeOptimizer: true });
    const random = generator(3);
    for (let i = 0; i < 300; i++) {
      const bytes = mutate(file, random);
      const error = await expectSafe(() => bytes, `mutation ${i}`);
      if (Buffer.compare(bytes, file) !== 0) expect(error, `mutation ${i}`).toBeInstanceOf(sg.SamegradError);
    }
  });

  it('of this library, with the digest as it should be', async () => {
    const file = await sg.io.toBytes(make(), { includeOptimizer: true });
    const text = new TextDecoder().decode(file);
    // Without the mark it is a file of another tool: no digest is needed.
    const bare = new TextEncoder().encode(
      text.slice(8, text.indexOf('}}') + 2).replace('samegrad-model', 'samegrad-xxxxx'),
    );
    const random = generator(4);
    for (let i = 0; i < 150; i++) {
      const bytes = new Uint8Array(file.length);
      bytes.set(file.subarray(0, 8));
      bytes.set(mutate(bare, random).subarray(0, file.length - 8), 8);
      await expectSafe(() => bytes, `mutation ${i}`);
    }
  });

  it('of TensorFlow.js: topology, specs, training', async () => {
    const { weightData, ...json } = await partsOf(make());
    const text = new TextEncoder().encode(JSON.stringify(json));
    const random = generator(5);
    for (let i = 0; i < 400; i++) {
      const mutated = new TextDecoder().decode(mutate(text, random));
      let parts: object;
      try {
        parts = JSON.parse(mutated);
      } catch {
        continue;
      }
      await expectSafe(
        () => ({ load: async () => ({ ...parts, weightData }) as sg.io.ModelArtifacts }),
        `mutation ${i}: ${mutated}`,
      );
    }
  });

  it('of TensorFlow.js: the bytes of weights', async () => {
    const parts = await partsOf(make());
    const random = generator(6);
    for (let i = 0; i < 50; i++) {
      const weightData = mutate(new Uint8Array(parts.weightData as ArrayBuffer), random).slice().buffer;
      await expectSafe(() => sg.io.fromMemory({ ...parts, weightData }), `mutation ${i}`);
    }
  });
});

describe('made to do harm', () => {
  const change = async (fn: (parts: Record<string, never>) => void): Promise<unknown> => {
    const parts = await partsOf(make());
    const copy = { ...JSON.parse(JSON.stringify(parts)), weightData: parts.weightData };
    fn(copy);
    return expectSafe(() => sg.io.fromMemory(copy), 'harm');
  };
  // biome-ignore lint/suspicious/noExplicitAny: parts are damaged on purpose
  const rows: [string, (parts: any) => void][] = [
    ['a shape beyond all memory', (p) => (p.weightSpecs[0].shape = [2 ** 53, 2 ** 53])],
    ['a shape of NaN', (p) => (p.weightSpecs[0].shape = [Number.NaN])],
    ['a negative shape', (p) => (p.weightSpecs[0].shape = [-3, 4])],
    ['a type that is no type', (p) => (p.weightSpecs[0].dtype = 'toString')],
    ['a quantization without a scale', (p) => (p.weightSpecs[0].quantization = { dtype: 'uint8' })],
    ['two weights of one name', (p) => (p.weightSpecs[1].name = p.weightSpecs[0].name)],
    ['a class that is a method of objects', (p) => (p.modelTopology.class_name = 'constructor')],
    ['a layer that nobody knows', (p) => (p.modelTopology.config.layers[0].class_name = 'Unheard')],
    ['settings without end', (p) => (p.modelTopology.config.name = nested(5000))],
    ['units beyond all memory', (p) => (p.modelTopology.config.layers[0].config.units = 2 ** 40)],
    ['weights that are cut off', (p) => (p.weightData = p.weightData.slice(0, 20))],
    ['a number for the bytes of weights', (p) => (p.weightData = 1240)],
    ['no topology', (p) => (p.modelTopology = 7)],
    ['a prototype among the settings', (p) => (p.modelTopology.config = JSON.parse('{"__proto__": {"layers": []}}'))],
    ['a step that is no number', (p) => (p.trainingConfig.samegrad.step = 'many')],
    ['states that are no list', (p) => (p.trainingConfig.samegrad.states = 3)],
    ['random numbers of another model', (p) => (p.trainingConfig.samegrad.random.layers = [])],
    ['moments of another optimizer', (p) => (p.trainingConfig.samegrad.compile.optimizer.className = 'Adagrad')],
  ];
  const nested = (depth: number): unknown => {
    let value: unknown = 1;
    for (let i = 0; i < depth; i++) value = { a: value };
    return value;
  };

  it.each(rows)('%s', async (_, fn) => {
    const error = await change(fn);
    expect(error).toBeInstanceOf(sg.SamegradError);
    expect(({} as Record<string, unknown>).layers).toBeUndefined();
  });

  it('weights that do not fit leave the model as it was', async () => {
    const model = make();
    const before = model.getWeights().map((w) => [...w.dataSync()]);
    const other = sg.sequential({ layers: [layers.dense({ units: 5, inputShape: [3] })] });
    await expect(model.loadWeights(await sg.io.toBytes(other))).rejects.toThrow(sg.ArgumentError);
    const { kernel, bias } = { kernel: sg.ones([3, 4]), bias: sg.ones([9]) };
    const [first, second] = model.getNamedWeights().map(({ name }) => name) as [string, string];
    expect(() => model.loadWeights({ [first]: kernel, [second]: bias }, false)).toThrow(sg.ShapeError);
    expect(model.getWeights().map((w) => [...w.dataSync()])).toEqual(before);
  });
});

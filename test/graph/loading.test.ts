/** `sg.loadGraphModel`: from memory, files and their like; `save`, with weights quantized or not. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GraphModel, loadGraphModelSync } from '../../src/graph/index';
import * as sg from '../../src/index';
import type { ModelArtifacts } from '../../src/io/artifacts';
import { FLOAT, ints, real, reals, texts } from './operators/case';
import { at, type GraphSpec, ours, theirNdOf, theirs, theirTensorOf, topologyOf } from './support';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'samegrad-graph-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const spec: GraphSpec = {
  placeholders: { x: { dtype: 'float32', shape: [-1, 4] } },
  constants: {
    w: real([4, 3]),
    b: real([3]),
    scale: reals([0.5], []),
    order: ints([2, 0, 1]),
    axis: ints([1], []),
    words: texts(['ä', 'b']),
  },
  nodes: [
    { name: 'p', op: 'MatMul', input: ['x', 'w'], attr: { T: FLOAT } },
    { name: 's', op: 'BiasAdd', input: ['p', 'b'], attr: { T: FLOAT } },
    { name: 'm', op: 'Mul', input: ['s', 'scale'], attr: { T: FLOAT } },
    { name: 'y', op: 'GatherV2', input: ['m', 'order', 'axis'], attr: { batch_dims: at.int(0) } },
    { name: 'hash', op: 'StringToHashBucketFast', input: ['words'], attr: { num_buckets: at.int(97) } },
  ],
  more: { signature: { inputs: { x: { name: 'x:0' } }, outputs: { y: { name: 'y:0' } } }, format: 'graph-model' },
};
const x = real([2, 4]);
const input = (): sg.Tensor => sg.tensor(x.values as number[], x.shape);
const numbers = (t: unknown): number[] => [...(t as sg.Tensor).dataSync()];

/** The parts that `save` hands over. */
async function partsOf(
  model: GraphModel,
  weights: 'float32' | 'float16' | 'uint8' | 'uint16' = 'float32',
): Promise<ModelArtifacts> {
  let parts: ModelArtifacts | undefined;
  await model.save(
    sg.io.withSaveHandler(async (artifacts) => {
      parts = artifacts;
      return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
    { weights },
  );
  return parts as ModelArtifacts;
}

test('what is saved is loaded again, by this library and by TensorFlow.js, with the same bits', async () => {
  const model = ours(spec);
  const wanted = numbers(model.predict(input()));
  const parts = await partsOf(model);
  const copy = await sg.loadGraphModel(sg.io.fromMemory(parts));
  expect(copy).toBeInstanceOf(GraphModel);
  expect(numbers(copy.predict(input()))).toEqual(wanted);
  expect(numbers(copy.execute({}, 'hash'))).toEqual(numbers(model.execute({}, 'hash')));
  const other = await theirs({
    ...spec,
    constants: {},
    more: { ...(parts as object), modelTopology: topologyOf(spec), weightData: joined(parts) },
  });
  const found = theirNdOf(other.predict(theirTensorOf(x)) as never).values as number[];
  found.forEach((v, i) => expect(v).toBeCloseTo(wanted[i] as number, 5));
  for (const m of [model, copy]) m.dispose();
});

const joined = ({ weightData }: ModelArtifacts): ArrayBuffer =>
  sg.io.concatenateArrayBuffers(weightData as ArrayBuffer[]);

test('to a folder, and from it by path and by URL', async () => {
  const model = ours(spec);
  const wanted = numbers(model.predict(input()));
  model.weights.b?.[0]?.assign(sg.zeros([3]));
  const trained = numbers(model.predict(input()));
  expect(trained).not.toEqual(wanted);
  await model.save(folder);
  expect(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')).format).toBe('graph-model');
  for (const place of [folder, join(folder, 'model.json'), `file://${folder}/model.json`]) {
    const copy = await sg.loadGraphModel(place);
    expect(numbers(copy.predict(input()))).toEqual(trained);
    copy.dispose();
  }
  await expect(sg.loadLayersModel(folder)).rejects.toThrow(/graph model.*loadGraphModel/);
  await expect(sg.loadGraphModel(join(folder, 'nothing.json'))).rejects.toThrow(sg.ArgumentError);
  model.dispose();
});

test.each([
  ['float16', 2e-3],
  ['uint16', 1e-3],
  ['uint8', 0.05],
] as const)('weights as %s are close to what they were', async (weights, bound) => {
  const model = ours(spec);
  const wanted = numbers(model.predict(input()));
  const parts = await partsOf(model, weights);
  const copy = loadGraphModelSync(parts);
  numbers(copy.predict(input())).forEach((v, i) => expect(Math.abs(v - (wanted[i] as number))).toBeLessThan(bound * 4));
  expect(joined(parts).byteLength).toBeLessThan(joined(await partsOf(model)).byteLength);
  for (const m of [model, copy]) m.dispose();
});

test('at once, of artifacts, of a handler, of a model.json and its bytes; and of a stream', async () => {
  const model = ours(spec);
  const wanted = numbers(model.predict(input()));
  const { weightSpecs, weightData, ...rest } = await partsOf(model);
  const artifacts = { ...rest, weightSpecs, weightData } as ModelArtifacts;
  const json = { ...rest, weightsManifest: [{ paths: ['w.bin'], weights: weightSpecs }] };
  const bytes = joined(artifacts);
  const stream = (): ReadableStream<ArrayBuffer> =>
    new ReadableStream({
      start(controller) {
        for (let i = 0; i < bytes.byteLength; i += 10) controller.enqueue(bytes.slice(i, i + 10));
        controller.close();
      },
    });
  const models = [
    loadGraphModelSync(artifacts),
    loadGraphModelSync(sg.io.fromMemorySync(artifacts)),
    loadGraphModelSync([json as never, bytes]),
    await sg.loadGraphModel(sg.io.fromMemory({ ...rest, weightSpecs, getWeightStream: stream })),
  ];
  for (const m of models) {
    expect(numbers(m.predict(input()))).toEqual(wanted);
    m.dispose();
  }
  model.dispose();
});

test.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
  ['nothing', () => sg.loadGraphModel(undefined as never), sg.ArgumentError, /needs a path or URL/],
  ['unknown options', () => sg.loadGraphModel('x', { fromHub: true } as never), sg.ArgumentError, /fromHub/],
  ['a handler that cannot load', () => sg.loadGraphModel({}), sg.ArgumentError, /no method load/],
  [
    'a handler that loads nothing',
    () => sg.loadGraphModel({ load: async () => undefined as never }),
    sg.FormatError,
    /object of artifacts/,
  ],
  [
    'layers',
    () => sg.loadGraphModel(sg.io.fromMemory({ modelTopology: { model_config: {} } })),
    sg.ArgumentError,
    /loadLayersModel/,
  ],
  [
    'bytes that are cut off',
    () =>
      sg.loadGraphModel(
        sg.io.fromMemory({
          modelTopology: { node: [] },
          weightSpecs: [{ name: 'w', shape: [4], dtype: 'float32' }],
          weightData: new ArrayBuffer(8),
        }),
      ),
    sg.FormatError,
    /weight 'w' ends at byte 16, the data at 8/,
  ],
  [
    'a weight of another type',
    () =>
      sg.loadGraphModel(
        sg.io.fromMemory({
          modelTopology: { node: [] },
          weightSpecs: [{ name: 'w', shape: [1], dtype: 'complex64' }],
          weightData: new ArrayBuffer(8),
        }),
      ),
    sg.DTypeError,
    /'w' is complex64/,
  ],
  [
    'two weights of one name',
    () =>
      sg.loadGraphModel(
        sg.io.fromMemory({
          modelTopology: { node: [] },
          weightSpecs: [0, 1].map(() => ({ name: 'w', shape: [1], dtype: 'float32' as const })),
          weightData: new ArrayBuffer(8),
        }),
      ),
    sg.FormatError,
    /two weights 'w'/,
  ],
])('%s is an error that says so, and leaves no memory', async (_, load, type, message) => {
  const before = sg.memory().numTensors;
  const error = await Promise.resolve()
    .then(load)
    .then(
      () => undefined,
      (e: unknown) => e as Error,
    );
  expect(error).toBeInstanceOf(type);
  expect(error?.message).toMatch(message);
  expect(error?.message).toMatch(/loadGraphModel/);
  expect(sg.memory().numTensors).toBe(before);
});

test('at once nothing is awaited', () => {
  expect(() => loadGraphModelSync(3 as never)).toThrow(sg.ArgumentError);
  expect(() => loadGraphModelSync({ load: async () => ({}) } as never)).toThrow(/await loadGraphModel/);
});

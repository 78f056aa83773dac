/** Models in and out. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sg from '../../../src/index';
import * as onnx from '../../../src/onnx';
import { each, f, type Recipes } from './recipe';

const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2], name: 'last' })] });
const text = model.toJSON();
const bytes = await sg.io.toBytes(model);
const graph = await onnx.toONNX(model);
await onnx.prepare();
model.dispose();

/** Of no tensor too. */
const squares = (x?: sg.Tensor) => sg.ones([2]).mul(x ?? 1);

const specs = [{ name: 'a', shape: [2], dtype: 'float32' }] as const;
const artifacts = () => ({ modelTopology: {}, weightSpecs: [...specs], weightData: new ArrayBuffer(8) });
const manifest = () => [{ paths: ['a.bin'], weights: [...specs] }];
const npy = await sg.io.encodeNpy(f(2));
const npz = await sg.io.encodeNpz({ a: f(2) });
const safetensors = await sg.io.encodeSafetensors({ a: f(2) });
const answer = { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } } as const;
/** Takes a model and keeps nothing. */
const sink = () => sg.io.withSaveHandler(async () => answer);

export const ioRecipes: Recipes = {
  ...each('loadModel loadLayersModel', () => [bytes, { strict: true, compile: false }]),
  loadGraphModel: () => [sg.io.fromMemory(artifacts()), {}],
  ...each('onnx.load onnx.loadSync onnx.inspect', () => [graph, {}]),
  'onnx.prepare': () => [graph],
  'onnx.toONNX': () => [squares, { inputs: [['batch', 2]] }],
  'onnx.save': () => [squares, join(tmpdir(), 'samegrad-fuzz.onnx'), { inputs: [['batch', 2]] }],
  'models.modelFromJSON': () => [text],
  'io.toBytes': () => [sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] }), {}],
  ...each('io.copyModel io.moveModel', () => ['localstorage://a', 'localstorage://b']),
  'io.removeModel': () => ['localstorage://a'],
  'io.listModels': () => [],
  'io.getLoadHandlers': () => ['indexeddb://a', {}],
  'io.getSaveHandlers': () => ['downloads://a'],
  ...each('io.registerLoadRouter io.registerSaveRouter', () => [() => null]),
  ...each('io.http io.browserHTTPRequest', () => ['http://127.0.0.1:1/model.json', {}]),
  'io.isHTTPScheme': () => ['http://127.0.0.1'],
  'io.browserFiles': () => [[new File(['{}'], 'model.json')]],
  'io.fileSystem': () => ['a/model.json'],
  ...each('io.fromMemory io.fromMemorySync', () => [artifacts()]),
  'io.withSaveHandler': () => [async () => answer],
  'io.withSaveHandlerSync': () => [() => answer],
  'io.getModelArtifactsInfoForJSON': () => [artifacts()],
  'io.encodeWeights': () => [{ a: f(2) }, 'model'],
  'io.decodeWeights': () => [new ArrayBuffer(8), [...specs]],
  'io.decodeWeightsStream': () => [new Blob([new Uint8Array(8)]).stream(), [...specs]],
  'io.loadNpy': () => [npy, {}],
  'io.loadNpz': () => [npz, {}],
  'io.openSafetensors': () => [safetensors, {}],
  'io.encodeNpy': () => [f(2), { dtype: 'float16' }],
  'io.encodeNpz': () => [{ a: f(2) }, { compress: true }],
  'io.encodeSafetensors': () => [{ a: f(2) }, { dtype: 'bfloat16', metadata: { a: 'b' } }],
  'io.saveNpy': () => ['a.npy', f(2), {}],
  'io.saveNpz': () => ['a.npz', { a: f(2) }, {}],
  'io.saveSafetensors': () => ['a.safetensors', { a: f(2) }, {}],
  'io.concatenateArrayBuffers': () => [[new ArrayBuffer(4), new ArrayBuffer(4)]],
  'io.getWeightSpecs': () => [manifest()],
  'io.weightsLoaderFactory': () => [async () => [new ArrayBuffer(8)]],
  'io.loadWeights': () => [[], 'http://127.0.0.1:1/'],
};

/** Methods of models. */
export const savingRecipes: Recipes = {
  ...each('save saveWeights', () => [sink(), { trainableOnly: true }]),
  toJSON: () => [null, false],
  loadWeights: () => [{ 'last/kernel': f(2, 1), 'last/bias': f(1) }, true],
  setUserDefinedMetadata: () => [{ a: 1 }],
  getUserDefinedMetadata: () => [],
};

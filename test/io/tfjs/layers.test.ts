/** Every layer that TensorFlow.js has goes both ways: saved there and loaded here, saved here and loaded there. */
import '@tensorflow/tfjs-backend-cpu';
import * as tfc from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../../src/index';

type Shape = (number | null)[];
type Maker = (settings?: object) => tfl.layers.Layer;
const L = tfl.layers as unknown as Record<string, Maker>;
const layer = (name: string, settings?: object): tfl.layers.Layer => (L[name] as Maker)(settings);

const image: Shape = [null, 8, 8, 2];
const volume: Shape = [null, 4, 4, 4, 2];
const steps: Shape = [null, 5, 3];
const vector: Shape = [null, 6];

/** Of each kind of layer one with settings other than the defaults. */
const rows: readonly (readonly [name: string, settings: () => object, shape: Shape])[] = [
  [
    'dense',
    () => ({
      units: 3,
      activation: 'relu',
      kernelRegularizer: tfl.regularizers.l1l2({ l1: 0.1, l2: 0.2 }),
      biasConstraint: 'maxNorm',
      kernelInitializer: 'heNormal',
    }),
    vector,
  ],
  ['conv1d', () => ({ filters: 2, kernelSize: 3, padding: 'same' }), steps],
  ['conv2d', () => ({ filters: 2, kernelSize: 3, padding: 'same', strides: 2, activation: 'hardSigmoid' }), image],
  ['conv2dTranspose', () => ({ filters: 2, kernelSize: 3, strides: 2 }), image],
  ['conv3d', () => ({ filters: 2, kernelSize: 2, useBias: false }), volume],
  ['conv3dTranspose', () => ({ filters: 2, kernelSize: 2 }), volume],
  ['depthwiseConv2d', () => ({ kernelSize: 3, depthMultiplier: 2 }), image],
  ['separableConv2d', () => ({ filters: 3, kernelSize: 3 }), image],
  ['upSampling2d', () => ({ size: [2, 3], interpolation: 'nearest' }), image],
  [
    'cropping2D',
    () => ({
      cropping: [
        [1, 2],
        [0, 1],
      ],
    }),
    image,
  ],
  [
    'zeroPadding2d',
    () => ({
      padding: [
        [1, 1],
        [2, 0],
      ],
    }),
    image,
  ],
  ['activation', () => ({ activation: 'softplus' }), vector],
  ['leakyReLU', () => ({ alpha: 0.1 }), vector],
  ['prelu', () => ({ alphaInitializer: 'ones' }), vector],
  ['elu', () => ({}), vector],
  ['thresholdedReLU', () => ({ theta: 0.5 }), vector],
  ['reLU', () => ({ maxValue: 0.6 }), vector],
  ['softmax', () => ({}), vector],
  ['dropout', () => ({ rate: 0.3, seed: 3 }), vector],
  ['spatialDropout1d', () => ({ rate: 0.2 }), steps],
  ['gaussianNoise', () => ({ stddev: 0.1 }), vector],
  ['gaussianDropout', () => ({ rate: 0.1 }), vector],
  ['alphaDropout', () => ({ rate: 0.1 }), vector],
  ['flatten', () => ({}), image],
  ['permute', () => ({ dims: [2, 1] }), steps],
  ['reshape', () => ({ targetShape: [3, 2] }), vector],
  ['repeatVector', () => ({ n: 3 }), vector],
  ['masking', () => ({ maskValue: 0 }), steps],
  ['embedding', () => ({ inputDim: 7, outputDim: 3 }), [null, 4]],
  ['batchNormalization', () => ({ momentum: 0.9, epsilon: 0.01 }), image],
  ['layerNormalization', () => ({ epsilon: 0.01 }), vector],
  ['averagePooling1d', () => ({ poolSize: 2 }), steps],
  ['averagePooling2d', () => ({ poolSize: 3, strides: 2, padding: 'same' }), image],
  ['averagePooling3d', () => ({ poolSize: 2 }), volume],
  ['maxPooling1d', () => ({ poolSize: 2 }), steps],
  ['maxPooling2d', () => ({ poolSize: [2, 3] }), image],
  ['maxPooling3d', () => ({ poolSize: 2 }), volume],
  ['globalAveragePooling1d', () => ({}), steps],
  ['globalAveragePooling2d', () => ({}), image],
  ['globalMaxPooling1d', () => ({}), steps],
  ['globalMaxPooling2d', () => ({}), image],
  ['gru', () => ({ units: 3, returnSequences: true }), steps],
  ['lstm', () => ({ units: 3, goBackwards: true, recurrentActivation: 'sigmoid' }), steps],
  ['simpleRNN', () => ({ units: 3 }), steps],
  ['convLstm2d', () => ({ filters: 2, kernelSize: 2 }), [null, 3, 5, 5, 2]],
  ['rnn', () => ({ cell: layer('lstmCell', { units: 2 }) }), steps],
  ['bidirectional', () => ({ layer: layer('lstm', { units: 3 }), mergeMode: 'concat' }), steps],
  ['bidirectional', () => ({ layer: layer('gru', { units: 2, returnSequences: true }), mergeMode: 'ave' }), steps],
  ['timeDistributed', () => ({ layer: layer('dense', { units: 2 }) }), steps],
  ['rescaling', () => ({ scale: 0.5, offset: 1 }), vector],
  ['categoryEncoding', () => ({ numTokens: 4, outputMode: 'multiHot' }), [null, 3]],
];

/** Layers of several inputs. */
const merges: readonly (readonly [name: string, settings: object])[] = [
  ['add', {}],
  ['average', {}],
  ['concatenate', { axis: 1 }],
  ['dot', { axes: 1 }],
  ['maximum', {}],
  ['minimum', {}],
  ['multiply', {}],
];

beforeAll(async () => {
  await tfc.setBackend('cpu');
});

/** Repeatable numbers of [-1, 1), or small integers for layers that look them up. */
function inputFor(shape: Shape, isIndex: boolean): { values: Float32Array; shape: number[] } {
  const full = shape.map((d) => d ?? 2);
  let state = 7;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return isIndex ? (state >>> 8) % 4 : state / 2 ** 31 - 1;
  };
  return { values: Float32Array.from({ length: full.reduce((a, b) => a * b, 1) }, next), shape: full };
}

/** Weights that none of the layers begins with. */
function stir(model: tfl.LayersModel): void {
  let state = 11;
  const weights = model.getWeights().map((w) => {
    const values = Float32Array.from({ length: w.size }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return 0.2 + state / 2 ** 33;
    });
    return tfc.tensor(values, w.shape);
  });
  model.setWeights(weights);
}

type Parts = tfc.io.ModelArtifacts;

async function savedThere(model: tfl.LayersModel): Promise<Parts> {
  let parts: Parts | undefined;
  await model.save(
    tfc.io.withSaveHandler(async (artifacts) => {
      parts = artifacts;
      return { modelArtifactsInfo: tfc.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  // As files hold it.
  return { ...JSON.parse(JSON.stringify(parts)), weightData: (parts as Parts).weightData };
}

async function savedHere(model: sg.LayersModel, options?: sg.io.SaveOptions): Promise<Parts> {
  let parts: sg.io.ModelArtifacts | undefined;
  await model.save(
    sg.io.withSaveHandler(async (artifacts) => {
      parts = artifacts;
      return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
    options,
  );
  return { ...JSON.parse(JSON.stringify(parts)), weightData: parts?.weightData } as Parts;
}

const hereOf = (parts: Parts): Promise<sg.LayersModel> =>
  sg.loadLayersModel(sg.io.fromMemory(parts as sg.io.ModelArtifacts));
const thereOf = (parts: Parts): Promise<tfl.LayersModel> => tfl.loadLayersModel(tfc.io.fromMemory(parts));

function close(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const [a, b] = [actual[i] as number, expected[i] as number];
    expect(Math.abs(a - b), `element ${i}: ${a} and ${b}`).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(b)));
  }
}

async function bothWays(model: tfl.LayersModel, inputs: readonly ReturnType<typeof inputFor>[]): Promise<void> {
  stir(model);
  const there = inputs.map(({ values, shape }) => tfc.tensor(values, shape));
  const here = inputs.map(({ values, shape }) => sg.tensor(values, shape));
  const expected = (model.predict(there.length === 1 ? (there[0] as tfc.Tensor) : there) as tfc.Tensor).dataSync();
  const copy = await hereOf(await savedThere(model));
  const given = here.length === 1 ? (here[0] as sg.Tensor) : here;
  close((copy.predict(given) as sg.Tensor).dataSync(), expected);
  const back = await thereOf(await savedHere(copy));
  close((back.predict(there.length === 1 ? (there[0] as tfc.Tensor) : there) as tfc.Tensor).dataSync(), expected);
}

describe('both ways', () => {
  it.each(rows)('%s', async (name, settings, shape) => {
    const model = tfl.sequential({ layers: [layer(name, { ...settings(), batchInputShape: shape })] });
    await bothWays(model, [inputFor(shape, name === 'embedding' || name === 'categoryEncoding')]);
  });

  it.each(merges)('%s', async (name, settings) => {
    const [a, b] = [tfl.input({ shape: [3] }), tfl.input({ shape: [3] })];
    const output = layer(name, settings).apply([a, b]) as tfl.SymbolicTensor;
    const one = inputFor([null, 3], false);
    await bothWays(tfl.model({ inputs: [a, b], outputs: output }), [
      one,
      { ...one, values: one.values.map((v) => v / 2) },
    ]);
  });

  // TensorFlow.js fails on these in models, when it predicts.
  it.each([
    ['resizing', { height: 4, width: 6, interpolation: 'nearest' }],
    ['centerCrop', { height: 4, width: 6 }],
  ])('settings of %s', async (name, settings) => {
    const model = tfl.sequential({ layers: [layer(name, { ...settings, batchInputShape: image })] });
    const copy = await hereOf(await savedThere(model));
    const back = await thereOf(await savedHere(copy));
    expect(back.layers[0]?.getConfig()).toEqual(model.layers[0]?.getConfig());
  });

  it('shared layers, models inside models, several outputs', async () => {
    const inner = tfl.sequential({
      layers: [layer('dense', { units: 4, inputShape: [3] }), layer('batchNormalization')],
      name: 'inner',
    });
    const [a, b] = [tfl.input({ shape: [3], name: 'left' }), tfl.input({ shape: [3], name: 'right' })];
    const both = [a, b].map((x) => inner.apply(x) as tfl.SymbolicTensor);
    const joined = layer('concatenate').apply(both) as tfl.SymbolicTensor;
    const outputs = layer('dense', { units: 2, name: 'out' }).apply(joined) as tfl.SymbolicTensor;
    const one = inputFor([null, 3], false);
    await bothWays(tfl.model({ inputs: [a, b], outputs }), [one, one]);
  });
});

/** Rows of basic layers and activations. */
import * as sg from '../../../src/index';
import type { LayerCase } from './case';

/** Names of activations that are elementwise, in both libraries or in this one. */
const shared = [
  'elu',
  'hardSigmoid',
  'linear',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'logSoftmax',
];
const own = ['gelu_new', ...Object.keys(sg.activations).filter((name) => !shared.includes(name))];

const activation = (name: string, more?: Partial<LayerCase>): LayerCase => ({
  layer: 'activation',
  config: { activation: name },
  inputs: [[3, 4]],
  ...more,
});

export const coreLayers: readonly LayerCase[] = [
  { layer: 'dense', config: { units: 4, activation: 'tanh' }, inputs: [[5]], weights: 2 },
  { layer: 'dense', config: { units: 2, useBias: false }, inputs: [[3, 4]], weights: 1 },
  {
    layer: 'dense',
    config: {
      units: 3,
      kernelRegularizer: 'l1l2',
      biasConstraint: 'nonNeg',
      kernelInitializer: 'heNormal',
      trainable: true,
    },
    inputs: [[2, 3, 4]],
    // TensorFlow.js applies constraints to weights that are set, too.
    tfConfig: { units: 3 },
    weights: 2,
  },
  ...shared.map((name) => activation(name)),
  ...own.map((name) => activation(name, { tf: false })),
  activation('step', { tf: false, gradient: false }),
  // TensorFlow.js takes a Flatten of rank 2 for an error.
  { layer: 'flatten', inputs: [[5]], tf: false },
  { layer: 'flatten', inputs: [[2, 3, 2]] },
  { layer: 'flatten', config: { dataFormat: 'channelsFirst' }, inputs: [[3, 2, 4]] },
  { layer: 'flatten', inputs: [[]], tf: false },
  { layer: 'reshape', config: { targetShape: [3, 2] }, inputs: [[6]] },
  // TensorFlow.js writes into the settings.
  { layer: 'reshape', config: { targetShape: [-1, 2] }, inputs: [[3, 4]], tf: false },
  { layer: 'permute', config: { dims: [2, 1] }, inputs: [[3, 4]] },
  { layer: 'permute', config: { dims: [3, 1, 2] }, inputs: [[2, 3, 4]] },
  { layer: 'repeatVector', config: { n: 3 }, inputs: [[4]] },
  { layer: 'repeatVector', config: { n: 1 }, inputs: [[1]] },
  { layer: 'masking', inputs: [[3, 2]], below: 2 },
  { layer: 'masking', config: { maskValue: 1 }, inputs: [[4, 2]], below: 2 },
  { layer: 'embedding', config: { inputDim: 5, outputDim: 3 }, inputs: [[4]], below: 5, weights: 1 },
  {
    layer: 'embedding',
    config: { inputDim: 7, outputDim: 2, maskZero: true, inputLength: 3, embeddingsInitializer: 'glorotNormal' },
    inputs: [[3]],
    below: 7,
    weights: 1,
  },
  { layer: 'embedding', config: { inputDim: 3, outputDim: 4 }, inputs: [[2, 3]], below: 3, weights: 1 },
  { layer: 'identity', inputs: [[3, 2]] },
  { layer: 'einsumDense', config: { equation: 'ab,bc->ac', outputShape: 4, biasAxes: 'c' }, inputs: [[3]], weights: 2 },
  {
    layer: 'einsumDense',
    config: { equation: 'abc,cde->abde', outputShape: [null, 2, 5], biasAxes: 'de', activation: 'tanh' },
    inputs: [[3, 4]],
    weights: 2,
  },
  {
    layer: 'einsumDense',
    config: { equation: '...x,xy->...y', outputShape: 3, biasAxes: 'y' },
    inputs: [[2, 2, 4]],
    weights: 2,
  },
  {
    layer: 'einsumDense',
    config: { equation: 'ab...,bc->ac...', outputShape: 3, biasAxes: 'c' },
    inputs: [[4, 2, 3]],
    weights: 2,
  },
  { layer: 'einsumDense', config: { equation: 'abc,cd->abd', outputShape: [null, 2] }, inputs: [[3, 4]], weights: 1 },
  { layer: 'reLU', inputs: [[3, 4]] },
  { layer: 'reLU', config: { maxValue: 0.5 }, inputs: [[7]] },
  { layer: 'reLU', config: { maxValue: 0.8, negativeSlope: 0.2, threshold: 0.3 }, inputs: [[3, 4]], tf: false },
  { layer: 'reLU', config: { negativeSlope: 0.5 }, inputs: [[6]], tf: false },
  { layer: 'leakyReLU', inputs: [[3, 4]] },
  { layer: 'leakyReLU', config: { alpha: 0.1 }, inputs: [[5]] },
  { layer: 'elu', inputs: [[3, 4]] },
  // TensorFlow.js knows alpha 1 alone.
  { layer: 'elu', config: { alpha: 0.5 }, inputs: [[5]], tf: false },
  // Its gradient throws in TensorFlow.js.
  { layer: 'thresholdedReLU', config: { theta: 0.4 }, inputs: [[3, 4]], tf: false },
  { layer: 'thresholdedReLU', inputs: [[5]], gradient: false },
  // TensorFlow.js takes axis 1 by default.
  { layer: 'softmax', inputs: [[3, 4]], tf: false },
  { layer: 'softmax', config: { axis: -1 }, inputs: [[3, 4]] },
  { layer: 'softmax', config: { axis: 1 }, inputs: [[3, 4]], tf: false },
  { layer: 'softmax', config: { axis: [1, 2] }, inputs: [[3, 4]] },
  { layer: 'prelu', inputs: [[3, 4]], weights: 1 },
  { layer: 'prelu', config: { sharedAxes: [1, 2], alphaInitializer: 'ones' }, inputs: [[3, 2, 4]], weights: 1 },
  { layer: 'prelu', config: { sharedAxes: 1, alphaRegularizer: 'l1l2' }, inputs: [[3, 2]], weights: 1 },
];

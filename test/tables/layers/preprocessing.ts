/** Rows of layers that prepare data and that change images at random. */
import type { LayerCase } from './case';

type Config = Readonly<Record<string, unknown>>;
const image = [5, 6, 2];

/** While training, with a seed: what is drawn is the same each time. */
const random = (layer: string, configs: readonly Config[]): LayerCase[] =>
  configs.map((config) => ({
    layer,
    config: { seed: 7, ...config },
    inputs: [image],
    args: { training: true },
    tf: false,
  }));

export const preprocessingLayers: readonly LayerCase[] = [
  { layer: 'rescaling', config: { scale: 0.5, offset: -1 }, inputs: [image] },
  { layer: 'rescaling', config: { scale: [2, -1] }, inputs: [image], tf: false },
  // TensorFlow.js resizes by corners, and its results have the wrong rank in models; Keras by centers.
  ...[
    { height: 3, width: 8 },
    { height: 3, width: 8, interpolation: 'nearest' },
    { height: 4, width: 4, cropToAspectRatio: true },
    { height: 4, width: 4, padToAspectRatio: true, fillValue: 2, dataFormat: 'channelsFirst' },
  ].map((config): LayerCase => ({ layer: 'resizing', config, inputs: [image], tf: false })),
  // TensorFlow.js cuts at computed places, a pixel off where the rest is odd.
  ...[
    { height: 3, width: 3 },
    { height: 5, width: 6 },
    { height: 8, width: 4 },
    { height: 1, width: 2, dataFormat: 'channelsFirst' },
  ].map((config): LayerCase => ({ layer: 'centerCrop', config, inputs: [image], tf: false })),
  { layer: 'normalization', config: {}, inputs: [image], weights: 2 },
  { layer: 'normalization', config: { axis: [1, 3], invert: true }, inputs: [image], weights: 2 },
  { layer: 'normalization', config: { axis: null }, inputs: [[4]], weights: 2 },
  { layer: 'normalization', config: { mean: [1, 2], variance: [3, 4] }, inputs: [image] },
  { layer: 'categoryEncoding', config: { numTokens: 5 }, inputs: [[3]], below: 5, gradient: false },
  {
    layer: 'categoryEncoding',
    config: { numTokens: 6, outputMode: 'count' },
    inputs: [[4]],
    below: 5,
    gradient: false,
  },
  {
    layer: 'categoryEncoding',
    config: { numTokens: 5, outputMode: 'oneHot' },
    inputs: [[1]],
    below: 5,
    gradient: false,
  },
  // Its results have the wrong rank there.
  ...['multiHot', 'oneHot', 'count'].map(
    (outputMode): LayerCase => ({
      layer: 'categoryEncoding',
      config: { numTokens: 4, outputMode },
      inputs: [[2, 3]],
      below: 4,
      gradient: false,
      tf: false,
    }),
  ),
  ...random('randomFlip', [{}, { mode: 'horizontal' }, { mode: 'vertical', dataFormat: 'channelsFirst' }]),
  ...random('randomRotation', [
    { factor: 0.3 },
    { factor: [0.1, 0.2], fillMode: 'constant', fillValue: 1, interpolation: 'nearest' },
    { factor: 1, fillMode: 'wrap', dataFormat: 'channelsFirst' },
  ]),
  ...random('randomTranslation', [
    { heightFactor: 0.3, widthFactor: [-0.1, 0.5] },
    { heightFactor: 0, widthFactor: 0.2, fillMode: 'nearest' },
  ]),
  ...random('randomZoom', [{ heightFactor: 0.4 }, { heightFactor: [-0.3, 0], widthFactor: 0.2, fillMode: 'constant' }]),
  ...random('randomContrast', [{ factor: 0.5, valueRange: [-1, 1] }, { factor: [0.3, 1] }]),
  ...random('randomBrightness', [{ factor: 0.2, valueRange: [-2, 2] }, { factor: [-1, 0] }]),
];

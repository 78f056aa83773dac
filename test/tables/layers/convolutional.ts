/** Rows of convolutions. */
import type { LayerCase } from './case';

/** Settings that TensorFlow.js has too, of a factory and the shape of an example. */
const conv = (
  layer: string,
  inputs: readonly number[],
  configs: readonly Readonly<Record<string, unknown>>[],
): LayerCase[] =>
  configs.map((config) => {
    const kernels = layer.startsWith('separable') ? 2 : 1;
    return { layer, config, inputs: [inputs], weights: kernels + (config.useBias === false ? 0 : 1) };
  });

/** The same rows where TensorFlow.js has no twin, or is wrong. */
const alone = (rows: readonly LayerCase[]): LayerCase[] => rows.map((row) => ({ ...row, tf: false }));

/** The same rows where gradients of TensorFlow.js throw: of dilated convolutions and of conv3dTranspose. */
const values = (rows: readonly LayerCase[]): LayerCase[] => rows.map((row) => ({ ...row, tfGradient: false }));

export const convolutions: readonly LayerCase[] = [
  ...conv(
    'conv1d',
    [7, 3],
    [
      { filters: 4, kernelSize: 3 },
      { filters: 5, kernelSize: [2], strides: 2, padding: 'same', activation: 'tanh', useBias: false },
      { filters: 2, kernelSize: 1, strides: 3 },
    ],
  ),
  ...values(conv('conv1d', [7, 4], [{ filters: 3, kernelSize: 3, dilationRate: 2 }])),
  // There is neither causal padding nor are there groups.
  ...alone(
    conv(
      'conv1d',
      [7, 4],
      [
        { filters: 3, kernelSize: 3, padding: 'causal' },
        { filters: 3, kernelSize: 2, padding: 'causal', strides: 2 },
        { filters: 3, kernelSize: 3, padding: 'causal', dilationRate: 3, dataFormat: 'channelsFirst' },
        { filters: 6, kernelSize: 3, groups: 2 },
        { filters: 4, kernelSize: 3, groups: 4, padding: 'same' },
      ],
    ),
  ),
  ...conv(
    'conv2d',
    [6, 5, 3],
    [
      { filters: 4, kernelSize: 3, activation: 'sigmoid' },
      { filters: 2, kernelSize: [2, 3], strides: [2, 1], padding: 'same' },
      { filters: 3, kernelSize: [1, 4], strides: 2, useBias: false },
    ],
  ),
  ...conv('conv2d', [2, 5, 6], [{ filters: 3, kernelSize: [3, 2], dataFormat: 'channelsFirst', padding: 'same' }]),
  ...values(conv('conv2d', [6, 7, 4], [{ filters: 4, kernelSize: 3, dilationRate: [1, 2] }])),
  ...alone(conv('conv2d', [6, 7, 4], [{ filters: 4, kernelSize: 2, groups: 2, strides: 2, padding: 'same' }])),
  // Along the last dimension, whichever it is, as in Keras: here the width.
  ...alone(
    conv('conv2d', [2, 4, 3], [{ filters: 3, kernelSize: 2, dataFormat: 'channelsFirst', activation: 'softmax' }]),
  ),
  ...conv(
    'conv3d',
    [4, 5, 3, 2],
    [
      { filters: 3, kernelSize: 2 },
      { filters: 2, kernelSize: [3, 2, 1], strides: [2, 1, 1], padding: 'same', activation: 'tanh' },
    ],
  ),
  ...conv('conv3d', [2, 4, 3, 5], [{ filters: 3, kernelSize: 2, dataFormat: 'channelsFirst', useBias: false }]),
  ...values(conv('conv3d', [5, 4, 5, 4], [{ filters: 2, kernelSize: 2, dilationRate: [2, 1, 3] }])),
  ...alone(conv('conv3d', [5, 4, 5, 4], [{ filters: 2, kernelSize: 2, groups: 2, strides: 3, padding: 'same' }])),
  ...alone(
    conv(
      'conv1dTranspose',
      [4, 3],
      [
        { filters: 2, kernelSize: 3 },
        { filters: 2, kernelSize: 2, strides: 3, padding: 'same', activation: 'tanh' },
        { filters: 2, kernelSize: 3, strides: 2, padding: 'same', outputPadding: 1, useBias: false },
        { filters: 2, kernelSize: 4, strides: 3, outputPadding: 2, dataFormat: 'channelsFirst' },
      ],
    ),
  ),
  ...conv(
    'conv2dTranspose',
    [3, 4, 2],
    [
      { filters: 3, kernelSize: 3 },
      { filters: 2, kernelSize: 3, strides: 2, padding: 'same', activation: 'sigmoid' },
      { filters: 2, kernelSize: [2, 3], strides: [3, 1], useBias: false },
    ],
  ),
  ...conv('conv2dTranspose', [2, 3, 4], [{ filters: 3, kernelSize: 2, strides: 2, dataFormat: 'channelsFirst' }]),
  ...alone(
    conv(
      'conv2dTranspose',
      [3, 4, 2],
      [
        { filters: 2, kernelSize: [3, 4], strides: [2, 3], outputPadding: [1, 0], padding: 'same' },
        { filters: 2, kernelSize: [3, 4], strides: [2, 3], outputPadding: 1 },
      ],
    ),
  ),
  ...values(
    conv(
      'conv3dTranspose',
      [2, 3, 2, 3],
      [
        { filters: 2, kernelSize: 2 },
        { filters: 2, kernelSize: [3, 2, 3], strides: 2, padding: 'same' },
        { filters: 2, kernelSize: 2, strides: [1, 3, 2], useBias: false, dataFormat: 'channelsFirst' },
      ],
    ),
  ),
  ...conv(
    'depthwiseConv2d',
    [5, 6, 3],
    [
      { kernelSize: 3 },
      { kernelSize: [2, 3], depthMultiplier: 2, strides: 2, padding: 'same', activation: 'tanh' },
      { kernelSize: 2, useBias: false, depthMultiplier: 3 },
    ],
  ),
  ...alone(
    conv(
      'depthwiseConv2d',
      [3, 6, 5],
      [{ kernelSize: 2, dataFormat: 'channelsFirst', dilationRate: 2, depthMultiplier: 2 }],
    ),
  ),
  ...alone(
    conv(
      'depthwiseConv1d',
      [6, 3],
      [
        { kernelSize: 3, depthMultiplier: 2 },
        { kernelSize: 2, padding: 'causal', dilationRate: 2, useBias: false },
        { kernelSize: 3, padding: 'same', strides: 2 },
      ],
    ),
  ),
  ...conv(
    'separableConv2d',
    [5, 6, 3],
    [
      { filters: 4, kernelSize: 3 },
      { filters: 2, kernelSize: [2, 3], depthMultiplier: 2, strides: 2, padding: 'same', activation: 'tanh' },
      { filters: 3, kernelSize: 1, useBias: false },
    ],
  ),
  ...alone(
    conv(
      'separableConv2d',
      [2, 5, 6],
      [{ filters: 3, kernelSize: 2, dataFormat: 'channelsFirst', dilationRate: [2, 1] }],
    ),
  ),
  ...alone(
    conv(
      'separableConv1d',
      [7, 3],
      [
        { filters: 4, kernelSize: 3, depthMultiplier: 2 },
        { filters: 4, kernelSize: 3, padding: 'causal', useBias: false },
      ],
    ),
  ),
];

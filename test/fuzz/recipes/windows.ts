/** Convolutions, pools, images. */
import { each, f, type Recipes } from './recipe';

const image = () => f(1, 4, 4, 2);
const boxes = () => f(2, 4);

export const windowRecipes: Recipes = {
  conv1d: () => [f(1, 4, 2), f(2, 2, 3), 1, 'same', 'NWC', 1],
  conv2d: () => [image(), f(2, 2, 2, 3), [1, 1], 1, 'NHWC', [1, 1], 'floor'],
  conv2dTranspose: () => [f(1, 2, 2, 3), f(2, 2, 2, 3), [1, 4, 4, 2], [2, 2], 'same'],
  depthwiseConv2d: () => [
    image(),
    f(2, 2, 2, 2),
    [1, 1],
    [
      [1, 1],
      [0, 0],
    ],
    'NHWC',
    1,
    'ceil',
  ],
  separableConv2d: () => [image(), f(2, 2, 2, 2), f(1, 1, 4, 3), [1, 1], 'same', 1, 'NHWC'],
  conv3d: () => [f(1, 3, 3, 3, 2), f(2, 2, 2, 2, 1), [1, 1, 1], 'same', 'NDHWC', [1, 1, 1]],
  conv3dTranspose: () => [f(1, 2, 2, 2, 1), f(2, 2, 2, 2, 1), [1, 4, 4, 4, 2], 2, 'same'],
  ...each('maxPool avgPool', () => [image(), [2, 2], [2, 2], 1, 'floor']),
  ...each('maxPool3d avgPool3d', () => [f(1, 3, 3, 3, 2), [2, 2, 2], [1, 1, 1], 1, 'floor', 'NDHWC']),
  pool: () => [image(), [2, 2], 'avg', 1, [1, 1], [1, 1], 'floor'],
  maxPoolWithArgmax: () => [image(), 2, 2, 'same', true],
  dilation2d: () => [image(), f(2, 2, 2), 1, 'same', 1, 'NHWC'],
  'fused.matMul': () => [
    {
      a: f(2, 3),
      b: f(2, 3),
      transposeA: false,
      transposeB: true,
      bias: f(2),
      activation: 'leakyrelu',
      leakyreluAlpha: 0.3,
    },
  ],
  ...each('fused.conv2d fused.depthwiseConv2d', () => [
    {
      x: image(),
      filter: f(2, 2, 2, 3),
      strides: [1, 1],
      pad: 1,
      dataFormat: 'NHWC',
      dilations: 1,
      dimRoundingMode: 'floor',
      bias: null,
      activation: 'prelu',
      preluActivationWeights: f(1),
    },
  ]),
  ...each('image.resizeBilinear image.resizeNearestNeighbor', () => [image(), [3, 5], false, true]),
  'image.flipLeftRight': () => [image()],
  'image.grayscaleToRGB': () => [f(2, 2, 1)],
  'image.rgbToGrayscale': () => [f(2, 2, 3)],
  'image.threshold': () => [f(2, 2, 1), 'binary', true, 0.5],
  'image.cropAndResize': () => [image(), boxes(), [0, 0], [2, 2], 'nearest', 1],
  'image.transform': () => [image(), f(1, 8), 'bilinear', 'reflect', 1, [3, 3]],
  'image.rotateWithOffset': () => [image(), 0.5, 1, [0.5, 0.5]],
  ...each('image.nonMaxSuppression image.nonMaxSuppressionAsync', () => [boxes(), f(2), 2, 0.5, 0.1]),
  ...each('image.nonMaxSuppressionWithScore image.nonMaxSuppressionWithScoreAsync', () => [
    boxes(),
    f(2),
    2,
    0.5,
    0.1,
    0.2,
  ]),
  ...each('image.nonMaxSuppressionPadded image.nonMaxSuppressionPaddedAsync', () => [boxes(), f(2), 2, 0.5, 0.1, true]),
  ...each('browser.fromPixels browser.fromPixelsAsync', () => [{ data: new Uint8Array(16), width: 2, height: 2 }, 3]),
  'browser.toPixels': () => [f(2, 2, 1)],
};

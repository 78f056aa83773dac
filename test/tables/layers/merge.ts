/** Rows of layers that take lists. */
import type { LayerCase } from './case';

const elementwise = ['add', 'average', 'maximum', 'minimum', 'multiply'].flatMap((layer): LayerCase[] => [
  {
    layer,
    inputs: [
      [3, 4],
      [3, 4],
    ],
  },
  { layer, inputs: [[5], [5], [5]] },
  // Gradients of maximum and minimum with broadcasting throw in TensorFlow.js, as do inputs of several ranks at times.
  {
    layer,
    inputs: [
      [3, 4],
      [1, 4],
    ],
    tf: layer === 'add' || layer === 'multiply',
  },
  { layer, inputs: [[4], [3, 4], [2, 1, 1]], tf: false },
]);

export const mergeLayers: readonly LayerCase[] = [
  ...elementwise,
  {
    layer: 'subtract',
    inputs: [
      [3, 4],
      [3, 4],
    ],
  },
  { layer: 'subtract', inputs: [[3, 1], [4]] },
  { layer: 'concatenate', inputs: [[3], [2], [4]] },
  {
    layer: 'concatenate',
    config: { axis: 1 },
    inputs: [
      [3, 2],
      [4, 2],
    ],
  },
  {
    layer: 'concatenate',
    config: { axis: -2 },
    inputs: [
      [3, 2],
      [1, 2],
    ],
    tf: false,
  },
  { layer: 'dot', config: { axes: 1 }, inputs: [[4], [4]] },
  { layer: 'dot', config: { axes: -1, normalize: true }, inputs: [[4], [4]] },
  {
    layer: 'dot',
    config: { axes: [2, 1] },
    inputs: [
      [3, 4],
      [4, 2],
    ],
  },
  {
    layer: 'dot',
    config: { axes: [1, 2], normalize: true },
    inputs: [
      [4, 3],
      [2, 4],
    ],
  },
  {
    layer: 'dot',
    config: { axes: 2 },
    inputs: [
      [3, 4],
      [5, 4],
    ],
  },
  {
    layer: 'dot',
    config: { axes: 1 },
    inputs: [
      [3, 1],
      [3, 1],
    ],
  },
  // Higher ranks are not implemented in TensorFlow.js.
  {
    layer: 'dot',
    config: { axes: [2, -1] },
    inputs: [
      [3, 4, 2],
      [5, 4],
    ],
    tf: false,
  },
];

/** Rows of normalizations. */
import type { LayerCase } from './case';

const l2 = { className: 'L2', config: { l2: 0.1 } };

export const normalizationLayers: readonly LayerCase[] = [
  { layer: 'batchNormalization', inputs: [[5]], weights: 4 },
  { layer: 'batchNormalization', config: { center: false, epsilon: 0.1 }, inputs: [[3, 4]], weights: 3, tf: false },
  { layer: 'batchNormalization', config: { scale: false, momentum: 0.5 }, inputs: [[2, 3, 4]], weights: 3, tf: false },
  {
    layer: 'batchNormalization',
    config: { axis: 1, gammaRegularizer: l2, betaConstraint: 'nonNeg', synchronized: true, betaInitializer: 'ones' },
    inputs: [[3, 4]],
    weights: 4,
    // Inference off the last axis is wrong in TensorFlow.js.
    tf: false,
  },
  { layer: 'layerNormalization', inputs: [[5]], weights: 2, tolerance: 1e-4 },
  { layer: 'layerNormalization', config: { axis: [1, 2] }, inputs: [[3, 4]], weights: 2, tolerance: 1e-4 },
  { layer: 'layerNormalization', config: { axis: [-1, 1], epsilon: 0.1 }, inputs: [[3, 4]], weights: 2, tf: false },
  { layer: 'layerNormalization', config: { center: false, axis: 1 }, inputs: [[3, 4, 2]], weights: 1, tf: false },
  { layer: 'layerNormalization', config: { scale: false, betaRegularizer: l2 }, inputs: [[4]], weights: 1, tf: false },
  { layer: 'groupNormalization', config: { groups: 2 }, inputs: [[3, 4]], weights: 2 },
  { layer: 'groupNormalization', config: { groups: -1, axis: 1, center: false }, inputs: [[3, 4, 2]], weights: 1 },
  { layer: 'groupNormalization', config: { groups: 1, epsilon: 0.01 }, inputs: [[2, 2, 6]], weights: 2 },
  { layer: 'rmsNormalization', inputs: [[4]], weights: 1 },
  { layer: 'rmsNormalization', config: { axis: [1, 2], epsilon: 0.1 }, inputs: [[3, 4]], weights: 1 },
  { layer: 'unitNormalization', inputs: [[4]] },
  { layer: 'unitNormalization', config: { axis: [1, 2] }, inputs: [[3, 4]] },
  {
    layer: 'spectralNormalization',
    config: { layer: { className: 'Dense', config: { units: 3, name: 'inner' } }, powerIterations: 2 },
    inputs: [[4]],
    weights: 3,
  },
];

/** Rows of dropout and noise, which do nothing but in training (`training.test.ts`). */
import type { LayerCase } from './case';

export const regularizationLayers: readonly LayerCase[] = [
  { layer: 'dropout', config: { rate: 0.3, noiseShape: [null, 1, 2], seed: 3 }, inputs: [[3, 2]] },
  { layer: 'spatialDropout1d', config: { rate: 0.3, seed: 4 }, inputs: [[3, 2]] },
  { layer: 'spatialDropout2d', config: { rate: 0.3, dataFormat: 'channelsFirst' }, inputs: [[3, 2, 2]] },
  { layer: 'spatialDropout3d', config: { rate: 0.3 }, inputs: [[3, 2, 2, 2]] },
  { layer: 'alphaDropout', config: { rate: 0.3 }, inputs: [[3, 2]] },
  { layer: 'gaussianDropout', config: { rate: 0.3 }, inputs: [[4]] },
  { layer: 'gaussianNoise', config: { stddev: 0.3 }, inputs: [[4]] },
  { layer: 'activityRegularization', config: { l1: 0.1, l2: 0.2 }, inputs: [[4]] },
];

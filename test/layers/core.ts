/** Rows of basic layers. */
import type { LayerCase } from './case';

export const coreLayers: readonly LayerCase[] = [
  { layer: 'dense', config: { units: 4, activation: 'tanh' }, inputs: [[5]], weights: 2 },
  { layer: 'dense', config: { units: 2, useBias: false }, inputs: [[3, 4]], weights: 1 },
  { layer: 'flatten', inputs: [[2, 3, 2]] },
];

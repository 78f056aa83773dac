/** All rows of layers. */
import type { LayerCase } from './case';
import { coreLayers } from './core';
import { mergeLayers } from './merge';
import { normalizationLayers } from './normalization';
import { regularizationLayers } from './regularization';

export const layerTable: readonly LayerCase[] = [
  ...coreLayers,
  ...mergeLayers,
  ...normalizationLayers,
  ...regularizationLayers,
];

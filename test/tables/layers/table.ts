/** All rows of layers. */
import { attentionLayers } from './attention';
import type { LayerCase } from './case';
import { convolutions } from './convolutional';
import { coreLayers } from './core';
import { drawnLayers } from './drawn';
import { mergeLayers } from './merge';
import { normalizationLayers } from './normalization';
import { poolingLayers } from './pooling';
import { preprocessingLayers } from './preprocessing';
import { recurrentLayers } from './recurrent';
import { regularizationLayers } from './regularization';

export const layerTable: readonly LayerCase[] = [
  ...coreLayers,
  ...mergeLayers,
  ...normalizationLayers,
  ...regularizationLayers,
  ...convolutions,
  ...poolingLayers,
  ...preprocessingLayers,
  ...drawnLayers,
  ...recurrentLayers,
  ...attentionLayers,
];

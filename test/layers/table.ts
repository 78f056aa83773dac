/** All rows of layers. */
import { attentionLayers } from './attention';
import type { LayerCase } from './case';
import { convolutions } from './convolutional';
import { coreLayers } from './core';
import { drawnLayers } from './drawn';
import { poolingLayers } from './pooling';
import { preprocessingLayers } from './preprocessing';
import { recurrentLayers } from './recurrent';

export const layerTable: readonly LayerCase[] = [
  ...coreLayers,
  ...convolutions,
  ...poolingLayers,
  ...preprocessingLayers,
  ...drawnLayers,
  ...recurrentLayers,
  ...attentionLayers,
];

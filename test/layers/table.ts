/** All rows of layers. */
import { attentionLayers } from './attention';
import type { LayerCase } from './case';
import { coreLayers } from './core';
import { recurrentLayers } from './recurrent';

export const layerTable: readonly LayerCase[] = [...coreLayers, ...attentionLayers, ...recurrentLayers];

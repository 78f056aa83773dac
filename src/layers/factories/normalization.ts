/** Factories of normalizations; the shape stays. They throw ShapeError when a size that they need is not known. */

import { make } from '../base/settings';
import * as normalization from '../normalization/normalization';

/**
 * Normalizes each entry of an axis (the last by default) with the statistics of the batch while training, with moving
 * ones at inference (Ioffe and Szegedy, 2015).
 */
export const batchNormalization = (args?: normalization.BatchNormalizationArgs): normalization.BatchNormalization =>
  make(normalization.BatchNormalization, args);

/** Normalizes each position along axes, the last by default (Ba et al., 2016). */
export const layerNormalization = (args?: normalization.LayerNormalizationArgs): normalization.LayerNormalization =>
  make(normalization.LayerNormalization, args);

/** Normalizes groups of channels of each example (Wu and He, 2018). @throws ArgumentError for groups that are none */
export const groupNormalization = (args?: normalization.GroupNormalizationArgs): normalization.GroupNormalization =>
  make(normalization.GroupNormalization, args);

/** Divides each position by the root of its mean square along axes, the last by default (Zhang and Sennrich, 2019). */
export const rmsNormalization = (args?: normalization.RMSNormalizationArgs): normalization.RMSNormalization =>
  make(normalization.RMSNormalization, args);

/** Makes vectors along axes, the last by default, have length 1. */
export const unitNormalization = (args?: normalization.UnitNormalizationArgs): normalization.UnitNormalization =>
  make(normalization.UnitNormalization, args);

/**
 * Divides the kernel of a layer by its largest singular value while training (Miyato et al., 2018).
 * @throws ArgumentError for a layer without a kernel
 * @example
 * sg.layers.spectralNormalization({ layer: sg.layers.dense({ units: 8 }) });
 */
export const spectralNormalization = (
  args: normalization.SpectralNormalizationArgs,
): normalization.SpectralNormalization => make(normalization.SpectralNormalization, args);

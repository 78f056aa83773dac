/** The cases of all operators, by family. */
import { convolutions, images, linear } from './conv';
import { math, spectral } from './math';
import { dynamic, picks, reductions, shapes } from './shape';
import { ragged, sparse, strings } from './texts';

export const families = {
  math,
  spectral,
  convolutions,
  linear,
  images,
  reductions,
  shapes,
  picks,
  dynamic,
  strings,
  ragged,
  sparse,
};

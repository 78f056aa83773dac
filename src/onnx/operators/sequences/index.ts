/** Operators on sequences. */
import type { Definitions } from '../define';
import { attentions } from './attention';
import { ngrams } from './ngrams';
import { recurrentLayers } from './recurrent';
import { spectra } from './spectra';

export const sequences: Definitions = { ...recurrentLayers, ...attentions, ...spectra, ...ngrams };

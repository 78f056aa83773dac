/** Operators on sequences. */
import type { Definitions } from '../define';
import { attentions } from './attention';
import { recurrentLayers } from './recurrent';

export const sequences: Definitions = { ...recurrentLayers, ...attentions };

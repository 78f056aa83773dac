/** Operators on strings, and what is counted in them. */
import type { Definitions } from './define';
import { ngrams } from './sequences/ngrams';
import { strings } from './strings';

export const texts: Definitions = { ...strings, ...ngrams };

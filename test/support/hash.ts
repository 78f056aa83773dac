/** Results in a few letters; for Node alone. */
import { createHash } from 'node:crypto';
import type { Bits } from './bits';

/** Shape, type and elements in a few letters. */
export const hash = ({ shape, dtype, words }: Bits): string =>
  createHash('sha1').update(`${dtype}[${shape}]`).update(words).digest('base64');

/** Operators on images and volumes: other sizes, samples at places, boxes. */
import type { Definitions } from '../define';
import { detection } from './detection';
import { resizing } from './resize';
import { sampling } from './sample';

export const images: Definitions = { ...resizing, ...detection, ...sampling };

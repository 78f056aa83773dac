/** Operators on signals, images and volumes. */
import type { Definitions } from '../define';
import { convolutions } from './conv';
import { detection } from './detection';
import { poolings } from './pool';
import { resizing } from './resize';
import { sampling } from './sample';

export const vision: Definitions = { ...convolutions, ...poolings, ...resizing, ...detection, ...sampling };

/** Operators on signals, images and volumes. */
import type { Definitions } from '../define';
import { convolutions } from './conv';
import { poolings } from './pool';

export const vision: Definitions = { ...convolutions, ...poolings };

/** Operators with windows: convolutions and pools. */
import type { Definitions } from '../define';
import { convolutions } from './conv';
import { poolings } from './pool';

export const windows: Definitions = { ...convolutions, ...poolings };

/** Families of the differential run. */
import { creation } from './creation';
import type { Row } from './differential';
import { indexing } from './indexing';
import { linear } from './linear';
import { shape } from './shape';

export const families: Readonly<Record<string, readonly Row[]>> = { linear, creation, shape, indexing };

/** Families of the differential run. */
import type { Row } from './differential';
import { linear } from './linear';

export const families: Readonly<Record<string, readonly Row[]>> = { linear };

/** Families of the differential run. */
import { creation } from './creation';
import type { Row } from './differential';
import { elementwise } from './elementwise';
import { indexing } from './indexing';
import { linear } from './linear';
import { reductions } from './reduction';
import { scan } from './scan';
import { shape } from './shape';

export const families: Readonly<Record<string, readonly Row[]>> = {
  linear,
  elementwise,
  reduction: reductions,
  scan,
  creation,
  shape,
  indexing,
};

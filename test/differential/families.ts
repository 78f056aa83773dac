/** Families of the differential run. */
import type { Row } from './differential';
import { elementwise } from './elementwise';
import { linear } from './linear';
import { reductions } from './reduction';
import { scan } from './scan';

export const families: Readonly<Record<string, readonly Row[]>> = {
  linear,
  elementwise,
  reduction: reductions,
  scan,
};

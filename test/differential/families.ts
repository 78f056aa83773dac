/** Families of the differential run. */
import { convolution } from './convolution';
import { creation } from './creation';
import type { Row } from './differential';
import { elementwise } from './elementwise';
import { image } from './image';
import { indexing } from './indexing';
import { linear } from './linear';
import { pooling } from './pooling';
import { reductions } from './reduction';
import { scan } from './scan';
import { shape } from './shape';

export const families: Readonly<Record<string, readonly Row[]>> = {
  linear,
  convolution,
  pooling,
  image,
  elementwise,
  reduction: reductions,
  scan,
  creation,
  shape,
  indexing,
};

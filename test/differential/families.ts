/** Families of the differential run. */
import { convolution } from './convolution';
import { creation } from './creation';
import { cumulative } from './cumulative';
import type { Row } from './differential';
import { elementwise } from './elementwise';
import { image } from './image';
import { indexing } from './indexing';
import { linear } from './linear';
import { pooling } from './pooling';
import { reductions } from './reduction';
import { shape } from './shape';

export const families: Readonly<Record<string, readonly Row[]>> = {
  linear,
  convolution,
  pooling,
  image,
  elementwise,
  reduction: reductions,
  cumulative,
  creation,
  shape,
  indexing,
};

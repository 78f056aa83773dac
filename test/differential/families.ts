/** Families of the differential run. */
import { convolution } from './convolution';
import type { Row } from './differential';
import { elementwise } from './elementwise';
import { image } from './image';
import { linear } from './linear';
import { pooling } from './pooling';
import { reductions } from './reduction';
import { scan } from './scan';

export const families: Readonly<Record<string, readonly Row[]>> = {
  linear,
  convolution,
  pooling,
  image,
  elementwise,
  reduction: reductions,
  scan,
};

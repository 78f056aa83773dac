/** Families of the differential run. */
import { convolution } from './convolution';
import type { Row } from './differential';
import { image } from './image';
import { linear } from './linear';
import { pooling } from './pooling';

export const families: Readonly<Record<string, readonly Row[]>> = { linear, convolution, pooling, image };

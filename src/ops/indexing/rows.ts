/** Slices along one axis by index, and their sums: pixels of images. */

import type { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import * as indexing from '../descriptors/indexing';

/** x[…, indices[j], …] along the axis; `label` names the call in errors. indices: int32 of rank 1. */
export const takeRows = (x: Tensor, indices: Tensor, axis: number, label?: string): Tensor =>
  apply(indexing.takeRows, [x, indices], label === undefined ? { axis } : { axis, label });

/** The `size` sums of the rows of y (its first axis) that have the same index. */
export const sumRows = (y: Tensor, indices: Tensor, size: number): Tensor =>
  apply(indexing.sumRows, [y, indices], { axis: 0, size });

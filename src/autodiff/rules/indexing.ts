/** Gradients of ops that read or write rows by index. */

import { NONE } from '../../ops/core/descriptor';
import { apply } from '../../ops/core/dispatch';
import type { IndexingOps, SortingOps } from '../../ops/core/table';
import { zeros } from '../../ops/create/creation';
import * as indexing from '../../ops/descriptors/indexing';
import * as sorting from '../../ops/descriptors/sorting';
import { isLastWriter } from '../../ops/indexing/indexing';
import type { Tensor } from '../../tensor/tensor';
import { flat, masked, type RulesOf } from '../rule';

export const indexingRules: RulesOf<IndexingOps> = {
  gather: (g, [x, indices], _, attrs) => [
    () => apply(indexing.segmentSum, [g, indices as Tensor], { ...attrs, n: (x as Tensor).shape[2] as number }),
    null,
  ],
  segmentSum: (g, [, ids], _, { drop, label }) => [
    () => apply(indexing.gather, [g, ids as Tensor], { drop, label }),
    null,
  ],
  replaceRows: (g, [, indices, updates], _, attrs) => [
    () => apply(indexing.replaceRows, [g, indices as Tensor, zeros((updates as Tensor).shape)], attrs),
    null,
    // Of rows that were replaced once more nothing is left.
    () => masked(apply(indexing.gather, [g, indices as Tensor], attrs), isLastWriter(indices as Tensor, g, attrs)),
  ],
  takeRows: (g, [x, indices], _, { axis }) => [
    () => apply(indexing.sumRows, [g, indices as Tensor], { axis, size: (x as Tensor).shape[axis] as number }),
    null,
  ],
  sumRows: (g, [, indices], _, { axis }) => [() => apply(indexing.takeRows, [g, indices as Tensor], { axis }), null],
  flatIndex: flat,
  pick: flat,
};

export const sortingRules: RulesOf<SortingOps> = {
  topkIndices: flat,
  searchSorted: flat,
  takeAlong: (g, [x, indices]) => [
    () => {
      const { shape } = x as Tensor;
      return apply(sorting.putAlong, [g, indices as Tensor], {
        size: shape[shape.length - 1] as number,
        strict: false,
      });
    },
    null,
  ],
  putAlong: (g, [, indices]) => [() => apply(sorting.takeAlong, [g, indices as Tensor], NONE), null],
};

/** Rows of functions that change shapes. */
import { given } from '../autodiff/case';
import type { FunctionTable } from './case';

export const shapingFunctions: FunctionTable = {
  expandDims: [0, 1, -1, -2].map((axis) => ({
    name: `[2, 3], axis ${axis}`,
    inputs: [given(1, [2, 3])],
    run: (x) => (x as NonNullable<typeof x>).expandDims(axis),
    reference: (x) => {
      const at = axis < 0 ? axis + 3 : axis;
      return {
        shape: [...[2, 3].slice(0, at), 1, ...[2, 3].slice(at)],
        dtype: 'float32',
        data: (x as NonNullable<typeof x>).data,
      };
    },
    tolerance: 0,
  })),
  squeeze: (
    [
      [[1, 3, 1], undefined, [3]],
      [[1, 3, 1], [-1], [1, 3]],
      [[2, 3], undefined, [2, 3]],
    ] as const
  ).map(([from, axis, to]) => ({
    name: `[${from}] ${axis}`,
    inputs: [given(2, from)],
    run: (x) => (x as NonNullable<typeof x>).squeeze(axis),
    reference: (x) => ({ shape: to, dtype: 'float32', data: (x as NonNullable<typeof x>).data }),
    tolerance: 0,
  })),
};

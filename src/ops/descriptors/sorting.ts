/** Descriptors of the ops that order elements of rows, or pick them by index. Rows are along the last dimension. */
import { Op, PutAlong, SearchSorted, TakeAlong, TopK } from '../../../assembly/isa';
import { ShapeError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { type Shape, sameShape, showShape } from '../../tensor/shape';
import { first, op, second } from '../core/descriptor';

const lastOf = (shape: Shape): number => shape[shape.length - 1] as number;
const rowsOf = (shape: Shape): number => shape.slice(0, -1).reduce((a, b) => a * b, 1);

function checkRows(name: string, a: Shape, b: Shape): void {
  if (a.length === 0 || b.length === 0 || !sameShape(a.slice(0, -1), b.slice(0, -1))) {
    throw new ShapeError(
      `${name}: shapes ${showShape(a)} and ${showShape(b)} must be equal but for the last dimension`,
    );
  }
}

/** Indices of the k largest of each row, the largest first; of equal ones the first in front; NaN is the largest. */
export const topkIndices = op<{ k: number }>('topkIndices', {
  infer: ([x], { k }) => ({ shape: [...(x as TensorSpec).shape.slice(0, -1), k], dtype: 'int32' }),
  lower(e, inputs, out, { k }) {
    const { ref, shape, dtype } = first(inputs);
    const operands = { x: ref, out: out.ref, rows: rowsOf(shape), n: lastOf(shape), k };
    e.command(Op.TopK, TopK, { ...operands, integer: dtype === 'float32' ? 0 : 1 }, ['out']);
  },
});

/** Where each value belongs in its sorted row: in front of equal elements, or behind them. */
export const searchSorted = op<{ right: boolean }>('searchSorted', {
  infer([sorted, values]) {
    const { shape } = values as TensorSpec;
    checkRows('searchSorted', (sorted as TensorSpec).shape, shape);
    return { shape, dtype: 'int32' };
  },
  lower(e, inputs, out, { right }) {
    const [sorted, values] = [first(inputs), second(inputs)];
    e.command(
      Op.SearchSorted,
      SearchSorted,
      {
        sorted: sorted.ref,
        values: values.ref,
        out: out.ref,
        rows: rowsOf(values.shape),
        n: lastOf(sorted.shape),
        m: lastOf(values.shape),
        right: right ? 1 : 0,
        integer: sorted.dtype === 'float32' ? 0 : 1,
      },
      ['out'],
    );
  },
});

/** out[r, i] = x[r, indices[r, i]]; 0 where the index is outside the row. */
export const takeAlong = op<Record<string, never>>('takeAlong', {
  infer([x, indices]) {
    const { shape } = indices as TensorSpec;
    checkRows('takeAlong', (x as TensorSpec).shape, shape);
    return { shape, dtype: (x as TensorSpec).dtype };
  },
  lower(e, inputs, out) {
    const [x, indices] = [first(inputs), second(inputs)];
    e.command(
      Op.TakeAlong,
      TakeAlong,
      {
        x: x.ref,
        indices: indices.ref,
        out: out.ref,
        rows: rowsOf(x.shape),
        n: lastOf(x.shape),
        k: lastOf(indices.shape),
      },
      ['out'],
    );
  },
});

/**
 * out[r, j] = the sum of the x[r, i] with indices[r, i] = j, for j < size; indices outside are left out.
 * strict: one below 0 stops the program (`label` names it then).
 */
export const putAlong = op<{ size: number; strict: boolean; label?: string }>('putAlong', {
  infer([x, indices], { size }) {
    const { shape, dtype } = x as TensorSpec;
    if (shape.length === 0 || !sameShape(shape, (indices as TensorSpec).shape)) {
      throw new ShapeError(
        `putAlong: shapes ${showShape(shape)} and ${showShape((indices as TensorSpec).shape)} must be equal, of rank 1 at least`,
      );
    }
    return { shape: [...shape.slice(0, -1), size], dtype };
  },
  lower(e, inputs, out, { size, strict }) {
    const [x, indices] = [first(inputs), second(inputs)];
    e.command(
      Op.PutAlong,
      PutAlong,
      {
        x: x.ref,
        indices: indices.ref,
        out: out.ref,
        rows: rowsOf(x.shape),
        limit: size,
        k: lastOf(x.shape),
        integer: x.dtype === 'float32' ? 0 : 1,
        strict: strict ? 1 : 0,
      },
      ['out'],
    );
  },
});

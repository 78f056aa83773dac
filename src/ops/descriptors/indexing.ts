/** Descriptors of ops that read or write rows by index, and of draws from discrete distributions. */
import { FlatIndex, Gather, Meet, Op, Pick, Scatter, TakeRows } from '../../../assembly/isa';
import type { Emitter, Value } from '../../program/ir';
import type { TensorSpec } from '../../tensor/graph';
import { type Shape, sizeOf, withAxis } from '../../tensor/shape';
import { first, op, second } from '../core/descriptor';
import { emitFill } from './movement';

/** `drop`: a negative index means no row; otherwise it is an error, like an index that is too large. */
export interface IndexAttrs {
  readonly drop: boolean;
  /** Names the call in errors. */
  readonly label: string;
}

const dim = (spec: TensorSpec | undefined, i: number): number => spec?.shape[i] as number;

/** `base`, or zeros, with rows taken in. updates: [batch, outer, count, inner]; indices: [batch, count]. */
function emitScatter(
  e: Emitter,
  updates: Value,
  indices: Value,
  base: Value | undefined,
  out: Value,
  meet: Meet,
  drop: boolean,
): void {
  const [batch, outer, count, inner] = updates.shape as [number, number, number, number];
  e.command(
    Op.Scatter,
    Scatter,
    {
      updates: updates.ref,
      indices: indices.ref,
      ...(base ? { base: base.ref } : {}),
      out: out.ref,
      units: batch * outer,
      outer,
      limit: dim(out, 2),
      inner,
      count,
      meet,
      drop: drop ? 1 : 0,
    },
    ['out'],
  );
}

const rowOperands = (shape: Shape, axis: number, count: number): Record<string, number> => ({
  outer: sizeOf(shape.slice(0, axis)),
  n: shape[axis] as number,
  count,
  inner: sizeOf(shape.slice(axis + 1)),
});

/** [batch, outer, n, inner] and indices [batch, count] to [batch, outer, count, inner]. */
export const gather = op<IndexAttrs>('gather', {
  infer: ([x, indices]) => ({
    shape: [dim(x, 0), dim(x, 1), dim(indices, 1), dim(x, 3)],
    dtype: (x as TensorSpec).dtype,
  }),
  lower(e, [x, indices], out, { drop }) {
    const [batch, outer, limit, inner] = (x as Value).shape as [number, number, number, number];
    e.command(
      Op.Gather,
      Gather,
      {
        x: (x as Value).ref,
        indices: (indices as Value).ref,
        out: out.ref,
        units: batch * outer,
        outer,
        limit,
        inner,
        count: dim(indices, 1),
        drop: drop ? 1 : 0,
      },
      ['out'],
    );
  },
});

/** [batch, outer, count, inner] and ids [batch, count] to [batch, outer, n, inner]: sums, each in the order of the ids. */
export const segmentSum = op<IndexAttrs & { readonly n: number }>('segmentSum', {
  infer: ([x], { n }) => ({ shape: [dim(x, 0), dim(x, 1), n, dim(x, 3)], dtype: (x as TensorSpec).dtype }),
  lower: (e, [x, ids], out, { drop }) =>
    emitScatter(e, x as Value, ids as Value, undefined, out, out.dtype === 'float32' ? Meet.add : Meet.addInt, drop),
});

/** Base [1, 1, n, inner], indices [1, count], updates [1, 1, count, inner]: base with rows replaced; the last one wins. */
export const replaceRows = op<IndexAttrs>('replaceRows', {
  infer: ([base]) => base as TensorSpec,
  lower: (e, [base, indices, updates], out, { drop }) =>
    emitScatter(e, updates as Value, indices as Value, base as Value, out, Meet.replace, drop),
});

/** Tuples [count, dims.length] of coordinates to places in a row-major array of shape `dims`. */
export const flatIndex = op<{ readonly dims: Shape; readonly label: string }>('flatIndex', {
  infer: ([indices]) => ({ shape: [dim(indices, 0)], dtype: 'int32' }),
  lower(e, [indices], out, { dims }) {
    const { ref } = indices as Value;
    if (dims.length === 0) emitFill(e, out.ref, sizeOf(out.shape), 0);
    dims.forEach((limit, i) => {
      e.command(
        Op.FlatIndex,
        FlatIndex,
        {
          indices: { buffer: ref.buffer, offset: ref.offset + 4 * i },
          out: out.ref,
          count: dim(out, 0),
          step: 4 * dims.length,
          limit,
          first: i === 0 ? 1 : 0,
        },
        ['out'],
      );
    });
  },
});

/** x, indices: [count] -> slices of x along the axis; an index outside stops the program (`label` names it then) */
export const takeRows = op<{ axis: number; label?: string }>('takeRows', {
  infer: ([x, indices], { axis }) => ({
    shape: withAxis((x as TensorSpec).shape, axis, (indices as TensorSpec).shape[0] as number),
    dtype: (x as TensorSpec).dtype,
  }),
  lower(e, inputs, out, { axis }) {
    const x = first(inputs);
    e.command(
      Op.TakeRows,
      TakeRows,
      {
        x: x.ref,
        indices: second(inputs).ref,
        out: out.ref,
        ...rowOperands(x.shape, axis, out.shape[axis] as number),
      },
      ['out'],
    );
  },
});

/** y, indices: [count] -> [size, ...]: slice i of y is added to slice indices[i] of the result */
export const sumRows = op<{ axis: number; size: number }>('sumRows', {
  infer: ([y], { axis, size }) => ({ shape: withAxis((y as TensorSpec).shape, axis, size), dtype: 'float32' }),
  lower(e, inputs, out, { axis }) {
    const y = first(inputs);
    e.command(
      Op.SumRows,
      TakeRows,
      {
        x: y.ref,
        indices: second(inputs).ref,
        out: out.ref,
        ...rowOperands(out.shape, axis, y.shape[axis] as number),
      },
      ['out'],
    );
  },
});

/** Shares [rows, n] and u [rows, count] of [0, 1) to indices [rows, count], drawn with probabilities as the shares. */
export const pick = op<Record<string, never>>('pick', {
  infer: ([_, u]) => ({ shape: (u as TensorSpec).shape, dtype: 'int32' }),
  lower(e, [shares, u], out) {
    const [rows, n] = (shares as Value).shape as [number, number];
    e.command(
      Op.Pick,
      Pick,
      { shares: (shares as Value).ref, u: (u as Value).ref, out: out.ref, rows, n, count: dim(u, 1) },
      ['out'],
      4 * n,
    );
  },
});

/** Descriptors of reductions, argMax / argMin, softmax and its logarithm. */
import { ArgReduce, Fold, Op, REDUCE_COLUMNS, Reduce, Rows, SUM_CHUNK, SUM_LANES } from '../../../assembly/isa';
import { type Emitter, f32, type Value } from '../../program/ir';
import { ShapeError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import type { TensorSpec } from '../../tensor/graph';
import { showShape, sizeOf, stridesOf } from '../../tensor/shape';
import { type Descriptor, first, type None, op } from '../core/descriptor';
import { emitCopy } from './movement';

export interface ReduceAttrs {
  /** Ascending, from the front. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const reducedShape = (shape: readonly number[], { axes, keepDims }: ReduceAttrs): number[] =>
  keepDims ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i));

/** The operand as [outer, n, inner]; copied first if the reduced dimensions are not adjacent. */
function arrange(
  e: Emitter,
  x: Value,
  axes: readonly number[],
): { value: Value; outer: number; n: number; inner: number } {
  const { shape } = x;
  const significant = shape.map((_, i) => i).filter((i) => shape[i] !== 1);
  const reduced = significant.filter((i) => axes.includes(i));
  const firstAxis = reduced[0] ?? shape.length;
  const between = significant.filter((i) => i >= firstAxis && i <= (reduced[reduced.length - 1] ?? -1));
  const n = sizeOf(reduced.map((i) => shape[i] as number));
  if (between.length === reduced.length) {
    const outer = sizeOf(shape.slice(0, firstAxis));
    return {
      value: x,
      outer,
      n,
      inner:
        sizeOf(shape) === 0
          ? sizeOf(shape.filter((_, i) => i > firstAxis && !axes.includes(i)))
          : sizeOf(shape) / (outer * n),
    };
  }
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const strides = stridesOf(shape);
  const copy = e.temporary({ shape: order.map((i) => shape[i] as number), dtype: x.dtype });
  emitCopy(
    e,
    x.ref,
    copy.ref,
    copy.shape,
    order.map((i) => strides[i] as number),
    stridesOf(copy.shape),
  );
  return { value: copy, outer: sizeOf(kept.map((i) => shape[i] as number)), n, inner: 1 };
}

/** From here on columns of floats are folded row by row, with accumulators in scratch. */
const WIDE_COLUMNS = 32;
const WIDE_ROWS = 64;

function reduceOp(
  name: string,
  float: Fold,
  options: { isMean?: boolean; dtype?: DType; int?: Fold } = {},
): Descriptor<ReduceAttrs> {
  return op<ReduceAttrs>(name, {
    infer: ([x], attrs) => ({
      shape: reducedShape((x as TensorSpec).shape, attrs),
      dtype: options.dtype ?? (options.int !== undefined ? (x as TensorSpec).dtype : 'float32'),
    }),
    lower(e, inputs, out, attrs) {
      const fold = options.int !== undefined && out.dtype === 'int32' ? options.int : float;
      let { value, outer, n, inner } = arrange(e, first(inputs), attrs.axes);
      const total = n;
      const isFloat = out.dtype === 'float32';
      // Chunk after chunk, then the chunks' results, until one is left.
      while (true) {
        const chunks = Math.max(1, Math.ceil(n / SUM_CHUNK));
        const isLast = chunks === 1;
        const isWide = isFloat && inner >= WIDE_COLUMNS && n >= WIDE_ROWS;
        const target = isLast ? out : e.temporary({ shape: [outer, chunks, inner], dtype: out.dtype });
        e.command(
          Op.Reduce,
          Reduce,
          {
            x: value.ref,
            out: target.ref,
            outer,
            n,
            inner,
            chunk: SUM_CHUNK,
            fold,
            divisor: f32(isLast && options.isMean ? total : 1),
            wide: Number(isWide),
          },
          ['out'],
          isWide ? 4 * SUM_LANES * REDUCE_COLUMNS : 0,
        );
        if (isLast) return;
        value = target;
        n = chunks;
      }
    },
  });
}

function argReduceOp(minimum: boolean): Descriptor<{ readonly axis: number }> {
  return op(minimum ? 'argMin' : 'argMax', {
    infer([x], { axis }) {
      const { shape } = x as TensorSpec;
      if (shape[axis] === 0) {
        throw new ShapeError(
          `${minimum ? 'argMin' : 'argMax'}: axis ${axis} of ${showShape(shape)} is empty; it needs at least one element`,
        );
      }
      return { shape: shape.filter((_, i) => i !== axis), dtype: 'int32' };
    },
    lower(e, inputs, out, { axis }) {
      const { shape, ref, dtype } = first(inputs);
      e.command(
        Op.ArgReduce,
        ArgReduce,
        {
          x: ref,
          out: out.ref,
          outer: sizeOf(shape.slice(0, axis)),
          n: shape[axis] as number,
          inner: sizeOf(shape.slice(axis + 1)),
          minimum: minimum ? 1 : 0,
          integer: dtype === 'int32' ? 1 : 0,
        },
        ['out'],
      );
    },
  });
}

/** Along the last dimension. */
function rowsOp(name: string, code: Op): Descriptor<None> {
  return op<None>(name, {
    infer: ([x]) => ({ shape: (x as TensorSpec).shape, dtype: 'float32' }),
    lower(e, inputs, out) {
      const n = out.shape[out.shape.length - 1] as number;
      e.command(code, Rows, { x: first(inputs).ref, out: out.ref, rows: n === 0 ? 0 : sizeOf(out.shape) / n, n }, [
        'out',
      ]);
    },
  });
}

export const sum = reduceOp('sum', Fold.sum, { int: Fold.sumInt });
export const mean = reduceOp('mean', Fold.sum, { isMean: true });
export const prod = reduceOp('prod', Fold.prod, { int: Fold.prodInt });
export const max = reduceOp('max', Fold.max, { int: Fold.maxInt });
export const min = reduceOp('min', Fold.min, { int: Fold.minInt });
export const all = reduceOp('all', Fold.all, { dtype: 'bool' });
export const any = reduceOp('any', Fold.any, { dtype: 'bool' });
export const argMax = argReduceOp(false);
export const argMin = argReduceOp(true);
export const softmax = rowsOp('softmax', Op.Softmax);
export const logSoftmax = rowsOp('logSoftmax', Op.LogSoftmax);

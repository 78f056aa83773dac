/** Descriptors of running folds along an axis. */
import { Cumulative, CumulativeKind, Op } from '../../../assembly/isa';
import type { Emitter, Ref, Value } from '../../program/ir';
import { ShapeError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { sameShape, showShape, sizeOf } from '../../tensor/shape';
import { type Descriptor, first, op, second } from '../core/descriptor';

export interface CumulativeAttrs {
  /** From the front. */
  readonly axis: number;
  /** From the last element to the first. */
  readonly reverse: boolean;
  /** Each result without its own element. */
  readonly exclusive: boolean;
}

function emitCumulative(
  e: Emitter,
  kind: CumulativeKind,
  x: Value,
  a: Ref | 0,
  out: Value,
  attrs: CumulativeAttrs,
): void {
  const { axis, reverse, exclusive } = attrs;
  e.command(
    Op.Cumulative,
    Cumulative,
    {
      x: x.ref,
      a,
      out: out.ref,
      outer: sizeOf(x.shape.slice(0, axis)),
      n: x.shape[axis] as number,
      inner: sizeOf(x.shape.slice(axis + 1)),
      kind,
      exclusive: exclusive ? 1 : 0,
      reverse: reverse ? 1 : 0,
    },
    ['out'],
  );
}

const along = (name: string, float: CumulativeKind, int: CumulativeKind): Descriptor<CumulativeAttrs> =>
  op<CumulativeAttrs>(name, {
    infer: ([x]) => ({ shape: (x as TensorSpec).shape, dtype: (x as TensorSpec).dtype }),
    lower: (e, inputs, out, attrs) =>
      emitCumulative(e, out.dtype === 'int32' ? int : float, first(inputs), 0, out, attrs),
  });

export const cumsum = along('cumsum', CumulativeKind.sum, CumulativeKind.sumInt);

export const cumprod = along('cumprod', CumulativeKind.prod, CumulativeKind.prodInt);

/** y[i] = a[i] y[i - 1] + b[i] along the axis, from y = b at its start (its end, if reversed), where a does not count. */
export const recurrence = op<{ axis: number; reverse: boolean }>('recurrence', {
  infer([a, b]) {
    const { shape } = a as TensorSpec;
    if (!sameShape(shape, (b as TensorSpec).shape)) {
      throw new ShapeError(
        `recurrence: shapes ${showShape(shape)} of a and ${showShape((b as TensorSpec).shape)} of b must be equal`,
      );
    }
    return { shape, dtype: 'float32' };
  },
  lower: (e, inputs, out, attrs) =>
    emitCumulative(e, CumulativeKind.linear, second(inputs), first(inputs).ref, out, { ...attrs, exclusive: false }),
});

/** Descriptors of ops that move elements: reshape, transpose, slice, pad, concat, oneHot. */
import { Fill, OneHot, Op, StridedCopy } from '../../../assembly/isa';
import { collapse, floatBits } from '../../program/encode';
import { type Emitter, type Ref, refAt } from '../../program/ir';
import { ShapeError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import type { TensorSpec } from '../../tensor/graph';
import { type Shape, showShape, sizeOf, stridesOf, withAxis } from '../../tensor/shape';
import { first, op } from '../core/descriptor';

/** Dimensions of a strided copy. */
const COPY_RANK = 6;

/** Copies a strided space of any rank; strides are in elements. Dimensions that step evenly on both sides are merged. */
export function emitCopy(
  e: Emitter,
  src: Ref,
  dst: Ref,
  shape: Shape,
  srcStrides: readonly number[],
  dstStrides: readonly number[],
): void {
  if (sizeOf(shape) === 0) return;
  const { dims, strides } = collapse(shape, [srcStrides, dstStrides]);
  const [from, to] = strides as [number[], number[]];
  const extra = dims.length - COPY_RANK;
  if (extra > 0) {
    // More dimensions than the command has: the slowest is unrolled.
    const [count, ...inner] = dims as [number, ...number[]];
    for (let i = 0; i < count; i++) {
      const move = (ref: Ref, stride: number): Ref => ({ buffer: ref.buffer, offset: ref.offset + 4 * i * stride });
      emitCopy(e, move(src, from[0] as number), move(dst, to[0] as number), inner, from.slice(1), to.slice(1));
    }
    return;
  }
  const operands: Record<string, number | Ref> = { src, dst };
  for (let d = 0; d < COPY_RANK; d++) {
    operands[`d${d}`] = dims[d + extra] ?? 1;
    operands[`s${d}`] = 4 * (from[d + extra] ?? 0);
    operands[`t${d}`] = 4 * (to[d + extra] ?? 0);
  }
  e.command(Op.StridedCopy, StridedCopy, operands, ['dst']);
}

/** The bit pattern of a number as an element of a type. */
export const elementBits = (value: number, dtype: DType): number =>
  dtype === 'float32' ? floatBits(value) : value | 0;

export const emitFill = (e: Emitter, out: Ref, count: number, bits: number): void =>
  e.command(Op.Fill, Fill, { out, count, value: bits }, ['out']);

export interface SliceAttrs {
  readonly begin: readonly number[];
  readonly size: readonly number[];
  readonly strides?: readonly number[];
}

export interface PadAttrs {
  readonly paddings: readonly (readonly [number, number])[];
  readonly value: number;
  readonly steps?: readonly number[];
}

/** Length of `count` elements that are |step| apart. */
const spread = (count: number, step: number): number => (count === 0 ? 0 : (count - 1) * Math.abs(step) + 1);

/** Place of an index, in elements. */
const placeOf = (index: readonly number[], strides: readonly number[]): number =>
  index.reduce((at, i, d) => at + i * (strides[d] as number), 0);

export const fill = op<{ shape: Shape; value: number; dtype: DType }>('fill', {
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  lower: (e, _, out, { value, dtype }) => emitFill(e, out.ref, sizeOf(out.shape), elementBits(value, dtype)),
});

export const reshape = op<{ shape: Shape }>('reshape', {
  infer([x], { shape }) {
    const { shape: from, dtype } = x as TensorSpec;
    if (sizeOf(from) !== sizeOf(shape)) {
      throw new ShapeError(
        `reshape: ${showShape(from)} has ${sizeOf(from)} elements, ${showShape(shape)} needs ${sizeOf(shape)}`,
      );
    }
    return { shape, dtype };
  },
  view: (inputs, _, spec) => ({ ...spec, ref: first(inputs).ref }),
  lower: (e, inputs, out) => emitCopy(e, first(inputs).ref, out.ref, [sizeOf(out.shape)], [1], [1]),
});

export const transpose = op<{ perm: readonly number[] }>('transpose', {
  infer: ([x], { perm }) => ({
    shape: perm.map((p) => (x as TensorSpec).shape[p] as number),
    dtype: (x as TensorSpec).dtype,
  }),
  view(inputs, { perm }, spec) {
    const significant = perm.filter((p) => first(inputs).shape[p] !== 1);
    return significant.every((p, i) => i === 0 || p > (significant[i - 1] as number))
      ? { ...spec, ref: first(inputs).ref }
      : undefined;
  },
  lower(e, inputs, out, { perm }) {
    const strides = stridesOf(first(inputs).shape);
    emitCopy(
      e,
      first(inputs).ref,
      out.ref,
      out.shape,
      perm.map((p) => strides[p] as number),
      stridesOf(out.shape),
    );
  },
});

/** out[j] = x[begin + j strides] in every dimension; a stride may be negative, 1 by default. */
export const slice = op<SliceAttrs>('slice', {
  infer: ([x], { size }) => ({ shape: size, dtype: (x as TensorSpec).dtype }),
  view(inputs, { begin, size, strides }, spec) {
    // Contiguous if, after the dimensions of size 1 in front, at most one dimension is cut.
    const x = first(inputs);
    if (strides?.some((s, d) => s !== 1 && (size[d] as number) > 1)) return undefined;
    const lead = size.findIndex((s) => s !== 1);
    const isWhole = (d: number): boolean => size[d] === x.shape[d];
    if (lead >= 0 && !size.every((_, d) => d <= lead || isWhole(d))) return undefined;
    return { ...spec, ref: refAt(x, placeOf(begin, stridesOf(x.shape))) };
  },
  lower(e, inputs, out, { begin, strides }) {
    const x = first(inputs);
    const own = stridesOf(x.shape);
    const steps = own.map((s, d) => s * (strides?.[d] ?? 1));
    emitCopy(e, refAt(x, placeOf(begin, own)), out.ref, out.shape, steps, stridesOf(out.shape));
  },
});

/**
 * The gradient of `slice`: x between `value`s, with paddings around it; neighbours of x are |steps| apart (1 by
 * default), in the opposite order where a step is negative.
 */
export const pad = op<PadAttrs>('pad', {
  infer: ([x], { paddings, steps }) => ({
    shape: (x as TensorSpec).shape.map(
      (d, i) => spread(d, steps?.[i] ?? 1) + (paddings[i]?.[0] as number) + (paddings[i]?.[1] as number),
    ),
    dtype: (x as TensorSpec).dtype,
  }),
  lower(e, inputs, out, { paddings, steps, value }) {
    const x = first(inputs);
    const own = stridesOf(out.shape);
    const step = (d: number): number => steps?.[d] ?? 1;
    if (sizeOf(x.shape) !== sizeOf(out.shape)) emitFill(e, out.ref, sizeOf(out.shape), elementBits(value, out.dtype));
    if (sizeOf(x.shape) === 0) return;
    const begin = paddings.map(([before], d) => before + (step(d) < 0 ? spread(x.shape[d] as number, step(d)) - 1 : 0));
    const to = own.map((s, d) => s * step(d));
    emitCopy(e, x.ref, refAt(out, placeOf(begin, own)), x.shape, stridesOf(x.shape), to);
  },
});

export const concat = op<{ axis: number }>('concat', {
  infer(inputs, { axis }) {
    const [head, ...rest] = inputs as [TensorSpec, ...TensorSpec[]];
    for (const next of rest) {
      if (next.shape.length !== head.shape.length || next.shape.some((d, i) => i !== axis && d !== head.shape[i])) {
        throw new ShapeError(
          `concat: shapes ${inputs.map((i) => showShape(i.shape)).join(', ')} differ outside axis ${axis}; all other dimensions must be equal`,
        );
      }
    }
    const length = inputs.reduce((sum, i) => sum + (i.shape[axis] as number), 0);
    return { shape: withAxis(head.shape, axis, length), dtype: head.dtype };
  },
  lower(e, inputs, out, { axis }) {
    const strides = stridesOf(out.shape);
    let at = 0;
    for (const x of inputs) {
      emitCopy(e, x.ref, refAt(out, at * (strides[axis] as number)), x.shape, stridesOf(x.shape), strides);
      at += x.shape[axis] as number;
    }
  },
});

/** strict: an index outside [0, depth) stops the program (`label` names it then); else its row is all `off`. */
export const oneHot = op<{ depth: number; on: number; off: number; dtype: DType; strict: boolean; label?: string }>(
  'oneHot',
  {
    infer: ([indices], { depth, dtype }) => ({ shape: [...(indices as TensorSpec).shape, depth], dtype }),
    lower(e, inputs, out, { depth, on, off, dtype, strict }) {
      const indices = first(inputs);
      e.command(
        Op.OneHot,
        OneHot,
        {
          indices: indices.ref,
          out: out.ref,
          count: sizeOf(indices.shape),
          depth,
          on: elementBits(on, dtype),
          off: elementBits(off, dtype),
          strict: strict ? 1 : 0,
        },
        ['out'],
      );
    },
  },
);

/** Descriptors of ops that move elements: reshape, transpose, slice, pad, concat, oneHot. */
import { Fill, OneHot, Op, StridedCopy } from '../../../assembly/isa';
import { ShapeError } from '../../runtime/errors';
import type { DType } from '../../tensor/dtype';
import type { TensorSpec } from '../../tensor/graph';
import { type Shape, showShape, sizeOf, stridesOf } from '../../tensor/shape';
import { first, op } from '../descriptor';
import { collapse, floatBits } from '../encode';
import { type Emitter, type Ref, refAt } from '../ir';

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
  followSource(dims, from, to);
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

/**
 * Where short rows lie side by side in the source along the dimension before the last two, that one becomes the nearer:
 * the source then is read from end to end and a few places are written in turn, which caches like better than the
 * contrary. (Attention's heads: [batch, positions, heads, features] to [batch, heads, positions, features].)
 */
function followSource(dims: number[], from: number[], to: number[]): void {
  const [far, near, inner] = [dims.length - 3, dims.length - 2, dims.length - 1];
  if (far < 0 || from[inner] !== 1 || to[inner] !== 1 || from[far] !== dims[inner]) return;
  if ((dims[far] as number) >= (dims[near] as number)) return;
  for (const list of [dims, from, to]) list.splice(far, 2, list[near] as number, list[far] as number);
}

/** The bit pattern of a number as an element of a type. */
export const elementBits = (value: number, dtype: DType): number =>
  dtype === 'float32' ? floatBits(value) : value | 0;

const emitFill = (e: Emitter, out: Ref, count: number, bits: number): void =>
  e.command(Op.Fill, Fill, { out, count, value: bits }, ['out']);

export const movement = {
  fill: op<{ shape: Shape; value: number; dtype: DType }>({
    infer: (_, { shape, dtype }) => ({ shape, dtype }),
    lower: (e, _, out, { value, dtype }) => emitFill(e, out.ref, sizeOf(out.shape), elementBits(value, dtype)),
  }),
  reshape: op<{ shape: Shape }>({
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
  }),
  transpose: op<{ perm: readonly number[] }>({
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
  }),
  slice: op<{ begin: readonly number[]; size: readonly number[] }>({
    infer: ([x], { size }) => ({ shape: size, dtype: (x as TensorSpec).dtype }),
    view(inputs, { begin, size }, spec) {
      // Contiguous if, after the dimensions of size 1 in front, at most one dimension is cut.
      const x = first(inputs);
      const lead = size.findIndex((s) => s !== 1);
      const isWhole = (d: number): boolean => size[d] === x.shape[d];
      if (lead >= 0 && !size.every((_, d) => d <= lead || isWhole(d))) return undefined;
      const strides = stridesOf(x.shape);
      return {
        ...spec,
        ref: refAt(
          x,
          begin.reduce((at, b, d) => at + b * (strides[d] as number), 0),
        ),
      };
    },
    lower(e, inputs, out, { begin }) {
      const x = first(inputs);
      const strides = stridesOf(x.shape);
      const from = refAt(
        x,
        begin.reduce((at, b, d) => at + b * (strides[d] as number), 0),
      );
      emitCopy(e, from, out.ref, out.shape, strides, stridesOf(out.shape));
    },
  }),
  pad: op<{ paddings: readonly (readonly [number, number])[]; value: number }>({
    infer: ([x], { paddings }) => ({
      shape: (x as TensorSpec).shape.map((d, i) => d + (paddings[i]?.[0] as number) + (paddings[i]?.[1] as number)),
      dtype: (x as TensorSpec).dtype,
    }),
    lower(e, inputs, out, { paddings, value }) {
      const x = first(inputs);
      const strides = stridesOf(out.shape);
      emitFill(e, out.ref, sizeOf(out.shape), elementBits(value, out.dtype));
      const at = paddings.reduce((sum, [before], d) => sum + before * (strides[d] as number), 0);
      emitCopy(e, x.ref, refAt(out, at), x.shape, stridesOf(x.shape), strides);
    },
  }),
  concat: op<{ axis: number }>({
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
      return { shape: head.shape.map((d, i) => (i === axis ? length : d)), dtype: head.dtype };
    },
    lower(e, inputs, out, { axis }) {
      const strides = stridesOf(out.shape);
      let at = 0;
      for (const x of inputs) {
        emitCopy(e, x.ref, refAt(out, at * (strides[axis] as number)), x.shape, stridesOf(x.shape), strides);
        at += x.shape[axis] as number;
      }
    },
  }),
  /** strict: an index outside [0, depth) stops the program (`label` names it then); else its row is all `off`. */
  oneHot: op<{ depth: number; on: number; off: number; dtype: DType; strict: boolean; label?: string }>({
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
  }),
} as const;

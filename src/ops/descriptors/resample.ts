/** Descriptors of resizing along one dimension and of rows by index. */
import { Op, Resample, TakeRows } from '../../../assembly/isa';
import { ShapeError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { type Shape, showShape, sizeOf } from '../../tensor/shape';
import { first, op, second } from '../core/descriptor';

export interface ResampleAttrs {
  readonly axis: number;
  /** Length of the axis in the result. */
  readonly size: number;
  readonly method: 'bilinear' | 'nearest';
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

const withAxis = (shape: Shape, axis: number, size: number): number[] => shape.map((d, i) => (i === axis ? size : d));

/** Operands that tell how the image side, [outer, n, inner], and the resized side lie. */
const resampleOperands = (image: Shape, count: number, a: ResampleAttrs): Record<string, number> => ({
  outer: sizeOf(image.slice(0, a.axis)),
  n: image[a.axis] as number,
  count,
  inner: sizeOf(image.slice(a.axis + 1)),
  nearest: a.method === 'nearest' ? 1 : 0,
  alignCorners: a.alignCorners ? 1 : 0,
  halfPixelCenters: a.halfPixelCenters ? 1 : 0,
});

const rowOperands = (shape: Shape, axis: number, count: number): Record<string, number> => ({
  outer: sizeOf(shape.slice(0, axis)),
  n: shape[axis] as number,
  count,
  inner: sizeOf(shape.slice(axis + 1)),
});

export const images = {
  /** x resized along one axis */
  resample: op<ResampleAttrs>({
    infer([x], { axis, size }) {
      const { shape, dtype } = x as TensorSpec;
      if (shape[axis] === 0 && size > 0)
        throw new ShapeError(
          `resample: dimension ${axis} of ${showShape(shape)} is empty and cannot be resized to ${size}`,
        );
      return { shape: withAxis(shape, axis, size), dtype };
    },
    lower: (e, inputs, out, attrs) =>
      e.command(
        Op.Resample,
        Resample,
        { x: first(inputs).ref, out: out.ref, ...resampleOperands(first(inputs).shape, attrs.size, attrs) },
        ['out'],
      ),
  }),
  /** dy -> dx; here `size` is the axis' length in dx */
  resampleGrad: op<ResampleAttrs>({
    infer: ([dy], { axis, size }) => ({ shape: withAxis((dy as TensorSpec).shape, axis, size), dtype: 'float32' }),
    lower(e, inputs, out, attrs) {
      const dy = first(inputs);
      const count = dy.shape[attrs.axis] as number;
      e.command(Op.ResampleGrad, Resample, { x: dy.ref, out: out.ref, ...resampleOperands(out.shape, count, attrs) }, [
        'out',
      ]);
    },
  }),
  /** x, indices: [count] -> slices of x along the axis; an index outside stops the program (`label` names it then) */
  takeRows: op<{ axis: number; label?: string }>({
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
  }),
  /** y, indices: [count] -> the slices of y added up where the indices say, `size` of them */
  sumRows: op<{ axis: number; size: number }>({
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
  }),
} as const;

/** Descriptors of resizing along one dimension. */
import { Op, Resample } from '../../../assembly/isa';
import { ShapeError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { type Shape, showShape, sizeOf, withAxis } from '../../tensor/shape';
import { first, op } from '../core/descriptor';

export interface ResampleAttrs {
  readonly axis: number;
  /** Length of the axis in the result. */
  readonly size: number;
  readonly method: 'bilinear' | 'nearest';
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Operands with the layout of the image side, [outer, n, inner], and of the resized side. */
const resampleOperands = (image: Shape, count: number, a: ResampleAttrs): Record<string, number> => ({
  outer: sizeOf(image.slice(0, a.axis)),
  n: image[a.axis] as number,
  count,
  inner: sizeOf(image.slice(a.axis + 1)),
  nearest: a.method === 'nearest' ? 1 : 0,
  alignCorners: a.alignCorners ? 1 : 0,
  halfPixelCenters: a.halfPixelCenters ? 1 : 0,
});

/** x resized along one axis */
export const resample = op<ResampleAttrs>('resample', {
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
});

/** dy -> dx; here `size` is the axis' length in dx */
export const resampleGrad = op<ResampleAttrs>('resampleGrad', {
  infer: ([dy], { axis, size }) => ({ shape: withAxis((dy as TensorSpec).shape, axis, size), dtype: 'float32' }),
  lower(e, inputs, out, attrs) {
    const dy = first(inputs);
    const count = dy.shape[attrs.axis] as number;
    e.command(Op.ResampleGrad, Resample, { x: dy.ref, out: out.ref, ...resampleOperands(out.shape, count, attrs) }, [
      'out',
    ]);
  },
});

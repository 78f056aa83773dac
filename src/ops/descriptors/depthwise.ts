/** Descriptors of the depthwise convolution and its gradients. */
import { Conv, Op, Un } from '../../../assembly/isa';
import { type Emitter, f32, type Ref, type Value } from '../../program/ir';
import { ShapeError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { showShape } from '../../tensor/shape';
import { first, op, second } from '../core/descriptor';
import { type ConvAttrs, type ConvFilterGradAttrs, type ConvInputGradAttrs, checkRank4, convGeometry } from './window';

type Size4 = [number, number, number, number];

/** `x` and `y` are the image side and the output side, whichever is written. */
function emit(e: Emitter, code: Op, x: Value, filter: Value, y: Value, a: ConvAttrs, writes: string, bias?: Ref): void {
  const [kh, kw] = filter.shape as Size4;
  // A thread's list of taps: two words for each.
  e.command(
    code,
    Conv,
    {
      x: x.ref,
      filter: filter.ref,
      y: y.ref,
      ...(bias ? { bias } : {}),
      ...convGeometry(x, filter, y, a),
      activation: a.epilogue?.activation ?? Un.identity,
      alpha: f32(a.epilogue?.alpha ?? 0),
    },
    [writes],
    8 * kh * kw + 8,
  );
}

/** x: [n, h, w, c], filter: [kh, kw, c, m] -> [n, oh, ow, c m]; a fused bias is the third operand. */
export const depthwiseConv2d = op<ConvAttrs>('depthwiseConv2d', {
  infer([x, filter], attrs) {
    checkRank4('depthwiseConv2d', 'x', x as TensorSpec);
    checkRank4('depthwiseConv2d', 'filter', filter as TensorSpec);
    const [n, , , channels] = (x as TensorSpec).shape as Size4;
    const [, , c, m] = (filter as TensorSpec).shape as Size4;
    if (c !== channels) {
      throw new ShapeError(
        `depthwiseConv2d: filter ${showShape((filter as TensorSpec).shape)} expects ${c} input channels, x ${showShape((x as TensorSpec).shape)} has ${channels}`,
      );
    }
    return {
      shape: [n, ...attrs.positions, c * m],
      dtype: 'float32',
    };
  },
  lower: (e, inputs, out, attrs) =>
    emit(e, Op.DepthwiseConv2d, first(inputs), second(inputs), out, attrs, 'y', inputs[2]?.ref),
});

/** dy: [n, oh, ow, c m], filter -> dx: [n, h, w, c] */
export const depthwiseConv2dInputGrad = op<ConvInputGradAttrs>('depthwiseConv2dInputGrad', {
  infer: ([dy, filter], { inputSize }) => ({
    shape: [(dy as TensorSpec).shape[0] as number, ...inputSize, (filter as TensorSpec).shape[2] as number],
    dtype: 'float32',
  }),
  lower: (e, inputs, out, attrs) =>
    emit(e, Op.DepthwiseConv2dInputGrad, out, second(inputs), first(inputs), attrs, 'x'),
});

/** x, dy -> dFilter: [kh, kw, c, m] */
export const depthwiseConv2dFilterGrad = op<ConvFilterGradAttrs & { readonly multiplier: number }>(
  'depthwiseConv2dFilterGrad',
  {
    infer: ([x], { window, multiplier }) => ({
      shape: [...window, (x as TensorSpec).shape[3] as number, multiplier],
      dtype: 'float32',
    }),
    lower: (e, inputs, out, attrs) =>
      emit(e, Op.DepthwiseConv2dFilterGrad, first(inputs), out, second(inputs), attrs, 'filter'),
  },
);

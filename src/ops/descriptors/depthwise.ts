/** Descriptors of the depthwise convolution and its gradients. */
import { Conv, DEPTHWISE_FEW, Op } from '../../../assembly/isa';
import type { Emitter, Value } from '../../program/ir';
import { ShapeError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { showShape, sizeOf } from '../../tensor/shape';
import { first, op, second } from '../core/descriptor';
import { emitCopy } from './movement';
import {
  type ConvAttrs,
  type ConvFilterGradAttrs,
  type ConvInputGradAttrs,
  checkRank4,
  convGeometry,
  finishing,
} from './window';

type Size4 = [number, number, number, number];

/** `x` and `y` are the image side and the output side, whichever is written. */
function emit(
  e: Emitter,
  code: Op,
  x: Value,
  filter: Value,
  y: Value,
  a: ConvAttrs,
  writes: string,
  inputs: readonly Value[],
): void {
  const geometry = convGeometry(x, filter, y, a);
  const { c, oc, kh, kw } = geometry;
  // A thread's list of taps, two words for each, and a filter of few channels, repeated.
  const taps = (kh * kw * oc) / Math.max(1, c);
  const scratch = 8 * taps + 16 + (c < DEPTHWISE_FEW ? taps * DEPTHWISE_FEW * c * 4 : 0);
  e.command(
    code,
    Conv,
    {
      x: x.ref,
      filter: filter.ref,
      y: y.ref,
      ...geometry,
      ...finishing(inputs, a),
    },
    [writes],
    scratch,
  );
}

/** A filter [kh, kw, c, m] as it is for c m channels that are filtered once. */
const single = (filter: Value): Value => {
  const [kh, kw, c, m] = filter.shape as Size4;
  return { ...filter, shape: [kh, kw, c * m, 1] };
};

/** x: [n, h, w, c] with each channel m times. */
function repeated(e: Emitter, x: Value, m: number): Value {
  if (m === 1) return x;
  const [n, h, w, c] = x.shape as Size4;
  const all = e.temporary({ shape: [n, h, w, c * m], dtype: 'float32' });
  emitCopy(e, x.ref, all.ref, [m, sizeOf(x.shape)], [0, 1], [1, m]);
  return all;
}

/** Planes of every m-th of the values. */
function planes(e: Emitter, x: Value, m: number): Value {
  if (m <= 1) return x;
  const each = sizeOf(x.shape) / m;
  const all = e.temporary(x);
  emitCopy(e, x.ref, all.ref, [m, each], [1, m], [each, 1]);
  return all;
}

/** x: [n, h, w, c], filter: [kh, kw, c, m] -> [n, oh, ow, c m]; operands of an epilogue follow: bias, center, factor. */
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
  lower(e, inputs, out, attrs) {
    const filter = second(inputs);
    const x = repeated(e, first(inputs), filter.shape[3] as number);
    emit(e, Op.DepthwiseConv2d, x, single(filter), out, attrs, 'y', inputs);
  },
});

/** dy: [n, oh, ow, c m], filter -> dx: [n, h, w, c] */
export const depthwiseConv2dInputGrad = op<ConvInputGradAttrs>('depthwiseConv2dInputGrad', {
  infer: ([dy, filter], { inputSize }) => ({
    shape: [(dy as TensorSpec).shape[0] as number, ...inputSize, (filter as TensorSpec).shape[2] as number],
    dtype: 'float32',
  }),
  lower(e, inputs, out, attrs) {
    const filter = second(inputs);
    const m = filter.shape[3] as number;
    const dy = planes(e, first(inputs), m);
    emit(e, Op.DepthwiseConv2dInputGrad, out, planes(e, filter, m), dy, attrs, 'x', inputs);
  },
});

/** x, dy -> dFilter: [kh, kw, c, m] */
export const depthwiseConv2dFilterGrad = op<ConvFilterGradAttrs & { readonly multiplier: number }>(
  'depthwiseConv2dFilterGrad',
  {
    infer: ([x], { window, multiplier }) => ({
      shape: [...window, (x as TensorSpec).shape[3] as number, multiplier],
      dtype: 'float32',
    }),
    lower(e, inputs, out, attrs) {
      const x = repeated(e, first(inputs), attrs.multiplier);
      emit(e, Op.DepthwiseConv2dFilterGrad, x, single(out), second(inputs), attrs, 'filter', inputs);
    },
  },
);

/** Descriptors of convolutions and poolings over [batch, height, width, channels]. */
import { CONV_BAND, CONV_FINISH, Conv, Op, PANEL, Pool, SPARE_TILE, Un } from '../../../assembly/isa';
import { type Emitter, f32, type Ref, type Value } from '../../program/ir';
import { ShapeError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { showShape } from '../../tensor/shape';
import { type Descriptor, first, op, second } from '../core/descriptor';
import type { Epilogue } from './matmul';
import {
  emitWinograd,
  emitWinogradFilterGrad,
  emitWinogradInputGrad,
  isWinograd,
  type WinogradOperands,
} from './winograd';

export type Pair = readonly [number, number];

/** How a window moves over an image, as `ops/conv/window.ts` has checked it; padding in rows and columns before and after. */
export interface WindowAttrs {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padHeight: Pair;
  readonly padWidth: Pair;
  /** How many positions it takes in height and width. */
  readonly positions: Pair;
}

export interface ConvAttrs extends WindowAttrs {
  readonly epilogue?: Epilogue;
}

export interface PoolAttrs extends WindowAttrs {
  readonly window: Pair;
  /** maxPoolGrad: only where x > 0; set by the planner, for a ReLU before the pooling. */
  readonly positive?: boolean;
}

export function checkRank4(name: string, argument: string, spec: TensorSpec): void {
  if (spec.shape.length !== 4)
    throw new ShapeError(`${name}: ${argument} must have rank 4, got ${showShape(spec.shape)}`);
}

/** Words about shapes that all convolution commands share. */
export function convGeometry(x: Value, filter: Value, y: Value, a: WindowAttrs) {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [, oh, ow, oc] = y.shape as [number, number, number, number];
  const [kh, kw] = filter.shape as [number, number, number, number];
  return {
    n,
    h,
    w,
    c,
    oh,
    ow,
    oc,
    kh,
    kw,
    strideH: a.strides[0],
    strideW: a.strides[1],
    dilationH: a.dilations[0],
    dilationW: a.dilations[1],
    padTop: a.padHeight[0],
    padLeft: a.padWidth[0],
  };
}

/** What follows the fold of a convolution, by the names of `Conv` and `Winograd`; operands of the epilogue follow image and filter. */
export function finishing([, , bias, center, factor]: readonly Value[], { epilogue }: ConvAttrs) {
  return {
    ...(bias && { bias: bias.ref }),
    ...(center && factor && { center: center.ref, factor: factor.ref }),
    activation: epilogue?.activation ?? Un.identity,
    alpha: f32(epilogue?.alpha ?? 0),
  };
}

/** Operands of the three convolution commands: `x` and `y` are the image side and the output side, whichever is written. */
function emitConv(
  e: Emitter,
  code: Op,
  winograd: (e: Emitter, operands: WinogradOperands) => void,
  x: Value,
  filter: Value,
  y: Value,
  a: ConvAttrs,
  inputs: readonly Value[],
  writes: string,
): void {
  const operands = {
    x: x.ref,
    filter: filter.ref,
    y: y.ref,
    ...convGeometry(x, filter, y, a),
    ...finishing(inputs, a),
  };
  const { h, w, c, oh, ow, oc, kh, kw } = operands;
  if (isWinograd(filter.shape, oh, ow, [...a.strides, ...a.dilations])) {
    const { kh: _, kw: __, strideH, strideW, dilationH, dilationW, ...own } = operands;
    return winograd(e, own);
  }
  const bandRows = Math.max(1, Math.min(oh, Math.floor(CONV_BAND / Math.max(1, ow))));
  const seenRows = (bandRows - 1) * a.strides[0] + (kh - 1) * a.dilations[0] + 1;
  const seenWidth = (ow - 1) * a.strides[1] + (kw - 1) * a.dilations[1] + 1;
  const isInside =
    a.padHeight[0] === 0 &&
    a.padWidth[0] === 0 &&
    seenWidth <= w &&
    (oh - 1) * a.strides[0] + (kh - 1) * a.dilations[0] + 1 <= h;
  const band = isInside ? 0 : seenRows * seenWidth * c * 4;
  const ceil = (channels: number): number => Math.ceil(channels / PANEL) * PANEL;
  const packed = {
    [Op.Conv2d]: CONV_FINISH + kh * kw * c * ceil(oc) * 4 + band,
    [Op.Conv2dInputGrad]: kh * kw * oc * PANEL * 4,
    [Op.Conv2dFilterGrad]: bandRows * ow * PANEL * 4 + band,
  }[code as Op.Conv2d];
  e.command(code, Conv, { ...operands, bandRows }, [writes], SPARE_TILE + packed);
}

/** x: [n, h, w, c], filter: [kh, kw, c, oc] -> [n, oh, ow, oc]; operands of an epilogue follow: bias, center, factor. */
export const conv2d = op<ConvAttrs>('conv2d', {
  infer(inputs, attrs) {
    const [x, filter] = inputs as [TensorSpec, TensorSpec];
    checkRank4('conv2d', 'x', x);
    checkRank4('conv2d', 'filter', filter);
    const [, , c, oc] = filter.shape as [number, number, number, number];
    if (c !== x.shape[3]) {
      throw new ShapeError(
        `conv2d: filter ${showShape(filter.shape)} expects ${c} input channels, x ${showShape(x.shape)} has ${x.shape[3]}`,
      );
    }
    return { shape: [x.shape[0] as number, ...attrs.positions, oc], dtype: 'float32' };
  },
  lower: (e, inputs, out, attrs) =>
    emitConv(e, Op.Conv2d, emitWinograd, first(inputs), second(inputs), out, attrs, inputs, 'y'),
});

export interface ConvInputGradAttrs extends WindowAttrs {
  /** Height and width of the input. */
  readonly inputSize: Pair;
}

/** dy: [n, oh, ow, oc], filter -> dx: [n, h, w, c] */
export const conv2dInputGrad = op<ConvInputGradAttrs>('conv2dInputGrad', {
  infer([dy, filter], attrs) {
    return {
      shape: [(dy as TensorSpec).shape[0] as number, ...attrs.inputSize, (filter as TensorSpec).shape[2] as number],
      dtype: 'float32',
    };
  },
  lower: (e, inputs, out, attrs) =>
    emitConv(e, Op.Conv2dInputGrad, emitWinogradInputGrad, out, second(inputs), first(inputs), attrs, inputs, 'x'),
});

export interface ConvFilterGradAttrs extends WindowAttrs {
  /** Height and width of the filter. */
  readonly window: Pair;
}

/** x, dy -> dFilter: [kh, kw, c, oc] */
export const conv2dFilterGrad = op<ConvFilterGradAttrs>('conv2dFilterGrad', {
  infer([x, dy], attrs) {
    return {
      shape: [...attrs.window, (x as TensorSpec).shape[3] as number, (dy as TensorSpec).shape[3] as number],
      dtype: 'float32',
    };
  },
  lower: (e, inputs, out, attrs) =>
    emitConv(
      e,
      Op.Conv2dFilterGrad,
      emitWinogradFilterGrad,
      first(inputs),
      out,
      second(inputs),
      attrs,
      inputs,
      'filter',
    ),
});

function emitPool(
  e: Emitter,
  code: Op,
  x: Value,
  small: readonly [number, number],
  a: PoolAttrs,
  refs: { x?: Ref; grad?: Ref; out: Ref },
): void {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  e.command(
    code,
    Pool,
    {
      ...refs,
      n,
      h,
      w,
      c,
      oh: small[0],
      ow: small[1],
      kh: a.window[0],
      kw: a.window[1],
      strideH: a.strides[0],
      strideW: a.strides[1],
      dilationH: a.dilations[0],
      dilationW: a.dilations[1],
      padTop: a.padHeight[0],
      padLeft: a.padWidth[0],
      positive: a.positive ? 1 : 0,
    },
    ['out'],
  );
}

const outer = (value: TensorSpec): [number, number] => [value.shape[1] as number, value.shape[2] as number];

function poolOp(name: string, code: Op): Descriptor<PoolAttrs> {
  return op<PoolAttrs>(name, {
    infer([x], attrs) {
      checkRank4(name, 'x', x as TensorSpec);
      const [n, , , c] = (x as TensorSpec).shape as [number, number, number, number];
      return { shape: [n, ...attrs.positions, c], dtype: 'float32' };
    },
    lower: (e, inputs, out, attrs) =>
      emitPool(e, code, first(inputs), outer(out), attrs, { x: first(inputs).ref, out: out.ref }),
  });
}

export const maxPool = poolOp('maxPool', Op.MaxPool);

export const avgPool = poolOp('avgPool', Op.AvgPool);

/** x, dy -> dx */
export const maxPoolGrad = op<PoolAttrs>('maxPoolGrad', {
  infer: ([x]) => ({ shape: (x as TensorSpec).shape, dtype: 'float32' }),
  lower: (e, [x, dy], out, attrs) =>
    emitPool(e, Op.MaxPoolGrad, x as Value, outer(dy as Value), attrs, {
      x: (x as Value).ref,
      grad: (dy as Value).ref,
      out: out.ref,
    }),
});

/** x, v (like x, of any type) -> v at the maximum of each window */
export const maxPoolGather = op<PoolAttrs>('maxPoolGather', {
  infer([x, v], attrs) {
    const [n, , , c] = (x as TensorSpec).shape as [number, number, number, number];
    return {
      shape: [n, ...attrs.positions, c],
      dtype: (v as TensorSpec).dtype,
    };
  },
  lower: (e, [x, v], out, attrs) =>
    emitPool(e, Op.MaxPoolGather, x as Value, outer(out), attrs, {
      x: (x as Value).ref,
      grad: (v as Value).ref,
      out: out.ref,
    }),
});

/** dy -> dx */
export const avgPoolGrad = op<PoolAttrs & { readonly inputSize: Pair }>('avgPoolGrad', {
  infer: ([dy], attrs) => {
    const [n, , , c] = (dy as TensorSpec).shape as [number, number, number, number];
    return { shape: [n, ...attrs.inputSize, c], dtype: 'float32' };
  },
  lower: (e, [dy], out, attrs) =>
    emitPool(e, Op.AvgPoolGrad, out, outer(dy as Value), attrs, { grad: (dy as Value).ref, out: out.ref }),
});

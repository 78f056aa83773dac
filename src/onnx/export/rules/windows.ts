/** Products, convolutions and poolings. Images are [batch, height, width, channels] here and channels first in ONNX. */
import type { AttrsOf, LinearOps } from '../../../ops/core/table';
import type { ConvInputGradAttrs, PoolAttrs, WindowAttrs } from '../../../ops/descriptors/window';
import {
  type Call,
  fixed,
  isOpen,
  missing,
  NoForm,
  type Num,
  Operand,
  plus,
  type Rule,
  type RulesOf,
  type Value,
} from '../call';
import { type Attribute, int, ints } from '../graph';
import type { Sized } from '../numbers';

type Rules = RulesOf<LinearOps>;

export const TO_FIRST = [0, 3, 1, 2];
export const TO_LAST = [0, 2, 3, 1];

/** Sizes of an image with its channels first. */
const first = (shape: readonly Num[]): Num[] => TO_FIRST.map((i) => shape[i] as Num);

/** An operand with its channels first. */
export const channelsFirst = (c: Call, i: number): Value => c.graph.value(c.operand(i).permuted(TO_FIRST));

/** A value with its channels first, as one that has them last. */
export const channelsLast = (value: Value): Operand => new Operand(value, TO_LAST);

/** Padding behind: as much as the last position needs, or what is given where the size is open. */
function behind(size: Num, window: number, d: 0 | 1, a: Sized<WindowAttrs>): number {
  const [before, after] = (d === 0 ? a.padHeight : a.padWidth).map(fixed) as [number, number];
  const count = a.positions[d] as Num;
  if (isOpen(size) || isOpen(count)) return after;
  const [stride, dilation] = [fixed(a.strides[d]), fixed(a.dilations[d])];
  const extent = (window - 1) * dilation + 1;
  const found = Math.floor((size + before + after - extent) / stride) + 1;
  return found === count ? after : Math.max(0, (count - 1) * stride + extent - size - before);
}

/** Attributes of a window of `window` over an image [batch, height, width, channels]. */
export function windowAttributes(image: readonly Num[], window: readonly number[], a: Sized<WindowAttrs>): Attribute[] {
  const [height, width] = window as [number, number];
  const pads = [
    fixed(a.padHeight[0]),
    fixed(a.padWidth[0]),
    behind(image[1] as Num, height, 0, a),
    behind(image[2] as Num, width, 1, a),
  ];
  const dilations = a.dilations.map(fixed);
  return [
    ints('kernel_shape', window),
    ints('strides', a.strides.map(fixed)),
    ...(pads.some((p) => p !== 0) ? [ints('pads', pads)] : []),
    ...(dilations.some((d) => d !== 1) ? [ints('dilations', dilations)] : []),
  ];
}

const sizesOf = (x: Operand, from = 0, to = 2): number[] => x.shape.slice(from, to).map(fixed);

/** The filter of a depthwise convolution, [height, width, c, m], as [c m, 1, height, width]. */
export function depthwiseFilter(c: Call, filter: Operand): Value {
  const [height, width, channels, multiplier] = sizesOf(filter, 0, 4) as [number, number, number, number];
  const value = c.graph.value(filter.permuted([2, 3, 0, 1]));
  return c.graph.reshape(value, [channels * multiplier, 1, height, width]);
}

/** A convolution, with a bias if one is given. */
export function convolution(c: Call<Sized<WindowAttrs>>, isDepthwise: boolean, bias?: Value): Operand {
  const [x, filter] = [c.operand(0), c.operand(1)];
  const weights = isDepthwise ? depthwiseFilter(c, filter) : c.graph.value(filter.permuted([3, 2, 0, 1]));
  const attributes = windowAttributes(x.shape, sizesOf(filter), c.attrs);
  if (isDepthwise) attributes.push(int('group', fixed(filter.shape[2] as Num)));
  const inputs = [channelsFirst(c, 0), weights, ...(bias ? [bias] : [])];
  return channelsLast(c.node('Conv', inputs, attributes, { shape: first(c.shape) }));
}

/** The transpose of a convolution. */
export function transposed(c: Call<Sized<ConvInputGradAttrs>>, isDepthwise: boolean, bias?: Value): Operand {
  const [dy, filter] = [c.operand(0), c.operand(1)];
  const window = sizesOf(filter);
  const weights = isDepthwise ? depthwiseFilter(c, filter) : c.graph.value(filter.permuted([3, 2, 0, 1]));
  const a = c.attrs;
  const pads = [a.padHeight, a.padWidth].map((pair) => pair.map(fixed)) as [[number, number], [number, number]];
  const more = [0, 1].map((d) => {
    const [stride, dilation] = [fixed(a.strides[d] as Num), fixed(a.dilations[d] as Num)];
    const reach = plus(-stride + ((window[d] as number) - 1) * dilation + 1, dy.shape[d + 1] as Num, stride);
    const [before, after] = pads[d] as [number, number];
    return fixed(plus(plus(a.inputSize[d] as Num, reach, -1), before + after));
  });
  // What is cut off at the end in place of being added.
  const ends = pads.map(([, after], d) => after + Math.max(0, -(more[d] as number)));
  const begins = pads.map(([before]) => before);
  const added = more.map((n) => Math.max(0, n));
  const dilations = a.dilations.map(fixed);
  const all = [...begins, ...ends];
  const attributes = [
    ints('kernel_shape', window),
    ints('strides', a.strides.map(fixed)),
    ...(all.some((p) => p !== 0) ? [ints('pads', all)] : []),
    ...(added.some((p) => p !== 0) ? [ints('output_padding', added)] : []),
    ...(dilations.some((d) => d !== 1) ? [ints('dilations', dilations)] : []),
    ...(isDepthwise ? [int('group', fixed(filter.shape[2] as Num))] : []),
  ];
  const inputs = [channelsFirst(c, 0), weights, ...(bias ? [bias] : [])];
  return channelsLast(c.node('ConvTranspose', inputs, attributes, { shape: first(c.shape) }));
}

const pooled =
  (op: string): Rule<Sized<PoolAttrs>> =>
  (c) => {
    const isDilated = c.attrs.dilations.some((d) => d !== 1);
    if (isDilated && op === 'AveragePool') throw new NoForm('averages with dilation came with opset 19');
    const attributes = windowAttributes(c.operand(0).shape, c.attrs.window.map(fixed), c.attrs);
    return channelsLast(c.node(op, [channelsFirst(c, 0)], attributes, { shape: first(c.shape) }));
  };

/** Of the second operand what is at the maximum of the first: MaxPool tells places in the whole tensor. */
const maxPoolGather: Rule<Sized<PoolAttrs>> = (c) => {
  const { graph } = c;
  const shape = first(c.shape);
  const attributes = windowAttributes(c.operand(0).shape, c.attrs.window.map(fixed), c.attrs);
  const [, places] = graph.many(
    'MaxPool',
    [channelsFirst(c, 0)],
    [
      { shape, type: 'float32' },
      { shape, type: 'int64' },
    ],
    attributes,
  );
  const values = channelsFirst(c, 1);
  const flat = graph.node('Reshape', [values, graph.integers([-1])], { shape: [], type: c.type });
  return channelsLast(graph.node('Gather', [flat, places], { shape, type: c.type }));
};

const swapped = (x: Operand): Operand => {
  const order = x.shape.map((_, i) => i);
  const [row, column] = order.splice(-2) as [number, number];
  return x.permuted([...order, column, row]);
};

const matMul: Rule<Sized<AttrsOf<'matMul'>>> = (c) => {
  const { transposeA, transposeB } = c.attrs;
  const [a, b] = [c.operand(0), c.operand(1)];
  return c.result('MatMul', [c.graph.value(transposeA ? swapped(a) : a), c.graph.value(transposeB ? swapped(b) : b)]);
};

const gradient = missing('it is the gradient of a convolution or pooling');

export const linearRules: Rules = {
  matMul,
  matMulInt: (c) => c.result('MatMul', [c.value(0), c.value(1)]),
  conv2d: (c) => convolution(c, false),
  depthwiseConv2d: (c) => convolution(c, true),
  conv2dInputGrad: (c) => transposed(c, false),
  depthwiseConv2dInputGrad: (c) => transposed(c, true),
  conv2dFilterGrad: gradient,
  depthwiseConv2dFilterGrad: gradient,
  maxPool: pooled('MaxPool'),
  avgPool: pooled('AveragePool'),
  maxPoolGather,
  maxPoolGrad: gradient,
  avgPoolGrad: gradient,
};

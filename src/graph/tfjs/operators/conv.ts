/** Convolutions and poolings, with what is fused to them. */
import { conv1d, conv2d, conv2dTranspose, depthwiseConv2d } from '../../../ops/conv/convolution';
import { conv3d } from '../../../ops/conv/convolution-3d';
import { avgPool, avgPool3d, dilation2d, maxPool, maxPool3d, maxPoolWithArgmax } from '../../../ops/conv/pooling';
import type { Padding } from '../../../ops/conv/window';
import { matMul } from '../../../ops/linear/products';
import { add, elu, leakyRelu, prelu, relu, relu6, sigmoid, tanh } from '../../../ops/math/arithmetic';
import { batchNorm } from '../../../ops/neural/normalization';
import { reshape, transpose } from '../../../ops/shape/shaping';
import type { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operator, Operators } from '../../core/registry';

const FORMATS = [[], ['NWC', 'NCW'], ['NHWC', 'NCHW'], ['NDHWC', 'NCDHW']] as const;

/** The layout of images of some dimensions, in the names of the library; 'NHWC' stands for channels last of any. */
function formatOf(call: Call, dims: number): string {
  const given = call.text('data_format', 'NHWC').toUpperCase();
  const [last, first] = FORMATS[dims] as readonly [string, string];
  if (given === last || given === 'NHWC') return last;
  if (given === first || given === 'NCHW') return first;
  throw call.fail(`attribute data_format must be '${last}' or '${first}', got '${given}'`);
}

/** The part of a list with an entry for each dimension that is an image's height, width, … */
function spatial(call: Call, list: readonly number[], dims: number, name: string): number[] {
  const isFirst = formatOf(call, dims).startsWith('NC');
  if (list.length === dims) return [...list];
  if (list.length !== dims + 2)
    throw call.fail(`attribute ${name} must have ${dims + 2} numbers, got [${String(list)}]`);
  return list.slice(isFirst ? 2 : 1, isFirst ? dims + 2 : dims + 1);
}

const strides = (call: Call, dims = 2): number[] => spatial(call, call.numbers('strides'), dims, 'strides');
const dilations = (call: Call, dims = 2, name = 'dilations'): number[] => {
  const ones = new Array<number>(dims + 2).fill(1);
  const given = call.numbers(name, ones);
  return spatial(call, given.length ? given : ones, dims, name);
};

function padding(call: Call, dims = 2): Padding {
  const given = call.text('padding', 'VALID').toLowerCase();
  if (given === 'same' || given === 'valid') return given;
  if (given !== 'explicit') throw call.fail(`attribute padding must be SAME, VALID or EXPLICIT, got '${given}'`);
  const list = call.numbers('explicit_paddings');
  if (list.length !== 2 * (dims + 2))
    throw call.fail(`attribute explicit_paddings must have ${2 * (dims + 2)} numbers`);
  return Array.from({ length: dims + 2 }, (_, d) => [list[2 * d] as number, list[2 * d + 1] as number] as const);
}

const ACTIVATIONS: Readonly<Record<string, (x: Tensor, call: Call) => Tensor>> = {
  Relu: (x) => relu(x),
  Relu6: (x) => relu6(x),
  Elu: (x) => elu(x),
  Sigmoid: (x) => sigmoid(x),
  Tanh: (x) => tanh(x),
  LeakyRelu: (x, call) => leakyRelu(x, call.real('leakyrelu_alpha', 0.2)),
  Linear: (x) => x,
  Identity: (x) => x,
};

/** What follows a product or a convolution: bias, normalization, activation, each with its operands. */
function fused(call: Call, x: Tensor, isFirst = false): Tensor {
  let next = 2;
  const operand = (): Tensor => {
    const t = call.tensor(next++);
    // A bias of rank 1 belongs to the channels.
    return isFirst && t.rank === 1 ? reshape(t, [t.size, ...x.shape.slice(2).map(() => 1)]) : t;
  };
  let y = x;
  for (const name of call.textsOf('fused_ops', [])) {
    if (name === 'BiasAdd') y = add(y, operand());
    else if (name === 'Prelu') y = prelu(y, operand());
    else if (name === 'FusedBatchNorm') {
      const [scale, offset, mean, variance] = [operand(), operand(), operand(), operand()];
      y = batchNorm(y, mean, variance, offset, scale, call.real('epsilon', 0.0001));
    } else {
      const activate = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
      if (!activate) throw call.fail(`cannot apply '${name}' of attribute fused_ops`);
      y = activate(y, call);
    }
  }
  return y;
}

const convolution =
  (convolve: typeof conv2d): Operator =>
  (call) => {
    const format = formatOf(call, 2);
    const y = convolve(call.tensor(0), call.tensor(1), strides(call), padding(call), format, dilations(call));
    return fused(call, y, format === 'NCHW');
  };

/** Runs `f` on images with their channels last. */
function channelsLast(call: Call, f: (x: Tensor) => Tensor): Tensor {
  const x = call.tensor(0);
  const dims = x.rank - 2;
  if (dims < 1 || dims > 3 || !formatOf(call, dims).startsWith('NC')) return f(x);
  const axes = Array.from({ length: dims }, (_, i) => i);
  return transpose(f(transpose(x, [0, ...axes.map((i) => i + 2), 1])), [0, dims + 1, ...axes.map((i) => i + 1)]);
}

const window = (call: Call, dims = 2): number[] => spatial(call, call.numbers('ksize'), dims, 'ksize');

function convTranspose(call: Call): Tensor {
  const shape = call.ints(0);
  const [filter, x] = [call.tensor(1), call.tensor(2)];
  const isFirst = formatOf(call, 2) === 'NCHW';
  if (dilations(call).some((d) => d !== 1)) throw call.fail('attribute dilations must be 1');
  const pads = padding(call);
  if (!isFirst) return conv2dTranspose(x, filter, shape, strides(call) as [number, number], pads);
  const [n = 0, c = 0, h = 0, w = 0] = shape;
  const last = Array.isArray(pads) ? [pads[0], pads[2], pads[3], pads[1]] : pads;
  const y = conv2dTranspose(transpose(x, [0, 2, 3, 1]), filter, [n, h, w, c], strides(call), last as Padding);
  return transpose(y, [0, 3, 1, 2]);
}

function fusedMatMul(call: Call): Tensor {
  return fused(call, matMul(call.tensor(0), call.tensor(1), call.flag('transpose_a'), call.flag('transpose_b')));
}

export const convolutions: Operators = {
  Conv1D: (call) =>
    conv1d(
      call.tensor(0),
      call.tensor(1),
      call.wholeOf('stride', 1),
      padding(call, 1) as 'same',
      formatOf(call, 1) as 'NWC',
      call.wholeOf('dilation', 1),
    ),
  Conv2D: convolution(conv2d),
  _FusedConv2D: convolution(conv2d),
  DepthwiseConv2d: convolution(depthwiseConv2d),
  DepthwiseConv2dNative: convolution(depthwiseConv2d),
  FusedDepthwiseConv2dNative: convolution(depthwiseConv2d),
  Conv2DBackpropInput: convTranspose,
  Conv3D: (call) =>
    conv3d(call.tensor(0), call.tensor(1), strides(call, 3), padding(call, 3), formatOf(call, 3), dilations(call, 3)),
  Dilation2D: (call) =>
    dilation2d(call.tensor(0), call.tensor(1), strides(call), padding(call), dilations(call, 2, 'rates')),
  AvgPool: (call) => channelsLast(call, (x) => avgPool(x, window(call), strides(call), padding(call))),
  MaxPool: (call) => channelsLast(call, (x) => maxPool(x, window(call), strides(call), padding(call))),
  AvgPool3D: (call) => channelsLast(call, (x) => avgPool3d(x, window(call, 3), strides(call, 3), padding(call, 3))),
  MaxPool3D: (call) => channelsLast(call, (x) => maxPool3d(x, window(call, 3), strides(call, 3), padding(call, 3))),
  MaxPoolWithArgmax: (call) => {
    const isCounted = call.flag('include_batch_in_index');
    const { result, indexes } = maxPoolWithArgmax(
      call.tensor(0),
      window(call),
      strides(call),
      padding(call),
      isCounted,
    );
    return [result, indexes];
  },
  _FusedMatMul: fusedMatMul,
};

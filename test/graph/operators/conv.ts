import { at } from '../support';
import { type Case, FLOAT, int, ints, list, real, reals, stored } from './case';

const window = (strides = 1, padding = 'SAME', more: Record<string, unknown> = {}): Record<string, unknown> => ({
  T: FLOAT,
  strides: at.ints(1, strides, strides, 1),
  padding: at.text(padding),
  data_format: at.text('NHWC'),
  dilations: at.ints(1, 1, 1, 1),
  ...more,
});
const fused = (...ops: string[]): Record<string, unknown> => ({
  num_args: at.int(ops.filter((op) => op === 'BiasAdd' || op === 'Prelu').length),
  fused_ops: at.texts(...ops),
});
const image = real([2, 7, 6, 3]);
const filter = stored(real([3, 3, 3, 4]));
const depthwise = stored(real([3, 3, 3, 2]));
const pool = (kernel: number, strides: number, padding: string): Record<string, unknown> => ({
  ...window(strides, padding),
  ksize: at.ints(1, kernel, kernel, 1),
});
const volume = { strides: at.ints(1, 1, 1, 1, 1), padding: at.text('VALID'), data_format: at.text('NDHWC') };

export const convolutions: Case[] = [
  {
    op: 'Conv1D',
    inputs: [real([2, 7, 3]), stored(real([3, 3, 4]))],
    attr: { stride: at.int(2), padding: at.text('SAME'), data_format: at.text('NWC'), dilation: at.int(1) },
  },
  { op: 'Conv2D', inputs: [image, filter], attr: window(1, 'SAME') },
  { op: 'Conv2D', inputs: [image, filter], attr: window(2, 'VALID') },
  { op: 'Conv2D', inputs: [image, filter], attr: window(1, 'SAME', { dilations: at.ints(1, 2, 2, 1) }) },
  {
    op: 'Conv2D',
    inputs: [image, filter],
    attr: window(1, 'EXPLICIT', { explicit_paddings: at.ints(0, 0, 1, 2, 0, 1, 0, 0) }),
  },
  {
    op: 'Conv2D',
    inputs: [reals([1, 2, 3, 4], [1, 1, 2, 2]), stored(reals([1, 10], [1, 1, 1, 2]))],
    attr: window(1, 'VALID', { data_format: at.text('NCHW') }),
    fault: 'its cpu backend does not take channels first',
    expected: [reals([1, 2, 3, 4, 10, 20, 30, 40], [1, 2, 2, 2])],
  },
  ...['Relu', 'Relu6', 'Elu', 'LeakyRelu'].map(
    (activation): Case => ({
      op: '_FusedConv2D',
      inputs: [image, filter, stored(real([4]))],
      attr: window(1, 'SAME', { ...fused('BiasAdd', activation), leakyrelu_alpha: at.real(0.25) }),
    }),
  ),
  { op: '_FusedConv2D', inputs: [image, filter, stored(real([4]))], attr: window(2, 'SAME', fused('BiasAdd')) },
  {
    op: '_FusedConv2D',
    inputs: [image, filter, stored(real([4])), stored(real([4]))],
    attr: window(1, 'VALID', fused('BiasAdd', 'Prelu')),
  },
  {
    op: '_FusedConv2D',
    inputs: [image, filter, stored(real([4])), stored(real([4])), stored(real([4])), stored(real([4], 0.5, 1))],
    attr: window(1, 'VALID', { ...fused('FusedBatchNorm'), num_args: at.int(4), epsilon: at.real(0.001) }),
    fault: 'cannot fuse a normalization',
  },
  ...['DepthwiseConv2d', 'DepthwiseConv2dNative'].map(
    (op): Case => ({ op, inputs: [image, depthwise], attr: window(1, 'SAME') }),
  ),
  {
    op: 'FusedDepthwiseConv2dNative',
    inputs: [image, depthwise, stored(real([6]))],
    attr: window(2, 'SAME', fused('BiasAdd', 'Relu6')),
  },
  {
    op: 'FusedDepthwiseConv2dNative',
    inputs: [image, depthwise, stored(real([6])), stored(real([6]))],
    attr: window(1, 'SAME', fused('BiasAdd', 'Prelu')),
  },
  {
    op: 'Conv2DBackpropInput',
    inputs: [list(2, 8, 8, 3), stored(real([3, 3, 3, 4])), real([2, 4, 4, 4])],
    attr: window(2, 'SAME'),
  },
  {
    op: 'Conv3D',
    inputs: [real([1, 4, 5, 4, 2]), stored(real([2, 2, 2, 2, 3]))],
    attr: { ...volume, dilations: at.ints(1, 1, 1, 1, 1) },
  },
  { op: 'AvgPool', inputs: [image], attr: pool(2, 2, 'VALID') },
  { op: 'AvgPool', inputs: [image], attr: pool(3, 2, 'SAME') },
  { op: 'MaxPool', inputs: [image], attr: pool(3, 2, 'SAME') },
  {
    op: 'MaxPool',
    inputs: [reals([1, 2, 3, 4, 8, 7, 6, 5], [1, 2, 2, 2])],
    attr: { ...pool(2, 1, 'VALID'), data_format: at.text('NCHW'), ksize: at.ints(1, 1, 2, 2) },
    fault: 'takes the channels for the last dimension',
    expected: [reals([4, 8], [1, 2, 1, 1])],
  },
  {
    op: 'MaxPoolWithArgmax',
    inputs: [image],
    attr: { ...pool(2, 2, 'VALID'), include_batch_in_index: at.flag(true) },
    outputs: 2,
  },
  { op: 'AvgPool3D', inputs: [real([1, 4, 4, 4, 2])], attr: { ...volume, ksize: at.ints(1, 2, 2, 2, 1) } },
  { op: 'MaxPool3D', inputs: [real([1, 4, 4, 4, 2], 0, 2)], attr: { ...volume, ksize: at.ints(1, 2, 2, 2, 1) } },
  {
    op: 'Dilation2D',
    inputs: [real([1, 5, 5, 2]), stored(real([2, 2, 2]))],
    attr: { strides: at.ints(1, 1, 1, 1), rates: at.ints(1, 1, 1, 1), padding: at.text('VALID') },
  },
];

const product = (op: string, a: readonly number[], b: readonly number[], attr: Record<string, unknown> = {}): Case => ({
  op,
  inputs: [real(a), real(b)],
  attr,
});

const normalized = (op: string): Case => ({
  op,
  inputs: [real([2, 3, 3, 4]), ...[0, 1, 2].map(() => stored(real([4]))), stored(real([4], 0.3, 2))],
  attr: { epsilon: at.real(0.01), data_format: at.text('NHWC'), is_training: at.flag(false) },
});

export const linear: Case[] = [
  product('MatMul', [3, 4], [4, 5]),
  product('MatMul', [4, 3], [5, 4], { transpose_a: at.flag(true), transpose_b: at.flag(true) }),
  product('BatchMatMul', [2, 3, 4], [2, 4, 5]),
  product('BatchMatMulV2', [2, 3, 4], [2, 5, 4], { adj_y: at.flag(true) }),
  {
    op: '_FusedMatMul',
    inputs: [real([3, 4]), stored(real([4, 5])), stored(real([5]))],
    attr: fused('BiasAdd', 'Relu'),
  },
  {
    op: '_FusedMatMul',
    inputs: [real([3, 4]), stored(real([4, 5])), stored(real([5]))],
    attr: fused('BiasAdd', 'Elu'),
  },
  {
    op: '_FusedMatMul',
    inputs: [real([3, 4]), stored(real([4, 5])), stored(real([5])), stored(real([5]))],
    attr: fused('BiasAdd', 'Prelu'),
  },
  {
    op: 'Einsum',
    inputs: [real([2, 3, 4]), real([2, 4, 5])],
    attr: { equation: at.text('bij,bjk->bik'), N: at.int(2) },
  },
  {
    op: 'MatrixBandPart',
    inputs: [reals([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]), int(1), int(0)],
    fault: 'takes the first limit for both',
    expected: [reals([1, 0, 0, 4, 5, 0, 0, 8, 9], [3, 3])],
  },
  { op: 'EuclideanNorm', inputs: [real([3, 4]), list(1)], attr: { keep_dims: at.flag(true) } },
  normalized('FusedBatchNorm'),
  normalized('FusedBatchNormV2'),
  normalized('FusedBatchNormV3'),
  {
    op: 'LRN',
    inputs: [real([1, 2, 2, 6])],
    attr: { depth_radius: at.int(2), bias: at.real(1), alpha: at.real(0.5), beta: at.real(0.75) },
  },
  { op: 'Softmax', inputs: [real([3, 4])] },
  { op: 'LogSoftmax', inputs: [real([3, 4])] },
];

const resize = (op: string): Case[] => [
  {
    op,
    inputs: [real([1, 4, 5, 2]), list(7, 9)],
    attr: { align_corners: at.flag(false), half_pixel_centers: at.flag(true) },
  },
  {
    op,
    inputs: [real([1, 4, 5, 2]), list(7, 9)],
    attr: { align_corners: at.flag(true), half_pixel_centers: at.flag(false) },
  },
  {
    op,
    inputs: [real([1, 4, 5, 2]), list(2, 3)],
    attr: { align_corners: at.flag(false), half_pixel_centers: at.flag(false) },
  },
];

export const images: Case[] = [
  ...resize('ResizeBilinear'),
  ...resize('ResizeNearestNeighbor'),
  {
    op: 'CropAndResize',
    inputs: [real([2, 5, 5, 2]), reals([0, 0, 0.5, 0.7, 0.1, 0.2, 1, 0.9], [2, 4]), ints([1, 0]), list(3, 4)],
    attr: { method: at.text('bilinear'), extrapolation_value: at.real(0.5) },
  },
  {
    op: 'ImageProjectiveTransformV3',
    inputs: [real([1, 4, 4, 1]), reals([1, 0, 1, 0, 1, -1, 0, 0], [1, 8]), list(4, 5), stored(reals([0.25], []))],
    attr: { interpolation: at.text('NEAREST'), fill_mode: at.text('CONSTANT') },
  },
];

import { at } from '../support';
import { bools, type Case, FLOAT, INT, int, ints, list, number, real, reals, stored, texts, whole } from './case';

const reduction = (op: string): Case[] => [
  { op, inputs: [real([2, 3, 4]), list(1)], attr: { keep_dims: at.flag(false) } },
  { op, inputs: [real([2, 3, 4]), list(0, -1)], attr: { keep_dims: at.flag(true) } },
];
const truth = (op: string): Case => ({ op, inputs: [bools([1, 0, 1, 1, 1, 1], [2, 3]), list(1)], attr: {} });

export const reductions: Case[] = [
  ...['Max', 'Mean', 'Min', 'Sum', 'Prod'].flatMap(reduction),
  truth('All'),
  truth('Any'),
  { op: 'ArgMax', inputs: [real([2, 3, 4]), int(-1)] },
  { op: 'ArgMin', inputs: [real([2, 3, 4]), int(0)] },
  { op: 'Cumsum', inputs: [real([2, 5]), int(1)], attr: { exclusive: at.flag(true), reverse: at.flag(false) } },
  { op: 'Cumprod', inputs: [real([2, 5]), int(1)], attr: { exclusive: at.flag(false), reverse: at.flag(true) } },
  { op: 'Bincount', inputs: [whole([6], 0, 4), int(5), real([6])] },
  { op: 'DenseBincount', inputs: [whole([2, 6], 0, 4), int(5), real([2, 6])], attr: { binary_output: at.flag(false) } },
  { op: 'TopKV2', inputs: [real([3, 7]), int(3)], attr: { sorted: at.flag(true) }, outputs: 2 },
  { op: 'LowerBound', inputs: [reals([1, 3, 3, 5], [1, 4]), reals([0, 3, 4, 6], [1, 4])] },
  { op: 'UpperBound', inputs: [reals([1, 3, 3, 5], [1, 4]), reals([0, 3, 4, 6], [1, 4])] },
];

const x = real([2, 3, 4]);

export const shapes: Case[] = [
  { op: 'Shape', inputs: [x] },
  { op: 'ShapeN', inputs: [x, real([5])], outputs: 2, expected: [ints([2, 3, 4]), ints([5])], fault: 'gives floats' },
  { op: 'Size', inputs: [x] },
  { op: 'Rank', inputs: [x] },
  { op: 'Reshape', inputs: [x, list(4, -1)] },
  { op: 'EnsureShape', inputs: [x, list(2, 3, 4)] },
  {
    op: 'Squeeze',
    inputs: [reals([1, 2], [1, 2, 1])],
    attr: { squeeze_dims: at.ints(0) },
    fault: 'reads another attribute',
    expected: [reals([1, 2], [2, 1])],
  },
  { op: 'Squeeze', inputs: [real([1, 3, 1])], attr: { axis: at.ints(2) } },
  { op: 'ExpandDims', inputs: [x, int(-1)] },
  { op: 'Transpose', inputs: [x, list(2, 0, 1)] },
  { op: 'BroadcastTo', inputs: [real([3, 1]), list(2, 3, 4)] },
  {
    op: 'BroadcastArgs',
    inputs: [list(2, 1, 4), list(3, 1)],
    expected: [ints([2, 3, 4])],
    fault: 'throws on lists of different lengths',
  },
  { op: 'Pad', inputs: [x, stored(ints([0, 1, 1, 0, 2, 2], [3, 2]))] },
  { op: 'PadV2', inputs: [x, stored(ints([0, 1, 1, 0, 2, 2], [3, 2])), number(1.5)] },
  { op: 'MirrorPad', inputs: [x, stored(ints([1, 1, 0, 2, 2, 1], [3, 2]))], attr: { mode: at.text('reflect') } },
  { op: 'SpaceToBatchND', inputs: [real([1, 4, 4, 2]), list(2, 2), stored(ints([0, 0, 0, 0], [2, 2]))] },
  { op: 'BatchToSpaceND', inputs: [real([4, 2, 2, 2]), list(2, 2), stored(ints([0, 1, 1, 0], [2, 2]))] },
  { op: 'DepthToSpace', inputs: [real([1, 2, 2, 8])], attr: { block_size: at.int(2), data_format: at.text('NHWC') } },
  { op: 'ConcatV2', inputs: [x, real([2, 1, 4]), int(1)], attr: { N: at.int(2) } },
  { op: 'Concat', inputs: [int(2), x, real([2, 3, 1])], attr: { N: at.int(2) } },
  {
    op: 'ConcatV2',
    inputs: [texts(['a']), texts(['b', 'c']), int(0)],
    attr: { N: at.int(2) },
    expected: [texts(['a', 'b', 'c'])],
  },
  { op: 'Pack', inputs: [x, real([2, 3, 4])], attr: { axis: at.int(1) } },
  { op: 'Unpack', inputs: [x], attr: { axis: at.int(1), num: at.int(3) }, outputs: 3 },
  { op: 'Split', inputs: [int(2), x], attr: { num_split: at.int(2) }, outputs: 2 },
  {
    op: 'SplitV',
    inputs: [reals([1, 2, 3]), list(1, -1), int(0)],
    outputs: 2,
    fault: 'takes no size of -1',
    expected: [reals([1]), reals([2, 3])],
  },
  { op: 'SplitV', inputs: [x, list(1, 2), int(1)], outputs: 2 },
  { op: 'Slice', inputs: [x, list(0, 1, 1), list(-1, 2, 2)] },
  {
    op: 'StridedSlice',
    inputs: [x, list(0, 2, 0), list(2, 0, 3), list(1, -1, 2)],
    attr: {
      begin_mask: at.int(1),
      end_mask: at.int(4),
      ellipsis_mask: at.int(0),
      new_axis_mask: at.int(0),
      shrink_axis_mask: at.int(0),
    },
  },
  {
    op: 'StridedSlice',
    inputs: [x, list(1, 0), list(2, 1), list(1, 1)],
    attr: { shrink_axis_mask: at.int(1), ellipsis_mask: at.int(2) },
  },
  { op: 'Tile', inputs: [x, list(1, 2, 2)] },
  {
    op: 'Reverse',
    inputs: [reals([1, 2, 3, 4], [2, 2]), stored(bools([0, 1]))],
    fault: 'takes flags for axes',
    expected: [reals([2, 1, 4, 3], [2, 2])],
  },
  { op: 'ReverseV2', inputs: [x, list(1, -1)] },
  { op: 'OneHot', inputs: [ints([2, 0, 1]), int(3), number(2), number(-1)], attr: { T: FLOAT, axis: at.int(-1) } },
  { op: 'Range', inputs: [int(2), int(11), int(3)], attr: { Tidx: INT } },
  { op: 'LinSpace', inputs: [number(0), number(1), int(5)] },
  { op: 'Fill', inputs: [list(2, 3), number(1.5)], attr: { T: FLOAT } },
  { op: 'Ones', inputs: [list(2, 3)], attr: { T: FLOAT } },
  { op: 'Zeros', inputs: [list(2, 3)], attr: { T: INT } },
  { op: 'OnesLike', inputs: [x], attr: { dtype: FLOAT } },
  { op: 'ZerosLike', inputs: [x], attr: { T: FLOAT } },
];

const boxes = reals([0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 2, 1, 3, 0, 2.05, 1, 3], [4, 4]);
const scores = reals([0.5, 0.8, 0.7, 0.6]);

export const picks: Case[] = [
  { op: 'Gather', inputs: [x, ints([1, 0, 1])] },
  { op: 'GatherV2', inputs: [x, ints([2, 0]), int(1)], attr: { batch_dims: at.int(0) } },
  { op: 'GatherV2', inputs: [x, ints([2, 0], [2, 1]), int(1)], attr: { batch_dims: at.int(1) } },
  { op: 'GatherNd', inputs: [x, ints([1, 2, 0, 1], [2, 2])] },
  { op: 'ScatterNd', inputs: [ints([3, 0, 3], [3, 1]), real([3, 2]), list(5, 2)] },
  { op: 'TensorScatterUpdate', inputs: [real([5]), ints([1, 3], [2, 1]), real([2])] },
  { op: 'SparseToDense', inputs: [ints([0, 2, 1, 1], [2, 2]), list(2, 3), real([2]), number(0.5)] },
];

export const dynamic: Case[] = [
  { op: 'Where', inputs: [bools([1, 0, 0, 1, 1, 0], [2, 3])] },
  { op: 'ListDiff', inputs: [ints([5, 1, 3, 2]), ints([1, 2])], outputs: 2 },
  { op: 'Unique', inputs: [ints([3, 1, 3, 2, 1])], outputs: 2 },
  { op: 'UniqueV2', inputs: [ints([3, 1, 3, 1, 2, 2], [3, 2]), list(0)], outputs: 2 },
  { op: 'UniqueV2', inputs: [texts(['b', 'a', 'b'])], outputs: 2, expected: [texts(['b', 'a']), ints([0, 1, 0])] },
  {
    op: 'NonMaxSuppressionV2',
    inputs: [boxes, scores, int(3), number(0.4)],
    expected: [ints([1, 2])],
    fault: 'asks for a score threshold',
  },
  { op: 'NonMaxSuppressionV3', inputs: [boxes, scores, int(3), number(0.4), number(0.1)] },
  {
    op: 'NonMaxSuppressionV4',
    inputs: [boxes, scores, int(3), number(0.4), number(0.1)],
    attr: { pad_to_max_output_size: at.flag(true) },
    outputs: 2,
  },
  {
    op: 'NonMaxSuppressionV5',
    inputs: [boxes, scores, int(4), number(0.4), number(0.1), number(0.5)],
    outputs: 2,
    bound: 1e-5,
  },
];

/** Bad input to functions of shape, creation and indexing: typed errors that name the call, and nothing left behind. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

type ErrorType = new (message: string) => Error;
const { ArgumentError, DTypeError, IndexError, ShapeError } = sg;
const f = (...shape: number[]): sg.Tensor => sg.zeros(shape);
const i = (...values: number[]): sg.Tensor => sg.tensor1d(values, 'int32');

const calls: readonly [string, ErrorType, () => unknown][] = [
  ['reshape', ShapeError, () => f(2, 3).reshape([4])],
  ['reshape', ShapeError, () => f(2, 3).reshape([-1, -1])],
  ['reshape', ShapeError, () => f(2, 3).reshape([4, -1])],
  ['ensureShape', ShapeError, () => sg.ensureShape(f(2, 3), [2, 4])],
  ['ensureShape', ShapeError, () => sg.ensureShape(f(2, 3), [null])],
  ['transpose', ArgumentError, () => f(2, 3).transpose([0, 0])],
  ['transpose', ArgumentError, () => f(2, 3).transpose([0])],
  ['transpose', ArgumentError, () => f(2, 3).transpose([0, 2])],
  ['squeeze', ShapeError, () => f(2, 1).squeeze([0])],
  ['expandDims', ArgumentError, () => f(2).expandDims(3)],
  ['slice', ArgumentError, () => f(2, 3).slice([0, 1], [2, 3])],
  ['slice', ArgumentError, () => f(2, 3).slice([-1])],
  ['slice', ArgumentError, () => f(2, 3).slice([0, 0], [-2, 1])],
  ['slice', ArgumentError, () => f(2, 3).slice([0, 0, 0])],
  ['slice', ArgumentError, () => f(2, 3).slice([0.5])],
  ['slice2d', ShapeError, () => sg.slice2d(f(2), [0, 0], [1, 1])],
  ['stridedSlice', ArgumentError, () => f(4).stridedSlice([0], [4], [0])],
  ['stridedSlice', ArgumentError, () => f(4).stridedSlice([0, 0], [4, 4])],
  ['stridedSlice', ArgumentError, () => f(4).stridedSlice([0], [4, 4])],
  ['stridedSlice', ArgumentError, () => f(4, 4).stridedSlice([0, 0], [1, 1], [1, 1], 0, 0, 3)],
  ['stridedSlice', ArgumentError, () => f(4).stridedSlice([0], [4], [-1], 0, 0, 0, 0, 1)],
  ['stridedSlice', IndexError, () => f(4).stridedSlice([4], [5], [1], 0, 0, 0, 0, 1)],
  ['reverse', ArgumentError, () => f(4).reverse(1)],
  ['reverse', ArgumentError, () => f(4, 2).reverse([0, -2])],
  ['reverse3d', ShapeError, () => sg.reverse3d(f(4))],
  ['split', ArgumentError, () => f(5).split(2)],
  ['split', ArgumentError, () => f(5).split(0)],
  ['split', ArgumentError, () => f(5).split([2, 2])],
  ['split', ArgumentError, () => f(5).split([-1, -1, 2])],
  ['split', ArgumentError, () => f(5).split([7, -1])],
  ['split', ArgumentError, () => f(5).split(1, 1)],
  ['unstack', ArgumentError, () => f(2).unstack(1)],
  ['unstack', ArgumentError, () => f().unstack()],
  ['concat', ArgumentError, () => sg.concat([])],
  ['concat', ShapeError, () => sg.concat([f(2, 3), f(2, 4)])],
  ['concat', ShapeError, () => sg.concat([f(2, 3), f(2)])],
  ['concat', ArgumentError, () => sg.concat([f(2, 3)], 2)],
  ['concat2d', ShapeError, () => sg.concat2d([f(2), f(2)], 0)],
  ['stack', ArgumentError, () => sg.stack([])],
  ['stack', ShapeError, () => sg.stack([f(2), f(3)])],
  ['stack', DTypeError, () => sg.stack([f(2), i(1, 2)])],
  ['stack', ArgumentError, () => sg.stack([f(2)], 2)],
  ['tile', ArgumentError, () => f(2, 3).tile([2])],
  ['tile', ArgumentError, () => f(2).tile([-1])],
  ['tile', ArgumentError, () => f(2).tile([1.5])],
  ['broadcastTo', ShapeError, () => f(2).broadcastTo([3])],
  ['broadcastTo', ShapeError, () => f(2, 1).broadcastTo([2])],
  ['pad', ArgumentError, () => f(2).pad([])],
  ['pad', ArgumentError, () => f(2).pad([[-1, 0]])],
  ['pad', ArgumentError, () => f(2).pad([[0.5, 0]])],
  ['pad3d', ShapeError, () => sg.pad3d(f(2), [[1, 1]])],
  ['mirrorPad', ArgumentError, () => f(3).mirrorPad([[3, 0]], 'reflect')],
  ['mirrorPad', ArgumentError, () => f(3).mirrorPad([[4, 0]], 'symmetric')],
  ['mirrorPad', ArgumentError, () => f(3).mirrorPad([[1, 0]], 'wrap' as never)],
  ['mirrorPad', ArgumentError, () => f().mirrorPad([], 'reflect')],
  ['depthToSpace', ArgumentError, () => f(1, 2, 2, 6).depthToSpace(2)],
  ['depthToSpace', ArgumentError, () => f(1, 2, 2, 4).depthToSpace(1)],
  ['depthToSpace', ShapeError, () => f(2, 2, 4).depthToSpace(2)],
  ['depthToSpace', ArgumentError, () => f(1, 2, 2, 4).depthToSpace(2, 'CHWN' as never)],
  ['spaceToBatchND', ShapeError, () => f(1, 3).spaceToBatchND([2], [[0, 0]])],
  ['spaceToBatchND', ShapeError, () => f(4).spaceToBatchND([2], [[0, 0]])],
  ['spaceToBatchND', ArgumentError, () => f(1, 4).spaceToBatchND([2], [])],
  ['batchToSpaceND', ShapeError, () => f(3, 2).batchToSpaceND([2], [[0, 0]])],
  ['batchToSpaceND', ArgumentError, () => f(2, 1).batchToSpaceND([2], [[2, 1]])],
  ['gather', DTypeError, () => f(3).gather(f(1))],
  ['gather', ArgumentError, () => f(3).gather(i(0), 1)],
  ['gather', ArgumentError, () => f().gather(i(0))],
  ['gather', ArgumentError, () => f(3, 3).gather(i(0), 0, 1)],
  ['gather', ShapeError, () => f(3, 3).gather(i(0, 0), 1, 1)],
  ['gatherND', ShapeError, () => sg.gatherND(f(3), sg.scalar(0, 'int32'))],
  ['gatherND', ShapeError, () => sg.gatherND(f(3), i(0, 0))],
  ['gatherND', DTypeError, () => sg.gatherND(f(3), f(1))],
  ['scatterND', ShapeError, () => sg.scatterND(i(0, 1), f(3), [4])],
  ['scatterND', ShapeError, () => sg.scatterND(i(0, 1), f(2, 3), [4])],
  ['scatterND', ShapeError, () => sg.scatterND(sg.scalar(0, 'int32'), f(1), [4])],
  ['scatterND', ShapeError, () => sg.scatterND(i(0), f(1), [])],
  ['tensorScatterUpdate', DTypeError, () => sg.tensorScatterUpdate(f(3), [[0]], i(1))],
  ['tensorScatterUpdate', ShapeError, () => sg.tensorScatterUpdate(f(3), [[0]], f(2))],
  ['sparseToDense', ShapeError, () => sg.sparseToDense(i(0), f(1), [2, 2])],
  ['sparseToDense', ShapeError, () => sg.sparseToDense(i(0), f(2), [4])],
  ['sparseToDense', DTypeError, () => sg.sparseToDense(i(0), f(1), [4], i(0).squeeze())],
  ['unsortedSegmentSum', ShapeError, () => f(3).unsortedSegmentSum(i(0, 1), 2)],
  ['unsortedSegmentSum', DTypeError, () => f(1).unsortedSegmentSum(f(1), 2)],
  ['unsortedSegmentSum', ArgumentError, () => f(1).unsortedSegmentSum(i(0), 1.5)],
  ['range', ArgumentError, () => sg.range(0, 1, 0)],
  ['range', ArgumentError, () => sg.range(0, Number.POSITIVE_INFINITY)],
  ['linspace', ArgumentError, () => sg.linspace(0, 1, 0)],
  ['eye', ArgumentError, () => sg.eye(-1)],
  ['eye', ShapeError, () => sg.eye(2, 2, [-1])],
  ['meshgrid', ArgumentError, () => sg.meshgrid([1], [2], { indexing: 'yx' })],
  ['oneHot', DTypeError, () => f(2).oneHot(3)],
  ['oneHot', ArgumentError, () => i(2).oneHot(0)],
  ['fill', ShapeError, () => sg.fill([-1], 0)],
  ['fill', DTypeError, () => sg.fill([1], 0, 'string' as never)],
  ['movingAverage', ArgumentError, () => sg.movingAverage(f(2), f(2), 0.9)],
  ['movingAverage', ShapeError, () => sg.movingAverage(f(2), f(3), 0.9, 1)],
  ['movingAverage', DTypeError, () => sg.movingAverage(f(2), i(1, 2), 0.9, 1)],
  ['asScalar', ShapeError, () => f(2).asScalar()],
  ['as2D', ShapeError, () => (f(4).as2D as (n: number) => sg.Tensor)(4)],
];

describe('bad input', () => {
  it.each(calls)('%s: %o', (name, type, call) => {
    let error: unknown;
    try {
      sg.tidy(() => {
        call();
      });
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toContain(name);
  });
});

it.each([[[-1, -1]], [[-1, 6, -1]], [[6, -1, -1]]])(
  'two dimensions of -1 are told, wherever they stand: %j',
  (shape) => {
    expect(() => f(2, 3).reshape(shape)).toThrow(/at most one dimension may be -1/);
  },
);

it.each<[string, () => unknown]>([
  ['eye: batchShape', () => sg.eye(2, 2, false as never)],
  ['dropout: noiseShape', () => sg.dropout(f(2), 0.5, 0 as never)],
  ['CompositeArrayBuffer: buffers', () => new sg.io.CompositeArrayBuffer(false as never)],
])('%s that is false, or 0, is no absent one', (where, call) => {
  expect(call).toThrow(new RegExp(where));
});

/** Functions that read and write by index. */

import { checkWhole, within } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { checkShape, normalizeAxis, type Shape, sameShape, showShape, sizeOf } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { fill, type TensorLike, toTensor } from '../create/creation';
import { range } from '../create/sequences';
import type { IndexAttrs } from '../descriptors/indexing';
import * as indexing from '../descriptors/indexing';
import { broadcastTo, cast, equal } from '../math/arithmetic';
import { reshape } from '../shape/shaping';

/** Indices as int32; plain numbers become int32. @throws DTypeError for a tensor of another type */
function toIndices(x: TensorLike, where: string, argument = 'indices'): Tensor {
  const t = x instanceof Tensor ? toTensor(x, where) : cast(toTensor(x, where, argument), 'int32');
  if (t.dtype !== 'int32') throw new DTypeError(`${where}: ${argument} must be int32, got ${t.dtype}; cast it`);
  return t;
}

const attrsOf = (label: string, drop = false): IndexAttrs => ({ drop, label });

/**
 * Slices of x along an axis, by index: result[…, i, …] = x[…, indices[i], …].
 * @param indices int32 of any shape; its dimensions replace the axis.
 * @param axis default 0.
 * @param batchDims number of leading dimensions that x and indices share; default 0.
 * @throws IndexError if an index is out of range; DTypeError, ShapeError, ArgumentError
 * @example
 * sg.gather([[1, 2], [3, 4]], [1, 1, 0]).arraySync(); // [[3, 4], [3, 4], [1, 2]]
 */
export function gather(x: TensorLike, indices: TensorLike, axis?: number | null, batchDims?: number | null): Tensor {
  return tidy(() => {
    const t = toTensor(x, 'gather');
    const at = toIndices(indices, 'gather');
    const along = normalizeAxis(axis ?? 0, t.rank, 'gather');
    const dims = checkWhole(batchDims ?? 0, 'gather', 'batchDims', -at.rank);
    const lead = dims < 0 ? dims + at.rank : dims;
    if (lead > Math.min(along, at.rank)) {
      throw new ArgumentError(
        `gather: batchDims ${dims} must be at most axis ${along} and the rank of indices ${showShape(at.shape)}`,
      );
    }
    const batch = t.shape.slice(0, lead);
    if (!sameShape(batch, at.shape.slice(0, lead))) {
      throw new ShapeError(
        `gather: x ${showShape(t.shape)} and indices ${showShape(at.shape)} differ in the first ${lead} dimensions`,
      );
    }
    const [outer, inner] = [t.shape.slice(lead, along), t.shape.slice(along + 1)];
    const picked = at.shape.slice(lead);
    const rows = [sizeOf(batch), sizeOf(outer), t.shape[along] as number, sizeOf(inner)];
    return reshape(
      apply(indexing.gather, [reshape(t, rows), reshape(at, [sizeOf(batch), sizeOf(picked)])], attrsOf('gather')),
      [...batch, ...outer, ...picked, ...inner],
    );
  });
}

/**
 * Sums of the rows of x that share an id: result[s] = Σ x[i] over i with segmentIds[i] = s, in the order of i, from 0.
 * @param segmentIds int32, in the shape of x's leading dimensions. Rows of negative ids are left out.
 * @returns [numSegments, …remaining dimensions of x]; bool is counted as int32
 * @throws IndexError for an id >= numSegments; DTypeError, ShapeError, ArgumentError
 * @example
 * sg.unsortedSegmentSum([1, 2, 3], sg.tensor1d([0, 1, 0], 'int32'), 2).dataSync(); // [4, 2]
 */
export function unsortedSegmentSum(x: TensorLike, segmentIds: TensorLike, numSegments: number): Tensor {
  return tidy(() => {
    const t = toTensor(x, 'unsortedSegmentSum');
    const ids = toIndices(segmentIds, 'unsortedSegmentSum', 'segmentIds');
    checkWhole(numSegments, 'unsortedSegmentSum', 'numSegments');
    if (!sameShape(t.shape.slice(0, ids.rank), ids.shape)) {
      throw new ShapeError(
        `unsortedSegmentSum: segmentIds ${showShape(ids.shape)} must be the leading dimensions of x ${showShape(t.shape)}`,
      );
    }
    const inner = t.shape.slice(ids.rank);
    const values = reshape(t.dtype === 'bool' ? cast(t, 'int32') : t, [1, 1, ids.size, sizeOf(inner)]);
    const attrs = { ...attrsOf('unsortedSegmentSum', true), n: numSegments };
    return reshape(apply(indexing.segmentSum, [values, reshape(ids, [1, ids.size])], attrs), [numSegments, ...inner]);
  });
}

/** Index tuples, the last dimension of `indices`, as places in the leading dimensions of a shape: [1, count]. */
function flatIndices(indices: Tensor, depth: number, shape: Shape, label: string): Tensor {
  const count = depth === 0 ? sizeOf(indices.shape.slice(0, -1)) : indices.size / depth;
  const flat = apply(indexing.flatIndex, [reshape(indices, [count, depth])], { dims: shape.slice(0, depth), label });
  return reshape(flat, [1, count]);
}

/**
 * Slices of x, by tuples of indices: the last dimension of `indices` holds coordinates of x's leading dimensions.
 * @param indices int32, [..., coordinates].
 * @returns [...indices.shape without the last, ...the dimensions of x that have no coordinate]
 * @throws IndexError for a coordinate out of range; DTypeError, ShapeError
 * @example
 * sg.gatherND([[1, 2], [3, 4]], sg.tensor2d([[0, 1], [1, 0]], null, 'int32')).dataSync(); // [2, 3]
 */
export function gatherND(x: TensorLike, indices: TensorLike): Tensor {
  return tidy(() => {
    const t = toTensor(x, 'gatherND');
    const at = toIndices(indices, 'gatherND');
    const depth = at.shape[at.rank - 1];
    if (depth === undefined || depth > t.rank) {
      throw new ShapeError(
        `gatherND: the last dimension of indices ${showShape(at.shape)} must be at most the rank of x ${showShape(t.shape)}`,
      );
    }
    const inner = t.shape.slice(depth);
    const flat = flatIndices(at, depth, t.shape, 'gatherND');
    const rows = reshape(t, [1, 1, sizeOf(t.shape.slice(0, depth)), sizeOf(inner)]);
    return reshape(apply(indexing.gather, [rows, flat], attrsOf('gatherND')), [...at.shape.slice(0, -1), ...inner]);
  });
}

/** Updates and where they go, checked against the shape that takes them in. */
interface Updates {
  readonly flat: Tensor;
  /** [1, 1, count, inner] */
  readonly rows: Tensor;
  readonly n: number;
  readonly inner: number;
}

/** A vector of indices is read as tuples of one coordinate. */
function readUpdates(indices: TensorLike, updates: Tensor, shape: Shape, label: string): Updates {
  const at = toIndices(indices, label);
  const depth = at.rank > 1 ? (at.shape[at.rank - 1] as number) : 1;
  const batch = at.rank > 1 ? at.shape.slice(0, -1) : at.shape;
  const expected = [...batch, ...shape.slice(depth)];
  if (at.rank === 0 || shape.length === 0 || depth > shape.length || !sameShape(updates.shape, expected)) {
    throw new ShapeError(
      `${label}: updates ${showShape(updates.shape)} must be ${showShape(expected)}, as indices are ${showShape(at.shape)} and the result ${showShape(shape)}`,
    );
  }
  const inner = sizeOf(shape.slice(depth));
  return {
    flat: flatIndices(at.rank > 1 ? at : reshape(at, [at.size, 1]), depth, shape, label),
    rows: reshape(updates, [1, 1, sizeOf(batch), inner]),
    n: sizeOf(shape.slice(0, depth)),
    inner,
  };
}

/**
 * A tensor of zeros with updates added at the positions that index tuples name; positions named twice have the sum.
 * @param indices int32, [..., coordinates].
 * @param updates [...indices.shape without the last, ...the dimensions of `shape` that have no coordinate].
 * @param shape of the result.
 * @throws IndexError for a coordinate out of range; DTypeError, ShapeError
 * @example
 * sg.scatterND(sg.tensor2d([[0], [2], [0]], null, 'int32'), [1, 2, 3], [4]).dataSync(); // [4, 0, 2, 0]
 */
export function scatterND(indices: TensorLike, updates: TensorLike, shape: Shape): Tensor {
  return tidy(() => {
    checkShape(shape, 'scatterND');
    const given = toTensor(updates, 'scatterND', 'updates');
    const values = given.dtype === 'bool' ? cast(given, 'int32') : given;
    const { flat, rows, n } = readUpdates(indices, values, shape, 'scatterND');
    const sums = reshape(apply(indexing.segmentSum, [rows, flat], { ...attrsOf('scatterND'), n }), shape);
    return given.dtype === 'bool' ? cast(sums, 'bool') : sums;
  });
}

/**
 * A copy of a tensor with updates at the positions that index tuples name; of a position named twice the last update
 * counts.
 * @param indices int32, [..., coordinates].
 * @param updates [...indices.shape without the last, ...the dimensions of the tensor that have no coordinate].
 * @throws IndexError for a coordinate out of range; DTypeError unless both are of one type; ShapeError
 * @example
 * sg.tensorScatterUpdate([1, 2, 3], sg.tensor2d([[1]], null, 'int32'), [9]).dataSync(); // [1, 9, 3]
 */
export function tensorScatterUpdate(tensor: TensorLike, indices: TensorLike, updates: TensorLike): Tensor {
  return tidy(() => {
    const t = toTensor(tensor, 'tensorScatterUpdate', 'tensor');
    const values = toTensor(updates, 'tensorScatterUpdate', 'updates');
    return replaced(t, indices, values, 'tensorScatterUpdate');
  });
}

function replaced(t: Tensor, indices: TensorLike, updates: Tensor, label: string): Tensor {
  if (t.dtype !== updates.dtype)
    throw new DTypeError(`${label}: element types ${t.dtype} and ${updates.dtype} differ; cast one`);
  return tidy(() => {
    const { flat, rows, n, inner } = readUpdates(indices, updates, t.shape, label);
    return reshape(apply(indexing.replaceRows, [reshape(t, [1, 1, n, inner]), flat, rows], attrsOf(label)), t.shape);
  });
}

/** Whether an update is the last one of its row, as bool [1, 1, count, 1]: earlier ones leave nothing behind. */
export function isLastWriter(indices: Tensor, target: Tensor, attrs: IndexAttrs): Tensor {
  const count = indices.shape[1] as number;
  const order = reshape(range(0, count, 1, 'int32'), [1, 1, count, 1]);
  const none = fill([1, 1, target.shape[2] as number, 1], 0, 'int32');
  const last = apply(indexing.replaceRows, [none, indices, order], attrs);
  return equal(apply(indexing.gather, [last, indices], attrs), order);
}

/**
 * A dense tensor with values at given positions and `defaultValue` elsewhere.
 * @param sparseIndices int32: a scalar or vector of positions for a result of rank 1, or rows of coordinates.
 * @param sparseValues one for each position, or a scalar for all. Of a position named twice the last value counts.
 * @param outputShape of the result.
 * @param defaultValue of the type of the values; default 0.
 * @throws IndexError for a coordinate out of range; DTypeError, ShapeError
 * @example
 * sg.sparseToDense(sg.tensor1d([0, 2], 'int32'), [5, 6], [4]).dataSync(); // [5, 0, 6, 0]
 */
export function sparseToDense(
  sparseIndices: TensorLike,
  sparseValues: TensorLike,
  outputShape: Shape,
  defaultValue?: TensorLike | null,
): Tensor {
  return tidy(() => {
    checkShape(outputShape, 'sparseToDense', 'outputShape');
    const at = toIndices(sparseIndices, 'sparseToDense', 'sparseIndices');
    const values = toTensor(sparseValues, 'sparseToDense', 'sparseValues');
    const other = toTensor(defaultValue ?? 0, 'sparseToDense', 'defaultValue');
    const rest = other === defaultValue ? other : cast(other, values.dtype);
    const count = at.rank > 0 ? (at.shape[0] as number) : 1;
    const depth = at.rank > 1 ? (at.shape[1] as number) : 1;
    if (at.rank > 2 || depth !== outputShape.length) {
      throw new ShapeError(
        `sparseToDense: sparseIndices ${showShape(at.shape)} must be [count, ${outputShape.length}] for an output of ${showShape(outputShape)}`,
      );
    }
    if (values.rank > 0 && !sameShape(values.shape, [count]))
      throw new ShapeError(`sparseToDense: sparseValues ${showShape(values.shape)} must be [] or [${count}]`);
    return within('sparseToDense', () =>
      replaced(
        broadcastTo(rest, outputShape),
        reshape(at, [count, depth]),
        broadcastTo(values, [count]),
        'sparseToDense',
      ),
    );
  });
}

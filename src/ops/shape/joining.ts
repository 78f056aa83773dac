/** Functions that put tensors together, repeat them and pad them. */
import { checkChoice, checkList, checkPairs, checkWholes, show, within } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { normalizeAxis, sameShape, showShape, withAxis } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { type TensorLike, withOperand, withOperands } from '../create/creation';
import { broadcastTo } from '../math/arithmetic';
import { concat, expandDims, type Paddings, padOf, reshape, slice } from './shaping';
import { takeSlice, withRank } from './slicing';

/** `concat` of tensors of a rank. @throws ShapeError for another one */
const concatRanked = (tensors: readonly TensorLike[], axis: number, rank: number, where: string): Tensor =>
  withOperands(tensors, where, (list) => {
    if (list.length === 0) throw new ArgumentError(`${where}: needs at least one tensor`);
    for (const t of list)
      if (t.rank !== rank) throw new ShapeError(`${where}: tensors must be of rank ${rank}, got ${showShape(t.shape)}`);
    return within(where, () => concat(list, normalizeAxis(axis ?? 0, rank, where)));
  });

/**
 * `concat` of vectors: [m], [n], … -> [m + n + …].
 * @throws ShapeError for another rank; ArgumentError for an empty list
 * @example
 * sg.concat1d([[1, 2], [3]]).dataSync(); // [1, 2, 3]
 */
export const concat1d = (tensors: readonly TensorLike[]): Tensor => concatRanked(tensors, 0, 1, 'concat1d');

/**
 * `concat` of matrices along an axis.
 * @throws ShapeError for another rank, or if the other dimensions differ; ArgumentError for an empty list
 * @example
 * sg.concat2d([[[1, 2]], [[3, 4]]], 0).arraySync(); // [[1, 2], [3, 4]]
 */
export const concat2d = (tensors: readonly TensorLike[], axis: number): Tensor =>
  concatRanked(tensors, axis, 2, 'concat2d');

/**
 * `concat` of tensors of rank 3 along an axis.
 * @throws ShapeError for another rank, or if the other dimensions differ; ArgumentError for an empty list
 * @example
 * sg.concat3d([sg.ones([2, 3, 4]), sg.ones([2, 3, 1])], 2).shape; // [2, 3, 5]
 */
export const concat3d = (tensors: readonly TensorLike[], axis: number): Tensor =>
  concatRanked(tensors, axis, 3, 'concat3d');

/**
 * `concat` of tensors of rank 4 along an axis.
 * @throws ShapeError for another rank, or if the other dimensions differ; ArgumentError for an empty list
 * @example
 * sg.concat4d([sg.ones([1, 2, 3, 4]), sg.ones([2, 2, 3, 4])], 0).shape; // [3, 2, 3, 4]
 */
export const concat4d = (tensors: readonly TensorLike[], axis: number): Tensor =>
  concatRanked(tensors, axis, 4, 'concat4d');

/**
 * Joins tensors of one shape and type along a new axis: n of [a, b] become [n, a, b].
 * @param axis position of the new dimension; default 0.
 * @throws ShapeError, DTypeError if they differ; ArgumentError for an empty list
 * @example
 * sg.stack([[1, 2], [3, 4]]).arraySync(); // [[1, 2], [3, 4]]
 */
export function stack(tensors: readonly TensorLike[], axis?: number | null): Tensor {
  return withOperands(tensors, 'stack', (list) => {
    const [head] = list;
    if (!head) throw new ArgumentError('stack: needs at least one tensor');
    const along = normalizeAxis(axis ?? 0, head.rank + 1, 'stack');
    for (const t of list) {
      if (!sameShape(t.shape, head.shape))
        throw new ShapeError(`stack: shapes ${showShape(head.shape)} and ${showShape(t.shape)} differ`);
      if (t.dtype !== head.dtype)
        throw new DTypeError(`stack: element types ${head.dtype} and ${t.dtype} differ; cast one`);
    }
    return tidy(() =>
      concat(
        list.map((t) => expandDims(t, along)),
        along,
      ),
    );
  });
}

/**
 * Repeats x `reps[i]` times along dimension i.
 * @throws ArgumentError unless `reps` has one non-negative integer for each dimension
 * @example
 * sg.tile([1, 2], [2]).dataSync(); // [1, 2, 1, 2]
 */
export function tile(x: TensorLike, reps: readonly number[]): Tensor {
  return withOperand(x, 'tile', (t) => {
    if (checkWholes(checkList(reps, 'tile', 'reps', 'integers'), 'tile', 'reps').length !== t.rank) {
      throw new ArgumentError(
        `tile: needs ${t.rank} non-negative integers for ${showShape(t.shape)}, got [${String(reps)}]`,
      );
    }
    const apart = t.shape.flatMap((d) => [1, d]);
    const repeated = t.shape.flatMap((d, i) => [reps[i] as number, d]);
    return tidy(() =>
      reshape(
        broadcastTo(reshape(t, apart), repeated),
        t.shape.map((d, i) => d * (reps[i] as number)),
      ),
    );
  });
}

/**
 * `pad` of a vector.
 * @param paddings [before, after].
 * @param constantValue default 0.
 * @throws ShapeError for another rank; ArgumentError
 * @example
 * sg.pad1d([1, 2], [1, 0]).dataSync(); // [0, 1, 2]
 */
export const pad1d = (x: TensorLike, paddings: readonly [number, number], constantValue?: number | null): Tensor =>
  withRank(x, 1, 'pad1d', (t) => padOf(t, [paddings], constantValue, 'pad1d'));

/**
 * `pad` of a matrix.
 * @param paddings [before, after] for each dimension.
 * @param constantValue default 0.
 * @throws ShapeError for another rank; ArgumentError
 * @example
 * sg.pad2d([[1]], [[0, 0], [1, 1]]).arraySync(); // [[0, 1, 0]]
 */
export const pad2d = (x: TensorLike, paddings: Paddings, constantValue?: number | null): Tensor =>
  withRank(x, 2, 'pad2d', (t) => padOf(t, paddings, constantValue, 'pad2d'));

/**
 * `pad` of a tensor of rank 3.
 * @param paddings [before, after] for each dimension.
 * @param constantValue default 0.
 * @throws ShapeError for another rank; ArgumentError
 * @example
 * sg.pad3d(sg.ones([2, 3, 4]), [[0, 0], [1, 1], [0, 0]]).shape; // [2, 5, 4]
 */
export const pad3d = (x: TensorLike, paddings: Paddings, constantValue?: number | null): Tensor =>
  withRank(x, 3, 'pad3d', (t) => padOf(t, paddings, constantValue, 'pad3d'));

/**
 * `pad` of a tensor of rank 4.
 * @param paddings [before, after] for each dimension.
 * @param constantValue default 0.
 * @throws ShapeError for another rank; ArgumentError
 * @example
 * sg.pad4d(sg.ones([1, 2, 3, 4]), [[0, 0], [1, 1], [1, 1], [0, 0]]).shape; // [1, 4, 5, 4]
 */
export const pad4d = (x: TensorLike, paddings: Paddings, constantValue?: number | null): Tensor =>
  withRank(x, 4, 'pad4d', (t) => padOf(t, paddings, constantValue, 'pad4d'));

/** `count` elements of an axis from `from` on, backward. */
function backward(t: Tensor, axis: number, from: number, count: number): Tensor {
  const strides = t.shape.map((_, i) => (i === axis ? -1 : 1));
  const begin = t.shape.map((_, i) => (i === axis ? from : 0));
  return takeSlice(t, begin, withAxis(t.shape, axis, count), strides);
}

/**
 * Pads x with its own mirror image, dimension by dimension.
 * @param paddings [before, after] for each dimension.
 * @param mode 'reflect' leaves the border element out of the image, 'symmetric' repeats it.
 * @throws ArgumentError if a padding is longer than the image
 * @example
 * sg.mirrorPad([1, 2, 3], [[2, 2]], 'reflect').dataSync(); // [3, 2, 1, 2, 3, 2, 1]
 */
export function mirrorPad(x: TensorLike, paddings: Paddings, mode: 'reflect' | 'symmetric'): Tensor {
  return withOperand(x, 'mirrorPad', (t) => {
    checkChoice(mode, 'mirrorPad', 'mode', ['reflect', 'symmetric']);
    checkPairs(paddings, 'mirrorPad', 'paddings', t.rank);
    const skip = mode === 'reflect' ? 1 : 0;
    const fits = (p: number, d: number): boolean => p === 0 || p <= d - skip;
    const isRight = t.rank > 0 && paddings.every((pair, i) => pair.every((p) => fits(p, t.shape[i] as number)));
    if (!isRight) {
      throw new ArgumentError(
        `mirrorPad: needs ${t.rank} pairs of integers, at most ${showShape(t.shape.map((d) => Math.max(0, d - skip)))}, got ${show(paddings)}`,
      );
    }
    return tidy(() =>
      paddings.reduce(
        (y, [before, after], axis) => {
          const n = y.shape[axis] as number;
          if (before === 0 && after === 0) return y;
          const parts = [
            ...(before ? [backward(y, axis, before - 1 + skip, before)] : []),
            y,
            ...(after ? [backward(y, axis, n - 1 - skip, after)] : []),
          ];
          return concat(parts, axis);
        },
        slice(t, 0),
      ),
    );
  });
}

/** Functions that change a tensor's shape or pick from it. */

import { checkList, checkNumber, checkPairs, checkWhole, checkWholes, show } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { checkDType, type DType } from '../../tensor/dtype';
import { tidy } from '../../tensor/scope';
import { checkAxes, inferShape, normalizeAxis, type Shape, sameShape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { type TensorLike, toTensor, withOperand, withOperands } from '../create/creation';
import * as movement from '../descriptors/movement';
import { cast } from '../math/arithmetic';

/** Numbers of elements [before, after] for each dimension. */
export type Paddings = readonly (readonly [number, number])[];

/**
 * The same elements in another shape; nothing is copied.
 * @param shape of the result; one dimension may be -1 and is computed from the rest.
 * @throws ShapeError if the number of elements differs
 * @example
 * sg.reshape([1, 2, 3, 4], [2, -1]).arraySync(); // [[1, 2], [3, 4]]
 */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  return reshapeOf(x, shape, 'reshape');
}

/** `reshape`, with the name that errors call it by. */
export function reshapeOf(x: TensorLike, shape: Shape, where: string): Tensor {
  return withOperand(x, where, (t) => {
    const to = inferShape(shape, t.size, `${where} of ${showShape(t.shape)}`);
    return sameShape(to, t.shape) ? t.alias() : apply(movement.reshape, [t], { shape: to });
  });
}

/**
 * Dimensions in another order.
 * @param perm for each dimension of the result that of x; by default they are reversed.
 * @throws ArgumentError unless `perm` is a permutation of the dimensions
 * @example
 * sg.transpose([[1, 2], [3, 4]]).arraySync(); // [[1, 3], [2, 4]]
 */
export function transpose(x: TensorLike, perm?: readonly number[] | null): Tensor {
  return withOperand(x, 'transpose', (t) => {
    const order =
      perm === undefined || perm === null
        ? t.shape.map((_, i) => t.rank - 1 - i)
        : checkAxes(perm, t.rank, 'transpose', 'perm');
    if (order.length !== t.rank || new Set(order).size !== t.rank) {
      throw new ArgumentError(
        `transpose: perm [${String(perm)}] is not a permutation of the ${t.rank} dimensions of ${showShape(t.shape)}`,
      );
    }
    return apply(movement.transpose, [t], { perm: order });
  });
}

/**
 * Inserts a dimension of size 1.
 * @param axis its position in the result; default 0.
 * @throws ArgumentError for an axis out of range
 * @example
 * sg.expandDims([1, 2], 1).shape; // [2, 1]
 */
export function expandDims(x: TensorLike, axis?: number | null): Tensor {
  return withOperand(x, 'expandDims', (t) => {
    const at = normalizeAxis(axis ?? 0, t.rank + 1, 'expandDims');
    return reshape(t, [...t.shape.slice(0, at), 1, ...t.shape.slice(at)]);
  });
}

/**
 * Removes dimensions of size 1.
 * @param axis one or several; by default (and for an empty list) all of size 1.
 * @throws ShapeError if one of them is not of size 1; ArgumentError
 * @example
 * sg.squeeze([[[1], [2]]]).shape; // [2]
 */
export function squeeze(x: TensorLike, axis?: number | readonly number[] | null): Tensor {
  return withOperand(x, 'squeeze', (t) => {
    const given = typeof axis === 'number' ? [axis] : checkAxes(axis ?? [], t.rank, 'squeeze');
    const axes = given.length ? checkAxes(given, t.rank, 'squeeze') : t.shape.flatMap((d, i) => (d === 1 ? [i] : []));
    for (const a of axes)
      if (t.shape[a] !== 1) throw new ShapeError(`squeeze: dimension ${a} of ${showShape(t.shape)} is not of size 1`);
    return reshape(
      t,
      t.shape.filter((_, i) => !axes.includes(i)),
    );
  });
}

/**
 * The part of x that starts at `begin`.
 * @param begin first index in each dimension; a number is that of the first dimension.
 * @param size of the part; -1, or no size, takes all elements that remain.
 * @throws ArgumentError if the part is not inside x
 * @example
 * sg.slice([[1, 2], [3, 4], [5, 6]], [1, 0], [2, 1]).arraySync(); // [[3], [5]]
 */
export function slice(
  x: TensorLike,
  begin: number | readonly number[],
  size?: number | readonly number[] | null,
): Tensor {
  return sliceOf(x, begin, size, 'slice');
}

/** `slice`, with the name that errors call it by. */
export function sliceOf(
  x: TensorLike,
  begin: number | readonly number[],
  size: number | readonly number[] | null | undefined,
  where: string,
): Tensor {
  return withOperand(x, where, (t) => {
    const from = placesOf(begin, where, 'begin');
    const length = size === undefined || size === null ? [] : placesOf(size, where, 'size');
    const starts = t.shape.map((_, i) => from[i] ?? 0);
    const sizes = t.shape.map((d, i) => {
      const s = length[i] ?? -1;
      return s === -1 ? d - (starts[i] as number) : s;
    });
    if (
      from.length > t.rank ||
      length.length > t.rank ||
      starts.some((b, i) => b < 0 || (sizes[i] as number) < 0 || b + (sizes[i] as number) > (t.shape[i] as number))
    ) {
      throw new ArgumentError(
        `${where}: begin [${String(from)}], size [${String(sizes)}] is outside ${showShape(t.shape)}`,
      );
    }
    return apply(movement.slice, [t], { begin: starts, size: sizes });
  });
}

/** Integers, one for each of the first dimensions. */
const placesOf = (value: unknown, where: string, argument: string): readonly number[] =>
  checkWholes(value, where, argument, Number.MIN_SAFE_INTEGER);

/**
 * Adds elements around x: `paddings[i] = [before, after]` of them along dimension i.
 * @param constantValue of the new elements; default 0.
 * @throws ArgumentError unless there is one pair of non-negative integers for each dimension
 * @example
 * sg.pad([[1, 2]], [[0, 1], [1, 0]]).arraySync(); // [[0, 1, 2], [0, 0, 0]]
 */
export function pad(x: TensorLike, paddings: Paddings, constantValue?: number | null): Tensor {
  return padOf(x, paddings, constantValue, 'pad');
}

/** `pad`, with the name that errors call it by. */
export function padOf(
  x: TensorLike,
  paddings: Paddings,
  constantValue: number | null | undefined,
  where: string,
): Tensor {
  return withOperand(x, where, (t) => {
    const pairs = checkPairs(paddings, where, 'paddings', t.rank);
    const value = checkNumber(constantValue, where, 'constantValue', 0);
    return apply(movement.pad, [t], { paddings: pairs.map(([before, after]) => [before, after] as const), value });
  });
}

/**
 * Joins tensors along an axis; all other dimensions must be equal. The result has the type of the first tensor, to
 * which the others are cast.
 * @param axis default 0.
 * @throws ShapeError if the other dimensions differ; ArgumentError for an empty list
 * @example
 * sg.concat([[[1, 2]], [[3, 4]]], 1).arraySync(); // [[1, 2, 3, 4]]
 */
export function concat(tensors: readonly TensorLike[], axis?: number | null): Tensor {
  return withOperands(tensors, 'concat', (list) => {
    const [head] = list;
    if (!head) throw new ArgumentError('concat: needs at least one tensor');
    const attrs = { axis: normalizeAxis(axis ?? 0, head.rank, 'concat') };
    if (list.every((t) => t.dtype === head.dtype)) return apply(movement.concat, list, attrs);
    return tidy(() =>
      apply(
        movement.concat,
        list.map((t) => cast(t, head.dtype)),
        attrs,
      ),
    );
  });
}

/**
 * For each index a row of `depth` elements: `onValue` at the index, `offValue` elsewhere. An index out of range has a
 * row of `offValue` only.
 * @param indices int32 of any shape.
 * @param onValue default 1.
 * @param offValue default 0.
 * @param dtype default 'float32'.
 * @returns [...indices.shape, depth]
 * @throws DTypeError for other indices, ArgumentError for a depth below 1
 * @example
 * sg.oneHot(sg.tensor1d([2, 0], 'int32'), 3).arraySync(); // [[0, 0, 1], [1, 0, 0]]
 */
export function oneHot(
  indices: TensorLike,
  depth: number,
  onValue?: number | null,
  offValue?: number | null,
  dtype?: DType | null,
): Tensor {
  const attrs = {
    depth: checkWhole(depth, 'oneHot', 'depth', 1),
    on: checkNumber(onValue, 'oneHot', 'onValue', 1),
    off: checkNumber(offValue, 'oneHot', 'offValue', 0),
    dtype: checkDType(dtype, 'oneHot', 'int32'),
    strict: false,
  };
  return tidy(() => {
    const t = toTensor(indices, 'oneHot', 'indices');
    const whole = t.dtype === 'float32' && t !== indices ? cast(t, 'int32') : t;
    if (whole.dtype !== 'int32') throw new DTypeError(`oneHot: indices must be int32, got ${t.dtype}`);
    return apply(movement.oneHot, [whole], attrs);
  });
}

/**
 * x itself, if it has the given shape; null matches any size.
 * @throws ShapeError if it does not
 * @example
 * sg.ensureShape(sg.ones([2, 3]), [null, 3]).shape; // [2, 3]
 */
export function ensureShape(x: TensorLike, shape: readonly (number | null)[]): Tensor {
  return withOperand(x, 'ensureShape', (t) => {
    checkList(shape, 'ensureShape', 'shape', 'integers or null');
    if (shape.length !== t.rank || Array.from(shape).some((d, i) => d !== null && d !== t.shape[i]))
      throw new ShapeError(`ensureShape: x is ${showShape(t.shape)}, which does not match ${show(shape)}`);
    return t.alias();
  });
}

/**
 * Another handle to the same elements, which never change; each handle is disposed of on its own.
 * @throws DisposedError if x was disposed of
 * @example
 * const a = sg.tensor([1, 2]);
 * const b = sg.clone(a);
 * a.dispose();
 * b.dataSync(); // [1, 2]
 */
export const clone = (x: TensorLike): Tensor => withOperand(x, 'clone', (t) => t.alias());

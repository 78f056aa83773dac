/** The largest elements, places in sorted rows, and distinct elements. */

import { relieved } from '../../runtime/pressure';
import { checkChoice, checkFlag, checkWhole, within } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { normalizeAxis, sameShape, showShape, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { NONE } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { common, numeric } from '../core/operands';
import { type TensorLike, tensor, toTensor } from '../create/creation';
import * as sorting from '../descriptors/sorting';
import { cast, equal } from '../math/arithmetic';
import { any } from '../math/reduce';
import { expandDims, reshape } from '../shape/shaping';

/**
 * The k largest elements along the last dimension and their indices, in descending order; of equal elements the first
 * one comes first. NaN counts as the largest. Gradients flow to the elements found.
 * @param x [..., n].
 * @param k default 1.
 * @param sorted for compatibility: the result is always sorted.
 * @returns values and indices (int32), both [..., k]
 * @throws ShapeError for a scalar; ArgumentError unless 0 <= k <= n
 * @example
 * sg.topk([1, 5, 3], 2).indices.dataSync(); // [1, 2]
 */
export function topk(x: TensorLike, k?: number | null, sorted?: boolean): { values: Tensor; indices: Tensor } {
  checkFlag(sorted, 'topk', 'sorted', true);
  return tidy(() => {
    const t = toTensor(x, 'topk');
    if (t.rank === 0) throw new ShapeError('topk: x must have at least one dimension, got a scalar');
    const count = checkWhole(k ?? 1, 'topk', 'k', 0, t.shape[t.rank - 1] as number);
    const indices = apply(sorting.topkIndices, [numeric(t, 'topk')], { k: count });
    return { values: apply(sorting.takeAlong, [t, indices], NONE), indices };
  });
}

/**
 * Whether each target is among its k largest predictions, as bool; of equal predictions the first ones count.
 * @param predictions [..., classes].
 * @param targets [...], class indices.
 * @param k default 1.
 * @returns bool, [...]
 * @throws ShapeError if the shapes do not fit; ArgumentError unless 1 <= k <= classes
 * @example
 * (await sg.inTopKAsync([[0.1, 0.9], [0.8, 0.2]], [1, 1])).dataSync(); // [1, 0]
 */
export async function inTopKAsync(predictions: TensorLike, targets: TensorLike, k?: number | null): Promise<Tensor> {
  const found = tidy(() => {
    const p = toTensor(predictions, 'inTopK', 'predictions');
    const t = cast(toTensor(targets, 'inTopK', 'targets'), 'int32');
    if (p.rank < 2 || !sameShape(p.shape.slice(0, -1), t.shape)) {
      throw new ShapeError(
        `inTopK: predictions must be [..., classes] of rank 2 or more and targets [...], got ${showShape(p.shape)} and ${showShape(t.shape)}`,
      );
    }
    const count = checkWhole(k ?? 1, 'inTopK', 'k', 1, p.shape[p.rank - 1] as number);
    return any(equal(topk(p, count).indices, expandDims(t, -1)), -1);
  });
  return relieved(found);
}

/**
 * Indices at which values can be inserted into sorted rows so that these stay sorted.
 * @param sortedSequence [..., n], each row ascending.
 * @param values [..., m].
 * @param side 'left' (default): before equal elements; 'right': after them.
 * @returns int32, [..., m]
 * @throws ShapeError if the leading dimensions differ; ArgumentError
 * @example
 * sg.searchSorted([1, 3, 3, 5], [3], 'right').dataSync(); // [3]
 */
export function searchSorted(sortedSequence: TensorLike, values: TensorLike, side?: 'left' | 'right' | null): Tensor {
  return searched(
    sortedSequence,
    values,
    checkChoice(side, 'searchSorted', 'side', ['left', 'right'], 'left'),
    'searchSorted',
  );
}

function searched(sortedSequence: TensorLike, values: TensorLike, side: 'left' | 'right', where: string): Tensor {
  return tidy(() => {
    const s = toTensor(sortedSequence, where, 'sortedSequence');
    const v = toTensor(values, where, 'values');
    if (s.rank === 0 || v.rank === 0)
      throw new ShapeError(`${where}: sortedSequence and values must have at least one dimension`);
    const dtype = common(s.dtype, v.dtype);
    // Leading dimensions count only by their product, as in TensorFlow.js.
    const rowsOf = (t: Tensor): Tensor =>
      reshape(cast(t, dtype), [sizeOf(t.shape.slice(0, -1)), t.shape[t.rank - 1] as number]);
    return within(where, () =>
      reshape(apply(sorting.searchSorted, [rowsOf(s), rowsOf(v)], { right: side === 'right' }), v.shape),
    );
  });
}

/**
 * `searchSorted` before equal elements: the index of the first element that is not smaller.
 * @returns int32, of the shape of `values`
 * @throws ShapeError if the leading dimensions differ
 * @example
 * sg.lowerBound([1, 3, 3, 5], [3]).dataSync(); // [1]
 */
export const lowerBound = (sortedSequence: TensorLike, values: TensorLike): Tensor =>
  searched(sortedSequence, values, 'left', 'lowerBound');

/**
 * `searchSorted` after equal elements: the index of the first element that is greater.
 * @returns int32, of the shape of `values`
 * @throws ShapeError if the leading dimensions differ
 * @example
 * sg.upperBound([1, 3, 3, 5], [3]).dataSync(); // [3]
 */
export const upperBound = (sortedSequence: TensorLike, values: TensorLike): Tensor =>
  searched(sortedSequence, values, 'right', 'upperBound');

/**
 * The distinct slices along an axis in the order of their first occurrence, and for each slice of x the index of the
 * equal one. NaN equals NaN and -0 equals 0. The shape depends on the values, so it cannot be traced.
 * @param axis default 0.
 * @returns values, and indices (int32, as long as the axis)
 * @throws ShapeError for a scalar; StateError in a compiled function
 * @example
 * sg.unique([2, 1, 2]).values.dataSync(); // [2, 1]
 */
export function unique(x: TensorLike, axis?: number | null): { values: Tensor; indices: Tensor } {
  return tidy(() => {
    const t = toTensor(x, 'unique');
    if (t.rank === 0) throw new ShapeError('unique: x must have at least one dimension, got a scalar');
    const at = normalizeAxis(axis ?? 0, t.rank, 'unique');
    const data = t.dataSync();
    const n = t.shape[at] as number;
    const inner = sizeOf(t.shape.slice(at + 1));
    const outer = sizeOf(t.shape.slice(0, at));
    /** What slices i have in common if they are alike. A Map takes NaN for NaN and -0 for 0, and so does text. */
    const keyOf = (i: number): number | string => {
      if (inner * outer === 1) return data[i] as number;
      let key = '';
      for (let o = 0; o < outer; o++) key += `${data.subarray((o * n + i) * inner, (o * n + i + 1) * inner).join()},`;
      return key;
    };
    const known = new Map<number | string, number>();
    const firsts: number[] = [];
    const indices = Int32Array.from({ length: n }, (_, i) => {
      const key = keyOf(i);
      const before = known.get(key);
      if (before !== undefined) return before;
      known.set(key, firsts.length);
      return firsts.push(i) - 1;
    });
    const shape = t.shape.map((d, i) => (i === at ? firsts.length : d));
    const values = data.slice(0, sizeOf(shape));
    for (let o = 0; o < outer; o++) {
      firsts.forEach((first, i) => {
        const from = (o * n + first) * inner;
        values.set(data.subarray(from, from + inner), (o * firsts.length + i) * inner);
      });
    }
    return { values: tensor(values, shape, t.dtype), indices: tensor(indices, [n], 'int32') };
  });
}

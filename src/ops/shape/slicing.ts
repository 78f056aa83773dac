/** Parts of tensors: strided and reversed slices, pieces along an axis. */

import { checkList, checkWhole, checkWholes, show } from '../../support/arguments';
import { ArgumentError, IndexError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { normalizeAxes, normalizeAxis, type Shape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { type TensorLike, withOperand } from '../create/creation';
import * as movement from '../descriptors/movement';
import { reshape, slice, sliceOf } from './shaping';

/** `withOperand` for functions that are named after a rank. @throws ShapeError unless x has it */
export function withRank<T>(x: TensorLike, rank: number, where: string, fn: (t: Tensor) => T): T {
  return withOperand(x, where, (t) => {
    if (t.rank !== rank) throw new ShapeError(`${where}: x must be of rank ${rank}, got ${showShape(t.shape)}`);
    return fn(t);
  });
}

/**
 * `slice` of a vector.
 * @throws ShapeError for another rank; ArgumentError if the part is not inside x
 * @example
 * sg.slice1d([1, 2, 3], 1, 2).dataSync(); // [2, 3]
 */
export const slice1d = (x: TensorLike, begin: number, size: number): Tensor =>
  withRank(x, 1, 'slice1d', (t) => sliceOf(t, [begin], [size], 'slice1d'));

/**
 * `slice` of a matrix.
 * @throws ShapeError for another rank; ArgumentError if the part is not inside x
 * @example
 * sg.slice2d([[1, 2], [3, 4]], [0, 1], [2, 1]).arraySync(); // [[2], [4]]
 */
export const slice2d = (x: TensorLike, begin: readonly number[], size: readonly number[]): Tensor =>
  withRank(x, 2, 'slice2d', (t) => sliceOf(t, begin, size, 'slice2d'));

/**
 * `slice` of a tensor of rank 3.
 * @throws ShapeError for another rank; ArgumentError if the part is not inside x
 * @example
 * sg.slice3d(sg.ones([4, 4, 4]), [1, 0, 0], [2, 4, 1]).shape; // [2, 4, 1]
 */
export const slice3d = (x: TensorLike, begin: readonly number[], size: readonly number[]): Tensor =>
  withRank(x, 3, 'slice3d', (t) => sliceOf(t, begin, size, 'slice3d'));

/**
 * `slice` of a tensor of rank 4.
 * @throws ShapeError for another rank; ArgumentError if the part is not inside x
 * @example
 * sg.slice4d(sg.ones([4, 4, 4, 4]), [1, 0, 0, 0], [2, 4, 4, 1]).shape; // [2, 4, 4, 1]
 */
export const slice4d = (x: TensorLike, begin: readonly number[], size: readonly number[]): Tensor =>
  withRank(x, 4, 'slice4d', (t) => sliceOf(t, begin, size, 'slice4d'));

/** A slice of every dimension, with the shape that comes out once dimensions were added and dropped. */
interface Plan {
  readonly begin: number[];
  readonly size: number[];
  readonly strides: number[];
  readonly shape: number[];
}

interface Masks {
  readonly begin: number;
  readonly end: number;
  readonly newAxis: number;
  readonly shrinkAxis: number;
}

/** One dimension of n elements, as Python's n[begin:end:stride]; undefined ends are the natural ones. */
function interval(n: number, begin: number | undefined, end: number | undefined, stride: number): [number, number] {
  const low = stride > 0 ? 0 : -1;
  const high = stride > 0 ? n : n - 1;
  const place = (at: number): number => Math.min(high, Math.max(low, at < 0 ? at + n : at));
  const from = begin === undefined ? (stride > 0 ? low : high) : place(begin);
  const to = end === undefined ? (stride > 0 ? high : low) : place(end);
  return [from, Math.max(0, Math.ceil((to - from) / stride))];
}

function planSlice(
  shape: Shape,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  ellipsis: number,
  masks: Masks,
): Plan {
  const plan: Plan = { begin: [], size: [], strides: [], shape: [] };
  const has = (mask: number, i: number): boolean => ((mask >> i) & 1) === 1;
  const isNew = (i: number): boolean => i !== ellipsis && has(masks.newAxis, i);
  const take = (from: number, size: number, stride: number, isKept = true): void => {
    plan.begin.push(from);
    plan.size.push(size);
    plan.strides.push(stride);
    if (isKept) plan.shape.push(size);
  };
  const named = begin.reduce((count, _, i) => count + (i === ellipsis || isNew(i) ? 0 : 1), 0);
  if (named > shape.length)
    throw new ArgumentError(`stridedSlice: ${named} dimensions are sliced, but x is ${showShape(shape)}`);
  const rest = (): void => take(0, shape[plan.size.length] as number, 1);
  begin.forEach((b, i) => {
    const d = plan.size.length;
    const n = shape[d] as number;
    const stride = strides[i] as number;
    if (i === ellipsis) for (let k = named; k < shape.length; k++) rest();
    else if (isNew(i)) plan.shape.push(1);
    else if (stride === 0)
      throw new ArgumentError(`stridedSlice: strides must be integers other than 0, got [${String(strides)}]`);
    else if (has(masks.shrinkAxis, i)) {
      const at = b < 0 ? b + n : b;
      if (stride < 0) throw new ArgumentError('stridedSlice: a dimension that is dropped needs a positive stride');
      if (at < 0 || at >= n)
        throw new IndexError(`stridedSlice: index ${b} is outside dimension ${d} of ${n} elements`);
      take(at, 1, 1, false);
    } else {
      const [from, size] = interval(
        n,
        has(masks.begin, i) ? undefined : b,
        has(masks.end, i) ? undefined : end[i],
        stride,
      );
      take(from, size, stride);
    }
  });
  while (plan.size.length < shape.length) rest();
  return plan;
}

/** A slice op, without strides where all are 1, so that it may be a view. */
export function takeSlice(t: Tensor, begin: number[], size: number[], strides: number[]): Tensor {
  // Where nothing is taken, the position does not matter; it only has to be inside.
  const from = begin.map((b, d) => (size[d] === 0 ? 0 : b));
  return apply(movement.slice, [t], { begin: from, size, ...(strides.every((s) => s === 1) ? {} : { strides }) });
}

/**
 * x[begin : end : strides] in every dimension, as in Python and NumPy: negative positions count from the end, positions
 * out of range are clipped, negative strides run backward. Dimensions that are not given are taken whole.
 * @param strides default 1.
 * @param beginMask bit i: begin[i] is ignored, and the interval starts at its natural end. `endMask` likewise.
 * @param ellipsisMask bit i: entry i covers all dimensions that no other entry covers; one bit at most.
 * @param newAxisMask bit i: entry i inserts a dimension of size 1.
 * @param shrinkAxisMask bit i: only begin[i] is taken, and the dimension is dropped.
 * @throws ArgumentError, IndexError
 * @example
 * sg.stridedSlice([1, 2, 3, 4, 5], [-1], [0], [-2]).dataSync(); // [5, 3]
 */
export function stridedSlice(
  x: TensorLike,
  begin: readonly number[],
  end: readonly number[],
  strides?: readonly number[] | null,
  beginMask?: number | null,
  endMask?: number | null,
  ellipsisMask?: number | null,
  newAxisMask?: number | null,
  shrinkAxisMask?: number | null,
): Tensor {
  return withOperand(x, 'stridedSlice', (t) => {
    const wholes = (value: readonly number[], argument: string): readonly number[] =>
      checkWholes(checkList(value, 'stridedSlice', argument), 'stridedSlice', argument, Number.MIN_SAFE_INTEGER);
    wholes(begin, 'begin');
    wholes(end, 'end');
    const steps = wholes(strides ?? begin.map(() => 1), 'strides');
    const mask = (value: number | null | undefined, argument: string): number =>
      checkWhole(value ?? 0, 'stridedSlice', argument);
    const ellipses = mask(ellipsisMask, 'ellipsisMask');
    if (end.length !== begin.length || steps.length !== begin.length) {
      throw new ArgumentError(
        `stridedSlice: begin, end and strides must be equally long, got ${begin.length}, ${end.length}, ${steps.length}`,
      );
    }
    if ((ellipses & (ellipses - 1)) !== 0)
      throw new ArgumentError(`stridedSlice: ellipsisMask may have one bit at most, got ${ellipses}`);
    const ellipsis = ellipses === 0 ? -1 : 31 - Math.clz32(ellipses);
    const masks = {
      begin: mask(beginMask, 'beginMask'),
      end: mask(endMask, 'endMask'),
      newAxis: mask(newAxisMask, 'newAxisMask'),
      shrinkAxis: mask(shrinkAxisMask, 'shrinkAxisMask'),
    };
    const plan = planSlice(t.shape, begin, end, steps, ellipsis, masks);
    return tidy(() => reshape(takeSlice(t, plan.begin, plan.size, plan.strides), plan.shape));
  });
}

/**
 * Reverses the order of the elements along axes.
 * @param axis one or several; default: all.
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.reverse([[1, 2], [3, 4]], 1).arraySync(); // [[2, 1], [4, 3]]
 */
export const reverse = (x: TensorLike, axis?: number | readonly number[] | null): Tensor =>
  reversed(x, axis, 'reverse');

function reversed(x: TensorLike, axis: number | readonly number[] | null | undefined, where: string): Tensor {
  return withOperand(x, where, (t) => {
    const axes = normalizeAxes(axis, t.rank, where);
    const begin = t.shape.map((d, i) => (axes.includes(i) ? d - 1 : 0));
    const strides = t.shape.map((_, i) => (axes.includes(i) ? -1 : 1));
    return takeSlice(t, begin, [...t.shape], strides);
  });
}

/**
 * `reverse` of a vector.
 * @throws ShapeError for another rank
 * @example
 * sg.reverse1d([1, 2, 3]).dataSync(); // [3, 2, 1]
 */
export const reverse1d = (x: TensorLike): Tensor => withRank(x, 1, 'reverse1d', (t) => reverse(t, 0));

/**
 * `reverse` of a matrix.
 * @param axis one or several; default: all.
 * @throws ShapeError for another rank; ArgumentError for an axis outside x
 * @example
 * sg.reverse2d([[1, 2], [3, 4]], 0).arraySync(); // [[3, 4], [1, 2]]
 */
export const reverse2d = (x: TensorLike, axis?: number | readonly number[]): Tensor =>
  withRank(x, 2, 'reverse2d', (t) => reversed(t, axis, 'reverse2d'));

/**
 * `reverse` of a tensor of rank 3.
 * @param axis one or several; default: all.
 * @throws ShapeError for another rank; ArgumentError for an axis outside x
 * @example
 * sg.reverse3d([[[1, 2]]], 2).arraySync(); // [[[2, 1]]]
 */
export const reverse3d = (x: TensorLike, axis?: number | readonly number[]): Tensor =>
  withRank(x, 3, 'reverse3d', (t) => reversed(t, axis, 'reverse3d'));

/**
 * `reverse` of a tensor of rank 4.
 * @param axis one or several; default: all.
 * @throws ShapeError for another rank; ArgumentError for an axis outside x
 * @example
 * sg.reverse4d([[[[1, 2]]]], 3).arraySync(); // [[[[2, 1]]]]
 */
export const reverse4d = (x: TensorLike, axis?: number | readonly number[]): Tensor =>
  withRank(x, 4, 'reverse4d', (t) => reversed(t, axis, 'reverse4d'));

function splitSizes(length: number, split: number | readonly number[], axis: number): number[] {
  const wrong = (why: string): ArgumentError =>
    new ArgumentError(`split: ${why} (axis ${axis} has ${length} elements, numOrSizeSplits is ${show(split)})`);
  if (typeof split === 'number') {
    if (!Number.isInteger(split) || split < 1) throw wrong('the number of pieces must be a positive integer');
    if (length % split !== 0) throw wrong('the number of pieces must divide the axis');
    return Array.from({ length: split }, () => length / split);
  }
  checkWholes(split, 'split', 'numOrSizeSplits', -1);
  if (split.filter((s) => s === -1).length > 1) throw wrong('at most one size may be -1');
  const known = split.reduce((sum, s) => sum + (s === -1 ? 0 : s), 0);
  const sizes = split.map((s) => (s === -1 ? length - known : s));
  if (sizes.some((s) => s < 0) || sizes.reduce((a, b) => a + b, 0) !== length)
    throw wrong('the sizes must be non-negative integers that add up to the axis');
  return sizes;
}

/**
 * Cuts x into pieces along an axis.
 * @param numOrSizeSplits a number of equal pieces, or the size of each; one size may be -1 and takes what remains.
 * @param axis default 0.
 * @throws ArgumentError if the pieces do not fill the axis
 * @example
 * sg.split([1, 2, 3, 4], 2).map((t) => t.arraySync()); // [[1, 2], [3, 4]]
 */
export function split(x: TensorLike, numOrSizeSplits: number | readonly number[], axis?: number | null): Tensor[] {
  return withOperand(x, 'split', (t) => {
    const along = normalizeAxis(axis ?? 0, t.rank, 'split');
    const sizes = splitSizes(t.shape[along] as number, numOrSizeSplits, along);
    let at = 0;
    return sizes.map((size) => {
      const begin = t.shape.map((_, i) => (i === along ? at : 0));
      at += size;
      return slice(
        t,
        begin,
        t.shape.map((d, i) => (i === along ? size : d)),
      );
    });
  });
}

/**
 * The slices of x along an axis, without that axis: [n, a, b] becomes n tensors of [a, b].
 * @param axis default 0.
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.unstack([[1, 2], [3, 4]]).map((t) => t.arraySync()); // [[1, 2], [3, 4]]
 */
export function unstack(x: TensorLike, axis?: number | null): Tensor[] {
  return withOperand(x, 'unstack', (t) => {
    const along = normalizeAxis(axis ?? 0, t.rank, 'unstack');
    const rest = t.shape.filter((_, i) => i !== along);
    return Array.from({ length: t.shape[along] as number }, (_, at) => {
      const begin = t.shape.map((_d, i) => (i === along ? at : 0));
      return tidy(() =>
        reshape(
          slice(
            t,
            begin,
            t.shape.map((d, i) => (i === along ? 1 : d)),
          ),
          rest,
        ),
      );
    });
  });
}

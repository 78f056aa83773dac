/** Functions that reduce dimensions, and softmax. */
import { checkFlag, show, within } from '../runtime/arguments';
import { ArgumentError, DTypeError } from '../runtime/errors';
import { tidy } from '../tensor/scope';
import { checkAxes, normalizeAxes, normalizeAxis } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import {
  abs,
  add,
  cast,
  div,
  equal,
  exp,
  greater,
  isFinite,
  less,
  log,
  maximum,
  mul,
  sqrt,
  square,
  sub,
  where,
} from './arithmetic';
import { fill, type TensorLike, toTensor, withOperand } from './creation';
import { stopGradient } from './custom';
import { NONE } from './descriptor';
import { apply } from './dispatch';
import { applyUnary, float, numeric } from './operands';
import { reshape, transpose } from './shaping';

/** One axis, several, or all if there is none. */
export type Axis = number | readonly number[] | null;

/** Axes and `keepDims` of a reduction, checked. */
const folded = (t: Tensor, axis: Axis | undefined, keepDims: boolean | undefined, where: string) => ({
  axes: normalizeAxes(axis, t.rank, where),
  keepDims: checkFlag(keepDims, where, 'keepDims'),
});

/** In float32, or exactly in int32; a bool counts as int32. */
const reduction =
  (name: 'sum' | 'prod') =>
  (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
    withOperand(x, name, (t) =>
      applyUnary(name, t, t.dtype === 'float32' ? 'float32' : 'int32', folded(t, axis, keepDims, name)),
    );

/** Sum along axes (all by default), by the fixed tree of the numeric contract; of int32 exact, modulo 2³². */
export const sum = reduction('sum');
/** Product along axes (all by default); of int32 exact, modulo 2³². */
export const prod = reduction('prod');

/** Arithmetic mean along axes (all by default), in float32. */
export const mean = (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
  withOperand(x, 'mean', (t) => applyUnary('mean', t, 'float32', folded(t, axis, keepDims, 'mean')));

/** Keeps the type: the maximum of bools is whether any is true, the minimum whether all are. */
const extreme =
  (name: 'max' | 'min', logical: 'any' | 'all') =>
  (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
    withOperand(x, name, (t) => apply(t.dtype === 'bool' ? logical : name, [t], folded(t, axis, keepDims, name)));

/** Maximum along axes (all by default), in x's type; NaN if any element is. */
export const max = extreme('max', 'any');
/** Minimum along axes (all by default), in x's type; NaN if any element is. */
export const min = extreme('min', 'all');

const truth =
  (name: 'all' | 'any') =>
  (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
    withOperand(x, name, (given) => {
      const t = x instanceof Tensor ? given : cast(given, 'bool');
      if (t.dtype !== 'bool') throw new DTypeError(`${name}: x must be bool, got ${t.dtype}`);
      return apply(name, [t], folded(t, axis, keepDims, name));
    });

/** Whether all elements along axes are true; plain numbers count as true where they are not 0. @throws DTypeError for a tensor that is not bool */
export const all = truth('all');
/** Whether any element along axes is true; plain numbers count as true where they are not 0. @throws DTypeError for a tensor that is not bool */
export const any = truth('any');

const place =
  (name: 'argMax' | 'argMin') =>
  (x: TensorLike, axis?: number | null): Tensor =>
    tidy(() => {
      const t = numeric(x, name);
      return apply(name, [t], { axis: normalizeAxis(axis ?? 0, t.rank, name) });
    });

/** Index of the first maximum along an axis, int32; NaN counts as the maximum. @throws ShapeError if the axis is empty */
export const argMax = place('argMax');
/** Index of the first minimum along an axis, int32; NaN counts as the minimum. @throws ShapeError if the axis is empty */
export const argMin = place('argMin');

/** log Σ exp(x) along axes (all by default), in float32; finite for x of any size. */
export function logSumExp(x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor {
  return tidy(() => {
    const t = float(x, 'logSumExp');
    const { axes, keepDims: isWide } = folded(t, axis, keepDims, 'logSumExp');
    const highest = max(t, axes, true);
    // Infinite extremes are no help: ∞ - ∞ is NaN.
    const shift = stopGradient(where(isFinite(highest), highest, 0));
    const total = sum(exp(sub(t, shift)), axes, true);
    // Of -∞ alone the logarithm has no slope: none flows back.
    const isNothing = equal(total, 0);
    const wide = add(shift, where(isNothing, Number.NEGATIVE_INFINITY, log(where(isNothing, 1, total))));
    return isWide ? wide : reshape(wide, withoutAxes(t.shape, axes));
  });
}

const withoutAxes = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.filter((_, i) => !axes.includes(i));

/**
 * Norm of vectors (one axis, or all elements if there is none) or matrices (two axes, of rows and of columns).
 *
 * @param ord 'euclidean' (of vectors also 2, of matrices also 'fro'): √Σ|x|²; 1: Σ|x|, of matrices the largest such sum
 * of a column; Infinity, -Infinity: the largest, smallest |x|, of matrices the largest, smallest Σ|x| of a row.
 * @param axis an axis, or [rows, columns]; negative ones count from the end.
 * @throws ArgumentError for another `ord`, or more than two axes
 * @example
 * sg.norm([3, 4]).dataSync(); // [5]
 */
export function norm(
  x: TensorLike,
  ord?: number | 'euclidean' | 'fro' | null,
  axis?: Axis,
  keepDims?: boolean,
): Tensor {
  return normOf(x, ord, axis, keepDims, 'norm');
}

function normOf(
  x: TensorLike,
  ord: number | string | null | undefined,
  axis: Axis | undefined,
  keepDims: boolean | undefined,
  where: string,
): Tensor {
  return within(where, () =>
    tidy(() => {
      const t = toTensor(x, where);
      const isWide = checkFlag(keepDims, where, 'keepDims');
      const given = axis === null || axis === undefined ? undefined : typeof axis === 'number' ? [axis] : axis;
      const axes = given && checkAxes(given, t.rank, where);
      const kind = ord ?? 'euclidean';
      const result = axes?.length === 2 ? matrixNorm(t, kind, axes) : vectorNorm(t, kind, axes);
      return isWide ? result : reshape(result, axes ? withoutAxes(t.shape, axes) : []);
    }),
  );
}

const unknownOrd = (ord: unknown, kind: string, known: string): ArgumentError =>
  new ArgumentError(`norm: ord ${show(ord)} is not known for ${kind}; known are ${known}`);

/** Keeps dimensions. */
function vectorNorm(t: Tensor, ord: number | string, axes: readonly number[] | undefined): Tensor {
  if (axes && axes.length !== 1) throw new ArgumentError(`norm: axis must be one or two axes, got [${String(axes)}]`);
  if (t.rank === 0) return abs(t);
  if (ord === 1) return sum(abs(t), axes, true);
  if (ord === Number.POSITIVE_INFINITY) return max(abs(t), axes, true);
  if (ord === Number.NEGATIVE_INFINITY) return min(abs(t), axes, true);
  if (ord === 'euclidean' || ord === 2) return rootOfSquares([t], axes);
  throw unknownOrd(ord, 'vectors', "'euclidean', 2, 1, Infinity and -Infinity");
}

/** Keeps dimensions. */
function matrixNorm(t: Tensor, ord: number | string, axes: readonly number[]): Tensor {
  const [rows, columns] = axes as [number, number];
  normalizeAxes(axes, t.rank, 'norm');
  if (ord === 1) return max(sum(abs(t), rows, true), columns, true);
  if (ord === Number.POSITIVE_INFINITY) return max(sum(abs(t), columns, true), rows, true);
  if (ord === Number.NEGATIVE_INFINITY) return min(sum(abs(t), columns, true), rows, true);
  if (ord === 'euclidean' || ord === 'fro') return rootOfSquares([t], axes);
  throw unknownOrd(ord, 'matrices', "'euclidean', 'fro', 1, Infinity and -Infinity");
}

/** 2^90, 2^50, 2^-55 and 2^-90: where squares overflow or lose digits, and where more is needed against it. */
const [ENORMOUS, HUGE] = [1.2379400392853803e27, 1.125899906842624e15];
const [SMALL, TINY] = [2.7755575615628914e-17, 8.077935669463161e-28];
/** 2^100 and 2^64. */
const [UNIT_100, UNIT_64] = [1.2676506002282294e30, 1.8446744073709552e19];

const unitAbove = (highest: Tensor, below: Tensor | number): Tensor =>
  where(greater(highest, ENORMOUS), UNIT_100, where(greater(highest, HUGE), UNIT_64, below));

/** A power of 2 by which the squares of numbers up to the highest neither overflow nor vanish; 1 for most. */
export const unitOf = (highest: Tensor): Tensor =>
  stopGradient(
    unitAbove(highest, where(less(highest, TINY), 1 / UNIT_100, where(less(highest, SMALL), 1 / UNIT_64, 1))),
  );

const highestOf = (t: Tensor, axes: Axis | undefined): Tensor => (t.size ? max(abs(t), axes, true) : fill([], 0));

/** x by a power of 2 along axes, so that sums of its squares do not overflow; as it is unless it is huge. */
export const withinSquares = (x: Tensor, axes?: Axis): Tensor => div(x, stopGradient(unitAbove(highestOf(x, axes), 1)));

/**
 * √Σx² of all tensors along axes (all by default), which are kept with size 1. Finite wherever the result is, and not 0
 * unless all elements are; the gradient there is 0: it does not come by way of the root.
 */
export function rootOfSquares(tensors: readonly Tensor[], axes?: Axis): Tensor {
  const parts = tensors.map((t) => cast(t, 'float32'));
  const unit = unitOf(parts.map((t) => highestOf(t, axes)).reduce((a, b) => maximum(a, b)));
  const squares = parts.map((t) => sum(square(div(t, unit)), axes, true)).reduce((a, b) => add(a, b));
  const isZero = equal(squares, 0);
  return mul(unit, where(isZero, 0, sqrt(where(isZero, 1, squares))));
}

/** √Σ|x|² along one or two axes, or over all elements. */
export const euclideanNorm = (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
  normOf(x, 'euclidean', axis, keepDims, 'euclideanNorm');

/** Mean and variance (divided by n) along axes. */
export function moments(x: TensorLike, axis?: Axis, keepDims?: boolean): { mean: Tensor; variance: Tensor } {
  return tidy(() => {
    const t = float(x, 'moments');
    const { axes, keepDims: isWide } = folded(t, axis, keepDims, 'moments');
    const wide = apply('mean', [t], { axes, keepDims: true });
    const variance = apply('mean', [apply('squaredDifference', [t, wide], NONE)], { axes, keepDims: isWide });
    return { mean: isWide ? wide : apply('reshape', [wide], { shape: variance.shape }), variance };
  });
}

const alongRows =
  (name: 'softmax' | 'logSoftmax') =>
  (logits: TensorLike, axis?: number | null): Tensor =>
    tidy(() => {
      const t = float(logits, name, 'logits');
      const at = normalizeAxis(axis ?? -1, t.rank, name);
      if (at === t.rank - 1) return apply(name, [t], NONE);
      // The axis changes places with the last one, and back.
      const perm = t.shape.map((_, i) => (i === at ? t.rank - 1 : i === t.rank - 1 ? at : i));
      return transpose(apply(name, [transpose(t, perm)], NONE), perm);
    });

/** exp(x) / Σ exp(x) along an axis (the last by default), finite for logits of any size. */
export const softmax = alongRows('softmax');
/** log(softmax(x)) along an axis (the last by default), exact where softmax itself underflows. */
export const logSoftmax = alongRows('logSoftmax');

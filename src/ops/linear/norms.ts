/** Norms of vectors and matrices, and roots of sums of squares whose squares neither overflow nor vanish. */
import { checkFlag, show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { checkAxes, normalizeAxes, withoutAxes } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { stopGradient } from '../core/custom-gradient';
import { fill, type TensorLike, toTensor } from '../create/creation';
import { abs, add, cast, div, equal, greater, less, maximum, mul, sqrt, square, where } from '../math/arithmetic';
import { type Axis, max, min, sum } from '../math/reduce';
import { reshape } from '../shape/shaping';

/**
 * Norm of vectors (one axis, or all elements by default) or matrices (two axes: of rows and of columns).
 * @param ord 'euclidean' (default; for vectors also 2, for matrices also 'fro'): √Σ|x|²; 1: Σ|x|, for matrices the
 *   largest such sum of a column; Infinity, -Infinity: the largest, smallest |x|, for matrices the largest, smallest
 *   Σ|x| of a row.
 * @param axis an axis, or [rows, columns]; negative ones count from the end.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
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
 * unless all elements are; the gradient there is 0: it does not come through the root.
 */
export function rootOfSquares(tensors: readonly Tensor[], axes?: Axis): Tensor {
  const parts = tensors.map((t) => cast(t, 'float32'));
  const unit = unitOf(parts.map((t) => highestOf(t, axes)).reduce((a, b) => maximum(a, b)));
  const squares = parts.map((t) => sum(square(div(t, unit)), axes, true)).reduce((a, b) => add(a, b));
  const isZero = equal(squares, 0);
  return mul(unit, where(isZero, 0, sqrt(where(isZero, 1, squares))));
}

/**
 * √Σ|x|² along one or two axes.
 * @param axis default: all elements.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @throws ArgumentError for more than two axes, or one outside x
 * @example
 * sg.euclideanNorm([[3, 4], [6, 8]], 1).dataSync(); // [5, 10]
 */
export const euclideanNorm = (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
  normOf(x, 'euclidean', axis, keepDims, 'euclideanNorm');

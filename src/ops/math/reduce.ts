/** Functions that reduce dimensions, and softmax. */
import { checkFlag } from '../../support/arguments';
import { DTypeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { normalizeAxes, normalizeAxis, withoutAxes } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { stopGradient } from '../core/custom-gradient';
import { NONE } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { applyUnary, float, numeric } from '../core/operands';
import { type TensorLike, withOperand } from '../create/creation';
import { reshape, transpose } from '../shape/shaping';
import { add, cast, equal, exp, isFinite, log, sub, where } from './arithmetic';

/** One axis, several, or all if it is left out; negative axes count from the end. */
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

/**
 * Sum along axes, added pairwise in a fixed order; of int32 exact, modulo 2³².
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns x's shape without the axes; bool becomes int32
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.sum([[1, 2], [3, 4]], 0).dataSync(); // [4, 6]
 */
export const sum = reduction('sum');

/**
 * Product along axes; of int32 exact, modulo 2³².
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns x's shape without the axes; bool becomes int32
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.prod([[1, 2], [3, 4]], 1).dataSync(); // [2, 12]
 */
export const prod = reduction('prod');

/**
 * Arithmetic mean along axes.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns float32, x's shape without the axes
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.mean([[1, 2], [3, 4]]).dataSync(); // [2.5]
 */
export const mean = (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
  withOperand(x, 'mean', (t) => applyUnary('mean', t, 'float32', folded(t, axis, keepDims, 'mean')));

/** Keeps the type: the maximum of bools is whether any is true, the minimum whether all are. */
const extreme =
  (name: 'max' | 'min', logical: 'any' | 'all') =>
  (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
    withOperand(x, name, (t) => apply(t.dtype === 'bool' ? logical : name, [t], folded(t, axis, keepDims, name)));

/**
 * Maximum along axes; NaN if any element is.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns x's type, x's shape without the axes
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.max([[1, 5], [3, 4]], 1).dataSync(); // [5, 4]
 */
export const max = extreme('max', 'any');

/**
 * Minimum along axes; NaN if any element is.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns x's type, x's shape without the axes
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.min([[1, 5], [3, 4]], 1).dataSync(); // [1, 3]
 */
export const min = extreme('min', 'all');

const truth =
  (name: 'all' | 'any') =>
  (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
    withOperand(x, name, (given) => {
      const t = x instanceof Tensor ? given : cast(given, 'bool');
      if (t.dtype !== 'bool') throw new DTypeError(`${name}: x must be bool, got ${t.dtype}`);
      return apply(name, [t], folded(t, axis, keepDims, name));
    });

/**
 * Whether all elements along axes are true. Numbers and arrays count as true where they are not 0.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns bool, x's shape without the axes
 * @throws DTypeError for a tensor that is not bool; ArgumentError for an axis outside x
 * @example
 * sg.all([[true, false], [true, true]], 1).dataSync(); // [0, 1]
 */
export const all = truth('all');

/**
 * Whether any element along axes is true. Numbers and arrays count as true where they are not 0.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns bool, x's shape without the axes
 * @throws DTypeError for a tensor that is not bool; ArgumentError for an axis outside x
 * @example
 * sg.any([[true, false], [false, false]], 1).dataSync(); // [1, 0]
 */
export const any = truth('any');

const place =
  (name: 'argMax' | 'argMin') =>
  (x: TensorLike, axis?: number | null): Tensor =>
    tidy(() => {
      const t = numeric(x, name);
      return apply(name, [t], { axis: normalizeAxis(axis ?? 0, t.rank, name) });
    });

/**
 * Index of the first maximum along an axis; NaN counts as the maximum.
 * @param axis default 0.
 * @returns int32, x's shape without the axis
 * @throws ShapeError if the axis is empty; ArgumentError for an axis outside x
 * @example
 * sg.argMax([[1, 5], [7, 4]], 1).dataSync(); // [1, 0]
 */
export const argMax = place('argMax');

/**
 * Index of the first minimum along an axis; NaN counts as the minimum.
 * @param axis default 0.
 * @returns int32, x's shape without the axis
 * @throws ShapeError if the axis is empty; ArgumentError for an axis outside x
 * @example
 * sg.argMin([[1, 5], [7, 4]], 1).dataSync(); // [0, 1]
 */
export const argMin = place('argMin');

/**
 * log Σ exp(x) along axes; finite for x of any size.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns float32, x's shape without the axes
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.logSumExp([1000, 1000]).dataSync(); // [1000.693]
 */
export function logSumExp(x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor {
  return tidy(() => {
    const t = float(x, 'logSumExp');
    const { axes, keepDims: isWide } = folded(t, axis, keepDims, 'logSumExp');
    const highest = max(t, axes, true);
    // Infinite extremes do not help: ∞ - ∞ is NaN.
    const shift = stopGradient(where(isFinite(highest), highest, 0));
    const total = sum(exp(sub(t, shift)), axes, true);
    // Of -∞ alone the logarithm has no slope: none flows back.
    const isNothing = equal(total, 0);
    const wide = add(shift, where(isNothing, Number.NEGATIVE_INFINITY, log(where(isNothing, 1, total))));
    return isWide ? wide : reshape(wide, withoutAxes(t.shape, axes));
  });
}

/**
 * Mean and variance (divided by n) along axes.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns `mean` and `variance`: float32, x's shape without the axes
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.moments([1, 3]).variance.dataSync(); // [1]
 */
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

/**
 * exp(x) / Σ exp(x) along an axis; finite for logits of any size.
 * @param axis default -1, the last.
 * @returns float32, of x's shape
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.softmax([0, 0]).dataSync(); // [0.5, 0.5]
 */
export const softmax = alongRows('softmax');

/**
 * log(softmax(x)) along an axis, accurate where softmax itself underflows.
 * @param axis default -1, the last.
 * @returns float32, of x's shape
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.logSoftmax([0, 0]).dataSync(); // [-0.693, -0.693]
 */
export const logSoftmax = alongRows('logSoftmax');

/** Functions that reduce dimensions, and softmax. */

import { checkFlag } from '../../support/arguments';
import { DTypeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { normalizeAxes, normalizeAxis, withoutAxes } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { stopGradient } from '../core/custom-gradient';
import { type Descriptor, NONE, type None } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { applyUnary, float, numeric } from '../core/operands';
import { type TensorLike, withOperand } from '../create/creation';
import * as elementwise from '../descriptors/elementwise';
import * as movement from '../descriptors/movement';
import type { ReduceAttrs } from '../descriptors/reduction';
import * as reductions from '../descriptors/reduction';
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
  (op: Descriptor<ReduceAttrs>) =>
  (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
    withOperand(x, op.name, (t) =>
      applyUnary(op, t, t.dtype === 'float32' ? 'float32' : 'int32', folded(t, axis, keepDims, op.name)),
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
export const sum = reduction(reductions.sum);

/**
 * Product along axes; of int32 exact, modulo 2³².
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns x's shape without the axes; bool becomes int32
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.prod([[1, 2], [3, 4]], 1).dataSync(); // [2, 12]
 */
export const prod = reduction(reductions.prod);

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
  withOperand(x, 'mean', (t) => applyUnary(reductions.mean, t, 'float32', folded(t, axis, keepDims, 'mean')));

/** Keeps the type: the maximum of bools is whether any is true, the minimum whether all are. */
const extreme =
  (op: Descriptor<ReduceAttrs>, logical: Descriptor<ReduceAttrs>) =>
  (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
    withOperand(x, op.name, (t) => apply(t.dtype === 'bool' ? logical : op, [t], folded(t, axis, keepDims, op.name)));

/**
 * Maximum along axes; NaN if any element is.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns x's type, x's shape without the axes
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.max([[1, 5], [3, 4]], 1).dataSync(); // [5, 4]
 */
export const max = extreme(reductions.max, reductions.any);

/**
 * Minimum along axes; NaN if any element is.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns x's type, x's shape without the axes
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.min([[1, 5], [3, 4]], 1).dataSync(); // [1, 3]
 */
export const min = extreme(reductions.min, reductions.all);

const truth =
  (op: Descriptor<ReduceAttrs>, name = op.name) =>
  (x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor =>
    withOperand(x, name, (given) => {
      const t = x instanceof Tensor ? given : cast(given, 'bool');
      if (t.dtype !== 'bool') throw new DTypeError(`${name}: x must be bool, got ${t.dtype}`);
      return apply(op, [t], folded(t, axis, keepDims, name));
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
export const all = truth(reductions.all);

/**
 * Whether any element along axes is true. Numbers and arrays count as true where they are not 0.
 * @param axis default: all.
 * @param keepDims whether reduced dimensions stay, with size 1; default false.
 * @returns bool, x's shape without the axes
 * @throws DTypeError for a tensor that is not bool; ArgumentError for an axis outside x
 * @example
 * sg.any([[true, false], [false, false]], 1).dataSync(); // [1, 0]
 */
export const any = truth(reductions.any);

const place =
  (op: Descriptor<{ readonly axis: number }>, name = op.name) =>
  (x: TensorLike, axis?: number | null): Tensor =>
    tidy(() => {
      const t = numeric(x, name);
      return apply(op, [t], { axis: normalizeAxis(axis ?? 0, t.rank, name) });
    });

/**
 * Index of the first maximum along an axis; NaN counts as the maximum.
 * @param axis default 0.
 * @returns int32, x's shape without the axis
 * @throws ShapeError if the axis is empty; ArgumentError for an axis outside x
 * @example
 * sg.argMax([[1, 5], [7, 4]], 1).dataSync(); // [1, 0]
 */
export const argMax = place(reductions.argMax);

/**
 * Index of the first minimum along an axis; NaN counts as the minimum.
 * @param axis default 0.
 * @returns int32, x's shape without the axis
 * @throws ShapeError if the axis is empty; ArgumentError for an axis outside x
 * @example
 * sg.argMin([[1, 5], [7, 4]], 1).dataSync(); // [0, 1]
 */
export const argMin = place(reductions.argMin);

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
    const wide = apply(reductions.mean, [t], { axes, keepDims: true });
    const variance = apply(reductions.mean, [apply(elementwise.squaredDifference, [t, wide], NONE)], {
      axes,
      keepDims: isWide,
    });
    return { mean: isWide ? wide : apply(movement.reshape, [wide], { shape: variance.shape }), variance };
  });
}

const alongRows =
  (op: Descriptor<None>, name = op.name) =>
  (logits: TensorLike, axis?: number | null): Tensor =>
    tidy(() => {
      const t = float(logits, name, 'logits');
      const at = normalizeAxis(axis ?? -1, t.rank, name);
      if (at === t.rank - 1) return apply(op, [t], NONE);
      // The axis changes places with the last one, and back.
      const perm = t.shape.map((_, i) => (i === at ? t.rank - 1 : i === t.rank - 1 ? at : i));
      return transpose(apply(op, [transpose(t, perm)], NONE), perm);
    });

/**
 * exp(x) / Σ exp(x) along an axis; finite for logits of any size.
 * @param axis default -1, the last.
 * @returns float32, of x's shape
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.softmax([0, 0]).dataSync(); // [0.5, 0.5]
 */
export const softmax = alongRows(reductions.softmax);

/**
 * log(softmax(x)) along an axis, accurate where softmax itself underflows.
 * @param axis default -1, the last.
 * @returns float32, of x's shape
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.logSoftmax([0, 0]).dataSync(); // [-0.693, -0.693]
 */
export const logSoftmax = alongRows(reductions.logSoftmax);

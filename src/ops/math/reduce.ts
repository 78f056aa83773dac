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

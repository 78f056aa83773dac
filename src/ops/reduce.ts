/** Functions that reduce dimensions, and softmax. */
import { DTypeError } from '../runtime/errors';
import { normalizeAxes, normalizeAxis } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { cast } from './arithmetic';
import { type TensorLike, toTensor } from './creation';
import { NONE } from './descriptor';
import { apply } from './dispatch';
import { transpose } from './shaping';

type Axis = number | readonly number[] | null;

const reduction =
  (name: 'sum' | 'mean' | 'prod' | 'max' | 'min') =>
  (x: TensorLike, axis?: Axis, keepDims = false): Tensor => {
    const t = toTensor(x, name);
    const out = apply(name, [cast(t, 'float32')], { axes: normalizeAxes(axis, t.rank, name), keepDims });
    return t.dtype === 'float32' || name === 'mean' ? out : cast(out, 'int32');
  };

/** Sum along axes (all by default), by the fixed tree of the numeric contract. */
export const sum = reduction('sum');
/** Arithmetic mean along axes (all by default), in float32. */
export const mean = reduction('mean');
/** Product along axes (all by default). */
export const prod = reduction('prod');
/** Maximum along axes (all by default); NaN if any element is. */
export const max = reduction('max');
/** Minimum along axes (all by default); NaN if any element is. */
export const min = reduction('min');

const truth =
  (name: 'all' | 'any') =>
  (x: TensorLike, axis?: Axis, keepDims = false): Tensor => {
    const t = toTensor(x, name);
    if (t.dtype !== 'bool') throw new DTypeError(`${name}: x must be bool, got ${t.dtype}`);
    return apply(name, [t], { axes: normalizeAxes(axis, t.rank, name), keepDims });
  };

/** Whether all elements along axes are true. */
export const all = truth('all');
/** Whether any element along axes is true. */
export const any = truth('any');

/** Index of the first maximum along an axis, int32. */
export function argMax(x: TensorLike, axis = 0): Tensor {
  const t = cast(toTensor(x, 'argMax'), 'float32');
  return apply('argMax', [t], { axis: normalizeAxis(axis, t.rank, 'argMax') });
}

/** Index of the first minimum along an axis, int32. */
export function argMin(x: TensorLike, axis = 0): Tensor {
  const t = cast(toTensor(x, 'argMin'), 'float32');
  return apply('argMin', [t], { axis: normalizeAxis(axis, t.rank, 'argMin') });
}

/** Mean and variance (divided by n) along axes. */
export function moments(x: TensorLike, axis?: Axis, keepDims = false): { mean: Tensor; variance: Tensor } {
  const t = cast(toTensor(x, 'moments'), 'float32');
  const axes = normalizeAxes(axis, t.rank, 'moments');
  const wide = apply('mean', [t], { axes, keepDims: true });
  const variance = apply('mean', [apply('squaredDifference', [t, wide], NONE)], { axes, keepDims });
  return { mean: keepDims ? wide : apply('reshape', [wide], { shape: variance.shape }), variance };
}

const alongRows =
  (name: 'softmax' | 'logSoftmax') =>
  (logits: TensorLike, axis = -1): Tensor => {
    const t = cast(toTensor(logits, name, 'logits'), 'float32');
    const at = normalizeAxis(axis, t.rank, name);
    if (at === t.rank - 1) return apply(name, [t], NONE);
    // The axis changes places with the last one, and back.
    const perm = t.shape.map((_, i) => (i === at ? t.rank - 1 : i === t.rank - 1 ? at : i));
    return transpose(apply(name, [transpose(t, perm)], NONE), perm);
  };

/** exp(x) / Σ exp(x) along an axis (the last by default), finite for logits of any size. */
export const softmax = alongRows('softmax');
/** log(softmax(x)) along an axis (the last by default), exact where softmax itself underflows. */
export const logSoftmax = alongRows('logSoftmax');

/** Softmax and its kin, normalizations, dropout. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import type { Value } from '../../graph/core/value';
import { nextKey } from '../../ops/core/keys';
import { fill, onesLike, scalar } from '../../ops/create/creation';
import { dropOf } from '../../ops/create/random';
import * as sg from '../../ops/math/arithmetic';
import { argMax, logSoftmax, mean, moments, softmax, sum } from '../../ops/math/reduce';
import { batchNorm } from '../../ops/neural/normalization';
import { oneHot, pad, reshape, slice, transpose } from '../../ops/shape/shaping';
import { sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { Variable } from '../../tensor/variable';
import { type Definition, type Definitions, define, firstThen } from './define';
import { lastOf, toFirst } from './layout';
import { axisOf } from './operands';

/** One along an axis, at the largest element. */
function hardmax(x: Tensor, axis: number): Tensor {
  const rows = oneHot(argMax(x, axis), x.shape[axis] as number, 1, 0, 'float32');
  const order = x.shape.slice(1).map((_, i) => i);
  order.splice(axis, 0, x.rank - 1);
  return transpose(rows, order);
}

/** Before opset 13 over all dimensions from the axis on, then along the axis alone. */
function alongAxis(f: (x: Tensor, axis: number) => Tensor): Definition {
  const together: Operator = (call) => {
    const x = call.tensor(0);
    const axis = axisOf(call, call.wholeOf('axis', 1), x.rank);
    return reshape(f(reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]), 1), x.shape);
  };
  const alone: Operator = (call) => {
    const x = call.tensor(0);
    return f(x, axisOf(call, call.wholeOf('axis', -1), x.rank));
  };
  return define({ 1: together, 13: alone });
}

const from = (axis: number, rank: number): number[] => Array.from({ length: rank - axis }, (_, i) => axis + i);

/** Over all dimensions from the axis on: result, mean, 1 / deviation. */
function layerNormalized(call: Call): readonly Value[] {
  const x = call.tensor(0);
  const axes = from(axisOf(call, call.wholeOf('axis', -1), x.rank), x.rank);
  const found = moments(x, axes, true);
  const inverse = sg.rsqrt(sg.add(found.variance, call.real('epsilon', 1e-5)));
  const y = sg.mul(sg.mul(sg.sub(x, found.mean), inverse), call.tensor(1));
  return [call.has(2) ? sg.add(y, call.tensor(2)) : y, found.mean, inverse];
}

function rootNormalized(call: Call): Value {
  const x = call.tensor(0);
  const axes = from(axisOf(call, call.wholeOf('axis', -1), x.rank), x.rank);
  const square = mean(sg.square(x), axes, true);
  return sg.mul(sg.mul(x, sg.rsqrt(sg.add(square, call.real('epsilon', 1e-5)))), call.tensor(1));
}

/** A vector with an element for each channel, the second dimension of x. */
export const perChannel = (vector: Tensor, x: Tensor): Tensor =>
  reshape(vector, [vector.size, ...x.shape.slice(2).map(() => 1)]);

/** Statistics of the batch, and the running ones moved toward them. */
function trained(call: Call, x: Tensor): readonly Value[] {
  const axes = x.shape.map((_, i) => i).filter((i) => i !== 1);
  const { mean: center, variance } = moments(x, axes);
  const momentum = call.real('momentum', 0.9);
  const moved = (running: Tensor, now: Tensor): Tensor => sg.add(sg.mul(running, momentum), sg.mul(now, 1 - momentum));
  const y = normalizedBy(call, x, center, variance);
  return [y, moved(call.tensor(3), center), moved(call.tensor(4), variance), center, variance];
}

function normalizedBy(call: Call, x: Tensor, center: Tensor, variance: Tensor): Tensor {
  const last = lastOf(x);
  const epsilon = call.real('epsilon', 1e-5);
  if (last) return toFirst(batchNorm(last, center, variance, call.tensor(2), call.tensor(1), epsilon));
  const [scale, offset] = [perChannel(call.tensor(1), x), perChannel(call.tensor(2), x)];
  return batchNorm(x, perChannel(center, x), perChannel(variance, x), offset, scale, epsilon);
}

/**
 * As a layer in training: by the statistics of the batch, toward which the running ones move; those of a layer that is
 * frozen stay.
 */
function asLayer(call: Call, x: Tensor): Value | undefined {
  const [scale, center, variance] = [call.value(1), call.value(3), call.value(4)];
  const isTrained = scale instanceof Variable && scale.trainable;
  if (!isTrained || !(center instanceof Variable) || !(variance instanceof Variable)) return undefined;
  const [y, movedCenter, movedVariance] = trained(call, x) as [Tensor, Tensor, Tensor];
  call.context.assign(center, movedCenter);
  call.context.assign(variance, movedVariance);
  return y;
}

const batchNormalized =
  (isTraining: (call: Call) => boolean): Operator =>
  (call) => {
    const x = call.tensor(0);
    if (isTraining(call)) return trained(call, x);
    const y = call.context.isTraining && call.outputCount === 1 ? asLayer(call, x) : undefined;
    return y ?? normalizedBy(call, x, call.tensor(3), call.tensor(4));
  };

const BATCH = { weights: [1, 2], statistics: [3, 4] };

function instanceNormalized(call: Call): Value {
  const x = call.tensor(0);
  const { mean: center, variance } = moments(x, from(2, x.rank), true);
  const [scale, offset] = [perChannel(call.tensor(1), x), perChannel(call.tensor(2), x)];
  return batchNorm(x, center, variance, offset, scale, call.real('epsilon', 1e-5));
}

/** Opset 18 has a scale for each group, opset 21 for each channel. */
const groupNormalized =
  (isPerGroup: boolean): Operator =>
  (call) => {
    const x = call.tensor(0);
    const [n, channels] = x.shape as [number, number];
    const groups = call.wholeOf('num_groups');
    if (groups < 1 || channels % groups) throw call.fail(`${channels} channels are not ${groups} groups`);
    const grouped = reshape(x, [n, groups, -1]);
    const { mean: center, variance } = moments(grouped, [2], true);
    const y = batchNorm(grouped, center, variance, null, null, call.real('epsilon', 1e-5));
    const [scale, offset] = [call.tensor(1), call.tensor(2)];
    if (!isPerGroup) return sg.add(sg.mul(reshape(y, x.shape), perChannel(scale, x)), perChannel(offset, x));
    const each = (t: Tensor): Tensor => reshape(t, [groups, 1]);
    return reshape(sg.add(sg.mul(y, each(scale)), each(offset)), x.shape);
  };

/** Over a window of channels. */
function responseNormalized(call: Call): Value {
  const x = call.tensor(0);
  const size = call.wholeOf('size');
  if (size < 1) throw call.fail(`attribute size must be positive, got ${size}`);
  const before = Math.floor((size - 1) / 2);
  const wide = pad(
    sg.square(x),
    x.shape.map((_, i) => (i === 1 ? [before, size - 1 - before] : [0, 0]) as [number, number]),
  );
  let total: Tensor | undefined;
  for (let i = 0; i < size; i++) {
    const part = slice(
      wide,
      x.shape.map((_, d) => (d === 1 ? i : 0)),
      x.shape,
    );
    total = total ? sg.add(total, part) : part;
  }
  const scaled = sg.add(sg.mul(total as Tensor, call.real('alpha', 1e-4) / size), call.real('bias', 1));
  return sg.div(x, sg.pow(scaled, call.real('beta', 0.75)));
}

/** To mean 0 and variance 1. */
function standardized(call: Call): Value {
  const x = call.tensor(0);
  const axes = call.numbers('axes', [0, 2, 3]).map((a) => axisOf(call, a, x.rank));
  const { mean: center, variance } = moments(x, axes, true);
  return sg.div(sg.sub(x, center), sg.add(sg.sqrt(variance), 1e-9));
}

function unit(call: Call): Value {
  const x = call.tensor(0);
  const axis = axisOf(call, call.wholeOf('axis', -1), x.rank);
  const p = call.wholeOf('p', 2);
  if (p !== 1 && p !== 2) throw call.fail(`attribute p must be 1 or 2, got ${p}`);
  const length = p === 1 ? sum(sg.abs(x), axis, true) : sg.sqrt(sum(sg.square(x), axis, true));
  return sg.divNoNan(x, length);
}

/** Nothing is dropped but in training: the ratio and whether it is training are operands from opset 12 on. */
function dropped(call: Call): readonly Value[] {
  const x = call.tensor(0);
  const ratio = call.has(1) ? call.number(1) : call.real('ratio', 0.5);
  // A file that does not say it drops in training.
  const isTraining = call.has(2) ? call.number(2) !== 0 : call.context.isTraining;
  if (!isTraining || ratio === 0) return [x, fill(x.shape, true, 'bool')];
  const seed = call.hasAttribute('seed') ? call.wholeOf('seed') : undefined;
  // The same draws of ones tell what was kept.
  const kept = dropOf(nextKey(seed), onesLike(x), ratio);
  return [sg.mul(x, kept), sg.greater(kept, scalar(0))];
}

export const normalizations: Definitions = {
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  Hardmax: alongAxis(hardmax),
  LayerNormalization: define({ 17: layerNormalized }, { weights: [1, 2], types: firstThen('float32') }),
  RMSNormalization: define({ 23: rootNormalized }, { weights: [1] }),
  BatchNormalization: define(
    {
      1: batchNormalized((call) => call.outputCount > 1 && !call.flag('is_test')),
      14: batchNormalized((call) => call.flag('training_mode')),
    },
    BATCH,
  ),
  InstanceNormalization: define(instanceNormalized, { weights: [1, 2] }),
  GroupNormalization: define({ 18: groupNormalized(true), 21: groupNormalized(false) }, { weights: [1, 2] }),
  LRN: define(responseNormalized),
  MeanVarianceNormalization: define({ 9: standardized }),
  LpNormalization: define(unit),
  Dropout: define(dropped, { isPure: false, known: [1, 2], types: firstThen('bool') }),
};

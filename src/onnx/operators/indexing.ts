/** Values by their index, and values put where indices say. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import type { Value } from '../../graph/core/value';
import { cast } from '../../ops/core/cast';
import { apply } from '../../ops/core/dispatch';
import { fill, tensor } from '../../ops/create/creation';
import { range } from '../../ops/create/sequences';
import * as sorting from '../../ops/descriptors/sorting';
import { gather, gatherND, scatterND, tensorScatterUpdate } from '../../ops/indexing/indexing';
import * as sg from '../../ops/math/arithmetic';
import { max, min, prod, sum } from '../../ops/math/reduce';
import { concat, oneHot, reshape, slice, transpose } from '../../ops/shape/shaping';
import { checkElements, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { dtypeOf } from '../read/elements';
import { type Definitions, define, same } from './define';
import { axisOf, moved, outputType, wrapped } from './operands';

const integer = (value: number): Tensor => fill([], value, 'int32');

/** Indices from 0 on; negative ones count from the end of `size` elements. */
export function fromStart(call: Call, i: number, size: number): Tensor {
  const known = call.known(i);
  if (known) {
    const data = Int32Array.from(known.data, (v) => (v < 0 ? v + size : v));
    return tensor(data, [...known.shape], 'int32');
  }
  const t = cast(call.tensor(i), 'int32');
  return sg.where(sg.less(t, integer(0)), sg.add(t, integer(size)), t);
}

function gathered(call: Call): Value {
  const shape = call.shape(0);
  const axis = axisOf(call, call.wholeOf('axis', 0), shape.length);
  const pick = (x: Tensor): Tensor => gather(x, fromStart(call, 1, shape[axis] as number), axis);
  return call.known(1) ? moved(call, [call.value(0)], pick) : pick(call.tensor(0));
}

/** The order of dimensions with one of them last, and back. */
function lastOrder(rank: number, axis: number): { there: number[]; back: number[] } {
  const there = Array.from({ length: rank }, (_, i) => i);
  there.splice(axis, 1);
  there.push(axis);
  const back = new Array<number>(rank);
  there.forEach((d, i) => {
    back[d] = i;
  });
  return { there, back };
}

/** out[…, i, …] = x[…, indices[…, i, …], …] */
export function takenAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  const size = x.shape.map((d, i) => (i === axis ? d : (indices.shape[i] as number)));
  const rows = size.some((d, i) => d !== x.shape[i])
    ? slice(
        x,
        size.map(() => 0),
        size,
      )
    : x;
  const take = (a: Tensor, b: Tensor): Tensor => apply(sorting.takeAlong, [a, b], {});
  if (axis === x.rank - 1) return take(rows, indices);
  const { there, back } = lastOrder(x.rank, axis);
  return transpose(take(transpose(rows, there), transpose(indices, there)), back);
}

function gatheredElements(call: Call): Value {
  const shape = call.shape(0);
  const axis = axisOf(call, call.wholeOf('axis', 0), shape.length);
  const pick = (x: Tensor): Tensor => takenAlong(x, fromStart(call, 1, shape[axis] as number), axis);
  return call.known(1) ? moved(call, [call.value(0)], pick) : pick(call.tensor(0));
}

/** Tuples of coordinates from 0 on. */
function coordinates(call: Call, i: number, dims: readonly number[]): Tensor {
  const t = cast(call.tensor(i), 'int32');
  const sizes = tensor(Int32Array.from(dims), [dims.length], 'int32');
  return sg.where(sg.less(t, integer(0)), sg.add(t, sizes), t);
}

function gatheredTuples(call: Call): Value {
  const shape = call.shape(0);
  const at = call.shape(1);
  const lead = call.wholeOf('batch_dims', 0);
  const depth = at.at(-1) ?? 0;
  if (lead < 0 || lead + depth > shape.length)
    throw call.fail(`indices [${String(at)}] do not fit [${String(shape)}] with batch_dims ${lead}`);
  const pick = (x: Tensor): Tensor => {
    const tuples = coordinates(call, 1, shape.slice(lead, lead + depth));
    if (lead === 0) return gatherND(x, tuples);
    const batch = shape.slice(0, lead);
    const [count, rest] = [sizeOf(batch), at.slice(lead, -1)];
    const rows = reshape(tuples, [count, sizeOf(rest), depth]);
    const number = sg.broadcastTo(reshape(range(0, count, 1, 'int32'), [count, 1, 1]), [count, sizeOf(rest), 1]);
    const inner = shape.slice(lead + depth);
    const y = gatherND(reshape(x, [count, ...shape.slice(lead)]), concat([number, rows], 2));
    return reshape(y, [...batch, ...rest, ...inner]);
  };
  return call.known(1) ? moved(call, [call.value(0)], pick) : pick(call.tensor(0));
}

/** Elements of a table of which update goes where. */
const MOST_AT_ONCE = 1 << 22;

/**
 * Rows that updates are combined with.
 * @param x [n, inner]
 * @param at [k]: the row of each update
 * @param updates [k, inner]
 */
function combined(call: Call, x: Tensor, at: Tensor, updates: Tensor, how: string): Tensor {
  const [n, inner] = x.shape as [number, number];
  const column = reshape(at, [-1, 1]);
  if (how === 'none') return tensorScatterUpdate(x, column, updates);
  if (how === 'add') return sg.add(x, scatterND(column, updates, [n, inner]));
  const forms: Record<string, [(t: Tensor, axis: number) => Tensor, (a: Tensor, b: Tensor) => Tensor, number]> = {
    mul: [prod, sg.mul, 1],
    max: [max, sg.maximum, Number.NEGATIVE_INFINITY],
    min: [min, sg.minimum, Number.POSITIVE_INFINITY],
  };
  const form = Object.hasOwn(forms, how) ? forms[how] : undefined;
  if (!form) throw call.fail(`attribute reduction must be none, add, mul, max or min, got '${how}'`);
  const [fold, join, neutral] = form;
  const least = x.dtype === 'int32' ? Math.max(-0x80000000, Math.min(0x7fffffff, neutral)) : neutral;
  const k = at.size;
  const each = Math.max(1, Math.floor(MOST_AT_ONCE / Math.max(1, n * inner)));
  let y = x;
  for (let from = 0; from < k; from += each) {
    const count = Math.min(each, k - from);
    const rows = reshape(slice(at, [from], [count]), [1, count, 1]);
    const isHere = sg.equal(rows, reshape(range(0, n, 1, 'int32'), [n, 1, 1]));
    const values = reshape(slice(updates, [from, 0], [count, inner]), [1, count, inner]);
    y = join(y, fold(sg.where(isHere, values, fill([], least, x.dtype)), 1));
  }
  return y;
}

/** Positions of elements in a tensor of a shape, where one coordinate is an index. */
function flatPositions(indices: Tensor, shape: readonly number[], axis: number): Tensor {
  const strides = shape.map((_, d) => sizeOf(shape.slice(d + 1)));
  let flat = sg.mul(indices, integer(strides[axis] as number));
  indices.shape.forEach((count, d) => {
    if (d === axis) return;
    const steps = sg.mul(range(0, count, 1, 'int32'), integer(strides[d] as number));
    const place = indices.shape.map((_, i) => (i === d ? count : 1));
    flat = sg.add(flat, reshape(steps, place));
  });
  return reshape(flat, [-1]);
}

const asNumbers = (x: Tensor): Tensor => (x.dtype === 'bool' ? cast(x, 'int32') : x);

function scatteredElements(call: Call): Value {
  const x = call.tensor(0);
  const axis = axisOf(call, call.wholeOf('axis', 0), x.rank);
  const indices = fromStart(call, 1, x.shape[axis] as number);
  const at = flatPositions(indices, x.shape, axis);
  const how = call.text('reduction', 'none');
  const y = combined(call, reshape(asNumbers(x), [-1, 1]), at, reshape(asNumbers(call.tensor(2)), [-1, 1]), how);
  return wrapped(cast(reshape(y, x.shape), x.dtype), outputType(call));
}

function scatteredTuples(call: Call): Value {
  const x = call.tensor(0);
  const shape = call.shape(1);
  const depth = shape.at(-1) ?? 0;
  if (depth > x.rank) throw call.fail(`indices [${String(shape)}] do not fit [${String(x.shape)}]`);
  const dims = x.shape.slice(0, depth);
  const tuples = coordinates(call, 1, dims);
  const strides = tensor(
    Int32Array.from(dims, (_, d) => sizeOf(dims.slice(d + 1))),
    [depth],
    'int32',
  );
  const at = reshape(sum(sg.mul(tuples, strides), -1), [-1]);
  const inner = sizeOf(x.shape.slice(depth));
  const how = call.text('reduction', 'none');
  const updates = reshape(asNumbers(call.tensor(2)), [at.size, inner]);
  const y = combined(call, reshape(asNumbers(x), [sizeOf(dims), inner]), at, updates, how);
  return wrapped(cast(reshape(y, x.shape), x.dtype), outputType(call));
}

/** A row of zeros and a one for each index; outside of the range it is zeros only. */
function hot(call: Call): Value {
  const depth = call.int(1);
  const type = outputType(call);
  const dtype = type ? dtypeOf(type) : 'float32';
  const values = cast(call.tensor(2), dtype === 'bool' ? 'int32' : dtype);
  const shape = call.shape(0);
  checkElements(sizeOf(shape) * Math.max(1, depth), call.where);
  const given = sg.cast(call.tensor(0), 'int32');
  const indices = sg.where(sg.less(given, integer(0)), sg.add(given, integer(depth)), given);
  const axis = call.wholeOf('axis', -1);
  const place = axis < 0 ? axis + shape.length + 1 : axis;
  if (place < 0 || place > shape.length) throw call.fail(`axis ${axis} is outside of rank ${shape.length + 1}`);
  const isOn = cast(oneHot(indices, depth, 1, 0, 'int32'), 'bool');
  const [off, on] = [slice(values, [0], [1]), slice(values, [1], [1])];
  const rows = cast(sg.where(isOn, reshape(on, []), reshape(off, [])), dtype);
  const order = shape.map((_, i) => i);
  order.splice(place, 0, shape.length);
  return transpose(rows, order);
}

/** New rows of a cache along an axis, from a position on that each row of the batch has for itself. */
function updatedCache(call: Call): Value {
  const [cache, update] = [call.tensor(0), call.tensor(1)];
  const axis = axisOf(call, call.wholeOf('axis', -2), cache.rank);
  const [batch, size, count] = [cache.shape[0] as number, cache.shape[axis] as number, update.shape[axis] as number];
  const start = call.has(2) ? cast(call.tensor(2), 'int32') : fill([batch], 0, 'int32');
  const rows = sg.add(reshape(start, [batch, 1]), reshape(range(0, count, 1, 'int32'), [1, count]));
  const at = call.text('mode', 'linear') === 'circular' ? sg.mod(rows, integer(size)) : rows;
  const wide = update.shape.map((d, i) => (i === 0 || i === axis ? d : 1));
  const indices = sg.broadcastTo(reshape(at, wide), update.shape);
  const flat = flatPositions(indices, cache.shape, axis);
  return reshape(tensorScatterUpdate(reshape(cache, [-1]), reshape(flat, [-1, 1]), reshape(update, [-1])), cache.shape);
}

const scatter: Operator = scatteredElements;

export const picks: Definitions = {
  Gather: define(gathered),
  GatherElements: define({ 11: gatheredElements }),
  GatherND: define({ 11: gatheredTuples }),
  Scatter: define({ 9: scatter }),
  ScatterElements: define({ 11: scatter }),
  ScatterND: define({ 11: scatteredTuples }),
  TensorScatter: define({ 24: updatedCache }),
  OneHot: define({ 9: hot }, { known: [1], types: same(2) }),
};

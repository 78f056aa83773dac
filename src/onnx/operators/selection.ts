/** Elements selected by their values: the largest, those that are not zero, distinct ones. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import { HostArray, Texts, type Value } from '../../graph/core/value';
import { tensor } from '../../ops/create/creation';
import { range } from '../../ops/create/sequences';
import { gather } from '../../ops/indexing/indexing';
import { topk } from '../../ops/indexing/sorting';
import * as sg from '../../ops/math/arithmetic';
import { reshape, transpose } from '../../ops/shape/shaping';
import { sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { type Definitions, define, firstThen, fixed } from './define';
import { takenAlong } from './indexing';
import { axisOf, integers, moved } from './operands';

const indexTensor = (values: readonly number[], shape: readonly number[]): Tensor =>
  tensor(Int32Array.from(values), [...shape], 'int32');

const largest =
  (countOf: (call: Call) => number): Operator =>
  (call) => {
    const x = call.tensor(0);
    const axis = axisOf(call, call.wholeOf('axis', -1), x.rank);
    const [count, size] = [countOf(call), x.shape[axis] as number];
    if (count < 0 || count > size) throw call.fail(`cannot take ${count} of ${size} elements`);
    const order = x.shape.map((_, i) => i);
    order.splice(axis, 1);
    order.push(axis);
    const isLast = axis === x.rank - 1;
    const rows = isLast ? x : transpose(x, order);
    const ranked = call.flag('largest', true) ? rows : sg.neg(rows);
    const found = topk(ranked, count).indices;
    const back = order.map((_, i) => order.indexOf(i));
    const indices = isLast ? found : transpose(found, back);
    return [takenAlong(x, indices, axis), indices];
  };

/** Coordinates of the elements that are not zero: [rank, n]. */
function nonZero(call: Call): Value {
  const { data, shape } = call.data(0);
  const places: number[] = [];
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) places.push(i);
  let inner = sizeOf(shape);
  const rows = shape.map((d) => {
    inner /= d;
    return places.map((i) => Math.floor(i / inner) % d);
  });
  return indexTensor(rows.flat(), [shape.length, places.length]);
}

/** Slices along an axis, or elements of all, where a condition holds. */
function compressed(call: Call): Value {
  const { data } = call.data(1);
  const places = Array.from(data.length === 0 ? [] : data).flatMap((v, i) => (v ? [i] : []));
  const shape = call.shape(0);
  const axis = call.hasAttribute('axis') ? axisOf(call, call.wholeOf('axis'), shape.length) : undefined;
  const size = axis === undefined ? sizeOf(shape) : (shape[axis] as number);
  if (places.some((i) => i >= size)) throw call.fail(`the condition holds beyond ${size} elements`);
  const at = indexTensor(places, [places.length]);
  return moved(call, [call.value(0)], (x) => gather(axis === undefined ? reshape(x, [x.size]) : x, at, axis ?? 0));
}

type Element = number | bigint | string;

/** Elements of an operand, exactly. */
function elementsOf(call: Call, i: number): { readonly data: readonly Element[]; readonly shape: readonly number[] } {
  const value = call.value(i);
  if (value instanceof Texts) return value;
  const { data, exact, shape } = call.data(i);
  return { data: exact ?? Array.from(data), shape };
}

/** NaN is behind all other numbers. */
function compare(a: readonly Element[], b: readonly Element[]): number {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as Element, b[i] as Element];
    if (x < y) return -1;
    if (x > y) return 1;
    if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) return Number.isNaN(x) ? 1 : -1;
  }
  return 0;
}

/** A value like an operand, of other elements. */
function like(value: Value, data: readonly Element[], shape: readonly number[]): Value {
  if (value instanceof Texts) return new Texts(data as string[], shape);
  const dtype = (value as HostArray | Tensor).dtype;
  if (data.some((v) => typeof v === 'bigint'))
    return integers(
      data.map((v) => BigInt(v)),
      shape,
      dtype,
    );
  if (value instanceof HostArray) return new HostArray(data as number[], shape, dtype);
  return tensor(Float64Array.from(data as number[]), [...shape], dtype);
}

/** Distinct elements, or slices along an axis: where each comes first, which each element is, how often it is there. */
function unique(call: Call): readonly Value[] {
  const { data, shape } = elementsOf(call, 0);
  const axis = call.hasAttribute('axis') ? axisOf(call, call.wholeOf('axis'), shape.length) : undefined;
  const dims = axis === undefined ? [1, data.length, 1] : [0, shape[axis] as number, 0];
  if (axis !== undefined) [dims[0], dims[2]] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const [outer, count, inner] = dims as [number, number, number];
  const sliceAt = (i: number): Element[] =>
    Array.from({ length: outer * inner }, (_, k) => {
      const [o, r] = [Math.floor(k / inner), k % inner];
      return data[(o * count + i) * inner + r] as Element;
    });
  const known = new Map<string, number>();
  const kinds: { first: number; count: number; elements: Element[] }[] = [];
  const kindOf = Array.from({ length: count }, (_, i) => {
    const elements = sliceAt(i);
    const key = elements.map((e) => (typeof e === 'string' ? JSON.stringify(e) : String(e))).join();
    const before = known.get(key);
    if (before !== undefined) {
      (kinds[before] as { count: number }).count++;
      return before;
    }
    known.set(key, kinds.length);
    return kinds.push({ first: i, count: 1, elements }) - 1;
  });
  const order = kinds.map((_, k) => k);
  if (call.flag('sorted', true)) order.sort((a, b) => compare(kinds[a]?.elements ?? [], kinds[b]?.elements ?? []));
  const sorted = order.map((k) => kinds[k] as (typeof kinds)[number]);
  const rank = new Array<number>(kinds.length);
  order.forEach((k, place) => {
    rank[k] = place;
  });
  const n = sorted.length;
  const values = Array.from({ length: outer * n * inner }, (_, i) => {
    const [o, k, r] = [Math.floor(i / (n * inner)), Math.floor(i / inner) % n, i % inner];
    return sorted[k]?.elements[o * inner + r] as Element;
  });
  return [
    like(call.value(0), values, axis === undefined ? [n] : shape.map((d, i) => (i === axis ? n : d))),
    indexTensor(
      sorted.map(({ first }) => first),
      [n],
    ),
    indexTensor(
      kindOf.map((k) => rank[k] as number),
      [count],
    ),
    indexTensor(
      sorted.map((k) => k.count),
      [n],
    ),
  ];
}

/** The beginning of each sequence of a batch, back to front. */
function reversedSequences(call: Call): Tensor {
  const x = call.tensor(0);
  const [batchAxis, timeAxis] = [
    axisOf(call, call.wholeOf('batch_axis', 1), x.rank),
    axisOf(call, call.wholeOf('time_axis', 0), x.rank),
  ];
  if (batchAxis === timeAxis) throw call.fail('attributes batch_axis and time_axis must differ');
  const rest = x.shape.map((_, i) => i).filter((i) => i !== batchAxis && i !== timeAxis);
  const order = [batchAxis, timeAxis, ...rest];
  const moves = transpose(x, order);
  const [batch, time] = moves.shape as [number, number];
  const lengths = reshape(sg.cast(call.tensor(1), 'int32'), [batch, 1]);
  const at = reshape(range(0, time, 1, 'int32'), [1, time]);
  const one = indexTensor([1], [1]);
  const source = sg.where(sg.less(at, lengths), sg.sub(sg.sub(lengths, one), at), at);
  const first = sg.mul(reshape(range(0, batch, 1, 'int32'), [batch, 1]), indexTensor([time], [1]));
  const rows = reshape(moves, [batch * time, sizeOf(moves.shape.slice(2))]);
  const picked = gather(rows, reshape(sg.add(first, source), [batch * time]));
  return transpose(
    reshape(picked, moves.shape),
    order.map((_, i) => order.indexOf(i)),
  );
}

export const selections: Definitions = {
  TopK: define(
    { 1: largest((call) => call.wholeOf('k')), 10: largest((call) => call.int(1)) },
    { known: [1], types: firstThen('int64') },
  ),
  NonZero: define({ 9: nonZero }, { types: fixed('int64') }),
  Compress: define({ 9: compressed }),
  Unique: define({ 11: unique }, { types: firstThen('int64') }),
  ReverseSequence: define({ 10: reversedSequences }),
};

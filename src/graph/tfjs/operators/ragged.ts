/** Rows of different lengths: flat values, and where each row begins; and sparse tensors: values and their coordinates. */
import { tensor } from '../../../ops/create/creation';
import { gather, unsortedSegmentSum } from '../../../ops/indexing/indexing';
import { broadcastTo, cast, div } from '../../../ops/math/arithmetic';
import { concat, reshape } from '../../../ops/shape/shaping';
import { IndexError } from '../../../support/errors';
import { checkElements, inferShape, showShape, sizeOf, stridesOf } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operators } from '../../core/registry';
import { hostList, type Value } from '../../core/value';

const vector = (values: readonly number[]): Tensor => tensor(Int32Array.from(values), [values.length], 'int32');
const numbers = (call: Call, i: number): number[] => Array.from(call.data(i).data);
const integers = (call: Call, i: number): number[] => numbers(call, i).map((v) => call.whole(v, `input ${i}`));

/** Where rows begin, and where the last one ends. @throws FormatError unless they ascend, from 0 to at most `count` */
function splits(call: Call, i: number, count: number): number[] {
  const list = integers(call, i);
  const isAscending = list.every((v, k) => v >= (list[k - 1] ?? 0));
  if (list.length === 0 || list[0] !== 0 || !isAscending || (list.at(-1) as number) > count)
    throw call.fail(`input ${i} must ascend from 0 to at most ${count}, got [${list.slice(0, 8).join(', ')}]`);
  return list;
}

/** Rows of a tensor by index; one index more stands for another row. */
function rowsOr(x: Tensor, other: Tensor, indices: readonly number[]): Tensor {
  const row = broadcastTo(cast(other, x.dtype), [1, ...x.shape.slice(1)]);
  return gather(concat([x, row], 0), vector(indices), 0);
}

function gatherRows(call: Call): Value[] {
  const last = call.count - 1;
  const values = call.tensor(last - 1);
  const depth = last - 1;
  if (depth < 1) throw call.fail('needs splits, values and indices');
  const levels = Array.from({ length: depth }, (_, d) =>
    splits(call, d, d === depth - 1 ? (values.shape[0] ?? 0) : call.shape(d + 1).reduce((a, b) => a * b, 1)),
  );
  const shape = call.shape(last);
  const rows = (levels[0] as number[]).length - 1;
  let ranges = integers(call, last).map((i): [number, number] => {
    if (i < 0 || i >= rows) throw new IndexError(`${call.where}: row ${i} of ${rows}`);
    return [i, i + 1];
  });
  const out: number[][] = shape.slice(0, -1).map((_, d) => {
    const count = sizeOf(shape.slice(0, d + 1));
    return Array.from({ length: count + 1 }, (_, k) => k * (shape[d + 1] as number));
  });
  for (const level of levels) {
    const lengths = [0];
    for (const [from, to] of ranges)
      for (let row = from; row < to; row++)
        lengths.push((lengths.at(-1) as number) + (level[row + 1] as number) - (level[row] as number));
    out.push(lengths);
    ranges = ranges.map(([from, to]) => [level[from] as number, level[to] as number]);
  }
  const places = ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, k) => from + k));
  // Of one row alone the outermost level is not ragged.
  const kept = shape.length === 0 ? out.slice(1) : out;
  return [...kept.map(vector), gather(values, vector(places), 0)];
}

function ragRange(call: Call): Value[] {
  const [starts, limits, deltas] = [numbers(call, 0), numbers(call, 1), numbers(call, 2)];
  const rows = Math.max(...[0, 1, 2].map((i) => call.shape(i)[0] ?? 1));
  const of = (list: readonly number[], row: number): number => list[list.length === 1 ? 0 : row] as number;
  const ends = [0];
  const values: number[] = [];
  for (let row = 0; row < rows; row++) {
    const [start, limit, delta] = [of(starts, row), of(limits, row), of(deltas, row)];
    if (!(delta !== 0)) throw call.fail(`a step of a range must not be ${delta}`);
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    checkElements(values.length + count, call.where);
    for (let k = 0; k < count; k++) values.push(start + k * delta);
    ends.push(values.length);
  }
  return [vector(ends), tensor(values, [values.length], call.dtype(0))];
}

/** For each element of a level the row that it is in. */
function parents(call: Call, i: number, type: string): number[] {
  const list = integers(call, i);
  if (type === 'VALUE_ROWIDS') return list;
  if (type !== 'ROW_SPLITS') throw call.fail(`cannot read rows as '${type}'`);
  splits(call, i, list.at(-1) ?? 0);
  checkElements(list.at(-1) as number, call.where);
  return list.slice(1).flatMap((end, row) => new Array<number>(end - (list[row] as number)).fill(row));
}

/** Rows of different lengths as one tensor, with other values where they are short. */
function densify(call: Call): Value {
  const values = call.tensor(1);
  const types = call.textsOf('row_partition_types');
  const isCounted = types[0] === 'FIRST_DIM_SIZE';
  const offset = isCounted ? 4 : 3;
  const levels = types.slice(isCounted ? 1 : 0).map((type, d) => parents(call, offset + d, type));
  const first = isCounted ? call.int(3) : (call.shape(3)[0] ?? 1) - 1;
  const given = call.shape(0).length === 0 ? [] : integers(call, 0);
  const inner = values.shape.slice(1);
  if (given.length > 0 && given.length !== levels.length + 1 + inner.length)
    throw call.fail(`shape [${String(given)}] is not that of ${levels.length + 1 + inner.length} dimensions`);
  const columns = levels.map((rows) => {
    let [row, column] = [-1, 0];
    return rows.map((r) => {
      column = r === row ? column + 1 : 0;
      row = r;
      return column;
    });
  });
  const sizes = [first, ...columns.map((list) => list.reduce((most, c) => Math.max(most, c + 1), 0))].map((size, d) => {
    const wanted = given[d] ?? -1;
    return wanted >= 0 ? wanted : size;
  });
  const count = sizeOf(sizes);
  checkElements(count * sizeOf(inner), call.where);
  let places = Array.from({ length: first }, (_, k) => (k < (sizes[0] as number) ? k : -1));
  levels.forEach((rows, d) => {
    const size = sizes[d + 1] as number;
    const list = columns[d] as number[];
    places = rows.map((row, k) => {
      const parent = places[row];
      if (parent === undefined) throw new IndexError(`${call.where}: row ${row} of ${places.length}`);
      return parent < 0 || (list[k] as number) >= size ? -1 : parent * size + (list[k] as number);
    });
  });
  const rows = values.shape[0] as number;
  const source = new Array<number>(count).fill(rows);
  places.forEach((place, k) => {
    if (place >= 0 && k < rows) source[place] = k;
  });
  return reshape(rowsOr(values, call.tensor(2), source), [...sizes, ...inner]);
}

function fillEmptyRows(call: Call): Value[] {
  const indices = integers(call, 0);
  const [count = 0, rank = 0] = call.shape(0);
  const values = call.tensor(1);
  const [rows = 0] = integers(call, 2);
  checkElements(rows, call.where);
  const inRow = Array.from({ length: rows }, (): number[] => []);
  for (let i = 0; i < count; i++) {
    const row = indices[i * rank] as number;
    const list = inRow[row];
    if (!list) throw new IndexError(`${call.where}: row ${row} of ${rows}`);
    list.push(i);
  }
  const order: number[] = [];
  const coordinates: number[] = [];
  const reverse = new Array<number>(count).fill(0);
  inRow.forEach((list, row) => {
    for (const i of list.length ? list : [count]) {
      if (i < count) reverse[i] = order.length;
      order.push(i);
      coordinates.push(row);
      for (let d = 1; d < rank; d++) coordinates.push(i < count ? (indices[i * rank + d] as number) : 0);
    }
  });
  const isEmpty = inRow.map((list) => list.length === 0);
  return [
    tensor(Int32Array.from(coordinates), [order.length, rank], 'int32'),
    rowsOr(values, call.tensor(3), order),
    tensor(isEmpty, [rows], 'bool'),
    vector(reverse),
  ];
}

function reshapeSparse(call: Call): Value[] {
  const indices = integers(call, 0);
  const [count = 0] = call.shape(0);
  const from = integers(call, 1);
  const to = inferShape(integers(call, 2), sizeOf(from), `${call.where}: of ${showShape(from)}`);
  const [strides, steps] = [stridesOf(from), stridesOf(to)];
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    let place = from.reduce((sum, _, d) => sum + (indices[i * from.length + d] as number) * (strides[d] as number), 0);
    for (const step of steps) {
      out.push(Math.floor(place / step));
      place %= step;
    }
  }
  return [tensor(Int32Array.from(out), [count, to.length], 'int32'), hostList(to)];
}

/** Sums of rows, by the segment that each belongs to. */
function sumSegments(call: Call, isMean: boolean): Tensor {
  const rows = gather(call.tensor(0), cast(call.tensor(1), 'int32'), 0);
  const segments = integers(call, 2);
  if (segments.some((s, i) => s < (segments[i - 1] ?? 0)))
    throw call.fail(`segments must be ascending integers from 0 on, got [${segments.slice(0, 8).join(', ')}]`);
  const count = (segments.at(-1) ?? -1) + 1;
  checkElements(count * sizeOf(rows.shape.slice(1)), call.where);
  const sums = unsortedSegmentSum(rows, vector(segments), count);
  if (!isMean) return sums;
  const counts = new Array<number>(count).fill(0);
  for (const s of segments) counts[s] = (counts[s] as number) + 1;
  const shape = [count, ...sums.shape.slice(1).map(() => 1)];
  return div(
    sums,
    tensor(
      Float32Array.from(counts, (n) => Math.max(1, n)),
      shape,
    ),
  );
}

export const ragged: Operators = {
  RaggedGather: gatherRows,
  RaggedRange: ragRange,
  RaggedTensorToTensor: densify,
  SparseFillEmptyRows: fillEmptyRows,
  SparseReshape: reshapeSparse,
  SparseSegmentSum: (call) => sumSegments(call, false),
  SparseSegmentMean: (call) => sumSegments(call, true),
};

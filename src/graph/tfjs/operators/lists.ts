/**
 * Lists and arrays of tensors. They are values as all others: what changes a list computes another one. The arrays of
 * TensorFlow 1 travel with the flow that orders their nodes.
 */
import { zeros } from '../../../ops/create/creation';
import { stack } from '../../../ops/shape/joining';
import { concat } from '../../../ops/shape/shaping';
import { split, unstack } from '../../../ops/shape/slicing';
import { IndexError } from '../../../support/errors';
import type { DType } from '../../../tensor/dtype';
import { checkElements, sameShape, showShape, sizeOf } from '../../../tensor/shape';
import { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operators } from '../../core/registry';
import { HostArray, hostList, hostScalar, tensorType, type Value, ValueList } from '../../core/value';

type Partial = readonly (number | null)[] | null;

/** Items of a list. */
const MOST_ITEMS = 1 << 20;

/** Element type by an attribute; lists of other things than tensors say nothing of it. */
function typeOf(call: Call, name: string): DType {
  const given = call.typeName(name);
  return given === undefined || given === 'variant' || given === 'string' ? 'float32' : tensorType(given, call.where);
}

/** The shape of the items as an operand: -1, or a negative size, is unknown. */
function itemShape(call: Call, i: number): Partial {
  if (!call.has(i)) return null;
  const { data, shape } = call.host(i);
  if (shape.length === 0) return null;
  return Array.from(data, (d) => (d < 0 ? null : d));
}

function shapeOfItem(value: Value | undefined): readonly number[] | undefined {
  return value instanceof Tensor || value instanceof HostArray ? value.shape : undefined;
}

/** What two shapes say together. @throws FormatError where they differ */
function merged(call: Call, a: Partial, b: Partial): Partial {
  if (a === null || b === null) return a ?? b;
  if (a.length !== b.length || a.some((d, i) => d !== null && b[i] !== null && b[i] !== d))
    throw call.fail(`items of shape ${showShape(b)} are not what a list of ${showShape(a)} holds`);
  return a.map((d, i) => d ?? (b[i] as number | null));
}

/** What is known of all items: of the list, of the node, of the items that are there. */
function fullShape(call: Call, list: ValueList, given: Partial): number[] | undefined {
  let shape = merged(call, list.shape, given);
  for (const item of list.items) shape = merged(call, shape, shapeOfItem(item as Value | undefined) ?? null);
  return shape?.every((d) => d !== null) ? (shape as number[]) : undefined;
}

/** An item as a tensor; one that was never set is zeros. */
function itemOf(call: Call, list: ValueList, index: number, given: Partial): Value {
  const item = list.items[index] as Value | undefined;
  if (index < 0 || index >= list.items.length)
    throw new IndexError(`${call.where}: item ${index} of a list of ${list.items.length}`);
  if (item !== undefined) return item;
  const shape = fullShape(call, list, given);
  if (!shape) throw call.fail(`item ${index} was never set, and its shape is not known`);
  checkElements(sizeOf(shape), call.where);
  return zeros(shape, list.dtype);
}

const tensorOf = (call: Call, value: Value): Tensor => call.asTensor(value, 0);

/** @throws IndexError unless the list may have such an item */
function withItem(call: Call, list: ValueList, index: number, value: Value, grows: boolean): ValueList {
  const { items } = list;
  if (index < 0 || index >= MOST_ITEMS || (index >= items.length && !grows))
    throw new IndexError(`${call.where}: item ${index} of a list of ${items.length}`);
  const next = [...items];
  while (next.length < index) next.push(undefined);
  next[index] = value;
  merged(call, list.shape, shapeOfItem(value) ?? null);
  return new ValueList(next, list.shape, list.dtype);
}

function emptyList(call: Call, count: number, shape: Partial, dtype: DType): ValueList {
  if (count > MOST_ITEMS) throw call.fail(`a list of ${count} items is longer than ${MOST_ITEMS}`);
  return new ValueList<Tensor>(new Array<undefined>(Math.max(0, count)).fill(undefined), shape, dtype);
}

function stacked(call: Call, list: ValueList, given: Partial, indices?: readonly number[]): Value {
  const chosen = indices ?? [...list.items.keys()];
  if (chosen.length === 0) {
    const shape = fullShape(call, list, given) ?? (given ?? list.shape ?? []).map((d) => d ?? 0);
    return zeros([0, ...shape], list.dtype);
  }
  return stack(chosen.map((i) => tensorOf(call, itemOf(call, list, i, given))));
}

/** The items one after the other along their first dimension, and the length of each. */
function joined(call: Call, list: ValueList, given: Partial): Value[] {
  const items = list.items.map((_, i) => tensorOf(call, itemOf(call, list, i, given)));
  if (items.some((t) => t.rank === 0)) throw call.fail('the items must have a dimension to be joined along');
  const lengths = hostList(items.map((t) => t.shape[0] as number));
  if (items.length === 0) return [zeros([0, ...(given ?? []).slice(1).map((d) => d ?? 0)], list.dtype), lengths];
  const wanted = items.filter((t) => t.size > 0 || items.every((u) => sameShape(u.shape.slice(1), t.shape.slice(1))));
  return [concat(wanted.length ? wanted : items.slice(0, 1), 0), lengths];
}

function pieces(x: Tensor, lengths: readonly number[], shape: Partial): ValueList {
  return new ValueList(split(x, [...lengths], 0), shape, x.dtype);
}

/** A list with rows of a tensor at given places. */
function scattered(call: Call, into: ValueList, x: Tensor, indices: readonly number[], grows: boolean): ValueList {
  const rows = unstack(x, 0);
  if (rows.length !== indices.length) throw call.fail(`${rows.length} rows for ${indices.length} indices`);
  const count = Math.max(into.items.length, ...indices.map((i) => i + 1));
  if (indices.some((i) => i < 0 || i >= MOST_ITEMS) || (count > into.items.length && !grows))
    throw new IndexError(`${call.where}: indices [${String(indices)}] of a list of ${into.items.length}`);
  const items: (Value | undefined)[] = [...(into.items as (Value | undefined)[])];
  while (items.length < count) items.push(undefined);
  for (const [k, i] of indices.entries()) items[i] = rows[k];
  return new ValueList(items, into.shape, into.dtype);
}

function newScattered(call: Call): ValueList {
  const count = call.has(3) ? call.int(3) : -1;
  const list = emptyList(call, count, itemShape(call, 2), call.dtype(0));
  return scattered(call, list, call.tensor(0), call.ints(1), count < 0);
}

/** The elements of a list without those from an end, or with room for more. */
function resized(call: Call): ValueList {
  const list = call.list(0);
  const count = call.int(1);
  if (count < 0) throw call.fail(`a list cannot have ${count} items`);
  const more = emptyList(call, count - list.items.length, null, list.dtype).items;
  return new ValueList([...list.items.slice(0, count), ...more], list.shape, list.dtype);
}

const stackedAs = (call: Call, given: Partial): Value => {
  const list = call.list(0);
  const count = call.wholeOf('num_elements', -1);
  if (count >= 0 && list.items.length !== count)
    throw call.fail(`needs a list of ${count} items, got ${list.items.length}`);
  return stacked(call, list, given);
};

const tensorLists: Operators = {
  EmptyTensorList: (call) => emptyList(call, 0, itemShape(call, 0), typeOf(call, 'element_dtype')),
  TensorListReserve: (call) => emptyList(call, call.int(1), itemShape(call, 0), typeOf(call, 'element_dtype')),
  TensorListFromTensor: (call) => {
    const x = call.tensor(0);
    return new ValueList(unstack(x, 0), itemShape(call, 1), x.dtype);
  },
  TensorListGetItem: (call) => itemOf(call, call.list(0), call.int(1), itemShape(call, 2)),
  TensorListSetItem: (call) =>
    withItem(call, call.list(0), call.int(1), call.value(2), call.flag('resize_if_index_out_of_bounds')),
  TensorListStack: (call) => stackedAs(call, itemShape(call, 1)),
  TensorListGather: (call) => stacked(call, call.list(0), itemShape(call, 2), call.ints(1)),
  TensorListScatter: newScattered,
  TensorListScatterV2: newScattered,
  TensorListSplit: (call) => pieces(call.tensor(0), call.ints(2), itemShape(call, 1)),
  TensorListConcat: (call) => joined(call, call.list(0), call.partialShape('element_shape')),
  TensorListConcatV2: (call) =>
    joined(call, call.list(0), call.has(1) ? itemShape(call, 1) : call.partialShape('element_shape')),
  TensorListPushBack: (call) => {
    const list = call.list(0);
    return withItem(call, list, list.items.length, call.value(1), true);
  },
  TensorListPopBack: (call) => {
    const list = call.list(0);
    const last = itemOf(call, list, list.items.length - 1, itemShape(call, 1));
    return [new ValueList(list.items.slice(0, -1), list.shape, list.dtype), last];
  },
  TensorListLength: (call) => hostScalar(call.list(0).items.length),
  TensorListResize: resized,
};

/** The flow is the array: the last operand. */
const flow = (call: Call): ValueList => call.list(call.count - 1);

const tensorArrays: Operators = {
  TensorArrayV3: (call) => {
    const array = emptyList(call, call.int(0), call.partialShape('element_shape'), typeOf(call, 'dtype'));
    // Whether it may grow goes with the handle.
    return [hostScalar(call.flag('dynamic_size') ? 1 : 0), array];
  },
  TensorArrayWriteV3: (call) => withItem(call, flow(call), call.int(1), call.value(2), call.host(0).data[0] === 1),
  TensorArrayReadV3: (call) => itemOf(call, flow(call), call.int(1), null),
  TensorArrayGatherV3: (call) => stacked(call, flow(call), call.partialShape('element_shape'), call.ints(1)),
  TensorArrayScatterV3: (call) => scattered(call, flow(call), call.tensor(2), call.ints(1), call.host(0).data[0] === 1),
  TensorArrayConcatV3: (call) => joined(call, flow(call), null),
  TensorArraySplitV3: (call) => pieces(call.tensor(1), call.ints(2), flow(call).shape),
  TensorArraySizeV3: (call) => hostScalar(flow(call).items.length),
  TensorArrayCloseV3: () => hostScalar(0),
};

export const lists: Operators = { ...tensorLists, ...tensorArrays };

/** Sequences, and values that may be missing. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import { HostArray, hostScalar, type Value, ValueList } from '../../graph/core/value';
import { stack } from '../../ops/shape/joining';
import { concat, reshape } from '../../ops/shape/shaping';
import { split } from '../../ops/shape/slicing';
import { Tensor } from '../../tensor/tensor';
import { invoke } from './control';
import { type Definitions, define, fixed, type TypeRule } from './define';
import { axisOf, moved, movedAll } from './operands';

type Item = Value | undefined;

function listOf(items: readonly Item[]): ValueList {
  const [first] = items;
  const dtype = first instanceof Tensor || first instanceof HostArray ? first.dtype : 'float32';
  return new ValueList(items, null, dtype);
}

/** A value that is missing: a list of nothing but nothing. */
const missing = (): ValueList => listOf([undefined]);
const isMissing = (value: Item): boolean =>
  value === undefined || (value instanceof ValueList && value.items.length === 1 && value.items[0] === undefined);

/** A position in a sequence; negative ones count from its end. */
function place(call: Call, i: number, count: number, initial: number): number {
  const given = call.int(i, initial);
  const at = given < 0 ? given + count : given;
  if (at >= 0 && at <= count) return at;
  throw call.fail(`position ${given} is outside of a sequence of ${count}`);
}

const itemAt: Operator = (call) => {
  const { items } = call.list(0);
  const found = items[place(call, 1, items.length, 0)];
  if (found !== undefined) return found as Value;
  throw call.fail(`a sequence of ${items.length} has no value at ${call.int(1)}`);
};

const inserted: Operator = (call) => {
  const items = [...call.list(0).items];
  items.splice(place(call, 2, items.length, items.length), 0, call.value(1));
  return listOf(items as Item[]);
};

const erased: Operator = (call) => {
  const items = [...call.list(0).items];
  const at = place(call, 1, items.length, items.length - 1);
  if (items.length === 0 || at === items.length) throw call.fail(`a sequence of ${items.length} has nothing at ${at}`);
  items.splice(at, 1);
  return listOf(items as Item[]);
};

/** Parts along an axis: of one size, of given sizes, or single ones. */
const divided: Operator = (call) => {
  const shape = call.shape(0);
  const axis = axisOf(call, call.wholeOf('axis', 0), shape.length);
  const size = shape[axis] as number;
  const isSingle = !call.has(1);
  const given = isSingle ? [1] : call.ints(1);
  const isEqual = isSingle || call.shape(1).length === 0;
  const [each = 1] = given;
  if (isEqual && each < 1) throw call.fail(`cannot split into parts of ${each}`);
  const lengths = isEqual
    ? Array.from({ length: Math.ceil(size / each) }, (_, i) => Math.min(each, size - i * each))
    : given;
  const dropsAxis = isSingle && !call.flag('keepdims', true);
  const without = shape.filter((_, i) => i !== axis);
  return listOf(
    movedAll(call, [call.value(0)], (x) =>
      split(x, [...lengths], axis).map((part) => (dropsAxis ? reshape(part, without) : part)),
    ),
  );
};

const joined: Operator = (call) => {
  const values = call.list(0).items as readonly Value[];
  const isNew = call.flag('new_axis');
  const axis = call.wholeOf('axis');
  return moved(call, values, (...tensors) => {
    const rank = (tensors[0]?.rank ?? 0) + Number(isNew);
    const at = axisOf(call, axis, rank);
    return isNew ? stack(tensors, at) : concat(tensors, at);
  });
};

/** A body for each item of a sequence; other sequences are walked along, other values stay the same. */
const mapped: Operator = (call) => {
  const operands = call.values(0, call.wholeOf('operands', call.count));
  const { items } = call.list(0);
  const rows = items.map((_, i) => {
    call.context.unroll(call);
    const args = operands.map((v) => (v instanceof ValueList ? (v.items[i] as Value) : v));
    if (args.some((v) => v === undefined)) throw call.fail('its sequences are not of one length');
    return invoke(call, 'body', args);
  });
  return Array.from({ length: call.outputCount }, (_, k) => listOf(rows.map((row) => row[k])));
};

const bodyTypes: TypeRule = ({ bodies, outputCount }) =>
  Array.from({ length: outputCount }, (_, k) => bodies.get('body')?.[k]);

const optional: Operator = (call) => (call.has(0) ? call.value(0) : missing());

const hasElement: Operator = (call) => hostScalar(Number(!isMissing(call.inputs[0])), 'bool');

const element: Operator = (call) => {
  const value = call.value(0);
  if (isMissing(value)) throw call.fail('the value is missing');
  return value;
};

const HERE = { isPure: false };

export const lists: Definitions = {
  SequenceConstruct: define({ 11: (call) => listOf(call.values()) }, HERE),
  SequenceEmpty: define({ 11: () => listOf([]) }, { ...HERE, types: () => [undefined] }),
  SequenceAt: define({ 11: itemAt }, { ...HERE, known: [1] }),
  SequenceInsert: define({ 11: inserted }, { ...HERE, known: [2], types: ({ inputs }) => [inputs[0] ?? inputs[1]] }),
  SequenceErase: define({ 11: erased }, { ...HERE, known: [1] }),
  SequenceLength: define({ 11: (call) => hostScalar(call.list(0).items.length) }, { ...HERE, types: fixed('int64') }),
  SplitToSequence: define({ 11: divided }, { ...HERE, known: [1] }),
  ConcatFromSequence: define({ 11: joined }, HERE),
  SequenceMap: define({ 17: mapped }, { ...HERE, types: bodyTypes, bodyInputs: (inputs) => inputs }),
  Optional: define({ 15: optional }, HERE),
  OptionalHasElement: define({ 15: hasElement }, { ...HERE, types: fixed('bool') }),
  OptionalGetElement: define({ 15: element }, HERE),
};

/** Branches and loops, whose bodies are graphs. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import { HostArray, hostScalar, type Value, ValueList } from '../../graph/core/value';
import { fill } from '../../ops/create/creation';
import { stack } from '../../ops/shape/joining';
import { reshape } from '../../ops/shape/shaping';
import { takeSlice } from '../../ops/shape/slicing';
import { Tensor } from '../../tensor/tensor';
import { type Definitions, define, type TypeRule } from './define';
import { axisOf, moved } from './operands';

/** Operands of the node itself; behind them is what its bodies take from outside. */
const ownCount = (call: Call): number => call.wholeOf('operands', call.count);

/** Runs a body. */
export function invoke(call: Call, body: string, args: readonly Value[]): readonly Value[] {
  const [from = 0, count = 0] = call.numbers(`${body}:captured`, []);
  return call.context.invoke(call.functionName(body), [...args, ...call.values(from, from + count)], call);
}

function isTrue(call: Call, value: Value, what: string): boolean {
  const { data, shape } = call.numbersOf(value, what);
  if (data.length === 1) return data[0] !== 0;
  throw call.fail(`${what} must be one value, got [${String(shape)}]`);
}

const branch: Operator = (call) =>
  invoke(call, isTrue(call, call.value(0), 'the condition') ? 'then_branch' : 'else_branch', []);

/** Values of steps, one after the other along a new first dimension. */
function stacked(call: Call, values: readonly Value[], axis = 0): Value {
  if (values.length === 0) return fill([0], 0, 'float32');
  const [first] = values;
  if (first instanceof ValueList) throw call.fail('a sequence cannot be an output of every step');
  const at = axis < 0 ? axis + ((first as Tensor).shape.length + 1) : axis;
  if (
    values.every((v) => v instanceof Tensor || v instanceof HostArray) &&
    !values.every((v) => v instanceof HostArray)
  )
    return stack(
      values.map((v, i) => call.asTensor(v, i)),
      at,
    );
  return moved(call, values, (...tensors) => stack(tensors, at));
}

function loop(call: Call): readonly Value[] {
  const { context } = call;
  const initial = call.values(2, ownCount(call));
  const most = call.has(0) ? (call.host(0).data[0] as number) : Number.POSITIVE_INFINITY;
  let goesOn = call.has(1) ? isTrue(call, call.value(1), 'the condition') : true;
  let values: readonly Value[] = initial;
  const rows: Value[][] = [];
  const isRow = new Set<Value>();
  // What is over, unless it is an output of a step too; lists share their items.
  const isOver = (value: Value): boolean => !isRow.has(value) && !(value instanceof ValueList);
  for (let i = 0; i < most && goesOn; i++) {
    context.unroll(call);
    const results = invoke(call, 'body', [hostScalar(i), hostScalar(1, 'bool'), ...values]);
    const next = results.slice(1, 1 + initial.length);
    if (results[0] === undefined || next.length < initial.length)
      throw call.fail(`its body returns ${results.length} values, the loop has ${initial.length}`);
    goesOn = isTrue(call, results[0], 'the condition');
    const row = results.slice(1 + initial.length);
    rows.push(row);
    for (const value of row) isRow.add(value);
    context.discard([results[0], ...values].filter(isOver), next, initial);
    values = next;
  }
  const count = Math.max(0, call.outputCount - initial.length);
  const outputs = Array.from({ length: count }, (_, k) =>
    stacked(
      call,
      rows.map((row) => row[k] as Value),
    ),
  );
  return [...values, ...outputs];
}

/** The part of a value at a position along an axis. */
function partAt(call: Call, value: Value, axis: number, at: number): Value {
  return moved(call, [value], (x) =>
    reshape(
      takeSlice(
        x,
        x.shape.map((_, d) => (d === axis ? at : 0)),
        x.shape.map((n, d) => (d === axis ? 1 : n)),
        x.shape.map(() => 1),
      ),
      x.shape.filter((_, d) => d !== axis),
    ),
  );
}

const shapeOf = (call: Call, value: Value): readonly number[] => call.asTensor(value, 0).shape;

interface Sequences {
  readonly values: readonly Value[];
  readonly axes: readonly number[];
  readonly isReversed: readonly boolean[];
}

interface Outputs {
  readonly axes: readonly number[];
  readonly isReversed: readonly boolean[];
}

/** Runs the body for each element of some sequences; states go from step to step. */
function scanned(
  call: Call,
  initial: readonly Value[],
  sequences: Sequences,
  outputs: Outputs,
  length: number,
): readonly Value[] {
  let states = initial;
  const rows: Value[][] = [];
  for (let t = 0; t < length; t++) {
    call.context.unroll(call);
    const parts = sequences.values.map((value, k) =>
      partAt(call, value, sequences.axes[k] as number, sequences.isReversed[k] ? length - 1 - t : t),
    );
    const results = invoke(call, 'body', [...states, ...parts]);
    if (results.length < initial.length)
      throw call.fail(`its body returns ${results.length} values for ${initial.length} states`);
    states = results.slice(0, initial.length);
    rows.push(results.slice(initial.length));
  }
  const count = Math.max(0, call.outputCount - initial.length);
  const all = Array.from({ length: count }, (_, k) => {
    const values = rows.map((row) => row[k] as Value);
    return stacked(call, outputs.isReversed[k] ? values.reverse() : values, outputs.axes[k] ?? 0);
  });
  return [...states, ...all];
}

const flags = (call: Call, name: string): boolean[] => call.numbers(name, []).map((d) => d === 1);

function scan(call: Call): readonly Value[] {
  const count = call.wholeOf('num_scan_inputs');
  const own = ownCount(call);
  if (count < 1 || count > own) throw call.fail(`has ${own} operands, ${count} of them sequences`);
  const values = call.values(own - count, own);
  const given = call.numbers('scan_input_axes', []);
  const axes = values.map((v, k) => axisOf(call, given[k] ?? 0, shapeOf(call, v).length));
  const length = shapeOf(call, values[0] as Value)[axes[0] as number] as number;
  const sequences = { values, axes, isReversed: flags(call, 'scan_input_directions') };
  const outputs = {
    axes: call.numbers('scan_output_axes', []),
    isReversed: flags(call, 'scan_output_directions'),
  };
  return scanned(call, call.values(0, own - count), sequences, outputs, length);
}

/** Opset 8: all operands have a batch in front, each of its members with a length of its own. */
function scanBatch(call: Call): readonly Value[] {
  const count = call.wholeOf('num_scan_inputs');
  const own = ownCount(call);
  const values = call.values(1, own);
  const lengths = call.has(0) ? call.ints(0) : undefined;
  const [batch = 0] = shapeOf(call, values.at(-1) as Value);
  const states = values.length - count;
  const each = Array.from({ length: batch }, (_, b) => {
    const parts = values.map((v) => partAt(call, v, 0, b));
    const sequences = {
      values: parts.slice(states),
      axes: new Array<number>(count).fill(0),
      isReversed: flags(call, 'directions'),
    };
    const whole = shapeOf(call, parts.at(-1) as Value)[0] as number;
    const length = lengths?.[b] ?? whole;
    if (length !== whole) throw call.fail('sequences of unequal length do not run');
    return scanned(call, parts.slice(0, states), sequences, { axes: [], isReversed: [] }, length);
  });
  return Array.from({ length: each[0]?.length ?? 0 }, (_, k) =>
    stacked(
      call,
      each.map((row) => row[k] as Value),
    ),
  );
}

const ofBody =
  (body: string, from: number): TypeRule =>
  ({ bodies, outputCount }) =>
    (bodies.get(body) ?? []).slice(from, from + outputCount);

export const control: Definitions = {
  If: define(branch, { isPure: false, known: [0], types: ofBody('then_branch', 0) }),
  Loop: define(loop, {
    isPure: false,
    known: [0, 1],
    types: ofBody('body', 1),
    bodyInputs: (inputs) => ['int64', 'bool', ...inputs.slice(2)],
  }),
  Scan: define({ 8: scanBatch, 9: scan }, { isPure: false, types: ofBody('body', 0), bodyInputs: (inputs) => inputs }),
};

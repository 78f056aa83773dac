/** Branches and loops, whose bodies are graphs. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import { HostArray, hostScalar, type Value, ValueList } from '../../graph/core/value';
import { fill } from '../../ops/create/creation';
import { range } from '../../ops/create/sequences';
import { logicalAnd, logicalNot } from '../../ops/math/comparison';
import { stack } from '../../ops/shape/joining';
import { reshape, transpose } from '../../ops/shape/shaping';
import { reverse, takeSlice } from '../../ops/shape/slicing';
import { ShapeError } from '../../support/errors';
import { Tensor } from '../../tensor/tensor';
import { type Definitions, define, type TypeRule } from './define';
import { axisOf, moved } from './operands';
import { overTime } from './over-time';
import { isUndecided, selected, truthOf, whenTaken } from './selected';

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

const branch: Operator = (call) => {
  const condition = call.value(0);
  if (isUndecided(call, condition)) return bothBranches(call, truthOf(call, condition));
  return invoke(call, isTrue(call, condition, 'the condition') ? 'then_branch' : 'else_branch', []);
};

/** Both branches, and of each output the one that the condition says. */
function bothBranches(call: Call, condition: Tensor): readonly Value[] {
  const computed = (body: string, holds: Tensor): readonly Value[] =>
    whenTaken(call, holds, body, () => invoke(call, body, []));
  const [yes, no] = [computed('then_branch', condition), computed('else_branch', logicalNot(condition))];
  return yes.map((value, k) => selected(call, condition, value, no[k] as Value, `output ${k}`));
}

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

/** Steps that a program takes in for a loop whose end it computes. */
const MOST_UNDECIDED = 1024;

function loop(call: Call): readonly Value[] {
  const initial = call.values(2, ownCount(call));
  const most = call.has(0) ? (call.host(0).data[0] as number) : Number.POSITIVE_INFINITY;
  const condition = call.has(1) ? call.value(1) : hostScalar(1, 'bool');
  return counted(call, initial, most, condition) ?? stepped(call, initial, most, condition);
}

/** A step of a loop: whether another one follows, new values, and an element of each output. */
function loopStep(call: Call, i: Value, values: readonly Value[]) {
  const results = invoke(call, 'body', [i, hostScalar(1, 'bool'), ...values]);
  const [goesOn] = results;
  if (goesOn === undefined || results.length <= values.length)
    throw call.fail(`its body returns ${results.length} values, the loop has ${values.length}`);
  return { goesOn, values: results.slice(1, 1 + values.length), row: results.slice(1 + values.length) };
}

/** As a loop of the program; undefined unless the number of steps is known, and the body fits. */
function counted(call: Call, initial: readonly Value[], most: number, condition: Value): readonly Value[] | undefined {
  const isSure = (value: Value): boolean => value instanceof HostArray && isTrue(call, value, 'the condition');
  if (!call.context.isTraced || !Number.isFinite(most) || !isSure(condition)) return undefined;
  const made = overTime(call, initial, [range(0, most, 1, 'int32')], false, (states, [i]) => {
    const { goesOn, values, row } = loopStep(call, i as Tensor, states);
    if (!isSure(goesOn)) throw call.fail('its end is computed');
    return { states: values, rows: row };
  });
  return made && [...made.states, ...made.rows];
}

/** Step by step. */
function stepped(call: Call, initial: readonly Value[], most: number, condition: Value): readonly Value[] {
  const { context } = call;
  // A condition that only the running program knows, or whether another step follows.
  let goesOn: Tensor | boolean = decided(call, condition);
  let values: readonly Value[] = initial;
  const rows: Value[][] = [];
  const isRow = new Set<Value>();
  // What is over, unless it is an output of a step too; lists share their items.
  const isOver = (value: Value): boolean => !isRow.has(value) && !(value instanceof ValueList);
  for (let i = 0; i < most && goesOn; i++) {
    context.unroll(call);
    const step = (): ReturnType<typeof loopStep> => loopStep(call, hostScalar(i), values);
    if (goesOn instanceof Tensor) {
      const holds: Tensor = goesOn;
      const made = whenTaken(call, holds, 'its body', step);
      checkUndecided(call, most, made.row.length);
      values = made.values.map((v, k) => selected(call, holds, v, values[k] as Value, `value ${k}`));
      const next = decided(call, made.goesOn);
      goesOn = next instanceof Tensor ? logicalAnd(holds, next) : next && holds;
      continue;
    }
    const made = step();
    goesOn = decided(call, made.goesOn);
    rows.push(made.row);
    for (const value of made.row) isRow.add(value);
    context.discard([made.goesOn, ...values].filter(isOver), made.values, initial);
    values = made.values;
    if (goesOn instanceof Tensor) checkUndecided(call, most, made.row.length);
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

function decided(call: Call, condition: Value): Tensor | boolean {
  return isUndecided(call, condition) ? truthOf(call, condition) : isTrue(call, condition, 'the condition');
}

/** @throws ShapeError for a loop whose steps cannot all be in the program */
function checkUndecided(call: Call, most: number, rows: number): void {
  const why = `${call.where}: a compiled function (sg.jit, a model's step) knows only when it runs how many steps there are; `;
  if (rows > 0)
    throw new ShapeError(`${why}so its outputs of every step have no shape there, call the graph outside of it`);
  if (most > MOST_UNDECIDED)
    throw new ShapeError(
      `${why}it takes in all that there may be, at most ${MOST_UNDECIDED}, and the loop may have ${most}`,
    );
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
  const asOne = scannedAsOne(call, initial, sequences, outputs);
  if (asOne) return asOne;
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

/** As a loop of the program; undefined unless the body fits. */
function scannedAsOne(
  call: Call,
  initial: readonly Value[],
  { values, axes, isReversed }: Sequences,
  outputs: Outputs,
): readonly Value[] | undefined {
  const [first = false] = isReversed;
  const directions = values.map((_, k) => isReversed[k] ?? false);
  if (!call.context.isTraced || directions.some((d) => d !== first)) return undefined;
  const timeFirst = values.map((v, k) => toAxis(call.asTensor(v, k), axes[k] as number, 0));
  const made = overTime(call, initial, timeFirst, first, (states, slices) => {
    const results = invoke(call, 'body', [...states, ...slices]);
    return { states: results.slice(0, initial.length), rows: results.slice(initial.length) };
  });
  if (!made) return undefined;
  const rows = (made.rows as readonly Tensor[]).map((row, k) => {
    // The loop leaves results where their slices are.
    const inOrder = (outputs.isReversed[k] ?? false) === first ? row : reverse(row, 0);
    return toAxis(inOrder, 0, axisOf(call, outputs.axes[k] ?? 0, row.rank));
  });
  return [...made.states, ...rows];
}

/** A dimension in another place. */
function toAxis(x: Tensor, from: number, to: number): Tensor {
  if (from === to) return x;
  const order = x.shape.map((_, d) => d).filter((d) => d !== from);
  order.splice(to, 0, from);
  return transpose(x, order);
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

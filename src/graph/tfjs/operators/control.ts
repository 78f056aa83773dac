/** Names for values, conditions, loops. */
import { stopGradient } from '../../../ops/core/custom-gradient';
import { ArgumentError } from '../../../support/errors';
import type { Call } from '../../core/call';
import type { Operator, Operators } from '../../core/registry';
import { Complex, Dead, type HostArray, hostScalar, Texts, type Value } from '../../core/value';

const identity: Operator = (call) => call.value(0);

/** Whether a condition holds: it is one number, or a string that is not empty. */
function isTrue(call: Call, value: HostArray): boolean {
  if (value.data.length !== 1) throw call.fail(`the condition must be one value, got [${String(value.shape)}]`);
  return value.data[0] !== 0;
}

function condition(call: Call, i: number): boolean {
  const value = call.value(i);
  return value instanceof Texts ? value.data[0] !== '' : isTrue(call, call.host(i));
}

/** Runs one of two functions. */
function branch(call: Call): readonly Value[] {
  const name = call.functionName(condition(call, 0) ? 'then_branch' : 'else_branch');
  return call.context.invoke(name, call.values(1), call);
}

/** Runs a function again and again, as long as another says so. */
function loop(call: Call): readonly Value[] {
  const { context } = call;
  const [cond, body] = [call.functionName('cond'), call.functionName('body')];
  const initial = call.values();
  let values: readonly Value[] = initial;
  for (;;) {
    const goesOn = context.invoke(cond, values, call);
    if (goesOn[0] === undefined) throw call.fail(`function '${cond}' returns nothing`);
    const isOver = !isTrue(call, call.numbersOf(goesOn[0]));
    context.discard(goesOn, values, initial);
    if (isOver) return values;
    context.unroll(call);
    const next = context.invoke(body, values, call);
    if (next.length !== values.length)
      throw call.fail(`function '${body}' returns ${next.length} values, the loop has ${values.length}`);
    context.discard(values, next, initial);
    values = next;
  }
}

function missing(call: Call): never {
  throw new ArgumentError(`execute: the input '${call.node.name}' is missing; pass it by its name`);
}

/** The condition comes second. */
function choose(call: Call): readonly Value[] {
  const data = call.value(0);
  return condition(call, 1) ? [Dead.value, data] : [data, Dead.value];
}

function merge(call: Call): readonly Value[] {
  const at = call.inputs.findIndex((value) => value !== undefined && !(value instanceof Dead));
  return at < 0 ? [Dead.value, Dead.value] : [call.value(at), hostScalar(at)];
}

function print(call: Call): Value {
  const shown = call.values(1).map((_, i) => {
    const value = call.value(i + 1);
    const data = value instanceof Texts ? value.data : call.data(i + 1).data;
    return Array.prototype.slice.call(data, 0, call.wholeOf('summarize', 3));
  });
  console.log(call.text('message', ''), ...shown);
  return call.value(0);
}

export const control: Operators = {
  Const: (call) => {
    throw call.fail('its value is not among the weights');
  },
  Placeholder: missing,
  PlaceholderWithDefault: identity,
  Identity: identity,
  IdentityN: (call) => call.values(),
  Snapshot: identity,
  StopGradient: (call) => {
    const value = call.value(0);
    if (value instanceof Complex) return new Complex(stopGradient(value.real), stopGradient(value.imag));
    return call.known(0) ?? (value instanceof Texts ? value : stopGradient(call.tensor(0)));
  },
  NoOp: () => hostScalar(1),
  Print: print,
  If: branch,
  StatelessIf: branch,
  While: loop,
  StatelessWhile: loop,
  Switch: choose,
  Merge: merge,
  LoopCond: identity,
};

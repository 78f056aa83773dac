/** What evaluates the nodes of a graph, one after the other: on real tensors, or in a trace. */
import { logicalAnd, where } from '../../ops/math/comparison';
import { FormatError, SamegradError, StateError } from '../../support/errors';
import { withGraph } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import { Variable } from '../../tensor/variable';
import { Call, type Context } from './call';
import type { ConstantSource } from './constants';
import { Frame } from './frame';
import type { Graph, Program } from './graph';
import { type Plan, planFor, type Step } from './order';
import { type OperatorSet, operatorOf, pureOperatorOf } from './registry';
import { Dead, eachTensor, HOST_ELEMENTS, HostArray, type Value } from './value';

/** Functions that call functions. */
const DEEPEST = 64;
/** Steps of loops in one evaluation; an endless loop has no other end. */
const MOST_STEPS = 50_000;
/** Nodes of unrolled loops that one program takes in. */
const MOST_UNROLLED = 20_000;

/** The numbers of a tensor, now. */
export function numbersOf(t: Tensor): HostArray {
  return new HostArray(t.dataSync(), t.shape, t.dtype);
}

/** A program that is being traced has to end, as a node needs numbers that are computed by it. */
export class Cut {
  /** @param tensor whose numbers the node needs to know; undefined if the node runs on its own */
  constructor(readonly tensor: Tensor | undefined) {}
}

export type Tables = Map<string, Map<string | number, string | number>>;

/** Calls one graph with real values. */
export interface FunctionRunner {
  run(feeds: readonly Value[], context: RealContext): Value[];
  dispose(): void;
}

/** A model's graphs with what they share. */
export class Machine {
  readonly tables: Tables = new Map();
  readonly #plans = new Map<string, Plan>();
  readonly #runners = new Map<string, FunctionRunner>();

  /** @param makeRunner compiles functions that are called between programs */
  constructor(
    readonly program: Program,
    readonly operators: OperatorSet,
    readonly constants: ConstantSource,
    readonly makeRunner: (machine: Machine, plan: Plan) => FunctionRunner,
  ) {}

  /** @throws FormatError for a function that is missing */
  functionOf(name: string, call: Call): Graph {
    const found = this.program.functions.get(name);
    if (!found) throw call.fail(`function '${name}' is missing`);
    return found;
  }

  planOf(graph: Graph): Plan {
    const known = this.#plans.get(graph.name);
    if (known) return known;
    const plan = planFor(
      graph,
      graph.inputs.map(({ ref }) => ref),
      graph.outputs.map(({ ref }) => ref),
    );
    this.#plans.set(graph.name, plan);
    return plan;
  }

  /** What calls a function between programs. */
  runnerOf(graph: Graph): FunctionRunner {
    const known = this.#runners.get(graph.name);
    if (known) return known;
    const runner = this.makeRunner(this, this.planOf(graph));
    this.#runners.set(graph.name, runner);
    return runner;
  }

  /** Lets go of all programs. */
  clear(): void {
    for (const runner of this.#runners.values()) runner.dispose();
    this.#runners.clear();
  }
}

/** Evaluates one step. @throws what the operator throws, with the node's name */
export function evaluate(machine: Machine, step: Step, frame: Frame, context: Context): void {
  const { node } = step;
  const inputs = step.inputs.map((slot) => (slot < 0 ? undefined : frame.values[slot]));
  const isDead = (value: Value | undefined): boolean => value instanceof Dead;
  const isSkipped =
    node.op !== 'Merge' && (inputs.some(isDead) || step.controls.some((slot) => isDead(frame.values[slot])));
  const outputs = isSkipped ? [] : compute(machine, step, inputs, context);
  for (let k = 0; k < step.outputCount; k++) {
    const value = isSkipped ? Dead.value : outputs[k];
    if (value === undefined)
      throw new FormatError(
        `node '${node.name}' (${node.op}): has ${outputs.length} outputs, but output ${k} is taken by others`,
      );
    frame.set(step.output + k, value);
  }
  frame.drop(step.dying);
}

function compute(
  machine: Machine,
  step: Step,
  inputs: readonly (Value | undefined)[],
  context: Context,
): readonly Value[] {
  const call = new Call(step.node, inputs, context, step.outputCount);
  const constant = step.node.op === 'Const' ? machine.constants.get(step.node.name) : undefined;
  if (constant !== undefined) return [constant];
  const operator = operatorOf(machine.operators, step.node.op);
  if (!operator) throw call.fail('no such operator');
  const run = (): readonly Value[] => {
    const value = operator(call);
    return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
  };
  try {
    if (isKnown(inputs) && pureOperatorOf(machine.operators, step.node.op)) return computeKnown(run);
    return context.isTraced ? run() : tidy(run);
  } catch (error) {
    if (error instanceof SamegradError && !error.message.startsWith('node '))
      error.message = `${call.where}: ${error.message}`;
    throw error;
  }
}

/** Whether all operands are a few numbers that are known. */
const isKnown = (inputs: readonly (Value | undefined)[]): boolean =>
  inputs.length > 0 &&
  inputs.every((v) => v === undefined || (v instanceof HostArray && v.data.length <= HOST_ELEMENTS));

/** What is computed of known numbers is known, by the same kernels, whether or not something is traced. */
function computeKnown(run: () => readonly Value[]): readonly Value[] {
  return withGraph(undefined, () =>
    tidy(() => run().map((v) => (v instanceof Tensor && v.size <= HOST_ELEMENTS ? numbersOf(v) : v))),
  );
}

/** Counts steps of loops and depth of calls. */
abstract class Counting {
  #steps = 0;
  #depth = 0;
  abstract readonly isTraced: boolean;

  constructor(readonly machine: Machine) {}

  get tables(): Tables {
    return this.machine.tables;
  }

  protected get steps(): number {
    return this.#steps;
  }

  unroll(call: Call): void {
    if (++this.#steps > MOST_STEPS)
      throw new StateError(`${call.where}: more than ${MOST_STEPS} steps of loops; does it ever end?`);
  }

  attempt<T>(_: () => T): T | undefined {
    return undefined;
  }

  when<T>(_: Tensor, compute: () => T): T {
    return compute();
  }

  assign(variable: Variable, value: Tensor): void {
    variable.assign(value);
  }

  /** @throws FormatError for functions that call each other without end */
  protected within<T>(call: Call, fn: () => T): T {
    if (++this.#depth > DEEPEST)
      throw call.fail(`functions call each other more than ${DEEPEST} deep, perhaps without end`);
    try {
      return fn();
    } finally {
      this.#depth--;
    }
  }
}

/** Evaluates on real tensors. */
export class RealContext extends Counting implements Context {
  readonly isTraced = false;
  readonly isWhole = false;
  readonly isTraining = false;

  read(tensor: Tensor): HostArray {
    return numbersOf(tensor);
  }

  data(tensor: Tensor): HostArray {
    return numbersOf(tensor);
  }

  invoke(name: string, args: readonly Value[], call: Call): readonly Value[] {
    const graph = this.machine.functionOf(name, call);
    checkCount(graph, args, call);
    return this.within(call, () => this.machine.runnerOf(graph).run(args, this));
  }

  discard(values: readonly Value[], ...kept: readonly (readonly Value[])[]): void {
    const stays = new Set<Tensor>();
    for (const list of kept) for (const value of list) eachTensor(value, (t) => stays.add(t));
    for (const value of values)
      eachTensor(value, (t) => {
        if (!stays.has(t) && !(t instanceof Variable)) t.dispose();
      });
  }
}

/** What is left of an evaluation on real tensors. */
export function finishReal(machine: Machine, plan: Plan, frame: Frame, from: number, context: RealContext): Value[] {
  try {
    for (let i = from; i < plan.steps.length; i++) evaluate(machine, plan.steps[i] as Step, frame, context);
    return frame.take(plan.results);
  } catch (error) {
    frame.dispose();
    throw error;
  }
}

/** Evaluates in a trace: of a program of the model's own, or of a function of the user's around it. */
export class TraceContext extends Counting implements Context {
  readonly isTraced = true;
  #nodes = 0;
  /** What has to be true for what is computed now to hold. */
  #condition: Tensor | undefined;

  /** @param isOwn whether the trace may end where numbers are needed */
  constructor(
    machine: Machine,
    readonly isOwn: boolean,
    readonly isTraining = false,
  ) {
    super(machine);
  }

  get isWhole(): boolean {
    return !this.isOwn;
  }

  override attempt<T>(trace: () => T): T | undefined {
    const nodes = this.#nodes;
    try {
      return trace();
    } catch (error) {
      if (!(error instanceof Cut || error instanceof SamegradError)) throw error;
      this.#nodes = nodes;
      return undefined;
    }
  }

  override when<T>(condition: Tensor, compute: () => T): T {
    const outer = this.#condition;
    this.#condition = outer ? logicalAnd(outer, condition) : condition;
    try {
      return compute();
    } finally {
      this.#condition = outer;
    }
  }

  override assign(variable: Variable, value: Tensor): void {
    super.assign(variable, this.#condition ? where(this.#condition, value, variable) : value);
  }

  read(tensor: Tensor, call: Call): HostArray {
    if (!tensor.isTraced) return numbersOf(tensor);
    if (this.isOwn) throw new Cut(tensor);
    return this.#now(tensor, call);
  }

  data(tensor: Tensor, call: Call): HostArray {
    if (!tensor.isTraced) return numbersOf(tensor);
    if (this.isOwn) throw new Cut(undefined);
    return this.#now(tensor, call);
  }

  #now(tensor: Tensor, call: Call): HostArray {
    try {
      return numbersOf(tensor);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      throw new StateError(
        `${call.where}: its result depends on numbers that a compiled function (sg.jit, a model's step) knows only when it runs; call the graph outside of it, or up to a node before this one`,
        { cause: error },
      );
    }
  }

  override unroll(call: Call): void {
    super.unroll(call);
    if (this.isOwn && this.#nodes > MOST_UNROLLED) throw new Cut(undefined);
  }

  invoke(name: string, args: readonly Value[], call: Call): readonly Value[] {
    const graph = this.machine.functionOf(name, call);
    checkCount(graph, args, call);
    const plan = this.machine.planOf(graph);
    this.#nodes += plan.steps.length;
    return this.within(call, () => runTraced(this.machine, plan, args, this));
  }

  /** Values of a trace are no memory. */
  discard(): void {}
}

export function runTraced(machine: Machine, plan: Plan, feeds: readonly Value[], context: TraceContext): Value[] {
  const frame = new Frame(plan, feeds, false);
  for (const step of plan.steps) evaluate(machine, step, frame, context);
  return frame.take(plan.results);
}

function checkCount(graph: Graph, args: readonly Value[], call: Call): void {
  if (graph.inputs.length !== args.length)
    throw call.fail(`function '${graph.name}' takes ${graph.inputs.length} arguments, got ${args.length}`);
}

/**
 * Graphs as compiled programs. A graph is specialized by the shapes of what is fed, and traced: a program ends where a
 * node needs numbers that it computes, and another, specialized by these numbers, continues.
 */
import { jit } from '../../plan/transform/jit';
import { currentGraph } from '../../tensor/graph';
import type { Tensor } from '../../tensor/tensor';
import { Variable } from '../../tensor/variable';
import { Frame, Template } from './frame';
import {
  Cut,
  evaluate,
  type FunctionRunner,
  finishReal,
  type Machine,
  numbersOf,
  RealContext,
  runTraced,
  TraceContext,
} from './machine';
import type { Plan, Step } from './order';
import { Complex, Dead, eachTensor, HostArray, Resource, Texts, type Value, ValueList } from './value';

/** Specializations of one place in a graph that are kept; of more, the least recently used one is dropped. */
const KEPT = 16;

/** Where a program ends. */
interface End {
  /** The next step. */
  readonly at: number;
  /** Slots of operands of that step whose numbers have to be known; none if the step runs on its own. */
  readonly reads: readonly number[];
  /** All values that are needed after it; tensors are arguments of the program, then its results. */
  readonly values: Template;
}

interface Tensors {
  readonly tensors: Tensor[];
  /** Where each is in the list. */
  readonly places: Map<Tensor, number>;
}

/** The tensors in values, each once; variables have a place of their own. */
function tensorsOf(values: readonly (Value | undefined)[], first: readonly Tensor[] = []): Tensors {
  const tensors = [...first];
  const places = new Map(first.map((t, i) => [t, i]));
  for (const value of values)
    eachTensor(value, (t) => {
      if (!places.has(t) && !(t instanceof Variable)) places.set(t, tensors.push(t) - 1);
    });
  return { tensors, places };
}

/**
 * A value as far as programs depend on it: numbers that are known, shapes of tensors, which of the tensors and which
 * variables they are.
 */
function keyOf(value: Value | undefined, places: ReadonlyMap<Tensor, number>): string {
  if (value === undefined) return '_';
  if (value instanceof Variable) return `variable ${value.id}`;
  if (value instanceof HostArray)
    return `${value.dtype}[${String(value.shape)}]=${Array.prototype.join.call(value.exact ?? value.data, ',')}`;
  if (value instanceof Texts) return `[${String(value.shape)}]=${JSON.stringify(value.data)}`;
  if (value instanceof ValueList) {
    const items = value.items.map((item) => keyOf(item as Value | undefined, places));
    return `${value.dtype}${JSON.stringify(value.shape)}(${items.join(';')})`;
  }
  if (value instanceof Complex)
    return `complex(${keyOf(value.real as Tensor, places)};${keyOf(value.imag as Tensor, places)})`;
  if (value instanceof Resource) return `table ${JSON.stringify(value.name)}`;
  return value instanceof Dead ? 'dead' : `${value.dtype}[${String(value.shape)}]#${places.get(value)}`;
}

const keyOfAll = (values: readonly (Value | undefined)[], { tensors, places }: Tensors): string =>
  `${tensors.length}:${values.map((value) => keyOf(value, places)).join('|')}`;

/** Wraps what is no data, so that it passes through `jit` as it is. */
class Static {
  constructor(readonly end: End) {}
}

/** One program: steps of a plan from one on, for values of which all but the numbers in tensors is known. */
class Segment {
  readonly next = new Segments();
  readonly #run: ReturnType<typeof jit<readonly Tensor[], readonly [Tensor[], Static]>>;

  constructor(
    readonly machine: Machine,
    readonly plan: Plan,
    readonly from: number,
    template: Template,
  ) {
    this.#run = jit((...tensors: readonly Tensor[]) => this.#trace(template.fill(tensors), tensors));
  }

  run(tensors: readonly Tensor[]): readonly [Tensor[], End] {
    const [made, { end }] = this.#run(...tensors);
    return [made, end];
  }

  #trace(values: readonly (Value | undefined)[], args: readonly Tensor[]): readonly [Tensor[], Static] {
    const { machine, plan } = this;
    const frame = new Frame(plan, [], false);
    frame.replace(values);
    const context = new TraceContext(machine, true);
    let at = this.from;
    let reads: number[] = [];
    try {
      for (; at < plan.steps.length; at++) evaluate(machine, plan.steps[at] as Step, frame, context);
    } catch (cut) {
      if (!(cut instanceof Cut)) throw cut;
      const { inputs } = plan.steps[at] as Step;
      if (cut.tensor) reads = inputs.filter((slot) => slot >= 0 && frame.values[slot] === cut.tensor);
    }
    const { tensors, places } = tensorsOf(frame.values, args);
    const made = tensors.slice(args.length);
    const end = { at, reads: [...new Set(reads)], values: new Template(frame.values, (t) => places.get(t)) };
    return [made, new Static(end)];
  }

  dispose(): void {
    this.#run.dispose();
    this.next.dispose();
  }
}

/** Specializations of one place, by what is known there. */
class Segments {
  /** Null: seen once. The one that was used last is the last. */
  readonly #entries = new Map<string, Segment | null>();

  /**
   * The segment for a key; undefined where there is none yet.
   * @param make is called when a key comes for the second time, or the first if `atOnce`
   */
  find(key: string, atOnce: boolean, make: () => Segment): Segment | undefined {
    const known = this.#entries.get(key);
    this.#entries.delete(key);
    const segment = known ?? (atOnce || known === null ? make() : null);
    this.#entries.set(key, segment);
    for (const [old, dropped] of this.#entries) {
      if (this.#entries.size <= KEPT) break;
      this.#entries.delete(old);
      dropped?.dispose();
    }
    return segment ?? undefined;
  }

  dispose(): void {
    for (const segment of this.#entries.values()) segment?.dispose();
    this.#entries.clear();
  }
}

/** A graph from some values to others. */
export class Runner implements FunctionRunner {
  readonly #roots = new Segments();

  /** @param atOnce whether programs are compiled for shapes that come for the first time */
  constructor(
    readonly machine: Machine,
    readonly plan: Plan,
    readonly atOnce = false,
  ) {}

  /**
   * The outputs for values that are fed. Inside a function that is traced the graph becomes part of it.
   * @param isTraining whether the function is a step of training
   * @returns values whose tensors are new, or fed, or variables
   */
  run(feeds: readonly Value[], context = new RealContext(this.machine), isTraining = false): Value[] {
    const { machine, plan } = this;
    if (currentGraph()) return runTraced(machine, plan, feeds, new TraceContext(machine, false, isTraining));
    const frame = new Frame(plan, feeds, true);
    try {
      return this.#drive(frame, feeds, context);
    } catch (error) {
      frame.dispose();
      throw error;
    }
  }

  #drive(frame: Frame, feeds: readonly Value[], context: RealContext): Value[] {
    const { machine, plan } = this;
    let segments = this.#roots;
    let from = 0;
    // What the next program is specialized by.
    let known = feeds;
    for (;;) {
      const found = tensorsOf(frame.values);
      const { tensors, places } = found;
      const make = (): Segment => new Segment(machine, plan, from, new Template(frame.values, (t) => places.get(t)));
      const segment = segments.find(keyOfAll(known, found), known === feeds && this.atOnce, make);
      // What depends on numbers may never come again.
      if (!segment) return finishReal(machine, plan, frame, from, context);
      const [made, end] = segment.run(tensors);
      frame.replace(end.values.fill([...tensors, ...made]));
      if (end.at === plan.steps.length) return frame.take(plan.results);
      known = this.#between(frame, end, context);
      from = end.reads.length ? end.at : end.at + 1;
      if (from === plan.steps.length) return frame.take(plan.results);
      segments = segment.next;
    }
  }

  /** What happens between two programs. Returns what is known then. */
  #between(frame: Frame, { at, reads }: End, context: RealContext): readonly Value[] {
    const step = this.plan.steps[at] as Step;
    for (const slot of reads) frame.set(slot, numbersOf(frame.values[slot] as Tensor));
    if (reads.length) return reads.map((slot) => frame.values[slot] as Value);
    evaluate(this.machine, step, frame, context);
    return Array.from({ length: step.outputCount }, (_, k) => frame.values[step.output + k] as Value);
  }

  dispose(): void {
    this.#roots.dispose();
  }
}

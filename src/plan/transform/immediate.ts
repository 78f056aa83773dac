/**
 * Functions that are traced for their gradients, and run immediately. The program for a trace is kept: the next
 * trace of the same form runs it with its own memory, numbers and keys.
 */

import type { gradientsOf, Path, Targets } from '../../autodiff/reverse';
import type { Body } from '../../ops/core/loop';
import type { CustomAttrs } from '../../ops/descriptors/custom';
import type { RandomKey } from '../../ops/descriptors/randomness';
import { Graph, type Location, type Node, type TensorSpec } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import type { Storage } from '../../tensor/storage';
import { allocate, copyAt, duplicate, type Tensor } from '../../tensor/tensor';
import { Variable } from '../../tensor/variable';
import { replaceKnown } from '../passes/simplify';
import { compileProgram, type Program } from '../program';
import { ProgramKeys } from '../random-words';
import { record, traceInput } from '../trace';
import { addressOf, Form } from './form';
import { PlanCache } from './plan-cache';
import { Spot } from './spot';

/** The results that are wanted from a trace. */
export interface Wanted {
  /** Values to return. */
  readonly outputs: readonly Node[];
  /** Gradients of the first output, to be returned after the values. */
  readonly gradient?: {
    readonly targets: Targets;
    readonly dy: Tensor | undefined;
    /** Handed in: loops over time run here too, in programs that have no gradients. */
    readonly differentiate: typeof gradientsOf;
    /** Called before the program runs, with how the output depends on each target. @throws to refuse it */
    check(paths: readonly Path[]): void;
  };
}

export interface Results {
  readonly values: Tensor[];
  /** undefined where the output does not depend on the target. */
  readonly gradients: (Tensor | undefined)[];
}

/** A program with its results. */
class Plan {
  /**
   * @param specs of the values, the gradients that there are, and the kept tensors
   * @param paths how the first value depends on each target
   * @param owned memory that the program reads apart from bound memory
   */
  constructor(
    readonly form: Form,
    readonly program: Program,
    readonly keys: ProgramKeys,
    readonly specs: readonly TensorSpec[],
    readonly paths: readonly Path[],
    readonly owned: readonly Storage[],
  ) {}

  /** Runs the program on the inputs' values and on what a trace of the same form refers to. */
  run(form: Form, values: readonly Tensor[]): Tensor[] {
    const { program, specs } = this;
    for (let i = 0; i < values.length; i++) program.bindInput(i, (values[i] as Tensor).address('run'));
    for (let i = 0; i < form.places.length; i++) program.moveTo(i, addressOf(form.places[i] as Location));
    for (let i = 0; i < form.keys.length; i++) this.keys.set(i, form.keys[i] as RandomKey);
    const results: Tensor[] = [];
    try {
      for (let i = 0; i < specs.length; i++) {
        const { shape, dtype } = specs[i] as TensorSpec;
        const out = allocate(shape, dtype);
        results.push(out);
        program.bindOutput(i, out.address());
      }
      program.run();
      return results;
    } catch (error) {
      for (const t of results) t.dispose();
      throw error;
    }
  }

  dispose(): void {
    this.program.dispose();
    for (const storage of this.owned) storage.release();
  }
}

/** The programs of all traces. */
export const plans = new PlanCache<Plan>();

/**
 * Traces a function, adds the gradients that are wanted, and runs it.
 * @param values what the inputs represent
 * @throws what the function throws, what `check` throws, IndexError; nothing has been assigned then
 */
export function runAtOnce(
  values: readonly Tensor[],
  trace: (graph: Graph, inputs: readonly Tensor[]) => Wanted,
): Results {
  const graph = new Graph(undefined, true);
  const inputs = values.map((v) => traceInput(graph, v));
  const nodes = [...graph.nodes];
  const spot = new Spot(
    graph,
    nodes.map((node, i) => [node, values[i] as Tensor]),
  );
  graph.present = spot;
  try {
    const { wanted, early } = record(graph, () => {
      const wanted = trace(graph, inputs);
      // Gradients of the user's own are functions to be called, and may read values too.
      return { wanted, early: hasOwnGradients(graph) ? differentiate(graph, wanted) : undefined };
    });
    graph.present = undefined;
    return finish({ graph, inputs: nodes, wanted, early, spot }, values);
  } catch (error) {
    for (const t of spot.kept) settleLate(t, spot, graph);
    throw error;
  } finally {
    graph.present = undefined;
    graph.isOver = true;
    graph.release();
    spot.release();
  }
}

/** Values and gradients as nodes, with how the first value depends on each target. */
interface Differentiated {
  readonly nodes: readonly Node[];
  readonly paths: readonly Path[];
}

/** A function that has been traced. */
interface Traced {
  readonly graph: Graph;
  readonly inputs: readonly Node[];
  readonly wanted: Wanted;
  /** The gradients, if they are part of the trace. */
  readonly early: Differentiated | undefined;
  readonly spot: Spot;
}

function differentiate(graph: Graph, { outputs, gradient }: Wanted): Differentiated {
  if (!gradient) return { nodes: outputs, paths: [] };
  const { targets, dy } = gradient;
  const { found, paths } = gradient.differentiate(graph, outputs[0] as Node, targets, dy);
  gradient.check(paths);
  return { nodes: [...outputs, ...found.flatMap((g) => g?.node(graph, 'gradients') ?? [])], paths };
}

const hasOwnGradients = (graph: Graph): boolean =>
  graph.nodes.some(
    ({ op, kind, attrs }) =>
      (op === 'custom' && (attrs as CustomAttrs).gradFunc !== null) ||
      (kind === 'loop' && hasOwnGradients((attrs as Body).graph)),
  );

/** Finds or makes the program of a trace, and runs it. */
function finish(traced: Traced, values: readonly Tensor[]): Results {
  const { graph, wanted, early, spot } = traced;
  const kept = [...spot.kept].filter((t) => !t.isDisposed);
  const keptNodes = kept.map((t) => t.node(graph, 'keep'));
  const known = spot.computed;
  const form = formOf(traced, keptNodes, known);
  // Effects belong to one trace alone.
  const isLasting = graph.effects.length === 0 && !form.hasEffects;
  const before = isLasting ? plans.find(form) : undefined;
  if (before && !early) wanted.gradient?.check(before.paths);
  const plan = before ?? makePlan(traced, form, keptNodes, known);
  const copies: Tensor[] = [];
  // A variable's own memory may change while its value is still to be read.
  const isChanging = graph.effects.length + graph.assignments.length > 0;
  const bound = isChanging ? values.map((v) => (v instanceof Variable ? copied(v, copies) : v)) : values;
  try {
    const results = plan.run(form, bound);
    for (const [i, t] of kept.entries()) settle(t, results[results.length - kept.length + i] as Tensor);
    let at = wanted.outputs.length;
    return {
      values: results.slice(0, at),
      gradients: plan.paths.map((path) => (path === 'none' ? undefined : results[at++])),
    };
  } finally {
    for (const t of copies) t.dispose();
    if (!isLasting) plan.dispose();
    else if (!before) plans.add(plan);
  }
}

function copied(v: Variable, copies: Tensor[]): Tensor {
  const copy = duplicate(v);
  copies.push(copy);
  return copy;
}

function formOf({ graph, inputs, wanted, early }: Traced, kept: readonly Node[], known: Map<Node, Tensor>): Form {
  const form = new Form();
  const { targets, dy } = (early ? undefined : wanted.gradient) ?? {};
  const weights = dy ? [dy.node(graph, 'dy')] : [];
  const { assignments } = graph;
  const assigned = assignments.map(([, n]) => n);
  const lists = [inputs, early?.nodes ?? wanted.outputs, ...(targets?.groups ?? []), weights, kept, assigned];
  form.add(lists.length);
  for (const list of lists) form.add(list.length);
  for (const [place] of assignments) form.addPlace(place);
  if (early) for (const path of early.paths) form.add(path === 'none' ? 0 : 1);
  form.addGraph(graph.nodes, lists.flat(), inputs, { leaves: targets?.leaves, known: known.size ? known : undefined });
  return form;
}

function makePlan(
  { graph, inputs, wanted, early }: Traced,
  form: Form,
  kept: readonly Node[],
  known: Map<Node, Tensor>,
): Plan {
  const traced = graph.nodes.length;
  const { nodes, paths } = early ?? record(graph, () => differentiate(graph, wanted));
  const bound = new Set(form.places.map(addressOf));
  const own = graph.nodes
    .slice(traced)
    .flatMap(({ kind, attrs }) =>
      kind === 'constant' && !bound.has(addressOf(attrs as Location)) ? (attrs as Location).storage : [],
    );
  const outputs = [...nodes, ...kept];
  const spec = { graph, inputs, outputs, assignments: graph.assignments };
  const sources = known.size ? replaceKnown(spec, known) : spec;
  const keys = new ProgramKeys(form.keys);
  const program = compileProgram({
    ...sources,
    bindOutputs: true,
    movable: form.places,
    keys,
  });
  if (known.size) sources.graph.release();
  const specs = outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  return new Plan(
    form.lasting(),
    program,
    keys,
    specs,
    paths,
    own.map((s) => s.retain()),
  );
}

/** A tensor of the trace gets a value, and owns it. */
function settle(tensor: Tensor, value: Tensor): void {
  const { storage, offset } = value.location();
  tensor.settle({ storage: storage.retain(), offset });
  value.dispose();
}

/** The function failed: tensors that it kept still get their values, if those can be computed. */
function settleLate(tensor: Tensor, spot: Spot, graph: Graph): void {
  if (tensor.isDisposed || !tensor.isTraced) return;
  try {
    const { storage, offset } = spot.valueOf(tensor.node(graph, 'keep'));
    settle(
      tensor,
      untracked(() => copyAt({ storage, offset }, tensor)),
    );
  } catch {
    tensor.dispose();
  }
}

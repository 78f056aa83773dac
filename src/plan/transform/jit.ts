/** Functions compiled to programs: `jit`. */

import { ownSeed } from '../../ops/core/keys';
import { checkFunction } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { ProgramDraws } from '../../tensor/draws';
import { currentGraph, type Graph, type Location, withNewGraph } from '../../tensor/graph';
import { allocate, type Tensor } from '../../tensor/tensor';
import { freezing } from '../../tensor/variable';
import { Counter } from '../counter';
import { countUp } from '../effects';
import { showProgram } from '../print';
import { compileProgram, type Program } from '../program';
import { record, traceInput } from '../trace';
import { describe, matches, rebuild, type Template } from '../tree';
import { ProgramCache } from './program-cache';

interface Compiled {
  readonly args: Template;
  readonly result: Template;
  readonly outputs: readonly Tensor[];
  readonly program: Program;
  /** Which variables were trained when it was traced, and the number of changes of that up to when it was looked at. */
  readonly trainable: Graph['trainable'];
  seen: number;
}

/** Whether variables are as frozen as when it was traced. */
function isAsFrozen(c: Compiled): boolean {
  if (c.seen === freezing.version) return true;
  for (const [variable, was] of c.trainable ?? []) if (variable.trainable !== was) return false;
  c.seen = freezing.version;
  return true;
}

/** A function compiled by `sg.jit`. */
export interface Jitted<A extends readonly unknown[], R> {
  (...args: A): R;
  /** Frees the memory of its programs. It may be called again, and is then compiled again. */
  dispose(): void;
  /** The program for such arguments as text, to look at plans. */
  describe(...args: A): string;
}

/**
 * Compiles a function into one program for each shape of its arguments: the first call traces it, later ones run
 * the program. Everything inside becomes part of it: gradients, random numbers (new ones in each call), assignments to
 * variables, the steps of optimizers. So a hand-written training loop runs as fast as `fit`.
 *
 * Tensors among the arguments, also inside arrays and plain objects, may differ in value from call to call. Numbers and
 * everything else are constants of the trace: another value compiles another program (the last 32 are kept), so pass
 * numbers that change as scalars. Variables and tensors of enclosing scopes are used without copying; variables that
 * are frozen, or made trainable again, cause another program to be compiled for the steps that train them.
 * @param fn a synchronous function. It must compute with ops alone: values are not known while it is traced.
 * @returns a function of the same arguments; its results are new tensors.
 * @throws ArgumentError if `fn` returns a promise; StateError if it reads values
 * @example
 * const w = sg.variable(sg.zeros([2, 1]));
 * const optimizer = sg.train.adam(0.01);
 * const step = sg.jit((x, y) => optimizer.minimize(() => x.matMul(w).sub(y).square().mean(), true));
 * const loss = step(sg.ones([8, 2]), sg.ones([8, 1]));
 */
export function jit<A extends readonly Tensor[], R>(fn: (...args: A) => R): Jitted<A, R>;
export function jit<A extends readonly unknown[], R>(fn: (...args: A) => R): Jitted<A, R>;
export function jit<A extends readonly unknown[], R>(fn: (...args: A) => R): Jitted<A, R> {
  checkFunction(fn, 'jit', 'fn', '(x) => x.square()');
  const programs = new ProgramCache<Compiled>();
  const seed = ownSeed();

  const find = (args: A, leaves: Tensor[]): Compiled => {
    for (let i = programs.size - 1; i >= 0; i--) {
      leaves.length = 0;
      if (!isAsFrozen(programs.at(i)) || !matches(programs.at(i).args, args, leaves)) continue;
      const found = programs.use(i);
      if (found) return found;
      break;
    }
    const made = compile(fn, args, calls.location, new ProgramDraws(seed));
    programs.add(made);
    leaves.length = 0;
    matches(made.args, args, leaves);
    return made;
  };

  const run = (...args: A): R => {
    // Inside another trace the function is part of that.
    if (currentGraph()) return fn(...args);
    const leaves: Tensor[] = [];
    const { program, outputs, result } = find(args, leaves);
    for (let i = 0; i < leaves.length; i++) program.bindInput(i, (leaves[i] as Tensor).address('jit'));
    const values = outputs.map((t) => allocate(t.shape, t.dtype));
    try {
      for (let i = 0; i < values.length; i++) program.bindOutput(i, (values[i] as Tensor).address());
      calls.run(program);
    } catch (error) {
      for (const t of values) t.dispose();
      throw error;
    }
    let at = 0;
    return rebuild(result, () => values[at++] as Tensor) as R;
  };
  // What random numbers follow.
  const calls = new Counter(run);
  return Object.assign(run, {
    dispose: () => {
      programs.clear();
      calls.release();
    },
    describe: (...args: A) => showProgram(find(args, []).program),
  });
}

/** Traces a call and compiles the graph. */
function compile<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  args: A,
  step: Location,
  draws: ProgramDraws,
): Compiled {
  const trace = (graph: Graph): Compiled => {
    const leaves: Tensor[] = [];
    const template = describe(args, leaves, false);
    const inputs = leaves.map((t) => traceInput(graph, { shape: t.shape, dtype: t.dtype }));
    let at = 0;
    const traced = rebuild(template, () => inputs[at++] as Tensor) as A;
    const value = record(graph, () => fn(...traced));
    if (value instanceof Promise)
      throw new ArgumentError('jit: the function returned a promise; it must be synchronous');
    countUp(graph, step);
    const outputs: Tensor[] = [];
    const result = describe(value, outputs, true);
    const program = compileProgram({
      graph,
      inputs: inputs.map((t) => t.node(graph, 'jit')),
      outputs: outputs.map((t) => t.node(graph, 'jit')),
      assignments: graph.assignments,
      bindOutputs: true,
      step,
    });
    return { args: template, result, outputs, program, trainable: graph.trainable, seen: freezing.version };
  };
  return withNewGraph(trace, false, draws);
}

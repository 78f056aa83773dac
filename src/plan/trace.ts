/** Tracing of functions. */
import { type Graph, type TensorSpec, withGraph } from '../tensor/graph';
import { tidy } from '../tensor/scope';
import { allocate, duplicate, Tensor } from '../tensor/tensor';
import { Variable } from '../tensor/variable';
import { compileProgram } from './program';

/** An input of a graph as a tensor. */
export function traceInput(graph: Graph, spec: TensorSpec): Tensor {
  return new Tensor(graph.input(spec), spec);
}

/** Runs `fn` while its ops are recorded. */
export const record = <T>(graph: Graph, fn: () => T): T => withGraph(graph, () => tidy(fn));

/** Compiles a graph once, runs it on the given inputs, and returns its outputs. */
export function runOnce(
  graph: Graph,
  inputs: readonly Tensor[],
  values: readonly Tensor[],
  outputs: readonly Tensor[],
): Tensor[] {
  const program = compileProgram({
    graph,
    inputs: inputs.map((t) => t.node(graph, 'run')),
    outputs: outputs.map((t) => t.node(graph, 'run')),
    assignments: graph.assignments,
    bindOutputs: true,
  });
  const results: Tensor[] = [];
  const copies: Tensor[] = [];
  // A variable's own memory may change while its value is still to be read.
  const bound = values.map((v) => {
    if (!(v instanceof Variable) || graph.effects.length + graph.assignments.length === 0) return v;
    const copy = duplicate(v);
    copies.push(copy);
    return copy;
  });
  try {
    bound.forEach((v, i) => program.bindInput(i, v.address('run')));
    for (const [i, t] of outputs.entries()) {
      const out = allocate(t.shape, t.dtype);
      results.push(out);
      program.bindOutput(i, out.address());
    }
    program.run();
    return results;
  } catch (error) {
    for (const t of results) t.dispose();
    throw error;
  } finally {
    for (const t of copies) t.dispose();
    program.dispose();
  }
}

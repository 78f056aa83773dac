/** Functions compiled to programs, for looking at plans. */
import * as sg from '../../src/index';
import { showProgram } from '../../src/plan/print';
import { compileProgram, type PlanOptions, type Program } from '../../src/plan/program';
import { record, traceInput } from '../../src/plan/trace';
import { Graph } from '../../src/tensor/graph';

type Tensor = sg.Tensor;

export interface Compiled {
  readonly program: Program;
  /** Commands by their name, in order. */
  readonly names: readonly string[];
  readonly lines: readonly string[];
  /** Runs the program on the given inputs, or on those before; the results are new tensors. */
  run(inputs?: readonly Tensor[]): Tensor[];
}

/** Traces `f` on inputs like those given; results are bound to tensors. */
export function compile(
  f: (...xs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options?: PlanOptions,
): Compiled {
  const graph = new Graph();
  const traced = inputs.map((x) => traceInput(graph, x));
  const results = record(graph, () => f(...traced));
  const outputs = results instanceof sg.Tensor ? [results] : results;
  const program = compileProgram({
    graph,
    inputs: traced.map((t) => t.node(graph, 'test')),
    outputs: outputs.map((t) => t.node(graph, 'test')),
    assignments: graph.assignments,
    bindOutputs: true,
    options,
  });
  const lines = showProgram(program).split('\n').slice(0, -1);
  return {
    program,
    lines,
    names: lines.map((l) => l.trim().split(/\s+/)[1] as string),
    run: (given = inputs) => {
      given.forEach((x, i) => {
        program.bindInput(i, x.address());
      });
      const out = outputs.map((t) => sg.fill(t.shape, t.dtype === 'float32' ? Number.NaN : -1, t.dtype));
      out.forEach((t, i) => {
        program.bindOutput(i, t.address());
      });
      program.run();
      return out;
    },
  };
}

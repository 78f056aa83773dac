/** Tracing of functions, and eager gradients: trace, differentiate, compile, run. */
import { gradients } from '../autodiff/reverse';
import { type TensorLike, toTensor } from '../ops/creation';
import { ArgumentError, ShapeError } from '../runtime/errors';
import { currentGraph, Graph, type TensorSpec, withGraph } from '../tensor/graph';
import { tidy } from '../tensor/scope';
import { sameShape, showShape } from '../tensor/shape';
import { allocate, duplicate, Tensor } from '../tensor/tensor';
import { Variable } from '../tensor/variable';
import { compileProgram } from './program';

/** An input of a graph as a tensor. */
export function traceInput(graph: Graph, spec: TensorSpec): Tensor {
  return new Tensor(graph.input(spec), spec);
}

/** Runs `fn` while its ops are recorded. */
export const record = <T>(graph: Graph, fn: () => T): T => withGraph(graph, () => tidy(fn));

/** Compiles a graph once, runs it on the given inputs, and hands out its outputs. */
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

type ScalarFunction = (...args: Tensor[]) => Tensor;

/** f's value. @throws ArgumentError if it is no tensor, ShapeError if dy does not fit it */
function evaluate(f: ScalarFunction, inputs: readonly Tensor[], dy: Tensor | undefined): Tensor {
  const out = f(...inputs);
  if (!(out instanceof Tensor)) throw new ArgumentError('grads: the function must return a tensor');
  if (dy && !sameShape(dy.shape, out.shape)) {
    throw new ShapeError(`grads: dy has shape ${showShape(dy.shape)}, the value ${showShape(out.shape)}`);
  }
  return out;
}

/**
 * Gradients inside a function that is being traced itself: more nodes of the same graph. Each argument gets a node of
 * its own, so that only what f itself does with it counts, not what was computed from it outside.
 */
function inlineGrads(
  graph: Graph,
  f: ScalarFunction,
  values: readonly Tensor[],
  dy: Tensor | undefined,
): { value: Tensor; grads: Tensor[] } {
  const inputs = values.map((v) => {
    const node = graph.add('reshape', [v.node(graph, 'grads')], { shape: v.shape, own: graph.nodes.length }, v);
    return new Tensor(node, node);
  });
  const value = evaluate(f, inputs, dy);
  return { value, grads: gradients(graph, value, inputs, dy) };
}

/**
 * A function that gives f's value and its gradients with respect to all arguments.
 *
 * @param f of tensors to one tensor; if that is not a scalar, pass the weights of its elements as `dy`.
 * @throws ArgumentError, ShapeError
 * @example
 * const g = sg.valueAndGrads((a, b) => a.mul(b).sum());
 * const { value, grads } = g([sg.tensor1d([1, 2]), sg.tensor1d([3, 4])]);
 * grads[0].dataSync(); // [3, 4]
 */
export function valueAndGrads(
  f: ScalarFunction,
): (args: readonly TensorLike[], dy?: Tensor) => { value: Tensor; grads: Tensor[] } {
  return (args, dy) => {
    if (!Array.isArray(args)) throw new ArgumentError('grads: the arguments must be given as one array');
    const values = args.map((a, i) => toTensor(a, 'grads', `args[${i}]`));
    const outer = currentGraph();
    if (outer) return inlineGrads(outer, f, values, dy);
    const graph = new Graph(undefined, true);
    try {
      const inputs = values.map((v) => traceInput(graph, v));
      const weights = dy && traceInput(graph, dy);
      const outputs = record(graph, () => {
        const out = evaluate(f, inputs, dy);
        return [out, ...gradients(graph, out, inputs, weights)];
      });
      const bound = weights ? [...inputs, weights] : inputs;
      const [value, ...results] = runOnce(graph, bound, dy ? [...values, dy] : values, outputs);
      return { value: value as Tensor, grads: results };
    } finally {
      graph.release();
    }
  };
}

/** As `valueAndGrads`, without the value. */
export function grads(f: ScalarFunction): (args: readonly TensorLike[], dy?: Tensor) => Tensor[] {
  const both = valueAndGrads(f);
  return (args, dy) => {
    const { value, grads: result } = both(args, dy);
    value.dispose();
    return result;
  };
}

/** As `valueAndGrads`, for a function of one argument. */
export function valueAndGrad(
  f: (x: Tensor) => Tensor,
): (x: TensorLike, dy?: Tensor) => { value: Tensor; grad: Tensor } {
  const both = valueAndGrads(f as ScalarFunction);
  return (x, dy) => {
    const { value, grads: result } = both([x], dy);
    return { value, grad: result[0] as Tensor };
  };
}

/**
 * The gradient of a function of one argument.
 * @example
 * sg.grad((x) => x.square().sum())(sg.tensor1d([1, 2])).dataSync(); // [2, 4]
 */
export function grad(f: (x: Tensor) => Tensor): (x: TensorLike, dy?: Tensor) => Tensor {
  const all = grads(f as ScalarFunction);
  return (x, dy) => all([x], dy)[0] as Tensor;
}

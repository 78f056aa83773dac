/** The entry of every op: on traced tensors it adds a node, on real ones it runs immediately. */

import { observeOp, opObservers } from '../../program/observers';
import { currentGraph, type Graph, type TensorSpec } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { sizeOf } from '../../tensor/shape';
import { allocate, Tensor } from '../../tensor/tensor';
import { Variable } from '../../tensor/variable';
import type { Descriptor } from './descriptor';
import { runEager, valueOf } from './eager';

/** Applies an op. @throws whatever the op's shape rule throws, DisposedError */
export function apply<A>(descriptor: Descriptor<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  for (const { coded } of inputs) if (coded) return applyCoded(descriptor, inputs, attrs);
  const spec = descriptor.infer(inputs, attrs);
  // While a trace is recorded all ops belong to it: values computed from variables alone must follow them.
  const graph = innermost(inputs) ?? currentGraph();
  if (graph) {
    const nodes = inputs.map((t) => t.node(graph, descriptor.name));
    return new Tensor(graph.add(descriptor, nodes, attrs, spec), spec);
  }
  // A variable's memory will change: results must not share it.
  return compute(descriptor, inputs, attrs, spec, !(inputs[0] instanceof Variable));
}

/** An op of which operands have forms of their own: computed with these where they know the op, else with the numbers. */
function applyCoded<A>(descriptor: Descriptor<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  for (const [i, { coded }] of inputs.entries()) {
    const made = coded?.apply(descriptor, i, inputs, attrs);
    if (made) return made;
  }
  return tidy(() =>
    apply(
      descriptor,
      inputs.map((t) => t.coded?.floats(t.place(descriptor.name), t.shape) ?? t),
      attrs,
    ),
  );
}

/** The result of an op on real tensors. @param mayShare whether it may be a view of its first operand */
export function compute<A>(
  descriptor: Descriptor<A>,
  inputs: readonly Tensor[],
  attrs: A,
  spec: TensorSpec,
  mayShare: boolean,
): Tensor {
  const { name } = descriptor;
  if (descriptor.view && mayShare) {
    const view = descriptor.view(
      inputs.map((t) => valueOf(t, name)),
      attrs,
      spec,
    );
    if (view) {
      const { storage } = (inputs[0] as Tensor).location(name);
      return new Tensor(storage.part(view.ref.offset, sizeOf(spec.shape) * 4), spec);
    }
  }
  for (const t of inputs) t.location(name);
  const out = allocate(spec.shape, spec.dtype);
  try {
    if (opObservers.size === 0) runEager(descriptor, inputs, out, attrs);
    else observeOp(name, inputs, out, () => runEager(descriptor, inputs, out, attrs));
  } catch (error) {
    out.dispose();
    throw error;
  }
  return out;
}

/** The graph to which an op on these operands belongs: the innermost of those that they come from. */
function innermost(inputs: readonly Tensor[]): Graph | undefined {
  let found: Graph | undefined;
  let depth = -1;
  for (const { graph } of inputs) {
    if (!graph || graph === found) continue;
    const d = depthOf(graph);
    if (d > depth) [found, depth] = [graph, d];
  }
  return found;
}

function depthOf(graph: Graph): number {
  let depth = 0;
  for (let g = graph.parent; g; g = g.parent) depth++;
  return depth;
}

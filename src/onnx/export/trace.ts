/** Traces of models and functions, with the layer that made each value and the names of variables. */
import { context } from '../../layers/base/context';
import { record, traceInput } from '../../plan/trace';
import { ProgramDraws } from '../../tensor/draws';
import { Graph, type NamedOp, type Node, type TensorSpec } from '../../tensor/graph';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';

/** A graph that notes which layer is being called when a value is added. */
class NotingGraph extends Graph {
  readonly layers = new Map<Node, string>();

  #note(node: Node): Node {
    const caller = context().caller as { readonly name?: string } | undefined;
    if (caller?.name) this.layers.set(node, caller.name);
    return node;
  }

  override add(op: NamedOp, inputs: readonly Node[], attrs: unknown, spec: TensorSpec): Node {
    return this.#note(super.add(op, inputs, attrs, spec));
  }

  override addKind(kind: 'loop' | 'part', inputs: readonly Node[], attrs: unknown, spec: TensorSpec): Node {
    return this.#note(super.addKind(kind, inputs, attrs, spec));
  }
}

/** What a call of a function recorded. */
export interface Trace {
  readonly graph: Graph;
  readonly inputs: readonly Node[];
  readonly outputs: readonly Node[];
  /** Names of the layers that made values. */
  readonly layers: ReadonlyMap<Node, string>;
  /** Variables by the nodes of their values. */
  readonly variables: ReadonlyMap<Node, Variable>;
}

/** Records a call on inputs of such shapes. The caller releases the graph. */
export function traceCall(specs: readonly TensorSpec[], call: (inputs: readonly Tensor[]) => readonly Tensor[]): Trace {
  const graph = new NotingGraph(undefined, false, new ProgramDraws([0, 0]));
  const variables = new Map<Node, Variable>();
  try {
    const inputs = specs.map((spec) => traceInput(graph, spec));
    const outputs = record(graph, () =>
      graph.within(
        (variable, value) => {
          variables.set(value, variable as Variable);
          return value;
        },
        () => call(inputs),
      ),
    );
    const nodeOf = (t: Tensor): Node => t.node(graph, 'toONNX');
    return { graph, inputs: inputs.map(nodeOf), outputs: outputs.map(nodeOf), layers: graph.layers, variables };
  } catch (error) {
    graph.release();
    throw error;
  }
}

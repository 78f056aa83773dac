/** What tests look at in an exported file. */
import { decodeModel } from '../../src/onnx/proto/model';
import type { GraphProto, ModelProto, NodeProto } from '../../src/onnx/proto/schema';

export interface Seen {
  readonly model: ModelProto;
  readonly graph: GraphProto;
  /** Operators in their order. */
  readonly ops: string[];
  readonly inputs: string[];
  readonly outputs: string[];
  /** Names of stored tensors. */
  readonly stored: string[];
}

export function see(bytes: Uint8Array): Seen {
  const model = decodeModel(bytes);
  const graph = model.graph as GraphProto;
  const info = (list: GraphProto['input']): string[] =>
    (list ?? []).map(
      ({ name, type }) =>
        `${name}[${type?.tensorType?.shape ? (type.tensorType.shape.dim ?? []).map((d) => d.dimParam ?? d.dimValue ?? '?').join() : '...'}]`,
    );
  return {
    model,
    graph,
    ops: (graph.node ?? []).map((n) => n.opType as string),
    inputs: info(graph.input),
    outputs: info(graph.output),
    stored: (graph.initializer ?? []).map((t) => t.name as string),
  };
}

const namesIn = (list: readonly { readonly name?: string }[] | undefined): string[] =>
  (list ?? []).map(({ name }) => name as string);

const bodiesOf = (node: NodeProto): GraphProto[] => (node.attribute ?? []).flatMap((a) => (a.g ? [a.g] : []));

/** Values that are read before they exist, names that stand for two values, outputs that nothing computes. */
export function faultsOf(graph: GraphProto, outer: ReadonlySet<string> = new Set()): string[] {
  const known = new Set(outer);
  const faults: string[] = [];
  const define = (name: string): void => {
    if (known.has(name)) faults.push(`${name} is there twice`);
    known.add(name);
  };
  for (const name of [...namesIn(graph.input), ...namesIn(graph.initializer)]) define(name);
  for (const node of graph.node ?? []) {
    for (const name of node.input ?? []) if (name && !known.has(name)) faults.push(`${node.name} reads ${name}`);
    for (const body of bodiesOf(node)) faults.push(...faultsOf(body, known));
    for (const name of node.output ?? []) define(name);
  }
  for (const name of namesIn(graph.output)) if (!known.has(name)) faults.push(`output ${name} is not computed`);
  return faults;
}

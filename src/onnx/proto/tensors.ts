/** The messages of a model with other tensors in them. */
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto } from './schema';

/** What a message becomes; the same if nothing changes. */
export interface Replacing {
  tensor(t: TensorProto): TensorProto;
  attribute(a: AttributeProto): AttributeProto;
}

const list = <T>(values: readonly T[] | undefined, f: (value: T) => T): readonly T[] | undefined => values?.map(f);

function inAttribute(a: AttributeProto, by: Replacing): AttributeProto {
  const { t, g, tensors, graphs } = a;
  if (!t && !g && !tensors && !graphs) return by.attribute(a);
  return {
    ...a,
    ...(t && { t: by.tensor(t) }),
    ...(g && { g: inGraph(g, by) }),
    ...(tensors && { tensors: tensors.map((x) => by.tensor(x)) }),
    ...(graphs && { graphs: graphs.map((x) => inGraph(x, by)) }),
  };
}

const inNode = (node: NodeProto, by: Replacing): NodeProto =>
  node.attribute ? { ...node, attribute: list(node.attribute, (a) => inAttribute(a, by)) } : node;

function inGraph(graph: GraphProto, by: Replacing): GraphProto {
  return {
    ...graph,
    node: list(graph.node, (n) => inNode(n, by)),
    initializer: list(graph.initializer, (t) => by.tensor(t)),
  };
}

const inFunction = (f: FunctionProto, by: Replacing): FunctionProto => ({
  ...f,
  node: list(f.node, (n) => inNode(n, by)),
});

/** A copy of the messages with other tensors. */
export function replaceTensors(model: ModelProto, by: Replacing): ModelProto {
  return {
    ...model,
    ...(model.graph && { graph: inGraph(model.graph, by) }),
    functions: list(model.functions, (f) => inFunction(f, by)),
  };
}

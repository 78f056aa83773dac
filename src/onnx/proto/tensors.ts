/** The messages of a model with other tensors and nodes in them. */
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto } from './schema';

/** What a message becomes; the same if nothing changes. */
export interface Replacing {
  tensor(t: TensorProto): TensorProto;
  attribute(a: AttributeProto): AttributeProto;
  node(n: NodeProto, isInFunction: boolean): NodeProto;
}

const list = <T>(values: readonly T[] | undefined, f: (value: T) => T): readonly T[] | undefined => values?.map(f);

function inAttribute(a: AttributeProto, by: Replacing, isInFunction: boolean): AttributeProto {
  const { t, g, tensors, graphs } = a;
  if (!t && !g && !tensors && !graphs) return by.attribute(a);
  return {
    ...a,
    ...(t && { t: by.tensor(t) }),
    ...(g && { g: inGraph(g, by, isInFunction) }),
    ...(tensors && { tensors: tensors.map((x) => by.tensor(x)) }),
    ...(graphs && { graphs: graphs.map((x) => inGraph(x, by, isInFunction)) }),
  };
}

function inNode(node: NodeProto, by: Replacing, isInFunction = false): NodeProto {
  const found = by.node(node, isInFunction);
  // What takes the place of a node is as it should be.
  if (found !== node || !node.attribute) return found;
  return { ...node, attribute: list(node.attribute, (a) => inAttribute(a, by, isInFunction)) };
}

function inGraph(graph: GraphProto, by: Replacing, isInFunction = false): GraphProto {
  return {
    ...graph,
    node: list(graph.node, (n) => inNode(n, by, isInFunction)),
    initializer: list(graph.initializer, (t) => by.tensor(t)),
  };
}

const inFunction = (f: FunctionProto, by: Replacing): FunctionProto => ({
  ...f,
  node: list(f.node, (n) => inNode(n, by, true)),
});

/** A copy of the messages with other tensors, and other nodes. */
export function replaceTensors(model: ModelProto, by: Replacing): ModelProto {
  return {
    ...model,
    ...(model.graph && { graph: inGraph(model.graph, by) }),
    functions: list(model.functions, (f) => inFunction(f, by)),
  };
}

/** What a graph no longer needs. */
import type { GraphProto, NodeProto } from './schema';

/** Names that nodes and outputs read, those of inner graphs too. */
function* namesRead({ node, output }: GraphProto): Generator<string> {
  for (const { name = '' } of output ?? []) yield name;
  for (const { input, attribute } of node ?? []) {
    yield* input ?? [];
    for (const { g, graphs } of attribute ?? [])
      for (const graph of g ? [g, ...(graphs ?? [])] : (graphs ?? [])) yield* namesRead(graph);
  }
}

/** A graph without those of some values that nothing reads, and without what they alone are computed of. */
export function withoutUnread(graph: GraphProto, names: readonly string[]): GraphProto {
  const read = new Set(namesRead(graph));
  const unread = new Set(names.filter((name) => !read.has(name)));
  if (unread.size === 0) return graph;
  const isKept = ({ name = '' }: { readonly name?: string }): boolean => !unread.has(name);
  const isNeeded = ({ output = [] }: NodeProto): boolean => output.length === 0 || output.some((o) => !unread.has(o));
  const dropped = (graph.node ?? []).filter((n) => !isNeeded(n));
  const rest = {
    ...graph,
    node: (graph.node ?? []).filter(isNeeded),
    initializer: (graph.initializer ?? []).filter(isKept),
    input: (graph.input ?? []).filter(isKept),
  };
  return withoutUnread(
    rest,
    dropped.flatMap(({ input }) => input ?? []),
  );
}

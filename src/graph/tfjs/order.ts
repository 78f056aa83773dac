/** Named nodes to a graph of the core: names become indices, operands come first. */
import { show } from '../../support/arguments';
import { FormatError } from '../../support/errors';
import type { Graph, GraphNode, Port } from '../core/graph';
import type { RawNode, RawNodes, RawRef } from './raw';

/** A port whose value is still known by name. */
export type RawPort = Omit<Port, 'ref'> & { readonly ref: RawRef };

/** All nodes, each after those that it needs. @throws FormatError for nodes that are missing, or need themselves */
function sorted(nodes: RawNodes, where: string): RawNode[] {
  const order: RawNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const needsOf = ({ inputs, controls }: RawNode): string[] => [...inputs.map(({ node }) => node), ...controls];
  for (const root of nodes.values()) {
    if (state.has(root.name)) continue;
    // Not by recursion: chains of nodes may be long.
    const stack: { readonly node: RawNode; readonly needs: readonly string[]; next: number }[] = [];
    const open = (node: RawNode): void => {
      state.set(node.name, 'open');
      stack.push({ node, needs: needsOf(node), next: 0 });
    };
    open(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const name = top.needs[top.next++];
      if (name === undefined) {
        state.set(top.node.name, 'done');
        order.push(top.node);
        stack.pop();
        continue;
      }
      const needed = nodes.get(name);
      if (!needed)
        throw new FormatError(`${where}: node '${top.node.name}' needs node ${show(name)}, which is missing`);
      if (state.get(name) === 'open')
        throw new FormatError(
          `${where}: the nodes are not in an order: '${name}' needs '${top.node.name}' and that needs '${name}'`,
        );
      if (!state.has(name)) open(needed);
    }
  }
  return order;
}

/** @throws FormatError for cycles and missing nodes */
export function makeGraph(
  name: string,
  nodes: RawNodes,
  inputs: readonly RawPort[],
  outputs: readonly RawPort[],
): Graph {
  const order = sorted(nodes, name);
  const indices = new Map(order.map((node, i) => [node.name, i]));
  const indexOf = (node: string): number => {
    const index = indices.get(node);
    if (index === undefined) throw new FormatError(`${name}: there is no node ${show(node)}`);
    return index;
  };
  const refOf = ({ node, output }: RawRef): { node: number; output: number } => ({ node: indexOf(node), output });
  const portOf = (port: RawPort): Port => ({ ...port, ref: refOf(port.ref) });
  return {
    name,
    nodes: order.map(
      (node): GraphNode => ({
        name: node.name,
        op: node.op,
        inputs: node.inputs.map(refOf),
        controls: node.controls.map(indexOf),
        attributes: node.attributes,
      }),
    ),
    inputs: inputs.map(portOf),
    outputs: outputs.map(portOf),
  };
}

/**
 * Effects: nodes that change memory in their turn. Graph pass: who reads a variable after it was changed in place, and
 * means the value from before, gets a copy.
 */

import { Count, Op } from '../../assembly/isa';
import type { Effect } from '../ops/ir';
import { descriptorOf } from '../ops/table';
import { Graph, type Location, type Node, type TensorSpec } from '../tensor/graph';
import { type Rewritten, same } from './simplify';

/** Adds one to a counter when all that stands in the graph so far is done. */
export function countUp(graph: Graph, counter: Location): void {
  const effect: Effect = {
    location: undefined,
    emit: (e) => e.command(Op.Count, Count, { cell: { buffer: e.fixed(counter, 'step'), offset: 0 } }, ['cell']),
  };
  graph.effect('count', [], effect, NOTHING);
}

/** What an effect without a value gives. */
export const NOTHING: TensorSpec = { shape: [0], dtype: 'float32' };

const addressOf = ({ storage, offset }: Location): number => storage.address + offset;

/**
 * Nodes whose value may stand in a variable's memory: its constant, what effects left there, and views of these.
 * By the address of that memory.
 */
function tenants(nodes: readonly Node[]): Map<Node, number> {
  const found = new Map<Node, number>();
  for (const node of nodes) {
    if (node.kind === 'constant') found.set(node, addressOf(node.attrs as Location));
    else if (node.kind === 'effect') {
      const { location } = node.attrs as Effect;
      if (location) found.set(node, addressOf(location));
    } else if (node.kind === 'op' && descriptorOf(node.op).view) {
      const address = found.get(node.inputs[0] as Node);
      if (address !== undefined) found.set(node, address);
    }
  }
  return found;
}

/**
 * Effects change memory in their turn. A node made before one, whose value stands in that memory, is copied if
 * something made later, or a result, still reads it.
 * @param results what is read after all effects.
 */
export function keepOld(nodes: readonly Node[], results: readonly Node[]): Rewritten {
  const homes = tenants(nodes);
  const lastUse = new Map<Node, number>();
  for (const node of nodes) for (const i of node.inputs) lastUse.set(i, node.id);
  for (const node of results) lastUse.set(node, Number.POSITIVE_INFINITY);
  const graph = new Graph();
  const of = new Map<Node, Node>();
  for (const node of nodes) {
    const location = node.kind === 'effect' && (node.attrs as Effect).location;
    const inputs = node.inputs.map((i) => of.get(i) as Node);
    if (location) {
      for (const [old, home] of homes) {
        if (home !== addressOf(location) || old.id >= node.id || (lastUse.get(old) ?? 0) <= node.id) continue;
        const value = of.get(old) as Node;
        // Already a copy, made for an effect before.
        if (value.op !== COPY) of.set(old, graph.add(COPY, [value], { shape: value.shape }, value));
      }
    }
    of.set(node, same(graph, node, inputs));
  }
  return { graph, of };
}

/** An op that never gives a view: broadcasting to the same shape. */
const COPY = 'broadcastTo';

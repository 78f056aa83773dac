/** Which nodes compute some outputs, in which order, and until when their values are needed. */
import { FormatError } from '../../support/errors';
import type { Graph, GraphNode, Ref } from './graph';

/** One node to evaluate; its operands and outputs are slots of a frame. */
export interface Step {
  readonly node: GraphNode;
  /** -1: left out. */
  readonly inputs: readonly number[];
  readonly controls: readonly number[];
  /** Slot of the first output. */
  readonly output: number;
  readonly outputCount: number;
  /** Slots that nothing takes after this step. */
  readonly dying: readonly number[];
}

/** The way from fed values to outputs. */
export interface Plan {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly slotCount: number;
  /** Slots of the values that are fed, in their order. */
  readonly feeds: readonly number[];
  /** Slots of the outputs, in their order. */
  readonly results: readonly number[];
}

/** Names of the nodes that the outputs need, operands first; those that are fed are not evaluated. */
function neededNodes(graph: Graph, fed: ReadonlySet<number>, outputs: readonly Ref[]): Uint8Array {
  const isNeeded = new Uint8Array(graph.nodes.length);
  for (const { node } of outputs) isNeeded[node] = 1;
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    if (isNeeded[i] === 0 || fed.has(i)) continue;
    const { inputs, controls } = graph.nodes[i] as GraphNode;
    for (const ref of inputs) if (ref) isNeeded[ref.node] = 1;
    for (const node of controls) isNeeded[node] = 1;
  }
  return isNeeded;
}

/** @throws FormatError for feeds that are given twice */
export function planFor(graph: Graph, feeds: readonly Ref[], outputs: readonly Ref[]): Plan {
  const fed = new Set(feeds.map(({ node }) => node));
  const isNeeded = neededNodes(graph, fed, outputs);
  const counts = new Int32Array(graph.nodes.length).fill(1);
  const count = (ref: Ref | undefined): void => {
    if (ref) counts[ref.node] = Math.max(counts[ref.node] as number, ref.output + 1);
  };
  const order = [...isNeeded.keys()].filter((i) => isNeeded[i] && !fed.has(i));
  for (const i of order) (graph.nodes[i] as GraphNode).inputs.forEach(count);
  [...feeds, ...outputs].forEach(count);

  const first = new Int32Array(graph.nodes.length).fill(-1);
  let slotCount = 0;
  for (const i of [...new Set([...fed, ...order, ...outputs.map(({ node }) => node)])]) {
    first[i] = slotCount;
    slotCount += counts[i] as number;
  }
  const slotOf = ({ node, output }: Ref): number => (first[node] as number) + output;
  const results = outputs.map(slotOf);
  const feedSlots = feeds.map(slotOf);
  if (new Set(feedSlots).size < feedSlots.length) throw new FormatError(`${graph.name}: an input is given twice`);

  const last = new Int32Array(slotCount).fill(-1);
  order.forEach((index, at) => {
    const { inputs, controls } = graph.nodes[index] as GraphNode;
    for (const ref of inputs) if (ref) last[slotOf(ref)] = at;
    for (const node of controls) last[first[node] as number] = at;
    // What nobody takes dies at once.
    for (let k = 0; k < (counts[index] as number); k++) last[(first[index] as number) + k] = at;
  });
  for (const slot of results) last[slot] = order.length;
  const dying: number[][] = order.map(() => []);
  last.forEach((at, slot) => {
    if (at >= 0 && at < order.length) (dying[at] as number[]).push(slot);
  });
  const steps = order.map((index, at): Step => {
    const node = graph.nodes[index] as GraphNode;
    return {
      node,
      inputs: node.inputs.map((ref) => (ref ? slotOf(ref) : -1)),
      controls: node.controls.map((n) => first[n] as number),
      output: first[index] as number,
      outputCount: counts[index] as number,
      dying: dying[at] as number[],
    };
  });
  return { name: graph.name, steps, slotCount, feeds: feedSlots, results };
}

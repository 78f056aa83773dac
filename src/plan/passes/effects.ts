/**
 * Effects: nodes that change memory, in order. Graph pass: nodes that need the value of a variable from before an effect
 * but read it after, get a copy.
 */
import { descriptorOf } from '../../ops/core/descriptor';
import { broadcastTo } from '../../ops/descriptors/elementwise';
import type { Buffer, Effect, Extent, Value } from '../../program/ir';
import { Graph, type Location, type Node } from '../../tensor/graph';

import { sizeOf } from '../../tensor/shape';
import { firstFrom } from './ascending';
import { type Rewritten, same } from './simplify';

const addressOf = ({ storage, offset }: Location): number => storage.address + offset;

/** The memory outside of the program that a node's value is in by its own kind; views follow their operands. */
function homeOf(node: Node): Location | undefined {
  if (node.kind === 'constant') return node.attrs as Location;
  return node.kind === 'effect' ? (node.attrs as Effect).location : undefined;
}

/** What an effect changes. */
export function changesOf(node: Node): readonly Extent[] {
  const { location, changes = [] } = node.attrs as Effect;
  return location ? [{ ...location, bytes: sizeOf(node.shape) * 4 }, ...changes] : changes;
}

/** Nodes so far whose values are in memory that outlives the program, by the start address. */
class Tenants {
  /** Addresses of all places, ascending. */
  readonly #addresses: readonly number[];
  readonly #buffers = new Map<number, Buffer>();
  readonly #at = new Map<number, Node[]>();
  readonly #values = new Map<Node, Value>();

  constructor(nodes: readonly Node[]) {
    for (const node of nodes) {
      const home = homeOf(node);
      if (!home) continue;
      const address = addressOf(home);
      const bytes = sizeOf(node.shape) * 4;
      if (!this.#buffers.has(address)) this.#buffers.set(address, { bytes, address, label: 'home' });
    }
    this.#addresses = [...this.#buffers.keys()].sort((a, b) => a - b);
  }

  /** Adds a node whose value is in such memory. */
  add(node: Node): void {
    const value = this.#valueOf(node);
    if (!value) return;
    this.#values.set(node, value);
    const address = value.ref.buffer.address as number;
    const list = this.#at.get(address);
    if (list) list.push(node);
    else this.#at.set(address, [node]);
  }

  /** Removes, in order, the nodes whose memory overlaps an extent. */
  evict(extent: Extent): Node[] {
    const start = addressOf(extent);
    const found: Node[] = [];
    for (let i = firstFrom(this.#addresses, start); (this.#addresses[i] as number) < start + extent.bytes; i++) {
      const address = this.#addresses[i] as number;
      for (const node of this.#at.get(address) ?? []) found.push(node);
      this.#at.delete(address);
    }
    for (const node of found) this.#values.delete(node);
    return found;
  }

  #valueOf(node: Node): Value | undefined {
    const spec = { shape: node.shape, dtype: node.dtype };
    const home = homeOf(node);
    if (home) return { ...spec, ref: { buffer: this.#buffers.get(addressOf(home)) as Buffer, offset: 0 } };
    const source = node.kind === 'op' && this.#values.get(node.inputs[0] as Node);
    return source ? descriptorOf(node).view?.([source], node.attrs, spec) : undefined;
  }
}

/**
 * Effects change memory in their turn. A value made before one that is in that memory is copied if something made later,
 * a result, or the effect itself while it changes the memory, still reads it.
 * @param results nodes that are read after all effects.
 */
export function keepOld(nodes: readonly Node[], results: readonly Node[]): Rewritten {
  const tenants = new Tenants(nodes);
  const lastUse = new Map<Node, number>();
  for (const node of nodes) for (const i of node.inputs) lastUse.set(i, node.id);
  for (const node of results) lastUse.set(node, Number.POSITIVE_INFINITY);
  const graph = new Graph();
  const of = new Map<Node, Node>();
  /** Called before an effect; its own operands begin at the given one. */
  const keep = (effect: Node, firstOperand: number): void => {
    const copied = new Set<Node>();
    for (const old of changesOf(effect).flatMap((extent) => tenants.evict(extent))) {
      if ((lastUse.get(old) ?? 0) <= effect.id && !effect.inputs.includes(old, firstOperand)) continue;
      const [source] = old.inputs;
      // A view of a value that was just copied becomes a view of the copy.
      const isView = source && old.kind === 'op' && copied.has(source);
      const value = isView
        ? same(graph, old, [of.get(source) as Node])
        : // Never a view: broadcasting to the same shape.
          graph.add(broadcastTo, [of.get(old) as Node], { shape: old.shape }, old);
      of.set(old, value);
      copied.add(old);
    }
  };
  for (const node of nodes) {
    const inputs = node.inputs.map((i) => of.get(i) as Node);
    if (node.kind === 'effect') {
      // The first operand of an effect on a place is changed there.
      const first = (node.attrs as Effect).location ? 1 : 0;
      keep(node, first);
      for (let i = first; i < inputs.length; i++) inputs[i] = of.get(node.inputs[i] as Node) as Node;
    }
    of.set(node, same(graph, node, inputs));
    tenants.add(node);
  }
  return { graph, of };
}

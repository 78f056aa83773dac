/** Values of a function that are read while it is still being traced. */

import { descriptorOf } from '../../ops/core/descriptor';
import { compute } from '../../ops/core/dispatch';
import { addPart, copyNode, partIndex } from '../../ops/core/loop';
import { elementBits } from '../../ops/descriptors/movement';
import { engine } from '../../runtime/engine';
import type { DType } from '../../tensor/dtype';
import { Graph, type Location, type Node, type Present } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import { Storage } from '../../tensor/storage';
import { allocate, copyAt, handleAt, type Tensor, tensorOf } from '../../tensor/tensor';
import { runOnce } from '../trace';

/** Bytes of a block of numbers. */
const BLOCK = 256;
/** Blocks that no trace uses now. */
const idle: Storage[] = [];

/**
 * The present of a trace whose program runs at once. A value that is read is computed op by op, as without a trace, and
 * everything on the way to it is kept: later reads, and the program in the end, start from there. Random numbers carry
 * their key, so the program draws what was read.
 */
export class Spot implements Present {
  readonly #graph: Graph;
  readonly #inputs: ReadonlyMap<Node, Tensor>;
  readonly #known: Map<Node, Tensor>;
  readonly #numbers = new Map<string, Location>();
  readonly #blocks: Storage[] = [];
  #free = 0;
  /** Tensors of the trace that live on. */
  readonly kept = new Set<Tensor>();

  /** @param inputs of the graph, with their values */
  constructor(graph: Graph, inputs: readonly (readonly [Node, Tensor])[]) {
    this.#graph = graph;
    this.#inputs = new Map(inputs);
    this.#known = new Map(inputs);
  }

  /** Nodes whose values were computed meanwhile, with these. */
  get computed(): Map<Node, Tensor> {
    return new Map([...this.#known].filter(([node, value]) => this.#inputs.get(node) !== value));
  }

  valueOf(node: Node): Location {
    return this.#tensorOf(node).location('read');
  }

  scalar(value: number, dtype: DType): Location {
    const bits = elementBits(value, dtype) >>> 0;
    const key = `${bits}${dtype}`;
    const known = this.#numbers.get(key);
    if (known) return known;
    if (this.#free === 0) {
      this.#blocks.push(idle.pop() ?? ownBlock());
      this.#free = BLOCK;
    }
    const storage = this.#blocks[this.#blocks.length - 1] as Storage;
    this.#free -= 4;
    const place = { storage, offset: this.#free };
    engine.memory.u32[(storage.address + place.offset) >>> 2] = bits;
    this.#numbers.set(key, place);
    return place;
  }

  keep(tensor: object): void {
    this.kept.add(tensor as Tensor);
  }

  /** Disposes of all that was computed. */
  release(): void {
    for (const [node, value] of this.#known) if (this.#inputs.get(node) !== value) value.dispose();
    this.#known.clear();
    for (const block of this.#blocks.splice(0)) idle.push(block);
  }

  #tensorOf(root: Node): Tensor {
    const known = this.#known.get(root);
    if (known) return known;
    untracked(() => {
      for (const node of this.#missing(root)) if (!this.#known.has(node)) this.#known.set(node, this.#compute(node));
    });
    return this.#known.get(root) as Tensor;
  }

  /** Nodes that have to be computed for one, in their order. */
  #missing(root: Node): Node[] {
    const found = new Set<Node>();
    const pending = [root];
    for (let node = pending.pop(); node; node = pending.pop()) {
      if (found.has(node) || this.#known.has(node)) continue;
      found.add(node);
      for (const input of node.inputs) pending.push(input);
    }
    return [...found].sort((a, b) => a.id - b.id);
  }

  #compute(node: Node): Tensor {
    if (node.kind === 'constant') return (node.inputs.length ? copyAt : handleAt)(node.attrs as Location, node);
    if (node.kind === 'effect') {
      this.#graph.passes?.happen(this.#graph, this.#known, this.#inputs);
      return this.#known.get(node) as Tensor;
    }
    // A loop's results are computed one by one.
    if (node.kind === 'loop') return allocate([0], 'float32');
    if (node.kind === 'part') return this.#part(node);
    const inputs = node.inputs.map((i) => this.#known.get(i) as Tensor);
    return compute(descriptorOf(node), inputs, node.attrs, node, true);
  }

  #part(node: Node): Tensor {
    const loop = node.inputs[0] as Node;
    const own = new Graph(undefined, true);
    try {
      const inputs = loop.inputs.map((i) => own.constant(this.valueOf(i), i));
      const part = addPart(copyNode(own, loop, inputs), partIndex(node));
      return runOnce(own, [], [], [tensorOf(part)])[0] as Tensor;
    } finally {
      own.release();
    }
  }
}

/** A block that counts as the library's own. */
function ownBlock(): Storage {
  const block = untracked(() => new Storage(BLOCK));
  Storage.live--;
  return block;
}

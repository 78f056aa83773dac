/** Values of a function that are read while it is still being traced. */

import { descriptorOf } from '../../ops/core/descriptor';
import { compute } from '../../ops/core/dispatch';
import { addPart, copyNode, partIndex } from '../../ops/core/loop';
import { elementBits } from '../../ops/descriptors/movement';
import type { Extent } from '../../program/ir';
import { engine } from '../../runtime/engine';
import type { DType } from '../../tensor/dtype';
import { Graph, type Location, type Node, type Present } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import { sizeOf } from '../../tensor/shape';
import { Storage } from '../../tensor/storage';
import { allocate, duplicate, Tensor, tensorOf } from '../../tensor/tensor';
import { changesOf } from '../passes/effects';
import { replaceKnown } from '../passes/simplify';
import { runOnce } from '../trace';

/** Bytes of a block of numbers. */
const BLOCK = 256;
/** Blocks that no trace uses now. */
const idle: Storage[] = [];

/**
 * Values of a trace whose program runs after it. A value that is read early is computed op by op, as without a trace, and
 * all values on which it depends are kept: later reads, and the program at the end, use them. Random ops have
 * their keys, so the program draws the same numbers.
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

  /** Nodes whose values were computed early, and the values. */
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
    if (node.kind === 'constant') return (node.inputs.length ? copyOf : handleOn)(node.attrs as Location, node);
    if (node.kind === 'effect') {
      this.#happen();
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

  /** All effects of the trace so far happen now, in their order, and never again. */
  #happen(): void {
    const { effects } = this.#graph;
    for (const node of effects) for (const extent of changesOf(node)) this.#preserve(extent, node.id);
    const { graph, outputs } = replaceKnown(
      { graph: this.#graph, inputs: [], outputs: effects, assignments: [] },
      this.#known,
    );
    try {
      const values = runOnce(
        graph,
        [],
        [],
        outputs.map((n) => tensorOf(n)),
      );
      for (const [i, node] of effects.splice(0).entries()) this.#known.set(node, values[i] as Tensor);
    } finally {
      graph.release();
    }
  }

  /** Memory is about to change: values that were read from it are copied. @param at number of the effect */
  #preserve(extent: Extent, at: number): void {
    const overlaps = (place: Location, node: Node): boolean =>
      place.storage === extent.storage &&
      place.offset < extent.offset + extent.bytes &&
      extent.offset < place.offset + sizeOf(node.shape) * 4;
    for (const [node, tensor] of [...this.#known]) {
      if (!overlaps(tensor.location(), node)) continue;
      this.#known.set(node, duplicate(tensor));
      if (this.#inputs.get(node) !== tensor) tensor.dispose();
    }
    for (const node of this.#graph.nodes) {
      if (node.id >= at) break;
      if (node.kind !== 'constant' || this.#known.has(node)) continue;
      const place = node.attrs as Location;
      if (overlaps(place, node)) this.#known.set(node, copyOf(place, node));
    }
  }
}

/** A block that counts as the library's own. */
function ownBlock(): Storage {
  const block = untracked(() => new Storage(BLOCK));
  Storage.live--;
  return block;
}

const handleOn = (place: Location, node: Node): Tensor =>
  new Tensor({ storage: place.storage.retain(), offset: place.offset }, node);

function copyOf(place: Location, node: Node): Tensor {
  using handle = handleOn(place, node);
  return duplicate(handle);
}

/**
 * The form of a trace: its ops, attributes, shapes and wiring, without what differs from call to call. Places in memory,
 * numbers and keys of random numbers are distinguished but not part of it: programs are bound to others.
 */

import { sameValue } from '../../ops/core/eager';
import { type Body, partIndex } from '../../ops/core/loop';
import type { RandomKey } from '../../ops/descriptors/randomness';
import type { Location, Node } from '../../tensor/graph';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';

/** Words by their number, the same in all forms. */
const words = new Map<string, number>();

function wordOf(text: string): number {
  const known = words.get(text);
  if (known !== undefined) return known;
  words.set(text, words.size);
  return words.size - 1;
}

/** Attributes that follow from the rest of the signature, or that only distinguish calls. */
const REDUNDANT = new Set(['reshape', 'broadcastTo', 'custom']);
const DRAWS = new Set(['random', 'dropout']);

export const addressOf = ({ storage, offset }: Location): number => storage.address + offset;

interface Marks {
  readonly leaves?: ReadonlySet<Node> | undefined;
  readonly known?: ReadonlyMap<Node, Tensor> | undefined;
}

export class Form {
  /** Ops, shapes and wiring as numbers. */
  readonly signature: number[] = [];
  /** Attributes, in the order of the ops that have some. */
  readonly attributes: unknown[] = [];
  /** Places of constants and of variables that change, each once. */
  readonly places: Location[] = [];
  /** Keys of random numbers, each once. */
  readonly keys: RandomKey[] = [];
  readonly #placeAt = new Map<number, number>();
  hash = 0;
  /** Whether there are effects, which belong to one trace alone. */
  hasEffects = false;

  /** Something that is part of the form. */
  add(value: number): void {
    this.signature.push(value);
    this.hash = (Math.imul(this.hash, 31) + value) | 0;
  }

  /** A place that is bound for each run: which one, not where it is. */
  addPlace(place: Location): void {
    const address = addressOf(place);
    let index = this.#placeAt.get(address);
    if (index === undefined) {
      index = this.places.push(place) - 1;
      this.#placeAt.set(address, index);
    }
    this.add(index);
  }

  /**
   * The nodes from which the roots are computed.
   * @param inputs of the graph, in the order in which they are bound
   * @param marks nodes without gradients, and nodes whose values exist already
   */
  addGraph(
    nodes: readonly Node[],
    roots: readonly Node[],
    inputs: readonly Node[],
    { leaves, known }: Marks = {},
  ): void {
    const isLive = new Uint8Array(nodes.length);
    for (let i = 0; i < roots.length; i++) isLive[(roots[i] as Node).id] = 1;
    for (let id = nodes.length - 1; id >= 0; id--) {
      if (isLive[id] === 0) continue;
      const operands = (nodes[id] as Node).inputs;
      for (let i = 0; i < operands.length; i++) isLive[(operands[i] as Node).id] = 1;
    }
    const positions = new Int32Array(nodes.length);
    let count = 0;
    for (let id = 0; id < nodes.length; id++) {
      if (isLive[id] === 0) continue;
      positions[id] = count++;
      const node = nodes[id] as Node;
      this.#addNode(node, positions, inputs);
      if (leaves?.has(node)) this.add(-2);
      const place = known?.get(node);
      if (place) {
        this.add(-1);
        this.addPlace(place.location());
      }
    }
    this.add(count);
    for (let i = 0; i < roots.length; i++) this.add(positions[(roots[i] as Node).id] as number);
  }

  #addNode(node: Node, positions: Int32Array, inputs: readonly Node[]): void {
    if (node.kind === 'effect') {
      this.hasEffects = true;
      return;
    }
    this.add(wordOf(node.op));
    this.#addShape(node.shape);
    this.add(wordOf(node.dtype));
    const operands = node.inputs;
    this.add(operands.length);
    for (let i = 0; i < operands.length; i++) this.add(positions[(operands[i] as Node).id] as number);
    if (node.kind === 'constant') this.addPlace(node.attrs as Location);
    else if (node.kind === 'input') this.add(inputs.indexOf(node));
    else if (node.kind === 'part') this.add(partIndex(node));
    else if (node.kind === 'loop') this.#addBody(node.attrs as Body);
    else if (DRAWS.has(node.op)) this.#addDraw(node.attrs as RandomKey & Record<string, unknown>);
    else if (!REDUNDANT.has(node.op)) this.#addAttributes(node.attrs);
    else if (node.op === 'custom') this.add((node.attrs as { gradFunc: unknown }).gradFunc ? 1 : 0);
  }

  #addShape(shape: Shape): void {
    this.add(shape.length);
    for (let d = 0; d < shape.length; d++) this.add(shape[d] as number);
  }

  #addAttributes(attrs: unknown): void {
    for (const _ in attrs as object) {
      this.attributes.push(attrs);
      return;
    }
  }

  #addDraw({ seed, stream, step, ...rest }: RandomKey & Record<string, unknown>): void {
    const key: RandomKey = { seed, stream, step: step ?? 0 };
    let index = this.keys.findIndex((k) => sameKey(k, key));
    if (index < 0) index = this.keys.push(key) - 1;
    this.add(index);
    this.attributes.push(rest);
  }

  #addBody(body: Body): void {
    this.add(body.length);
    this.add(body.reverse ? 1 : 0);
    for (const list of [body.carry, body.xs, body.captured, body.next, body.ys]) this.add(list.length);
    const inputs = [...body.carry, ...body.xs, ...body.captured];
    this.addGraph(body.graph.nodes, [...inputs, ...body.next, ...body.ys], inputs);
  }

  /** For keeping: without places, and apart from arrays that are the user's. */
  lasting(): Form {
    const form = new Form();
    for (const word of this.signature) form.signature.push(word);
    for (const value of this.attributes) form.attributes.push(copyOf(value));
    form.hash = this.hash;
    return form;
  }

  /** Whether a program for the other form is one for this. */
  equals(other: Form): boolean {
    const { signature, attributes } = this;
    if (this.hash !== other.hash || signature.length !== other.signature.length) return false;
    for (let i = 0; i < signature.length; i++) if (signature[i] !== other.signature[i]) return false;
    if (attributes.length !== other.attributes.length) return false;
    for (let i = 0; i < attributes.length; i++) if (!sameValue(attributes[i], other.attributes[i])) return false;
    return true;
  }
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, copyOf(v)]));
}

const sameKey = (a: RandomKey, b: RandomKey): boolean =>
  a.seed[0] === b.seed[0] && a.seed[1] === b.seed[1] && a.stream === b.stream && (a.step ?? 0) === (b.step ?? 0);

/** A complete graph as a model of ONNX: only what the outputs need, each value with a name of its own. */

import { version } from '../../support/version';
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../proto/schema';
import { AttributeType } from '../proto/schema';
import { numberOfType } from '../proto/types';
import type { Attribute, GraphBuilder, OutNode, Stored, Value } from './graph';
import { isOpen, type OpenDim } from './numbers';

/** ai.onnx 18, which came with IR version 8. */
const OPSET = 18;
const IR_VERSION = 8;

/** Tensors from here on are outside of the file, if any are. */
const LEAST_EXTERNAL = 1024;
const ALIGNMENT = 64;

/** Bytes of tensors that are not in the file itself. */
export interface External {
  readonly name: string;
  readonly pieces: Uint8Array[];
  length: number;
}

class Names {
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();

  unique(wanted: string): string {
    let name = wanted;
    let count = this.#counts.get(wanted) ?? 0;
    while (this.#taken.has(name)) name = `${wanted}_${++count}`;
    this.#counts.set(wanted, count);
    this.#taken.add(name);
    return name;
  }
}

const isGraph = (a: Attribute): a is { readonly name: string; readonly graph: GraphBuilder } => 'graph' in a;

/** Marks the nodes that outputs need, in graphs inside too. */
function markLive(graph: GraphBuilder, live: Set<OutNode>, values: Set<Value>): void {
  const pending: Value[] = [...graph.outputs];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (values.has(value)) continue;
    values.add(value);
    const node = value.source;
    if (!node || live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) if (input) pending.push(input);
    for (const a of node.attributes) {
      if (!isGraph(a)) continue;
      // What the graph inside reads of the one outside is needed there.
      markLive(a.graph, live, values);
      for (const inner of a.graph.nodes)
        if (live.has(inner)) for (const input of inner.inputs) if (input) pending.push(input);
      values.delete(value);
    }
  }
}

/** Names of values and of nodes, which do not meet. */
interface AllNames {
  readonly values: Names;
  readonly nodes: Names;
}

function nameAll(
  graph: GraphBuilder,
  live: ReadonlySet<OutNode>,
  names: AllNames,
  nodeNames: Map<OutNode, string>,
  isRoot: boolean,
): void {
  const named = new Set<Value>(isRoot ? [...graph.inputs, ...graph.outputs] : []);
  if (!isRoot) for (const value of graph.inputs) value.name = names.values.unique(value.name);
  for (const node of graph.nodes) {
    if (!live.has(node)) continue;
    nodeNames.set(node, names.nodes.unique(node.name));
    node.outputs.forEach((value, i) => {
      if (named.has(value)) return;
      const own = nodeNames.get(node) as string;
      value.name = names.values.unique(i ? `${own}:${i}` : own);
    });
    for (const a of node.attributes) if (isGraph(a)) nameAll(a.graph, live, names, nodeNames, false);
  }
}

const bytesOf = (elements: Stored): Uint8Array =>
  new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);

function tensorOf(value: Value, external: External | undefined): TensorProto {
  const bytes = bytesOf(value.stored?.() as Stored);
  const head = { name: value.name, dims: value.shape as number[], dataType: numberOfType(value.type) };
  if (!external || bytes.length < LEAST_EXTERNAL) return { ...head, rawData: bytes };
  const gap = (ALIGNMENT - (external.length % ALIGNMENT)) % ALIGNMENT;
  if (gap) external.pieces.push(new Uint8Array(gap));
  const offset = external.length + gap;
  external.pieces.push(bytes);
  external.length = offset + bytes.length;
  const entries = { location: external.name, offset: String(offset), length: String(bytes.length) };
  return { ...head, externalData: Object.entries(entries).map(([key, v]) => ({ key, value: v })), dataLocation: 1 };
}

class Assembler {
  readonly #live = new Set<OutNode>();
  readonly #values = new Set<Value>();
  readonly #names: AllNames = { values: new Names(), nodes: new Names() };
  readonly #nodeNames = new Map<OutNode, string>();

  constructor(
    readonly root: GraphBuilder,
    readonly open: readonly OpenDim[],
  ) {
    markLive(root, this.#live, this.#values);
    for (const value of [...root.inputs, ...root.outputs]) value.name = this.#names.values.unique(value.name);
    for (const value of this.#stored) value.name = this.#names.values.unique(value.name);
    nameAll(root, this.#live, this.#names, this.#nodeNames, true);
  }

  /** Stored tensors that are read, in the order in which they were made. */
  get #stored(): Value[] {
    const used = new Set<Value>(this.root.outputs);
    for (const node of this.#live) for (const input of node.inputs) if (input) used.add(input);
    return this.root.shared.stored.filter((value) => used.has(value));
  }

  #info(value: Value): ValueInfoProto {
    const dim = value.shape.map((n) => {
      if (!isOpen(n)) return { dimValue: n };
      const index = this.open.findIndex((_, d) => n.key === `1*${1 << d}`);
      return index < 0 ? {} : { dimParam: this.open[index]?.name as string };
    });
    return { name: value.name, type: { tensorType: { elemType: numberOfType(value.type), shape: { dim } } } };
  }

  #attribute(a: Attribute): AttributeProto {
    return isGraph(a) ? { name: a.name, type: AttributeType.graph, g: this.#graph(a.graph, a.name, []) } : a;
  }

  #graph(graph: GraphBuilder, name: string, initializer: readonly TensorProto[]): GraphProto {
    const node = graph.nodes
      .filter((n) => this.#live.has(n))
      .map(
        (n): NodeProto => ({
          name: this.#nodeNames.get(n) as string,
          opType: n.op,
          input: n.inputs.map((v) => v?.name ?? ''),
          output: n.outputs.map((v) => v.name),
          attribute: n.attributes.map((a) => this.#attribute(a)),
        }),
      );
    const infos = (values: readonly Value[]): ValueInfoProto[] => values.map((v) => this.#info(v));
    return { name, node, initializer, input: infos(graph.inputs), output: infos(graph.outputs) };
  }

  model(name: string, external: External | undefined): ModelProto {
    const initializer = this.#stored.map((value) => tensorOf(value, external));
    return {
      irVersion: IR_VERSION,
      producerName: 'samegrad',
      producerVersion: version,
      opsetImport: [{ domain: '', version: OPSET }],
      graph: this.#graph(this.root, name, initializer),
    };
  }
}

/** The model whose graph is `root`. */
export const assemble = (
  root: GraphBuilder,
  open: readonly OpenDim[],
  name: string,
  external: External | undefined,
): ModelProto => new Assembler(root, open).model(name, external);

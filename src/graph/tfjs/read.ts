/** A GraphDef of TensorFlow.js as a program of the core: nodes, functions, signature. */
import { show } from '../../support/arguments';
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type { Graph } from '../core/graph';
import { structureLoops } from './frames';
import { makeGraph, type RawPort } from './order';
import { parseRef, type RawNode, type RawNodes, readNodes, readShape, typeName } from './raw';

/** A graph and the functions that its nodes call. */
export interface ReadGraph {
  readonly main: Graph;
  readonly functions: Map<string, Graph>;
  /** Names of the nodes whose values are stored, in all graphs. */
  readonly constants: ReadonlySet<string>;
  /** Inputs that are resources, such as tables, by their name, with the number that the initializer gives them. */
  readonly resources: ReadonlyMap<string, string>;
}

const isPlaceholder = ({ op }: RawNode): boolean => op === 'Placeholder' || op === 'PlaceholderWithDefault';

const attributeType = (node: RawNode | undefined): string | undefined => {
  const found = node?.attributes.get('dtype');
  return found?.kind === 'type' ? found.value : undefined;
};
const attributeShape = (node: RawNode | undefined): readonly (number | null)[] | null => {
  const found = node?.attributes.get('shape');
  return found?.kind === 'shape' ? found.value : null;
};

const portOfNode = (node: RawNode): RawPort => ({
  name: node.name,
  ref: { node: node.name, output: 0 },
  dtype: attributeType(node),
  shape: attributeShape(node),
});

/** One entry of a signature: a public name, and what is known of the value. */
function portOfEntry(key: string, info: unknown, nodes: RawNodes, where: string): RawPort | undefined {
  if (!isPlainObject(info)) throw new FormatError(`${where}: ${show(key)} of the signature must be an object`);
  const ref = parseRef(typeof info.name === 'string' ? info.name : key, (name) => nodes.get(name)?.op);
  const node = nodes.get(ref.node);
  if (!node) return undefined;
  const shape = 'tensorShape' in info ? readShape(info.tensorShape, where) : attributeShape(node);
  const dtype = 'dtype' in info ? typeName(info.dtype) : attributeType(node);
  return { name: key, ref, dtype, shape };
}

function portsOf(entries: unknown, nodes: RawNodes, where: string): RawPort[] {
  if (entries === undefined || entries === null) return [];
  if (!isPlainObject(entries))
    throw new FormatError(`${where}: the signature must name its values, got ${show(entries)}`);
  return Object.entries(entries).flatMap(([key, info]) => portOfEntry(key, info, nodes, where) ?? []);
}

function leavesOf(nodes: RawNodes): RawPort[] {
  const taken = new Set<string>();
  for (const { inputs, controls } of nodes.values()) {
    for (const { node } of inputs) taken.add(node);
    for (const name of controls) taken.add(name);
  }
  return [...nodes.values()].filter(({ name, op }) => !taken.has(name) && op !== 'NoOp').map(portOfNode);
}

/** Assertions are not checked, so what they look at is not computed. */
const withoutAssertions = (nodes: RawNodes): RawNodes =>
  new Map(
    [...nodes].map(([name, node]) => [
      name,
      node.op === 'Assert' ? { ...node, op: 'NoOp', inputs: [], controls: [] } : node,
    ]),
  );

function readFunction(given: unknown, functions: Map<string, Graph>, constants: Set<string>, where: string): void {
  const { signature, nodeDef, ret } = (isPlainObject(given) ? given : {}) as Record<string, unknown>;
  if (!isPlainObject(signature) || typeof signature.name !== 'string')
    throw new FormatError(`${where}: a function needs a signature with a name`);
  const name = `${where}: function '${signature.name}'`;
  if (functions.has(signature.name)) throw new FormatError(`${where}: two functions have the name '${signature.name}'`);
  const argsOf = (list: unknown): { readonly name: string; readonly type: unknown }[] => {
    if (list === undefined) return [];
    // Not `every` of the list itself, which passes over holes.
    if (Array.isArray(list) && Array.from(list).every((arg) => isPlainObject(arg) && typeof arg.name === 'string'))
      return list;
    throw new FormatError(`${name}: its arguments must be a list of objects with names`);
  };
  const inputs = argsOf(signature.inputArg);
  const given_ = nodeDef ?? [];
  const placeholders = inputs.map((arg) => ({
    name: arg.name,
    op: 'Placeholder',
    attr: { dtype: { type: arg.type } },
  }));
  const nodes = readNodes([...placeholders, ...(Array.isArray(given_) ? given_ : [given_])], name);
  for (const node of nodes.values()) if (node.op === 'Const') constants.add(node.name);
  const returned = isPlainObject(ret) ? ret : {};
  const outputs = argsOf(signature.outputArg).map((arg): RawPort => {
    const text = Object.hasOwn(returned, arg.name) ? returned[arg.name] : arg.name;
    const ref = parseRef(String(text), (n) => nodes.get(n)?.op);
    return { name: arg.name, ref, dtype: typeName(arg.type), shape: null };
  });
  const structured = structureLoops(withoutAssertions(nodes), functions, name);
  const ports = inputs.map((arg) => portOfNode(structured.get(arg.name) as RawNode));
  functions.set(signature.name, { ...makeGraph(name, structured, ports, outputs) });
}

/**
 * Reads a graph.
 * @param topology the GraphDef: `node`, and perhaps a `library` of functions
 * @param signature names of inputs and outputs; without one they are the placeholders, and the nodes that no other needs
 * @throws FormatError
 */
export function readGraph(topology: unknown, signature: unknown, where: string): ReadGraph {
  if (!isPlainObject(topology)) throw new FormatError(`${where}: needs the graph as an object, got ${show(topology)}`);
  const functions = new Map<string, Graph>();
  const constants = new Set<string>();
  const library = isPlainObject(topology.library) ? (topology.library.function ?? []) : [];
  if (!Array.isArray(library)) throw new FormatError(`${where}: the library must be a list of functions`);
  for (const one of library) readFunction(one, functions, constants, where);
  const read = readNodes(topology.node, where);
  for (const node of read.values()) if (node.op === 'Const') constants.add(node.name);
  const nodes = structureLoops(withoutAssertions(read), functions, where);
  const { inputs, outputs } = isPlainObject(signature) ? signature : ({} as Record<string, unknown>);
  const named = portsOf(inputs, nodes, where);
  const results = portsOf(outputs, nodes, where);
  const resources = new Map<string, string>();
  for (const [key, info] of Object.entries(isPlainObject(inputs) ? inputs : {}))
    if (isPlainObject(info) && info.resourceId !== undefined && info.resourceId !== null)
      resources.set(key, String(info.resourceId));
  const main = makeGraph(
    where,
    nodes,
    named.length ? named : [...nodes.values()].filter(isPlaceholder).map(portOfNode),
    results.length ? results : leavesOf(nodes),
  );
  return { main, functions, constants, resources };
}

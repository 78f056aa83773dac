/**
 * The graphs of a file in the form of the core: names of values become indices, functions of the model are put in the
 * place of their calls, and what an inner graph takes from outside becomes an argument of it. On the way each value is
 * given its element type.
 */
import type { Attribute, Graph, GraphNode, Port, Ref } from '../../graph/core/graph';
import type { Operator, OperatorSet } from '../../graph/core/registry';
import { show } from '../../support/arguments';
import { FormatError, RuntimeSupportError } from '../../support/errors';
import type { Definition, ValueType } from '../operators/define';
import { graphNodes, resolve } from '../operators/index';
import { isInteger } from '../operators/operands';
import { domainOf } from '../prepare';
import {
  type AttributeProto,
  AttributeType,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type TypeProto,
  type ValueInfoProto,
} from '../proto/schema';
import { isTypeName, typeOfNumber } from '../proto/types';
import { readAttribute } from './attributes';
import { constantOf, densified, isConstant } from './constant-nodes';
import type { Use } from './constants';
import { type External, type StoredTensor, storedTensor } from './elements';
import { fold, isFoldable } from './fold';

/** Nodes of a model with all functions in their places; a file may call functions of functions of functions. */
const MOST_NODES = 200_000;

/** Operators that look at shapes alone. */
const SHAPES: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** Where a value comes from. */
interface Source extends Ref {
  readonly type: ValueType;
  /** The name of the constant that it is. */
  readonly constant?: string;
}

/** An input or output, with its type in ONNX. */
export interface OnnxPort extends Port {
  readonly type: ValueType;
}

/** What a file is read to. */
export interface ReadModel {
  readonly main: Graph;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly functions: ReadonlyMap<string, Graph>;
  /** Those that its nodes name. */
  readonly operators: OperatorSet;
  readonly constants: readonly StoredTensor[];
  /** Where each constant is an operand, by name. */
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  /** The values of the main graph by name. */
  readonly values: ReadonlyMap<string, Ref & { readonly type: ValueType }>;
  /** Places where the numbers of inputs, or what is computed of them, have to be known, by name. */
  readonly inputUses: ReadonlyMap<string, readonly Use[]>;
}

/** Nodes of one graph of the core. */
class Builder {
  readonly nodes: GraphNode[] = [];
  /** Values from outside, in the order of the arguments that stand for them. */
  readonly captured: { readonly source: Source; readonly ref: Ref }[] = [];
  readonly #constants = new Map<string, Source>();

  constructor(readonly name: string) {}

  add(node: GraphNode): number {
    return this.nodes.push(node) - 1;
  }

  placeholder(name: string, type: ValueType): Source {
    const node = this.add(leaf(name, 'Placeholder', type));
    return { node, output: 0, type };
  }

  /** The node of a constant, which each graph has for itself. */
  constant(name: string, type: ValueType): Source {
    const known = this.#constants.get(name);
    if (known) return known;
    const made = { node: this.add(leaf(name, 'Const', type)), output: 0, type, constant: name };
    this.#constants.set(name, made);
    return made;
  }
}

const leaf = (name: string, op: string, type: ValueType): GraphNode => ({
  name,
  op,
  inputs: [],
  controls: [],
  attributes: new Map(),
  types: { inputs: [], outputs: [type] },
});

type Opsets = ReadonlyMap<string, number>;

/** Names of values, in a graph or in a function. */
class Scope {
  readonly values = new Map<string, Source>();
  /** Operands that a call of a function leaves out. */
  readonly absent = new Set<string>();

  constructor(
    readonly builder: Builder,
    /** The graph around an inner graph. */
    readonly parent: Scope | undefined,
    readonly opsets: Opsets,
    /** What the attributes of a function are in this call. */
    readonly attributes: ReadonlyMap<string, AttributeProto>,
    /** Begins the names of its nodes and constants. */
    readonly prefix: string,
    /** Functions around it. */
    readonly calls: readonly string[],
  ) {}

  find(name: string): Source | undefined {
    const own = this.values.get(name);
    if (own) return own;
    const outer = this.parent?.find(name);
    if (!outer) return undefined;
    const { builder } = this;
    let made: Source;
    if (outer.constant !== undefined) made = builder.constant(outer.constant, outer.type);
    else {
      made = builder.placeholder(`${this.prefix}${name}`, outer.type);
      builder.captured.push({ source: outer, ref: made });
    }
    this.values.set(name, made);
    return made;
  }

  /** Whether a name stands for nothing. */
  isAbsent(name: string): boolean {
    return name === '' || this.absent.has(name) || (this.parent?.isAbsent(name) ?? false);
  }

  /** @throws FormatError for a name that is taken */
  set(name: string, source: Source): void {
    if (name === '') return;
    if (this.values.has(name)) throw new FormatError(`${this.builder.name}: two values have the name ${show(name)}`);
    this.values.set(name, source);
  }
}

/** Innermost element type. */
function typeOf(type: TypeProto | undefined): ValueType {
  let t = type;
  for (; t; t = t.sequenceType?.elemType ?? t.optionalType?.elemType ?? t.mapType?.valueType) {
    const tensor = t.tensorType ?? t.sparseTensorType;
    if (tensor) return typeOfNumber(tensor.elemType ?? 0);
  }
  return undefined;
}

function shapeOf({ type }: ValueInfoProto): readonly (number | null)[] | null {
  const shape = type?.tensorType?.shape;
  // Some exporters write -1 for what is open.
  return shape ? (shape.dim ?? []).map(({ dimValue = -1 }) => (dimValue < 0 ? null : dimValue)) : null;
}

function opsetsOf(list: ModelProto['opsetImport']): Map<string, number> {
  return new Map((list ?? []).map(({ domain, version }) => [domainOf(domain), version ?? 0]));
}

const functionKey = (domain: string | undefined, name: string | undefined, overload: string | undefined): string =>
  `${domainOf(domain)}::${name ?? ''}${overload ? `:${overload}` : ''}`;

/** Reads one file. */
class Importer {
  readonly functions = new Map<string, Graph>();
  readonly #pure: Record<string, Operator> = {};
  readonly #other: Record<string, Operator> = { ...graphNodes };
  readonly constants = new Map<string, StoredTensor>();
  readonly uses = new Map<string, Use[]>();
  readonly inputUses = new Map<string, Use[]>();
  readonly #local: ReadonlyMap<string, FunctionProto>;
  readonly #missing = new Map<string, string>();
  /** Constants that were computed of others, and those others. */
  readonly #folded = new Set<string>();
  readonly #spent = new Set<string>();
  /** Inputs of the model from which nodes compute integers. */
  readonly #derived = new Map<number, ReadonlySet<string>>();
  #nodes = 0;

  constructor(
    readonly model: ModelProto,
    readonly external: External,
    readonly where: string,
  ) {
    this.#local = new Map((model.functions ?? []).map((f) => [functionKey(f.domain, f.name, f.overload), f]));
  }

  read(): ReadModel {
    const { graph, opsetImport } = this.model;
    if (!graph) throw new FormatError(`${this.where}: is not an ONNX file: it has no graph`);
    const opsets = opsetsOf(opsetImport);
    const builder = new Builder(this.where);
    const scope = new Scope(builder, undefined, opsets, new Map(), '', []);
    const { inputs, outputs } = this.#graph(scope, graph, []);
    if (this.#missing.size > 0) throw this.#refusal();
    const main: Graph = { name: this.where, nodes: builder.nodes, inputs, outputs };
    const { functions, uses, inputUses } = this;
    const constants = this.#kept(
      outputs.map(({ ref }) => ref),
      builder.nodes,
    );
    const operators = { pure: this.#pure, other: this.#other, refused: {} };
    return { main, inputs, outputs, functions, operators, constants, uses, inputUses, values: scope.values };
  }

  /** All that cannot run, at once. */
  #refusal(): RuntimeSupportError {
    const all = [...this.#missing.values()];
    const shown = all.slice(0, 20).join('; ');
    const more = all.length > 20 ? `; and ${all.length - 20} more` : '';
    const plural = all.length > 1 ? 's' : '';
    return new RuntimeSupportError(
      `${this.where}: the graph has ${all.length} operator${plural} that cannot run: ${shown}${more}`,
    );
  }

  /** Takes in a graph's inputs, constants, nodes; returns its ports. */
  #graph(scope: Scope, graph: GraphProto, given: readonly ValueType[]): { inputs: OnnxPort[]; outputs: OnnxPort[] } {
    const { builder } = scope;
    const stored = new Set((graph.initializer ?? []).map(({ name }) => name));
    for (const { values } of graph.sparseInitializer ?? []) stored.add(values?.name);
    const inputs: OnnxPort[] = [];
    for (const [i, info] of (graph.input ?? []).entries()) {
      const { name = '' } = info;
      // What is stored is the value of an input that need not be given.
      if (stored.has(name)) continue;
      const type = typeOf(info.type) ?? given[i];
      const source = builder.placeholder(`${scope.prefix}${name}`, type);
      scope.set(name, source);
      inputs.push({ name, ref: source, type, dtype: type, shape: shapeOf(info) });
    }
    for (const tensor of graph.initializer ?? []) this.#constant(scope, tensor.name ?? '', tensor);
    for (const sparse of graph.sparseInitializer ?? []) {
      const name = sparse.values?.name ?? '';
      this.#store(scope, name, densified(sparse, `${scope.prefix}${name}`, this.external));
    }
    for (const node of graph.node ?? []) this.#node(scope, node);
    const outputs = (graph.output ?? []).map((info): OnnxPort => {
      const { name = '' } = info;
      const source = scope.find(name);
      if (!source) throw new FormatError(`${builder.name}: no node computes the output ${show(name)}`);
      const type = source.type ?? typeOf(info.type);
      return { name, ref: source, type, dtype: type, shape: shapeOf(info) };
    });
    return { inputs, outputs };
  }

  #constant(scope: Scope, name: string, tensor: TensorProto): void {
    this.#store(scope, name, storedTensor(tensor, `${scope.prefix}${name}`, this.external));
  }

  /** Returns the name that it has among the constants. */
  #store(scope: Scope, name: string, stored: StoredTensor): string {
    let unique = stored.name;
    while (this.constants.has(unique)) unique += "'";
    this.constants.set(unique, { ...stored, name: unique });
    scope.set(name, scope.builder.constant(unique, stored.type));
    return unique;
  }

  #node(scope: Scope, proto: NodeProto): void {
    if (++this.#nodes > MOST_NODES) throw new FormatError(`${this.where}: has more than ${MOST_NODES} nodes`);
    const { opType = '', domain, overload } = proto;
    const local = this.#local.get(functionKey(domain, opType, overload));
    if (local) return this.#call(scope, proto, local);
    const where = `node '${scope.prefix}${proto.name || proto.output?.[0] || ''}' (${opType})`;
    if (domainOf(domain) === '' && isConstant(opType)) {
      const name = proto.output?.[0] ?? '';
      const attributes = this.#attributesOf(scope, proto);
      this.#store(scope, name, constantOf(attributes, `${scope.prefix}${name}`, where, this.external));
      return;
    }
    this.#operator(scope, proto, where);
  }

  /** Attributes, with those of the calling node in the place of those that a function passes on. */
  #attributesOf(scope: Scope, { attribute = [] }: NodeProto): AttributeProto[] {
    return attribute.flatMap((a) => {
      if (!a.refAttrName) return [a];
      const given = scope.attributes.get(a.refAttrName);
      return given ? [{ ...given, name: a.name }] : [];
    });
  }

  #inputs(scope: Scope, { input = [] }: NodeProto, where: string): (Source | undefined)[] {
    return input.map((name) => {
      if (scope.isAbsent(name)) return undefined;
      const source = scope.find(name);
      if (source) return source;
      throw new FormatError(`${scope.builder.name}: ${where} needs ${show(name)}, which no node before it computes`);
    });
  }

  #operator(scope: Scope, proto: NodeProto, where: string): void {
    const { builder, prefix } = scope;
    const { opType = '', output = [] } = proto;
    const domain = domainOf(proto.domain);
    const found = resolve(domain, opType, scope.opsets.get(domain));
    if ('reason' in found) {
      const full = domain ? `${domain}::${opType}` : opType;
      this.#missing.set(full, `${full} (${where.replace(/ \(.*/, '')}): ${found.reason}`);
    }
    const definition = 'reason' in found ? undefined : found.definition;
    const inputs = this.#inputs(scope, proto, where);
    const inputTypes = inputs.map((source) => source?.type);
    const attributes = new Map<string, Attribute>();
    const bodies = new Map<string, readonly ValueType[]>();
    const refs: (Ref | undefined)[] = [...inputs];
    for (const a of this.#attributesOf(scope, proto)) {
      for (const [name, value] of readAttribute(a, where, this.external)) attributes.set(name, value);
      if (!a.g || (a.type && a.type !== AttributeType.graph)) continue;
      const body = this.#body(scope, a, where, definition?.bodyInputs(inputTypes) ?? []);
      const { name = '' } = a;
      attributes.set(name, { kind: 'function', value: body.name });
      attributes.set(`${name}:captured`, { kind: 'numbers', value: [refs.length, body.captured.length] });
      refs.push(...body.captured);
      bodies.set(name, body.types);
    }
    if (bodies.size > 0) attributes.set('operands', { kind: 'number', value: inputs.length });
    const outputCount = output.length;
    const types = definition?.types({ inputs: inputTypes, attributes, outputCount, bodies }) ?? [];
    const made: GraphNode = {
      name: `${prefix}${proto.name || output[0] || ''}`,
      op: 'key' in found ? found.key : opType,
      inputs: refs,
      controls: [],
      attributes,
      types: { inputs: inputTypes, outputs: types },
    };
    if ('key' in found) (found.definition.isPure ? this.#pure : this.#other)[found.key] = found.operator;
    if ('key' in found && found.definition.isPure && this.#fold(scope, proto, made, inputs, found)) return;
    inputs.forEach((source, operand) => this.#use(builder, source, { definition, operand }));
    const node = builder.add(made);
    if (definition?.isPure && !SHAPES.has(opType)) this.#derive(builder, node, inputs, types);
    output.forEach((name, k) => scope.set(name, { node, output: k, type: types[k] }));
  }

  /** Puts what a node computes of constants in its place, if it is one of those that are computed now. */
  #fold(
    scope: Scope,
    proto: NodeProto,
    node: GraphNode,
    inputs: readonly (Source | undefined)[],
    { definition, operator }: { readonly definition: Definition; readonly operator: Operator },
  ): boolean {
    const { output = [] } = proto;
    const type = node.types?.outputs[0];
    if (output.length !== 1 || type === undefined || type === 'string' || !isTypeName(type)) return false;
    if (!inputs.every((source) => !source || source.constant !== undefined)) return false;
    const operands = inputs.map((source) => source && this.constants.get(source.constant as string));
    if (!isFoldable(operands, this.#folded, definition.weights)) return false;
    const made = fold(`${scope.prefix}${output[0] as string}`, proto, node, operator, operands, type);
    if (!made) return false;
    this.#folded.add(this.#store(scope, output[0] as string, made));
    for (const t of operands) if (t) this.#spent.add(t.name);
    return true;
  }

  /** Constants without those of which others were made, if nothing else takes them. */
  #kept(outputs: readonly Ref[], nodes: readonly GraphNode[]): StoredTensor[] {
    const taken = new Set(outputs.map(({ node }) => nodes[node]?.name));
    return [...this.constants.values()].filter(
      ({ name }) => !this.#spent.has(name) || this.uses.has(name) || taken.has(name),
    );
  }

  /** Notes from which inputs a node's integers are computed. */
  #derive(builder: Builder, node: number, inputs: readonly (Source | undefined)[], types: readonly ValueType[]): void {
    if (builder.name !== this.where || !types.every((type) => type === 'bool' || isInteger(type))) return;
    const names = inputs.flatMap((source) => (source ? [...this.#inputsOf(builder, source)] : []));
    if (names.length > 0) this.#derived.set(node, new Set(names));
  }

  /** Names of the inputs whose numbers a value is, or is computed from. */
  #inputsOf(builder: Builder, source: Source): ReadonlySet<string> {
    const { op, name } = builder.nodes[source.node] as GraphNode;
    return op === 'Placeholder' ? new Set([name]) : (this.#derived.get(source.node) ?? new Set());
  }

  #use(builder: Builder, source: Source | undefined, use: Use): void {
    if (!source) return;
    const isNeeded = use.definition?.known.includes(use.operand) && builder.name === this.where;
    const names = source.constant !== undefined ? [source.constant] : isNeeded ? this.#inputsOf(builder, source) : [];
    const map = source.constant === undefined ? this.inputUses : this.uses;
    for (const name of names) {
      const uses = map.get(name);
      if (uses) uses.push(use);
      else map.set(name, [use]);
    }
  }

  /** An inner graph as a function: its own inputs, then what it takes from outside. */
  #body(
    scope: Scope,
    attribute: AttributeProto,
    where: string,
    given: readonly ValueType[],
  ): { name: string; captured: readonly Source[]; types: readonly ValueType[] } {
    const prefix = `${scope.prefix}${where.replace(/^node '|' \(.*/g, '')}/${attribute.name ?? ''}/`;
    let name = `${this.where}: ${prefix}`;
    while (this.functions.has(name)) name += "'";
    const builder = new Builder(name);
    const inner = new Scope(builder, scope, scope.opsets, scope.attributes, prefix, scope.calls);
    const { inputs, outputs } = this.#graph(inner, attribute.g as GraphProto, given);
    const args = builder.captured.map(
      ({ ref }, i): Port => ({ name: `captured ${i}`, ref, dtype: undefined, shape: null }),
    );
    this.functions.set(name, { name, nodes: builder.nodes, inputs: [...inputs, ...args], outputs });
    return { name, captured: builder.captured.map(({ source }) => source), types: outputs.map(({ type }) => type) };
  }

  /** Puts the nodes of a function in the place of its call. */
  #call(scope: Scope, proto: NodeProto, fn: FunctionProto): void {
    const key = functionKey(fn.domain, fn.name, fn.overload);
    const where = `node '${proto.name || proto.output?.[0] || ''}' (${key})`;
    if (scope.calls.includes(key)) throw new FormatError(`${this.where}: function ${key} calls itself`);
    const own = fn.opsetImport?.length ? opsetsOf(fn.opsetImport) : scope.opsets;
    const given = this.#attributesOf(scope, proto);
    const attributes = new Map([...(fn.attributeProto ?? []), ...given].map((a) => [a.name ?? '', a]));
    const prefix = `${scope.prefix}${proto.name || proto.output?.[0] || key}/`;
    const inner = new Scope(scope.builder, undefined, own, attributes, prefix, [...scope.calls, key]);
    const inputs = this.#inputs(scope, proto, where);
    for (const [i, name] of (fn.input ?? []).entries()) {
      const source = inputs[i];
      if (source) inner.set(name, source);
      else inner.absent.add(name);
    }
    for (const node of fn.node ?? []) this.#node(inner, node);
    for (const [k, name] of (proto.output ?? []).entries()) {
      const source = inner.find(fn.output?.[k] ?? '');
      if (!source && name !== '') throw new FormatError(`${this.where}: ${where} has no output ${k}`);
      if (source) scope.set(name, source);
    }
  }
}

/** @throws FormatError for a damaged graph; RuntimeSupportError that lists all operators that do not run */
export const readModel = (model: ModelProto, external: External, where: string): ReadModel =>
  new Importer(model, external, where).read();

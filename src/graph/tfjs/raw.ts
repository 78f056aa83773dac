/** The nodes of a GraphDef in JSON, checked, with their attributes in the form of the core. */
import { show } from '../../support/arguments';
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type { Attribute } from '../core/graph';

/** An operand: an output of a node by its name. */
export interface RawRef {
  readonly node: string;
  readonly output: number;
}

export interface RawNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly RawRef[];
  readonly controls: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** Nodes by name, in the order of the file. */
export type RawNodes = Map<string, RawNode>;

/** Nodes of one graph. */
const MOST_NODES = 1_000_000;

/** Names of the outputs of operators that have several, as functions refer to them; else an output is the first. */
const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  Switch: ['output_false', 'output_true'],
  Merge: ['output', 'value_index'],
  TopKV2: ['values', 'indices'],
  Unique: ['y', 'idx'],
  UniqueV2: ['y', 'idx'],
  ListDiff: ['out', 'idx'],
  FusedBatchNorm: ['y', 'batch_mean', 'batch_variance', 'reserve_space_1', 'reserve_space_2'],
  FusedBatchNormV2: ['y', 'batch_mean', 'batch_variance', 'reserve_space_1', 'reserve_space_2'],
  FusedBatchNormV3: ['y', 'batch_mean', 'batch_variance', 'reserve_space_1', 'reserve_space_2', 'reserve_space_3'],
  MaxPoolWithArgmax: ['output', 'argmax'],
  NonMaxSuppressionV4: ['selected_indices', 'valid_outputs'],
  NonMaxSuppressionV5: ['selected_indices', 'selected_scores', 'valid_outputs'],
  TensorArrayV3: ['handle', 'flow'],
  TensorListPopBack: ['output_handle', 'tensor'],
  TensorListConcat: ['tensor', 'lengths'],
  TensorListConcatV2: ['tensor', 'lengths'],
  TensorArrayConcatV3: ['value', 'lengths'],
  SparseFillEmptyRows: ['output_indices', 'output_values', 'empty_row_indicator', 'reverse_index_map'],
  SparseReshape: ['output_indices', 'output_shape'],
  RaggedRange: ['rt_nested_splits', 'rt_dense_values'],
  StringSplit: ['indices', 'values', 'shape'],
  StringNGrams: ['ngrams', 'ngrams_splits'],
};

/** `name`, `name:1`, or in functions `name:output:1`. */
export function parseRef(text: string, opOf: (node: string) => string | undefined): RawRef {
  const [node = '', second, third] = text.split(':');
  if (second === undefined) return { node, output: 0 };
  const output = Number(third ?? second);
  if (!Number.isInteger(output) || output < 0 || output > 10_000)
    throw new FormatError(`graph: '${text}' does not name an output of a node`);
  if (third === undefined) return { node, output };
  const op = opOf(node) ?? '';
  const names = Object.hasOwn(OUTPUTS, op) ? (OUTPUTS[op] as readonly string[]) : [];
  return { node, output: output + Math.max(0, names.indexOf(second)) };
}

/** Element types by number, as in protocol buffers. */
const TYPES: Readonly<Record<number, string>> = {
  1: 'DT_FLOAT',
  2: 'DT_DOUBLE',
  3: 'DT_INT32',
  4: 'DT_UINT8',
  5: 'DT_INT16',
  6: 'DT_INT8',
  7: 'DT_STRING',
  8: 'DT_COMPLEX64',
  9: 'DT_INT64',
  10: 'DT_BOOL',
  14: 'DT_BFLOAT16',
  17: 'DT_UINT16',
  19: 'DT_HALF',
  20: 'DT_RESOURCE',
  21: 'DT_VARIANT',
  22: 'DT_UINT32',
  23: 'DT_UINT64',
};

const NAMES: Readonly<Record<string, string>> = {
  DT_FLOAT: 'float32',
  DT_HALF: 'float32',
  DT_BFLOAT16: 'float32',
  DT_DOUBLE: 'float32',
  DT_INT32: 'int32',
  DT_INT64: 'int32',
  DT_INT8: 'int32',
  DT_UINT8: 'int32',
  DT_INT16: 'int32',
  DT_UINT16: 'int32',
  DT_UINT32: 'int32',
  DT_UINT64: 'int32',
  DT_BOOL: 'bool',
  DT_STRING: 'string',
  DT_COMPLEX64: 'complex64',
  DT_RESOURCE: 'resource',
  DT_VARIANT: 'variant',
};

/** The library's name of an element type, if it has one, as TensorFlow.js maps them. */
export function typeName(given: unknown): string {
  const name = typeof given === 'number' ? (TYPES[given] ?? String(given)) : String(given);
  return Object.hasOwn(NAMES, name) ? (NAMES[name] as string) : name;
}

const textDecoder = (): TextDecoder => new TextDecoder();

/** Bytes in base64, or as numbers, as text. */
function decodeText(given: unknown, where: string): string {
  if (Array.isArray(given)) return textDecoder().decode(Uint8Array.from(given as number[]));
  if (typeof given !== 'string') throw new FormatError(`${where}: must be a string in base64, got ${show(given)}`);
  try {
    return textDecoder().decode(Uint8Array.from(atob(given), (c) => c.charCodeAt(0)));
  } catch (cause) {
    throw new FormatError(`${where}: ${show(given)} is not base64`, { cause });
  }
}

const numberOf = (given: unknown, where: string): number => {
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof value === 'number') return value;
  throw new FormatError(`${where}: must be a number, got ${show(given)}`);
};

/** Dimensions of a shape; -1 is unknown. */
export function readShape(given: unknown, where: string): readonly (number | null)[] | null {
  if (!isPlainObject(given) || given.unknownRank === true) return null;
  const dims = given.dim ?? [];
  if (!Array.isArray(dims)) throw new FormatError(`${where}: shape must be a list of dimensions, got ${show(dims)}`);
  return dims.map((d: unknown) => {
    const size = numberOf((isPlainObject(d) ? d.size : undefined) ?? 0, `${where}: size`);
    if (!Number.isSafeInteger(size) || size < -1)
      throw new FormatError(`${where}: ${size} is not the size of a dimension`);
    return size < 0 ? null : size;
  });
}

function readList(list: unknown, where: string): Attribute | undefined {
  if (!isPlainObject(list)) return { kind: 'numbers', value: [] };
  const { s, i, f } = list;
  if (Array.isArray(s) && s.length) return { kind: 'texts', value: s.map((v) => decodeText(v, where)) };
  const numbers = [i, f].find((v) => Array.isArray(v) && v.length) as unknown[] | undefined;
  if (numbers) return { kind: 'numbers', value: numbers.map((v) => numberOf(v, where)) };
  const isOther = Object.values(list).some((v) => Array.isArray(v) && v.length);
  return isOther ? undefined : { kind: 'numbers', value: [] };
}

/** One attribute; undefined for kinds that no operator reads. */
function readAttribute(given: unknown, where: string): Attribute | undefined {
  if (!isPlainObject(given)) throw new FormatError(`${where}: must be an object, got ${show(given)}`);
  if ('s' in given) return { kind: 'text', value: decodeText(given.s, where) };
  if ('i' in given) return { kind: 'number', value: numberOf(given.i, where) };
  if ('f' in given) return { kind: 'number', value: numberOf(given.f, where) };
  if ('b' in given) return { kind: 'flag', value: given.b === true };
  if ('type' in given) return { kind: 'type', value: typeName(given.type) };
  if ('shape' in given) return { kind: 'shape', value: readShape(given.shape, where) };
  if ('func' in given && isPlainObject(given.func)) return { kind: 'function', value: String(given.func.name) };
  if ('list' in given) return readList(given.list, where);
  return undefined;
}

function readNode(given: unknown, opOf: (node: string) => string | undefined, where: string): RawNode {
  const { name, op, input = [], attr = {} } = given as Record<string, unknown>;
  const at = `${where}: node ${show(name)}`;
  if (!Array.isArray(input) || !input.every((v) => typeof v === 'string'))
    throw new FormatError(`${at}: input must be a list of names, got ${show(input)}`);
  if (!isPlainObject(attr)) throw new FormatError(`${at}: attr must be an object, got ${show(attr)}`);
  const attributes = new Map<string, Attribute>();
  for (const [key, value] of Object.entries(attr)) {
    const read = readAttribute(value, `${at}: attribute ${key}`);
    if (read) attributes.set(key, read);
  }
  const names = input as string[];
  return {
    name: name as string,
    op: op as string,
    inputs: names.filter((n) => !n.startsWith('^')).map((n) => parseRef(n, opOf)),
    controls: names.filter((n) => n.startsWith('^')).map((n) => n.slice(1)),
    attributes,
  };
}

/** @throws FormatError unless it is a list of nodes, each with a name of its own */
export function readNodes(given: unknown, where: string): RawNodes {
  if (!Array.isArray(given)) throw new FormatError(`${where}: needs a list of nodes, got ${show(given)}`);
  if (given.length > MOST_NODES) throw new FormatError(`${where}: ${given.length} nodes are more than ${MOST_NODES}`);
  const ops = new Map<string, string>();
  for (const node of given as unknown[]) {
    if (!isPlainObject(node) || typeof node.name !== 'string' || typeof node.op !== 'string')
      throw new FormatError(`${where}: each node needs a name and an op, got ${show(node)}`);
    if (ops.has(node.name)) throw new FormatError(`${where}: two nodes have the name ${show(node.name)}`);
    ops.set(node.name, node.op);
  }
  const opOf = (name: string): string | undefined => ops.get(name);
  return new Map((given as { name: string }[]).map((node) => [node.name, readNode(node, opOf, where)]));
}

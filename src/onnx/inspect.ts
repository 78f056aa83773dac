/** What a file holds, and which of its operators run, without loading it. */
import { within, withinAsync } from '../support/arguments';
import { bytesOfSource, type OnnxLoadOptions } from './load';
import { resolve } from './operators/index';
import { nodesOf, prepareModel } from './prepare';
import { decodeModel } from './proto/model';
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from './proto/schema';
import { typeOfNumber } from './proto/types';

/** An operator of a file. */
export interface OnnxOperatorInfo {
  /** Its domain; 'ai.onnx' is that of ONNX itself. */
  readonly domain: string;
  /** Its name. */
  readonly name: string;
  /** How many nodes apply it. */
  readonly count: number;
  /** Why it cannot run; undefined: it runs. */
  readonly reason: string | undefined;
}

/** An input or output of a file. */
export interface OnnxPortInfo {
  /** Its name. */
  readonly name: string;
  /** Type of its elements; undefined if it is no tensor. */
  readonly dtype: string | undefined;
  /** Sizes, or names of sizes that are open; null: not known. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** What a file holds. */
export interface OnnxInfo {
  /** The program that wrote it, with its version. */
  readonly producer: string;
  /** Version of the format. */
  readonly irVersion: number;
  /** Opsets by domain. */
  readonly opsets: Readonly<Record<string, number>>;
  /** Inputs that have to be given. */
  readonly inputs: readonly OnnxPortInfo[];
  /** The results. */
  readonly outputs: readonly OnnxPortInfo[];
  /** Operators, in the order of their names. */
  readonly operators: readonly OnnxOperatorInfo[];
  /** Number of stored numbers. */
  readonly parameters: number;
}

const nameOf = (domain: string | undefined): string => domain || 'ai.onnx';

function portOf({ name = '', type }: ValueInfoProto): OnnxPortInfo {
  const { elemType, shape } = type?.tensorType ?? {};
  const sizes = shape
    ? (shape.dim ?? []).map(({ dimValue = -1, dimParam }) => (dimValue < 0 ? dimParam || null : dimValue))
    : null;
  return { name, dtype: elemType === undefined ? undefined : typeOfNumber(elemType), shape: sizes };
}

function countOf(graph: GraphProto, nodes: readonly NodeProto[]): number {
  const tensors = [
    ...(graph.initializer ?? []),
    ...nodes.flatMap((n) => (n.attribute ?? []).flatMap(({ t }) => t ?? [])),
  ];
  return tensors.reduce((sum, { dims = [] }) => sum + dims.reduce((n, d) => n * d, 1), 0);
}

function operatorsOf(model: ModelProto, nodes: readonly NodeProto[]): OnnxOperatorInfo[] {
  const opsets = new Map((model.opsetImport ?? []).map(({ domain, version }) => [nameOf(domain), version]));
  const own = new Set((model.functions ?? []).map(({ domain, name }) => `${nameOf(domain)}::${name}`));
  const counts = new Map<string, number>();
  for (const { domain, opType } of nodes) {
    const key = `${nameOf(domain)}::${opType ?? ''}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => {
      const at = key.lastIndexOf('::');
      const [domain, name] = [key.slice(0, at), key.slice(at + 2)];
      const plain = domain === 'ai.onnx' ? '' : domain;
      const isKnown = own.has(key) || (plain === '' && name === 'Constant');
      const found = isKnown ? undefined : resolve(plain, name, opsets.get(domain));
      return { domain, name, count, reason: found && 'reason' in found ? found.reason : undefined };
    });
}

function infoOf(model: ModelProto): OnnxInfo {
  const { graph = {}, producerName = '', producerVersion = '', irVersion = 0 } = model;
  const nodes = [...nodesOf(model)];
  const stored = new Set((graph.initializer ?? []).map(({ name }) => name));
  return {
    producer: `${producerName} ${producerVersion}`.trim(),
    irVersion,
    opsets: Object.fromEntries((model.opsetImport ?? []).map(({ domain, version }) => [nameOf(domain), version ?? 0])),
    inputs: (graph.input ?? []).filter(({ name }) => !stored.has(name)).map(portOf),
    outputs: (graph.output ?? []).map(portOf),
    operators: operatorsOf(model, nodes),
    parameters: countOf(graph, nodes),
  };
}

/**
 * What a file of ONNX holds: inputs, outputs, opsets, its operators, and why those that cannot run do not. Its weights are
 * not decoded, and files beside it are not read.
 * @param source the bytes of a file, or its path (Node, Deno, Bun) or URL.
 * @param options settings as for `load`
 * @throws FormatError for damaged files; ArgumentError if there is nothing
 * @example
 * // const { operators } = await onnx.inspect('model.onnx');
 * // operators.filter(({ reason }) => reason !== undefined); // what cannot run
 */
export async function inspect(
  source: string | Uint8Array | ArrayBuffer,
  options?: OnnxLoadOptions | null,
): Promise<OnnxInfo> {
  return withinAsync('inspect', async () => {
    const { bytes, name } = await bytesOfSource('inspect', source, options);
    const model = within('inspect', () => decodeModel(bytes, name));
    await prepareModel(model);
    return infoOf(model);
  });
}

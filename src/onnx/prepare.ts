/** What a model needs to be loaded before it can be read: operators that are not in the entry. */
import { show, within, withinAsync } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import { bytesOf, isBytes } from './bytes';
import { isAway, loadOperators } from './operators/index';
import { decodeModel } from './proto/model';
import type { ModelProto, NodeProto } from './proto/schema';

const AI_ONNX = 'ai.onnx';

/** The domain of ONNX itself has no name inside. */
export const domainOf = (domain: string | undefined): string => (domain === AI_ONNX ? '' : (domain ?? ''));

function* nested(nodes: readonly NodeProto[] | undefined): Generator<NodeProto> {
  for (const node of nodes ?? []) {
    yield node;
    for (const { g, graphs } of node.attribute ?? [])
      for (const graph of g ? [g, ...(graphs ?? [])] : (graphs ?? [])) yield* nested(graph.node);
  }
}

/** All nodes of a model, those of inner graphs and functions too. */
export function* nodesOf({ graph, functions }: ModelProto): Generator<NodeProto> {
  yield* nested(graph?.node);
  for (const { node } of functions ?? []) yield* nested(node);
}

function awayOf(model: ModelProto): [string, string][] {
  const away = new Map<string, [string, string]>();
  for (const { domain, opType = '' } of nodesOf(model)) {
    const own = domainOf(domain);
    if (isAway(own, opType)) away.set(`${own}::${opType}`, [own, opType]);
  }
  return [...away.values()];
}

/** Loads the operators of a model. */
export const prepareModel = (model: ModelProto): Promise<void> => loadOperators(awayOf(model));

/** Names of the operators of a model that have to be loaded first. */
export const awayNames = (model: ModelProto): string[] => awayOf(model).map(([, op]) => op);

/**
 * Loads operators for `loadSync`. The entry holds what most graphs are made of; families such as recurrent layers,
 * branches and loops, or strings are loaded when a model needs them, which `load` and `inspect` do by themselves.
 * @param bytes a file whose operators are loaded; default: all operators.
 * @throws ArgumentError, FormatError for what is not the bytes of a model
 * @example
 * import * as onnx from 'samegrad/onnx';
 * await onnx.prepare(); // from here on loadSync reads any model
 */
export function prepare(bytes?: Uint8Array | ArrayBuffer | null): Promise<void> {
  const where = 'prepare';
  return withinAsync(where, async () => {
    if (bytes === undefined || bytes === null) return loadOperators();
    if (!isBytes(bytes)) throw new ArgumentError(`needs the bytes of a file, got ${show(bytes)}`);
    return prepareModel(within(where, () => decodeModel(bytesOf(bytes))));
  });
}

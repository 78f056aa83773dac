/** Weights in files beside the model. */
import { show } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import type { GraphProto, ModelProto, NodeProto, StringEntry, TensorProto } from '../proto/schema';
import { plainBytes } from '../proto/wire';
import type { External } from './elements';

/** Reads a file by its path from the folder of the model. */
export type ReadBeside = (path: string) => Promise<Uint8Array>;

interface Place {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/** Where a tensor is. @throws FormatError for a path that leaves the folder of the model */
function placeOf(entries: readonly StringEntry[], name: string): Place {
  const get = (key: string): string | undefined => entries.find((e) => e.key === key)?.value;
  const location = get('location') ?? '';
  const isInside = location !== '' && !/^([a-z]+:|[/\\])|[\\\0]/i.test(location) && !location.split('/').includes('..');
  if (!isInside) throw new FormatError(`${name}: its file ${show(location)} is not in the folder of the model`);
  const number = (key: string): number | undefined => {
    const text = get(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw new FormatError(`${name}: ${key} must be a number of bytes, got ${show(text)}`);
  };
  return { location, offset: number('offset') ?? 0, length: number('length') };
}

function* tensorsOfNodes(nodes: readonly NodeProto[] | undefined): Generator<TensorProto> {
  for (const { attribute } of nodes ?? [])
    for (const { t, g, tensors, graphs } of attribute ?? []) {
      if (t) yield t;
      yield* tensors ?? [];
      for (const graph of g ? [g, ...(graphs ?? [])] : (graphs ?? [])) yield* tensorsOf(graph);
    }
}

function* tensorsOf(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer ?? [];
  yield* tensorsOfNodes(graph.node);
}

/** All tensors that are stored in other files. */
function externalOf({ graph, functions }: ModelProto): TensorProto[] {
  const all = [...tensorsOf(graph ?? {}), ...(functions ?? []).flatMap((f) => [...tensorsOfNodes(f.node)])];
  return all.filter(({ dataLocation }) => dataLocation === 1);
}

/**
 * Reads the files that a model refers to, each once.
 * @throws FormatError for paths outside of the model's folder, before anything is read
 */
export async function readExternal(model: ModelProto, beside: ReadBeside | undefined): Promise<External> {
  const places = externalOf(model).map((t) => placeOf(t.externalData ?? [], `tensor '${t.name ?? ''}'`));
  const files = new Map<string, Uint8Array>();
  for (const { location } of places) {
    if (files.has(location)) continue;
    if (!beside)
      throw new ArgumentError(
        `the weights are in the file '${location}' beside the model; pass external, a function that reads it`,
      );
    files.set(location, plainBytes(await beside(location)));
  }
  return (entries, name) => {
    const { location, offset, length } = placeOf(entries, name);
    const file = files.get(location) as Uint8Array;
    const end = length === undefined ? file.length : offset + length;
    if (offset > file.length || end > file.length)
      throw new FormatError(`${name}: bytes ${offset} to ${end} are not in '${location}', which has ${file.length}`);
    return file.subarray(offset, end);
  };
}

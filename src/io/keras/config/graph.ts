/** Calls of layers in functional models: Keras 2's lists, Keras 3's arguments, and this library's nodes. */
import type { SerializedLayer } from '../../../layers/base/registry';
import { isPlainObject } from '../../../support/plain-object';
import { type Json, listFrom, objectOf, refuse, textOf } from './json';
import { masksIn, referred } from './operations';
import { camel, snake } from './spelling';

/** A result: layer, number of its call, number of the result. */
export type Place = readonly [layer: string, call: number, result: number];
/** An input of a call, with what else the layer is called with. */
export type Inbound = readonly [...Place, Json];
/** A layer of a functional model. */
export type OwnNode = SerializedLayer & {
  readonly name: string;
  readonly inboundNodes: readonly (readonly Inbound[])[];
};

export interface OwnGraph {
  readonly layers: readonly OwnNode[];
  readonly inputLayers: readonly Place[];
  readonly outputLayers: readonly Place[];
}

const REFERENCE = '__keras_tensor__';
/** Classes whose calls Keras counts from 1: the first is the model itself. */
const MODELS = new Set(['Functional', 'Model', 'Sequential']);
/** Arguments of calls that are inputs, in the order of those here. */
const INPUTS = ['inputs', 'sequences', 'x', 'query', 'value', 'key'];

const isPlace = (v: unknown): v is Place =>
  Array.isArray(v) && v.length === 3 && typeof v[0] === 'string' && Number.isInteger(v[1]) && Number.isInteger(v[2]);

/** A place that a list of JSON states. @throws FormatError */
function placeOf(v: unknown, what: string): Place {
  const list = listFrom(v, what).slice(0, 3);
  return isPlace(list) ? list : refuse(`${what} is not [layer, call, result]`);
}

/** The places in a list, an object by name, or one alone. */
function places(value: unknown, what: string): Place[] {
  if (isPlace(value)) return [value];
  // By name, they are in the order of the names.
  if (isPlainObject(value))
    return Object.keys(value)
      .sort()
      .flatMap((key) => places(value[key], what));
  return listFrom(value, what).flatMap((v) => places(v, what));
}

/** What replaces references in arguments here. */
const reference = (place: Place): Json => ({ className: REFERENCE, config: { kerasHistory: place } });

/** @throws FormatError */
export function readGraph(config: Json, readLayer: (spec: unknown) => SerializedLayer): OwnGraph {
  const all = listFrom(config.layers, 'the layers of a model').map((v) => objectOf(v, 'a layer'));
  const masks = masksIn(all);
  const specs = all.filter((spec) => !masks.has(String(spec.name)));
  const calls = specs.map((spec) => listFrom(spec.inbound_nodes ?? [], 'the calls of a layer'));
  const isOld = calls.some((nodes) => nodes.some((node) => Array.isArray(node)));
  const models = new Set(
    specs
      .filter((s) => MODELS.has(String(s.class_name)) && (isOld || s.class_name !== 'Sequential'))
      .map((s) => String(s.name)),
  );
  // The call that a model is itself does not count here.
  const shifted = ([layer, call, result]: Place): Place =>
    models.has(layer) ? [layer, Math.max(0, call - 1), result] : [layer, call, result];
  const layers = specs.map((spec, i): OwnNode => {
    const nodes = calls[i] as readonly unknown[];
    const own = readLayer(spec);
    const name = textOf(spec.name ?? own.config.name, 'the name of a layer');
    const inboundNodes = nodes.map((node) => (Array.isArray(node) ? oldNode(node, shifted) : newNode(node, masks)));
    return { ...own, name, inboundNodes };
  });
  checkNames(layers);
  return {
    layers,
    inputLayers: places(config.input_layers, 'the inputs of a model'),
    outputLayers: places(config.output_layers, 'the outputs of a model').map(shifted),
  };
}

/** @throws FormatError for two layers of one name */
function checkNames(layers: readonly OwnNode[]): void {
  const names = new Set<string>();
  for (const { name } of layers) {
    if (names.has(name)) refuse(`two layers of a model are named '${name}'`);
    names.add(name);
  }
}

/** A call of Keras 2: its inputs in a list, each [layer, call, result, other arguments]. */
function oldNode(node: readonly unknown[], shifted: (place: Place) => Place): Inbound[] {
  const inputs = node.map((v) => shifted(placeOf(v, 'an input of a call')));
  const given = listFrom(node[0] ?? [], 'a call')[3] ?? {};
  const [more, rest] = sorted(objectOf(given, 'the arguments of a call'), (v) => (isPlace(v) ? shifted(v) : undefined));
  return [...inputs, ...more].map((place): Inbound => [...place, rest]);
}

/** A call of Keras 3: arguments by position and by name, with references in them. */
function newNode(node: unknown, masks: ReadonlySet<string>): Inbound[] {
  const { args = [], kwargs: given = {} } = objectOf(node, 'a call');
  const { mask, ...others } = objectOf(given, 'the arguments of a call');
  const isOwn = [mask].flat().every((v) => v === null || v === undefined || masks.has(referred(v) ?? ''));
  const kwargs = isOwn ? others : given;
  const at = (v: unknown): Place | undefined => {
    if (!isPlainObject(v) || v.class_name !== REFERENCE) return undefined;
    return placeOf(objectOf(v.config, 'a reference').keras_history, 'a reference');
  };
  const inputs = flat(listFrom(args, 'the arguments of a call')).map(
    (v) => at(v) ?? (v === null ? undefined : refuse(`a layer is called with ${JSON.stringify(v)?.slice(0, 80)}`)),
  );
  const [more, rest] = sorted(objectOf(kwargs, 'the arguments of a call'), at);
  return [...inputs.filter((p) => p !== undefined), ...more].map((place): Inbound => [...place, rest]);
}

const flat = (v: unknown): unknown[] =>
  Array.isArray(v)
    ? v.flatMap(flat)
    : isPlainObject(v) && v.class_name === '__tuple__'
      ? flat(v.items)
      : typeof v === 'number'
        ? []
        : [v];

/** Arguments by name: those that are inputs, in their order, and the rest with own names. */
function sorted(kwargs: Json, at: (v: unknown) => Place | undefined): [Place[], Json] {
  const inputs = INPUTS.map((name) => at(kwargs[name])).filter((place) => place !== undefined);
  const replace = (v: unknown): unknown => {
    const place = at(v);
    if (place) return reference(place);
    return Array.isArray(v) ? v.map(replace) : v;
  };
  const rest = Object.entries(kwargs).filter(
    // What is null, or false as Keras has it for inference, is the same as if it were not there.
    ([name, v]) => v !== null && !(INPUTS.includes(name) && at(v)) && !(name === 'training' && v === false),
  );
  return [inputs, Object.fromEntries(rest.map(([name, v]) => [camel(name), replace(v)]))];
}

/** Layers that Keras calls with several arguments, not with a list. */
const SEPARATE = new Set(['MultiHeadAttention', 'GroupedQueryAttention']);
/** Layers that Keras gives first states by name. */
const STATEFUL = new Set(['RNN', 'LSTM', 'GRU', 'SimpleRNN', 'Bidirectional', 'ConvLSTM1D', 'ConvLSTM2D']);

/** A call for Keras 3. @param shapeOf shapes of results, as far as they are known */
export function writeNode(
  { className }: SerializedLayer,
  node: readonly Inbound[],
  shapeOf: (place: Place) => readonly (number | null)[] | undefined,
): Json {
  const tensor = (place: Place): Json => ({
    class_name: REFERENCE,
    config: { shape: shapeOf(place) ?? [], dtype: 'float32', keras_history: place.slice(0, 3) },
  });
  const inputs = node.map(([layer, call, result]) => tensor([layer, call, result]));
  const replace = (v: unknown): unknown => {
    if (Array.isArray(v)) return v.map(replace);
    if (!isPlainObject(v) || v.className !== REFERENCE) return v;
    return tensor((v.config as { kerasHistory: Place }).kerasHistory);
  };
  const given = node[0]?.[3] ?? {};
  const kwargs = Object.fromEntries(Object.entries(given).map(([name, v]) => [snake(name), replace(v)]));
  if (inputs.length === 1 || SEPARATE.has(className)) return { args: inputs, kwargs };
  if (STATEFUL.has(className))
    return { args: inputs.slice(0, 1), kwargs: { ...kwargs, initial_state: inputs.slice(1) } };
  return { args: [inputs], kwargs };
}

/** The order in which Keras lists the layers: those furthest from the outputs first, else as it comes upon them. */
export function kerasOrder(graph: OwnGraph): readonly OwnNode[] {
  const byName = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const key = ([layer, call]: Place): string => JSON.stringify([layer, call]);
  const index = new Map<string, number>();
  const done = new Set<string>();
  const calls: Place[] = [];
  const visit = (place: Place): void => {
    if (done.has(key(place))) return;
    done.add(key(place));
    if (!index.has(place[0])) index.set(place[0], index.size);
    for (const input of reads(byName.get(place[0]), place[1])) visit(input);
    calls.push(place);
  };
  for (const output of graph.outputLayers) visit(output);
  const ofCall = new Map<string, number>();
  const ofLayer = new Map<string, number>();
  for (const place of [...calls].reverse()) {
    const depth = Math.max(ofCall.get(key(place)) ?? 0, ofLayer.get(place[0]) ?? 0);
    ofLayer.set(place[0], depth);
    for (const input of reads(byName.get(place[0]), place[1]))
      ofCall.set(key(input), Math.max(ofCall.get(key(input)) ?? 0, depth + 1));
  }
  // Inputs that lead nowhere come last but one: before what is at the end, too.
  const depthOf = ({ name }: OwnNode): number => ofLayer.get(name) ?? 0;
  const indexOf = ({ name }: OwnNode): number => index.get(name) ?? -1;
  return [...graph.layers].sort((a, b) => depthOf(b) - depthOf(a) || indexOf(a) - indexOf(b));
}

/** What a call needs: its inputs, and results among its other arguments. */
function reads(layer: OwnNode | undefined, call: number): readonly Place[] {
  const node = layer?.inboundNodes[call] ?? [];
  const found: Place[] = node.map(([name, at, result]): Place => [name, at, result]);
  const search = (v: unknown): void => {
    if (Array.isArray(v)) v.forEach(search);
    else if (isPlainObject(v) && v.className === REFERENCE)
      found.push((v.config as { kerasHistory: Place }).kerasHistory);
  };
  Object.values(node[0]?.[3] ?? {}).forEach(search);
  return found;
}

/** Graphs of functional models as settings, in Keras' format: each layer with its calls. */
import { InputLayer } from '../../layers/base/input';
import type { Layer } from '../../layers/base/layer';
import { deserializeLayer, type SerializedLayer, serializeLayer } from '../../layers/base/registry';
import { listOf } from '../../layers/base/shapes';
import { type Connection, SymbolicTensor } from '../../layers/base/symbolic';
import { checkList } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { CallGraph } from './graph';

/** A result of a call: layer, number of the call among those of the layer, number of the result. */
type Place = readonly [layer: string, call: number, result: number];
/** An input of a call, with the call's further arguments. */
type Inbound = readonly [...Place, Record<string, unknown>];

export interface GraphConfig {
  readonly layers: readonly (SerializedLayer & {
    readonly name: string;
    readonly inboundNodes: readonly (readonly Inbound[])[];
  })[];
  readonly inputLayers: readonly Place[];
  readonly outputLayers: readonly Place[];
}

/** Symbolic tensors among settings, as Keras 3 writes them. */
const REFERENCE = '__keras_tensor__';

/** Replaces values for which `change` returns another, in lists too. */
const replace = (value: unknown, change: (v: unknown) => unknown): unknown =>
  Array.isArray(value) ? value.map((v) => replace(v, change)) : (change(value) ?? value);

export function describeGraph(graph: CallGraph): GraphConfig {
  const made = new Map<unknown, Connection[]>();
  for (const call of [...graph.inputs.map((x) => x.source), ...graph.calls])
    made.set(call.layer, [...(made.get(call.layer) ?? []), call]);
  const place = (x: SymbolicTensor): Place => [
    x.name,
    (made.get(x.source.layer) as Connection[]).indexOf(x.source),
    x.index,
  ];
  const reference = (v: unknown): unknown =>
    v instanceof SymbolicTensor ? { className: REFERENCE, config: { kerasHistory: place(v) } } : undefined;
  const layers = graph.layers.map((layer: Layer) => ({
    ...serializeLayer(layer),
    name: layer.name,
    inboundNodes: (made.get(layer) as Connection[])
      .filter((call) => call.inputs.length > 0)
      .map((call) => {
        const settings = Object.entries(call.settings).map(([k, v]) => [k, replace(v, reference)] as const);
        return call.inputs.map((x): Inbound => [...place(x), Object.fromEntries(settings)]);
      }),
  }));
  return { layers, inputLayers: graph.inputs.map(place), outputLayers: graph.outputs.map(place) };
}

/**
 * @param note is told of each layer that is made
 * @throws ArgumentError if the outputs need a tensor that no call computes
 */
export function rebuildGraph(
  config: GraphConfig,
  note: (layer: Layer) => Layer,
): { inputs: SymbolicTensor[]; outputs: SymbolicTensor[] } {
  for (const name of ['layers', 'inputLayers', 'outputLayers'] as const) checkList(config[name], 'fromConfig', name);
  const known = new Map<string, SymbolicTensor>();
  const key = ([layer, call, result]: Place | Inbound): string => JSON.stringify([layer, call, result]);
  /** Whether a tensor was requested that no call has computed yet. */
  let isMissing = false;
  const at = (place: Place | Inbound): SymbolicTensor => {
    const x = known.get(key(place));
    if (!x) isMissing = true;
    return x as SymbolicTensor;
  };
  const dereference = (v: unknown): unknown => {
    const { className, config: own } = (v ?? {}) as { className?: string; config?: { kerasHistory: Place } };
    return className === REFERENCE && own ? at(own.kerasHistory) : undefined;
  };
  const open = config.layers.map((spec) => {
    const layer = note(deserializeLayer(spec));
    if (layer instanceof InputLayer) known.set(key([spec.name, 0, 0]), layer.symbol);
    return { name: spec.name, layer, nodes: spec.inboundNodes, done: 0 };
  });
  for (let moved = true; moved; ) {
    moved = false;
    for (const entry of open) {
      const node = entry.nodes[entry.done];
      if (!node) continue;
      isMissing = false;
      const inputs = node.map(at);
      const settings = Object.entries(node[0]?.[3] ?? {}).map(([k, v]) => [k, replace(v, dereference)] as const);
      if (isMissing) continue;
      const given = inputs.length === 1 ? (inputs[0] as SymbolicTensor) : inputs;
      const out = entry.layer.apply(given, Object.fromEntries(settings));
      for (const [i, x] of listOf(out).entries()) known.set(key([entry.name, entry.done, i]), x);
      entry.done++;
      moved = true;
    }
  }
  isMissing = false;
  const found = { inputs: config.inputLayers.map(at), outputs: config.outputLayers.map(at) };
  if (isMissing) throw new ArgumentError('fromConfig: the calls of its layers do not lead to the outputs');
  return found;
}

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

const keyOf = ([layer, call, result]: Place | Inbound): string => JSON.stringify([layer, call, result]);

/** A layer with its calls, of which some are made. */
interface Entry {
  readonly index: number;
  readonly name: string;
  readonly layer: Layer;
  readonly nodes: readonly (readonly Inbound[])[];
  done: number;
}

/**
 * Layers in rounds through their list, each once a round. Those that wait for a tensor are passed over until there is
 * one, so that a list in any order takes as long as it is.
 */
class Rounds {
  #round: Entry[];
  #next: Entry[] = [];
  #position = 0;
  readonly #waiting = new Map<string, Entry[]>();

  constructor(entries: Entry[]) {
    this.#round = entries;
  }

  *[Symbol.iterator](): Generator<Entry> {
    while (this.#round.length) {
      for (this.#position = 0; this.#position < this.#round.length; this.#position++)
        yield this.#round[this.#position] as Entry;
      this.#round = this.#next.sort((a, b) => a.index - b.index);
      this.#next = [];
    }
  }

  /** Comes to a layer again: in this round if it is behind the present one, otherwise in the next. */
  add(entry: Entry): void {
    const round = this.#round;
    if (entry.index <= (round[this.#position] as Entry).index) {
      this.#next.push(entry);
      return;
    }
    let [low, high] = [this.#position + 1, round.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((round[middle] as Entry).index < entry.index) low = middle + 1;
      else high = middle;
    }
    round.splice(low, 0, entry);
  }

  /** Leaves a layer out until there is a tensor. */
  wait(entry: Entry, key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting) waiting.push(entry);
    else this.#waiting.set(key, [entry]);
  }

  /** Comes to the layers again that wait for a tensor. */
  wake(key: string): void {
    for (const entry of this.#waiting.get(key) ?? []) this.add(entry);
    this.#waiting.delete(key);
  }
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
  /** The first tensor that was requested and that no call has computed yet. */
  let missing: string | undefined;
  const at = (place: Place | Inbound): SymbolicTensor => {
    const key = keyOf(place);
    const x = known.get(key);
    if (!x) missing ??= key;
    return x as SymbolicTensor;
  };
  const dereference = (v: unknown): unknown => {
    const { className, config: own } = (v ?? {}) as { className?: string; config?: { kerasHistory: Place } };
    return className === REFERENCE && own ? at(own.kerasHistory) : undefined;
  };
  const rounds = new Rounds(
    config.layers.map((spec, index) => {
      const layer = note(deserializeLayer(spec));
      if (layer instanceof InputLayer) known.set(keyOf([spec.name, 0, 0]), layer.symbol);
      return { index, name: spec.name, layer, nodes: spec.inboundNodes, done: 0 };
    }),
  );
  for (const entry of rounds) {
    const node = entry.nodes[entry.done];
    if (!node) continue;
    missing = undefined;
    const inputs = node.map(at);
    const settings = Object.entries(node[0]?.[3] ?? {}).map(([k, v]) => [k, replace(v, dereference)] as const);
    if (missing !== undefined) {
      rounds.wait(entry, missing);
      continue;
    }
    const given = inputs.length === 1 ? (inputs[0] as SymbolicTensor) : inputs;
    const out = entry.layer.apply(given, Object.fromEntries(settings));
    for (const [i, x] of listOf(out).entries()) {
      const key = keyOf([entry.name, entry.done, i]);
      known.set(key, x);
      rounds.wake(key);
    }
    entry.done++;
    rounds.add(entry);
  }
  missing = undefined;
  const found = { inputs: config.inputLayers.map(at), outputs: config.outputLayers.map(at) };
  if (missing !== undefined) throw new ArgumentError('fromConfig: the calls of its layers do not lead to the outputs');
  return found;
}

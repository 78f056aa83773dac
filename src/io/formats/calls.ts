/**
 * Which call of a layer an input comes from. Keras and TensorFlow.js count a model's own graph as the first of its calls,
 * so that those of a model inside a model are counted from 1; here all are counted from 0.
 */
import { isPlainObject } from '../../support/plain-object';

type Place = readonly [layer: string, call: number, ...unknown[]];
type Config = Record<string, unknown>;

const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) && typeof value[0] === 'string' && Number.isInteger(value[1]);

/** Everything that may hold a place, at any depth; the graphs of models inside have places of their own. */
function eachPlace(value: unknown, fn: (place: Place) => Place): unknown {
  if (isPlace(value)) return fn(value).map((v, i) => (i < 2 ? v : eachPlace(v, fn)));
  if (Array.isArray(value)) return value.map((v) => eachPlace(v, fn));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, eachPlace(v, fn)]));
}

interface Graph {
  readonly layers: readonly (Config & {
    readonly name?: unknown;
    readonly inboundNodes: unknown;
    readonly config?: Config;
  })[];
  readonly inputLayers: unknown;
  readonly outputLayers: unknown;
}

const isGraph = (value: Config): value is Config & Graph =>
  Array.isArray(value.layers) && value.layers.some((l) => isPlainObject(l) && l.inboundNodes !== undefined);

/** Places of a graph with the call changed by what `shift` says of their layer. */
function shifted(graph: Config & Graph, shift: (layer: string) => number): Config {
  const move = (value: unknown): unknown =>
    eachPlace(value, ([layer, call, ...rest]) => [layer, call + shift(layer), ...rest]);
  return {
    ...graph,
    layers: graph.layers.map((l) => ({ ...l, inboundNodes: move(l.inboundNodes) })),
    inputLayers: move(graph.inputLayers),
    outputLayers: move(graph.outputLayers),
  };
}

/** Names of the layers of a graph that are models. */
const modelsIn = ({ layers }: Graph): Set<unknown> =>
  new Set(layers.filter((l) => isPlainObject(l.config) && Array.isArray(l.config.layers)).map((l) => l.name));

/** A configuration whose graphs, at any depth, `change` has changed. */
function inGraphs(value: unknown, change: (graph: Config & Graph) => Config): unknown {
  if (Array.isArray(value)) return value.map((v) => inGraphs(v, change));
  if (!isPlainObject(value)) return value;
  const own = Object.fromEntries(Object.entries(value).map(([key, v]) => [key, inGraphs(v, change)]));
  return isGraph(own) ? change(own) : own;
}

/** A configuration (in our spelling) with calls counted from 0. */
export const withOwnCalls = (config: unknown): unknown =>
  inGraphs(config, (graph) => {
    const models = modelsIn(graph);
    // Each call of a model leads to an output, so the first of them is named somewhere.
    const first = new Map<string, number>();
    const note = (place: Place): Place => {
      const [layer, call] = place;
      if (models.has(layer)) first.set(layer, Math.min(first.get(layer) ?? call, call));
      return place;
    };
    for (const part of [graph.layers.map((l) => l.inboundNodes), graph.outputLayers]) eachPlace(part, note);
    return shifted(graph, (layer) => -(first.get(layer) ?? 0));
  });

/** A configuration with calls of models counted from 1. */
export const withKerasCalls = (config: unknown): unknown =>
  inGraphs(config, (graph) => {
    const models = modelsIn(graph);
    return shifted(graph, (layer) => (models.has(layer) ? 1 : 0));
  });

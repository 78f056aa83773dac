/** This library's configurations as Keras 3 writes its own. */
import type { Layer } from '../../../layers/base/layer';
import { registered } from '../../../layers/base/names';
import { type SerializedLayer, serializeLayer } from '../../../layers/base/registry';
import { Functional } from '../../../models/functional/functional';
import { traceCalls } from '../../../models/functional/graph';
import { Model } from '../../../models/model';
import { isPlainObject } from '../../../support/plain-object';
import { writeActivation } from './activations';
import { FROM_OWN, RULES } from './classes';
import { kerasOrder, type OwnGraph, type OwnNode, type Place, writeNode } from './graph';
import { type Json, refuse } from './json';
import { kerasChoice, snake } from './spelling';

/** Modules of classes that are not layers, by what the setting is called. */
const moduleOf = (setting: string): string =>
  /initializer$/i.test(setting)
    ? 'keras.initializers'
    : /constraint$/i.test(setting)
      ? 'keras.constraints'
      : 'keras.regularizers';

/** Names of rules whose spelling differs by more than underscores. */
const RULE_NAMES: Readonly<Record<string, string>> = { LeCunNormal: 'LecunNormal', LeCunUniform: 'LecunUniform' };

/** A model, or a layer. @throws FormatError for what Keras has no class for */
export const writeModel = (model: Layer): Json => writeLayer(serializeLayer(model), model);

/** @param live the layer itself, which knows shapes */
function writeLayer(layer: SerializedLayer, live?: Layer): Json {
  const { className, config } = layer;
  if (registered(className) && !Array.isArray(config.layers)) return custom(layer);
  if (className === 'InputLayer')
    return own('keras.layers', className, {
      batch_shape: config.batchInputShape,
      dtype: config.dtype ?? 'float32',
      sparse: false,
      name: config.name,
    });
  if (Array.isArray(config.layers)) {
    const isGraph = 'inputLayers' in config;
    const inside = isGraph ? functional(config, live) : sequential(config, live);
    const isOwn = className === 'Sequential' || className === 'Functional';
    if (!isOwn) return { module: null, class_name: className, config: inside, registered_name: className };
    return own(isGraph ? 'keras.src.models.functional' : 'keras', className, inside, isGraph ? className : null);
  }
  if (className === 'Lambda')
    return refuse(
      `the Lambda layer '${String(config.name)}' holds a function, which Keras cannot run; make it a class and register it in Keras too`,
    );
  const name = FROM_OWN[className] ?? className;
  const rule = RULES[name] ?? {};
  if (rule.isGone)
    return refuse(
      `${className} '${String(config.name)}' is not in Keras 3; make it of other layers, or use another format`,
    );
  const out: Json = {};
  const renamed = Object.fromEntries(Object.entries(rule.renamed ?? {}).map(([keras, here]) => [here, keras]));
  for (const [key, value] of Object.entries(config)) {
    if (key === 'dtype' || key === 'batchInputShape') continue;
    const special = rule.special?.[key];
    const isRight = special ?? rule.limited?.[key];
    if (isRight && !isRight(value))
      refuse(`${className} '${String(config.name)}' has ${key} = ${JSON.stringify(value)}, which Keras does not have`);
    if (special) continue;
    out[snake(renamed[key] ?? key)] = writeSetting(className, key, value);
  }
  if (rule.package)
    return {
      module: `${rule.package}.layers`,
      class_name: name,
      config: out,
      registered_name: `${rule.package}>${name}`,
    };
  return own('keras.layers', name, out);
}

const own = (module: string, className: string, config: Json, name: string | null = null): Json => ({
  module,
  class_name: className,
  config,
  registered_name: name,
});

/** A layer of a class that the user registered. */
function custom({ className, config }: SerializedLayer): Json {
  const kept = Object.entries(config).filter(([key]) => key !== 'dtype' && key !== 'batchInputShape');
  return {
    module: null,
    class_name: className.slice(className.indexOf('>') + 1),
    config: Object.fromEntries(kept.map(([key, value]) => [snake(key), writeSetting(className, key, value)])),
    registered_name: className.includes('>') ? className : `Custom>${className}`,
  };
}

const isSerialized = (v: unknown): v is SerializedLayer =>
  isPlainObject(v) && typeof v.className === 'string' && isPlainObject(v.config);

function writeSetting(className: string, key: string, value: unknown): unknown {
  if (key === 'activation' || key === 'recurrentActivation') return writeActivation(value);
  if (key === 'size' && className === 'UpSampling1D') return [value].flat()[0];
  if (key === 'layer' || key === 'backwardLayer' || key === 'cell')
    return isSerialized(value) ? writeLayer(value) : value;
  if (key === 'cells' && Array.isArray(value)) return value.map((cell) => writeLayer(cell as SerializedLayer));
  return writeValue(key, value);
}

function writeValue(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => writeValue(key, v));
  if (isSerialized(value)) return writeRule(key, value);
  if (isPlainObject(value))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [snake(k), writeValue(k, v)]));
  return kerasChoice(key, value);
}

function writeRule(key: string, { className, config }: SerializedLayer): Json {
  const inside = Object.fromEntries(Object.entries(config).map(([k, v]) => [snake(k), writeValue(k, v)]));
  if (registered(className))
    return {
      module: null,
      class_name: className.slice(className.indexOf('>') + 1),
      config: inside,
      registered_name: className.includes('>') ? className : `Custom>${className}`,
    };
  return own(moduleOf(key), RULE_NAMES[className] ?? className, inside);
}

function sequential(config: Json, live?: Layer): Json {
  const layers = config.layers as readonly SerializedLayer[];
  const children = live instanceof Model ? live.layers : [];
  const written = layers.map((layer, i) => writeLayer(layer, children[i]));
  const [first] = layers;
  const shape =
    first?.className === 'InputLayer' ? undefined : (first?.config.batchInputShape ?? config.buildInputShape);
  const isBare = children[0] instanceof Model || Array.isArray(first?.config.layers);
  const known = shape ?? (isBare && live instanceof Model && live.built ? live.inputs[0]?.shape : undefined);
  // Keras keeps the shape of the input in a layer of its own.
  const input = known
    ? [
        own('keras.layers', 'InputLayer', {
          batch_shape: known,
          dtype: 'float32',
          sparse: false,
          name: `${String(config.name)}_input`,
        }),
      ]
    : [];
  return { name: config.name, trainable: true, layers: [...input, ...written] };
}

function functional(config: Json, live?: Layer): Json {
  const graph = config as unknown as OwnGraph;
  const shapes = live instanceof Functional ? shapesIn(live) : undefined;
  const shapeOf = (place: Place): readonly (number | null)[] | undefined => shapes?.get(JSON.stringify(place));
  const children = new Map(live instanceof Functional ? live.layers.map((layer) => [layer.name, layer]) : []);
  const ordered = kerasOrder(graph);
  const layers = ordered.map((layer: OwnNode) => ({
    ...writeLayer(layer, children.get(layer.name)),
    name: layer.name,
    inbound_nodes: layer.inboundNodes.map((node) => writeNode(layer, node, shapeOf)),
  }));
  const functionals = new Set(graph.layers.filter((l) => 'inputLayers' in l.config).map((l) => l.name));
  // Keras counts a model itself as its first call, where results are outputs.
  const output = ([layer, call, result]: Place): unknown[] => [layer, functionals.has(layer) ? call + 1 : call, result];
  const [first] = graph.outputLayers;
  return {
    name: config.name,
    trainable: true,
    layers,
    input_layers: graph.inputLayers.length === 1 ? graph.inputLayers[0] : graph.inputLayers,
    output_layers: first && graph.outputLayers.length === 1 ? output(first) : graph.outputLayers.map(output),
  };
}

/** Shapes of all results in a model. */
function shapesIn(model: Functional): Map<string, readonly (number | null)[]> {
  const { calls } = traceCalls('save', model.inputs, model.outputs);
  const counts = new Map<unknown, number>();
  const shapes = new Map<string, readonly (number | null)[]>();
  for (const call of [...model.inputs.map((x) => x.source), ...calls]) {
    const number = counts.get(call.layer) ?? 0;
    counts.set(call.layer, number + 1);
    for (const x of call.outputs) shapes.set(JSON.stringify([x.name, number, x.index]), x.shape);
  }
  return shapes;
}

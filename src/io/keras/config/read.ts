/** Configurations of Keras 2 and 3 as this library's own. */

import { registered } from '../../../layers/base/names';
import type { SerializedLayer } from '../../../layers/base/registry';
import { isPlainObject } from '../../../support/plain-object';
import { readActivation } from './activations';
import { type ClassRule, FOREIGN, RULES } from './classes';
import { type OwnGraph, readGraph } from './graph';
import { isObjectOfClass, type Json, listFrom, type Origin, objectOf, refuse, textOf } from './json';
import { binaryOperation, isOperation } from './operations';
import { camel, ownChoice } from './spelling';

/** Settings that hold layers. */
const HOLDING = new Set(['layer', 'backwardLayer', 'cell', 'cells']);

const MODELS = new Set(['Functional', 'Model', 'Sequential']);

/** A layer, or a model. @param inside the class of the layer around it @throws FormatError */
export function readLayer(value: unknown, origin: Origin, inside?: string): SerializedLayer {
  const spec = objectOf(value, 'a layer');
  const className = textOf(spec.class_name, 'the class of a layer');
  const rule = RULES[className] ?? {};
  const own = ownClass(spec, className, rule);
  if (Array.isArray(spec.config) && className === 'Sequential')
    // The oldest files: a list of layers without a name.
    return { className: own, config: { layers: spec.config.map((layer) => readLayer(layer, origin)) } };
  const config = objectOf(spec.config, `the settings of ${className}`);
  if (isOperation(spec)) return binaryOperation(spec, config);
  if (Array.isArray(config.layers))
    return {
      className: own,
      config: 'input_layers' in config ? functional(config, origin) : sequential(config, origin),
    };
  if (MODELS.has(className)) return refuse(`the settings of a ${className} model have no list of layers`);
  if (className === 'InputLayer') return { className, config: inputLayer(config) };
  if (className === 'Lambda') return refuseLambda(config);
  return { className: own, config: settings(className, rule, config, origin, inside) };
}

function refuseLambda(config: Json): never {
  const name = typeof config.name === 'string' ? ` '${config.name}'` : '';
  return refuse(
    `the Lambda layer${name} holds a function of Python, which does not run here; make it a class in Keras and register one of that name with sg.serialization.registerClass`,
  );
}

/** The name of a class of the library, or of one that the user registered. */
function ownClass(spec: Json, className: string, rule: ClassRule): string {
  const { registered_name: full } = spec;
  if (typeof full === 'string' && full !== className && registered(full)) return full;
  return rule.own ?? className;
}

function settings(className: string, rule: ClassRule, config: Json, origin: Origin, inside?: string): Json {
  const foreign: ClassRule['foreign'] = { ...FOREIGN, ...rule.foreign };
  const isKnown = Boolean(RULES[className]) || !registered(className);
  const out: Json = {};
  for (const [key, value] of Object.entries(config)) {
    const name = camel(key);
    const own = rule.renamed?.[name] ?? name;
    if (own === 'dtype' || own === 'inputDtype') continue;
    if (own === 'batchShape') {
      out.batchInputShape = value;
      continue;
    }
    // What a bidirectional layer returns where there is padding is padding too.
    if (name === 'zeroOutputForMask' && inside === 'Bidirectional') continue;
    const harmless = isKnown && Object.hasOwn(foreign, name) ? foreign[name] : undefined;
    if (harmless) {
      if (!harmless(value))
        refuse(`${className} has ${key} = ${JSON.stringify(value)}, which this library does not have`);
      continue;
    }
    const limited = rule.limited?.[own];
    if (limited && !limited(value))
      refuse(`${className} has ${key} = ${JSON.stringify(value)}, which is not supported`);
    // Null stands for the default of Keras, which is that here, or the last dimension.
    if (own === 'dataFormat' && value === null) continue;
    out[own] = readSetting(own, value, origin, className);
  }
  return out;
}

/** The value of a setting. @throws FormatError for functions of Python */
function readSetting(own: string, value: unknown, origin: Origin, inside: string): unknown {
  if (HOLDING.has(own) && isPlainObject(value)) return readLayer(value, origin, inside);
  if (HOLDING.has(own) && Array.isArray(value)) return value.map((v) => readLayer(v, origin, inside));
  if (own === 'activation' || own === 'recurrentActivation') return readActivation(value, origin);
  // Lists of one axis, as batch normalization has in Keras 2.
  if (own === 'axis' && Array.isArray(value) && value.length === 1) return value[0];
  return readValue(own, value);
}

/** A value at any depth. */
export function readValue(own: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => readValue(own, v));
  if (!isPlainObject(value)) return ownChoice(own, value);
  const { class_name: name } = value;
  if (name === '__tuple__') return listFrom(value.items, 'a tuple').map((v) => readValue(own, v));
  if (name === '__numpy__' || name === '__tensor__') return objectOf(value.config, 'an array').value;
  if (name === '__lambda__')
    return refuse('a setting is a lambda of Python, which does not run here; use a named function');
  if (isObjectOfClass(value)) return readRule(value);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [camel(k), readValue(camel(k), v)]));
}

/** Settings of rules that only Keras has. */
const FOREIGN_OF_RULES = new Set(['dtype', 'input_axes', 'output_axes']);

/** An initializer, a regularizer, a constraint, a metric, a loss, a schedule. */
export function readRule(value: Json): unknown {
  const className = textOf(value.class_name, 'the class of a setting');
  if (className === 'function') return ownFunction(value);
  const { registered_name: full } = value;
  const own = typeof full === 'string' && registered(full) ? full : className;
  const config = objectOf(value.config, `the settings of ${className}`);
  const kept = Object.entries(config).filter(([key]) => !FOREIGN_OF_RULES.has(key));
  return {
    className: own,
    config: Object.fromEntries(kept.map(([key, v]) => [camel(key), readValue(camel(key), v)])),
  };
}

/** A function by its name. */
function ownFunction({ config, registered_name: full }: Json): string {
  if (typeof full === 'string' && registered(full)) return full;
  return textOf(config, 'the name of a function');
}

/** Element types of Keras, of which there are three here. */
function inputLayer(config: Json): Json {
  const { name, batch_shape: batchShape, batch_input_shape: batchInputShape, dtype } = config;
  const type = isPlainObject(dtype) ? objectOf(dtype.config, 'a type').name : (dtype ?? 'float32');
  const own = /^(float|bfloat)/.test(String(type)) ? 'float32' : /^u?int/.test(String(type)) ? 'int32' : type;
  if (own !== 'float32' && own !== 'int32' && own !== 'bool')
    return refuse(`the input '${String(name)}' is of type ${JSON.stringify(type)}; float32, int32 and bool exist here`);
  const shape = listFrom(batchShape ?? batchInputShape, `the shape of the input '${String(name)}'`);
  return { name: textOf(name, 'the name of an input'), batchInputShape: shape, dtype: own };
}

/** A frozen model's layers are frozen. */
function frozen<T extends SerializedLayer>(layers: readonly T[], { trainable }: Json): readonly T[] {
  if (trainable !== false) return layers;
  return layers.map((layer) => {
    const inside = layer.config.layers as readonly SerializedLayer[] | undefined;
    const config = inside ? { ...layer.config, layers: frozen(inside, { trainable }) } : { ...layer.config, trainable };
    return { ...layer, config };
  });
}

function sequential(config: Json, origin: Origin): Json {
  const specs = listFrom(config.layers, 'the layers of a model').map((layer) => readLayer(layer, origin));
  const layers = frozen(specs, config);
  const [first] = layers;
  const isKnown = first && (first.className === 'InputLayer' || 'batchInputShape' in first.config);
  const shape = config.build_input_shape;
  return {
    ...(typeof config.name === 'string' && { name: config.name }),
    layers,
    ...(!isKnown && Array.isArray(shape) && { buildInputShape: shape }),
  };
}

function functional(config: Json, origin: Origin): Json & OwnGraph {
  const graph = readGraph(config, (layer) => readLayer(layer, origin));
  const name = typeof config.name === 'string' && { name: config.name };
  return { ...name, ...graph, layers: frozen(graph.layers, config) };
}

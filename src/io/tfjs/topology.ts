/** Topologies in `model.json`: TensorFlow.js writes them in Python's spelling, as Keras 2 does. */

import { layerInPackage } from '../../layers/base/registry';
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { withKerasCalls, withOwnCalls } from '../formats/calls';
import { fromPython, toPython } from '../formats/casing';
import type { AnyModel, Serialized } from '../formats/format';

type Config = Record<string, unknown>;

/** Classes of models, which have changed their names. */
const MODELS: Readonly<Record<string, string>> = { Model: 'Functional', LayersModel: 'Functional' };

/**
 * Settings of layers that are not there here: without effect if they have one of these values. Others are refused by
 * the layer.
 */
const WITHOUT_EFFECT: Readonly<Record<string, readonly unknown[]>> = {
  ragged: [false, null],
  renorm: [false],
  fused: [true, false, null],
  timeMajor: [false],
  groups: [1, null],
  keepdims: [false],
  noiseShape: [null],
  batchSize: [null],
};

const isLayer = (value: unknown): value is Serialized =>
  isPlainObject(value) && typeof value.className === 'string' && isPlainObject(value.config);

/** A configuration with what is without effect left out, at all depths. */
function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([key, v]) => [key, cleaned(v)] as const);
  return Object.fromEntries(entries.filter(([key, v]) => !(WITHOUT_EFFECT[key] ?? []).includes(v)));
}

/** What a layer of any cell has itself; TensorFlow.js writes the settings of its cell there too. */
const OF_RNN: ReadonlySet<string> = new Set([
  'name',
  'trainable',
  'dtype',
  'batchInputShape',
  'cell',
  'returnSequences',
  'returnState',
  'goBackwards',
  'stateful',
  'unroll',
  'numConstants',
]);

function configOf(className: unknown, config: unknown): unknown {
  // A list of layers, as the first versions wrote sequential models.
  if (className === 'Sequential' && Array.isArray(config)) return { layers: config };
  if (className !== 'RNN' || !isPlainObject(config)) return config;
  return Object.fromEntries(Object.entries(config).filter(([key]) => OF_RNN.has(key)));
}

/** Classes by their names here, and their settings. */
function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (!isPlainObject(value)) return value;
  const own = Object.fromEntries(Object.entries(value).map(([key, v]) => [key, renamed(v)]));
  if (typeof own.className !== 'string') return own;
  const className = Object.hasOwn(MODELS, own.className)
    ? MODELS[own.className]
    : (layerInPackage(own.className) ?? own.className);
  return { ...own, className, config: configOf(className, own.config) };
}

/**
 * A topology, or a whole `model_config` with one inside, in our spelling.
 * @throws FormatError for what is none
 */
export function readTopology(topology: unknown): Serialized {
  const given = isPlainObject(topology) && isPlainObject(topology.model_config) ? topology.model_config : topology;
  const { className, config } = (withOwnCalls(cleaned(renamed(fromPython(given)))) ?? {}) as Partial<Serialized>;
  const own = { className, config };
  if (!isLayer(own)) throw new FormatError('the topology of the model has no class_name and config');
  return own;
}

/** What TensorFlow.js writes beside a topology; version 4.22 reads what is written here. */
const VERSION = { keras_version: 'tfjs-layers 4.22.0', backend: 'TensorFlow.js' };

/** The first layer tells the shape of the input, where the model has it from `build`. */
function withInputShape(config: Config): Config {
  const { buildInputShape, layers, ...rest } = config;
  const [first, ...others] = (layers ?? []) as Serialized[];
  if (!buildInputShape || !first) return config;
  return {
    ...rest,
    layers: [{ ...first, config: { ...first.config, batchInputShape: buildInputShape } }, ...others],
  };
}

/** Layers of users without their packages: TensorFlow.js finds classes by their names alone. */
function withoutPackages(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPackages);
  if (!isPlainObject(value)) return value;
  const own = Object.fromEntries(Object.entries(value).map(([key, v]) => [key, withoutPackages(v)]));
  const { className } = own;
  if (typeof className !== 'string') return own;
  const short = className.slice(className.indexOf('>') + 1);
  return layerInPackage(short) === className ? { ...own, className: short } : own;
}

/** The layer in a bidirectional one has its own name there, from which those of both directions are made. */
function withPlainNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainNames);
  if (!isPlainObject(value)) return value;
  const own = Object.fromEntries(Object.entries(value).map(([key, v]) => [key, withPlainNames(v)]));
  const config = own.config as { layer?: Serialized } | undefined;
  if (own.className !== 'Bidirectional' || !config?.layer) return own;
  const { layer } = config;
  const name = String(layer.config.name).replace(/^forward_/, '');
  return { ...own, config: { ...config, layer: { ...layer, config: { ...layer.config, name } } } };
}

/** A model's class and settings as TensorFlow.js has them in `model.json`. */
export function writeTopology(model: AnyModel, className: string): Config {
  const config = model.getConfig();
  const topology = {
    className: className === 'Functional' ? 'Model' : className,
    config: className === 'Sequential' ? withInputShape(config) : config,
  };
  return { ...(toPython(withPlainNames(withoutPackages(withKerasCalls(topology)))) as Config), ...VERSION };
}

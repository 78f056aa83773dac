/** Classes and functions by the names that configurations hold. */
import { checkSettings, checkText, show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { checkNames } from '../../support/settings';
import { Holder } from './holder';
import type { Layer } from './layer';
import { noted } from './made';
import { fullNameOf, nameOf, register, registered } from './names';

/** A class of layers; its settings are known only to its own `getConfig`. */
export type LayerClass = (new (config: never) => Layer) & { className: string; fromConfig: typeof Layer.fromConfig };
/** A function, or a class that is not of layers. */
export type UserFunction = ((...args: never[]) => unknown) | (abstract new (...args: never[]) => object);

/** A layer in a configuration. */
export interface SerializedLayer {
  /** Name of the class. */
  readonly className: string;
  /** Settings. */
  readonly config: Record<string, unknown>;
}

/** What Keras and TensorFlow.js write of a layer in a model. */
const SERIALIZED = ['className', 'config', 'name', 'inboundNodes', 'module', 'registeredName', 'buildConfig'];

let factories: object | undefined;
/** Factories of the library's own layers, by their names in small letters; gathered when first asked for. */
let builtIn: Record<string, (config: Record<string, unknown>) => Layer> | undefined;

/** Sets the functions that make the library's own layers. */
export function provide(all: object): void {
  factories = all;
  builtIn = undefined;
}

function ownFactories(): Record<string, (config: Record<string, unknown>) => Layer> {
  const functions = Object.entries(factories ?? {}).filter(([name]) => /^[a-z]/.test(name));
  return Object.fromEntries(functions.map(([name, make]) => [name.toLowerCase(), make]));
}

/**
 * Makes a class of layers, initializers, regularizers or constraints known by name, or such a function (or an
 * activation, or what a lambda layer computes), so that models that use it can be made from their settings.
 * @param packageName written before the name, `package>name`, where others use the same name.
 * @param name by default the class' `className`, or the name of the function.
 * @throws ArgumentError for a class or function without a name
 * @example
 * class Scale extends sg.Layer {
 *   static className = 'Scale';
 * }
 * sg.serialization.registerClass(Scale);
 */
export function registerClass(cls: LayerClass | UserFunction, packageName?: string, name?: string): void {
  register(cls, packageName, name);
}

/**
 * Class name and settings of a layer.
 * @throws ArgumentError unless it is a layer
 * @example
 * sg.serialization.serializeLayer(sg.layers.flatten()).className; // 'Flatten'
 */
export function serializeLayer(layer: Layer): SerializedLayer {
  if (!((layer as unknown) instanceof Holder))
    throw new ArgumentError(`serializeLayer: needs a layer, got ${show(layer)}`);
  return { className: nameOf(layer.constructor) ?? layer.className, config: layer.getConfig() };
}

const builtInOf = (className: string): ((config: Record<string, unknown>) => Layer) | undefined => {
  builtIn ??= ownFactories();
  const key = className.toLowerCase();
  return Object.hasOwn(builtIn, key) ? builtIn[key] : undefined;
};

/**
 * The full name of a class of layers that was registered with a package, by its name alone, as TensorFlow.js writes it.
 * @returns undefined if the library has a layer of this name, if there are several such classes, or none
 */
export const layerInPackage = (className: string): string | undefined =>
  builtInOf(className)
    ? undefined
    : fullNameOf(className, (thing) => (thing as { prototype?: unknown }).prototype instanceof Holder);

/** Where nothing of the library makes layers from settings, a bundler has left out those that are not used. */
const mend = (): string =>
  factories
    ? 'make it known by sg.serialization.registerClass'
    : "of the library's layers a bundle holds those that the program uses; make them known by a reference to sg.serialization.deserializeLayer";

/**
 * Creates a layer from its class name and settings; weights are initialized again.
 * @throws ArgumentError for an unknown class, and for settings that do not fit it
 * @example
 * const dense = sg.layers.dense({ units: 3 });
 * const copy = sg.serialization.deserializeLayer({ className: 'Dense', config: dense.getConfig() });
 * copy.apply(sg.ones([1, 2])).shape; // [1, 3]
 */
export function deserializeLayer(serialized: SerializedLayer): Layer {
  const where = 'deserializeLayer';
  const given = checkSettings<Partial<SerializedLayer>>(serialized, where, 'layer');
  checkNames(where, given, SERIALIZED);
  const { className, config } = given;
  checkText(className, where, 'className', "the name of a class, as in { className: 'Dense', config: { units: 2 } }");
  const settings = checkSettings(config, where, 'config');
  const cls = registered(className as string) as LayerClass | undefined;
  if (cls) return noted(within(where, () => cls.fromConfig(cls, settings)));
  const make = builtInOf(className as string);
  if (!make) throw new ArgumentError(`${where}: unknown class '${className}'; ${mend()}`);
  return noted(within(where, () => make(settings)));
}

/**
 * The layer that a setting of another layer holds, as it is or serialized.
 * @param what the layer and its setting, in errors
 * @param need what it must be there
 * @throws ArgumentError for anything else
 */
export function innerLayer<L extends Layer>(
  value: unknown,
  Class: abstract new (...args: never[]) => L,
  what: string,
  need: string,
): L {
  const isSerialized =
    !(value instanceof Holder) && Boolean((value as Partial<SerializedLayer> | undefined)?.className);
  const layer = isSerialized ? deserializeLayer(value as SerializedLayer) : value;
  // A model is held by its creator, who is nobody here: only the layer around it holds it.
  if (isSerialized) (layer as Layer).release();
  if (layer instanceof Class) return layer;
  throw new ArgumentError(`${what} must be ${need}, got ${layer instanceof Holder ? layer.className : show(layer)}`);
}

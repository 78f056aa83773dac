/** Classes and functions by the names that configurations hold. */
import { ArgumentError } from '../runtime/errors';
import type { Layer } from './layer';
import { nameOf, register, registered } from './names';

type Config = Record<string, unknown>;
/** A class of layers: what it needs is known to its own `getConfig` alone. */
type LayerClass = (new (config: never) => Layer) & { className: string; fromConfig: typeof Layer.fromConfig };
type UserFunction = ((...args: never[]) => unknown) | (abstract new (...args: never[]) => object);

/** A layer as configurations hold it. */
export interface SerializedLayer {
  readonly className: string;
  readonly config: Config;
}

let factories: object = {};
/** Factories of the library's own layers, by their names in small letters; gathered when first asked for. */
let builtIn: Record<string, (config: Config) => Layer> | undefined;

/** Tells which functions make the library's own layers. */
export function provide(all: object): void {
  factories = all;
}

function ownFactories(): Record<string, (config: Config) => Layer> {
  const functions = Object.entries(factories).filter(([name]) => /^[a-z]/.test(name));
  return Object.fromEntries(functions.map(([name, make]) => [name.toLowerCase(), make]));
}

/**
 * Makes a class of layers, initializers, regularizers or constraints known by name, or such a function (or an
 * activation, or what a lambda layer computes), so that models that use it can be made from their settings.
 * @param packageName stands before the name where others use the same: `package>name`.
 * @param name by default the class' `className`, or the name of the function.
 * @throws ArgumentError for what has no name
 * @example
 * sg.serialization.registerClass(Scale);
 */
export function registerClass(cls: LayerClass | UserFunction, packageName?: string, name?: string): void {
  register(cls, packageName, name);
}

/** A layer's class name and settings. */
export const serializeLayer = (layer: Layer): SerializedLayer => ({
  className: nameOf(layer.constructor) ?? layer.className,
  config: layer.getConfig(),
});

/**
 * A layer from its class name and settings; weights start afresh.
 * @throws ArgumentError for a class that is not known
 * @example
 * const copy = sg.serialization.deserializeLayer({ className: 'Dense', config: dense.getConfig() });
 */
export function deserializeLayer({ className, config }: SerializedLayer): Layer {
  const cls = registered(className) as LayerClass | undefined;
  if (cls) return cls.fromConfig(cls, config);
  builtIn ??= ownFactories();
  const make = builtIn[String(className).toLowerCase()];
  if (!make)
    throw new ArgumentError(
      `deserializeLayer: unknown class '${className}'; make it known by sg.serialization.registerClass`,
    );
  return make(config);
}

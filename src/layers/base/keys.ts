/** Symbols for properties that layers read from each other. Names could collide with properties of users' classes. */

/** Layers that a layer keeps, in its properties or by `addLayer`. */
export const KEPT: unique symbol = Symbol('kept');
/** What `addLayer` was given. */
export const ADDED: unique symbol = Symbol('added');
/** Layers whose weights belong to a layer. */
export const CHILDREN: unique symbol = Symbol('children');
/** The layers inside that users made, and that a summary lists. */
export const LISTED: unique symbol = Symbol('listed');
/** The layer and all layers inside, each once. */
export const FAMILY: unique symbol = Symbol('family');
/** Whether `KEPT` is what the layer is made of, as of models. */
export const IS_CONTAINER: unique symbol = Symbol('isContainer');
/** State that is kept from batch to batch and is not a weight. */
export const STATES: unique symbol = Symbol('states');

/** What the layer takes its random numbers from. */
export const RANDOM: unique symbol = Symbol('random');

/** Lets an object have its own property where its class has a getter. */
export function shadow(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Settings that layers share, and how a layer is made of checked ones. */
import { within } from '../../support/arguments';
import * as is from '../../support/settings';
import { closeCalls } from './call';

/** A class of layers, whose `accepts` lists its settings. */
interface LayerClass<A, L> {
  new (args: A): L;
  readonly className: string;
  accepts(): is.Table;
}

/** 'conv2d' for Conv2D: what users call. */
export const factoryName = (className: string): string =>
  className.replace(/^[A-Z]+(?![a-z])|^[A-Z]|\dD/g, (letters) => letters.toLowerCase());

/**
 * A layer from settings that are checked first.
 * @throws ArgumentError that names the layer, the setting and the valid values
 */
export function make<A extends object, L>(cls: LayerClass<A, L>, args: A | null | undefined): L {
  const called: unknown = (args as { name?: unknown } | null | undefined)?.name;
  const where = factoryName(cls.className) + (typeof called === 'string' ? ` '${called}'` : '');
  const settings = is.checked(where, cls.accepts(), args) as object as A;
  closeCalls(cls);
  return within(factoryName(cls.className), () => new cls(settings));
}

/** Initializer, regularizer and constraint of weights. */
export const rulesOf = (...weights: string[]): is.Table =>
  Object.fromEntries(
    weights.flatMap((name) => ['Initializer', 'Regularizer', 'Constraint'].map((what) => [name + what, is.rule()])),
  );

/** A layer, or a serialized one. */
export const layer = (): is.Setting<unknown> =>
  is.required(
    is.given('a layer, as sg.layers makes them', (v) => typeof v === 'object' && v !== null && 'className' in v),
  );

/** Integers for each side of each dimension. */
export const border = (): is.Setting<unknown> =>
  is.given('a non-negative integer, or pairs of them', (v) => [v].flat(2).every((d) => is.natural().fits(d)));

/** A number, or a list of them. */
export const numbers = (): is.Setting<unknown> =>
  is.given('a number or a list of numbers', (v) => [v].flat().every((d) => is.real().fits(d)));

/** Bounds, of which the first is below the second. */
export const range = (): is.Setting<unknown> =>
  is.given(
    '[smallest, largest]',
    (v) => Array.isArray(v) && v.length === 2 && is.real().fits(v[0]) && is.real().fits(v[1]) && v[0] < v[1],
  );

/** Accepted and ignored: how a loop over time runs does not change the result. */
export const implementation = (): is.Setting<unknown> => is.given('1 or 2', (v) => v === 1 || v === 2);

/**
 * Settings of functions, layers, optimizers and the rest: a table has each name with its valid values, and one check refuses
 * settings that are unknown, missing or wrong.
 */
import { checkSettings, show } from './arguments';
import { ArgumentError } from './errors';
import { unknown } from './names';
import { isPlainObject } from './plain-object';

export interface Setting<T> {
  /** Its value if it is left out. */
  readonly initial: T | undefined;
  readonly isRequired?: boolean;
  /** The valid values in words, after `must be`. */
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
}

/** Settings by name; true accepts any value. */
export type Table = Readonly<Record<string, Setting<unknown> | true>>;
/** The values of a table. */
export type Values<T> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : unknown };
/** A table with exactly the settings of an interface. */
export type TableOf<A> = {
  readonly [K in keyof A]-?: Setting<NonNullable<A[K]>> | Setting<NonNullable<A[K]> | undefined> | Setting<unknown>;
};
/** What users pass for a table: settings that are null or left out have their defaults. */
export type Given<T> = { readonly [K in keyof T]?: Values<T>[K] | null };

/** One kind of settings; without an initial value they may be left out. */
interface Kind<T> {
  (): Setting<T | undefined>;
  (initial: T): Setting<T>;
}

const kind = <T>(must: string, fits: (value: unknown) => boolean): Kind<T> =>
  ((initial?: T) => ({ initial, must, fits })) as Kind<T>;

const isNumber = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v);
const isInteger = (v: unknown, least: number): boolean => Number.isSafeInteger(v) && (v as number) >= least;
const isRule = (v: unknown): boolean => typeof v === 'string' || typeof v === 'function' || isObject(v);
const isObject = (v: unknown): v is object => typeof v === 'object' && v !== null && !Array.isArray(v);

export const real = kind<number>('a finite number', isNumber);
export const amount = kind<number>('a finite number >= 0', (v) => isNumber(v) && v >= 0);
export const positive = kind<number>('a finite number > 0', (v) => isNumber(v) && v > 0);
export const share = kind<number>('a number in [0, 1)', (v) => isNumber(v) && v >= 0 && v < 1);
export const part = kind<number>('a number from 0 to 1', (v) => isNumber(v) && v >= 0 && v <= 1);
export const count = kind<number>('a positive integer', (v) => isInteger(v, 1));
export const natural = kind<number>('a non-negative integer', (v) => isInteger(v, 0));
export const integer = kind<number>('an integer', (v) => Number.isSafeInteger(v));
export const flag = kind<boolean>('true or false', (v) => typeof v === 'boolean');
/** How much is printed; true means 1. */
export const verbosity = kind<number | boolean>('0, 1 or 2', (v) => [0, 1, 2, true, false].includes(v as number));
export const text = kind<string>('a string', (v) => typeof v === 'string');
export const list = kind<readonly unknown[]>('a list', Array.isArray);
export const seed = kind<number | string>('a number or a string', (v) => isNumber(v) || typeof v === 'string');
/** A name, a function, or an object that represents one. */
export const rule = kind<unknown>('a name, a function or an object', isRule);
/** One integer >= 1, or several. */
export const sizes = kind<number | readonly number[]>('a positive integer, or a list of them', (v) =>
  [v].flat().every((d) => isInteger(d, 1)),
);
/** One axis, or several. */
export const axes = kind<number | readonly number[]>('an integer or a list of them', (v) =>
  [v].flat().every((d) => Number.isSafeInteger(d)),
);
/** A shape; null and -1 are unknown dimensions. */
export const shape = kind<number | readonly (number | null)[]>('a list of integers or null, such as [28, 28, 1]', (v) =>
  [v].flat().every((d) => d === null || isInteger(d, -1)),
);
/** A value with a custom check. */
export function given<T>(must: string, fits: (value: unknown) => boolean): Setting<T | undefined>;
export function given<T>(must: string, fits: (value: unknown) => boolean, initial: T): Setting<T>;
export function given<T>(must: string, fits: (value: unknown) => boolean, initial?: T): Setting<T> {
  return { initial, must, fits };
}
/** One of some values. */
export function choice<const T extends string | null>(values: readonly T[]): Setting<T | undefined>;
export function choice<const T extends string | null>(values: readonly T[], initial: T): Setting<T>;
export function choice<T extends string | null>(values: readonly T[], initial?: T): Setting<T | undefined> {
  return { initial, must: `one of ${values.map((v) => show(v)).join(', ')}`, fits: (v) => values.includes(v as T) };
}
/** Any value but null, which counts as left out. */
export const anything = kind<unknown>('given', (v) => v !== null && v !== undefined);
const ANYTHING = anything();
const settingOf = (table: Table, name: string): Setting<unknown> => {
  const entry = table[name];
  return entry === undefined || entry === true ? ANYTHING : entry;
};
/** Must be given. */
export const required = <T>(setting: Setting<T | undefined>): Setting<T> =>
  ({ ...setting, isRequired: true }) as Setting<T>;

/** An object as `getConfig` and `serialize` represent it. */
export const SERIALIZED = {
  className: required(text()),
  config: given<Readonly<Record<string, unknown>>>('an object of settings', isPlainObject, {}),
};

/** Whether a value is a serialized object, such as a schedule in a configuration, and not an object of settings. */
export const isSerialized = (value: unknown): value is { className: string; config: Record<string, unknown> } =>
  isPlainObject(value) && typeof value.className === 'string';

/**
 * Checks that all names are known.
 * @param others names that the caller reads itself.
 * @throws ArgumentError for an unknown name, with the most similar known one
 */
export function checkNames(where: string, settings: object, known: readonly string[], ...others: string[]): void {
  const given = settings as Readonly<Record<string, unknown>>;
  const isGiven = (name: string): boolean => given[name] !== undefined;
  const name = Object.keys(given).find((key) => isGiven(key) && !known.includes(key));
  if (name === undefined) return;
  // Rather a name that is not given as well.
  const likely = [...known.filter((key) => !isGiven(key)), ...known.filter(isGiven)];
  throw unknown(where, 'setting', name, [...known, ...others], [...likely, ...others]);
}

function checkValue(where: string, name: string, setting: Setting<unknown>, value: unknown): void {
  const isOut = value === undefined && !setting.isRequired;
  if (isOut || setting.fits(value)) return;
  const got = show(value);
  throw new ArgumentError(`${where}: ${name} must be ${setting.must}, got ${got}`);
}

/**
 * Settings with their defaults. Those without a default that were left out (undefined, or null unless null is a valid value)
 * are absent.
 * @param others names that the caller has read itself.
 * @throws ArgumentError for a setting that is missing, unknown or invalid
 */
export function checked<T extends Table>(
  where: string,
  table: T,
  args: object | null | undefined,
  ...others: string[]
): Values<T> {
  const given = checkSettings(args, where, 'args') as Readonly<Record<string, unknown>>;
  // Required settings come first: most likely one of them was meant.
  const names = Object.keys(table).sort((a, b) => rank(settingOf(table, a)) - rank(settingOf(table, b)));
  checkNames(where, given, names, ...others);
  const out: Record<string, unknown> = {};
  for (const name of names) {
    const setting = settingOf(table, name);
    const value = given[name] === null && setting.fits(null) ? null : (given[name] ?? setting.initial);
    checkValue(where, name, setting, value);
    if (value !== undefined) out[name] = value;
  }
  return out as Values<T>;
}

const rank = ({ isRequired }: Setting<unknown>): number => (isRequired ? 0 : 1);

/**
 * Settings that are passed by position or in one object.
 * @param args values in the order of the table, or one object of settings
 * @throws ArgumentError for a setting that is missing, unknown or invalid
 */
export function readSettings<T extends Table>(where: string, table: T, args: readonly unknown[]): Values<T> {
  const [first] = args;
  const names = Object.keys(table);
  const named = isPlainObject(first) && !isSerialized(first);
  if (named) {
    checkNames(where, first, names);
    if (args.slice(1).some((v) => v !== undefined))
      throw new ArgumentError(`${where}: pass one object of settings, or values by position, but not both`);
  }
  const values = names.map((name, i) => {
    const setting = settingOf(table, name);
    const value = (named ? first[name] : args[i]) ?? setting.initial;
    checkValue(where, name, setting, value);
    return [name, value];
  });
  return Object.fromEntries(values) as Values<T>;
}

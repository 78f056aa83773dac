/**
 * Settings of functions, layers, optimizers and all else: a table names each with what is right for it, and one check
 * refuses what is unknown, missing or wrong.
 */
import { checkSettings, show } from './arguments';
import { ArgumentError } from './errors';
import { unknown } from './names';
import { isPlainObject } from './plain-object';

export interface Setting<T> {
  /** What it is if it is left out. */
  readonly initial: T | undefined;
  readonly isRequired?: boolean;
  /** What is right, in words. */
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
}

/** Settings by name; true stands for anything. */
export type Table = Readonly<Record<string, Setting<unknown> | true>>;
/** The values of a table. */
export type Values<T> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : unknown };
/** What may be given for a table: null and what is left out are the defaults. */
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
export const share = kind<number>('in [0, 1)', (v) => isNumber(v) && v >= 0 && v < 1);
export const part = kind<number>('a number from 0 to 1', (v) => isNumber(v) && v >= 0 && v <= 1);
export const count = kind<number>('a whole number >= 1', (v) => isInteger(v, 1));
export const natural = kind<number>('a whole number >= 0', (v) => isInteger(v, 0));
export const integer = kind<number>('a whole number', (v) => Number.isSafeInteger(v));
export const flag = kind<boolean>('true or false', (v) => typeof v === 'boolean');
/** How much is printed; true is 1. */
export const verbosity = kind<number | boolean>('0, 1 or 2', (v) => [0, 1, 2, true, false].includes(v as number));
export const text = kind<string>('a text', (v) => typeof v === 'string');
export const list = kind<readonly unknown[]>('a list', Array.isArray);
export const seed = kind<number | string>('a number or a text', (v) => isNumber(v) || typeof v === 'string');
/** A name, a function, or an object that stands for one. */
export const rule = kind<unknown>('a name, a function or an object', isRule);
/** One whole number >= 1, or several. */
export const sizes = kind<number | readonly number[]>('a whole number >= 1, or a list of them', (v) =>
  [v].flat().every((d) => isInteger(d, 1)),
);
/** One axis, or several. */
export const axes = kind<number | readonly number[]>('a whole number or a list of them', (v) =>
  [v].flat().every((d) => Number.isSafeInteger(d)),
);
/** A shape; null and -1 are dimensions that are not known. */
export const shape = kind<number | readonly (number | null)[]>('a list of whole numbers or null, as [28, 28, 1]', (v) =>
  [v].flat().every((d) => d === null || isInteger(d, -1)),
);
/** Anything that some other check looks at. */
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
/** Anything but null, which counts as left out. */
export const any = kind<unknown>('given', (v) => v !== null && v !== undefined);
const ANYTHING = any();
const settingOf = (table: Table, name: string): Setting<unknown> => {
  const entry = table[name];
  return entry === undefined || entry === true ? ANYTHING : entry;
};
/** Must be given. */
export const required = <T>(setting: Setting<T | undefined>): Setting<T> =>
  ({ ...setting, isRequired: true }) as Setting<T>;

/** What `getConfig` and `serialize` make of an object. */
export const SERIALIZED = {
  className: required(text()),
  config: given<Readonly<Record<string, unknown>>>('an object of settings', isPlainObject, {}),
};

/** An object that stands for a schedule in a configuration, not for settings. */
export const isSerialized = (value: unknown): value is { className: string; config: Record<string, unknown> } =>
  isPlainObject(value) && typeof value.className === 'string';

/** @param others names that the caller reads itself. @throws ArgumentError for a name that no setting has */
export function checkNames(where: string, settings: object, known: readonly string[], ...others: string[]): void {
  const given = settings as Readonly<Record<string, unknown>>;
  const isGiven = (name: string): boolean => given[name] !== undefined;
  const name = Object.keys(given).find((key) => isGiven(key) && !known.includes(key));
  if (name === undefined) return;
  // Not one that is given too, if it can be helped.
  const likely = [...known.filter((key) => !isGiven(key)), ...known.filter(isGiven)];
  throw unknown(where, 'setting', name, [...known, ...others], [...likely, ...others]);
}

function checkValue(where: string, name: string, setting: Setting<unknown>, value: unknown): void {
  const isOut = value === undefined && !setting.isRequired;
  if (isOut || setting.fits(value)) return;
  const got = value === undefined ? 'nothing' : show(value);
  throw new ArgumentError(`${where}: ${name} must be ${setting.must}, got ${got}`);
}

/**
 * Settings with their initial values, and without those that were left out: undefined, and null where null is no value
 * of its own.
 * @param others names that the caller has read itself.
 * @throws ArgumentError for what is missing, unknown, or does not fit
 */
export function checked<T extends Table>(
  where: string,
  table: T,
  args: object | null | undefined,
  ...others: string[]
): Values<T> {
  const given = checkSettings(args, where, 'args') as Readonly<Record<string, unknown>>;
  // Those that must be given come first: they are what was meant most likely.
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
 * @param args by position in the table's order, or one object, by name
 * @throws ArgumentError for what is missing, unknown, or does not fit
 */
export function readSettings<T extends Table>(where: string, table: T, args: readonly unknown[]): Values<T> {
  const [first] = args;
  const names = Object.keys(table);
  const named = isPlainObject(first) && !isSerialized(first);
  if (named) {
    checkNames(where, first, names);
    if (args.slice(1).some((v) => v !== undefined))
      throw new ArgumentError(`${where}: give one object of settings, or values by position, not both`);
  }
  const values = names.map((name, i) => {
    const setting = settingOf(table, name);
    const value = (named ? first[name] : args[i]) ?? setting.initial;
    checkValue(where, name, setting, value);
    return [name, value];
  });
  return Object.fromEntries(values) as Values<T>;
}

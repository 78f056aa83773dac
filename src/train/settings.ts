/** Settings of optimizers and schedules: given by position or as one object, checked by a table. */
import { checkSettings, show } from '../runtime/arguments';
import { ArgumentError } from '../runtime/errors';
import { isPlainObject } from '../runtime/plain';

export interface Setting<T> {
  /** Undefined: must be given, unless it is optional. */
  readonly initial: T | undefined;
  readonly isOptional: boolean;
  /** What is right, in words. */
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
}

/** The values of a table. */
export type Values<T> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never };
/** What may be given for a table: null and what is left out are the defaults. */
export type Given<T> = { readonly [K in keyof T]?: Values<T>[K] | null };

const isNumber = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v);
const kind =
  <T>(must: string, fits: (value: unknown) => boolean) =>
  (initial?: T): Setting<T> => ({ initial, isOptional: false, must, fits });

export const real = kind<number>('a finite number', isNumber);
export const amount = kind<number>('a finite number >= 0', (v) => isNumber(v) && v >= 0);
export const positive = kind<number>('a finite number > 0', (v) => isNumber(v) && v > 0);
export const share = kind<number>('in [0, 1)', (v) => isNumber(v) && v >= 0 && v < 1);
export const count = kind<number>('a whole number >= 1', (v) => Number.isInteger(v) && (v as number) >= 1);
export const flag = kind<boolean>('true or false', (v) => typeof v === 'boolean');
/** Anything that some other check looks at. */
export const given = <T>(must: string, fits: (value: unknown) => boolean, initial?: T): Setting<T> =>
  kind<T>(must, fits)(initial);
/** May be left out. */
export const optional = <T>(setting: Setting<T>): Setting<T | undefined> => ({ ...setting, isOptional: true });

/** An object that stands for a schedule in a configuration, not for settings. */
export const isSerialized = (value: unknown): value is { className: string; config: Record<string, unknown> } =>
  isPlainObject(value) && typeof value.className === 'string';

/** @param others names to list besides, which the caller reads itself. @throws ArgumentError for a name that no setting has */
export function checkNames(where: string, given: object, known: readonly string[], ...others: string[]): void {
  const settings: Readonly<Record<string, unknown>> = checkSettings(given as Record<string, unknown>, where);
  const unknown = Object.keys(settings).find((name) => !known.includes(name) && settings[name] !== undefined);
  if (unknown !== undefined)
    throw new ArgumentError(`${where}: unknown setting '${unknown}'; known are ${[...known, ...others].join(', ')}`);
}

/**
 * @param args by position in the table's order, or one object, by name
 * @throws ArgumentError for what is missing, unknown, or does not fit
 */
export function readSettings<T extends Record<string, Setting<unknown>>>(
  where: string,
  table: T,
  args: readonly unknown[],
): Values<T> {
  const [first] = args;
  const names = Object.keys(table);
  const named = isPlainObject(first) && !isSerialized(first);
  if (named) {
    checkNames(where, first, names);
    if (args.slice(1).some((v) => v !== undefined))
      throw new ArgumentError(`${where}: give one object of settings, or values by position, not both`);
  }
  const values = names.map((name, i) => {
    const setting = table[name] as Setting<unknown>;
    const value = (named ? first[name] : args[i]) ?? setting.initial;
    if (value === undefined && setting.isOptional) return [name, undefined];
    if (!setting.fits(value)) {
      const got = value === undefined ? 'nothing' : show(value);
      throw new ArgumentError(`${where}: ${name} must be ${setting.must}, got ${got}`);
    }
    return [name, value];
  });
  return Object.fromEntries(values) as Values<T>;
}

/**
 * Checks of arguments, made before anything is computed or changed: one function for each kind of argument. An optional
 * argument that is null counts as left out.
 */
import { ArgumentError, SamegradError } from './errors';
import { isPlainObject } from './plain-object';

/** Most entries of a list or object that are shown. */
const SHOWN = 8;
/** Most characters of a string that are shown. */
const LONGEST = 60;

/** A value as it appears in an error message: short, and without ever throwing. */
export function show(value: unknown, depth = 0): string {
  if (typeof value === 'string') return `'${value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return value.name ? `function ${value.name}` : 'a function';
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (isTensorLike(value)) return `a tensor of ${value.dtype} [${value.shape.join(', ')}]`;
  if (value instanceof Promise) return 'a promise (await it first)';
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return `an instance of ${classOf(value)}`;
  if (depth > 2) return isList ? '[…]' : '{…}';
  const entries = isList
    ? Array.from(value.slice(0, SHOWN), (v) => show(v, depth + 1))
    : Object.entries(value)
        .slice(0, SHOWN)
        .map(([k, v]) => `${k}: ${show(v, depth + 1)}`);
  if ((isList ? value.length : Object.keys(value).length) > SHOWN) entries.push('…');
  return isList ? `[${entries.join(', ')}]` : `{${entries.join(', ')}}`;
}

const classOf = (value: object): string => {
  const { constructor } = value as { constructor?: unknown };
  return typeof constructor === 'function' && constructor.name ? constructor.name : 'an unnamed class';
};

/** The class of tensors is in a folder above this one. */
const isTensorLike = (value: object): value is { dtype: string; shape: readonly number[] } =>
  'dataSync' in value && 'dtype' in value && Array.isArray((value as { shape?: unknown }).shape);

const complain = (where: string, argument: string, must: string, value: unknown, hint = ''): ArgumentError =>
  new ArgumentError(`${where}: ${argument} must be ${must}, got ${show(value)}${hint}`);

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Whether a value is an integer from `least` to `most`. */
export const isWhole = (value: unknown, least = 0, most = Number.MAX_SAFE_INTEGER): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

/** The integers from `least` to `most` in words. */
export function integersIn(least: number, most = Number.MAX_SAFE_INTEGER): string {
  const isBelow = most < Number.MAX_SAFE_INTEGER;
  if (least <= Number.MIN_SAFE_INTEGER) return isBelow ? `an integer of at most ${most}` : 'an integer';
  if (isBelow) return `an integer from ${least} to ${most}`;
  if (least > 1) return `an integer of at least ${least}`;
  return least === 1 ? 'a positive integer' : least === 0 ? 'a non-negative integer' : `an integer >= ${least}`;
}

/** An integer. @throws ArgumentError */
export function checkWhole(
  value: unknown,
  where: string,
  argument: string,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (isWhole(value, least, most)) return value;
  throw complain(where, argument, integersIn(least, most), value);
}

/** Integers in a list, or one alone. @throws ArgumentError */
export function checkWholes(value: unknown, where: string, argument: string, least = 0): readonly number[] {
  const list: readonly unknown[] = typeof value === 'number' ? [value] : checkList(value, where, argument, 'integers');
  // Names of entries are put together only for errors.
  for (let i = 0; i < list.length; i++)
    if (!isWhole(list[i], least)) checkWhole(list[i], where, `${argument}[${i}]`, least);
  return list as readonly number[];
}

/** A number, including NaN and infinities. @throws ArgumentError */
export function checkNumber(value: unknown, where: string, argument: string, initial?: number): number {
  if (isAbsent(value) && initial !== undefined) return initial;
  if (typeof value !== 'number') throw complain(where, argument, 'a number', value);
  return value;
}

/** A number that is neither NaN nor infinite. @throws ArgumentError */
export function checkFinite(value: unknown, where: string, argument: string, initial?: number): number {
  if (isAbsent(value) && initial !== undefined) return initial;
  if (!Number.isFinite(value)) throw complain(where, argument, 'a finite number', value);
  return value as number;
}

/** True or false, or 1 or 0 in their place. @throws ArgumentError */
export function checkFlag(value: unknown, where: string, argument: string, initial = false): boolean {
  if (typeof value === 'boolean') return value;
  if (isAbsent(value)) return initial;
  if (value === 0 || value === 1) return value === 1;
  throw complain(where, argument, 'true or false', value);
}

/** One of some names. @throws ArgumentError */
export function checkChoice<const T extends string>(
  value: unknown,
  where: string,
  argument: string,
  names: readonly T[],
  initial?: T,
): T {
  if (isAbsent(value) && initial !== undefined) return initial;
  if (typeof value === 'string' && (names as readonly string[]).includes(value)) return value as T;
  throw complain(where, argument, oneOf(names), value);
}

/** 'a', 'b' or 'c' */
const oneOf = (names: readonly string[]): string => {
  const quoted = names.map((name) => `'${name}'`);
  return quoted.length > 1 ? `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}` : String(quoted[0]);
};

/** A string. @throws ArgumentError */
export function checkText(value: unknown, where: string, argument: string, what = 'a string'): string {
  if (typeof value === 'string') return value;
  throw complain(where, argument, what, value);
}

/** A list. @throws ArgumentError */
export function checkList(value: unknown, where: string, argument: string, of = 'values'): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw complain(where, argument, `a list of ${of}`, value, hintOf(value));
}

/** How to pass several values that were passed one by one. */
export function hintOf(value: unknown): string {
  if (typeof value === 'number') return `; pass one list: [${value}, …]`;
  return typeof value === 'object' && value !== null && isTensorLike(value) ? '; pass one list: [a, b, …]' : '';
}

/** `count` pairs of integers >= 0, or any number of them. @throws ArgumentError */
export function checkPairs(
  value: unknown,
  where: string,
  argument: string,
  count?: number,
): readonly (readonly [number, number])[] {
  const fits =
    Array.isArray(value) &&
    (count === undefined || value.length === count) &&
    value.every((p) => Array.isArray(p) && p.length === 2 && isWhole(p[0]) && isWhole(p[1])) &&
    !value.includes(undefined);
  if (fits) return value;
  throw complain(
    where,
    argument,
    `a list of ${count === undefined ? 'pairs' : count === 1 ? 'one pair' : `${count} pairs`} [before, after] of non-negative integers`,
    value,
  );
}

/** A function. @throws ArgumentError */
export function checkFunction<T>(value: T, where: string, argument: string, example = ''): T {
  if (typeof value === 'function') return value;
  throw complain(where, argument, `a function${example && `, for instance ${example}`}`, value);
}

/** Settings: a plain object, empty if none is passed. @throws ArgumentError */
export function checkSettings<T extends object>(value: T | null | undefined, where: string, argument = 'settings'): T {
  if (isAbsent(value)) return {} as T;
  if (isPlainObject(value)) return value as T;
  throw complain(where, argument, 'an object of settings', value);
}

/** The error, with the name of the function that the user called; errors of the user's own code are left alone. */
export function named(where: string, error: unknown): unknown {
  if (error instanceof SamegradError && !error.message.includes(where)) error.message = `${where}: ${error.message}`;
  return error;
}

/** As `within`, for what takes time. */
export async function withinAsync<T>(where: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw named(where, error);
  }
}

/** Runs the parts of a function, so that their errors have the function's own name. */
export function within<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw named(where, error);
  }
}

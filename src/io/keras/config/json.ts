/** Configurations of Keras as JSON: parts are checked where they are read. */
import { FormatError } from '../../../support/errors';
import { isPlainObject } from '../../../support/plain-object';

export type Json = Record<string, unknown>;

/** What a file was written by. */
export interface Origin {
  /** 2 or 3: activations and nodes differ. */
  readonly version: 2 | 3;
}

/** Levels of models, wrappers and rules in each other, beyond any that exist. */
const DEEPEST = 200;
/** Names of settings that would change what all objects are. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** @throws FormatError */
export function refuse(why: string): never {
  throw new FormatError(`Keras: ${why}`);
}

/** @throws FormatError for text that is no JSON, or none of an object */
export function parse(text: string, what: string): Json {
  let value: unknown;
  try {
    // Keras writes NaN and Infinity as Python does.
    value = JSON.parse(/\b(?:NaN|Infinity)\b/.test(text) ? withoutConstants(text) : text);
  } catch (cause) {
    throw new FormatError(`Keras: ${what} is no JSON`, { cause });
  }
  if (!isPlainObject(value)) return refuse(`${what} is no object`);
  checkTree(value, what, 0);
  return value;
}

/** NaN and Infinity outside of texts, as null and numbers that are too large. */
const withoutConstants = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (found) =>
    found === 'NaN' ? 'null' : found.endsWith('Infinity') ? found.replace('Infinity', '1e999') : found,
  );

function checkTree(value: unknown, what: string, depth: number): void {
  if (depth > DEEPEST) refuse(`${what} is nested too deeply`);
  if (Array.isArray(value)) {
    for (const v of value) checkTree(v, what, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, v] of Object.entries(value)) {
      if (FORBIDDEN.has(key)) refuse(`${what} has a setting named '${key}'`);
      checkTree(v, what, depth + 1);
    }
  }
}

/** @throws FormatError */
export const objectOf = (value: unknown, what: string): Json =>
  isPlainObject(value) ? value : refuse(`${what} is no object`);

/** @throws FormatError */
export const listFrom = (value: unknown, what: string): readonly unknown[] =>
  Array.isArray(value) ? value : refuse(`${what} is no list`);

/** @throws FormatError */
export const textOf = (value: unknown, what: string): string =>
  typeof value === 'string' ? value : refuse(`${what} is no text`);

/** Whether a value is an object of a class with its settings. */
export const isObjectOfClass = (value: unknown): value is Json & { class_name: string; config: unknown } =>
  isPlainObject(value) && typeof value.class_name === 'string' && 'config' in value;

/** In front of numbers that Python has to read as floats, which JSON alone does not tell from integers. */
const FLOAT = '\u0000float:';

/** A number that is a float for Python. */
export const float = (value: unknown): unknown => (Number.isInteger(value) ? `${FLOAT}${String(value)}.0` : value);

/** JSON with floats where `float` put them. */
export const stringify = (value: unknown): string => JSON.stringify(value).replace(/"\\u0000float:(-?\d+\.0)"/g, '$1');

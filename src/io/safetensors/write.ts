/** Tensors as a safetensors file. */
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type { Numbers, NumberType } from '../weights/elements';
import { encodeSafetensors } from './format';

const isTexts = (value: unknown): value is Record<string, string> =>
  isPlainObject(value) && Object.values(value).every((v) => typeof v === 'string');

/** Numbers of a file, and whose they are. */
export interface NamedNumbers {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: NumberType;
  readonly data: Numbers;
}

/** @throws ArgumentError for a name that the format keeps for itself, and for metadata that are no texts */
export function toSafetensors(list: readonly NamedNumbers[], metadata: unknown): Uint8Array {
  if (!isTexts(metadata)) throw new ArgumentError(`metadata must be texts by name, got ${show(metadata)}`);
  if (list.some(({ name }) => name === '__metadata__'))
    throw new ArgumentError("no tensor can be called '__metadata__': that is where the format has its metadata");
  const arrays = Object.fromEntries(list.map(({ name, shape, type, data }) => [name, { shape, type, data }]));
  return encodeSafetensors({ arrays, metadata });
}

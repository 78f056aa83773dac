/** Models without their weights, as JSON. */
import { nameOf } from '../../layers/base/names';
import { checkFlag, show, within } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { DEEPEST } from '../formats/casing';
import type { AnyModel, Serialized } from '../formats/format';
import { readTopology, writeTopology } from '../tfjs/topology';
import { buildModel } from './build';

/** Class and settings, in TensorFlow.js' form. */
export const topologyOf = (model: AnyModel): Record<string, unknown> =>
  writeTopology(model, nameOf(model.constructor) ?? model.className);

/** Class and settings as the library has them. */
export const plainConfig = (model: AnyModel): Serialized => ({
  className: nameOf(model.constructor) ?? model.className,
  config: model.getConfig(),
});

export function toJSON(model: AnyModel, returnString: unknown): string | Record<string, unknown> {
  const isString = checkFlag(returnString, 'toJSON', 'returnString', true);
  // In one form, whoever asks: undefined and such have none in JSON.
  const text = JSON.stringify(topologyOf(model));
  return isString ? text : JSON.parse(text);
}

/** How deep brackets are nested in a JSON text. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
    if (c === 0x7b || c === 0x5b) deepest = Math.max(deepest, ++depth);
    if (c === 0x7d || c === 0x5d) depth--;
  }
  return deepest;
}

/** @throws FormatError if it is not JSON, or nested too deeply */
export function parseJSON(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${what} is no JSON`, { cause });
  }
  if (depthOf(text) > DEEPEST) throw new FormatError(`${what} is nested more than ${DEEPEST} times`);
  return value;
}

/**
 * A model of the layers that `model.toJSON` describes, which Keras (2) and the converter of TensorFlow.js write too; its
 * weights are initialized again.
 * @param json text or object: a topology, a `model_config` around it, or a whole `model.json`, whose weights are not read.
 * @throws FormatError if it is not a topology; ArgumentError for unknown classes and settings
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [3] })] });
 * const copy = await sg.models.modelFromJSON(model.toJSON());
 * copy.predict(sg.ones([1, 3])).shape; // [1, 2]
 */
export async function modelFromJSON(json: string | object): Promise<AnyModel> {
  const where = 'modelFromJSON';
  if (typeof json !== 'string' && !isPlainObject(json))
    throw new ArgumentError(`${where}: needs the text or the object that model.toJSON returns, got ${show(json)}`);
  return within(where, () => {
    const given = typeof json === 'string' ? parseJSON(json, 'the text') : json;
    const topology = isPlainObject(given) && 'modelTopology' in given ? given.modelTopology : given;
    return buildModel(where, readTopology(topology));
  });
}

/** Models from their topologies. */
import { withContext } from '../../layers/base/context';
import type { Layer } from '../../layers/base/layer';
import { deserializeLayer } from '../../models/known';
import { Model } from '../../models/model';
import { show, within } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type { AnyModel, Serialized } from '../formats/format';

/** Whether a value has the form of a class with its settings. */
export const isSerialized = (value: unknown): value is Serialized =>
  isPlainObject(value) && typeof value.className === 'string' && isPlainObject(value.config);

/**
 * The model of a topology.
 * @param where names the caller in errors
 * @param skipsInitializers whether its weights may stay zeros, as they are set next
 * @throws FormatError for what is no topology; ArgumentError for unknown classes or settings, and for what is no model
 */
export function buildModel(where: string, topology: unknown, skipsInitializers = false): AnyModel {
  if (!isSerialized(topology))
    throw new FormatError(`${where}: a topology has a class name and settings; got ${show(topology)}`);
  const made: Layer[] = [];
  try {
    const model = within(where, () => withContext({ skipsInitializers, made }, () => deserializeLayer(topology)));
    if (model instanceof Model) return model as AnyModel;
  } catch (error) {
    for (const layer of made) layer.dispose();
    throw error;
  }
  for (const layer of made) layer.dispose();
  throw new ArgumentError(`${where}: a ${topology.className} is a layer, not a model; a model's topology is needed`);
}

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

/** A layer whose constructor has failed has no fields yet: it holds nothing, and cannot say so. */
function disposeMade(layer: Layer): void {
  try {
    layer.dispose();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

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
    made.forEach(disposeMade);
    throw error;
  }
  made.forEach(disposeMade);
  throw new ArgumentError(`${where}: a ${topology.className} is a layer, not a model; a model's topology is needed`);
}

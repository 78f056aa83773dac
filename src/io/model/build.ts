/** Models from their topologies. */
import type { WeightBudget } from '../../layers/base/budget';
import { withContext } from '../../layers/base/context';
import { madeOrDisposed } from '../../layers/base/made';
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
 * @param budget of its weights, if all of them are set from a file next; they have no values until then
 * @throws FormatError if it is not a topology; ArgumentError for unknown classes or settings, and if it is not a model
 */
export function buildModel(where: string, topology: unknown, budget?: WeightBudget): AnyModel {
  if (!isSerialized(topology))
    throw new FormatError(`${where}: a topology has a class name and settings; got ${show(topology)}`);
  return within(where, () =>
    withContext({ budget }, () =>
      madeOrDisposed(() => {
        const model = deserializeLayer(topology);
        if (model instanceof Model) return model as AnyModel;
        throw new ArgumentError(`a ${topology.className} is a layer, not a model; a model's topology is needed`);
      }),
    ),
  );
}

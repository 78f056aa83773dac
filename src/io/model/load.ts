/** Models from where they were saved. */
import { WeightBudget } from '../../layers/base/budget';
import { Model } from '../../models/model';
import { relieve } from '../../runtime/pressure';
import { named, withinAsync } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { AnyModel, StoredModel } from '../formats/format';
import { checkSource, keepWeights } from '../weights/pour';
import { buildModel } from './build';
import { checkOptions, type Options, open } from './open';
import { keepMetadata, type LoadOptions, type ModelSource } from './options';
import { drawFrom } from './random';
import { pourStoredWeights, setStoredWeights } from './weights';

/** Whether models of this program can be trained: those of `samegrad/predict` alone cannot. */
const hasTraining = (): boolean => 'compile' in Model.prototype;

/** Everything that belongs to a model besides its layers. */
async function fill(where: string, model: AnyModel, stored: StoredModel, { strict, compile }: Options): Promise<void> {
  if (stored.weightsFor) {
    const weights = await stored.weightsFor(model, strict as boolean);
    if (stored.forms) {
      await keepWeights(stored.source, [...weights, ...(stored.trainingArrays ?? [])]);
      const { encodeForms } = await import('../int8/forms');
      setStoredWeights(where, model, encodeForms(where, model, stored.forms, weights));
    } else await pourStoredWeights(where, model, stored, weights);
  }
  if (stored.random) drawFrom(where, model, stored.random);
  if (stored.metadata) keepMetadata(model, stored.metadata);
  if (!(compile ?? hasTraining()) || !stored.compile) return;
  const { resume } = await import('./training');
  await resume(where, model, stored);
}

/** @throws as `sg.loadModel`; no memory is held then */
export async function loadModel(where: string, source: ModelSource, given?: LoadOptions | null): Promise<AnyModel> {
  const options = checkOptions(where, given);
  if (options.compile && !hasTraining())
    throw new ArgumentError(
      `${where}: compile is true, but samegrad/predict has no training; use loadModel of samegrad, or leave it out`,
    );
  const stored = await open(where, source, options);
  if (!stored.topology)
    throw new ArgumentError(
      `${where}: the file holds weights, but not the layers of a model; load them into one by loadWeights`,
    );
  // All weights come from the file: it has as many numbers as the layers may ask for.
  const elements = options.strict ? await withinAsync(where, async () => stored.elements?.()) : undefined;
  let model: AnyModel | undefined;
  try {
    model = buildModel(where, stored.topology, elements === undefined ? undefined : new WeightBudget(elements));
    await fill(where, model, stored, options);
  } catch (error) {
    model?.dispose();
    await withinAsync(where, () => checkSource(stored.source));
    throw named(where, error);
  }
  await relieve();
  return model;
}

/** Models from where they were saved. */
import { WeightBudget } from '../../layers/base/budget';
import { relieve } from '../../runtime/pressure';
import { named, withinAsync } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { AnyModel, StoredModel } from '../formats/format';
import { buildModel } from './build';
import { compileAs } from './compile';
import { checkOptions, type Options, open } from './open';
import { keepMetadata, type LoadOptions, type ModelSource } from './options';
import { continueFrom, drawFrom } from './progress';
import { setStoredWeights } from './weights';

/** Everything that belongs to a model besides its layers. */
async function fill(where: string, model: AnyModel, stored: StoredModel, { strict, compile }: Options): Promise<void> {
  if (stored.weightsFor) setStoredWeights(where, model, await stored.weightsFor(model, strict as boolean));
  if (stored.random) drawFrom(where, model, stored.random);
  if (stored.metadata) keepMetadata(model, stored.metadata);
  if (!compile || !stored.compile) return;
  try {
    compileAs(model, stored.compile);
  } catch (error) {
    const { message } = error as Error;
    throw new ArgumentError(
      `${where}: the model cannot be compiled as it was: ${message}; compile: false leaves that out`,
      {
        cause: error,
      },
    );
  }
  const training = stored.trainingFor?.(model, model.optimizer.state().slots);
  if (training) continueFrom(where, model, training);
}

/** @throws as `sg.loadModel`; no memory is held then */
export async function loadModel(where: string, source: ModelSource, given?: LoadOptions | null): Promise<AnyModel> {
  const options = checkOptions(where, given);
  const stored = await open(where, source, options);
  if (!stored.topology)
    throw new ArgumentError(
      `${where}: the file holds weights, but not the layers of a model; load them with model.loadWeights`,
    );
  // All weights come from the file: it has as many numbers as the layers may ask for.
  const elements = options.strict ? await withinAsync(where, async () => stored.elements) : undefined;
  const model = buildModel(where, stored.topology, elements === undefined ? undefined : new WeightBudget(elements));
  try {
    await fill(where, model, stored, options);
  } catch (error) {
    model.dispose();
    throw named(where, error);
  }
  await relieve();
  return model;
}

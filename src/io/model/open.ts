/** Models and weights from where they were saved, before a model is made of them. */
import { Model } from '../../models/model';
import { relieve } from '../../runtime/pressure';
import { checkSettings, show, withinAsync } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import * as is from '../../support/settings';
import { formatOf, isJSON } from '../formats/detect';
import type { AnyModel, Leniency, Source, StoredModel } from '../formats/format';
import { findPlace, isSource, loadFrom, REQUESTS } from '../storage/find';
import { isBytes, sourceOfBytes } from '../storage/sources';
import { readLayersModel } from '../tfjs/layers-model';
import { keepWeights } from '../weights/pour';
import type { LoadOptions, ModelSource } from './options';
import { setStoredWeights } from './weights';

const OPTIONS = {
  strict: is.flag(true),
  byName: is.flag(false),
  skipMismatch: is.flag(false),
  compile: is.flag(),
  ...REQUESTS,
};

export type Options = Required<Pick<LoadOptions, 'strict'>> & LoadOptions;

/** What may differ between a file and a model. */
export const leniencyOf = ({ byName, skipMismatch }: Options): Leniency => ({
  byName: byName ?? false,
  skipMismatch: skipMismatch ?? false,
});

export const checkOptions = (where: string, options: LoadOptions | null | undefined): Options =>
  is.checked(where, OPTIONS, checkSettings(options, where, 'options')) as Options;

async function readSource(source: Source): Promise<StoredModel> {
  const head = await source.read(0, Math.min(1, source.size));
  if (isJSON(head))
    throw new ArgumentError(
      'the bytes are a model.json, whose weights are elsewhere; pass its path or address, or a handler such as sg.io.fromMemory',
    );
  return (await formatOf(source)).read(source);
}

async function fromText(where: string, text: string, options: Options): Promise<StoredModel> {
  const found = await findPlace(where, text, options);
  return isSource(found) ? readSource(found) : readLayersModel(found);
}

/** What was saved, before a model is made of it. @throws FormatError that names the source */
export function open(where: string, source: ModelSource, options: Options): Promise<StoredModel> {
  return withinAsync(where, async () => {
    if (typeof source === 'string') return fromText(where, source, options);
    if (isBytes(source)) return readSource(sourceOfBytes(source));
    if (typeof source === 'object' && source !== null) return readLayersModel(await loadFrom(source));
    throw new ArgumentError(`needs a path or URL, the bytes of a file, or a handler of sg.io, got ${show(source)}`);
  });
}

/** @throws as `model.loadWeights`; no weight has changed then */
export async function loadWeights(
  model: AnyModel,
  source: ModelSource,
  given?: boolean | LoadOptions | null,
): Promise<void> {
  const where = 'loadWeights';
  if (!((model as unknown) instanceof Model)) throw new ArgumentError(`${where}: needs a model, got ${show(model)}`);
  model.ensureReady(where);
  const options = checkOptions(where, typeof given === 'boolean' ? { strict: given } : given);
  const stored = await open(where, source, options);
  await withinAsync(where, async () => {
    const weights = await stored.weightsFor?.(model, options.strict as boolean, leniencyOf(options));
    if (!weights) throw new FormatError('there are no weights');
    await keepWeights(stored.source, weights);
    setStoredWeights(where, model, weights);
  });
  await relieve();
}

/** What a model that was trained from a table is saved with. */
import { join } from 'node:path';
import * as sg from '../index';
import type { Features } from './features';
import type { Target } from './task';
import { UsageError } from './usage';

/** The file in the folder of a model. */
export const MODEL = 'model.safetensors';
/** The key of the model's metadata. */
export const METADATA = 'table';

export interface Saved {
  readonly model: sg.LayersModel;
  readonly target: Target;
  readonly features: Features;
}

/** @param path the folder that `train` wrote, or the file in it. @throws UsageError for what it did not write */
export async function readSaved(path: string): Promise<Saved> {
  const file = path.endsWith('.safetensors') ? path : join(path, MODEL);
  const model = await sg.loadLayersModel(file).catch((error: Error) => {
    throw new UsageError(`${file} cannot be loaded: ${error.message}`);
  });
  const known = model.getUserDefinedMetadata()?.[METADATA] as Omit<Saved, 'model'> | undefined;
  if (!known) throw new UsageError(`${file} was not written by samegrad train: it does not say what its columns are`);
  return { model, ...known };
}

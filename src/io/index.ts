/** `sg.io`: models and trainings as bytes. */

import { restoreWeights } from '../models/loop/state';
import type { Model } from '../models/model';
import { File } from '../runtime/files';
import { relieve } from '../runtime/pressure';
import { within } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import type { Tensor } from '../tensor/tensor';
import { decodeWeightValues, ofFile } from './checkpoints/checkpoint';

export type { WebRequestInit, WebResponse } from '../support/web';
export * from './arrays/entries';
export type * from './artifacts';
export { decodeTraining, encodeTraining } from './checkpoints/checkpoint';
export type { AnyModel, Precision } from './formats/format';
export { toBytes } from './model/bytes';
export type { FetchFunction, LoadOptions, ModelSource, SaveOptions } from './model/options';
export type { ChosenFile } from './storage/downloads';
export * from './storage/handlers';
export { copyModel, listModels, moveModel, removeModel } from './storage/manager';
export * from './storage/memory';
export {
  getLoadHandlers,
  getSaveHandlers,
  type IORouter,
  type ModelURLs,
  registerLoadRouter,
  registerSaveRouter,
} from './storage/router';
export * from './weights/index';

/**
 * Sets a model's weights from a checkpoint, as `sg.callbacks.modelCheckpoint` writes them; also one of a whole training.
 * @param model built, with the same layers.
 * @param source a path (Node, Deno, Bun), or the bytes.
 * @throws ArgumentError for weights of other shapes, FormatError for other bytes; no weight has changed then
 * @example
 * // await sg.io.loadCheckpoint(model, 'best.safetensors');
 */
export async function loadCheckpoint(model: Model<Tensor | Tensor[]>, source: string | Uint8Array): Promise<void> {
  if (typeof source !== 'string' && !(source instanceof Uint8Array))
    throw new ArgumentError('loadCheckpoint: needs a path, or a Uint8Array');
  const bytes = typeof source === 'string' ? await new File(source, 'loadCheckpoint', 'pass the bytes').read() : source;
  const decode = (): ReturnType<typeof decodeWeightValues> => decodeWeightValues(bytes);
  const read = (): ReturnType<typeof decode> => (typeof source === 'string' ? ofFile(source, decode) : decode());
  restoreWeights('loadCheckpoint', model, within('loadCheckpoint', read));
  await relieve();
}

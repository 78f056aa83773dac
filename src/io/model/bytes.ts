/** Saving as a function, apart from loading: programs that only predict have no part in it. */
import type { AnyModel } from '../formats/format';
import type { SaveOptions } from './options';

/**
 * A model as the bytes of one file, for runtimes without files: `sg.loadModel` reads them.
 * @param model built.
 * @param options as for `model.save`; the format is 'safetensors' by default
 * @throws ArgumentError for what cannot be saved
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * const bytes = await sg.io.toBytes(model, { weights: 'float16' });
 * const copy = await sg.loadModel(bytes);
 */
export async function toBytes(model: AnyModel, options?: SaveOptions | null): Promise<Uint8Array> {
  return (await import('./work')).toBytes(model, options);
}

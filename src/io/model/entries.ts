/** Functions that save and load models; what they do is loaded when they are used. */
import type { AnyModel } from '../formats/format';
import type { LoadOptions, ModelSource, SaveOptions } from './options';

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

/**
 * Loads a model, whatever its format: files of this library, `model.json` of TensorFlow.js with its weights. The format
 * is told by the content, not by the name.
 * @param source a path (Node, Deno, Bun) or URL (`file://`, `http://`, `https://`, `indexeddb://`, `localstorage://`, in
 * pages also relative), the bytes of a file, or a handler of `sg.io`.
 * @param options strict true, compile true by default
 * @returns the model; if it was saved with its training, compiled and ready to continue with the same bits
 * @throws FormatError for damaged files; ArgumentError for classes that must be registered, and if there is nothing
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * const copy = await sg.loadModel(await sg.io.toBytes(model));
 * copy.predict(sg.ones([1, 2])).shape; // [1, 1]
 */
export async function loadModel(source: ModelSource, options?: LoadOptions | null): Promise<AnyModel> {
  return (await import('./load')).loadModel('loadModel', source, options);
}

/**
 * The same as `loadModel`, by the name that TensorFlow.js has.
 * @throws as `loadModel`
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * const copy = await sg.loadLayersModel(await sg.io.toBytes(model));
 */
export async function loadLayersModel(source: ModelSource, options?: LoadOptions | null): Promise<AnyModel> {
  return (await import('./load')).loadModel('loadLayersModel', source, options);
}

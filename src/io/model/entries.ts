/** Functions that load models; what they do is loaded when they are used. */
import type { AnyModel } from '../formats/format';
import type { LoadOptions, ModelSource } from './options';

/**
 * Sets a model's weights from where they, or a model with them, were saved: `model.loadWeights` of the main entry, for
 * programs that only predict.
 * @param model built, with the same layers.
 * @param source as for `loadModel`.
 * @param options strict true by default
 * @throws ArgumentError for other names if `strict`, ShapeError for other shapes, FormatError for damaged files; nothing
 * has changed then
 * @example
 * import { layers, loadWeights, sequential } from 'samegrad/predict';
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
 * // await loadWeights(model, 'weights.safetensors');
 */
export async function loadWeights(model: AnyModel, source: ModelSource, options?: LoadOptions | null): Promise<void> {
  return (await import('./open')).loadWeights(model, source, options);
}

/** See `sg.loadModel` in `../models.ts`. */
export async function loadModel(source: ModelSource, options?: LoadOptions | null): Promise<AnyModel> {
  return (await import('./load')).loadModel('loadModel', source, options);
}

/** The same, by the name that TensorFlow.js has. */
export async function loadLayersModel(source: ModelSource, options?: LoadOptions | null): Promise<AnyModel> {
  return (await import('./load')).loadModel('loadLayersModel', source, options);
}

/**
 * Models as the main entry has them: they can be trained and saved. Both come with the first of these that a program
 * uses. The marks tell bundlers that nothing else happens here: a program without models holds no training.
 */
import { model as makeModel } from '../models/functional/functional';
import * as known from '../models/known';
import type { LayersModelClass } from '../models/layers-model';
import { addTraining } from '../models/methods';
import { sequential as makeSequential } from '../models/sequential';
import type { Tensor } from '../tensor/tensor';
import type { AnyModel } from './formats/format';
import * as entries from './model/entries';
import { addSaving } from './model/methods';
import type { LoadOptions, ModelSource } from './model/options';

function complete<T>(value: T): T {
  addTraining();
  addSaving();
  return value;
}

/**
 * A model whose layers follow each other, each with one input and one output.
 * @throws ArgumentError for an entry that is not a layer, or unknown settings; ShapeError if a layer does not fit the one before
 * @example
 * const model = sg.sequential({
 *   layers: [sg.layers.dense({ units: 16, activation: 'relu', inputShape: [4] }), sg.layers.dense({ units: 3 })],
 * });
 * model.predict(sg.ones([2, 4])).shape; // [2, 3]
 */
export const sequential: typeof makeSequential = /* @__PURE__ */ complete(makeSequential);
/**
 * A model from symbolic inputs to symbolic outputs: any graph of layers.
 * @throws ArgumentError if an output cannot be computed from the inputs
 * @example
 * const x = sg.input({ shape: [4] });
 * const y = sg.layers.dense({ units: 2 }).apply(x);
 * sg.model({ inputs: x, outputs: y }).predict(sg.ones([3, 4])).shape; // [3, 2]
 */
export const model: typeof makeModel = /* @__PURE__ */ complete(makeModel);

/** The class of models whose layers follow each other; see `sg.sequential`. */
export const Sequential: typeof known.Sequential = /* @__PURE__ */ complete(known.Sequential);
export type Sequential = known.Sequential;

/** The class of models of any graph of layers; see `sg.model`. */
export const Functional: typeof known.Functional = /* @__PURE__ */ complete(known.Functional);
export type Functional<Out extends Tensor | Tensor[] = Tensor | Tensor[]> = known.Functional<Out>;

/** The class that all models are instances of; made with `new`, it is the same as `sg.model`. */
export const LayersModel: LayersModelClass = /* @__PURE__ */ complete(known.LayersModel);
export type LayersModel<Out extends Tensor | Tensor[] = Tensor | Tensor[]> = known.LayersModel<Out>;

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
export const loadModel: (source: ModelSource, options?: LoadOptions | null) => Promise<AnyModel> =
  /* @__PURE__ */ complete(entries.loadModel);
/**
 * The same as `loadModel`, by the name that TensorFlow.js has.
 * @throws as `loadModel`
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * const copy = await sg.loadLayersModel(await sg.io.toBytes(model));
 */
export const loadLayersModel: (source: ModelSource, options?: LoadOptions | null) => Promise<AnyModel> =
  /* @__PURE__ */ complete(entries.loadLayersModel);

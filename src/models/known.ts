/**
 * Functions that make layers and models from settings, by their names. They need all layers and models, which are put in
 * place by these, if a program uses one, and not by the import of the library. The marks tell bundlers that nothing else
 * happens here.
 */
import * as registry from '../layers/base/registry';
import * as factories from '../layers/index';
import type { Tensor } from '../tensor/tensor';
import * as functional from './functional/functional';
import * as layersModel from './layers-model';
import * as sequential from './sequential';

function knowing<T>(value: T): T {
  registry.provide(factories);
  registry.registerClass(sequential.Sequential);
  registry.registerClass(functional.Functional);
  return value;
}

/**
 * Creates a layer from its class name and settings; weights are initialized again.
 * @throws ArgumentError for an unknown class, and for settings that do not fit it
 * @example
 * const dense = sg.layers.dense({ units: 3 });
 * const copy = sg.serialization.deserializeLayer({ className: 'Dense', config: dense.getConfig() });
 * copy.apply(sg.ones([1, 2])).shape; // [1, 3]
 */
export const deserializeLayer: typeof registry.deserializeLayer = /* @__PURE__ */ knowing(registry.deserializeLayer);

export const Sequential: typeof sequential.Sequential = /* @__PURE__ */ knowing(sequential.Sequential);
export type Sequential = sequential.Sequential;

export const Functional: typeof functional.Functional = /* @__PURE__ */ knowing(functional.Functional);
export type Functional<Out extends Tensor | Tensor[] = Tensor | Tensor[]> = functional.Functional<Out>;

export const LayersModel: layersModel.LayersModelClass = /* @__PURE__ */ knowing(layersModel.LayersModel);
export type LayersModel<Out extends Tensor | Tensor[] = Tensor | Tensor[]> = layersModel.LayersModel<Out>;

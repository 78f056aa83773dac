/**
 * What makes layers and models from settings, where they are known by name. That takes all of them: so they are put in
 * place by these, if a program uses one, and not by the import of the library. The marks tell bundlers that nothing else
 * happens here.
 */
import * as registry from '../layers/base/registry';
import * as factories from '../layers/index';
import type { Tensor } from '../tensor/tensor';
import * as functional from './functional/functional';
import * as any from './layers-model';
import * as sequential from './sequential';

function knowing<T>(value: T): T {
  registry.provide(factories);
  registry.registerClass(sequential.Sequential);
  registry.registerClass(functional.Functional);
  return value;
}

export const deserializeLayer: typeof registry.deserializeLayer = /* @__PURE__ */ knowing(registry.deserializeLayer);

export const Sequential: typeof sequential.Sequential = /* @__PURE__ */ knowing(sequential.Sequential);
export type Sequential = sequential.Sequential;

export const Functional: typeof functional.Functional = /* @__PURE__ */ knowing(functional.Functional);
export type Functional<Out extends Tensor | Tensor[] = Tensor | Tensor[]> = functional.Functional<Out>;

export const LayersModel: any.LayersModelClass = /* @__PURE__ */ knowing(any.LayersModel);
export type LayersModel<Out extends Tensor | Tensor[] = Tensor | Tensor[]> = any.LayersModel<Out>;

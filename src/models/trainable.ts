/**
 * Models as the main entry has them: they can be trained. Training comes with the first of these that a program uses.
 * The marks tell bundlers that nothing else happens here: a program without models holds no training.
 */
import type { Tensor } from '../tensor/tensor';
import { model as makeModel } from './functional/functional';
import * as known from './known';
import type { LayersModelClass } from './layers-model';
import { addTraining } from './methods';
import { sequential as makeSequential } from './sequential';

function trainable<T>(value: T): T {
  addTraining();
  return value;
}

export const sequential: typeof makeSequential = /* @__PURE__ */ trainable(makeSequential);
export const model: typeof makeModel = /* @__PURE__ */ trainable(makeModel);

export const Sequential: typeof known.Sequential = /* @__PURE__ */ trainable(known.Sequential);
export type Sequential = known.Sequential;

export const Functional: typeof known.Functional = /* @__PURE__ */ trainable(known.Functional);
export type Functional<Out extends Tensor | Tensor[] = Tensor | Tensor[]> = known.Functional<Out>;

export const LayersModel: LayersModelClass = /* @__PURE__ */ trainable(known.LayersModel);
export type LayersModel<Out extends Tensor | Tensor[] = Tensor | Tensor[]> = known.LayersModel<Out>;

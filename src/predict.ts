/**
 * The entry `samegrad/predict`: tensors and their functions, layers, models and loading them, for programs that only
 * predict. No gradients, training or data. What it exports are the objects of the main entry, so both can be used side by side.
 */
import './ops/reading';
import './runtime/kernels-predict';

export type * from './io/artifacts';
export type { AnyModel } from './io/formats/format';
export { loadLayersModel, loadModel, loadWeights } from './io/model/entries';
export type { FetchFunction, LoadOptions, ModelSource } from './io/model/options';
export type { CallArgs, Mask } from './layers/base/call';
export { type InputArgs, input } from './layers/base/input';
export { InputSpec, type InputSpecArgs } from './layers/base/input-spec';
export { Layer, type LayerArgs } from './layers/base/layer';
export type { PartialShape, Shapes, Tensors } from './layers/base/shapes';
export { type SymbolicOutput, type SymbolicResult, SymbolicTensor } from './layers/base/symbolic';
export * as activations from './layers/core/activations';
export * as layers from './layers/index';
export { RNN } from './layers/recurrent/rnn';
export type { DataArg } from './models/feed/check';
export { type ModelArgs, model } from './models/functional/functional';
export { Functional, LayersModel, Sequential } from './models/known';
export { type SequentialArgs, sequential } from './models/sequential';
export * as serialization from './models/serialization';
export type { PredictArgs } from './models/step/predictor';
export { ownCast as cast } from './ops/core/cast';
export { setSeed } from './ops/core/keys';
export { print } from './ops/core/printing';
export {
  fill,
  ones,
  onesLike,
  scalar,
  type TensorLike,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tensor4d,
  tensor5d,
  tensor6d,
  zeros,
  zerosLike,
} from './ops/create/creation';
export { linspace, range } from './ops/create/sequences';
export * as browser from './ops/image/browser';
export * as image from './ops/image/index';
export { gather } from './ops/indexing/indexing';
export { topk } from './ops/indexing/sorting';
export { euclideanNorm, norm } from './ops/linear/norms';
export { dot, matMul } from './ops/linear/products';
export * from './ops/math/arithmetic';
export {
  all,
  any,
  argMax,
  argMin,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  moments,
  softmax,
  sum,
} from './ops/math/reduce';
export { stack, tile } from './ops/shape/joining';
export { clone, concat, expandDims, oneHot, pad, reshape, slice, squeeze, transpose } from './ops/shape/shaping';
export { reverse, split, stridedSlice, unstack } from './ops/shape/slicing';
export { getThreads, setThreads } from './runtime/threads';
export * from './support/errors';
export type { WebRequestInit, WebResponse } from './support/web';
export type { DType } from './tensor/dtype';
export { dispose, type MemoryInfo, memory } from './tensor/lifetime';
export { keep, tidy } from './tensor/scope';
export type { Shape } from './tensor/shape';
export { Tensor } from './tensor/tensor';
export { Variable as LayerVariable } from './tensor/variable';
export { version } from './tfjs/version';

/** The public face. */
import './ops/methods';

export type { CallArgs, Mask } from './layers/call';
export * as constraints from './layers/constraints';
export * as layers from './layers/index';
export * as initializers from './layers/initializers';
export { type InputArgs, input } from './layers/input';
export { Layer } from './layers/layer';
export * as regularizers from './layers/regularizers';
export { SymbolicTensor } from './layers/symbolic';
export type { CompileArgs } from './models/compile';
export type { FitArgs } from './models/fit';
export { Functional, type ModelArgs, model } from './models/functional';
export { Model as LayersModel, type PredictArgs } from './models/model';
export { Sequential, type SequentialArgs, sequential } from './models/sequential';
export * from './ops/arithmetic';
export { ownCast as cast } from './ops/cast';
export { bincount, denseBincount } from './ops/counting';
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
} from './ops/creation';
export { type CustomGradient, customGrad, type GradSaveFunc, stopGradient } from './ops/custom';
export * as math from './ops/math';
export { avgPool, batchNorm, conv2d, dropout, matMul, maxPool } from './ops/neural';
export { randomNormal, randomUniform, randomUniformInt, setSeed, truncatedNormal } from './ops/random';
export {
  all,
  any,
  argMax,
  argMin,
  euclideanNorm,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  moments,
  norm,
  prod,
  softmax,
  sum,
} from './ops/reduce';
export { cumprod, cumsum, linearRecurrence } from './ops/scan';
export { concat, expandDims, oneHot, pad, reshape, slice, squeeze, transpose } from './ops/shaping';
export { inTopKAsync, lowerBound, searchSorted, topk, unique, upperBound } from './ops/sorting';
export { variable } from './ops/variables';
export { type Jitted, jit } from './plan/jit';
export { grad, grads, valueAndGrad, valueAndGrads } from './plan/trace';
export { type VariableGrads, variableGrads } from './plan/variables';
export * from './runtime/errors';
export { getThreads, setThreads } from './runtime/threads';
export type { DType } from './tensor/dtype';
export { dispose, memory } from './tensor/lifetime';
export { keep, tidy } from './tensor/scope';
export { Tensor } from './tensor/tensor';
export { Variable } from './tensor/variable';
export { Callback, type CallbackArgs, History, type Logs } from './train/callbacks';
export * as train from './train/index';
export { type NamedGradients, Optimizer } from './train/optimizer';
export { AdamOptimizer, MomentumOptimizer, RMSPropOptimizer, SGDOptimizer } from './train/optimizers';

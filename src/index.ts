/** The public face. */
import './ops/methods';

export * as layers from './layers/index';
export * as initializers from './layers/initializers';
export { Layer } from './layers/layer';
export type { FitArgs } from './models/fit';
export { type CompileArgs, Model as LayersModel, type PredictArgs } from './models/model';
export { Sequential, type SequentialArgs, sequential } from './models/sequential';
export * from './ops/arithmetic';
export * as browser from './ops/browser';
export { conv1d, conv2d, conv2dTranspose, depthwiseConv2d, separableConv2d } from './ops/convolution';
export { conv3d, conv3dTranspose } from './ops/convolution3d';
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
export { dropout } from './ops/dropout';
export { einsum } from './ops/einsum';
export * as fused from './ops/fused';
export * as image from './ops/image/index';
export * as linalg from './ops/linalg';
export { batchNorm, batchNorm2d, batchNorm3d, batchNorm4d, localResponseNormalization } from './ops/normalization';
export { avgPool, avgPool3d, dilation2d, maxPool, maxPool3d, maxPoolWithArgmax, pool } from './ops/pooling';
export { dot, matMul, outerProduct } from './ops/products';
export { randomNormal, randomUniform, randomUniformInt, setSeed, truncatedNormal } from './ops/random';
export { basicLSTMCell, type LSTMCellFunc, multiRNNCell } from './ops/recurrent';
export { all, any, argMax, argMin, logSoftmax, max, mean, min, moments, prod, softmax, sum } from './ops/reduce';
export { concat, expandDims, oneHot, pad, reshape, slice, squeeze, transpose } from './ops/shaping';
export { variable } from './ops/variables';
export type { Padding, RoundingMode } from './ops/window';
export { grad, grads, valueAndGrad, valueAndGrads } from './plan/trace';
export * from './runtime/errors';
export { getThreads, setThreads } from './runtime/threads';
export type { DType } from './tensor/dtype';
export { dispose, memory } from './tensor/lifetime';
export { keep, tidy } from './tensor/scope';
export { Tensor } from './tensor/tensor';
export { Variable } from './tensor/variable';
export { Callback, type CallbackArgs, History, type Logs } from './train/callbacks';
export * as train from './train/index';
export { AdamOptimizer, MomentumOptimizer, Optimizer, RMSPropOptimizer, SGDOptimizer } from './train/optimizers';

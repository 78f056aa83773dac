/** The public face. */
import './layers/builtin';
import './ops/methods';

export * as data from './data/index';
export * as preprocessing from './data/preprocessing/index';
export * as callbacks from './io/callbacks';
export * as io from './io/index';
export type { CallArgs, Mask } from './layers/call';
export * as constraints from './layers/constraints';
export * as activations from './layers/functions';
export * as layers from './layers/index';
export * as initializers from './layers/initializers';
export { type InputArgs, input } from './layers/input';
export { InputSpec, type InputSpecArgs } from './layers/inputspec';
export { Layer, type LayerArgs } from './layers/layer';
export { RNN } from './layers/recurrent/rnn';
export * as regularizers from './layers/regularizers';
export * as serialization from './layers/serialization';
export type { PartialShape, Shapes, Tensors } from './layers/shapes';
export { type SymbolicOutput, SymbolicTensor } from './layers/symbolic';
export type { DataArg } from './models/check';
export type { CompileArgs, CompileArgs as ModelCompileArgs } from './models/compile';
export type { EvaluateArgs, EvaluateArgs as ModelEvaluateArgs } from './models/evaluation';
export type { FitArgs, FitArgs as ModelFitArgs } from './models/fit';
export { Functional, type ModelArgs, type ModelArgs as ContainerArgs, model } from './models/functional';
export { LayersModel } from './models/layersmodel';
export { mermaid } from './models/mermaid';
export type { PredictArgs, PredictArgs as ModelPredictArgs } from './models/predictor';
export { Sequential, type SequentialArgs, sequential } from './models/sequential';
export type { EvaluateDatasetArgs as ModelEvaluateDatasetArgs } from './models/training';
export * from './ops/arithmetic';
export { movingAverage } from './ops/averaging';
export { batchToSpaceND, depthToSpace, spaceToBatchND } from './ops/blocks';
export * as browser from './ops/browser';
export { buffer } from './ops/buffer';
export { ownCast as cast } from './ops/cast';
export { conv1d, conv2d, conv2dTranspose, depthwiseConv2d, separableConv2d } from './ops/convolution';
export { conv3d, conv3dTranspose } from './ops/convolution3d';
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
export { dropout } from './ops/dropout';
export { einsum } from './ops/einsum';
export * as fused from './ops/fused';
export * as image from './ops/image/index';
export {
  gather,
  gatherND,
  scatterND,
  sparseToDense,
  tensorScatterUpdate,
  unsortedSegmentSum,
} from './ops/indexing';
export {
  concat1d,
  concat2d,
  concat3d,
  concat4d,
  mirrorPad,
  pad1d,
  pad2d,
  pad3d,
  pad4d,
  stack,
  tile,
} from './ops/joining';
export { setSeed } from './ops/keys';
export * as linalg from './ops/linalg';
export * as math from './ops/math';
export { batchNorm, batchNorm2d, batchNorm3d, batchNorm4d, localResponseNormalization } from './ops/normalization';
export { euclideanNorm, norm } from './ops/norms';
export { avgPool, avgPool3d, dilation2d, maxPool, maxPool3d, maxPoolWithArgmax, pool } from './ops/pooling';
export { print } from './ops/printing';
export { dot, matMul, outerProduct } from './ops/products';
export { randomNormal, randomUniform, randomUniformInt, truncatedNormal } from './ops/random';
export { basicLSTMCell, type LSTMCellFunc, multiRNNCell } from './ops/recurrent';
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
  prod,
  softmax,
  sum,
} from './ops/reduce';
export { multinomial, randomGamma, randomStandardNormal } from './ops/sampling';
export { cumprod, cumsum, linearRecurrence } from './ops/scan';
export { booleanMaskAsync, setdiff1dAsync, whereAsync } from './ops/selecting';
export { diag, eye, linspace, meshgrid, range } from './ops/sequences';
export { clone, concat, ensureShape, expandDims, oneHot, pad, reshape, slice, squeeze, transpose } from './ops/shaping';
export * as signal from './ops/signal';
export {
  reverse,
  reverse1d,
  reverse2d,
  reverse3d,
  reverse4d,
  slice1d,
  slice2d,
  slice3d,
  slice4d,
  split,
  stridedSlice,
  unstack,
} from './ops/slicing';
export { inTopKAsync, lowerBound, searchSorted, topk, unique, upperBound } from './ops/sorting';
export { variable } from './ops/variables';
export type { Padding, RoundingMode } from './ops/window';
export { grad, grads, valueAndGrad, valueAndGrads } from './plan/gradients';
export { type Jitted, jit } from './plan/jit';
export { type VariableGrads, variableGrads } from './plan/variables';
export * from './runtime/errors';
export { getThreads, setThreads } from './runtime/threads';
export { nextFrame } from './runtime/yield';
export type { DType } from './tensor/dtype';
export { dispose, type MemoryInfo, memory } from './tensor/lifetime';
export { keep, tidy } from './tensor/scope';
export type { Shape } from './tensor/shape';
export { Variable as LayerVariable } from './tensor/variable';
export {
  backend,
  disposeVariables,
  engine,
  findBackend,
  getBackend,
  ready,
  setBackend,
} from './tfjs/backend';
export {
  deprecationWarn,
  disableDeprecationWarnings,
  ENV,
  enableDebugMode,
  enableProdMode,
  env,
} from './tfjs/environment';
export { type KernelInfo, type ProfileInfo, profile, type TimingInfo, time } from './tfjs/profile';
export { broadcastArgs, rand } from './tfjs/shapes';
export * as test_util from './tfjs/testutil';
export * from './tfjs/types';
export * as util from './tfjs/util/index';
export { version } from './tfjs/version';
export {
  Callback,
  type CallbackArgs,
  type CallbackArgs as CustomCallbackArgs,
  CallbackList,
  type CallbackTarget,
  CustomCallback,
  History,
  type Logs,
} from './train/callbacks';
export {
  EarlyStopping,
  type EarlyStoppingArgs,
  type EarlyStoppingArgs as EarlyStoppingCallbackArgs,
} from './train/callbacks/stopping';
export * as train from './train/index';
export type { LossFunction } from './train/losses';
export * as losses from './train/losses/public';
export { Reduction } from './train/losses/weighted';
export * as metrics from './train/metrics/index';
export { type NamedTensor, Optimizer, type OptimizerState } from './train/optimizer';
export {
  AdadeltaOptimizer,
  AdafactorOptimizer,
  AdagradOptimizer,
  AdamaxOptimizer,
  AdamOptimizer,
  AdamWOptimizer,
  FtrlOptimizer,
  LambOptimizer,
  LionOptimizer,
  MomentumOptimizer,
  MuonOptimizer,
  NadamOptimizer,
  RAdamOptimizer,
  RMSPropOptimizer,
  SGDOptimizer,
} from './train/optimizers';
export type { NamedGradients } from './train/optimizers/named';
export type { LearningRate } from './train/optimizers/options';
export type { Schedule } from './train/schedules';
export * as schedules from './train/schedules';
export type { CallbackState, Position, TrainingState } from './train/state';

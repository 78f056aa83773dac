/** The public face. A module that is exported whole has public exports alone: a new function there needs no line here. */
import './ops/methods';
import './runtime/kernels';

export * as data from './data/index';
export type { GraphFunction, GraphLayer, GraphLayerArgs } from './graph/core/layer';
export type {
  GraphInput,
  GraphInputs,
  GraphModel,
  GraphSaveOptions,
  GraphTensorInfo,
  StringTensor,
} from './graph/core/model';
export { loadGraphModel } from './graph/entries';
export type { GraphLoadOptions } from './graph/load';
export * as callbacks from './io/callbacks';
export * as io from './io/index';
export { type QuantizeArgs, quantize } from './io/int8/quantize';
export * as models from './io/model/index';
export type { Saving } from './io/model/methods';
export type { ModelSource } from './io/model/options';
export { Functional, LayersModel, loadLayersModel, loadModel, model, Sequential, sequential } from './io/models';
export type { WeightSpec } from './layers/base/args';
export type { CallArgs, Callable, Mask } from './layers/base/call';
export type { DisposeResult, Holder } from './layers/base/holder';
export { type InputArgs, input } from './layers/base/input';
export { InputSpec, type InputSpecArgs } from './layers/base/input-spec';
export { type CallHook, Layer, type LayerArgs } from './layers/base/layer';
export type { WeightRule, WeightRuleIdentifier } from './layers/base/rules';
export type { PartialShape, Shapes, Tensors } from './layers/base/shapes';
export { type SymbolicOutput, type SymbolicResult, SymbolicTensor } from './layers/base/symbolic';
export * as activations from './layers/core/activations';
export * as layers from './layers/index';
export { RNN } from './layers/recurrent/rnn';
export * as constraints from './layers/weights/constraints';
export * as initializers from './layers/weights/initializers';
export * as regularizers from './layers/weights/regularizers';
export type { CompileArgs, CompileArgs as ModelCompileArgs, PerOutput } from './models/compile';
export type { DataArg } from './models/feed/check';
export type { BatchDataset, BatchIterator } from './models/feed/source';
export type { BatchWeightArgs, PerTarget } from './models/feed/weighting';
export type { ModelArgs, ModelArgs as ContainerArgs } from './models/functional/functional';
export type { LayersModelClass } from './models/layers-model';
export type {
  EvaluateArgs,
  EvaluateArgs as ModelEvaluateArgs,
  EvaluateDatasetArgs as ModelEvaluateDatasetArgs,
  FitArgs,
  FitArgs as ModelFitArgs,
  FitDatasetArgs,
  ValidationData,
} from './models/loop/settings';
export type { Training } from './models/methods';
export type { Model } from './models/model';
export type { SequentialArgs } from './models/sequential';
export * as serialization from './models/serialization';
export type { Distribution } from './models/step/distribution';
export type { PredictArgs, PredictArgs as ModelPredictArgs } from './models/step/predictor';
export { mermaid } from './models/view/mermaid';
export type { Summarizable } from './models/view/summary';
export { conv1d, conv2d, conv2dTranspose, depthwiseConv2d, separableConv2d } from './ops/conv/convolution';
export * from './ops/conv/convolution-3d';
export * from './ops/conv/pooling';
export type { Padding, PerDimension, RoundingMode } from './ops/conv/window';
export { ownCast as cast } from './ops/core/cast';
export { type CustomGradient, customGrad, type GradSaveFunc, stopGradient } from './ops/core/custom-gradient';
export { type Seeding, setSeed } from './ops/core/keys';
export { print } from './ops/core/printing';
export { variable } from './ops/core/variable';
export { buffer } from './ops/create/buffer';
export {
  fill,
  type NestedArray,
  ones,
  onesLike,
  scalar,
  type TensorLike,
  type TypedArray,
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
export { randomNormal, randomUniform, randomUniformInt, truncatedNormal } from './ops/create/random';
export * from './ops/create/sampling';
export * from './ops/create/sequences';
export * as browser from './ops/image/browser';
export * as image from './ops/image/index';
export {
  gather,
  gatherND,
  scatterND,
  sparseToDense,
  tensorScatterUpdate,
  unsortedSegmentSum,
} from './ops/indexing/indexing';
export * from './ops/indexing/selecting';
export * from './ops/indexing/sorting';
export { type QuantizeWeightsArgs, quantizeWeights } from './ops/int8/quantize';
export type { Int8Kind } from './ops/int8/weights';
export * from './ops/linear/einsum';
export * as linalg from './ops/linear/linalg';
export { euclideanNorm, norm } from './ops/linear/norms';
export * from './ops/linear/products';
export * as math from './ops/math';
export * from './ops/math/arithmetic';
export { bincount, denseBincount } from './ops/math/counting';
export * from './ops/math/cumulative';
export * from './ops/math/reduce';
export * as signal from './ops/math/signal';
export type { TensorMethods } from './ops/methods';
export * from './ops/neural/averaging';
export * from './ops/neural/dropout';
export * as fused from './ops/neural/fused';
export * from './ops/neural/normalization';
export { basicLSTMCell, type LSTMCellFunc, multiRNNCell } from './ops/neural/recurrent';
export type { Nested, Reading } from './ops/reading';
export * from './ops/shape/blocks';
export * from './ops/shape/joining';
export {
  clone,
  concat,
  ensureShape,
  expandDims,
  oneHot,
  type Paddings,
  pad,
  reshape,
  slice,
  squeeze,
  transpose,
} from './ops/shape/shaping';
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
} from './ops/shape/slicing';
export { grad, grads, type TensorFunction, valueAndGrad, valueAndGrads } from './plan/transform/gradients';
export { type Jitted, jit } from './plan/transform/jit';
export { type VariableGrads, variableGrads } from './plan/transform/variables';
export * as preprocessing from './preprocessing/index';
export { getThreads, setThreads } from './runtime/threads';
export { nextFrame } from './runtime/yield';
export * from './support/errors';
export type { OpenName } from './support/names';
export type { DType, TypedArrayOf } from './tensor/dtype';
export { dispose, type MemoryInfo, memory } from './tensor/lifetime';
export { type HasDispose, keep, tidy } from './tensor/scope';
export type { Shape } from './tensor/shape';
export { Variable as LayerVariable } from './tensor/variable';
export {
  type Backend,
  backend,
  disposeVariables,
  type Engine,
  type EngineState,
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
  type Environment,
  enableDebugMode,
  enableProdMode,
  env,
  type Flags,
  type FlagValue,
} from './tfjs/environment';
export { op } from './tfjs/op';
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
  type Callbacks,
  type CallbackTarget,
  type CountListener,
  CustomCallback,
  type EpochLogs,
  History,
  type Logs,
  type LogsListener,
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
} from './train/optimizers/builtin';
export type { NamedGradients } from './train/optimizers/named';
export { type NamedTensor, Optimizer, type OptimizerState } from './train/optimizers/optimizer';
export type { LearningRate } from './train/optimizers/options';
export type { SlotValues } from './train/optimizers/slots';
export type { Schedule } from './train/schedules';
export * as schedules from './train/schedules';
export type { CallbackState, Position, TrainingState, WeightValues } from './train/totals/state';

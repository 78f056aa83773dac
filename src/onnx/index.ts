/** The entry `samegrad/onnx`: models in ONNX. */
import '../ops/reading';
import '../runtime/kernels';

export {
  type OnnxDim,
  type OnnxExportOptions,
  type OnnxFiles,
  type OnnxFunctionInput,
  type OnnxSource,
  save,
  toONNX,
} from './export';
export type { InputShapes } from './input-shapes';
export { inspect, type OnnxInfo, type OnnxOperatorInfo, type OnnxPortInfo } from './inspect';
export type { OnnxAsModelArgs, OnnxFixed } from './layered';
export { load, loadSync, type OnnxLoadOptions } from './load';
export {
  type OnnxInputs,
  OnnxModel,
  type OnnxPattern,
  type OnnxTensorInfo,
} from './model';
export { prepare } from './prepare';
export type { OnnxType } from './proto/types';
export type { OnnxData, OnnxInput, OnnxTensor } from './typed';

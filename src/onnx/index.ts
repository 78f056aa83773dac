/** The entry `samegrad/onnx`: models in ONNX. */
import '../ops/reading';
import '../runtime/kernels';

export { load, loadSync, type OnnxLoadOptions } from './load';
export { OnnxModel } from './model';
export type { OnnxType } from './proto/types';
export type { OnnxData, OnnxInput, OnnxTensor } from './typed';

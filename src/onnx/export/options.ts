/** What users give and get when they export. */
import type { Tensor } from '../../tensor/tensor';
import type { OnnxDim, OnnxFunctionInput } from './source';

/** Settings of `toONNX`. */
export interface OnnxExportOptions {
  /** Of a function: its inputs, each a shape, a tensor like it, or { shape, dtype, name }; none by default, as models know theirs. */
  inputs?: readonly (readonly OnnxDim[] | OnnxFunctionInput | Tensor)[] | null;
  /**
   * Of a model: sizes and names for dimensions that are not known, a shape for each input or an object by name. By default
   * they stay open; equal names mean equal sizes.
   */
  inputShapes?:
    | readonly OnnxDim[]
    | readonly (readonly OnnxDim[])[]
    | Readonly<Record<string, readonly OnnxDim[]>>
    | null;
  /** Name of a file for the larger tensors, which are then not in the model's own; by default they are. */
  externalData?: string | null;
}

/** A file of ONNX and the file with its tensors, if they are outside of it. */
export interface OnnxFiles {
  /** The model. */
  readonly model: Uint8Array;
  /** The tensors, for a file of the name that `externalData` gave, beside the model. */
  readonly externalData?: Uint8Array;
}

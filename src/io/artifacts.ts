/** What goes through the handlers of storage: a model taken apart, under the names that TensorFlow.js gives its parts. */

import type { WebResponse, WebStream } from '../support/web';
import type { Tensor } from '../tensor/tensor';

/** Weights by name. */
export type NamedTensorMap = Record<string, Tensor>;

/** Types that weights may have in files. */
export type WeightDType = 'float32' | 'int32' | 'bool' | 'string' | 'complex64';

/** How the numbers of a weight are stored, if not as they are. */
export interface Quantization {
  /** Type of the stored numbers; float16 has neither scale nor min. */
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  /** value = stored * scale + min */
  readonly scale?: number;
  readonly min?: number;
  readonly original_dtype?: 'float32' | 'int32';
}

/** One weight of a file: its bytes follow those of the weight before it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WeightDType;
  /** Which part of the file it belongs to, such as the optimizer's state. */
  readonly group?: 'model' | 'optimizer';
  readonly quantization?: Quantization;
}

/** Files of weights, and what is in them, in their order. */
export interface WeightsGroup {
  /** Relative to the file that names them. */
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
}

/** What a training needs of a compiled model. */
export interface TrainingConfig {
  readonly optimizer_config: Record<string, unknown>;
  readonly loss: string | readonly string[] | Readonly<Record<string, string>>;
  readonly metrics?: readonly string[] | Readonly<Record<string, string>>;
  readonly [more: string]: unknown;
}

/** Bytes of weights, one after the other, in one piece or several. */
export type WeightData = ArrayBuffer | readonly ArrayBuffer[];

/** A model taken apart. */
export interface ModelArtifacts {
  /** Class and settings of a layers model, or the nodes of a graph model. */
  readonly modelTopology?: object | ArrayBuffer;
  readonly trainingConfig?: TrainingConfig;
  readonly weightSpecs?: readonly WeightSpec[];
  /** The weights' bytes, one after the other, in one piece or several. */
  readonly weightData?: WeightData;
  /** Loads the bytes piece by piece, where they are not all there at once. */
  readonly getWeightStream?: () => WebStream;
  readonly format?: string;
  readonly generatedBy?: string;
  readonly convertedBy?: string | null;
  readonly signature?: object;
  readonly userDefinedMetadata?: Readonly<Record<string, unknown>>;
  readonly modelInitializer?: object;
  readonly initializerSignature?: object;
}

/** What is in a `model.json`. */
export interface ModelJSON extends Omit<ModelArtifacts, 'weightSpecs' | 'weightData' | 'getWeightStream'> {
  readonly modelTopology: object;
  readonly weightsManifest: readonly WeightsGroup[];
}

/** When a model was saved, and how large it is. */
export interface ModelArtifactsInfo {
  readonly dateSaved: Date;
  readonly modelTopologyType: 'JSON' | 'GraphDef';
  /** Bytes. */
  readonly modelTopologyBytes?: number;
  readonly weightSpecsBytes?: number;
  readonly weightDataBytes?: number;
}

export interface SaveResult {
  readonly modelArtifactsInfo: ModelArtifactsInfo;
  /** Answers of a server. */
  readonly responses?: readonly WebResponse[];
  readonly errors?: readonly (object | string)[];
}

/** A place that models are loaded from and saved to. */
export interface IOHandler {
  load?(): Promise<ModelArtifacts>;
  save?(artifacts: ModelArtifacts): Promise<SaveResult>;
}

/** A place in memory, which answers at once. */
export interface IOHandlerSync {
  load?(): ModelArtifacts;
  save?(artifacts: ModelArtifacts): SaveResult;
}

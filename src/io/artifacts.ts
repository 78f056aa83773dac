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
  /** See scale. */
  readonly min?: number;
  /** Type of the weight itself; that of its spec by default. */
  readonly original_dtype?: 'float32' | 'int32';
}

/** One weight of a file: its bytes follow those of the weight before it. */
export interface WeightSpec {
  /** Unique in its file. */
  readonly name: string;
  /** Sizes of the dimensions. */
  readonly shape: readonly number[];
  /** Type of the weight, not of what is stored if it is quantized. */
  readonly dtype: WeightDType;
  /** Which part of the file it belongs to, such as the optimizer's state. */
  readonly group?: 'model' | 'optimizer';
  /** How it is stored; as it is by default. */
  readonly quantization?: Quantization;
}

/** Files of weights, and what is in them, in their order. */
export interface WeightsGroup {
  /** Relative to the file that names them. */
  readonly paths: readonly string[];
  /** In the order of their bytes. */
  readonly weights: readonly WeightSpec[];
}

/** What a training needs of a compiled model. */
export interface TrainingConfig {
  /** Class and settings, as `{ class_name, config }`. */
  readonly optimizer_config: Record<string, unknown>;
  /** Its name, or those of the outputs in their order or by name. */
  readonly loss: string | readonly string[] | Readonly<Record<string, string>>;
  /** Names of the metrics, for all outputs or by name; none by default. */
  readonly metrics?: readonly string[] | Readonly<Record<string, string>>;
  readonly [more: string]: unknown;
}

/** Bytes of weights, one after the other, in one piece or several. */
export type WeightData = ArrayBuffer | readonly ArrayBuffer[];

/** A model taken apart. */
export interface ModelArtifacts {
  /** Class and settings of a layers model, or the nodes of a graph model. */
  readonly modelTopology?: object | ArrayBuffer;
  /** Arguments of `compile`, if the optimizer was saved. */
  readonly trainingConfig?: TrainingConfig;
  /** What the bytes of the weights are, in their order. */
  readonly weightSpecs?: readonly WeightSpec[];
  /** The weights' bytes, one after the other, in one piece or several. */
  readonly weightData?: WeightData;
  /** Loads the bytes piece by piece, where they are not all there at once. */
  readonly getWeightStream?: () => WebStream;
  /** 'layers-model' or 'graph-model'. */
  readonly format?: string;
  /** Program that made the model. */
  readonly generatedBy?: string;
  /** Program that converted it; null if none did. */
  readonly convertedBy?: string | null;
  /** Names of a graph's inputs and outputs. */
  readonly signature?: object;
  /** What the user gave the model. */
  readonly userDefinedMetadata?: Readonly<Record<string, unknown>>;
  /** Nodes of a graph that fill its tables before it runs. */
  readonly modelInitializer?: object;
  /** Names of the inputs and outputs of those nodes. */
  readonly initializerSignature?: object;
}

/** What is in a `model.json`. */
export interface ModelJSON extends Omit<ModelArtifacts, 'weightSpecs' | 'weightData' | 'getWeightStream'> {
  readonly modelTopology: object;
  /** Which files hold which weights. */
  readonly weightsManifest: readonly WeightsGroup[];
}

/** When a model was saved, and how large it is. */
export interface ModelArtifactsInfo {
  /** When it was saved. */
  readonly dateSaved: Date;
  /** 'JSON', or 'GraphDef' for a topology in bytes. */
  readonly modelTopologyType: 'JSON' | 'GraphDef';
  /** Bytes. */
  readonly modelTopologyBytes?: number;
  /** Bytes of the specs as JSON. */
  readonly weightSpecsBytes?: number;
  /** Bytes of the weights. */
  readonly weightDataBytes?: number;
}

/** What saving returns. */
export interface SaveResult {
  /** When, and how large. */
  readonly modelArtifactsInfo: ModelArtifactsInfo;
  /** Answers of a server. */
  readonly responses?: readonly WebResponse[];
  /** What a handler met on the way. */
  readonly errors?: readonly (object | string)[];
}

/** A place that models are loaded from and saved to. */
export interface IOHandler {
  /** Loads the model that is there. */
  load?(): Promise<ModelArtifacts>;
  /** Saves a model there. */
  save?(artifacts: ModelArtifacts): Promise<SaveResult>;
}

/** A place in memory, which answers at once. */
export interface IOHandlerSync {
  /** Loads the model that is there. */
  load?(): ModelArtifacts;
  /** Saves a model there. */
  save?(artifacts: ModelArtifacts): SaveResult;
}

/** Settings of saving and loading, and what a model carries along. */
import type { Model } from '../../models/model';
import type { WebRequestInit, WebResponse } from '../../support/web';
import type { IOHandler, IOHandlerSync } from '../artifacts';
import type { Precision } from '../formats/format';

/** Where a model can be: a path or URL, the bytes of a file, or a handler of `sg.io`. */
export type ModelSource = string | Uint8Array | ArrayBuffer | IOHandler | IOHandlerSync;

/** Settings of `model.save`. */
export interface SaveOptions {
  /** Whether arguments of `compile`, moments, counters and random state are saved, to continue the training; default false. */
  includeOptimizer?: boolean | null;
  /** Whether only the weights that are trained are saved; default false. */
  trainableOnly?: boolean | null;
  /**
   * How float32 weights are stored: 'float32' (default), 'float16', 'bfloat16' or 'int8' in files of this library,
   * 'float16', 'uint16' or 'uint8' in those of TensorFlow.js.
   */
  weights?: Precision | null;
  /** Bytes of a weight file at most, in folders with `model.json`; by default 4 MB (4194304), as TensorFlow.js' converter. */
  weightShardSize?: number | null;
  /** Which format: by default what the path ends with, 'tfjs' for folders and URLs. */
  format?: string | null;
}

/** A function like `fetch`. */
export type FetchFunction = (url: string, init?: WebRequestInit) => Promise<WebResponse>;

/** Settings of `sg.loadModel`. */
export interface LoadOptions {
  /** Whether the weights of file and model must be the same by name; default true. */
  strict?: boolean | null;
  /** Files of Keras: whether layers are found by their names, and those that the file lacks keep their weights; default false. */
  byName?: boolean | null;
  /** Files of Keras: whether layers whose weights have other shapes in the file keep theirs; default false. */
  skipMismatch?: boolean | null;
  /** Whether the model is compiled as it was when it was saved, if it was; true by default, but for `samegrad/predict`. */
  compile?: boolean | null;
  /** Settings of the requests, such as headers; those of `fetch` by default. */
  requestInit?: WebRequestInit | null;
  /** Told how much was loaded, from 0 to 1. */
  onProgress?: ((fraction: number) => void) | null;
  /** What comes before the paths of weight files; by default the folder of `model.json`. */
  weightPathPrefix?: string | null;
  /** Makes the address of a weight file from its path; by default it comes after the prefix. */
  weightUrlConverter?: ((path: string) => Promise<string> | string) | null;
  /** Whether weight files are loaded one after another instead of at once; default false. */
  streamWeights?: boolean | null;
  /** Loads instead of `fetch`, which is the default. */
  fetchFunc?: FetchFunction | null;
}

type Metadata = Readonly<Record<string, unknown>>;

/** What `setUserDefinedMetadata` was given. */
const metadata = new WeakMap<object, Metadata>();

export const metadataOf = (model: Model): Metadata | undefined => metadata.get(model);
export function keepMetadata(model: object, value: Metadata): void {
  metadata.set(model, value);
}

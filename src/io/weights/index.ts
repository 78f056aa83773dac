/** Functions of `sg.io` for weights as bytes. */
import { checkFunction, checkSettings, checkText, show, within, withinAsync } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { WebRequestInit } from '../../support/web';
import { checkTensor } from '../../tensor/tensor';
import type { NamedTensor } from '../../train/optimizers/optimizer';
import type { NamedTensorMap, WeightData, WeightSpec, WeightsGroup } from '../artifacts';
import { storedWeights, toTensors } from './decode';
import type { Encoded as EncodedWeights } from './encode';
import { checkPieces, type Piece, Pieces } from './pieces';
import { checkManifest } from './specs';

export { getModelArtifactsInfoForJSON } from './info';
export type { Piece as WeightPiece } from './pieces';
export type { EncodedWeights };

/**
 * Tensors as one block of bytes and a description of it, as `model.json` and its weight files hold them; `decodeWeights`
 * is the reverse.
 * @param tensors by name, or a list of `{ name, tensor }`.
 * @param group what the weights are part of: 'model' or 'optimizer'; none by default.
 * @returns `data` with the values one after another, and their `specs`
 * @throws ArgumentError if it is not a tensor
 * @example
 * const { data, specs } = await sg.io.encodeWeights({ w: sg.tensor1d([1, 2]) });
 * specs; // [{ name: 'w', shape: [2], dtype: 'float32' }]
 */
export async function encodeWeights(
  tensors: NamedTensorMap | readonly NamedTensor[],
  group?: WeightSpec['group'],
): Promise<EncodedWeights> {
  const where = 'encodeWeights';
  const list: readonly NamedTensor[] = Array.isArray(tensors)
    ? tensors
    : Object.entries(checkSettings(tensors as NamedTensorMap, where, 'tensors')).map(([name, tensor]) => ({
        name,
        tensor,
      }));
  for (const [i, entry] of list.entries()) {
    checkText((entry as Partial<NamedTensor> | undefined)?.name, where, `tensors[${i}].name`);
    checkTensor(entry.tensor, where, `tensors[${i}].tensor`);
  }
  const values = list.map(({ name, tensor: { shape, dtype } }) => ({ name, shape, dtype }));
  const data = await Promise.all(list.map(({ tensor }) => tensor.data()));
  const { encodeValues } = await import('./lazy');
  return encodeValues(values.map((spec, i) => ({ ...spec, values: data[i] as Float32Array, ...(group && { group }) })));
}

/**
 * Weights of a block of bytes, as tensors; quantized ones are expanded.
 * @param data one block, or a list of blocks that are read as if they were one.
 * @param specs what is in it, in its order.
 * @throws FormatError for specs that are not valid and for data that was cut off; DTypeError for strings and complex
 * numbers, which there are no tensors of
 * @example
 * const { data, specs } = await sg.io.encodeWeights({ w: sg.tensor1d([1, 2]) });
 * sg.io.decodeWeights(data, specs).w.dataSync(); // [1, 2]
 */
export function decodeWeights(data: WeightData, specs: readonly WeightSpec[]): NamedTensorMap {
  checkPieces(data, 'decodeWeights', 'data');
  return within('decodeWeights', () => toTensors(storedWeights(data, specs)));
}

/**
 * Weights of bytes that arrive piece by piece: each tensor is made when its bytes are there.
 * @param stream of ArrayBuffers or views of them, as the body of a response.
 * @param specs what is in them, in their order.
 * @throws as `decodeWeights`
 * @example
 * const { data, specs } = await sg.io.encodeWeights({ w: sg.tensor1d([1, 2]) });
 * const { w } = await sg.io.decodeWeightsStream(new Blob([data]).stream(), specs);
 * w.dataSync(); // [1, 2]
 */
export async function decodeWeightsStream(
  stream: { getReader(): { read(): Promise<{ done: boolean; value?: Piece | undefined }> } },
  specs: readonly WeightSpec[],
): Promise<NamedTensorMap> {
  if (typeof stream?.getReader !== 'function')
    throw new ArgumentError(`decodeWeightsStream: stream must be a ReadableStream of bytes, got ${show(stream)}`);
  const { decodeStream } = await import('./lazy');
  return withinAsync('decodeWeightsStream', () => decodeStream(stream, specs));
}

/**
 * Blocks one after another in one.
 * @param buffers one block, which is copied, or a list.
 * @throws ArgumentError if they are not bytes
 * @example
 * sg.io.concatenateArrayBuffers([new ArrayBuffer(2), new ArrayBuffer(3)]).byteLength; // 5
 */
export function concatenateArrayBuffers(buffers: WeightData): ArrayBuffer {
  checkPieces(buffers, 'concatenateArrayBuffers', 'buffers');
  return new Pieces(buffers).join();
}

/** Blocks of bytes that are read as if they were one. */
export class CompositeArrayBuffer {
  readonly #pieces: Pieces;
  /** Number of bytes. */
  readonly byteLength: number;

  /** @throws ArgumentError if they are not bytes */
  constructor(buffers?: WeightData | readonly ArrayBufferView[] | ArrayBufferView | null) {
    if (buffers !== undefined && buffers !== null) checkPieces(buffers, 'CompositeArrayBuffer', 'buffers');
    this.#pieces = new Pieces(buffers ?? undefined);
    this.byteLength = this.#pieces.length;
  }

  /**
   * Blocks one after another in one.
   * @throws ArgumentError if they are not bytes
   */
  static join(buffers?: WeightData | null): ArrayBuffer {
    return new CompositeArrayBuffer(buffers).slice();
  }

  /** A copy of the bytes of [start, end); both are counted from the beginning, and what is not there is left out. */
  slice(start = 0, end = this.byteLength): ArrayBuffer {
    const [from, to] = [Math.max(0, Number(start) || 0), Math.min(this.byteLength, Number(end) || 0)];
    const copy = new Uint8Array(Math.max(0, to - from));
    if (copy.length) this.#pieces.copyTo(copy, from);
    return copy.buffer;
  }
}

/**
 * What all groups of a manifest hold, in one list.
 * @throws FormatError if it is not a manifest
 * @example
 * const manifest = [{ paths: ['weights.bin'], weights: [{ name: 'w', shape: [2], dtype: 'float32' }] }];
 * sg.io.getWeightSpecs(manifest).length; // 1
 */
export const getWeightSpecs = (weightsManifest: readonly WeightsGroup[]): WeightSpec[] =>
  within('getWeightSpecs', () => checkManifest(weightsManifest).flatMap(({ weights }) => weights));

/**
 * Makes a function that loads weights of a manifest.
 * @param fetchWeights loads files: a list of addresses to a list of ArrayBuffers.
 * @returns a function of a manifest, what stands before its paths, and names of weights (by default all)
 * @throws ArgumentError if it is not a function
 * @example
 * const manifest = [{ paths: ['a.bin'], weights: [{ name: 'w', shape: [2], dtype: 'float32' }] }];
 * const load = sg.io.weightsLoaderFactory(async () => [new Float32Array([1, 2]).buffer]);
 * (await load(manifest)).w.dataSync(); // [1, 2]
 */
export function weightsLoaderFactory(fetchWeights: (urls: string[]) => Promise<readonly ArrayBuffer[]>) {
  checkFunction(fetchWeights, 'weightsLoaderFactory', 'fetchWeights');
  return async (
    manifest: readonly WeightsGroup[],
    filePathPrefix = '',
    weightNames?: readonly string[],
  ): Promise<NamedTensorMap> => {
    const { loadSome } = await import('./lazy');
    return loadSome('weightsLoader', fetchWeights, manifest, filePathPrefix, weightNames);
  };
}

/**
 * Loads weights of a manifest with `fetch`.
 * @param manifest what files there are and what is in them, as in `model.json`.
 * @param filePathPrefix what stands before their paths.
 * @param weightNames which weights; by default all.
 * @param requestInit settings of the requests.
 * @throws ArgumentError for names that are not there and failed requests; as `decodeWeights`
 * @example
 * // const { kernel } = await sg.io.loadWeights(json.weightsManifest, 'https://example.com/model', ['kernel']);
 */
export async function loadWeights(
  manifest: readonly WeightsGroup[],
  filePathPrefix = '',
  weightNames?: readonly string[] | null,
  requestInit?: WebRequestInit | null,
): Promise<NamedTensorMap> {
  const [{ loadSome }, { fetchAll }] = await Promise.all([import('./lazy'), import('../storage/places')]);
  const fetchWeights = (urls: readonly string[]) => fetchAll('loadWeights', urls, { requestInit: requestInit ?? null });
  return loadSome('loadWeights', fetchWeights, manifest, filePathPrefix, weightNames ?? undefined);
}

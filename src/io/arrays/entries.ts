/** Functions of `sg.io` for files of arrays, those of numpy and safetensors; what they do is loaded when they are used. */
import type { Tensor } from '../../tensor/tensor';
import type { NamedTensorMap } from '../artifacts';
import type { SafetensorsFile } from '../safetensors/file';
import type { FileSource } from '../storage/sources';
import type { NpyOptions, NpzOptions, RequestOptions, SafetensorsOptions } from './options';

export type { SafetensorsEntry, SafetensorsFile } from '../safetensors/file';
export type { FileSource } from '../storage/sources';
export type { NumberTypeName } from '../weights/elements';
export type { NpyOptions, NpzOptions, RequestOptions, SafetensorsOptions, TypesByName } from './options';

const work = () => import('./work');

/**
 * Loads an array of numpy: a .npy file, in either order of bytes and of dimensions. Floats become float32, which rounds
 * float64; integers become int32; bool stays bool.
 * @param source a path (Node, Deno, Bun) or address, the bytes, or a Blob or File.
 * @param options requestInit and fetchFunc, for files on servers; those of `fetch` by default
 * @returns the tensor
 * @throws FormatError for damaged files and pickles; DTypeError for objects, texts, records and complex numbers, and for
 * integers that int32 does not hold
 * @example
 * const bytes = await sg.io.encodeNpy(sg.tensor2d([[1, 2], [3, 4]]));
 * (await sg.io.loadNpy(bytes)).shape; // [2, 2]
 */
export async function loadNpy(source: FileSource, options?: RequestOptions | null): Promise<Tensor> {
  return (await work()).loadNpy(source, options);
}

/**
 * Loads the arrays of a .npz file, an archive of .npy files, compressed or not.
 * @param source as for `loadNpy`.
 * @param options as for `loadNpy`
 * @returns tensors by their names
 * @throws as `loadNpy`; no tensor is left then
 * @example
 * const bytes = await sg.io.encodeNpz({ x: sg.ones([2, 3]), y: sg.zeros([2]) });
 * (await sg.io.loadNpz(bytes)).x.shape; // [2, 3]
 */
export async function loadNpz(source: FileSource, options?: RequestOptions | null): Promise<NamedTensorMap> {
  return (await work()).loadNpz(source, options);
}

/**
 * A tensor as the bytes of a .npy file, which `numpy.load` reads.
 * @param options dtype that of the tensor by default
 * @throws DTypeError for a type that the tensor cannot be written as, and for integers out of its range
 * @example
 * const bytes = await sg.io.encodeNpy(sg.tensor1d([1, 2, 3]), { dtype: 'float16' });
 * bytes.length; // 134
 */
export async function encodeNpy(tensor: Tensor, options?: NpyOptions | null): Promise<Uint8Array> {
  return (await work()).encodeNpy('encodeNpy', tensor, options);
}

/**
 * Tensors as the bytes of a .npz file, an archive of .npy files, which `numpy.load` reads.
 * @param options dtype those of the tensors, compress false by default
 * @throws as `encodeNpy`
 * @example
 * const bytes = await sg.io.encodeNpz({ x: sg.zeros([64, 64]) }, { compress: true });
 * bytes.length < 1000; // true
 */
export async function encodeNpz(tensors: NamedTensorMap, options?: NpzOptions | null): Promise<Uint8Array> {
  return (await work()).encodeNpz('encodeNpz', tensors, options);
}

/**
 * Writes a .npy file (Node, Deno, Bun), beside an old one, which it then replaces.
 * @param options as for `encodeNpy`
 * @throws as `encodeNpy`; RuntimeSupportError where there are no files
 * @example
 * // await sg.io.saveNpy('predictions.npy', model.predict(x));
 */
export async function saveNpy(path: string, tensor: Tensor, options?: NpyOptions | null): Promise<void> {
  const { save, encodeNpy } = await work();
  return save('saveNpy', path, () => encodeNpy('saveNpy', tensor, options));
}

/**
 * Writes a .npz file (Node, Deno, Bun), beside an old one, which it then replaces.
 * @param options as for `encodeNpz`
 * @throws as `saveNpy`
 * @example
 * // await sg.io.saveNpz('batch.npz', { x, y });
 */
export async function saveNpz(path: string, tensors: NamedTensorMap, options?: NpzOptions | null): Promise<void> {
  const { save, encodeNpz } = await work();
  return save('saveNpz', path, () => encodeNpz('saveNpz', tensors, options));
}

/**
 * Opens a safetensors file: reads what tensors it has, and each of them when it is asked for, by its range of bytes. A
 * server that does not know ranges sends all at once, which is kept then. Of a file that `model.save` wrote the digest is
 * not checked: that takes all of its bytes, as `sg.loadModel` reads them.
 * @param source as for `loadNpy`.
 * @param options as for `loadNpy`
 * @returns names, shapes, types and metadata, and methods that read tensors
 * @throws FormatError for damaged headers, and for files that are not all there
 * @example
 * const bytes = await sg.io.encodeSafetensors({ w: sg.ones([2, 3]), b: sg.zeros([3]) });
 * const file = await sg.io.openSafetensors(bytes); // or a path, an address, a File
 * file.names; // ['w', 'b']
 * (await file.getTensor('b')).shape; // [3]
 */
export async function openSafetensors(source: FileSource, options?: RequestOptions | null): Promise<SafetensorsFile> {
  return (await work()).openSafetensors(source, options);
}

/**
 * Tensors as the bytes of a safetensors file.
 * @param options dtype those of the tensors, metadata {} by default
 * @throws as `encodeNpy`; ArgumentError for metadata that are no texts
 * @example
 * const bytes = await sg.io.encodeSafetensors({ w: sg.ones([64]) }, { dtype: 'bfloat16', metadata: { epoch: '3' } });
 * (await sg.io.openSafetensors(bytes)).getInfo('w').byteLength; // 128
 */
export async function encodeSafetensors(
  tensors: NamedTensorMap,
  options?: SafetensorsOptions | null,
): Promise<Uint8Array> {
  return (await work()).encodeSafetensors('encodeSafetensors', tensors, options);
}

/**
 * Writes a safetensors file (Node, Deno, Bun), beside an old one, which it then replaces.
 * @param options as for `encodeSafetensors`
 * @throws as `encodeSafetensors`; RuntimeSupportError where there are no files
 * @example
 * // await sg.io.saveSafetensors('weights.safetensors', { w, b });
 */
export async function saveSafetensors(
  path: string,
  tensors: NamedTensorMap,
  options?: SafetensorsOptions | null,
): Promise<void> {
  const { save, encodeSafetensors } = await work();
  return save('saveSafetensors', path, () => encodeSafetensors('saveSafetensors', tensors, options));
}

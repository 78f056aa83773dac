/** What the functions of `sg.io` for files of arrays do: loaded with the first of them that is used. */
import { checkSettings, checkText, show, within, withinAsync } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import type { NamedTensorMap } from '../artifacts';
import type { Source } from '../formats/format';
import type { LoadOptions } from '../model/options';
import { readNpy } from '../npy/read';
import { toNpy } from '../npy/write';
import { openFile, type SafetensorsFile } from '../safetensors/file';
import { type NamedNumbers, toSafetensors } from '../safetensors/write';
import { REQUESTS } from '../storage/find';
import { type FileSource, openSource } from '../storage/sources';
import { type NumberType, type NumberTypeName, numbersAs, TYPE_NAMES } from '../weights/elements';
import type { NpzOptions, RequestOptions, SafetensorsOptions, TypesByName } from './options';

const READING = { requestInit: REQUESTS.requestInit, fetchFunc: REQUESTS.fetchFunc };
const TYPES = Object.keys(TYPE_NAMES) as NumberTypeName[];

/** A file, for a function that reads it. */
function read<T>(
  where: string,
  source: FileSource,
  options: RequestOptions | null | undefined,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  return withinAsync(where, async () =>
    use(await openSource(where, source, is.checked(where, READING, options) as LoadOptions)),
  );
}

type Reading<T> = (source: FileSource, options?: RequestOptions | null) => Promise<T>;

export const loadNpy: Reading<Tensor> = (source, options) => read('loadNpy', source, options, readNpy);

export const loadNpz: Reading<NamedTensorMap> = (source, options) =>
  read('loadNpz', source, options, async (file) => (await import('../npy/npz')).readNpz(file));

export const openSafetensors: Reading<SafetensorsFile> = (source, options) =>
  read('openSafetensors', source, options, openFile);

const isFloat = (type: NumberType): boolean => /F/.test(type);

/** One type for all tensors that hold such numbers, or types by name. */
function typeFor(dtype: TypesByName | undefined, name: string, tensor: Tensor): NumberType | undefined {
  if (dtype === undefined) return undefined;
  if (typeof dtype !== 'string')
    return Object.hasOwn(dtype, name) ? TYPE_NAMES[dtype[name] as NumberTypeName] : undefined;
  const type = TYPE_NAMES[dtype];
  const isMeant = type === 'BOOL' ? tensor.dtype === 'bool' : tensor.dtype === (isFloat(type) ? 'float32' : 'int32');
  return isMeant ? type : undefined;
}

async function numbersOf(name: string, tensor: Tensor, type: NumberType | undefined): Promise<NamedNumbers> {
  const { shape, dtype } = tensor;
  return { name, shape: [...shape], ...numbersAs(name, dtype, await tensor.data(), type) };
}

/** Tensors as numbers, with the types that were asked for. @throws ArgumentError, DTypeError */
async function allNumbers(
  where: string,
  tensors: NamedTensorMap,
  dtype: TypesByName | undefined,
): Promise<NamedNumbers[]> {
  const entries = Object.entries(checkSettings(tensors, where, 'tensors'));
  for (const [name, tensor] of entries) checkTensor(tensor, where, `tensors['${name}']`);
  if (typeof dtype === 'object') {
    const extra = Object.keys(dtype).find((name) => !Object.hasOwn(tensors, name));
    if (extra !== undefined) throw new ArgumentError(`${where}: dtype names ${show(extra)}, which is no tensor`);
  }
  return Promise.all(entries.map(([name, tensor]) => numbersOf(name, tensor, typeFor(dtype, name, tensor))));
}

const isType = (v: unknown): boolean => TYPES.includes(v as NumberTypeName);
const SEVERAL = {
  dtype: is.given(
    `one of ${TYPES.join(', ')}, or an object with such by the names of tensors`,
    (v) => isType(v) || (typeof v === 'object' && v !== null && Object.values(v).every(isType)),
  ),
};

const NPY = { dtype: is.choice(TYPES) };
const NPZ = { ...SEVERAL, compress: is.flag(false) };
const SAFETENSORS = { ...SEVERAL, metadata: is.given('an object of texts', (v) => typeof v === 'object', {}) };

export function encodeNpy(where: string, tensor: Tensor, options?: { dtype?: NumberTypeName | null } | null) {
  return withinAsync(where, async () => {
    checkTensor(tensor, where, 'tensor');
    const { dtype } = is.checked(where, NPY, options);
    return toNpy(await numbersOf('tensor', tensor, dtype && TYPE_NAMES[dtype]));
  });
}

export function encodeNpz(where: string, tensors: NamedTensorMap, options?: NpzOptions | null): Promise<Uint8Array> {
  return withinAsync(where, async () => {
    const { dtype, compress } = is.checked(where, NPZ, options);
    const { toNpz } = await import('../npy/npz');
    return toNpz(await allNumbers(where, tensors, dtype as TypesByName | undefined), compress);
  });
}

export function encodeSafetensors(
  where: string,
  tensors: NamedTensorMap,
  options?: SafetensorsOptions | null,
): Promise<Uint8Array> {
  return withinAsync(where, async () => {
    const { dtype, metadata } = is.checked(where, SAFETENSORS, options);
    return toSafetensors(await allNumbers(where, tensors, dtype as TypesByName | undefined), metadata);
  });
}

/** Writes a file beside an old one, and renames it. @throws as what encodes, RuntimeSupportError without files */
export async function save(where: string, path: string, encode: () => Promise<Uint8Array>): Promise<void> {
  within(where, () => checkText(path, where, 'path'));
  const bytes = await encode();
  const { writeFile } = await import('../storage/places');
  await withinAsync(where, () => writeFile(path, bytes, where));
}

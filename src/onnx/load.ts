/** Models from files. */
import type { FetchFunction } from '../io/model/options';
import { hasFiles } from '../io/storage/environment';
import { isSource } from '../io/storage/find';
import { isHTTP, schemeOf } from '../io/storage/router';
import { relieve } from '../runtime/pressure';
import { checkSettings, show, within, withinAsync } from '../support/arguments';
import { ArgumentError, FormatError, StateError } from '../support/errors';
import * as is from '../support/settings';
import type { WebRequestInit } from '../support/web';
import { bytesOf, isBytes } from './bytes';
import { KeptModel } from './kept';
import { OnnxModel } from './model';
import { awayNames, prepareModel } from './prepare';
import { decodeModel } from './proto/model';
import type { ModelProto } from './proto/schema';
import { OnnxConstants } from './read/constants';
import type { External } from './read/elements';
import { type ReadBeside, readExternal } from './read/external';
import { readModel } from './read/graph';

/** Settings of `onnx.load`. */
export interface OnnxLoadOptions {
  /** Settings of the requests, such as headers; those of `fetch` by default. */
  requestInit?: WebRequestInit | null;
  /** Told how much was loaded, from 0 to 1. */
  onProgress?: ((fraction: number) => void) | null;
  /** Loads instead of `fetch`, which is the default. */
  fetchFunc?: FetchFunction | null;
  /**
   * Reads a file with weights, by its path from the model's folder; by default it is read from beside the model, if that
   * is a path or URL.
   */
  external?: ((path: string) => Promise<Uint8Array | ArrayBuffer> | Uint8Array | ArrayBuffer) | null;
}

const OPTIONS = {
  requestInit: is.given('an object of settings of fetch', (v) => typeof v === 'object' && v !== null),
  onProgress: is.given('a function', (v) => typeof v === 'function'),
  fetchFunc: is.given('a function', (v) => typeof v === 'function'),
  external: is.given('a function', (v) => typeof v === 'function'),
};

function make(model: ModelProto, external: External, where: string): OnnxModel {
  const read = readModel(model, external, where);
  const constants = new OnnxConstants();
  try {
    for (const stored of read.constants) constants.add(stored, read.uses.get(stored.name) ?? []);
    const kept = new KeptModel(model, constants.origins, external);
    return new OnnxModel({ read, constants, kept });
  } catch (error) {
    constants.dispose();
    throw error;
  }
}

const nothingBeside: External = (_, name) => {
  throw new FormatError(`${name}: its values are in another file; load the model by its path, or with onnx.load`);
};

/** All bytes of a file. */
async function readWhole(where: string, source: string, options: OnnxLoadOptions): Promise<Uint8Array> {
  const places = await import('../io/storage/places');
  const isFile = schemeOf(source) === 'file' || (schemeOf(source) === undefined && hasFiles());
  if (isFile) {
    const file = await places.openWhole(source, where);
    return file.read(0, file.size);
  }
  if (!isHTTP(source) && schemeOf(source) !== undefined)
    throw new ArgumentError(`needs a path or an address of http or https, got ${show(source)}`);
  const { requestInit, fetchFunc, onProgress } = options;
  const found = await places.openHTTP(source, where, { requestInit, fetchFunc, onProgress });
  if (!isSource(found)) throw new FormatError(`'${source}' is a model.json, not a file of ONNX`);
  return found.read(0, found.size);
}

/** The bytes of a file, wherever it is, and what errors call it. @throws ArgumentError for wrong settings */
export async function bytesOfSource(
  where: string,
  source: string | Uint8Array | ArrayBuffer,
  options: OnnxLoadOptions | null | undefined,
): Promise<{ bytes: Uint8Array; name: string; checked: OnnxLoadOptions }> {
  const checked = is.checked(where, OPTIONS, checkSettings(options, where, 'options')) as OnnxLoadOptions;
  if (isBytes(source)) return { bytes: bytesOf(source), name: 'the model', checked };
  if (typeof source !== 'string')
    throw new ArgumentError(`needs a path, a URL, or the bytes of a file, got ${show(source)}`);
  return { bytes: await readWhole(where, source, checked), name: `'${source}'`, checked };
}

/** The path or address of a file beside another. */
function besideOf(source: string, path: string): string {
  const end = source.search(/[?#]/);
  const plain = isHTTP(source) && end >= 0 ? source.slice(0, end) : source;
  return plain.slice(0, Math.max(plain.lastIndexOf('/'), plain.lastIndexOf('\\')) + 1) + path;
}

/**
 * Loads a model in ONNX.
 * @param source the bytes of a file, or its path (Node, Deno, Bun) or URL.
 * @param options settings: onProgress, external (reads files with weights), requestInit, fetchFunc
 * @returns a model that predicts, and can be trained
 * @throws FormatError for damaged files; RuntimeSupportError that lists all operators that cannot run; ArgumentError if
 * there is nothing. No memory is held then
 * @example
 * import * as onnx from 'samegrad/onnx';
 * // const model = await onnx.load('model.onnx');
 */
export async function load(
  source: string | Uint8Array | ArrayBuffer,
  options?: OnnxLoadOptions | null,
): Promise<OnnxModel> {
  const where = 'load';
  return withinAsync(where, async () => {
    const { bytes, name, checked } = await bytesOfSource(where, source, options);
    const model = decodeModel(bytes, name);
    const { external: given } = checked;
    const readBeside: ReadBeside | undefined = given
      ? async (path) => {
          const read = await given(path);
          if (isBytes(read)) return bytesOf(read);
          throw new ArgumentError(`external must return the bytes of '${path}', got ${show(read)}`);
        }
      : typeof source === 'string'
        ? (path) => readWhole(where, besideOf(source, path), checked)
        : undefined;
    const [outside] = await Promise.all([readExternal(model, readBeside), prepareModel(model)]);
    const made = make(model, outside, name);
    await relieve();
    return made;
  });
}

/**
 * A model of bytes that are in memory, at once. Its operators must be there: `await onnx.prepare()` loads all of them,
 * `onnx.prepare(bytes)` and `onnx.load` those of one model.
 * @param bytes a file with all its weights inside.
 * @returns the model
 * @throws as `onnx.load`; StateError for operators that are not loaded
 * @example
 * import * as onnx from 'samegrad/onnx';
 * await onnx.prepare();
 * // const model = onnx.loadSync(readFileSync('model.onnx'));
 */
export function loadSync(bytes: Uint8Array | ArrayBuffer): OnnxModel {
  const where = 'loadSync';
  if (!isBytes(bytes)) throw new ArgumentError(`${where}: needs the bytes of a file, got ${show(bytes)}`);
  return within(where, () => {
    const model = decodeModel(bytesOf(bytes));
    const away = awayNames(model);
    if (away.length > 0)
      throw new StateError(
        `operators that are loaded when they are needed are not loaded: ${show(away)}; await onnx.prepare() first, or use onnx.load`,
      );
    return make(model, nothingBeside, 'the model');
  });
}

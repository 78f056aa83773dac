/** Handlers that users make themselves; what they do is loaded when they are used. */
import { checkText, show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { IOHandler } from '../artifacts';
import type { LoadOptions } from '../model/options';
import type { ChosenFile } from './downloads';
import { isHTTP, lazily } from './router';

/**
 * A handler for a server: GET loads a `model.json` and the weight files that it names, POST saves both as a form of two
 * files, `model.json` and `model.weights.bin`.
 * @param path address of the `model.json`, also a relative one in pages; or a list of that and what the paths of weights
 * are relative to.
 * @param loadOptions requestInit, onProgress, weightPathPrefix, weightUrlConverter, streamWeights, fetchFunc
 * @throws ArgumentError for an empty address, and for requestInit with a body
 * @example
 * const handler = sg.io.http('https://example.com/model.json', { requestInit: { credentials: 'include' } });
 * // const model = await sg.loadLayersModel(handler);
 */
export function http(path: string | readonly string[], loadOptions?: LoadOptions | null): Required<IOHandler> {
  const options = loadOptions ?? {};
  if (!(Array.isArray(path) ? path.length === 2 : true) || ![path].flat().every((p) => typeof p === 'string' && p))
    throw new ArgumentError(`http: needs the address of a model.json, or a list of two addresses, got ${show(path)}`);
  if ((options.requestInit as { body?: unknown } | null | undefined)?.body !== undefined)
    throw new ArgumentError('http: requestInit must have no body');
  return lazily(({ httpHandler }) => httpHandler(path, options));
}

/**
 * The same as `http`.
 * @throws as `http`
 * @example
 * const handler = sg.io.browserHTTPRequest('https://example.com/model.json');
 */
export const browserHTTPRequest: typeof http = http;

/**
 * Whether addresses begin with http:// or https://.
 * @example
 * sg.io.isHTTPScheme('https://example.com/model.json'); // true
 */
export const isHTTPScheme = (url: string | readonly string[]): boolean => isHTTP(url);

/**
 * A handler for files that a page's user chose.
 * @param files the `model.json`, then the weight files that it names, in any order; without those the model's weights
 * are initialized.
 * @throws ArgumentError without a file
 * @example
 * // const input = document.querySelector('input[type=file]');
 * // const model = await sg.loadLayersModel(sg.io.browserFiles([...input.files]));
 */
export function browserFiles(files: readonly ChosenFile[]): { load: NonNullable<IOHandler['load']> } {
  if (!Array.isArray(files) || files.length === 0)
    throw new ArgumentError(`browserFiles: needs a list of files, the model.json first, got ${show(files)}`);
  return { load: lazily(({ chosenFilesHandler }) => chosenFilesHandler(files)).load };
}

/**
 * A handler for a folder with `model.json` and its weights (Node, Deno, Bun), as TensorFlow.js has it in Node.
 * @param path of the folder, or of the `model.json`.
 * @throws ArgumentError if it is not a path
 * @example
 * // await model.save(sg.io.fileSystem('models/mine'));
 */
export function fileSystem(path: string): Required<IOHandler> {
  checkText(path, 'fileSystem', 'path');
  return lazily(({ fileHandler }) => fileHandler(path));
}

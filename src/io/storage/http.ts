/** Models from and to servers, with `fetch`. */
import { checkFunction, show } from '../../support/arguments';
import { ArgumentError, FormatError, RuntimeSupportError } from '../../support/errors';
import type { WebRequestInit } from '../../support/web';
import type { IOHandler, ModelArtifacts, ModelJSON, SaveResult } from '../artifacts';
import { isJSON } from '../formats/detect';
import type { Source } from '../formats/format';
import { sourceOfMemory } from '../formats/in-memory';
import type { FetchFunction, LoadOptions } from '../model/options';
import { getModelArtifactsInfoForJSON } from '../weights/info';
import { Pieces } from '../weights/pieces';
import { pathsOf, readModelJSON, toArtifacts, toModelJSON } from './model-json';

/** `model.json` alone, or it and what the paths of weights are relative to. */
type Address = string | readonly string[];

const WEIGHTS = 'model.weights.bin';

/** What a request fails with: the network's errors do not say what was asked for. */
const failed = (url: string, why: string, cause?: unknown): ArgumentError =>
  new ArgumentError(`cannot load '${url}': ${why}`, { cause });

/** One or two addresses. @throws ArgumentError */
export function checkAddress(where: string, address: unknown, options: LoadOptions): readonly [string, string] {
  const list: readonly unknown[] = Array.isArray(address) ? address : [address, address];
  if (list.length !== 2 || !list.every((a) => typeof a === 'string' && a !== ''))
    throw new ArgumentError(
      `${where}: needs the address of a model.json, or a list of that and the address of its weights, got ${show(address)}`,
    );
  if (options.fetchFunc) checkFunction(options.fetchFunc, where, 'fetchFunc');
  if ((options.requestInit as { body?: unknown } | null | undefined)?.body !== undefined)
    throw new ArgumentError(`${where}: requestInit must have no body`);
  return list as [string, string];
}

export class Requests {
  readonly #fetch: FetchFunction;

  constructor(
    readonly where: string,
    readonly options: LoadOptions,
  ) {
    const own = options.fetchFunc ?? (globalThis as { fetch?: FetchFunction }).fetch?.bind(globalThis);
    if (!own) throw new RuntimeSupportError(`${where}: this runtime has no fetch; pass one as fetchFunc`);
    this.#fetch = own;
  }

  /** @param allowed what else the server may answer */
  async response(url: string, init?: object, allowed: readonly number[] = []): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(url, { ...this.options.requestInit, ...init } as WebRequestInit);
    } catch (cause) {
      throw failed(url, (cause as Error).message, cause);
    }
    if (!response.ok && !allowed.includes(response.status))
      throw failed(url, `the server answered ${response.status} ${response.statusText}`.trim());
    return response;
  }

  /** Bytes of an answer, which must be as many as the server said. */
  async bytes(url: string): Promise<ArrayBuffer> {
    return this.bytesOf(await this.response(url), url);
  }

  async bytesOf(response: Response, url: string): Promise<ArrayBuffer> {
    const bytes = await response.arrayBuffer().catch((cause: Error) => {
      throw failed(url, `the answer broke off: ${cause.message}`, cause);
    });
    const length = Number(response.headers?.get('content-length') ?? Number.NaN);
    // What was compressed on the way is longer than was said.
    if (bytes.byteLength < length && !response.headers.get('content-encoding'))
      throw failed(url, `${bytes.byteLength} bytes came of ${length}`);
    return bytes;
  }

  /** All of them at once, or one after another. */
  async all(urls: readonly string[]): Promise<ArrayBuffer[]> {
    let loaded = 0;
    this.options.onProgress?.(0);
    const one = async (url: string): Promise<ArrayBuffer> => {
      const bytes = await this.bytes(url);
      this.options.onProgress?.(++loaded / urls.length);
      return bytes;
    };
    if (!this.options.streamWeights) return Promise.all(urls.map(one));
    const files: ArrayBuffer[] = [];
    for (const url of urls) files.push(await one(url));
    return files;
  }
}

/** What stands before the name in an address, and the query that is for the weights too. */
function around(url: string): { prefix: string; suffix: string } {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  return { prefix: path.slice(0, path.lastIndexOf('/') + 1), suffix: query < 0 ? '' : url.slice(query) };
}

async function weightURLs(json: ModelJSON, base: string, options: LoadOptions): Promise<string[]> {
  const { prefix, suffix } = around(base);
  const { weightPathPrefix, weightUrlConverter } = options;
  const paths = pathsOf(json);
  if (weightUrlConverter) return Promise.all(paths.map((path) => weightUrlConverter(path)));
  return paths.map((path) => {
    if (/^[a-z][a-z0-9+.-]*:|^\/\/|\0/i.test(path) || path.split(/[/\\]/).includes('..'))
      throw new FormatError(
        `the weight file ${show(path)} is outside of the folder of model.json; give weightUrlConverter if it is meant`,
      );
    return (weightPathPrefix ?? prefix) + path + suffix;
  });
}

async function artifactsOf(requests: Requests, text: string, url: string, base: string): Promise<ModelArtifacts> {
  const json = readModelJSON(text, `'${url}'`);
  if (!json.weightsManifest) return toArtifacts(json, undefined);
  const urls = await weightURLs(json, base, requests.options);
  return toArtifacts(json, await requests.all(urls));
}

async function saveTo(requests: Requests, url: string, artifacts: ModelArtifacts): Promise<SaveResult> {
  const { weightSpecs, weightData } = artifacts;
  const json = toModelJSON(artifacts, weightSpecs ? [{ paths: [`./${WEIGHTS}`], weights: weightSpecs }] : []);
  const body = new FormData();
  body.append('model.json', new Blob([JSON.stringify(json)], { type: 'application/json' }), 'model.json');
  if (weightData) {
    const bytes = new Pieces(weightData).bytes() as Uint8Array<ArrayBuffer>;
    body.append(WEIGHTS, new Blob([bytes], { type: 'application/octet-stream' }), WEIGHTS);
  }
  const method = (requests.options.requestInit as { method?: string } | null | undefined)?.method ?? 'POST';
  const response = await requests.response(url, { method, body });
  return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts), responses: [response] };
}

/** Loads a `model.json` and its weights with GET, saves both with POST as a form of two files. */
export function httpHandler(address: Address, options: LoadOptions): IOHandler {
  const [url, base] = checkAddress('http', address, options);
  return {
    async load() {
      const requests = new Requests('load', options);
      return artifactsOf(requests, await (await requests.response(url)).text(), url, base);
    },
    save: (artifacts) => saveTo(new Requests('save', options), url, artifacts),
  };
}

/** What is at an address: the parts of a model, or the bytes of one file. */
export async function openHTTP(url: string, where: string, options: LoadOptions): Promise<ModelArtifacts | Source> {
  checkAddress(where, url, options);
  const requests = new Requests(where, options);
  const bytes = new Uint8Array(await requests.bytes(url));
  if (isJSON(bytes.subarray(0, 64))) return artifactsOf(requests, new TextDecoder().decode(bytes), url, url);
  options.onProgress?.(1);
  return sourceOfMemory(`'${url}'`, bytes);
}

/** All files of some addresses. @throws ArgumentError for failed requests */
export const fetchAll = (where: string, urls: readonly string[], options: LoadOptions): Promise<ArrayBuffer[]> =>
  new Requests(where, options).all(urls);

/** What a path or URL leads to. */
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import type { IOHandler, IOHandlerSync, ModelArtifacts } from '../artifacts';
import type { Source } from '../formats/format';
import type { LoadOptions } from '../model/options';
import { hasFiles } from './environment';
import type { OpenArtifacts } from './model-json';
import { handlerFor, isHTTP, registeredFor, schemeOf } from './router';

/** Settings of requests. */
export const REQUESTS = {
  requestInit: is.given('an object of settings of fetch', (v) => typeof v === 'object' && v !== null),
  onProgress: is.given('a function', (v) => typeof v === 'function'),
  weightPathPrefix: is.text(),
  weightUrlConverter: is.given('a function', (v) => typeof v === 'function'),
  streamWeights: is.flag(false),
  fetchFunc: is.given('a function', (v) => typeof v === 'function'),
};

export const isSource = (value: OpenArtifacts | Source): value is Source =>
  'read' in value && typeof value.read === 'function';

/** What a handler loads; a stream of weights as the pieces that came. @throws ArgumentError for one that cannot load */
export async function loadFrom(handler: IOHandler | IOHandlerSync): Promise<ModelArtifacts> {
  if (typeof handler.load !== 'function') throw new ArgumentError('the handler has no method load');
  const artifacts = await handler.load();
  if (artifacts?.weightData || typeof artifacts?.getWeightStream !== 'function') return artifacts;
  const { gather } = await import('../weights/lazy');
  return { ...artifacts, weightData: (await gather(artifacts.getWeightStream())) as ArrayBuffer[] };
}

/** The parts of a model, or one file. */
export async function findPlace(where: string, text: string, options: LoadOptions): Promise<OpenArtifacts | Source> {
  const scheme = schemeOf(text);
  const isRouted = registeredFor('load', text, options).length > 0;
  const isFile = scheme === 'file' || (scheme === undefined && hasFiles());
  if (isRouted || !(isFile || isHTTP(text) || scheme === undefined))
    return loadFrom(handlerFor(where, 'load', text, options));
  const places = await import('./places');
  return isFile ? places.openFile(text, where) : places.openHTTP(text, where, options);
}

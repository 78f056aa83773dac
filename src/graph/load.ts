/** Graph models from where they are. */
import type { IOHandler, IOHandlerSync, ModelArtifacts, ModelJSON, WeightData } from '../io/artifacts';
import type { LoadOptions } from '../io/model/options';
import { findPlace, isSource, loadFrom, REQUESTS } from '../io/storage/find';
import { relieve } from '../runtime/pressure';
import { checkSettings, show, within, withinAsync } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import * as is from '../support/settings';
import type { GraphModel } from './core/model';
import { storedValues } from './tfjs/artifacts';
import { makeGraphModel } from './tfjs/model';

/** Settings of `sg.loadGraphModel`. */
export interface GraphLoadOptions extends Omit<LoadOptions, 'strict' | 'compile'> {
  /** Whether the URL is that of a module of TensorFlow Hub, without `model.json`; default false. */
  fromTFHub?: boolean | null;
}

/** What `loadGraphModelSync` takes: what is in memory already. */
export type GraphModelInMemory = IOHandlerSync | ModelArtifacts | readonly [ModelJSON, WeightData];

const OPTIONS = { ...REQUESTS, fromTFHub: is.flag(false) };

const HUB = 'model.json?tfjs-format=file';

async function artifactsFrom(where: string, source: string | IOHandler | IOHandlerSync, options: GraphLoadOptions) {
  if (typeof source !== 'string') return loadFrom(source);
  const url = options.fromTFHub ? `${source.replace(/\/?$/, '/')}${HUB}` : source;
  const found = await findPlace(where, url, options);
  if (!isSource(found)) return (await import('../io/storage/places')).readArtifacts(found);
  throw new ArgumentError(`${found.name} is not the model.json of a graph model`);
}

const make = (artifacts: ModelArtifacts, name: string): GraphModel =>
  makeGraphModel(artifacts, storedValues(artifacts), name);

/**
 * Loads a graph model of TensorFlow.js; `sg.loadGraphModel` is the same.
 * @param source a path or URL of a `model.json`, or a handler of `sg.io`.
 * @param options settings of the requests; fromTFHub false by default
 * @returns the model
 * @throws FormatError for damaged files; RuntimeSupportError for operators that cannot run; ArgumentError if there is
 * nothing, or a model of layers. No memory is held then
 * @example
 * import { loadGraphModel } from 'samegrad/graph';
 * // const model = await loadGraphModel('https://example.com/model.json');
 */
export async function loadGraphModel(
  source: string | IOHandler | IOHandlerSync,
  options?: GraphLoadOptions | null,
): Promise<GraphModel> {
  const where = 'loadGraphModel';
  const checked = is.checked(where, OPTIONS, checkSettings(options, where, 'options')) as GraphLoadOptions;
  if (typeof source !== 'string' && (typeof source !== 'object' || source === null))
    throw new ArgumentError(
      `${where}: needs a path or URL of a model.json, or a handler of sg.io, got ${show(source)}`,
    );
  return withinAsync(where, async () => {
    const artifacts = await artifactsFrom(where, source, checked);
    const model = make(artifacts, typeof source === 'string' ? `'${source}'` : 'the graph');
    await relieve();
    return model;
  });
}

/**
 * A graph model of what is in memory already.
 * @param source a handler whose `load` answers at once, artifacts, or a `model.json` and the bytes of its weights.
 * @returns the model
 * @throws as `sg.loadGraphModel`
 * @example
 * import { loadGraphModelSync } from 'samegrad/graph';
 * const model = loadGraphModelSync({
 *   modelTopology: {
 *     node: [
 *       { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '2' }] } } } },
 *       { name: 'y', op: 'Neg', input: ['x'], attr: { T: { type: 'DT_FLOAT' } } },
 *     ],
 *   },
 * });
 * model.predict(sg.tensor1d([1, 2])).dataSync(); // [-1, -2]
 */
export function loadGraphModelSync(source: GraphModelInMemory): GraphModel {
  const where = 'loadGraphModelSync';
  if (typeof source !== 'object' || source === null)
    throw new ArgumentError(
      `${where}: needs a handler, artifacts, or [model.json, bytes of weights], got ${show(source)}`,
    );
  return within(where, () => {
    if (Array.isArray(source)) {
      const [json, weightData] = source as readonly [ModelJSON, WeightData];
      const { weightsManifest, ...parts } = checkSettings(json, where, 'model.json');
      const weightSpecs = Array.isArray(weightsManifest)
        ? weightsManifest.flatMap((group) => group?.weights ?? [])
        : [];
      return make({ ...parts, weightSpecs, weightData }, 'the graph');
    }
    const given = source as IOHandlerSync | ModelArtifacts;
    if (!('load' in given)) return make(given as ModelArtifacts, 'the graph');
    if (typeof given.load !== 'function') throw new ArgumentError('the handler has no method load');
    const artifacts = given.load();
    if (artifacts instanceof Promise)
      throw new ArgumentError('the handler answers with a promise; await loadGraphModel instead');
    return make(artifacts, 'the graph');
  });
}

/** Models to where they are kept. */
import { Model } from '../../models/model';
import { checkSettings, show, withinAsync } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import type { IOHandler, IOHandlerSync, ModelArtifacts, SaveResult } from '../artifacts';
import { FORMAT_NAMES, formatNamed, nameOfPath, TFJS } from '../formats/detect';
import type { AnyModel, SaveRequest } from '../formats/format';
import { hasFiles } from '../storage/environment';
import { handlerFor, lazily, registeredFor, schemeOf } from '../storage/router';
import { writeLayersModel } from '../tfjs/layers-model';
import { metadataOf, type SaveOptions } from './options';
import { writtenTraining } from './progress';

const OPTIONS = {
  includeOptimizer: is.flag(false),
  trainableOnly: is.flag(false),
  weights: is.choice(['float32', 'float16', 'bfloat16', 'int8', 'uint8', 'uint16'], 'float32'),
  weightShardSize: is.count(),
  format: is.choice(FORMAT_NAMES),
};

/** The library's own format. */
const OWN = 'safetensors';

type Where = string | IOHandler | IOHandlerSync;

/** @throws StateError for a model that is not built */
function requestOf(where: string, model: AnyModel, given: SaveOptions | null | undefined) {
  if (!((model as unknown) instanceof Model)) throw new ArgumentError(`${where}: needs a model, got ${show(model)}`);
  model.ensureReady(where);
  const { format, includeOptimizer, weightShardSize, ...settings } = is.checked(
    where,
    OPTIONS,
    checkSettings(given, where, 'options'),
  );
  const training = includeOptimizer ? writtenTraining(model, where) : undefined;
  const request: SaveRequest = { ...settings, model, training, metadata: metadataOf(model) };
  return { request, format, weightShardSize };
}

async function toHandler(
  where: string,
  handler: IOHandler | IOHandlerSync,
  artifacts: ModelArtifacts,
): Promise<SaveResult> {
  if (typeof handler?.save !== 'function')
    throw new ArgumentError(`${where}: needs a path, an URL, or a handler with a method save, got ${show(handler)}`);
  return handler.save(artifacts);
}

const noShards = (where: string): ArgumentError =>
  new ArgumentError(`${where}: weightShardSize is for folders with a model.json; leave it out here`);

/** Where a text leads: a handler of model.json, or a file of one format. */
function placeOf(
  where: string,
  text: string,
  { format, weightShardSize }: Form,
): { handler?: IOHandler | IOHandlerSync; format: string; isFolder?: boolean } {
  const scheme = schemeOf(text);
  if (registeredFor('save', text).length) return { handler: handlerFor(where, 'save', text), format: TFJS };
  const isFile = scheme === 'file' || (scheme === undefined && hasFiles());
  const wanted = format ?? (isFile ? nameOfPath(text) : undefined) ?? TFJS;
  if (wanted !== TFJS && !isFile)
    throw new ArgumentError(
      `${where}: files of the format ${wanted} are saved to paths; sg.io.toBytes makes bytes for any other place`,
    );
  if (wanted !== TFJS) return { format: wanted };
  if (!isFile) return { handler: handlerFor(where, 'save', text), format: TFJS };
  const folder = lazily((places) => places.fileHandler(text, weightShardSize));
  return { handler: { save: folder.save }, format: TFJS, isFolder: true };
}

/** @throws ArgumentError for a quantized model in a format that has no int8 */
function checkForms(where: string, format: string, model: AnyModel): void {
  if (format === OWN || !model.weights.some((w) => w.coded)) return;
  throw new ArgumentError(
    `${where}: the weights of a quantized model are int8, which the format ${format} does not have; save it as name.${OWN}, or save the float32 model`,
  );
}

/** How files are written. */
interface Form {
  readonly format?: string | undefined;
  readonly weightShardSize?: number | undefined;
}

async function write(where: string, to: Where, request: SaveRequest, form: Form): Promise<SaveResult> {
  const { handler, format, isFolder } =
    typeof to === 'string' ? placeOf(where, to, form) : { handler: to, format: form.format ?? TFJS };
  if (form.weightShardSize !== undefined && !isFolder) throw noShards(where);
  checkForms(where, format, request.model);
  if (format === TFJS) return toHandler(where, handler as IOHandler, writeLayersModel(request));
  if (typeof to !== 'string')
    throw new ArgumentError(`${where}: handlers are given the parts of a model, not files; leave out format`);
  const bytes = await (await formatNamed(format, where)).write(request);
  await (await import('../storage/places')).writeFile(to, bytes);
  return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON', weightDataBytes: bytes.length } };
}

/** @throws as `model.save` */
export function save(model: AnyModel, to: Where, options?: SaveOptions | null, where = 'save'): Promise<SaveResult> {
  return withinAsync(where, async () => {
    const { request, ...form } = requestOf(where, model, options);
    return write(where, to, request, form);
  });
}

/** @throws as `model.saveWeights` */
export async function saveWeights(model: AnyModel, to: Where, options?: SaveOptions | null): Promise<SaveResult> {
  if (options?.includeOptimizer) throw new ArgumentError('saveWeights: saves weights alone; save has includeOptimizer');
  return save(model, to, options, 'saveWeights');
}

/** @throws as `sg.io.toBytes` */
export async function toBytes(model: AnyModel, options?: SaveOptions | null): Promise<Uint8Array> {
  const { request, format = 'safetensors', weightShardSize } = requestOf('toBytes', model, options);
  if (weightShardSize !== undefined) throw noShards('toBytes');
  if (format === TFJS)
    throw new ArgumentError("toBytes: TensorFlow.js' format is several files; save to a handler of sg.io");
  checkForms('toBytes', format, model);
  return withinAsync('toBytes', async () => (await formatNamed(format, 'toBytes')).write(request));
}

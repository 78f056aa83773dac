/** Files of Keras: `.keras`, `.weights.h5`, and `.h5` with a model or with weights alone. */
import { ArgumentError } from '../../support/errors';
import { Archive, archive } from '../formats/archive';
import type { AnyModel, Format, Leniency, SaveRequest, Source, StoredModel, StoredWeight } from '../formats/format';
import { type Json, type Origin, objectOf, parse, refuse, stringify } from './config/json';
import { readLayer } from './config/read';
import { writeModel } from './config/write';
import { FileBytes, type Group, openHDF5 } from './hdf5/tree';
import { encodeHDF5, NewGroup } from './hdf5/writer';
import { readCompile, writeCompile } from './training/compile';
import { readTraining, writeList, writeVars } from './training/state';
import { type Found, findInGroups, writeGroups } from './weights/groups';
import { findInLegacy, namesIn, writeLegacy } from './weights/legacy';
import { layersInOrder, partOf } from './weights/parts';
import { storedWeight } from './weights/stored';

/** The version of Keras whose files these are. */
const VERSION = '3.15.1';
const WEIGHTS = 'model.weights.h5';
const METADATA = 'user_defined_metadata';

/** What was found for each weight of a model, in their order. @throws FormatError if something is missing in a strict search */
function inOrder(model: AnyModel, found: Found, { byName, skipMismatch }: Leniency): (StoredWeight | undefined)[] {
  const { weights } = model;
  const missing = weights.find((v) => !found.has(v));
  if (missing && !byName && !skipMismatch) refuse(`the file has nothing for the weight '${missing.name}'`);
  return weights.map((v) => {
    const dataset = found.get(v);
    return dataset && storedWeight(v, dataset);
  });
}

/** What `strict: false` means: what fits by name is taken. */
const leniencyOf = (strict: boolean, given: Leniency = {}): Leniency =>
  strict ? given : { byName: true, skipMismatch: true };

const originOf = (version: unknown): Origin => ({ version: /^[12]\./.test(String(version)) ? 2 : 3 });

interface OpenFile {
  readonly file: FileBytes;
  readonly root: Group;
}

async function open(source: Source): Promise<OpenFile> {
  const file = new FileBytes(source);
  return { file, root: await file.complete(() => openHDF5(file)) };
}

/** A `.keras` file. */
async function readKeras(source: Source): Promise<StoredModel> {
  const files = await Archive.open(source);
  const text = async (name: string): Promise<string | undefined> => {
    const bytes = await files.get(name);
    return bytes && new TextDecoder().decode(bytes);
  };
  const config = await text('config.json');
  if (config === undefined) return refuse('the archive has no config.json: it is no model of Keras');
  const metadata = parse((await text('metadata.json')) ?? '{}', 'metadata.json');
  const spec = parse(config, 'config.json');
  const origin = originOf(metadata.keras_version);
  let opening: Promise<OpenFile> | undefined;
  const opened = (): Promise<OpenFile> => {
    opening ??= files.open(WEIGHTS).then((file) => {
      if (file) return open(file);
      return refuse(`the archive has no ${WEIGHTS}; weights in other forms cannot be read`);
    });
    return opening;
  };
  return {
    topology: readLayer(spec, origin),
    async elements() {
      const { file, root } = await opened();
      return file.complete(() => root.countElements());
    },
    async weightsFor(model, strict, given) {
      const leniency = leniencyOf(strict, given);
      const { file, root } = await opened();
      return file.complete(() => inOrder(model, findInGroups(root, partOf(model), leniency), leniency));
    },
    get compile() {
      return spec.compile_config ? readCompile(objectOf(spec.compile_config, 'compile_config')) : undefined;
    },
    async trainingFor(model, present) {
      const { file, root } = await opened();
      return file.complete(() => readTraining(model, present, { vars: root.group('optimizer/vars') }));
    },
    ...(metadata[METADATA] !== undefined && { metadata: objectOf(metadata[METADATA], METADATA) }),
  };
}

/** A `.h5` file: a model, or weights in either form. */
async function readHDF5(source: Source): Promise<StoredModel> {
  const { file, root } = await open(source);
  return file.complete(() => describe(file, root));
}

function describe(file: FileBytes, root: Group): StoredModel {
  const { attributes } = root;
  const weights = attributes.has('layer_names') || attributes.has('layer_names0') ? root : root.group('model_weights');
  const found = (model: AnyModel, options: Leniency): Found =>
    weights
      ? findInLegacy(weights, layersInOrder(model).map(partOf), options)
      : findInGroups(root, partOf(model), options);
  const text = (name: string): Json | undefined => {
    const value = attributes.get(name);
    return typeof value === 'string' ? parse(value, name) : undefined;
  };
  const config = text('model_config');
  const origin = originOf(attributes.get('keras_version') ?? weights?.attributes.get('keras_version'));
  return {
    ...(config && { topology: readLayer(config, origin) }),
    elements: () => file.complete(() => (weights ?? root).countElements()),
    weightsFor: (model, strict, given) => {
      const leniency = leniencyOf(strict, given);
      return file.complete(() => inOrder(model, found(model, leniency), leniency));
    },
    get compile() {
      const training = text('training_config');
      return training && readCompile({ ...training, optimizer: training.optimizer_config });
    },
    trainingFor: (model, present) =>
      file.complete(() =>
        readTraining(model, present, {
          list: root.group('optimizer_weights'),
          ...(weights && { names: namesIn(weights, found(model, {})) }),
        }),
      ),
  };
}

/** @throws ArgumentError for what files of Keras do not hold */
function precisionOf({ weights, trainableOnly }: SaveRequest): 'float32' | 'float16' {
  if (trainableOnly)
    throw new ArgumentError('save: files of Keras hold all weights of a model; leave out trainableOnly');
  if (weights !== 'float32' && weights !== 'float16')
    throw new ArgumentError(`save: files of Keras hold float32 and float16, not ${weights}; use another format for it`);
  return weights;
}

function writeKeras(request: SaveRequest): Uint8Array {
  const { model, training, metadata } = request;
  const root = new NewGroup();
  writeGroups(root, partOf(model), precisionOf(request));
  if (training) writeVars(root, model, training);
  const json = (value: unknown): Uint8Array => new TextEncoder().encode(stringify(value));
  return archive({
    'metadata.json': json({ keras_version: VERSION, ...(metadata && { [METADATA]: metadata }) }),
    'config.json': json({ ...writeModel(model), ...(training && { compile_config: writeCompile(training) }) }),
    [WEIGHTS]: encodeHDF5(root),
  });
}

function writeWeights(request: SaveRequest): Uint8Array {
  const root = new NewGroup();
  writeGroups(root, partOf(request.model), precisionOf(request));
  return encodeHDF5(root);
}

function writeHDF5(request: SaveRequest): Uint8Array {
  const { model, training } = request;
  const root = new NewGroup();
  root.attributes.set('backend', 'tensorflow');
  root.attributes.set('keras_version', VERSION);
  const { module: _, registered_name: __, ...config } = writeModel(model);
  root.attributes.set('model_config', stringify(config));
  const weights = root.group('model_weights');
  weights.attributes.set('backend', 'tensorflow');
  weights.attributes.set('keras_version', VERSION);
  writeLegacy(weights, layersInOrder(model).map(partOf), precisionOf(request));
  if (training) {
    const { optimizer, ...rest } = writeCompile(training);
    root.attributes.set('training_config', stringify({ ...rest, optimizer_config: optimizer }));
    writeList(root, model, training);
  }
  return encodeHDF5(root);
}

/** `.keras` */
export const keras: Format = { read: readKeras, write: async (request) => writeKeras(request) };
/** `.weights.h5` */
export const kerasWeights: Format = { read: readHDF5, write: async (request) => writeWeights(request) };
/** `.h5` */
export const kerasH5: Format = { read: readHDF5, write: async (request) => writeHDF5(request) };

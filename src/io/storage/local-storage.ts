/** Models in a page's local storage, where TensorFlow.js puts them too: texts, so small models only. */
import { show } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import type { IOHandler, ModelArtifacts, ModelArtifactsInfo } from '../artifacts';
import { parseJSON } from '../model/json';
import { getModelArtifactsInfoForJSON } from '../weights/info';
import { Pieces } from '../weights/pieces';
import { browserThing } from './environment';

const PREFIX = 'tensorflowjs_models/';

/** Keys of a model's parts. */
const keysOf = (name: string) => ({
  info: `${PREFIX}${name}/info`,
  topology: `${PREFIX}${name}/model_topology`,
  specs: `${PREFIX}${name}/weight_specs`,
  data: `${PREFIX}${name}/weight_data`,
  metadata: `${PREFIX}${name}/model_metadata`,
});

interface Store {
  readonly length: number;
  key(i: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const store = (where: string): Store => browserThing<Store>('localStorage', where);

/** Bytes at once for `String.fromCharCode`, which takes them as arguments. */
const CHUNK = 0x8000;

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(text);
}

function fromBase64(text: string, name: string): ArrayBuffer {
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  } catch (cause) {
    throw new FormatError(`localstorage://${name}: the data of the weights is no base64`, { cause });
  }
}

function restore(storage: Store, before: readonly (readonly [string, string | null])[]): void {
  for (const [key] of before) storage.removeItem(key);
  for (const [key, value] of before) if (value !== null) storage.setItem(key, value);
}

function save(storage: Store, name: string, artifacts: ModelArtifacts): ModelArtifactsInfo {
  const info = getModelArtifactsInfoForJSON(artifacts);
  const { modelTopology, weightSpecs, weightData, getWeightStream: _, ...metadata } = artifacts;
  const keys = keysOf(name);
  const values = {
    info: JSON.stringify(info),
    topology: JSON.stringify(modelTopology ?? null),
    specs: JSON.stringify(weightSpecs ?? []),
    data: toBase64(new Pieces(weightData).bytes()),
    metadata: JSON.stringify(metadata),
  };
  const before = Object.values(keys).map((key) => [key, storage.getItem(key)] as const);
  try {
    for (const [part, key] of Object.entries(keys)) storage.setItem(key, values[part as keyof typeof values]);
  } catch (cause) {
    // What was there stays, whole.
    restore(storage, before);
    throw new ArgumentError(
      `cannot save to localstorage://${name}: ${(cause as Error).message}. Its quota is about 5 MB; the model has ` +
        `${info.modelTopologyBytes} bytes of topology and ${info.weightDataBytes} of weights: use indexeddb:// instead`,
      { cause },
    );
  }
  return info;
}

function load(storage: Store, name: string): ModelArtifacts {
  const keys = keysOf(name);
  const part = (key: string): string => {
    const text = storage.getItem(key);
    if (text === null)
      throw new ArgumentError(`localstorage://${name}: there is no model of this name, or not all of it`);
    return text;
  };
  const json = (key: string): unknown => parseJSON(part(key), `localstorage://${name}: ${key}`);
  const metadata = storage.getItem(keys.metadata) === null ? {} : json(keys.metadata);
  return {
    ...(metadata as ModelArtifacts),
    modelTopology: json(keys.topology) as object,
    weightSpecs: json(keys.specs) as NonNullable<ModelArtifacts['weightSpecs']>,
    weightData: fromBase64(part(keys.data), name),
  };
}

/** @throws ArgumentError for an empty name; RuntimeSupportError where there is no local storage */
export function localStorageHandler(name: string): IOHandler {
  if (!name) throw new ArgumentError(`localstorage://: a name is needed, got ${show(name)}`);
  const storage = store(`localstorage://${name}`);
  return {
    load: async () => load(storage, name),
    save: async (artifacts) => ({ modelArtifactsInfo: save(storage, name, artifacts) }),
  };
}

/** What is known of a model. @throws FormatError */
function infoOf(text: string, name: string): ModelArtifactsInfo {
  const info = parseJSON(text, `localstorage://${name}`) as ModelArtifactsInfo;
  return { ...info, dateSaved: new Date(info.dateSaved) };
}

export async function listModels(): Promise<Record<string, ModelArtifactsInfo>> {
  const storage = store('listModels');
  const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '');
  const names = keys.flatMap((key) => new RegExp(`^${PREFIX}(.+)/info$`).exec(key)?.[1] ?? []);
  return Object.fromEntries(names.map((name) => [name, infoOf(storage.getItem(keysOf(name).info) as string, name)]));
}

/** @throws ArgumentError if there is none of this name */
export async function removeModel(name: string): Promise<ModelArtifactsInfo> {
  const storage = store('removeModel');
  const keys = keysOf(name);
  const text = storage.getItem(keys.info);
  if (text === null) throw new ArgumentError(`removeModel: there is no model localstorage://${name}`);
  for (const key of Object.values(keys)) storage.removeItem(key);
  return infoOf(text, name);
}

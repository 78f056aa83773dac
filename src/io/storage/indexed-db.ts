/** Models in IndexedDB, in the database that TensorFlow.js uses: its models are found here, and these there. */
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { IOHandler, ModelArtifacts, ModelArtifactsInfo } from '../artifacts';
import { getModelArtifactsInfoForJSON } from '../weights/info';
import { Pieces } from '../weights/pieces';
import { browserThing } from './environment';

const [DATABASE, VERSION] = ['tensorflowjs', 1];
const [MODELS, INFOS] = ['models_store', 'model_info_store'];

// What is used of IndexedDB's types, which are not there for programs without a page.
interface Request<T> {
  readonly result: T;
  readonly error: Error | null;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface Store {
  get(key: string): Request<Entry | undefined>;
  getAll(): Request<Entry[]>;
  put(entry: Entry): Request<unknown>;
  delete(key: string): Request<unknown>;
}
interface Transaction {
  readonly error: Error | null;
  objectStore(name: string): Store;
  abort(): void;
  oncomplete: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
}
interface Database {
  createObjectStore(name: string, options: { keyPath: string }): unknown;
  transaction(names: readonly string[], mode: 'readonly' | 'readwrite'): Transaction;
  close(): void;
}
interface Factory {
  open(name: string, version: number): Request<Database> & { onupgradeneeded: (() => void) | null };
}
interface Entry {
  readonly modelPath: string;
  readonly modelArtifacts?: ModelArtifacts;
  readonly modelArtifactsInfo: ModelArtifactsInfo;
}

const settled = <T>(request: Request<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function openDatabase(where: string): Promise<Database> {
  const request = browserThing<Factory>('indexedDB', where).open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    for (const name of [MODELS, INFOS]) request.result.createObjectStore(name, { keyPath: 'modelPath' });
  };
  return settled(request);
}

/** Runs one transaction: all of it happens, or nothing. @throws ArgumentError with what the database says */
async function within<T>(
  where: string,
  mode: 'readonly' | 'readwrite',
  run: (stores: { models: Store; infos: Store }) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(where);
  try {
    const transaction = database.transaction([MODELS, INFOS], mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
    });
    // It is looked at below; a failure in between must not count as unnoticed.
    done.catch(() => {});
    const stores = { models: transaction.objectStore(MODELS), infos: transaction.objectStore(INFOS) };
    const result = await run(stores).catch((error) => {
      transaction.abort();
      throw error;
    });
    await done;
    return result;
  } catch (cause) {
    if (cause instanceof ArgumentError) throw cause;
    throw new ArgumentError(`${where}: IndexedDB failed: ${(cause as Error)?.message ?? cause}`, { cause });
  } finally {
    database.close();
  }
}

async function load(name: string): Promise<ModelArtifacts> {
  const where = `indexeddb://${name}`;
  const entry = await within(where, 'readonly', ({ models }) => settled(models.get(name)));
  if (!entry?.modelArtifacts) throw new ArgumentError(`${where}: there is no model of this name`);
  return entry.modelArtifacts;
}

async function save(name: string, artifacts: ModelArtifacts): Promise<ModelArtifactsInfo> {
  const modelArtifactsInfo = getModelArtifactsInfoForJSON(artifacts);
  const { getWeightStream: _, ...kept } = artifacts;
  // In one piece: databases have trouble with large models in several.
  const modelArtifacts = { ...kept, weightData: new Pieces(artifacts.weightData).join() };
  await within(`indexeddb://${name}`, 'readwrite', async ({ models, infos }) => {
    const puts = [
      infos.put({ modelPath: name, modelArtifactsInfo }),
      models.put({ modelPath: name, modelArtifacts, modelArtifactsInfo }),
    ];
    await Promise.all(puts.map(settled));
  });
  return modelArtifactsInfo;
}

/** @throws ArgumentError for an empty name; RuntimeSupportError where there is no IndexedDB */
export function indexedDBHandler(name: string): IOHandler {
  if (!name) throw new ArgumentError(`indexeddb://: a name is needed, got ${show(name)}`);
  browserThing('indexedDB', `indexeddb://${name}`);
  return {
    load: () => load(name),
    save: async (artifacts) => ({ modelArtifactsInfo: await save(name, artifacts) }),
  };
}

export async function listModels(): Promise<Record<string, ModelArtifactsInfo>> {
  const entries = await within('listModels', 'readonly', ({ infos }) => settled(infos.getAll()));
  return Object.fromEntries(entries.map(({ modelPath, modelArtifactsInfo }) => [modelPath, modelArtifactsInfo]));
}

/** @throws ArgumentError if there is none of this name */
export function removeModel(name: string): Promise<ModelArtifactsInfo> {
  return within('removeModel', 'readwrite', async ({ models, infos }) => {
    const entry = await settled(infos.get(name));
    if (!entry) throw new ArgumentError(`removeModel: there is no model indexeddb://${name}`);
    await Promise.all([infos.delete(name), models.delete(name)].map(settled));
    return entry.modelArtifactsInfo;
  });
}

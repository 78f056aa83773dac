/** Models in a folder, by name. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import * as sg from '../index';
import type { ModelRepository, Served } from '../serve/index';
import { UsageError } from './usage';

/** Endings of files that hold a model. */
const ENDINGS = ['.safetensors', '.keras', '.h5', '.onnx'];
/** A model's own folder has it under one of these names, perhaps in a folder for its version, as Triton's repositories. */
const NAMES = ['model.json', ...ENDINGS.map((ending) => `model${ending}`)];

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The file with the model in a folder of its own. */
async function within(folder: string): Promise<string | undefined> {
  for (const name of ['', '1'].flatMap((version) => NAMES.map((file) => join(folder, version, file))))
    if (await isFile(name)) return name;
  return undefined;
}

/** The files of all models, by name. @throws UsageError if two have the same name */
async function filesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => {
    throw new UsageError(`${folder} cannot be read: ${error.message}`);
  });
  const files = new Map<string, string>();
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, name);
    const ending = extname(name).toLowerCase();
    const isModel = ENDINGS.includes(ending) && (await isFile(path));
    const file = isModel ? path : await within(path);
    if (file === undefined) continue;
    const own = isModel ? name.slice(0, -ending.length) : name;
    const other = files.get(own);
    if (other) throw new UsageError(`two models have the name ${own}: ${other} and ${file}`);
    files.set(own, file);
  }
  return files;
}

async function loadFile(file: string): Promise<Served> {
  if (file.endsWith('.onnx')) return (await import('../onnx/index')).load(file);
  if (file.endsWith('.json')) {
    const { format, modelTopology } = JSON.parse(await readFile(file, 'utf8'));
    if (format === 'graph-model' || modelTopology?.node) return sg.loadGraphModel(file);
  }
  return sg.loadModel(file, { compile: false });
}

/** The models of a folder. Names of clients are looked up among them, and are never part of a path. */
export const repositoryOf = (folder: string): ModelRepository => ({
  list: async () => [...(await filesIn(folder)).keys()],
  async load(name) {
    const file = (await filesIn(folder)).get(name);
    if (file === undefined) throw new UsageError(`${folder} has no model ${name}`);
    return loadFile(file);
  },
});

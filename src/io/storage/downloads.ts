/** Models as files that a page's user is given, or chose. */
import { show } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import type { IOHandler, ModelArtifacts } from '../artifacts';
import { getModelArtifactsInfoForJSON } from '../weights/info';
import { Pieces } from '../weights/pieces';
import { browserThing } from './environment';
import { pathsOf, readModelJSON, toArtifacts, toModelJSON } from './model-json';

interface Anchor {
  download: string;
  href: string;
  click(): void;
}

/** How long the address of a file stays valid: a browser may begin to read it later. */
const VALID_MS = 60_000;

/** Starts a download; Firefox saves only the last of several in one task. */
async function give(name: string, parts: BlobPart[], type: string): Promise<void> {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const anchor = browserThing<{ createElement(tag: 'a'): Anchor }>('document', 'downloads://').createElement('a');
  anchor.download = name;
  anchor.href = url;
  await new Promise((resolve) => setTimeout(resolve));
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), VALID_MS);
}

/** Saves as `name.json` and `name.weights.bin`. @throws RuntimeSupportError outside of pages */
export function downloadsHandler(given: string): IOHandler {
  const name = given || 'model';
  browserThing('document', 'downloads://');
  return {
    async save(artifacts) {
      const weights = `${name}.weights.bin`;
      const { weightSpecs, weightData } = artifacts;
      const json = toModelJSON(artifacts, weightSpecs ? [{ paths: [`./${weights}`], weights: weightSpecs }] : []);
      await give(`${name}.json`, [JSON.stringify(json)], 'application/json');
      if (weightData) {
        const bytes = new Pieces(weightData).bytes() as Uint8Array<ArrayBuffer>;
        await give(weights, [bytes], 'application/octet-stream');
      }
      return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
    },
  };
}

/** A file that a user chose. */
export interface ChosenFile {
  /** Without its folder. */
  readonly name: string;
  /** Its content as text. */
  text(): Promise<string>;
  /** Its content as bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

const baseName = (path: string): string => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

async function load([json, ...weights]: readonly ChosenFile[]): Promise<ModelArtifacts> {
  const { name } = json as ChosenFile;
  const model = readModelJSON(await (json as ChosenFile).text(), `'${name}'`);
  const paths = pathsOf(model).map(baseName);
  if (weights.length === 0) return toArtifacts(model, paths.length ? undefined : []);
  const twice = paths.find((p, i) => paths.indexOf(p) !== i);
  if (twice !== undefined) throw new FormatError(`'${name}' names ${show(twice)} twice`);
  const extra = weights.find((f) => !paths.includes(f.name));
  if (extra) throw new ArgumentError(`browserFiles: '${name}' does not name the file ${show(extra.name)}`);
  const files = paths.map((path) => {
    const file = weights.find((f) => f.name === path);
    if (!file) throw new ArgumentError(`browserFiles: '${name}' needs the file ${show(path)}; choose it too`);
    return file.arrayBuffer();
  });
  return toArtifacts(model, await Promise.all(files));
}

/** Loads of `model.json`, and of the weight files that it names. */
export const chosenFilesHandler = (files: readonly ChosenFile[]): IOHandler => ({ load: () => load(files) });

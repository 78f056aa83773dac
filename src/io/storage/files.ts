/** Models in files of Node, Deno and Bun: a `model.json` with its weights beside it, or one file. */
import { File } from '../../runtime/files';
import { show } from '../../support/arguments';
import { FormatError } from '../../support/errors';
import type { IOHandler, ModelArtifacts, SaveResult, WeightsGroup } from '../artifacts';
import { HEAD, isJSON } from '../formats/detect';
import type { Seal, SealCheck, Source } from '../formats/format';
import { Digest } from '../weights/digest';
import { getModelArtifactsInfoForJSON } from '../weights/info';
import { Pieces } from '../weights/pieces';
import { PIECE } from '../weights/pour';
import { piecesOfFile } from './file-pieces';
import {
  type OpenArtifacts,
  openArtifacts,
  pathsOf,
  readArtifacts,
  readModelJSON,
  toArtifacts,
  toModelJSON,
} from './model-json';

const MEND = 'pass bytes or a handler of sg.io';
const fileAt = (path: string, where: string): File => new File(path, where, MEND);

/** A path without `file://`. */
export const pathOfFile = (url: string): string => url.replace(/^file:\/\//i, '');

/** Directory of a path, with its slash; empty for the current one. */
const directoryOf = (path: string): string =>
  path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

/** A path that leads out of the folder of `model.json`, or to a device. */
const leadsOut = (path: string): boolean => /^[/\\]|^[a-z]:|\0/i.test(path) || path.split(/[/\\]/).includes('..');

/** A group of this library's own has the digest of its bytes. */
interface SealedGroup extends WeightsGroup {
  readonly digest?: string;
}

/** The digest of a group's files, each of which is a block of it. */
function sealOf(path: string, { paths, digest }: SealedGroup, lengths: readonly number[]): Seal | undefined {
  if (digest === undefined) return undefined;
  const begin = (): SealCheck => {
    const found = new Digest();
    let [file, left] = [0, lengths[0] ?? 0];
    const add = (bytes: Uint8Array): void => {
      let rest = bytes;
      while (file < lengths.length && rest.length >= left) {
        found.addPiece(rest.subarray(0, left)).end();
        rest = rest.subarray(left);
        left = lengths[++file] ?? 0;
      }
      found.addPiece(rest);
      left -= rest.length;
    };
    return {
      add,
      end() {
        // Files without bytes end too.
        add(new Uint8Array(0));
        if (found.toString() !== digest)
          throw new FormatError(
            `'${path}': ${show(paths)} are damaged, or of another save: their digest is ${found}, not ${show(digest)}`,
          );
      },
    };
  };
  return { from: 0, begin };
}

/** Where the `model.json` of a path is: a folder has one by that name. */
async function jsonPathOf(path: string, where: string): Promise<string> {
  if (/\.json$/i.test(path)) return path;
  return (await fileAt(path, where).stat()).isDirectory ? `${path.replace(/[/\\]+$/, '')}/model.json` : path;
}

async function openModel(path: string, where: string): Promise<OpenArtifacts> {
  const text = new TextDecoder().decode(await fileAt(path, where).read());
  const json = readModelJSON(text, `'${path}'`);
  if (!json.weightsManifest) return toArtifacts(json, undefined);
  const paths = pathsOf(json);
  const outside = paths.find(leadsOut);
  if (outside !== undefined)
    throw new FormatError(`'${path}': the weight file ${show(outside)} is outside of the folder of model.json`);
  const files = await Promise.all(paths.map((p) => sourceOf(directoryOf(path) + p, where)));
  return openArtifacts(json, files, (group, lengths) => sealOf(path, group, lengths));
}

/** What a `model.json` names now, which stays until the new one is in its place. */
async function pathsBefore(json: File): Promise<readonly string[]> {
  if (!(await json.exists())) return [];
  try {
    const { weightsManifest } = readModelJSON(new TextDecoder().decode(await json.read()), json.path);
    return (weightsManifest ?? []).flatMap(({ paths }) => paths.map((p) => p.replace(/^\.\//, '')));
  } catch {
    // Not ours to understand: it is written over.
    return [];
  }
}

/** As TensorFlow.js' converter cuts weights: servers and caches have trouble with larger files. */
export const SHARD_BYTES = 4 * 1024 * 1024;

/** Parts of some bytes, one at the least. */
function shardsOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** Names of the files of weights. */
const namesOf = (stem: string, count: number): string[] =>
  count === 1 ? [`${stem}.bin`] : Array.from({ length: count }, (_, i) => `${stem}-shard${i + 1}of${count}.bin`);

/** Whether a file has a name that is given here: only such are removed. */
const isOwn = (path: string, stem: string): boolean =>
  path.startsWith(stem) && /^(\.1)?(-shard\d+of\d+)?\.bin$/.test(path.slice(stem.length));

/**
 * Weights first, under names that the present `model.json` does not use; then `model.json` takes its place at once: so
 * there is always a whole model, before, between and after.
 */
async function saveArtifacts(path: string, artifacts: ModelArtifacts, shardSize: number): Promise<SaveResult> {
  const where = 'save';
  const isJSONPath = /\.json$/i.test(path);
  const folder = isJSONPath ? directoryOf(path) : `${path.replace(/[/\\]+$/, '')}/`;
  const json = fileAt(isJSONPath ? path : `${folder}model.json`, where);
  const stem =
    isJSONPath && !/(^|[/\\])model\.json$/i.test(path) ? `${path.slice(folder.length, -5)}.weights` : 'weights';
  await json.makeParent();
  const before = await pathsBefore(json);
  const shards = shardsOf(new Pieces(artifacts.weightData).bytes(), shardSize);
  const choices = [stem, `${stem}.1`].map((s) => namesOf(s, shards.length));
  const names = choices.find((all) => !all.some((n) => before.includes(n))) as string[];
  const digest = shards.reduce((all, shard) => all.add(shard), new Digest()).toString();
  const groups: SealedGroup[] = artifacts.weightSpecs ? [{ paths: names, weights: artifacts.weightSpecs, digest }] : [];
  if (artifacts.weightSpecs)
    for (const [i, shard] of shards.entries()) await fileAt(folder + names[i], where).write(shard);
  await json.write(JSON.stringify(toModelJSON(artifacts, groups)));
  const old = before.filter((p) => !names.includes(p) && isOwn(p, stem));
  for (const p of old) await fileAt(folder + p, where).remove();
  return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
}

/** Loads and saves a `model.json` with its weights; a path that does not end with .json is a folder. */
export function fileHandler(url: string, shardSize = SHARD_BYTES): IOHandler {
  const path = pathOfFile(url);
  return {
    load: async () => readArtifacts(await openModel(await jsonPathOf(path, 'load'), 'load')),
    save: (artifacts) => saveArtifacts(path, artifacts, shardSize),
  };
}

const shorter = (path: string): FormatError => new FormatError(`'${path}' became shorter while it was read`);

/** A file whose bytes are read when they are needed. */
async function sourceOf(path: string, where: string): Promise<Source> {
  const file = fileAt(path, where);
  const { size } = await file.stat();
  return {
    name: `'${path}'`,
    size,
    async read(from, to) {
      const bytes = await file.readPart(from, Math.min(to, size));
      if (bytes.length < Math.min(to, size) - from) throw shorter(path);
      return bytes;
    },
    async *pieces(from, to) {
      let at = from;
      for await (const piece of piecesOfFile(file, from, to, PIECE)) {
        at += piece.length;
        yield piece;
      }
      if (at < to) throw shorter(path);
    },
  };
}

/** A file, whatever it holds. */
export const openWhole = (url: string, where: string): Promise<Source> => sourceOf(pathOfFile(url), where);

/** What is at a path: the parts of a model, or the bytes of one file. */
export async function openFile(url: string, where: string): Promise<OpenArtifacts | Source> {
  const path = await jsonPathOf(pathOfFile(url), where);
  const source = await sourceOf(path, where);
  const head = await source.read(0, Math.min(HEAD, source.size));
  return isJSON(head) ? openModel(path, where) : source;
}

/** Replaces a file at once. */
export async function writeFile(url: string, bytes: Uint8Array, where = 'save'): Promise<void> {
  const file = fileAt(pathOfFile(url), where);
  await file.makeParent();
  await file.write(bytes);
}

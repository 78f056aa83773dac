/** Some weights of a manifest, of the files that hold them. */
import { checkList, checkText, show, withinAsync } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { NamedTensorMap, WeightsGroup } from '../artifacts';
import { storedWeight, toTensors } from './decode';
import { Pieces } from './pieces';
import { checkManifest, locate } from './specs';

type Rest = Parameters<typeof load> extends [string, ...infer T] ? T : never;

/** Loads files by their addresses. */
export type FetchWeights = (urls: string[]) => Promise<readonly ArrayBuffer[]>;

/** @param where names the caller in errors */
export const loadSome = (where: string, ...args: Rest): Promise<NamedTensorMap> =>
  withinAsync(where, () => load(where, ...args));

async function load(
  where: string,
  fetchWeights: FetchWeights,
  manifest: readonly WeightsGroup[],
  prefix: string,
  names: readonly string[] | undefined,
): Promise<NamedTensorMap> {
  checkText(prefix, where, 'filePathPrefix');
  if (names !== undefined) checkList(names, where, 'weightNames');
  const groups = checkManifest(manifest);
  const known = groups.flatMap(({ weights }) => weights.map(({ name }) => name));
  const missing = names?.filter((name) => !known.includes(name)) ?? [];
  if (missing.length) throw new ArgumentError(`the manifest has no weights ${show(missing)}; it has ${show(known)}`);
  const isWanted = (name: string): boolean => !names || names.includes(name);
  const needed = groups.filter(({ weights }) => weights.some(({ name }) => isWanted(name)));
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const buffers = await fetchWeights(needed.flatMap(({ paths }) => paths.map((path) => folder + path)));
  let at = 0;
  const weights = needed.flatMap(({ paths, weights: specs }) => {
    const data = new Pieces(buffers.slice(at, at + paths.length));
    at += paths.length;
    return locate(specs, data)
      .filter(({ spec }) => isWanted(spec.name))
      .map((place) => storedWeight(place, data));
  });
  return toTensors(weights);
}

/** Models that a browser keeps: listed, copied, moved, removed. */
import { checkText, show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { ModelArtifactsInfo } from '../artifacts';
import * as indexedDB from './indexed-db';
import * as localStorage from './local-storage';
import { handlerFor, methodOf, pathOf, schemeOf } from './router';

interface Manager {
  listModels(): Promise<Record<string, ModelArtifactsInfo>>;
  removeModel(name: string): Promise<ModelArtifactsInfo>;
}

/** By scheme, with the global that such a place needs. */
const managers: readonly { readonly scheme: string; readonly needs: string; readonly manager: Manager }[] = [
  { scheme: 'indexeddb', needs: 'indexedDB', manager: indexedDB },
  { scheme: 'localstorage', needs: 'localStorage', manager: localStorage },
];

/** @throws ArgumentError for an URL of another kind */
function managerOf(where: string, url: string): Manager {
  const scheme = schemeOf(checkText(url, where, 'url'));
  const found = managers.find((m) => m.scheme === scheme);
  if (!found)
    throw new ArgumentError(
      `${where}: needs an URL of ${managers.map((m) => `${m.scheme}://`).join(' or ')}, got ${show(url)}`,
    );
  return found.manager;
}

export async function listModels(): Promise<Record<string, ModelArtifactsInfo>> {
  const all: Record<string, ModelArtifactsInfo> = {};
  for (const { scheme, needs, manager } of managers) {
    if (!(globalThis as Record<string, unknown>)[needs]) continue;
    for (const [name, info] of Object.entries(await manager.listModels())) all[`${scheme}://${name}`] = info;
  }
  return all;
}

export const removeModel = async (url: string): Promise<ModelArtifactsInfo> =>
  managerOf('removeModel', url).removeModel(pathOf(url));

export async function copyModel(where: string, from: string, to: string): Promise<ModelArtifactsInfo> {
  checkText(from, where, 'sourceURL');
  checkText(to, where, 'destURL');
  if (from === to) throw new ArgumentError(`${where}: both URLs are ${show(from)}`);
  const [source, target] = [handlerFor(where, 'load', from), handlerFor(where, 'save', to)];
  const artifacts = await methodOf(source, 'load')();
  return (await methodOf(target, 'save')(artifacts)).modelArtifactsInfo;
}

/** The copy is complete before the original is removed. */
export async function moveModel(from: string, to: string): Promise<ModelArtifactsInfo> {
  const manager = managerOf('moveModel', from);
  const info = await copyModel('moveModel', from, to);
  await manager.removeModel(pathOf(from));
  return info;
}

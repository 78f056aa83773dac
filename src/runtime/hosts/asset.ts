/** For those who count bytes: the module is a file beside the script and is fetched while it is imported. */
import { loadBuiltin } from '../../support/optional-modules';

const load = async (url: URL): Promise<Uint8Array<ArrayBuffer>> => {
  if (url.protocol === 'file:') {
    const { readFile } = await loadBuiltin<typeof import('node:fs/promises')>('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`samegrad: ${url} answered ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

export const plain: Uint8Array<ArrayBuffer> = await load(new URL('../samegrad.wasm', import.meta.url));
export const threaded = (): Promise<Uint8Array<ArrayBuffer>> =>
  load(new URL('../samegrad-threads.wasm', import.meta.url));

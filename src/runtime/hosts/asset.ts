/** For those who count bytes: the module is a file beside the script and is fetched while it is imported. */
import { loadBuiltin } from '../hidden';

const load = async (name: string): Promise<Uint8Array<ArrayBuffer>> => {
  const url = new URL(name, import.meta.url);
  if (url.protocol === 'file:') {
    const { readFile } = await loadBuiltin<typeof import('node:fs/promises')>('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`samegrad: ${url} answered ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

export const plain: Uint8Array<ArrayBuffer> = await load('samegrad.wasm');
export const threaded = (): Promise<Uint8Array<ArrayBuffer>> => load('samegrad-threads.wasm');

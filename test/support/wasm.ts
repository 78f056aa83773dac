/** `#wasm` of the tests, which run on the sources: the modules as `npm run build` left them. */
import { readFileSync } from 'node:fs';

const read = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../../build/${name}`, import.meta.url)));

export const plain = read('samegrad.wasm');
export const threaded = async (): Promise<Uint8Array<ArrayBuffer>> => read('samegrad-threads.wasm');

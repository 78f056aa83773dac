import { load } from './asset-load';

export const threaded = (): Promise<Uint8Array<ArrayBuffer>> =>
  load(new URL('../samegrad-threads.wasm', import.meta.url));

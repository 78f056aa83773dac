/** Default build: the modules are scripts themselves, so that no path and no fetch is needed anywhere. */
import text from './samegrad.wasm.js';
import { unpack } from './unpack';

export const plain = unpack(text);
/** Loaded only when threads are asked for. */
export const threaded = async (): Promise<Uint8Array<ArrayBuffer>> =>
  unpack((await import('./samegrad-threads.wasm.js')).default);

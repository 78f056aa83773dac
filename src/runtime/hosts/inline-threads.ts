/** Default build: the modules are scripts themselves, so that no path and no fetch is needed anywhere. */
import { unpack } from './unpack';

/** Loaded only when threads are asked for. */
export const threaded = async (): Promise<Uint8Array<ArrayBuffer>> =>
  unpack((await import('./samegrad-threads.wasm.js')).default);

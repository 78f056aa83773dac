/** `#kernels` of the tests, which run on the sources: the modules as `npm run build` left them. */
import { read } from './read-wasm';

export const kernels = read('samegrad.wasm');
export const threaded = async (): Promise<Uint8Array<ArrayBuffer>> => read('samegrad-threads.wasm');

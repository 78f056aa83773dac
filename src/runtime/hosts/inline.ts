/** Default build: the module's bytes stand in the script, so that no path and no fetch is needed anywhere. */
import bytes from '../../../build/samegrad.wasm';

export const plain: Uint8Array<ArrayBuffer> = bytes;
export const threaded = async (): Promise<Uint8Array<ArrayBuffer>> => (await import('./inline-threads')).default;

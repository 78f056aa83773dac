/** Cloudflare Workers: compiling from bytes is forbidden, a static import yields the compiled module. No threads. */
import module from 'samegrad.wasm';

export const plain: WebAssembly.Module = module;
export const threaded = undefined;

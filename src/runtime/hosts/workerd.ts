/** Cloudflare Workers: compiling from bytes is forbidden, a static import yields the compiled module. */
import module from 'samegrad.wasm';

export const kernels: WebAssembly.Module = module;

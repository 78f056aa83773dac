import module from 'samegrad-predict.wasm';

export const kernels: WebAssembly.Module = module;

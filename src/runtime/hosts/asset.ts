import { load } from './asset-load';

export const kernels: Uint8Array<ArrayBuffer> = await load(new URL('../samegrad.wasm', import.meta.url));

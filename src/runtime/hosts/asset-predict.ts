import { load } from './asset-load';

export const kernels: Uint8Array<ArrayBuffer> = await load(new URL('../samegrad-predict.wasm', import.meta.url));

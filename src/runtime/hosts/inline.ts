import text from './samegrad.wasm.js';
import { unpack } from './unpack';

export const kernels = unpack(text);

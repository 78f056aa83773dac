import text from './samegrad-predict.wasm.js';
import { unpack } from './unpack';

export const kernels = unpack(text);

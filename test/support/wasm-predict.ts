/** `#kernels-predict` of the tests. */
import { read } from './read-wasm';

export const kernels = read('samegrad-predict.wasm');

/** A chunk of its own: loaded only when threads are asked for. Compressed. */
import base64 from '../../../build/samegrad-threads.wasm';

export default base64;

/** A chunk of its own: loaded only when threads are asked for. */
import bytes from '../../../build/samegrad-threads.wasm';

export default bytes;

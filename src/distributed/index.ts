/** The entry `samegrad/mpi`: several processes train one model, with the bits of one process. */
export { type InitArgs, init } from './mpi/init';
export { alone, type World } from './world';

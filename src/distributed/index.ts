/** The entry `samegrad/mpi`: several processes train one model, with the bits of one process. */
export { alone, type TrainingWorld } from './distribute';
export { type InitArgs, init } from './mpi/init';
export type { ShardArgs } from './shard';
export type { World } from './world';

/** The entry `samegrad/worker`: a page calls functions that run, with the library, in a worker of its own. */
export { type Connection, connect, type Remote, type WorkerLike } from './connect';
export { type Exposable, expose } from './expose';
export type { Data, Travelling } from './values';

/** Processes that compute together, each with its own linear memory, and what they can say to each other. */
import { show } from '../support/arguments';
import { StateError } from '../support/errors';

/**
 * A fixed number of processes. All calls but `abort` are collective: every rank makes the same ones in the same order, and
 * each returns when this rank's part is done.
 *
 * Blocks are at addresses of linear memory, multiples of 4; lengths count words of 4 bytes, which are copied as they are.
 * Parts of a block, one for each rank, are a table in linear memory: as many counts of words as there are ranks, then as
 * many distances from the block's start, in words; all int32.
 */
export interface World {
  /** The number of this process, from 0. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /**
   * Sends part r of the first block to rank r, and receives its part for this rank as part r of the second, apart from the
   * first.
   * @internal
   */
  allToAll(send: number, sendParts: number, receive: number, receiveParts: number): void;
  /**
   * Each rank has its own part of the block; then all ranks have all parts.
   * @param from where this rank has its part, apart from the block; default: in its place there
   * @internal
   */
  allGather(block: number, parts: number, from?: number): void;
  /**
   * Copies words of the root to all ranks.
   * @internal
   */
  broadcast(block: number, words: number, root: number): void;
  /**
   * Returns when all ranks have called it.
   * @throws StateError after `finalize`
   */
  barrier(): void;
  /**
   * Ends all processes at once, this one too.
   * @param code the exit code of the launcher
   * @throws StateError in a process that cannot be ended: that of `alone`
   */
  abort(code: number): never;
  /** Leaves the world: the last call. At the end of a program without errors it is called for it. */
  finalize(): void;
}

/** A world of this process alone, as one of `mpirun -n 1`, wherever there is no MPI. */
export const alone: World = {
  rank: 0,
  size: 1,
  // Nothing is ever sent: what a rank has for itself it reads where it is.
  allToAll: () => undefined,
  allGather: () => undefined,
  broadcast: () => undefined,
  barrier: () => undefined,
  abort: (code) => {
    throw new StateError(`mpi.alone.abort: the world of this one process was ended with code ${show(code)}`);
  },
  finalize: () => undefined,
};

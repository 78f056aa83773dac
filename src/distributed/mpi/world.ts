/** A world of MPI: its calls, straight on linear memory. */
import { engine } from '../../runtime/engine';
import { RuntimeSupportError, StateError } from '../../support/errors';
import type { World } from '../world';
import type { Library } from './library';

/** Other threads may compute, but this one alone calls MPI. */
const FUNNELED = 1;

export class MpiWorld implements World {
  readonly rank: number;
  readonly size: number;
  readonly #library: Library;
  #isFinal = false;

  /** Starts MPI. @throws RuntimeSupportError if this MPI allows no threads beside it */
  constructor(library: Library) {
    this.#library = library;
    const { calls, comm, base } = library;
    const cells = engine.memory.allocate(12);
    try {
      const at = base.address + cells;
      this.#must('MPI_Init_thread', calls.MPI_Init_thread(0, 0, FUNNELED, at));
      this.#must('MPI_Comm_rank', calls.MPI_Comm_rank(comm, at + 4));
      this.#must('MPI_Comm_size', calls.MPI_Comm_size(comm, at + 8));
      const [provided, rank, size] = engine.memory.i32.subarray(cells >>> 2, (cells >>> 2) + 3) as unknown as [
        number,
        number,
        number,
      ];
      if (provided < FUNNELED)
        throw new RuntimeSupportError(
          'mpi: this MPI was built without threads (MPI_THREAD_FUNNELED); install one that has them',
        );
      this.rank = rank;
      this.size = size;
    } finally {
      engine.memory.release(cells);
    }
  }

  /** MPI ends all processes when a call fails, unless the program has told it otherwise. */
  #must(name: string, code: number): void {
    if (code !== 0) throw new StateError(`mpi: ${name} failed with code ${code}`);
  }

  get #calls(): Library['calls'] {
    if (this.#isFinal) throw new StateError('mpi: the world was finalized before; finalize must be the last call');
    return this.#library.calls;
  }

  allToAll(send: number, sendParts: number, receive: number, receiveParts: number): void {
    const { comm, type } = this.#library;
    const base = this.#library.base.address;
    const distances = 4 * this.size;
    const from = base + sendParts;
    const to = base + receiveParts;
    this.#must(
      'MPI_Alltoallv',
      this.#calls.MPI_Alltoallv(
        base + send,
        from,
        from + distances,
        type,
        base + receive,
        to,
        to + distances,
        type,
        comm,
      ),
    );
  }

  allGather(block: number, parts: number, from?: number): void {
    const { comm, type, inPlace, base } = this.#library;
    const start = base.address;
    const table = start + parts;
    const own = from === undefined ? inPlace : start + from;
    const words = from === undefined ? 0 : (engine.memory.i32[(parts >>> 2) + this.rank] as number);
    this.#must(
      'MPI_Allgatherv',
      this.#calls.MPI_Allgatherv(own, words, type, start + block, table, table + 4 * this.size, type, comm),
    );
  }

  broadcast(block: number, words: number, root: number): void {
    const { comm, type, base } = this.#library;
    this.#must('MPI_Bcast', this.#calls.MPI_Bcast(base.address + block, words, type, root, comm));
  }

  barrier(): void {
    this.#must('MPI_Barrier', this.#calls.MPI_Barrier(this.#library.comm));
  }

  abort(code: number): never {
    this.#library.calls.MPI_Abort(this.#library.comm, code);
    throw new StateError(`mpi: the world was ended with code ${code}`);
  }

  finalize(): void {
    if (this.#isFinal) return;
    this.#must('MPI_Finalize', this.#calls.MPI_Finalize());
    this.#isFinal = true;
  }

  /** Whether it has been finalized. */
  get isFinal(): boolean {
    return this.#isFinal;
  }
}

/**
 * Ranks that live in one process and one linear memory, for tests without MPI. A call that has to wait for another rank
 * throws; then all ranks run again from their start, and find what was sent before. So what a rank does must be the same
 * every time.
 */
import type { World } from '../../src/distributed/world';
import { engine } from '../../src/runtime/engine';

class Waiting extends Error {}

class ReplayedRank implements World {
  #calls = 0;

  constructor(
    readonly rank: number,
    readonly size: number,
    /** By call, sender and receiver. */
    readonly mail: Map<string, Uint32Array>,
  ) {}

  #post(to: number, block: number, words: number): void {
    const key = `${this.#calls} ${this.rank} ${to}`;
    if (!this.mail.has(key)) this.mail.set(key, engine.memory.u32.slice(block >>> 2, (block >>> 2) + words));
  }

  #take(from: number, block: number, words: number): void {
    const sent = this.mail.get(`${this.#calls} ${from} ${this.rank}`);
    if (!sent) throw new Waiting(`rank ${this.rank} waits for rank ${from}`);
    if (sent.length !== words)
      throw new Error(`rank ${from} sends ${sent.length} words, rank ${this.rank} takes ${words}`);
    engine.memory.u32.set(sent, block >>> 2);
  }

  #part(parts: number, rank: number): [words: number, distance: number] {
    const { i32 } = engine.memory;
    const at = (parts >>> 2) + rank;
    return [i32[at] as number, 4 * (i32[at + this.size] as number)];
  }

  #each(f: (rank: number) => void): void {
    for (let r = 0; r < this.size; r++) f(r);
  }

  allToAll(send: number, sendParts: number, receive: number, receiveParts: number): void {
    this.#each((r) => {
      const [words, distance] = this.#part(sendParts, r);
      this.#post(r, send + distance, words);
    });
    this.#each((r) => {
      const [words, distance] = this.#part(receiveParts, r);
      this.#take(r, receive + distance, words);
    });
    this.#calls++;
  }

  allGather(block: number, parts: number, from?: number): void {
    const [words, distance] = this.#part(parts, this.rank);
    this.#each((r) => this.#post(r, from ?? block + distance, words));
    this.#each((r) => {
      const [words, distance] = this.#part(parts, r);
      this.#take(r, block + distance, words);
    });
    this.#calls++;
  }

  broadcast(block: number, words: number, root: number): void {
    if (this.rank === root) this.#each((r) => this.#post(r, block, words));
    this.#take(root, block, words);
    this.#calls++;
  }

  barrier(): void {
    this.#each((r) => this.#post(r, 0, 0));
    this.#each((r) => this.#take(r, 0, 0));
    this.#calls++;
  }

  abort(code: number): never {
    throw new Error(`rank ${this.rank} aborts with code ${code}`);
  }

  finalize(): void {
    this.barrier();
  }
}

/** What each rank returns. */
export function inRanks<T>(size: number, run: (world: World) => T): T[] {
  const replay = new Replay<T>(size);
  while (!replay.isOver) {
    replay.begin();
    for (const world of replay.worlds) replay.note(() => run(world));
  }
  return replay.results;
}

/** As `inRanks`, for what takes its time: one rank runs after another. */
export async function inRanksLater<T>(size: number, run: (world: World) => Promise<T>): Promise<T[]> {
  const replay = new Replay<T>(size);
  while (!replay.isOver) {
    replay.begin();
    for (const world of replay.worlds) {
      const outcome = await run(world).then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
      replay.note(outcome);
    }
  }
  return replay.results;
}

/** Runs of all ranks, until none of them waits. */
class Replay<T> {
  results: T[] = [];
  readonly #mail = new Map<string, Uint32Array>();
  #sent = -1;
  #missing: Waiting | undefined;

  constructor(readonly size: number) {}

  get isOver(): boolean {
    return this.results.length === this.size;
  }

  /** All begin again. @throws if nothing was sent since the last time: they would wait for ever */
  begin(): void {
    if (this.#mail.size === this.#sent) throw this.#missing ?? new Error('no rank sends anything');
    this.#sent = this.#mail.size;
    this.results = [];
  }

  get worlds(): World[] {
    return Array.from({ length: this.size }, (_, rank) => new ReplayedRank(rank, this.size, this.#mail));
  }

  /** What a rank has done. @throws what it throws, unless it waits */
  note(outcome: () => T): void {
    try {
      this.results.push(outcome());
    } catch (error) {
      if (!(error instanceof Waiting)) throw error;
      this.#missing = error;
    }
  }
}

/** Memory that is held for speed alone: workspaces of idle programs, scratch. It is released when others need it. */

/** Bytes of idle memory that linear memory grows for; beyond them the reserves that were used longest ago go first. */
const IDLE = 64 << 20;

/** A block that can be released at any time, except while it is in use, because its owner can take another one. */
export abstract class Reserve {
  /** Neighbours in the order of last use, set by `Reserves`. */
  older: Reserve | undefined;
  newer: Reserve | undefined;
  abstract readonly bytes: number;
  /** Frees the memory, and leaves the reserves. False if it is in use: nothing has changed then. */
  abstract letGo(): boolean;
}

/** A cache of more than memory (programs by shape), which drops all entries except the last used. */
export interface Cache {
  shrink(): void;
}

export class Reserves {
  #oldest: Reserve | undefined;
  #newest: Reserve | undefined;
  #bytes = 0;
  /** Weak: a cache lives as long as its owner. */
  readonly #caches = new Set<WeakRef<Cache>>();
  readonly #forgotten = new FinalizationRegistry<WeakRef<Cache>>((ref) => this.#caches.delete(ref));

  /** Bytes that could be released now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Makes a reserve the one that was used last; adds it if it is new. */
  use(reserve: Reserve): void {
    if (reserve === this.#newest) return;
    if (this.#holds(reserve)) this.#unlink(reserve);
    else this.#bytes += reserve.bytes;
    reserve.older = this.#newest;
    if (this.#newest) this.#newest.newer = reserve;
    else this.#oldest = reserve;
    this.#newest = reserve;
  }

  remove(reserve: Reserve): void {
    if (!this.#holds(reserve)) return;
    this.#unlink(reserve);
    this.#bytes -= reserve.bytes;
  }

  /** Lets reserves go, those used longest ago first, until at most `keep` bytes are left. Returns whether any went. */
  trim(keep = IDLE): boolean {
    let hasChanged = false;
    let next = this.#oldest;
    while (next && this.#bytes > keep) {
      const reserve = next;
      next = reserve.newer;
      if (reserve.letGo()) hasChanged = true;
    }
    return hasChanged;
  }

  /** Lets everything go that can be. */
  trimAll(): void {
    for (const ref of this.#caches) ref.deref()?.shrink();
    this.trim(0);
  }

  /** A cache that shrinks when memory is short, while it lives. */
  watch(cache: Cache): void {
    const ref = new WeakRef(cache);
    this.#caches.add(ref);
    this.#forgotten.register(cache, ref);
  }

  #holds(reserve: Reserve): boolean {
    return reserve === this.#oldest || reserve.older !== undefined;
  }

  #unlink(reserve: Reserve): void {
    const { older, newer } = reserve;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
    reserve.older = undefined;
    reserve.newer = undefined;
  }
}

export const reserves = new Reserves();

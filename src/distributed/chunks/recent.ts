/** What was made for sizes that may come again. */
import type { Held } from '../../tensor/storage';

/** Entries that are kept; of more, the one that was made first is released. */
const MOST = 8;

export class Recent<T extends Held, K = number> {
  readonly #entries = new Map<K, T>();

  get(key: K): T | undefined {
    return this.#entries.get(key);
  }

  add(key: K, value: T): void {
    if (this.#entries.size === MOST)
      for (const [first, oldest] of this.#entries) {
        this.#entries.delete(first);
        oldest.release();
        break;
      }
    this.#entries.set(key, value);
  }

  every(fits: (value: T) => boolean): boolean {
    for (const value of this.#entries.values()) if (!fits(value)) return false;
    return true;
  }

  map<U>(fn: (value: T) => U): U[] {
    return [...this.#entries.values()].map(fn);
  }

  clear(): void {
    for (const value of this.#entries.values()) value.release();
    this.#entries.clear();
  }
}

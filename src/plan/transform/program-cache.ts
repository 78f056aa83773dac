/** Programs of one function or model, each for other shapes. */
import { reserves } from '../../runtime/reserves';
import type { Program } from '../program';

/** Programs that are kept; of more, the least recently used one is dropped. */
const KEPT = 32;

/**
 * Looked up by its owner, from `size - 1` (used last) down to 0. The workspaces of idle programs are freed before (see
 * `Workspace`); this bounds what else programs hold. When memory is short, all but the one used last are dropped.
 */
export class ProgramCache<T extends { readonly program: Program }> {
  /** The one that was used last is the last. */
  readonly #entries: T[] = [];

  constructor() {
    reserves.watch(this);
  }

  get size(): number {
    return this.#entries.length;
  }

  at(index: number): T {
    return this.#entries[index] as T;
  }

  /** Makes an entry the one that was used last. Undefined if its program is stale: it is disposed of then. */
  use(index: number): T | undefined {
    const entries = this.#entries;
    const entry = entries[index] as T;
    for (let i = index; i < entries.length - 1; i++) entries[i] = entries[i + 1] as T;
    entries[entries.length - 1] = entry;
    if (entry.program.isCurrent) return entry;
    entries.pop();
    entry.program.dispose();
    return undefined;
  }

  /** Keeps an entry as the one that was used last. */
  add(entry: T): void {
    this.#keep(KEPT - 1);
    this.#entries.push(entry);
  }

  shrink(): void {
    this.#keep(1);
  }

  clear(): void {
    this.#keep(0);
  }

  #keep(count: number): void {
    const old = this.#entries.splice(0, Math.max(0, this.#entries.length - count));
    for (const { program } of old) program.dispose();
  }
}

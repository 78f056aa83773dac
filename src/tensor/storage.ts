/** Counted ownership of blocks of linear memory. */
import { engine } from '../runtime/engine';

/** A block with the number of tensors, programs and variables that use it; it returns to the allocator at zero. */
export class Storage {
  /** Blocks alive, and tensors' bytes in them, for `sg.memory()`. */
  static live = 0;
  readonly address: number;
  readonly bytes: number;
  #users = 1;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.address = engine.memory.allocate(bytes);
    Storage.live++;
  }

  retain(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users > 0) return;
    Storage.live--;
    engine.memory.release(this.address);
  }
}

const holders = new FinalizationRegistry<Storage[]>((storages) => {
  for (const s of storages.splice(0)) s.release();
});

/**
 * Releases what is in the list when its owner has been forgotten. The list may change meanwhile; the owner empties it
 * when it releases the storages itself.
 */
export function releaseWith(owner: object, storages: Storage[]): void {
  holders.register(owner, storages);
}

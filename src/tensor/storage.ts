/** Counted ownership of blocks of linear memory. */
import { engine } from '../runtime/engine';
import { StateError } from '../runtime/errors';
import { grew, shrank } from '../runtime/pressure';

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
    grew(engine.memory.bytesInUse);
    Storage.live++;
  }

  /** @throws StateError if the block has returned to the allocator */
  retain(): this {
    if (this.#users <= 0) throw new StateError(`storage: the block at ${this.address} was released before`);
    this.#users++;
    return this;
  }

  /** @throws StateError if nobody uses the block any more */
  release(): void {
    if (this.#users <= 0) throw new StateError(`storage: the block at ${this.address} was released before`);
    if (--this.#users > 0) return;
    Storage.live--;
    engine.memory.release(this.address);
  }
}

/** Memory that is held, one use of it or all. */
export interface Held {
  release(): void;
}

const holders = new FinalizationRegistry<Held[]>((held) => {
  for (const h of held.splice(0)) h.release();
  shrank(engine.memory.bytesInUse);
});

/**
 * Releases what is in the list when its owner has been forgotten. The list may change meanwhile; the owner empties it
 * when it releases what is in it itself.
 */
export function releaseWith(owner: object, held: Held[]): void {
  holders.register(owner, held);
}

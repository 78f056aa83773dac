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

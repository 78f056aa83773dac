/** Counted ownership of blocks of linear memory. */
import { engine } from '../runtime/engine';
import { StateError } from '../runtime/errors';
import { yieldToEventLoop } from '../runtime/yield';

/** The growth of memory in use after which the collector is asked to look for tensors that were forgotten. */
const STEP = 128 << 20;
let askAt = 2 * STEP;
let isPressed = false;

/**
 * Garbage collectors see how large array buffers are, but not what tensors hold in linear memory. A buffer that is
 * dropped at once, its pages never touched, tells them.
 */
function ask(): void {
  void new ArrayBuffer(STEP);
  askAt = engine.memory.bytesInUse + STEP;
  isPressed = true;
}

/**
 * Lets finalizers run, which need a turn of the event loop, if much memory was taken since the last time. Called where
 * the user waits anyway, so that a loop that forgets its tensors does not grow without bound.
 */
export async function relieve(): Promise<void> {
  if (!isPressed) return;
  isPressed = false;
  await yieldToEventLoop();
  askAt = Math.max(2 * STEP, engine.memory.bytesInUse + STEP);
}

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
    if (engine.memory.bytesInUse > askAt) ask();
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
});

/**
 * Releases what is in the list when its owner has been forgotten. The list may change meanwhile; the owner empties it
 * when it releases what is in it itself.
 */
export function releaseWith(owner: object, held: Held[]): void {
  holders.register(owner, held);
}

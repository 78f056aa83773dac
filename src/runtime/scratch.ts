/** Memory that kernels use while they run: a part for each thread, and for each command the same. */
import type { Memory } from './memory';
import { Reserve, reserves } from './reserves';

/** Parts are rounded up so that threads never write to one cache line. */
const LINE = 64;
/** Most elementwise programs need less: one area is enough for all of them. */
const LEAST = 32768;

export class ScratchArea extends Reserve {
  /** Of the caller's part. */
  address = 0;
  /** From one part to the next. */
  stride = 0;
  bytes = 0;
  #isHeld = false;

  constructor(readonly memory: Memory) {
    super();
  }

  /**
   * Makes room, and keeps it until `free`.
   * @returns whether the area has changed
   * @throws OutOfMemoryError
   */
  hold(stride: number, parts: number): boolean {
    const isEnough = stride <= this.stride && this.stride * parts <= this.bytes;
    if (!isEnough) this.#take(Math.max(LEAST, this.stride, Math.ceil(stride / LINE) * LINE), parts);
    reserves.use(this);
    this.#isHeld = true;
    return !isEnough;
  }

  free(): void {
    this.#isHeld = false;
  }

  letGo(): boolean {
    if (this.#isHeld) return false;
    reserves.remove(this);
    this.memory.release(this.address);
    this.bytes = 0;
    this.stride = 0;
    return true;
  }

  #take(stride: number, parts: number): void {
    this.#isHeld = false;
    if (this.bytes > 0) this.letGo();
    this.address = this.memory.allocate(stride * parts);
    this.stride = stride;
    this.bytes = stride * parts;
  }
}

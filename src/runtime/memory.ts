/** Linear memory: blocks, growth, and typed views that are always of the present buffer. */

import { OutOfMemoryError } from '../support/errors';
import { Allocator } from './allocator';
import { reserves } from './reserves';

const PAGE = 65536;
/** All that 32-bit addresses reach but the last page, so that the address after the end of a block never wraps to 0. */
export const MAX_PAGES = 65535;

const mib = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(1)} MiB`;

export class Memory {
  #wasm: WebAssembly.Memory;
  /** Pages that it may grow to. */
  #maximum = MAX_PAGES;
  readonly #allocator: Allocator;
  #f32!: Float32Array<ArrayBufferLike>;
  #f64!: Float64Array<ArrayBufferLike>;
  #i32!: Int32Array<ArrayBufferLike>;
  #u32!: Uint32Array<ArrayBufferLike>;
  /** While another thread runs a program: waits until it has. Blocks may be allocated and released meanwhile. */
  awaitReturn: (() => void) | undefined;

  readonly #heapStart: number;

  constructor(wasm: WebAssembly.Memory, heapStart: number) {
    this.#wasm = wasm;
    this.#heapStart = heapStart;
    this.#allocator = new Allocator(heapStart, wasm.buffer.byteLength);
    this.#refresh();
  }

  get f32(): Float32Array<ArrayBufferLike> {
    this.awaitReturn?.();
    return this.#f32;
  }

  get f64(): Float64Array<ArrayBufferLike> {
    this.awaitReturn?.();
    return this.#f64;
  }

  get i32(): Int32Array<ArrayBufferLike> {
    this.awaitReturn?.();
    return this.#i32;
  }

  get u32(): Uint32Array<ArrayBufferLike> {
    this.awaitReturn?.();
    return this.#u32;
  }

  /** Bytes in blocks now. */
  get bytesInUse(): number {
    return this.#allocator.bytesInUse;
  }

  /** Bytes in blocks now, at most so far, and the size of linear memory. */
  get usage(): { bytesInUse: number; peakBytes: number; capacity: number; blocks: number } {
    const { bytesInUse, peakBytes, blocks } = this.#allocator;
    return { bytesInUse, peakBytes, blocks, capacity: this.#wasm.buffer.byteLength };
  }

  /**
   * A block of at least `bytes`, aligned to 64; its content is unspecified. Reserves are freed before linear memory grows
   * beyond the limit for idle memory, and all of them before memory is exhausted.
   * @throws OutOfMemoryError when linear memory cannot grow far enough, ArgumentError unless it is a number of bytes;
   * nothing is changed then.
   */
  allocate(bytes: number): number {
    let start = this.#allocator.allocate(bytes);
    // What can never fit costs nobody anything.
    if (start < 0 && bytes > this.#maximum * PAGE) this.#refuse(bytes);
    if (start < 0 && reserves.trim()) start = this.#allocator.allocate(bytes);
    if (start < 0 && this.#grow(bytes)) start = this.#allocator.allocate(bytes);
    if (start < 0) {
      reserves.trimAll();
      start = this.#allocator.allocate(bytes);
      if (start < 0 && this.#grow(bytes)) start = this.#allocator.allocate(bytes);
    }
    if (start < 0) this.#refuse(bytes);
    return start;
  }

  release(start: number): void {
    this.#allocator.release(start);
  }

  /** Pages that another memory needs to hold all blocks at the same addresses. */
  get pagesNeeded(): number {
    return Math.ceil(this.#allocator.top / PAGE);
  }

  /**
   * Moves all blocks, at the same addresses, to another memory, which is grown as needed. Bytes below the heap are
   * not touched: threads may be waiting there already.
   * @param maximum pages that the other memory may grow to
   * @throws OutOfMemoryError if it cannot grow far enough; nothing is changed then
   */
  moveTo(wasm: WebAssembly.Memory, maximum: number): void {
    this.awaitReturn?.();
    const bytes = this.#allocator.top;
    const missing = Math.ceil((bytes - wasm.buffer.byteLength) / PAGE);
    if (missing > 0) {
      try {
        wasm.grow(missing);
      } catch (cause) {
        throw new OutOfMemoryError(
          `out of memory: ${mib(bytes)} must move to memory that threads can share, which cannot grow beyond ` +
            `${mib(wasm.buffer.byteLength)}; dispose of tensors, or set threads before they are made`,
          { cause },
        );
      }
    }
    const blocks = new Uint8Array(this.#wasm.buffer, this.#heapStart, bytes - this.#heapStart);
    new Uint8Array(wasm.buffer).set(blocks, this.#heapStart);
    this.#wasm = wasm;
    this.#maximum = maximum;
    this.#refresh();
  }

  /** Whether linear memory could grow far enough. */
  #grow(bytes: number): boolean {
    const needed = Math.ceil(this.#allocator.shortfall(bytes) / PAGE);
    const pages = this.#wasm.buffer.byteLength / PAGE;
    // A quarter more than there is, so that many small blocks do not each pay for growing.
    for (const more of [Math.max(needed, Math.min(pages >> 2, this.#maximum - pages)), needed]) {
      try {
        this.#wasm.grow(more);
        this.#refresh();
        return true;
      } catch {
        // Refused: the smaller request may still succeed.
      }
    }
    return false;
  }

  #refuse(bytes: number): never {
    const { capacity } = this.usage;
    throw new OutOfMemoryError(
      `out of memory: ${mib(bytes)} asked for, ${mib(this.#allocator.bytesInUse)} in use, ` +
        `linear memory is at ${mib(capacity)} of at most ${mib(this.#maximum * PAGE)}`,
    );
  }

  #refresh(): void {
    const { buffer } = this.#wasm;
    this.#f32 = new Float32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#allocator.limit = buffer.byteLength;
  }
}

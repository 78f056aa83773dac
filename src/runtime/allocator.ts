/** Blocks of linear memory: which bytes are in use. It knows only addresses; the caller grows memory. */

import { ArgumentError, StateError } from '../support/errors';
import { roundUp } from '../support/round';

/** A cache line: vectors never straddle two, and threads never share one by chance. */
const ALIGN = 64;
/** How many released blocks wait for a request of their very size before they merge with their neighbours. */
const WAITING = 4;
/** How many free blocks of one size class are tried before a larger class is split. */
const TRIES = 24;

/** Bytes of the block for a request. @throws ArgumentError unless it is a number of bytes: anything else would corrupt all addresses */
export function blockBytes(bytes: number): number {
  if (typeof bytes !== 'number' || !(bytes >= 0) || (bytes !== Number.POSITIVE_INFINITY && !Number.isInteger(bytes)))
    throw new ArgumentError(`memory: the size of a block must be a non-negative integer, got ${String(bytes)}`);
  return Math.max(ALIGN, roundUp(bytes, ALIGN));
}
/** Class of a size: the number of its binary digits. */
const classOf = (size: number): number => (size < 2147483648 ? 32 - Math.clz32(size) : 33);

/**
 * Segregated free lists with coalescing. Blocks are aligned to 64 bytes. The last few that were released are kept as
 * they are, as the next op most often wants the same size again; they merge with free neighbours before memory grows.
 */
export class Allocator {
  #top: number;
  #limit: number;
  /** Sizes of the blocks in use, and of those that wait. */
  readonly #used = new Map<number, number>();
  /** Starts of released blocks that are still as they were, the latest last. */
  readonly #waiting: number[] = [];
  /** Free blocks by start, and the start of a free block by its end. */
  readonly #free = new Map<number, number>();
  readonly #ends = new Map<number, number>();
  /** Starts of the free blocks of each class, and where in its bin each one is. */
  readonly #bins: number[][] = Array.from({ length: 34 }, () => []);
  readonly #places = new Map<number, number>();
  #bytesInUse = 0;
  #peak = 0;

  constructor(start: number, limit: number) {
    this.#top = blockBytes(start);
    this.#limit = limit;
  }

  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  get peakBytes(): number {
    return this.#peak;
  }

  get blocks(): number {
    return this.#used.size - this.#waiting.length;
  }

  /** End of the memory that blocks may use; raised after linear memory has grown. */
  get limit(): number {
    return this.#limit;
  }

  set limit(bytes: number) {
    this.#limit = bytes;
  }

  /** First address that no block has ever used: the bytes below are copied when memory moves. */
  get top(): number {
    this.#settle(0);
    return this.#top;
  }

  /**
   * Address of a block of at least `bytes`, or -1 with no change when there is no room below the limit.
   * @throws ArgumentError unless `bytes` is a non-negative integer; nothing is changed then
   */
  allocate(bytes: number): number {
    const size = blockBytes(bytes);
    const start = this.#again(size) ?? this.#place(size);
    if (start === undefined) return -1;
    this.#bytesInUse += size;
    if (this.#bytesInUse > this.#peak) this.#peak = this.#bytesInUse;
    return start;
  }

  /** Bytes by which the limit has to rise for a block of `bytes`. */
  shortfall(bytes: number): number {
    this.#settle(0);
    return Math.max(0, this.#top + blockBytes(bytes) - this.#limit);
  }

  /** @throws StateError if no block in use starts there; nothing is changed then */
  release(start: number): void {
    const size = this.#used.get(start);
    if (size === undefined || this.#waiting.includes(start)) throw new StateError(`allocator: no block at ${start}`);
    this.#bytesInUse -= size;
    this.#waiting.push(start);
    this.#settle(WAITING);
  }

  /** A waiting block of this very size. */
  #again(size: number): number | undefined {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const start = this.#waiting[i] as number;
      if (this.#used.get(start) !== size) continue;
      this.#waiting.splice(i, 1);
      return start;
    }
    return undefined;
  }

  #place(size: number): number | undefined {
    let start = this.#reuse(size);
    if (start === undefined) {
      this.#settle(0);
      start = this.#reuse(size) ?? this.#extend(size);
    }
    if (start !== undefined) this.#used.set(start, size);
    return start;
  }

  /** Frees waiting blocks, the oldest first, until no more than `count` are left. */
  #settle(count: number): void {
    while (this.#waiting.length > count) this.#merge(this.#waiting.shift() as number);
  }

  /** Frees a block, together with its free neighbours. */
  #merge(start: number): void {
    let size = this.#used.get(start) as number;
    this.#used.delete(start);
    const after = this.#free.get(start + size);
    if (after !== undefined) {
      this.#forget(start + size, after);
      size += after;
    }
    const before = this.#ends.get(start);
    if (before !== undefined) {
      const length = start - before;
      this.#forget(before, length);
      start = before;
      size += length;
    }
    if (start + size === this.#top) this.#top = start;
    else this.#addFree(start, size);
  }

  #reuse(size: number): number | undefined {
    for (let c = classOf(size); c < this.#bins.length; c++) {
      const bin = this.#bins[c] as number[];
      for (let i = bin.length - 1; i >= 0 && i >= bin.length - TRIES; i--) {
        const start = bin[i] as number;
        const length = this.#free.get(start) as number;
        if (length < size) continue;
        this.#forget(start, length);
        if (length > size) this.#addFree(start + size, length - size);
        return start;
      }
    }
    return undefined;
  }

  #extend(size: number): number | undefined {
    if (this.#top + size > this.#limit) return undefined;
    const start = this.#top;
    this.#top += size;
    return start;
  }

  #addFree(start: number, size: number): void {
    this.#free.set(start, size);
    this.#ends.set(start + size, start);
    this.#places.set(start, (this.#bins[classOf(size)] as number[]).push(start) - 1);
  }

  #forget(start: number, size: number): void {
    this.#free.delete(start);
    this.#ends.delete(start + size);
    // The last of the bin takes the place.
    const bin = this.#bins[classOf(size)] as number[];
    const place = this.#places.get(start) as number;
    const last = bin.pop() as number;
    this.#places.delete(start);
    if (last === start) return;
    bin[place] = last;
    this.#places.set(last, place);
  }
}

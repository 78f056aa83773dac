/** Bytes of a file, read within their bounds. */
import { FormatError } from '../../../support/errors';
import type { Source } from '../../formats/format';

/** Address of what does not exist. */
export const NOWHERE = -1;

/** Bytes that must be read before what was asked for can be told. */
class Missing extends Error {
  constructor(
    readonly from: number,
    readonly to: number,
  ) {
    super('bytes of the file were not read yet');
  }
}

/** Bytes that are here: the beginning of a window, and all of it. */
interface Window {
  readonly from: number;
  readonly bytes: Uint8Array;
}

const PAGE = 1 << 16;
/** Most names are shorter. */
const SHORT = 256;
/** Files up to this size are read at once. */
const SMALL = 1 << 20;

/**
 * A file: every read is checked, and all reads together are limited, so that structures which refer to each other in
 * circles, or all to the same bytes, end with an error. What is read are windows around what was asked for: see `complete`.
 */
export class FileBytes {
  /** Over bytes that `seek` has found. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the first byte of `view` is in the file, and behind the last. */
  #from = 0;
  #to = 0;
  /** Bytes of addresses and lengths; the superblock says how many. */
  widths = { offset: 8, length: 8 };
  /** What addresses are counted from. */
  base = 0;
  readonly size: number;
  #left: number;
  readonly #windows = new Map<number, Window>();
  /** Bytes that are read at least: more each time, so that not many times are needed. */
  #step = PAGE;

  constructor(readonly source: Source) {
    this.size = source.size;
    this.#left = 1e6 + 64 * source.size;
    if (source.whole) this.#show(0, source.whole);
  }

  #show(from: number, bytes: Uint8Array): void {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#from = from;
    this.#to = from + bytes.length;
  }

  /** The place in `view` of bytes of the file, which are in it from now on. */
  seek(from: number, count: number): number {
    if (from < this.#from || from + count > this.#to) this.#find(from, from + count);
    return from - this.#from;
  }

  #find(from: number, to: number): void {
    const first = this.#windows.get(Math.floor(from / PAGE));
    if (first && to <= first.from + first.bytes.length) return this.#show(first.from, first.bytes);
    const joined = new Uint8Array(to - from);
    for (let at = from; at < to; ) {
      const window = this.#windows.get(Math.floor(at / PAGE));
      if (!window) throw new Missing(at, to);
      const part = window.bytes.subarray(at - window.from, to - window.from);
      joined.set(part, at - from);
      at += part.length;
    }
    this.#show(from, joined);
  }

  /** Bytes as they are in the file. */
  bytes(from: number, to: number): Uint8Array {
    if (from >= to) return new Uint8Array(0);
    const at = this.seek(from, to - from);
    return new Uint8Array(this.view.buffer, this.view.byteOffset + at, to - from);
  }

  /** What a function finds in the file, which is called again whenever bytes that it needs were read. */
  async complete<T>(find: () => T): Promise<T> {
    for (;;) {
      const left = this.#left;
      try {
        return find();
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        await this.#read(error);
        this.#left = left;
      }
    }
  }

  async #read({ from, to }: Missing): Promise<void> {
    const first = Math.floor(from / PAGE) * PAGE;
    const last = this.size <= SMALL ? this.size : Math.ceil(Math.max(to, first + this.#step) / PAGE) * PAGE;
    const window = { from: first, bytes: await this.source.read(first, Math.min(this.size, last)) };
    this.#step *= 2;
    for (let at = 0; at < window.bytes.length; at += PAGE) this.#windows.set((first + at) / PAGE, window);
  }

  refuse(why: string): never {
    throw new FormatError(`HDF5: ${why}`);
  }

  /** Counts work that the size of the file does not bound. */
  spend(count: number): void {
    this.#left -= count;
    if (this.#left < 0) this.refuse('its parts refer to each other in circles');
  }

  /** A cursor over the bytes of [at, at + size). @throws FormatError unless the file has them */
  cursor(at: number, size: number, what: string): Cursor {
    const from = this.base + at;
    if (at < 0 || !(size >= 0) || from + size > this.size)
      this.refuse(`${what} is not all there: ${size} bytes from byte ${at} of ${this.size}`);
    this.spend(16);
    return new Cursor(this, from, from + size, what);
  }

  /** As `cursor`, up to the end of the file, for what does not tell its size first. */
  rest(at: number, what: string, most = Infinity): Cursor {
    return this.cursor(at, Math.min(most, Math.max(0, this.size - this.base - at)), what);
  }
}

export class Cursor {
  readonly #start: number;

  constructor(
    readonly file: FileBytes,
    private at: number,
    private readonly end: number,
    private readonly what: string,
  ) {
    this.#start = at;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.at - this.#start;
  }

  refuse(why: string): never {
    return this.file.refuse(`${this.what}: ${why}`);
  }

  #take(count: number): number {
    if (!(count >= 0) || count > this.left) this.refuse('ends too early');
    // What is read counts, not what could be: many parts are windows up to the end of the file.
    this.file.spend(count);
    const { at } = this;
    this.at += count;
    return at;
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** Moves on to the next multiple of `step`, counted from the beginning. */
  align(step: number): void {
    this.skip(Math.min(this.left, -this.position & (step - 1)));
  }

  u8(): number {
    const at = this.file.seek(this.#take(1), 1);
    return this.file.view.getUint8(at);
  }

  u16(): number {
    const at = this.file.seek(this.#take(2), 2);
    return this.file.view.getUint16(at, true);
  }

  u32(): number {
    const at = this.file.seek(this.#take(4), 4);
    return this.file.view.getUint32(at, true);
  }

  /** An unsigned number of so many bytes. @throws FormatError beyond 2^53 */
  unsigned(width: number): number {
    const from = this.file.seek(this.#take(width), width);
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + this.file.view.getUint8(from + i);
    if (value > Number.MAX_SAFE_INTEGER) this.refuse('a number is larger than any file');
    return value;
  }

  /** An address, or NOWHERE. */
  offset(): number {
    const { offset } = this.file.widths;
    const all = this.file.bytes(this.at, this.at + Math.min(offset, this.left));
    if (all.length === offset && all.every((b) => b === 0xff)) {
      this.skip(offset);
      return NOWHERE;
    }
    return this.unsigned(offset);
  }

  length(): number {
    return this.unsigned(this.file.widths.length);
  }

  /** The next bytes, as they lie in the file. */
  bytes(count: number): Uint8Array {
    const { from, to } = this.range(count);
    return this.file.bytes(from, to);
  }

  /** Where the next bytes are in the file, which need not be read. */
  range(count: number): { readonly from: number; readonly to: number } {
    const from = this.#take(count);
    return { from, to: from + count };
  }

  /** A cursor of its own over the next bytes. */
  part(count: number): Cursor {
    const from = this.#take(count);
    return new Cursor(this.file, from, from + count, this.what);
  }

  /** The same bytes from their beginning. */
  again(): Cursor {
    return new Cursor(this.file, this.#start, this.end, this.what);
  }

  /** Text up to a zero, or to the end. */
  text(): string {
    const length = this.#untilZero();
    const bytes = this.bytes(length);
    if (this.left) this.skip(1);
    return decode(bytes);
  }

  /** Bytes before the next zero, or all that are left. */
  #untilZero(): number {
    for (let at = this.at; at < this.end; at += SHORT) {
      const zero = this.file.bytes(at, Math.min(this.end, at + SHORT)).indexOf(0);
      if (zero >= 0) return at + zero - this.at;
    }
    return this.left;
  }

  /** @throws FormatError unless these four letters are next */
  signature(expected: string): void {
    const found = String.fromCharCode(...this.bytes(4));
    if (found !== expected) this.refuse(`begins with ${JSON.stringify(found)}, not with '${expected}'`);
  }
}

const utf8 = new TextDecoder();

/** Bytes as text, without the zeros that fill it up. */
export function decode(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return utf8.decode(bytes.subarray(0, end));
}

/** Bytes of a file, read within their bounds. */
import { FormatError } from '../../../support/errors';

/** Address of what does not exist. */
export const NOWHERE = -1;

/**
 * A file: every read is checked, and all reads together are limited, so that structures which refer to each other in
 * circles, or all to the same bytes, end with an error.
 */
export class FileBytes {
  readonly view: DataView;
  /** Bytes of addresses and lengths; the superblock says how many. */
  widths = { offset: 8, length: 8 };
  /** What addresses are counted from. */
  base = 0;
  #left: number;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#left = 1e6 + 64 * bytes.length;
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
    if (at < 0 || !(size >= 0) || from + size > this.bytes.length)
      this.refuse(`${what} is not all there: ${size} bytes from byte ${at} of ${this.bytes.length}`);
    this.spend(16);
    return new Cursor(this, from, from + size, what);
  }

  /** As `cursor`, up to the end of the file, for what does not tell its size first. */
  rest(at: number, what: string, most = Infinity): Cursor {
    return this.cursor(at, Math.min(most, Math.max(0, this.bytes.length - this.base - at)), what);
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
    return this.file.view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.file.view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.file.view.getUint32(this.#take(4), true);
  }

  /** An unsigned number of so many bytes. @throws FormatError beyond 2^53 */
  unsigned(width: number): number {
    const from = this.#take(width);
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + this.file.view.getUint8(from + i);
    if (value > Number.MAX_SAFE_INTEGER) this.refuse('a number is larger than any file');
    return value;
  }

  /** An address, or NOWHERE. */
  offset(): number {
    const { offset } = this.file.widths;
    const all = this.file.bytes.subarray(this.at, this.at + offset);
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
    const from = this.#take(count);
    return this.file.bytes.subarray(from, from + count);
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
    const from = this.at;
    const zero = this.file.bytes.subarray(from, this.end).indexOf(0);
    const bytes = this.bytes(zero < 0 ? this.left : zero);
    if (zero >= 0) this.skip(1);
    return decode(bytes);
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

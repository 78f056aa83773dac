/**
 * The wire format of protocol buffers. Every length is checked before it is used; bytes stay views of the file; integers
 * of 64 bits are exact. A writer keeps large bytes as they are: a message is a list of pieces.
 */
import { FormatError } from '../../support/errors';

/** An integer of 64 bits: a bigint where a number would not be exact. */
export type Int64 = number | bigint;

/** How a field is stored. */
export const Wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const TWO_32 = 0x100000000;

/** The same bytes as a plain array: Node's Buffer has a `slice` of its own that does not copy. */
export const plainBytes = (bytes: Uint8Array): Uint8Array =>
  bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export class WireReader {
  readonly #view: DataView;
  readonly bytes: Uint8Array;
  /** Where the next byte is. */
  at: number;

  /** @param what names the file in errors */
  constructor(
    bytes: Uint8Array,
    readonly what: string,
    from = 0,
    readonly end = bytes.length,
  ) {
    this.bytes = plainBytes(bytes);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = from;
  }

  fail(reason: string): FormatError {
    return new FormatError(`${this.what}: is not an ONNX file, or damaged: ${reason} (byte ${this.at})`);
  }

  /** Steps over bytes that have to be there; returns where they begin. */
  #take(count: number): number {
    const from = this.at;
    if (count > this.end - from) throw this.fail(`${count} bytes are missing`);
    this.at = from + count;
    return from;
  }

  byte(): number {
    return this.bytes[this.#take(1)] as number;
  }

  /** Lower and upper half of a varint. */
  #halves(): [number, number] {
    let [low, high] = [0, 0];
    for (let shift = 0; shift < 70; shift += 7) {
      const b = this.byte();
      const bits = b & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 64) high |= bits << (shift - 32);
      if (b < 0x80) return [low >>> 0, high >>> 0];
    }
    throw this.fail('an integer has more than 64 bits');
  }

  /** A non-negative integer: a tag or a length. */
  unsigned(): number {
    const [low, high] = this.#halves();
    return high * TWO_32 + low;
  }

  int64(): Int64 {
    const [low, high] = this.#halves();
    const value = (high | 0) * TWO_32 + low;
    if (Number.isSafeInteger(value)) return value;
    return (BigInt(high | 0) << 32n) | BigInt(low);
  }

  uint64(): Int64 {
    const [low, high] = this.#halves();
    const value = high * TWO_32 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
  }

  /** Of 32 bits; negative ones are stored in 64. */
  int32(): number {
    return this.#halves()[0] | 0;
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A view of bytes that come after their length. */
  view(): Uint8Array {
    const count = this.unsigned();
    const from = this.#take(count);
    return this.bytes.subarray(from, from + count);
  }

  text(): string {
    return decoder.decode(this.view());
  }

  /** What reads the bytes of an inner message, or of a packed list. */
  inner(): WireReader {
    const count = this.unsigned();
    const from = this.#take(count);
    return new WireReader(this.bytes, this.what, from, from + count);
  }

  /** Passes over a field that is not known. */
  skip(wire: number): void {
    if (wire === Wire.varint) this.#halves();
    else if (wire === Wire.fixed64) this.#take(8);
    else if (wire === Wire.bytes) this.view();
    else if (wire === Wire.fixed32) this.#take(4);
    else throw this.fail(`a field has the unknown wire type ${wire}`);
  }
}

/** Bytes that are not copied when one message becomes part of another. */
const LARGE = 4096;

export class WireWriter {
  readonly #pieces: Uint8Array[] = [];
  #buffer = new Uint8Array(64);
  #used = 0;
  /** Bytes written. */
  size = 0;

  /** Room for some bytes in the buffer; returns where. */
  #room(count: number): number {
    const from = this.#used;
    if (from + count > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(2 * this.#buffer.length, from + count));
      larger.set(this.#buffer.subarray(0, from));
      this.#buffer = larger;
    }
    this.#used += count;
    this.size += count;
    return from;
  }

  byte(value: number): void {
    const at = this.#room(1);
    this.#buffer[at] = value;
  }

  varint(value: Int64): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    if (rest <= SAFE) {
      let small = Number(rest);
      for (; small >= 0x80; small = Math.floor(small / 0x80)) this.byte((small % 0x80) | 0x80);
      return this.byte(small);
    }
    for (; rest >= 0x80n; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest));
  }

  tag(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  float(value: number): void {
    const at = this.#room(4);
    new DataView(this.#buffer.buffer).setFloat32(at, value, true);
  }

  double(value: number): void {
    const at = this.#room(8);
    new DataView(this.#buffer.buffer).setFloat64(at, value, true);
  }

  /** Bytes after their length; many are not copied. */
  sized(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.#append(bytes);
  }

  text(value: string): void {
    this.sized(encoder.encode(value));
  }

  /** Another message, after its length. */
  inner(write: (writer: WireWriter) => void): void {
    const inside = new WireWriter();
    write(inside);
    this.varint(inside.size);
    for (const piece of inside.pieces()) this.#append(piece);
  }

  #append(bytes: Uint8Array): void {
    if (bytes.length >= LARGE) {
      this.#close();
      this.#pieces.push(bytes);
      this.size += bytes.length;
      return;
    }
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
  }

  #close(): void {
    if (this.#used > 0) this.#pieces.push(this.#buffer.subarray(0, this.#used));
    this.#buffer = new Uint8Array(64);
    this.#used = 0;
  }

  /** All bytes, in pieces that follow one another. */
  pieces(): readonly Uint8Array[] {
    this.#close();
    return this.#pieces;
  }
}

/** Pieces as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(pieces.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

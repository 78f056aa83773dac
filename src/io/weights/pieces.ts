/** Bytes in several pieces, read as if they were one. */

import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';

/** A block of bytes, or a view of one. */
export type Piece = ArrayBuffer | ArrayBufferView;

/** Also those of other realms, such as frames. */
const isPiece = (value: unknown): value is Piece =>
  ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';

/** The pieces as a list. @throws ArgumentError if they are not bytes */
export function checkPieces(value: unknown, where: string, argument: string): readonly Piece[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.every(isPiece)) return list;
  throw new ArgumentError(`${where}: ${argument} must be an ArrayBuffer, or a list of them, got ${show(value)}`);
}

/** All bytes of a block, not copied. */
export const bytesOf = (piece: Piece): Uint8Array =>
  ArrayBuffer.isView(piece)
    ? new Uint8Array(piece.buffer as ArrayBuffer, piece.byteOffset, piece.byteLength)
    : new Uint8Array(piece);

/** Bytes in one piece or several; nothing is copied before it is needed. */
export class Pieces {
  readonly #pieces: readonly Uint8Array[];
  /** Where each piece begins. */
  readonly #starts: readonly number[];
  readonly length: number;

  /** @throws ArgumentError if they are not bytes */
  constructor(pieces: Piece | readonly Piece[] | null | undefined) {
    // From handlers of users, and from files: a number would be taken for a length.
    this.#pieces = checkPieces(pieces ?? [], 'models', 'weightData').map(bytesOf);
    let length = 0;
    this.#starts = this.#pieces.map((p) => {
      length += p.length;
      return length - p.length;
    });
    this.length = length;
  }

  /** The piece that byte `at` is in. */
  #find(at: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Copies the bytes of [from, from + target.length) into a target. */
  copyTo(target: Uint8Array, from: number): void {
    let at = from;
    const end = from + target.length;
    for (let i = this.#find(from); at < end; i++) {
      const [piece, start] = [this.#pieces[i] as Uint8Array, this.#starts[i] as number];
      const part = piece.subarray(at - start, Math.min(piece.length, end - start));
      target.set(part, at - from);
      at += part.length;
    }
  }

  /** The bytes of [from, to): a view if one piece has them all, else a copy. */
  bytes(from = 0, to = this.length): Uint8Array {
    if (from >= to) return new Uint8Array(0);
    const i = this.#find(from);
    const [piece, start] = [this.#pieces[i] as Uint8Array, this.#starts[i] as number];
    if (to <= start + piece.length) return piece.subarray(from - start, to - start);
    const copy = new Uint8Array(to - from);
    this.copyTo(copy, from);
    return copy;
  }

  /** A copy of all bytes in one block. */
  join(): ArrayBuffer {
    const all = new Uint8Array(this.length);
    this.copyTo(all, 0);
    return all.buffer;
  }
}

/** A digest of a whole safetensors file, in its header. */
import { FormatError } from '../../support/errors';
import { startOfData } from '../safetensors/header';
import { Digest, GROUP_BYTES } from '../weights/digest';

/** The entry of the metadata. */
export const DIGEST = 'digest';
/** What stands in its place while it is computed. */
export const UNSEALED = '0'.repeat(64);

const FIELD = new TextEncoder().encode(`"${DIGEST}":"`);

/** Where the digest is in a header; -1 if there is none. */
function placeIn(header: Uint8Array): number {
  for (let at = 0; at + FIELD.length + UNSEALED.length <= header.length; at++)
    if (FIELD.every((byte, i) => header[at + i] === byte)) return at + FIELD.length;
  return -1;
}

/** A digest that has taken in the header. @param header with the length before it */
function begun(header: Uint8Array, place: number): Digest {
  const blank = header.slice();
  blank.fill(0x30, place, place + UNSEALED.length);
  return new Digest().add(blank);
}

/** Writes the digest in its place. */
export function seal(file: Uint8Array): Uint8Array {
  const start = startOfData(file, file.length);
  const header = file.subarray(0, start);
  const place = placeIn(header);
  header.set(new TextEncoder().encode(begun(header, place).add(file.subarray(start)).toString()), place);
  return file;
}

/** The digest of a file against its bytes, as they are read. */
export class SealCheck {
  readonly #digest: Digest;
  readonly #written: string;
  #last = new Uint8Array(0);
  #length = 0;

  /** @throws FormatError if the header has no digest */
  constructor(
    readonly name: string,
    header: Uint8Array,
  ) {
    const place = placeIn(header);
    if (place < 0) throw new FormatError(`${name} has lost its digest`);
    this.#written = new TextDecoder().decode(header.subarray(place, place + UNSEALED.length));
    this.#digest = begun(header, place);
  }

  /** The next bytes behind the header: whole groups of the digest, but for the last. */
  add(piece: Uint8Array): void {
    this.#digest.addPiece(piece);
    this.#length += piece.length;
    const rest = piece.length % GROUP_BYTES;
    if (rest || piece.length === 0) this.#last = piece.slice(piece.length - rest);
  }

  /** @throws FormatError if the digest is not that of the file */
  end(): void {
    const found = this.#digest.end(this.#last, this.#length).toString();
    if (this.#written !== found)
      throw new FormatError(
        `${this.name} is damaged: its digest is ${this.#written.slice(0, 16)}…, its bytes have ${found.slice(0, 16)}…`,
      );
  }
}

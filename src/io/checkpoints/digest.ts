/**
 * A digest in the header of a file, over all its bytes: CRC-32 (ISO 3309, as in gzip), which finds every damage that is
 * not longer than 32 bits, wherever it is.
 */
import { crc32 } from '../../support/crc32';
import { FormatError } from '../../support/errors';

/** The entry of the metadata. */
export const DIGEST = 'crc32';
/** What stands in its place while the digest is computed. */
export const BLANK = '00000000';
/** Not by TextEncoder, which some runtimes lack that never save a file. */
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const FIELD = ascii(`"${DIGEST}":"`);

const blank = ascii(BLANK);

/** The digest of bytes whose own digest is at `place`, as text. */
function digestOf(bytes: Uint8Array, place: number): string {
  const head = crc32(blank, crc32(bytes.subarray(0, place)));
  return crc32(bytes.subarray(place + blank.length), head)
    .toString(16)
    .padStart(8, '0');
}

/** Where the digest is in a header, the first eight bytes of which are its length; -1 if there is none. */
function placeOf(bytes: Uint8Array): number {
  if (bytes.length < 8) return -1;
  const { buffer, byteOffset, byteLength } = bytes;
  const length = Number(new DataView(buffer, byteOffset, byteLength).getBigUint64(0, true));
  const last = Math.min(bytes.length, 8 + length) - FIELD.length - BLANK.length;
  for (let at = 8; at <= last; at++) {
    let i = 0;
    while (i < FIELD.length && bytes[at + i] === FIELD[i]) i++;
    if (i === FIELD.length) return at + i;
  }
  return -1;
}

/** Writes the digest over the blank one. */
export function seal(bytes: Uint8Array): Uint8Array {
  const place = placeOf(bytes);
  bytes.set(new TextEncoder().encode(digestOf(bytes, place)), place);
  return bytes;
}

/** Whether the bytes have a digest. @throws FormatError if it is not theirs */
export function checkDigest(where: string, bytes: Uint8Array): boolean {
  const place = placeOf(bytes);
  if (place < 0) return false;
  const written = String.fromCharCode(...bytes.subarray(place, place + BLANK.length));
  const found = digestOf(bytes, place);
  if (written !== found)
    throw new FormatError(
      `${where}: the file is damaged: its digest is ${JSON.stringify(written)}, its bytes have ${found}; use an earlier checkpoint`,
    );
  return true;
}

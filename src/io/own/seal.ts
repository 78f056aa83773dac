/** A digest of a whole safetensors file, in its header. */
import { FormatError } from '../../support/errors';
import { startOfData } from '../safetensors/header';
import { Digest } from '../weights/digest';

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

/** @param header with the length before it */
function compute(header: Uint8Array, place: number, data: Uint8Array): string {
  const blank = header.slice();
  blank.fill(0x30, place, place + UNSEALED.length);
  return new Digest().add(blank).add(data).toString();
}

/** Writes the digest in its place. */
export function seal(file: Uint8Array): Uint8Array {
  const start = startOfData(file, file.length);
  const header = file.subarray(0, start);
  const place = placeIn(header);
  header.set(new TextEncoder().encode(compute(header, place, file.subarray(start))), place);
  return file;
}

/** @throws FormatError if there is a digest, and it is not that of the file */
export function checkSeal(name: string, header: Uint8Array, data: Uint8Array): void {
  const place = placeIn(header);
  if (place < 0) throw new FormatError(`${name} has lost its digest`);
  const written = new TextDecoder().decode(header.subarray(place, place + UNSEALED.length));
  const found = compute(header, place, data);
  if (written !== found)
    throw new FormatError(
      `${name} is damaged: its digest is ${written.slice(0, 16)}…, its bytes have ${found.slice(0, 16)}…`,
    );
}

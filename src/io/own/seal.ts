/** A digest of a whole safetensors file, in its header. */
import { FormatError } from '../../support/errors';
import type { SealCheck, Source } from '../formats/format';
import { partOf } from '../formats/part';
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

/** A file with the digest that its header has. @param header with the length before it; @throws FormatError if it has none */
export function sealed(source: Source, header: Uint8Array): Source {
  const { name, size } = source;
  const place = placeIn(header);
  if (place < 0) throw new FormatError(`${name} has lost its digest`);
  const written = new TextDecoder().decode(header.subarray(place, place + UNSEALED.length));
  const begin = (): SealCheck => {
    const digest = begun(header, place);
    return {
      add: (bytes) => void digest.addPiece(bytes),
      end() {
        const found = digest.end().toString();
        if (written !== found)
          throw new FormatError(
            `${name} is damaged: its digest is ${written.slice(0, 16)}…, its bytes have ${found.slice(0, 16)}…`,
          );
      },
    };
  };
  return partOf(source, name, 0, size, { from: header.length, begin });
}

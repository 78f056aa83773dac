/** Elements as bytes: Triton's binary tensor extension. All numbers are little-endian. */
import { narrowToHalves, widenHalves } from '../../io/weights/halves';
import { type Datatype, type Elements, kindOf, type NumericType } from './datatypes';
import { badRequest } from './refusal';

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** Strings, each after its length in four bytes. */
function decodeTexts(bytes: Uint8Array, count: number, what: string): string[] {
  // Each takes four bytes at least: the list is as long as it is said to be only if it can be.
  if (count > bytes.length / 4) throw badRequest(`${what}: ${bytes.length} bytes are not ${count} strings`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (length > bytes.length - at - 4) throw badRequest(`${what}: the bytes end within string ${i} of ${count}`);
    texts.push(textOf(bytes.subarray(at + 4, at + 4 + length), `${what}: string ${i}`));
    at += 4 + length;
  }
  if (at !== bytes.length) throw badRequest(`${what}: ${bytes.length - at} bytes come after the last string`);
  return texts;
}

function textOf(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw badRequest(`${what} is not UTF-8`);
  }
}

/** Elements from bytes. @throws Refusal unless the bytes are exactly those of `count` elements */
export function decodeBinary(bytes: Uint8Array, datatype: Datatype, count: number, what: string): Elements {
  if (datatype === 'BYTES') return decodeTexts(bytes, count, what);
  const { size, array } = kindOf(datatype);
  if (bytes.length !== count * size)
    throw badRequest(`${what}: ${count} elements of ${datatype} take ${count * size} bytes, got ${bytes.length}`);
  if (datatype === 'FP16') {
    const values = new Float32Array(count);
    // A copy, as the bytes may begin at an odd address.
    widenHalves(new Uint16Array(new Uint8Array(bytes).buffer), new Uint32Array(values.buffer));
    return values;
  }
  const data = new array(count);
  new Uint8Array(data.buffer).set(bytes);
  if (datatype === 'BOOL') checkBools(bytes, what);
  return data as Exclude<Elements, readonly string[]>;
}

function checkBools(bytes: Uint8Array, what: string): void {
  const wrong = bytes.findIndex((byte) => byte > 1);
  if (wrong >= 0) throw badRequest(`${what}: element ${wrong} must be 0 or 1, got ${bytes[wrong]}`);
}

function encodeTexts(texts: readonly string[]): Uint8Array {
  const parts = texts.map((text) => encoder.encode(text));
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}

/** Elements as bytes, which may be those of the array itself. */
export function encodeBinary(data: Elements, datatype: Datatype): Uint8Array {
  if (datatype === 'BYTES') return encodeTexts(data as readonly string[]);
  const numbers = (datatype === 'FP16' ? narrowToHalves(data as Float32Array) : data) as Uint8Array;
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Puts parts one after another. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Of a numeric type. */
export const isNumeric = (datatype: Datatype): datatype is NumericType => datatype !== 'BYTES';

/** Values as words and back: plain objects, lists, numbers, texts, and typed arrays, which keep their bits. */

const KINDS = { Float32Array, Float64Array, Int32Array, Uint8Array, Uint32Array } as const;
type Kind = keyof typeof KINDS;
type Packed = InstanceType<(typeof KINDS)[Kind]>;

interface Reference {
  readonly $kind: Kind;
  readonly at: number;
  readonly length: number;
}

const isReference = (value: unknown): value is Reference =>
  typeof value === 'object' && value !== null && '$kind' in value;

/** A header in JSON, its length before it, and the arrays, each at a multiple of 8. */
export function pack(value: unknown): Uint32Array {
  const arrays: Packed[] = [];
  let at = 0;
  const header = JSON.stringify(value, (_, v: unknown) => {
    if (!ArrayBuffer.isView(v)) return v;
    const array = v as Packed;
    arrays.push(array);
    const reference: Reference = { $kind: array.constructor.name as Kind, at, length: array.length };
    at += Math.ceil(array.byteLength / 8) * 8;
    return reference;
  });
  const text = new TextEncoder().encode(header);
  const start = Math.ceil((4 + text.length) / 8) * 8;
  const bytes = new Uint8Array(start + at);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, 4);
  at = start;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += Math.ceil(array.byteLength / 8) * 8;
  }
  return new Uint32Array(bytes.buffer);
}

/** What was packed. */
export function unpack(words: Uint32Array): unknown {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(0);
  const start = Math.ceil((4 + length) / 8) * 8;
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  return JSON.parse(text, (_, v: unknown) => {
    if (!isReference(v)) return v;
    const array = KINDS[v.$kind];
    const from = start + v.at;
    return new array(bytes.slice(from, from + v.length * array.BYTES_PER_ELEMENT).buffer);
  });
}

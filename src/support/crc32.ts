/** CRC-32 (ISO 3309, as in gzip and zip), which finds every damage that is not longer than 32 bits, wherever it is. */

type Update = (bytes: Uint8Array, before?: number) => number;

/** Bytes that are looked up at a time. */
const STEP = 16;
/** table[256 k + n]: what the byte n becomes after k more bytes of zeros. */
let table: Int32Array | undefined;

function makeTable(): Int32Array {
  const all = new Int32Array(256 * STEP);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    all[n] = c;
  }
  for (let i = 256; i < all.length; i++) {
    const c = all[i - 256] as number;
    all[i] = (c >>> 8) ^ (all[c & 255] as number);
  }
  return all;
}

/** Takes in bytes one by one. */
function bytewise(t: Int32Array, bytes: Uint8Array, before: number): number {
  let c = before;
  for (let i = 0; i < bytes.length; i++) c = (t[(c ^ (bytes[i] as number)) & 255] as number) ^ (c >>> 8);
  return c;
}

/** What four bytes become after so many more of zeros. */
const four = (t: Int32Array, word: number, zeros: number): number => {
  const k = zeros << 8;
  return (
    (t[k + 768 + (word & 255)] as number) ^
    (t[k + 512 + ((word >>> 8) & 255)] as number) ^
    (t[k + 256 + ((word >>> 16) & 255)] as number) ^
    (t[k + (word >>> 24)] as number)
  );
};

/** Takes in words, a multiple of four. */
function wordwise(t: Int32Array, words: Int32Array, before: number): number {
  let c = before;
  for (let i = 0; i < words.length; i += 4)
    c =
      four(t, c ^ (words[i] as number), 12) ^
      four(t, words[i + 1] as number, 8) ^
      four(t, words[i + 2] as number, 4) ^
      four(t, words[i + 3] as number, 0);
  return c;
}

/** By a table, in every runtime. */
export function crc32ByTable(bytes: Uint8Array, before = 0): number {
  table ??= makeTable();
  const { buffer, byteOffset, length } = bytes;
  const head = Math.min(length, -byteOffset & 3);
  const count = ((length - head) >>> 4) * 4;
  const words = count ? new Int32Array(buffer, byteOffset + head, count) : new Int32Array(0);
  const aligned = wordwise(table, words, bytewise(table, bytes.subarray(0, head), ~before));
  return ~bytewise(table, bytes.subarray(head + count * 4), aligned) >>> 0;
}

let update: Update | undefined;

/** That of the runtime, which some have: several times as fast. */
function native(): Update | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return (process?.getBuiltinModule?.('node:zlib') as { crc32?: Update } | undefined)?.crc32;
}

/** @param before what the bytes before these have; 0 if there are none */
export function crc32(bytes: Uint8Array, before = 0): number {
  update ??= native() ?? crc32ByTable;
  return update(bytes, before);
}

/** Bytes of files: assembly/bytes.ts, number by number. */

/** The value of a half: sign, five bits of exponent, ten of fraction. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >>> 10) & 31, bits & 0x3ff];
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Each lane takes every eighth word: lane = (lane ^ word) * 16777619, modulo 2^32. */
export function digestWords(lanes: Int32Array, words: Uint32Array): void {
  for (const [i, word] of words.entries())
    lanes[i % 8] = Number(BigInt.asIntN(32, BigInt((lanes[i % 8] as number) ^ word) * 16777619n));
}

/** The remainder of the bytes as a polynomial over bits, lowest bit first; before and after, all bits are flipped. */
export function crc32(bytes: Uint8Array): number {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}

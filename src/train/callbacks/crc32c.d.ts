declare module 'crc-32/crc32c.js' {
  /** CRC-32C as a signed number. */
  const crc32c: { buf(data: Uint8Array, seed?: number): number };
  export default crc32c;
}

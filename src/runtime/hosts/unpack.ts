/** Bytes that are in a script as text; see `scripts/wasm-text.mjs`. */

/** Some runtimes have a function that is many times as fast. */
interface Native {
  readonly Buffer?: { from(text: string, encoding: 'latin1'): Uint8Array<ArrayBuffer> };
}

/** The low byte of each character. */
export function unpack(text: string): Uint8Array<ArrayBuffer> {
  const { Buffer } = globalThis as Native;
  if (Buffer) return Buffer.from(text, 'latin1');
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

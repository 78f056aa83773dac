/** Bytes that stand in the script as base64. */

/** Some runtimes decode base64 by a function that is many times as fast. */
interface Native {
  readonly Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> };
}

export function decode(base64: string): Uint8Array<ArrayBuffer> {
  const { Buffer } = globalThis as Native;
  return Buffer ? Buffer.from(base64, 'base64') : Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** Of compressed bytes (DEFLATE). */
export async function inflate(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([decode(base64)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

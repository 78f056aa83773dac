/** Bytes as users pass them. */
import { plainBytes } from './proto/wire';

export const bytesOf = (given: Uint8Array | ArrayBuffer): Uint8Array =>
  given instanceof Uint8Array ? plainBytes(given) : new Uint8Array(given);

export const isBytes = (value: unknown): value is Uint8Array | ArrayBuffer =>
  value instanceof Uint8Array || value instanceof ArrayBuffer;

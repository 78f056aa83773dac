/** Bytes in memory as what a file is read from. */
import type { Source } from './format';

export const sourceOfMemory = (name: string, bytes: Uint8Array): Source => ({
  name,
  size: bytes.length,
  whole: bytes,
  read: async (from, to) => bytes.subarray(from, to),
});

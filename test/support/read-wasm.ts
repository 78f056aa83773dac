import { readFileSync } from 'node:fs';

/** A module of the kernels, as the build left it. */
export const read = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../../build/${name}`, import.meta.url)));

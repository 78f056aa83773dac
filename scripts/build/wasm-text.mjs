// The wasm as a script: one character for each byte, so that it compresses as well as the bytes themselves (base64
// would be 40 % more). The low eight bits of a character are the byte; bytes that mean something to a template
// literal, or to tools that read text, stand 256 higher.
import { readFileSync } from 'node:fs';

const UNSAFE = new Set([0, ...'\n\r\\`$'].map((c) => (typeof c === 'string' ? c.charCodeAt(0) : c)));

/** A module whose default export is the file as text. */
export const wasmText = (file) =>
  `export default\`${Array.from(readFileSync(file), (b) => String.fromCharCode(UNSAFE.has(b) ? b + 256 : b)).join('')}\`;\n`;

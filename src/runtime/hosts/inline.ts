/**
 * Default build: the module's bytes stand in the script, so that no path and no fetch is needed anywhere. Not
 * compressed, as that would have to be undone before anything else can happen; the one with threads is
 * (`scripts/inlined.mjs`).
 */
import base64 from '../../../build/samegrad.wasm';
import { decode, inflate } from './unpack';

export const plain = decode(base64);
export const threaded = async (): Promise<Uint8Array<ArrayBuffer>> =>
  inflate((await import('./inline-threads')).default);

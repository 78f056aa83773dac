/** The positions of random keys in an encoded program, for running it with other keys. */
import { Dropout, Loop, Op, Random } from '../../assembly/isa';
import type { RandomKey } from '../ops/descriptors/randomness';
import { opOf } from '../program/encode';
import { engine } from '../runtime/engine';

/** Indices of the words of one draw's key. */
export interface KeyWords {
  readonly seedLo: number;
  readonly seedHi: number;
  readonly stream: number;
  readonly first: number;
}

const OFFSETS: Partial<Record<Op, KeyWords>> = { [Op.Random]: Random, [Op.Dropout]: Dropout };

/** The keys of all draws of a program, also inside loops, as indices of its words. */
export function keyWords(words: Uint32Array, from = 0): KeyWords[] {
  const found: KeyWords[] = [];
  for (let at = from; at < words.length; at += (words[at + 1] as number) / 4) {
    const op = opOf(words[at] as number);
    if (op === Op.End) break;
    const offsets = OFFSETS[op];
    if (offsets)
      found.push({
        seedLo: at + offsets.seedLo / 4,
        seedHi: at + offsets.seedHi / 4,
        stream: at + offsets.stream / 4,
        first: at + offsets.first / 4,
      });
    if (op === Op.Loop)
      for (const word of keyWords(words, at + (words[at + Loop.start / 4] as number) / 4)) found.push(word);
  }
  return found;
}

export const holdsKey = (words: Uint32Array, at: KeyWords, { seed, stream, step = 0 }: RandomKey): boolean =>
  words[at.seedLo] === seed[0] >>> 0 &&
  words[at.seedHi] === seed[1] >>> 0 &&
  words[at.stream] === stream >>> 0 &&
  words[at.first] === step >>> 0;

export const movedBy = (at: KeyWords, by: number): KeyWords => ({
  seedLo: at.seedLo + by,
  seedHi: at.seedHi + by,
  stream: at.stream + by,
  first: at.first + by,
});

/** Writes a key wherever a program in memory has it. */
export function writeKey(places: readonly KeyWords[], { seed, stream, step = 0 }: RandomKey): void {
  const { u32 } = engine.memory;
  for (const at of places) {
    u32[at.seedLo] = seed[0];
    u32[at.seedHi] = seed[1];
    u32[at.stream] = stream;
    u32[at.first] = step;
  }
}

/** The positions of random keys in an encoded program, for running it with other keys. */
import { Dropout, Loop, Op, Random } from '../../assembly/isa';
import type { RandomKey } from '../ops/descriptors/randomness';
import { opOf } from '../program/encode';
import { engine } from '../runtime/engine';

/** Indices of the words of one draw's key. */
interface KeyWords {
  readonly seedLo: number;
  readonly seedHi: number;
  readonly stream: number;
  readonly first: number;
}

const OFFSETS: Partial<Record<Op, KeyWords>> = { [Op.Random]: Random, [Op.Dropout]: Dropout };

/** The keys of all draws of a program, also inside loops, as indices of its words. */
function keyWords(words: Uint32Array, from = 0): KeyWords[] {
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

const holdsKey = (words: Uint32Array, at: KeyWords, { seed, stream, step = 0 }: RandomKey): boolean =>
  words[at.seedLo] === seed[0] >>> 0 &&
  words[at.seedHi] === seed[1] >>> 0 &&
  words[at.stream] === stream >>> 0 &&
  words[at.first] === step >>> 0;

const movedBy = (at: KeyWords, by: number): KeyWords => ({
  seedLo: at.seedLo + by,
  seedHi: at.seedHi + by,
  stream: at.stream + by,
  first: at.first + by,
});

/** Writes a key wherever a program in memory has it. */
function writeKey(places: readonly KeyWords[], { seed, stream, step = 0 }: RandomKey): void {
  const { u32 } = engine.memory;
  for (const at of places) {
    u32[at.seedLo] = seed[0];
    u32[at.seedHi] = seed[1];
    u32[at.stream] = stream;
    u32[at.first] = step;
  }
}

/** Keys of random numbers in a program, which may be others in later runs. */
export class ProgramKeys {
  /** Where draws have each of the keys. */
  #places: readonly (readonly KeyWords[])[] = [];

  constructor(readonly keys: readonly RandomKey[]) {}

  /** Finds them in a program that was written to an address. */
  locate(words: Uint32Array, address: number): void {
    const draws = keyWords(words);
    this.#places = this.keys.map((key) =>
      draws.filter((at) => holdsKey(words, at, key)).map((at) => movedBy(at, address >>> 2)),
    );
  }

  /** Sets key `index` for the runs that follow. */
  set(index: number, key: RandomKey): void {
    writeKey(this.#places[index] as readonly KeyWords[], key);
  }
}

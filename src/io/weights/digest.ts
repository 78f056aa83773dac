/**
 * A digest of bytes in the time of reading them: eight lanes of 32 bits, each the FNV-1a hash of every eighth word. What
 * differs in one word differs in its lane; it finds damage, and is no protection from those who mean harm.
 */
import { engine } from '../../runtime/engine';

const LANES = 8;
const PRIME = 0x01000193;
const GROUP_BYTES = LANES * 4;
/** Bytes that the kernel takes at once: they stay in the first cache of the processor. */
const BLOCK = 512 * GROUP_BYTES;

const wordsOf = (bytes: Uint8Array): Uint32Array => {
  const count = bytes.length >>> 2;
  return bytes.byteOffset % 4
    ? new Uint32Array(bytes.slice(0, count * 4).buffer)
    : new Uint32Array(bytes.buffer, bytes.byteOffset, count);
};

const mix = (hash: number, word: number): number => Math.imul(hash ^ word, PRIME);

/** Takes in whole groups, as the kernel does. */
function addByHost(lanes: Int32Array, bytes: Uint8Array): void {
  const words = wordsOf(bytes);
  for (let i = 0; i < words.length; i += LANES)
    for (let lane = 0; lane < LANES; lane++) lanes[lane] = mix(lanes[lane] as number, words[i + lane] as number);
}

/** The same in linear memory. */
function addByKernel(lanes: Int32Array, bytes: Uint8Array): void {
  const { memory, kernels } = engine;
  const at = memory.allocate(GROUP_BYTES + BLOCK);
  const { buffer } = memory.i32;
  const own = new Int32Array(buffer, at, LANES);
  const block = new Uint8Array(buffer, at + GROUP_BYTES, BLOCK);
  own.set(lanes);
  for (let from = 0; from < bytes.length; from += BLOCK) {
    const part = bytes.subarray(from, from + BLOCK);
    block.set(part);
    kernels.digestWords(at, at + GROUP_BYTES, part.length / GROUP_BYTES);
  }
  lanes.set(own);
  memory.release(at);
}

/** Bytes may come in pieces of any length; where a block ends counts. */
export class Digest {
  readonly #lanes = new Int32Array(LANES).fill(0x811c9dc5);
  /** Bytes behind the last whole group, and how many there are. */
  readonly #rest = new Uint8Array(GROUP_BYTES);
  #left = 0;
  /** Of the present block. */
  #length = 0;

  /** Takes in a block. */
  add(block: Uint8Array): this {
    return this.addPiece(block).end();
  }

  /** Takes in the next bytes of a block. */
  addPiece(bytes: Uint8Array): this {
    this.#length += bytes.length;
    const missing = this.#left ? Math.min(GROUP_BYTES - this.#left, bytes.length) : 0;
    this.#keep(bytes.subarray(0, missing));
    if (this.#left === GROUP_BYTES) {
      this.#addGroups(this.#rest);
      this.#left = 0;
    }
    const whole = bytes.length - ((bytes.length - missing) % GROUP_BYTES);
    this.#addGroups(bytes.subarray(missing, whole));
    this.#keep(bytes.subarray(whole));
    return this;
  }

  #keep(bytes: Uint8Array): void {
    this.#rest.set(bytes, this.#left);
    this.#left += bytes.length;
  }

  #addGroups(bytes: Uint8Array): void {
    if (bytes.length >= BLOCK) addByKernel(this.#lanes, bytes);
    else if (bytes.length) addByHost(this.#lanes, bytes);
  }

  /** Ends the block. */
  end(): this {
    const left = this.#rest.subarray(0, this.#left);
    const words = wordsOf(left);
    const rest = [...words, ...left.subarray(words.length * 4), this.#length];
    for (const [i, word] of rest.entries()) this.#lanes[i % LANES] = mix(this.#lanes[i % LANES] as number, word);
    this.#left = 0;
    this.#length = 0;
    return this;
  }

  /** 64 digits. */
  toString(): string {
    return Array.from(this.#lanes, (lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

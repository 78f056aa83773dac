/**
 * A digest of bytes in the time of reading them: eight lanes of 32 bits, each the FNV-1a hash of every eighth word. What
 * differs in one word differs in its lane; it finds damage, and is no protection from those who mean harm.
 */

const LANES = 8;
const PRIME = 0x01000193;

const wordsOf = (bytes: Uint8Array): Uint32Array => {
  const count = bytes.length >>> 2;
  return bytes.byteOffset % 4
    ? new Uint32Array(bytes.slice(0, count * 4).buffer)
    : new Uint32Array(bytes.buffer, bytes.byteOffset, count);
};

const mix = (hash: number, word: number): number => Math.imul(hash ^ word, PRIME);

/** Bytes of which pieces of a block are whole multiples. */
export const GROUP_BYTES = LANES * 4;

export class Digest {
  readonly #lanes = new Int32Array(LANES).fill(0x811c9dc5);

  /** Takes in a block; where one ends counts. */
  add(bytes: Uint8Array): this {
    return this.addPiece(bytes).end(bytes, bytes.length);
  }

  /** The next piece of a block: what it has beyond whole groups of lanes is left to `end`. */
  addPiece(bytes: Uint8Array): this {
    const words = wordsOf(bytes);
    let [a, b, c, d, e, f, g, h] = this.#lanes as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const whole = words.length - (words.length % LANES);
    for (let i = 0; i < whole; i += LANES) {
      a = mix(a, words[i] as number);
      b = mix(b, words[i + 1] as number);
      c = mix(c, words[i + 2] as number);
      d = mix(d, words[i + 3] as number);
      e = mix(e, words[i + 4] as number);
      f = mix(f, words[i + 5] as number);
      g = mix(g, words[i + 6] as number);
      h = mix(h, words[i + 7] as number);
    }
    this.#lanes.set([a, b, c, d, e, f, g, h]);
    return this;
  }

  /** Ends a block. @param last its last piece; @param length of the whole block */
  end(last: Uint8Array, length: number): this {
    const left = last.subarray(last.length - (last.length % GROUP_BYTES));
    const words = wordsOf(left);
    const rest = [...words, ...left.subarray(words.length * 4), length];
    for (const [i, word] of rest.entries()) this.#lanes[i % LANES] = mix(this.#lanes[i % LANES] as number, word);
    return this;
  }

  /** 64 digits. */
  toString(): string {
    return Array.from(this.#lanes, (lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

export const digestOf = (bytes: Uint8Array): string => new Digest().add(bytes).toString();

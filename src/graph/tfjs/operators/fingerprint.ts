/** FarmHash's Fingerprint64 of bytes (Pike and Alakuijala, 2014): 64-bit arithmetic without sign. */

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;

const low64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const times = (a: bigint, b: bigint): bigint => low64(a * b);
const turn = (x: bigint, by: number): bigint => low64((x >> BigInt(by)) | (x << BigInt(64 - by)));
const folded = (x: bigint): bigint => x ^ (x >> 47n);

function mixed(u: bigint, v: bigint, by: bigint): bigint {
  const a = folded(times(u ^ v, by));
  return times(folded(times(v ^ a, by)), by);
}

type Pair = [bigint, bigint];

/** Reads words of bytes, the low byte first. */
class Words {
  readonly #view: DataView;
  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  at(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }
  half(offset: number): bigint {
    return BigInt(this.#view.getUint32(offset, true));
  }
}

function ofShort(words: Words, n: number): bigint {
  const by = low64(K2 + 2n * BigInt(n));
  if (n >= 8) {
    const a = low64(words.at(0) + K2);
    const b = words.at(n - 8);
    const c = low64(times(turn(b, 37), by) + a);
    const d = times(low64(turn(a, 25) + b), by);
    return mixed(c, d, by);
  }
  if (n >= 4) return mixed(low64(BigInt(n) + (words.half(0) << 3n)), words.half(n - 4), by);
  if (n === 0) return K2;
  const [a, b, c] = [words.bytes[0], words.bytes[n >> 1], words.bytes[n - 1]] as [number, number, number];
  return times(folded(times(K2, BigInt(a + (b << 8))) ^ times(K0, BigInt(n + (c << 2)))), K2);
}

function ofMiddle(words: Words, n: number): bigint {
  const by = low64(K2 + 2n * BigInt(n));
  const a = times(words.at(0), K1);
  const b = words.at(8);
  const c = times(words.at(n - 8), by);
  const d = times(words.at(n - 16), K2);
  return mixed(low64(turn(low64(a + b), 43) + turn(c, 30) + d), low64(a + turn(low64(b + K2), 18) + c), by);
}

function ofLong(words: Words, n: number): bigint {
  const by = low64(K2 + 2n * BigInt(n));
  const a = times(words.at(0), K2);
  const b = words.at(8);
  const c = times(words.at(n - 8), by);
  const d = times(words.at(n - 16), K2);
  const y = low64(turn(low64(a + b), 43) + turn(c, 30) + d);
  const z = mixed(y, low64(a + turn(low64(b + K2), 18) + c), by);
  const e = times(words.at(16), by);
  const f = words.at(24);
  const g = times(low64(y + words.at(n - 32)), by);
  const h = times(low64(z + words.at(n - 24)), by);
  return mixed(low64(turn(low64(e + f), 43) + turn(g, 30) + h), low64(e + turn(low64(f + a), 18) + g), by);
}

function weak(words: Words, offset: number, a: bigint, b: bigint): Pair {
  const [w, x, y, z] = [0, 8, 16, 24].map((k) => words.at(offset + k)) as [bigint, bigint, bigint, bigint];
  const first = low64(a + w);
  const second = turn(low64(b + first + z), 21);
  const sum = low64(first + x + y);
  return [low64(sum + z), low64(second + turn(sum, 44) + first)];
}

function ofBlocks(words: Words, n: number): bigint {
  let x = low64(81n * K2 + words.at(0));
  let y = low64(81n * K1 + 113n);
  let z = times(folded(low64(y * K2 + 113n)), K2);
  let v: Pair = [0n, 0n];
  let w: Pair = [0n, 0n];
  const step = (offset: number, by: bigint, scale: bigint): void => {
    x = times(turn(low64(x + y + v[0] + words.at(offset + 8)), 37), by);
    y = times(turn(low64(y + v[1] + words.at(offset + 48)), 42), by);
    x = x ^ low64(w[1] * scale);
    y = low64(y + v[0] * scale + words.at(offset + 40));
    z = times(turn(low64(z + w[0]), 33), by);
    v = weak(words, offset, times(v[1], by), low64(x + w[0]));
    w = weak(words, offset + 32, low64(z + w[1]), low64(y + words.at(offset + 16)));
    [z, x] = [x, z];
  };
  const end = ((n - 1) >> 6) * 64;
  for (let offset = 0; offset < end; offset += 64) step(offset, K1, 1n);
  const by = low64(K1 + ((z & 0xffn) << 1n));
  const rest = (n - 1) & 63;
  w[0] = low64(w[0] + BigInt(rest));
  v[0] = low64(v[0] + w[0]);
  w[0] = low64(w[0] + v[0]);
  step(end + rest - 63, by, 9n);
  return mixed(low64(mixed(v[0], w[0], by) + times(folded(y), K0) + z), low64(mixed(v[1], w[1], by) + x), by);
}

export function fingerprint(bytes: Uint8Array): bigint {
  const words = new Words(bytes);
  const n = bytes.length;
  if (n <= 16) return ofShort(words, n);
  if (n <= 32) return ofMiddle(words, n);
  return n <= 64 ? ofLong(words, n) : ofBlocks(words, n);
}

/** Kernels for bytes of files, against their reference and the host's own forms, wherever arrays begin and end. */
import { describe, expect, it } from 'vitest';
import '../../src/index';
import { widenBrains, widenHalves } from '../../src/io/weights/halves';
import { engine } from '../../src/runtime/engine';
import { crc32, crc32ByTable } from '../../src/support/crc32';
import * as reference from '../reference/bytes';
import { generator } from '../support/random';

const halves = Uint16Array.from({ length: 0x10000 }, (_, i) => i);

/** What a function writes into linear memory, and into memory of the host. */
function both(from: Uint16Array, widen: typeof widenHalves): { kernel: Uint32Array; host: Uint32Array } {
  const at = engine.memory.allocate(4 * from.length + 8);
  try {
    const { u32 } = engine.memory;
    const start = (at >>> 2) + 1;
    const guards = [start - 1, start + from.length];
    for (const guard of guards) u32[guard] = 0x12345678;
    const target = u32.subarray(start, start + from.length);
    widen(from, target);
    for (const guard of guards) expect(u32[guard]).toBe(0x12345678);
    const host = new Uint32Array(from.length);
    widen(from, host);
    return { kernel: target.slice(), host };
  } finally {
    engine.memory.release(at);
  }
}

describe('floats of 16 bits', () => {
  it('float16: all of them', () => {
    const { kernel, host } = both(halves, widenHalves);
    expect(kernel).toEqual(host);
    const values = new Float32Array(kernel.buffer);
    expect(halves.every((h) => Object.is(values[h], reference.halfValue(h)))).toBe(true);
  });

  it('bfloat16: all of them', () => {
    const { kernel, host } = both(halves, widenBrains);
    expect(kernel).toEqual(host);
    expect(halves.every((h) => kernel[h] === (h << 16) >>> 0)).toBe(true);
  });

  it('in all short lengths', () => {
    for (let length = 0; length < 40; length++) {
      const from = halves.subarray(15_360 - length, 15_360);
      for (const widen of [widenHalves, widenBrains]) {
        const { kernel, host } = both(from, widen);
        expect(kernel).toEqual(host);
      }
    }
  });
});

it('the words of a digest, wherever they begin', () => {
  const random = generator(1);
  for (const groups of [0, 1, 2, 7]) {
    const words = Uint32Array.from({ length: 8 * groups }, () => random() * 2 ** 32);
    const expected = Int32Array.from({ length: 8 }, (_, i) => 0x811c9dc5 + i);
    const at = engine.memory.allocate(1024);
    const lanes = engine.memory.i32.subarray(at >>> 2, (at >>> 2) + 8);
    lanes.set(expected);
    new Uint8Array(lanes.buffer, at + 33, 32 * groups).set(new Uint8Array(words.buffer));
    engine.kernels.digestWords(at, at + 33, groups);
    reference.digestWords(expected, words);
    expect([...lanes]).toEqual([...expected]);
    engine.memory.release(at);
  }
});

describe('CRC-32', () => {
  const random = generator(2);
  const bytes = Uint8Array.from({ length: 300 }, () => random() * 256);

  it('is that of the standard', () => {
    expect(crc32ByTable(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('by table and by the runtime is that of the reference, wherever bytes begin and end', () => {
    for (let from = 0; from < 5; from++)
      for (let to = from; to < bytes.length; to += to < 80 ? 1 : 17) {
        const part = bytes.subarray(from, to);
        const expected = reference.crc32(part);
        expect(crc32ByTable(part)).toBe(expected);
        expect(crc32(part)).toBe(expected);
        const middle = from + ((to - from) >> 1);
        expect(crc32ByTable(bytes.subarray(middle, to), crc32(bytes.subarray(from, middle)))).toBe(expected);
      }
  });
});

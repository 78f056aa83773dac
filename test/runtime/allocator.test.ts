/** The allocator by itself, and linear memory that grows. */
import { describe, expect, it } from 'vitest';
import { zeros } from '../../src/ops/create/creation';
import { Allocator } from '../../src/runtime/allocator';
import { MAX_PAGES, Memory } from '../../src/runtime/memory';
import { ArgumentError, OutOfMemoryError, StateError } from '../../src/support/errors';
import { memory } from '../../src/tensor/lifetime';
import { gc } from '../support/collect';
import { generator } from '../support/generate';

const ALIGN = 64;
const START = 1024;

/** Sizes of all orders, some of them often. */
function size(next: () => number): number {
  const kind = next();
  if (kind < 0.3) return [16, 64, 100, 4096][Math.floor(next() * 4)] as number;
  return Math.floor(2 ** (next() * 14));
}

describe('random sequences', () => {
  it.each([1, 2, 3, 4, 5, 6])('of seed %i', (seed) => {
    const next = generator(seed);
    const limit = START + 200_000;
    const a = new Allocator(START, limit);
    const blocks: { start: number; end: number }[] = [];
    let used = 0;
    let peak = 0;
    let refused = 0;
    for (let i = 0; i < 4000; i++) {
      // The share of allocations swings, so that memory fills up and empties again.
      if (next() < 0.5 + 0.3 * Math.sin(i / 200) || blocks.length === 0) {
        const bytes = size(next);
        const before = a.bytesInUse;
        const start = a.allocate(bytes);
        if (start < 0) {
          expect(start).toBe(-1);
          expect(a.bytesInUse).toBe(before);
          expect(a.shortfall(bytes)).toBeGreaterThan(0);
          refused++;
          continue;
        }
        const end = start + Math.max(bytes, 1);
        expect(start % ALIGN).toBe(0);
        expect(start >= START && end <= limit).toBe(true);
        expect(blocks.filter((b) => start < b.end && b.start < end)).toEqual([]);
        expect(end <= a.top).toBe(true);
        blocks.push({ start, end });
        used += a.bytesInUse - before;
        expect(a.bytesInUse - before).toBe(Math.ceil(Math.max(bytes, 1) / ALIGN) * ALIGN);
      } else {
        const [block] = blocks.splice(Math.floor(next() * blocks.length), 1);
        const before = a.bytesInUse;
        a.release((block as { start: number }).start);
        used -= before - a.bytesInUse;
      }
      peak = Math.max(peak, used);
      expect(a.bytesInUse).toBe(used);
      expect(a.peakBytes).toBe(peak);
      expect(a.blocks).toBe(blocks.length);
    }
    expect(refused).toBeGreaterThan(0);
    // All that was freed has merged: as much fits in one piece as in the beginning.
    for (const { start } of blocks) a.release(start);
    expect(a.bytesInUse).toBe(0);
    expect(a.top).toBe(START);
    expect(a.allocate(limit - START - ALIGN)).toBe(START);
  });
});

describe('coalescing', () => {
  const three = (): { a: Allocator; blocks: [number, number, number] } => {
    const a = new Allocator(START, START + 4 * 256);
    const blocks = [a.allocate(256), a.allocate(256), a.allocate(256)] as [number, number, number];
    a.allocate(256);
    return { a, blocks };
  };

  it.each([[[0, 1, 2]], [[2, 1, 0]], [[0, 2, 1]], [[1, 0, 2]]])(
    'freed in the order %j, three neighbours are one block',
    (order) => {
      const { a, blocks } = three();
      for (const i of order) a.release(blocks[i] as number);
      expect(a.allocate(3 * 256)).toBe(blocks[0]);
      expect(a.allocate(1)).toBe(-1);
    },
  );

  it('neighbours in use stay apart', () => {
    const { a, blocks } = three();
    a.release(blocks[0]);
    a.release(blocks[2]);
    expect(a.allocate(512)).toBe(-1);
    expect([a.allocate(256), a.allocate(256)].sort()).toEqual([blocks[0], blocks[2]].sort());
  });

  it('a block larger than asked for is split', () => {
    const { a, blocks } = three();
    a.release(blocks[0]);
    a.release(blocks[1]);
    expect([a.allocate(100), a.allocate(100), a.allocate(256)]).toEqual([START, START + 128, START + 256]);
  });
});

describe('ends', () => {
  it('no bytes are a block too', () => {
    const a = new Allocator(START, START + 2 * ALIGN);
    expect([a.allocate(0), a.allocate(0), a.allocate(0)]).toEqual([START, START + ALIGN, -1]);
  });

  it('starts at an aligned address', () => {
    expect(new Allocator(START + 1, START + 1000).allocate(1)).toBe(START + ALIGN);
  });

  it('a block is freed once', () => {
    const a = new Allocator(START, START + 1000);
    const start = a.allocate(1);
    a.release(start);
    expect(() => a.release(start)).toThrow(StateError);
    expect(() => a.release(start)).toThrow(`allocator: no block at ${start}`);
    expect(() => a.release(START + 5)).toThrow('allocator: no block');
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, -1, 0.5, undefined, '8', null, 8n])(
    '%s is no number of bytes, and nothing changes',
    (bytes) => {
      const a = new Allocator(START, START + 1000);
      const first = a.allocate(100);
      const before = [a.bytesInUse, a.peakBytes, a.blocks, a.top];
      expect(() => a.allocate(bytes as number)).toThrow(ArgumentError);
      expect(() => a.shortfall(bytes as number)).toThrow(ArgumentError);
      expect([a.bytesInUse, a.peakBytes, a.blocks, a.top]).toEqual(before);
      a.release(first);
      expect(a.allocate(100)).toBe(first);
    },
  );

  it.each([2 ** 32, 2 ** 60, 2 ** 80, Number.POSITIVE_INFINITY])('%s bytes have no room', (bytes) => {
    const a = new Allocator(START, 2 ** 31);
    expect(a.allocate(bytes)).toBe(-1);
    expect(a.bytesInUse).toBe(0);
    expect(a.allocate(64)).toBe(START);
  });

  it('blocks of more than 2 GiB', () => {
    const a = new Allocator(START, 2 ** 32);
    const large = a.allocate(3 * 2 ** 30);
    const last = a.allocate(64);
    a.release(large);
    expect(a.allocate(2 ** 31 + 5)).toBe(large);
    expect(last).toBe(START + 3 * 2 ** 30);
    expect(a.allocate(2 ** 30)).toBe(-1);
  });

  it('shortfall is what the limit has to rise by', () => {
    const a = new Allocator(START, START + 100);
    expect(a.allocate(1000)).toBe(-1);
    a.limit += a.shortfall(1000);
    expect(a.allocate(1000)).toBe(START);
  });

  it('needs no more of its own memory however often blocks come and go', () => {
    const a = new Allocator(START, 2 ** 20);
    const first = a.allocate(1000);
    a.allocate(1000);
    a.release(first);
    const rounds = (count: number): number => {
      for (let i = 0; i < count; i++) a.release(a.allocate(1000));
      gc();
      return process.memoryUsage().heapUsed;
    };
    const before = rounds(1000);
    expect((rounds(1_000_000) - before) / 2 ** 20).toBeLessThan(2);
  });
});

const PAGE = 65536;

describe('linear memory', () => {
  const make = (initial: number, maximum: number): Memory =>
    new Memory(new WebAssembly.Memory({ initial, maximum }), START);

  it('grows, and what is in it stays', () => {
    const m = make(1, 64);
    const first = m.allocate(1000);
    m.f32[first >>> 2] = 1.5;
    const before = m.f32;
    const second = m.allocate(10 * PAGE);
    expect(m.usage.capacity).toBeGreaterThanOrEqual(second + 10 * PAGE);
    expect(before.length).toBe(0);
    expect(m.f32[first >>> 2]).toBe(1.5);
    for (const view of [m.f32, m.f64, m.i32, m.u32]) expect(view.buffer).toBe(m.f32.buffer);
    m.u32.fill(7, second >>> 2, (second + 10 * PAGE) >>> 2);
    expect(m.f32[first >>> 2]).toBe(1.5);
  });

  it('grows by a quarter at least, and by no more than it may', () => {
    const m = make(16, 18);
    m.allocate(15 * PAGE);
    m.allocate(PAGE);
    expect(m.usage.capacity).toBe(17 * PAGE);
    const wide = make(16, 64);
    wide.allocate(16 * PAGE);
    expect(wide.usage.capacity).toBe(20 * PAGE);
  });

  it('that can grow no further gives an error and changes nothing', () => {
    const m = make(1, 4);
    m.allocate(100_000);
    const before = m.usage;
    expect(() => m.allocate(PAGE * 4)).toThrow(OutOfMemoryError);
    expect(() => m.allocate(PAGE * 4)).toThrow(
      /^out of memory: 0\.3 MiB asked for, 0\.1 MiB in use, linear memory is at /,
    );
    expect(() => m.allocate(PAGE * 4)).toThrow(/ of at most 4095\.9 MiB$/);
    expect(m.usage).toEqual(before);
    expect(m.allocate(1000)).toBeGreaterThan(0);
  });

  it('more than 4 GiB never fit: the tensor is not made', () => {
    const before = memory();
    expect(() => zeros([2 ** 30])).toThrow(
      /^out of memory: 4096\.0 MiB asked for, .* of at most 4095\.9 MiB\. In use: tensors /,
    );
    expect(() => zeros([2 ** 20, 2 ** 20])).toThrow(OutOfMemoryError);
    expect(memory()).toEqual(before);
  });

  it('never reaches the last page of 4 GiB: the address after a block would be 0', () => {
    expect(MAX_PAGES * PAGE + PAGE).toBe(2 ** 32);
    const wasm = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES });
    expect(() => wasm.grow(MAX_PAGES)).toThrow(RangeError);
  });

  it('moves to another memory with all blocks at their addresses', () => {
    const m = make(2, 8);
    const at = m.allocate(50_000);
    m.f32.fill(2.5, at >>> 2, (at + 50_000) >>> 2);
    const to = new WebAssembly.Memory({ initial: 1, maximum: 8, shared: true });
    new Uint32Array(to.buffer).fill(9, 0, START / 4);
    m.moveTo(to, 8);
    expect(m.f32.buffer).toBe(to.buffer);
    expect(m.f32.subarray(at >>> 2, (at + 50_000) >>> 2).every((v) => v === 2.5)).toBe(true);
    // What threads wait on, below the heap, is left alone.
    expect(m.u32.subarray(0, START / 4).every((v) => v === 9)).toBe(true);
    expect(m.allocate(3 * PAGE)).toBeGreaterThan(at);
  });
});

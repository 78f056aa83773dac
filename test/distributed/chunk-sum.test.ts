/** Sums over chunks: the bits of the reference for any number of ranks and threads, and how chunks are shared out. */
import { afterAll, describe, expect, it } from 'vitest';
import { ChunkSum, type ChunkSumArgs } from '../../src/distributed/chunk-sum';
import { additionsOf, leavesOf, runOf, subtreesOf } from '../../src/distributed/tree';
import { alone, type World } from '../../src/distributed/world';
import * as sg from '../../src/index';
import { engine } from '../../src/runtime/engine';
import { ArgumentError } from '../../src/support/errors';
import { sumTree } from '../reference/tree';
import { canonical } from '../support/bits';
import { generate } from '../support/generate';
import { inRanks } from './replayed-world';

type Block = Float32Array | Float64Array;

afterAll(() => sg.setThreads(1));

const wordsOf = (x: Block): Uint32Array =>
  x instanceof Float32Array
    ? canonical(new Uint32Array(x.buffer, x.byteOffset, x.length), 'float32')
    : new Uint32Array(x.buffer, x.byteOffset, 2 * x.length);

const blocksOf = (chunks: number, elements: number, isDouble: boolean): Block[] =>
  Array.from({ length: chunks }, (_, i) => {
    const block = generate({ kind: isDouble ? 'float' : 'wild', shape: [elements] }, 100 * chunks + i);
    return isDouble ? Float64Array.from(block.data, (x) => x / 3) : (block.data as Float32Array);
  });

interface Case {
  readonly inPlace?: boolean;
  readonly dtype?: 'float32' | 'float64';
  /** Bytes between two blocks. */
  readonly gap?: number;
}

/** The sum as a rank computes it, in words; words around the result must stay. */
function summed(
  world: World,
  blocks: readonly Block[],
  { inPlace = false, dtype = 'float32', gap = 0 }: Case,
): Uint32Array {
  const elements = (blocks[0] as Block).length;
  const chunks = blocks.length;
  const stride = wordsOf(blocks[0] as Block).byteLength + gap;
  const { first, end } = runOf(world.rank, world.size, chunks);
  const words = stride >>> 2;
  // In place, a rank without chunks has room for the sum all the same.
  const at = engine.memory.allocate(Math.max(1, end - first) * stride + 4);
  const out = inPlace ? at : engine.memory.allocate(stride + 4);
  const sum = new ChunkSum(world, { chunks, elements, stride, dtype });
  try {
    const { u32 } = engine.memory;
    const guards = [(at >>> 2) + Math.max(1, end - first) * words, (out >>> 2) + words];
    blocks.slice(first, end).forEach((b, i) => {
      u32.set(new Uint32Array(b.buffer, b.byteOffset, b.byteLength / 4), (at >>> 2) + i * words);
    });
    if (!inPlace) for (const guard of guards) u32[guard] = 0x12345678;
    sum.run(at, out);
    if (!inPlace) for (const guard of guards) expect(engine.memory.u32[guard]).toBe(0x12345678);
    const found = engine.memory.u32.slice(out >>> 2, (out >>> 2) + words - gap / 4);
    return dtype === 'float32' ? canonical(found, 'float32') : found;
  } finally {
    sum.release();
    engine.memory.release(at);
    if (!inPlace) engine.memory.release(out);
  }
}

function expectTree(ranks: number, chunks: number, elements: number, options: Case = {}): void {
  const blocks = blocksOf(chunks, elements, options.dtype === 'float64');
  const expected = wordsOf(sumTree(blocks));
  const run = (world: World): Uint32Array => summed(world, blocks, options);
  for (const found of ranks === 1 ? [run(alone)] : inRanks(ranks, run)) expect(found).toEqual(expected);
}

describe('the tree', () => {
  it.each([1, 2, 3, 5, 6, 7, 8, 11, 16, 23])('%i chunks: one process has the bits of the reference', (chunks) => {
    for (const elements of [1, 3, 4, 17, 64, 255, 256, 257, 1000]) expectTree(1, chunks, elements);
  });

  it.each([2, 3, 4, 5, 8])('%i ranks: the same bits, for small blocks and for large ones', (ranks) => {
    for (const chunks of [1, 2, 3, 4, 7, 12, 17])
      for (const elements of [1, 40, 20_003]) expectTree(ranks, chunks, elements);
  });

  it('elements of 64 bits, blocks with a gap, a sum in the place of the first block', () => {
    for (const ranks of [1, 2, 3])
      for (const chunks of [1, 5, 8])
        for (const elements of [1, 7, 12_001]) {
          expectTree(ranks, chunks, elements, { dtype: 'float64' });
          expectTree(ranks, chunks, elements, { gap: 20 });
          expectTree(ranks, chunks, elements, { inPlace: true });
          expectTree(ranks, chunks, elements, { inPlace: true, dtype: 'float64', gap: 8 });
        }
  });

  it('threads share the elements', async () => {
    await sg.setThreads(2);
    for (const ranks of [1, 2]) for (const chunks of [2, 7]) expectTree(ranks, chunks, 150_001);
    await sg.setThreads(1);
  });

  it('one sum serves blocks that move', () => {
    const sum = new ChunkSum(alone, { chunks: 3, elements: 5, stride: 20 });
    const at = [engine.memory.allocate(60), engine.memory.allocate(60)];
    const out = engine.memory.allocate(20);
    for (const [k, from] of [...at, ...at].entries()) {
      engine.memory.f32.set(new Float32Array(15).fill(k + 1), from >>> 2);
      sum.run(from, out);
      expect([...engine.memory.f32.slice(out >>> 2, (out >>> 2) + 5)]).toEqual(new Array(5).fill(3 * (k + 1)));
    }
    sum.release();
    for (const block of [...at, out]) engine.memory.release(block);
  });

  it('blocks without elements', () => {
    const held = engine.memory.usage.blocks;
    for (const ranks of [1, 3])
      inRanks(ranks, (world) => {
        const sum = new ChunkSum(world, { chunks: 4, elements: 0, stride: 0 });
        sum.run(0, 0);
        sum.release();
      });
    expect(engine.memory.usage.blocks).toBe(held);
  });
});

describe('subtrees', () => {
  const shares = [1, 2, 3, 4, 5, 6, 7, 8, 16, 64].flatMap((ranks) =>
    [1, 2, 3, 4, 5, 7, 8, 12, 100].map((chunks) => [ranks, chunks] as const),
  );

  it.each(shares)('%i ranks have all of %i chunks, in order, none more than its share', (ranks, chunks) => {
    const runs = Array.from({ length: ranks }, (_, r) => runOf(r, ranks, chunks));
    expect(runs.flatMap(leavesOf).map(({ first }) => first)).toEqual(Array.from({ length: chunks }, (_, i) => i));
    expect(Math.max(...runs.map(({ first, end }) => end - first))).toBe(Math.ceil(chunks / ranks));
    const subtrees = runs.flatMap((run) => subtreesOf(run, chunks));
    // Everything becomes one sum, and nothing is added that is not there.
    expect(additionsOf(subtrees, chunks).reduce((sum, n) => sum + n, 0)).toBe(subtrees.length - 1);
  });

  it('a run is as few nodes of the tree as can be', () => {
    const lengths = (first: number, end: number, chunks: number): number[] =>
      subtreesOf({ first, end }, chunks).map((s) => s.end - s.first);
    expect(lengths(0, 8, 8)).toEqual([8]);
    expect(lengths(0, 7, 8)).toEqual([4, 2, 1]);
    // Carried up unchanged: the last three are one node.
    expect(lengths(4, 7, 7)).toEqual([3]);
    expect(lengths(1, 7, 7)).toEqual([1, 2, 3]);
    expect(lengths(3, 3, 7)).toEqual([]);
  });
});

it('wrong arguments are refused', () => {
  const make = (wrong: Partial<ChunkSumArgs>): (() => ChunkSum) => {
    const args = { chunks: 2, elements: 4, stride: 16, ...wrong };
    return () => new ChunkSum(alone, args);
  };
  for (const chunks of [0, -1, 1.5, Number.NaN]) expect(make({ chunks })).toThrow(ArgumentError);
  for (const elements of [-1, 0.5]) expect(make({ elements })).toThrow(ArgumentError);
  for (const stride of [12, 18, Number.NaN]) expect(make({ stride })).toThrow(ArgumentError);
  expect(make({ dtype: 'float64' })).toThrow(/stride must be a multiple of 4 of at least 32/);
});

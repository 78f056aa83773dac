/** Prints a hash of sums over chunks that the ranks have computed together, and of what rank 1 has broadcast. */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { ChunkSum } from '../../../src/distributed/chunk-sum';
import { init } from '../../../src/distributed/index';
import { runOf } from '../../../src/distributed/tree';
import * as sg from '../../../src/index';
import { engine } from '../../../src/runtime/engine';
import { blockOf, CASES } from './blocks';

const threads = Number(process.argv[2] ?? 1);
const world = await init();
if (threads > 1) await sg.setThreads(threads);
const hash = createHash('sha256');

for (const [i, sumCase] of CASES.entries()) {
  const { chunks, elements, dtype } = sumCase;
  const bytes = elements * (dtype === 'float64' ? 8 : 4);
  const { first, end } = runOf(world.rank, world.size, chunks);
  const sum = new ChunkSum(world, { chunks, elements, stride: bytes, dtype });
  // Memory grows between calls, and may be elsewhere then.
  if (i % 16 === 5) engine.memory.release(engine.memory.allocate(engine.memory.usage.capacity + (1 << 20)));
  const at = engine.memory.allocate(Math.max(1, end - first) * bytes);
  for (let chunk = first; chunk < end; chunk++) {
    const block = blockOf(sumCase, chunk);
    new Uint8Array(engine.memory.u32.buffer).set(
      new Uint8Array(block.buffer, block.byteOffset, bytes),
      at + (chunk - first) * bytes,
    );
  }
  const out = engine.memory.allocate(bytes);
  sum.run(at, out);
  hash.update(new Uint8Array(engine.memory.u32.buffer).slice(out, out + bytes));
  sum.release();
  engine.memory.release(at);
  engine.memory.release(out);
}

const root = world.size - 1;
const cells = engine.memory.allocate(12);
if (world.rank === root) engine.memory.u32.set([1, 2, 0xffffffff], cells >>> 2);
world.broadcast(cells, 3, root);
const words = [...engine.memory.u32.slice(cells >>> 2, (cells >>> 2) + 3)];
world.barrier();
writeSync(1, `${JSON.stringify({ rank: world.rank, size: world.size, hash: hash.digest('hex'), words })}\n`);
if (threads > 1) await sg.setThreads(1);

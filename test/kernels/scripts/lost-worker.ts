/**
 * Workers that fail in the ways that cannot be had by chance: `silent` claims a chunk and never finishes it, `throws`
 * claims one and fails, `deaf` never hears that it is to end, `exits` ends by itself. The library continues with right bits.
 */
import { createRequire } from 'node:module';
import { Control } from '../../../assembly/isa';
import * as sg from '../../../src/index';

const way = process.argv[2] as 'silent' | 'throws' | 'deaf' | 'exits';
const threads = createRequire(import.meta.url)('node:worker_threads');
const { Worker } = threads;

/** Claims a chunk as `claim` of assembly/threads.ts does, then runs `after`. */
const claimThen = (after: string): string => `
  const work = new BigInt64Array(memory.buffer, ${Control.work}, 1);
  while (true) {
    const word = Atomics.load(work, 0);
    const cell = Atomics.load(new BigInt64Array(memory.buffer, ${Control.cells}), slot);
    const isOpen = BigInt.asUintN(32, cell) === word >> 32n && (word & 0xffffn) < ((word >> 16n) & 0xffffn);
    if (isOpen && Atomics.compareExchange(work, 0, word, word + 1n) === word) break;
  }
  ${after};`;
const sleep = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
const BODIES = {
  silent: claimThen(sleep),
  throws: claimThen('throw new Error("enough")'),
  deaf: sleep,
  // Not before it is in force: until then it would be one that failed to start.
  exits: `
  while (!(Atomics.load(new BigInt64Array(memory.buffer, ${Control.cells}), slot) & 0xffffffffn));
  process.exit(3)`,
};

threads.Worker = class extends Worker {
  constructor(code: string, options: { workerData: { memory: WebAssembly.Memory } }) {
    if (!code.includes('exports.work(slot, worker)')) throw new Error('the workers have other code');
    super(code.replace('exports.work(slot, worker)', BODIES[way]), options);
    // Where it stays in force, workers that the system lets wait would be taken for lost.
    if (way === 'silent' || way === 'throws')
      new Int32Array(options.workerData.memory.buffer)[Control.patience / 4] = 5;
  }
};

const a = sg.ones([512, 512]);
const kept = sg.range(0, 1000);
const product = (): number => {
  const c = a.matMul(a);
  const [value] = c.dataSync();
  c.dispose();
  return value as number;
};
const expect = (what: string, got: unknown, wanted: unknown): void => {
  if (got !== wanted) throw new Error(`${way}: ${what} is ${got}, not ${wanted}`);
};

expect('threads', await sg.setThreads(2), 2);
if (way === 'silent' || way === 'throws') {
  let error: unknown;
  // The worker may take a moment until it claims.
  for (let i = 0; i < 1000 && !error; i++) {
    try {
      product();
    } catch (e) {
      error = e;
    }
  }
  if (!(error instanceof sg.StateError) || !error.message.includes('matMul')) throw new Error(`${way}: ${error}`);
}
if (way === 'exits') {
  // The event needs turns of the loop.
  for (let i = 0; i < 200 && sg.getThreads() > 1; i++) await new Promise((done) => setTimeout(done, 10));
}
expect('threads', sg.getThreads(), way === 'deaf' ? 2 : 1);
expect('the product', product(), 512);
expect('what was there before', kept.dataSync()[999], 999);
if (way === 'deaf') expect('threads', await sg.setThreads(1), 1);
threads.Worker = Worker;
expect('threads', await sg.setThreads(3), 3);
for (let i = 0; i < 20; i++) expect('the product', product(), 512);
expect('what was there before', kept.dataSync()[999], 999);
expect('threads', await sg.setThreads(1), 1);
expect('the product', product(), 512);

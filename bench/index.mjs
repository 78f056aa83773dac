// npm run bench: every case on every peer that is there, or with --runtimes in every runtime.
// node bench/index.mjs [--json FILE] [--only gemm,trainMlp] [--match TEXT] [--quick] [--busy]
//   [--peers samegrad,ort]
//   [--runtimes [--in node,deno,...] [--timeout SECONDS] [--dist DIR]]
// --match: of the memory-bound ops (--only memory) only those whose label contains TEXT.
// --busy: another process keeps one core busy meanwhile.
// --in: rows of test/runtimes/runtimes.mjs; --timeout: of each.

import { parseArgs } from 'node:util';
import { keepBusy } from './busy.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string' },
    match: { type: 'string' },
    peers: { type: 'string' },
    quick: { type: 'boolean', default: false },
    busy: { type: 'boolean', default: false },
    runtimes: { type: 'boolean', default: false },
    in: { type: 'string' },
    timeout: { type: 'string', default: '1800' },
    dist: { type: 'string' },
  },
});
const only = options.only?.split(',');
const pace = options.quick ? { rounds: 4, warmMs: 120, slowRounds: 1 } : { rounds: 9, warmMs: 400, slowRounds: 2 };
const { run } = await import(options.runtimes ? './runtimes/index.mjs' : './against-peers.mjs');
const rest = options.busy ? keepBusy() : () => {};
const isRight = await run({ ...options, only, pace });
rest();
// Explicit, as a driver that could not be ended may still hold the process.
process.exit(isRight ? 0 : 1);

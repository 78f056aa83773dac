// Switches of threads in the middle of work (inside/switches.ts), the long form: in several runtimes, one after another.
//   switches.mjs [--only node20,deno,...] [--count N] [--seed N] [--dist DIR] [--timeout SECONDS]
// Exit code: 0 nothing hung and every bit was right, 1 not.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deadline } from './host/attempt.mjs';
import { bundleOps } from './host/ops.mjs';
import { select } from './runtimes.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: `node${process.versions.node.split('.')[0]}x1,deno,bun,chromium,firefox` },
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    dist: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
    timeout: { type: 'string', default: '3600' },
  },
});
const temporary = mkdtempSync(join(tmpdir(), 'samegrad-switches-'));
const ops = join(temporary, 'ops');
mkdirSync(ops);
await bundleOps(resolve(values.dist), ops, ['switches']);
const hashes = new Set();
let isRight = true;
for (const row of select(values.only)) {
  const limit = deadline(new AbortController().signal, Number(values.timeout) * 1000, 'timed out');
  const folder = mkdtempSync(join(temporary, `${row.name}-`));
  const settings = { count: Number(values.count), seed: Number(values.seed) };
  try {
    const { run } = await import(`./adapters/${row.adapter}.mjs`);
    const { hash, ...figures } = await run({
      ...row,
      dist: resolve(values.dist),
      ops,
      task: { name: 'switches', settings },
      folder,
      signal: limit.signal,
    });
    hashes.add(hash);
    console.log(row.name.padEnd(12), JSON.stringify(figures));
  } catch (error) {
    isRight = false;
    console.log(row.name.padEnd(12), 'FAILURE:', error.message, error.detail ?? error.stack);
  } finally {
    limit.clear();
  }
}
rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
if (hashes.size > 1) console.log('DIFFERENT BITS');
process.exit(isRight && hashes.size === 1 ? 0 : 1);

// Sums over chunks, one a rank, beside MPI_Allreduce called from C: node scripts/evidence/mpi/all-reduce.mjs
// [RANKS = 2] [ROUNDS = 3], after a build, where mpicc is installed. In each round both are measured one after the other, as
// machines are noisy; of each the best time of about a second counts, and of the ratios of the rounds the median.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SIZES = Array.from({ length: 9 }, (_, i) => 1024 * 4 ** i);

/** A rank of the world. */
async function rank(sizes) {
  await import('../../../dist/modules/index.js');
  const library = '../../../dist/modules/src';
  const { ChunkSum } = await import(`${library}/distributed/chunk-sum.js`);
  const { init } = await import(`${library}/distributed/index.js`);
  const { engine } = await import(`${library}/runtime/engine.js`);
  const world = await init();
  const flag = engine.memory.allocate(4);
  for (const bytes of sizes) {
    const elements = bytes / 4;
    const [partial, out] = [engine.memory.allocate(bytes), engine.memory.allocate(bytes)];
    for (let k = 0; k < elements; k++) engine.memory.f32[(partial >>> 2) + k] = world.rank + (k % 7);
    const sum = new ChunkSum(world, { chunks: world.size, elements, stride: bytes });
    const inner = bytes < 65536 ? 50 : bytes < 1048576 ? 10 : 1;
    let best = Number.POSITIVE_INFINITY;
    const start = performance.now();
    for (let more = 1; more; ) {
      world.barrier();
      const t = performance.now();
      for (let r = 0; r < inner; r++) sum.run(partial, out);
      best = Math.min(best, (performance.now() - t) / inner / 1000);
      engine.memory.u32[flag >>> 2] = Number(performance.now() - start < 1000);
      world.broadcast(flag, 1, 0);
      more = engine.memory.u32[flag >>> 2];
    }
    if (world.rank === 0) console.log(`${bytes} ${best.toFixed(9)}`);
    sum.release();
    engine.memory.release(partial);
    engine.memory.release(out);
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function main(ranks, rounds) {
  const folder = mkdtempSync(join(tmpdir(), 'samegrad-mpi-'));
  try {
    const binary = join(folder, 'all-reduce');
    execFileSync('mpicc', ['-O3', fileURLToPath(new URL('all-reduce.c', import.meta.url)), '-o', binary]);
    const measured = (...command) => {
      const options = ['--allow-run-as-root', '--oversubscribe', '-n', String(ranks)];
      const text = execFileSync('mpirun', [...options, ...command, ...SIZES.map(String)], { encoding: 'utf8' });
      return text
        .trim()
        .split('\n')
        .map((line) => Number(line.split(' ')[1]));
    };
    const all = Array.from({ length: rounds }, () => ({
      c: measured(binary),
      own: measured(process.execPath, fileURLToPath(import.meta.url), 'rank'),
    }));
    console.log('bytes, MPI_Allreduce in C and the tree here in microseconds, ratio');
    SIZES.forEach((bytes, i) => {
      const best = (which) => Math.min(...all.map((round) => round[which][i])) * 1e6;
      const ratio = median(all.map(({ c, own }) => own[i] / c[i]));
      console.log(`${bytes} ${best('c').toFixed(1)} ${best('own').toFixed(1)} ${ratio.toFixed(2)}`);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === 'rank') await rank(process.argv.slice(3).map(Number));
else main(Number(process.argv[2] ?? 2), Number(process.argv[3] ?? 3));

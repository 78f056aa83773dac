// Weak scaling to 64 ranks, on paper: node scripts/evidence/mpi/curve.mjs, after a build, where Open MPI is installed.
//
// Measured: the step of one rank with 128 examples, and an exchange of two ranks, whose time is latency + bytes / bandwidth, by
// shared memory and by TCP through the kernel. Reckoned: a step of N ranks is that of one, then two exchanges in which each rank
// sends (N - 1) / N of the gradients to the others, N - 1 messages each, and the sum of N slices, as many bytes as one rank's sum
// of the gradients reads. Nothing overlaps, and no rank waits for a slower one.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LARGE = 1 << 24;

/** One of two ranks: seconds of an exchange of a word, and of a large block; seconds of adding one block to another. */
async function exchange() {
  await import('../../../dist/modules/index.js');
  const library = '../../../dist/modules/src';
  const { init } = await import(`${library}/distributed/index.js`);
  const { ChunkSum } = await import(`${library}/distributed/chunk-sum.js`);
  const { alone } = await import(`${library}/distributed/world.js`);
  const { engine } = await import(`${library}/runtime/engine.js`);
  const world = await init();
  const [from, to, parts] = [2 * LARGE, LARGE, 16].map((bytes) => engine.memory.allocate(bytes));
  const best = (run) => {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 40; i++) {
      world.barrier();
      const start = performance.now();
      run();
      least = Math.min(least, (performance.now() - start) / 1000);
    }
    return least;
  };
  const seconds = (bytes, times) => {
    engine.memory.i32.set([0, 1].map((r) => (r === world.rank ? 0 : bytes / 4)).concat([0, 0]), parts >>> 2);
    return best(() => {
      for (let i = 0; i < times; i++) world.allToAll(from, parts, to, parts);
    });
  };
  const sum = new ChunkSum(alone, { chunks: 2, elements: LARGE / 4, stride: LARGE });
  const found = { word: seconds(4, 100) / 100, large: seconds(LARGE, 1), add: best(() => sum.run(from, from)) };
  if (world.rank === 0) console.log(JSON.stringify(found));
}

const launched = (ranks, options, ...command) => {
  const all = ['--allow-run-as-root', '-n', String(ranks), ...options, process.execPath, ...command];
  return JSON.parse(execFileSync('mpirun.openmpi', all, { encoding: 'utf8' }));
};

function main() {
  const own = fileURLToPath(import.meta.url);
  const scaling = fileURLToPath(new URL('scaling.mjs', import.meta.url));
  const ways = Object.entries({ 'shared memory': 'vader', TCP: 'tcp' }).map(([name, btl]) => {
    const { word, large, add } = launched(2, ['--mca', 'pml', 'ob1', '--mca', 'btl', `self,${btl}`], own, 'exchange');
    const bandwidth = LARGE / (large - word);
    console.log(`${name}: latency ${(word * 1e6).toFixed(1)} us, bandwidth ${(bandwidth / 1e9).toFixed(2)} GB/s\n`);
    return { name, word, bandwidth, add: LARGE / add };
  });
  const ranks = [1, 2, 4, 8, 16, 32, 64];
  console.log(`| network | parameters | step of one rank, ms | by | ${ranks.join(' | ')} ranks |`);
  console.log(`|---|---|---|---|${'---|'.repeat(ranks.length)}`);
  for (const network of ['cnn', 'mlp', 'transformer']) {
    const { seconds, parameters } = launched(1, [], scaling, 'rank', network);
    for (const { name, word, bandwidth, add } of ways) {
      const efficiency = ranks.map((n) => {
        const bytes = 4 * parameters;
        const exchanges = n > 1 ? 2 * ((n - 1) * word + (bytes * (n - 1)) / n / bandwidth) : 0;
        return seconds / (seconds + exchanges + (n > 1 ? bytes / add : 0));
      });
      const cells = [network, parameters, (1000 * seconds).toFixed(1), name, ...efficiency.map((e) => e.toFixed(2))];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
}

if (process.argv[2] === 'exchange') await exchange();
else main();

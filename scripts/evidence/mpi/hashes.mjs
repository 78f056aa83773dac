// One SHA-256 of weights and logs for each network and optimizer of networks.mjs, for any number of ranks and threads:
// node scripts/evidence/mpi/hashes.mjs, after a build, where Open MPI is installed. Prints a table in Markdown; more than one
// hash of a row is an error.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('networks.mjs', import.meta.url));
const RANKS = [1, 2, 3, 4, 8];
const THREADS = [1, 2];

const linesOf = (command, args) =>
  execFileSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const runs = THREADS.flatMap((threads) => [
  { name: `alone, ${threads}`, lines: linesOf(process.execPath, [program, 'alone', String(threads)]) },
  ...RANKS.map((ranks) => {
    const launch = ['--allow-run-as-root', '--oversubscribe', '-n', String(ranks)];
    const lines = linesOf('mpirun.openmpi', [...launch, process.execPath, program, 'all', String(threads)]);
    if (lines.length !== ranks) throw new Error(`${ranks} ranks have printed ${lines.length} lines`);
    return { name: `${ranks}, ${threads}`, lines };
  }),
]);

console.log('| network, optimizer | SHA-256 of weights and logs | trainings with it |');
console.log('|---|---|---|');
let isOne = true;
for (const row of Object.keys(runs[0].lines[0])) {
  const found = new Map();
  for (const { name, lines } of runs)
    for (const hashes of lines) found.set(hashes[row], new Set([...(found.get(hashes[row]) ?? []), name]));
  isOne &&= found.size === 1;
  for (const [hash, names] of found) {
    const of = names.size === runs.length ? `all ${runs.length}` : [...names].join('; ');
    console.log(`| ${row} | \`${hash}\` | ${of} |`);
  }
}
if (!isOne) throw new Error('a training has more than one hash');

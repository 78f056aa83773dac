/**
 * Runs the case table with each of the given numbers of threads; prints one line of hashes for each. `3/4`: with three
 * threads, every fourth row; the others are null.
 */
import { limits } from '../../../src/program/chunks';
import { setThreads } from '../../../src/runtime/threads';
import { hash } from '../../support/hash';
import { runEagerly } from '../../support/run';
import { cases } from '../../tables/kernels';

// The rows are small, and are to be shared all the same.
Object.assign(limits, { command: 0, chunk: 1, program: 0 });

for (const argument of process.argv.slice(2)) {
  const [threads, every = 1] = argument.split('/').map(Number);
  await setThreads(threads as number);
  process.stdout.write(`${JSON.stringify(cases.map((c, i) => (i % every ? null : hash(runEagerly(c)))))}\n`);
}

/** Runs the case table with each of the given numbers of threads; prints one line of hashes for each. */
import { setThreads } from '../../../src/runtime/threads';
import { hash } from '../../support/bits';
import { runEagerly } from '../../support/run';
import { cases } from '../cases';

for (const threads of process.argv.slice(2).map(Number)) {
  await setThreads(threads);
  process.stdout.write(`${JSON.stringify(cases.map((c) => hash(runEagerly(c))))}\n`);
}

/** Training under Open MPI and MPICH: one hash of weights and logs for any number of ranks and threads, in every runtime. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAll } from '../support/effort';
import { canLaunch, Launchable, launchers, runtimes } from './launch';

const training = new Launchable('training');
afterAll(() => training.dispose());

describe.runIf(canLaunch)('training', () => {
  let expected = '';
  beforeAll(async () => {
    // The first launch bundles the program.
    const { code, stdout, stderr } = await training.launch('node', { ranks: 1 });
    expect(code, stderr).toBe(0);
    expected = execFileSync(process.execPath, [training.file, 'alone'], { encoding: 'utf8' });
    expect(stdout).toBe(expected);
  }, 120_000);

  const numbers = isAll ? [2, 3, 4, 8] : [2, 3];
  const cases = launchers.flatMap((launcher) =>
    runtimes.flatMap((runtime) =>
      numbers.flatMap((ranks) => [1, 2].map((threads) => [launcher, runtime, ranks, threads] as const)),
    ),
  );
  it.each(cases)('%s, %s, %i ranks, %i threads each', async (launcher, runtime, ranks, threads) => {
    const args = ['all', String(threads)];
    const { code, stdout, stderr } = await training.launch(runtime, { launcher, ranks, args });
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(expected.repeat(ranks));
  });
});

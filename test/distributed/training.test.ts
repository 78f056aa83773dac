/** Training under mpirun: one hash of weights and logs for any number of ranks and threads, in every runtime. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAll } from '../support/effort';
import { canLaunch, Launchable, runtimes } from './launch';

const training = new Launchable('training');
afterAll(() => training.dispose());

describe.runIf(canLaunch)('training under mpirun', () => {
  let expected = '';
  beforeAll(async () => {
    // The first launch bundles the program.
    const { code, stdout, stderr } = await training.launch('node', { ranks: 1 });
    expect(code, stderr).toBe(0);
    expected = execFileSync(process.execPath, [training.file, 'alone'], { encoding: 'utf8' });
    expect(stdout).toBe(expected);
  }, 120_000);

  const cases = runtimes.flatMap((runtime) =>
    (isAll ? [2, 3, 4, 8] : [2, 3]).flatMap((ranks) => [1, 2].map((threads) => [runtime, ranks, threads] as const)),
  );
  it.each(cases)('%s, %i ranks, %i threads each', async (runtime, ranks, threads) => {
    const { code, stdout, stderr } = await training.launch(runtime, { ranks, args: ['all', String(threads)] });
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(expected.repeat(ranks));
  });
});

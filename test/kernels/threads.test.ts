/** The bits of every result are the same with any number of threads. In processes of their own, as a race could hang. */
import { describe, expect, it } from 'vitest';
import { runScript } from '../support/child';
import { hash } from '../support/hash';
import { runEagerly } from '../support/run';
import { cases } from './cases';

describe('threads', () => {
  it('2, 3 and again 1 give the bits of 1', async () => {
    // More threads than cores are slow: a part of the rows will do.
    const output = await runScript('kernels/scripts/table', ['2', '3/4', '1'], 100_000);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as (string | null)[]);
    const alone = cases.map((c) => hash(runEagerly(c)));
    const differing = lines.map((hashes) =>
      cases.filter((_, i) => hashes[i] !== null && hashes[i] !== alone[i]).map((c) => `${c.op} ${c.name}`),
    );
    expect(differing).toEqual([[], [], []]);
  }, 120_000);

  it.each(['2', '3'])('%s: a program is left alone once it has run', async (threads) => {
    await runScript('kernels/scripts/late-worker', [threads], 20_000);
  });
});

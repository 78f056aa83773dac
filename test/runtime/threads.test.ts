/** The bits of every result are the same with any number of threads. In processes of their own, as a race could hang. */
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { runScript } from '../support/child';
import { isAll } from '../support/effort';
import { hash } from '../support/hash';
import { runEagerly } from '../support/run';
import { cases } from '../tables/kernels';

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

  // With each of V8's compilers alone too, in CI: which of them made the code in use is chance otherwise.
  it.each(
    ['silent', 'throws', 'deaf', 'exits'].flatMap((way) =>
      (isAll ? [[], ['--liftoff-only'], ['--no-liftoff']] : [[]]).map((flags) => [way, flags] as const),
    ),
  )('a worker that is lost (%s, node %j) hangs nothing and changes no bit', async (way, flags) => {
    await runScript('kernels/scripts/lost-worker', [way], 20_000, { flags });
  });

  it('switched in the middle of work, with workers ended and starts refused', async () => {
    const figures = JSON.parse((await runScript('kernels/scripts/switches', ['150', '7'], 60_000)).trim());
    for (const kind of ['overlapping', 'duringFit', 'killed', 'refused'])
      expect(figures[kind], kind).toBeGreaterThan(0);
    expect(figures.compared).toBeGreaterThan(100);
  }, 90_000);

  it('settings are integers', async () => {
    for (const count of [0, -1, 1.5, NaN, 257, '2' as unknown as number])
      await expect(sg.setThreads(count), String(count)).rejects.toThrow(/setThreads: .* integer from 1 to 256/);
    expect(sg.getThreads()).toBe(1);
  });

  it.each([
    ['start by themselves, as many as there are cores', '', undefined, [], Math.min(availableParallelism(), 8)],
    ['start by themselves, as many as the environment says', '', '3', [], 3],
    ['do not start where the environment says 1', '', '1', [], 1],
    ['do not start where the environment says what is no number', '', 'two', [], 1],
    ['do not start after setThreads(1)', 'asked', undefined, [], 1],
    ['do not start on a main thread', '', '3', ['--import', 'data:text/javascript,globalThis.document={}'], 1],
  ])('%s', async (_, way, SAMEGRAD_THREADS, flags, threads) => {
    const env = { ...process.env, SAMEGRAD_THREADS };
    const found = JSON.parse(await runScript('kernels/scripts/automatic', [way], 60_000, { flags, env }));
    const a = sg.randomUniform([400, 400], 0, 1, 'float32', 7);
    expect(found).toEqual({ threads, sum: a.matMul(a).sum().dataSync()[0] });
  });

  describe('a page that must answer', () => {
    const isPage = 'data:text/javascript,globalThis.document={};globalThis.crossOriginIsolated=true';
    const env = { ...process.env, SAMEGRAD_THREADS: '3' };
    const aside = async (way: string, flags: string[]): Promise<Record<string, unknown>> =>
      JSON.parse(await runScript('kernels/scripts/aside', [way], 60_000, { flags, env }));

    it('lets a worker run its programs, whatever it does meanwhile, with the same bits', async () => {
      const alone = await aside('calm', []);
      expect(alone).toMatchObject({ delegates: 0 });
      const flags = ['--import', isPage];
      expect(await aside('calm', flags)).toEqual({ ...alone, delegates: 1 });
      expect(await aside('touched', flags)).toEqual({ ...alone, delegates: 1, wasBeside: true });
    }, 120_000);

    it('continues when that worker is ended', async () => {
      expect(await aside('killed', ['--import', isPage])).toEqual({ delegates: 3 });
    }, 60_000);
  });

  it.each(['2', '3'])('%s: a program is left alone once it has run', async (threads) => {
    await runScript('kernels/scripts/late-worker', [threads], 20_000);
  });
});

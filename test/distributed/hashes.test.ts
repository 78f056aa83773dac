/** The table of scripts/evidence/mpi/hashes.mjs, trimmed: four networks, three optimizers, 1, 2 and 3 ranks of the built package. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { canLaunch, launch } from './launch';

const program = join(import.meta.dirname, '../../scripts/evidence/mpi/networks.mjs');

describe.runIf(canLaunch)('networks and optimizers', () => {
  let expected: Record<string, string> = {};
  beforeAll(() => {
    expected = JSON.parse(execFileSync(process.execPath, [program, 'alone'], { encoding: 'utf8' }));
    expect(new Set(Object.values(expected)).size).toBe(12);
  }, 60_000);

  it.each([
    [1, 2],
    [2, 1],
    [3, 1],
  ])('%i ranks with %i threads each have the hashes of one process', async (ranks, threads) => {
    const { code, stdout, stderr } = await launch(program, 'node', { ranks, args: ['all', String(threads)] });
    expect(code, stderr).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(ranks);
    for (const line of lines) expect(JSON.parse(line)).toEqual(expected);
  });
});

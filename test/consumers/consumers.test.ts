/**
 * The package, packed as it is published, taken up in every way that programs do: the same bits. What needs more than
 * the project's own packages runs where SAMEGRAD_CONSUMERS is 'all', as in CI.
 */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('every way of taking up the package gives the same bits', { timeout: 900_000 }, () => {
  const all = process.env.SAMEGRAD_CONSUMERS === 'all';
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['test/consumers/run.mjs', ...(all ? ['--all'] : [])],
    { encoding: 'utf8' },
  );
  expect(status, `${stdout}\n${stderr}`).toBe(0);
  expect(Number(/the same bits by (\d+) ways/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(all ? 20 : 5);
});

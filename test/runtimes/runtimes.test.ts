/**
 * One seeded training, and all ops, in every runtime: the same bits in all of them. In CI all have to be there; without
 * SAMEGRAD_TESTS=all other versions of Node and browsers are left out.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAll } from '../support/effort';

interface Run {
  readonly name: string;
  readonly threads: number;
  readonly hash?: string;
}

const FEW = `node${process.versions.node.split('.')[0]}x,deno,bun,workerd`;

test('every runtime trains to the same weights', { timeout: 900_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'samegrad-'));
  try {
    const json = join(dir, 'runs.json');
    const allow = process.env.CI ? [] : ['--allow-missing'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['test/runtimes/run.mjs', '--json', json, ...allow, ...(isAll ? [] : ['--only', FEW])],
      { encoding: 'utf8' },
    );
    expect(status, `${stdout}\n${stderr}`).toBe(0);
    const { runs } = JSON.parse(readFileSync(json, 'utf8')) as { runs: Run[] };
    const hashes = runs.flatMap((r) => (r.hash ? [r.hash] : []));
    expect(new Set(hashes).size).toBe(1);
    // This Node with one thread and with two, at the least.
    expect(hashes.length).toBeGreaterThanOrEqual(2);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

/** The programs of the guide print the same with 1, 2 and 3 ranks. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { canLaunch, launch } from './launch';

const root = resolve(import.meta.dirname, '../..');
// Inside of the project, where `samegrad` is the package itself.
const folder = mkdtempSync(join(root, 'build/guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const guide = readFileSync(join(root, 'site/guides/cluster.md'), 'utf8');
const programs = [...guide.matchAll(/```js\n([\s\S]*?)```/g)]
  .map(([, code]) => code as string)
  .filter((code) => code.includes('mpi.init('));

describe.runIf(canLaunch)('training on a cluster', () => {
  it('has programs', () => expect(programs).toHaveLength(4));

  it.each(programs.map((code, i) => [i, code] as const))('program %i', async (i, code) => {
    const file = join(folder, `${i}.mjs`);
    writeFileSync(file, code);
    const printed = new Set<string>();
    for (const ranks of [1, 2, 3]) {
      const { code, stdout, stderr } = await launch(file, 'node', { ranks });
      expect(code, stderr).toBe(0);
      printed.add(stdout);
    }
    expect([...printed]).toEqual([expect.stringMatching(/\d\.\d/)]);
  });
});
